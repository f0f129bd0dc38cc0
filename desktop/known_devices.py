"""The devices that a station's file knows: read, written, taken off, and what else is plugged in; for command line and window alike.

The one thing a newcomer would get wrong: a port's name changes from one plugging in to the next, so a device is kept by
what it is; only a port that is part of the computer is known by its path.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.kernel import database
from core.kernel.refusal import Fault
from core.kernel.tables import sql_of
from desktop.membership import write_profile as write_rows
from devices.assembling import bus_of
from devices.profile import (
    Profile,
    ProfileFault,
    Role,
    ScannerProtocol,
    Settings,
    TransportKind,
    read_profile,
    write_profile,
)
from devices.scale_formats.asking import ScaleProtocol
from devices.transport import Bus, Match, Port, find

if TYPE_CHECKING:
    from desktop.assembly import Assembly

DEVICE = "device:"
"""In the station's profile, before a device's id: what is kept of that device."""
BusOf = Callable[[Profile], Bus]
_EXAMPLES: Mapping[tuple[TransportKind, Role], ScannerProtocol | ScaleProtocol] = {
    (TransportKind.SERIAL, Role.SCANNER): ScannerProtocol.TEXT,
    (TransportKind.HID, Role.SCANNER): ScannerProtocol.HID_POS,
    (TransportKind.HID, Role.SCALE): ScaleProtocol.HID,
    (TransportKind.KEYS, Role.SCANNER): ScannerProtocol.KEYS,
}
"""A protocol for each kind of port there is, to look at it with."""


class DeviceFault(Fault):
    """A device is not known, is not to be changed here, or its profile or recording is not what it should be."""


def kept_devices(kept: Mapping[str, str]) -> tuple[dict[str, Profile], dict[str, str]]:
    """Return the devices that a station's file knows, by name, and why others cannot be read."""
    known: dict[str, Profile] = {}
    broken: dict[str, str] = {}
    for name, text in sorted(kept.items()):
        if name.startswith(DEVICE):
            try:
                known[name.removeprefix(DEVICE)] = read_profile(text)
            except ProfileFault as e:
                broken[name.removeprefix(DEVICE)] = str(e)
    return known, broken


def keep_devices(assembly: "Assembly", profiles: Iterable[Profile]) -> None:
    """Write what is known of devices into the station's file: all of them or none.

    Raises:
        DeviceFault: one of them is locked by IT's policy, and would be another.
    """
    rows = tuple(profiles)
    known, _ = kept_devices(assembly.profile)
    for each in rows:
        refuse_locked(known.get(each.id))
    write_devices(assembly, rows)


def write_devices(assembly: "Assembly", profiles: Iterable[Profile]) -> None:
    """Write what was learnt and counted of devices into the station's file."""
    rows = tuple(profiles)
    if rows:
        write_rows(assembly, **{DEVICE + each.id: write_profile(each) for each in rows})


def forget_device(assembly: "Assembly", device: str) -> None:
    """Take a device off this station.

    Raises:
        DeviceFault: it is not set up here, or locked by IT's policy.
    """
    if DEVICE + device not in assembly.profile:
        raise DeviceFault(f"{device} is not set up here")
    refuse_locked(kept_devices(assembly.profile)[0].get(device))
    table = sql_of(database.Profile)

    def write(connection: sa.Connection) -> None:
        with connection.begin():
            connection.execute(sa.delete(table).where(table.c.name == DEVICE + device))

    assembly.writer.maintain(write).result()
    assembly.profile = {name: value for name, value in assembly.profile.items() if name != DEVICE + device}


def refuse_locked(profile: Profile | None) -> None:
    """Refuse to change a device that is IT's.

    Raises:
        DeviceFault: it is locked by IT's policy.
    """
    if profile is not None and profile.locked:
        raise DeviceFault(f"{profile.id} is locked by IT's policy")


def profile_of(
    device: str, protocol: ScannerProtocol | ScaleProtocol, path: str, settings: Settings, station: str, bus_of: BusOf = bus_of
) -> Profile:  # fmt: skip
    """Return the profile of a device at a port, known from now on by what it is, where it says so.

    Raises:
        ProfileFault: a setting is none.
    """
    role = Role.SCANNER if isinstance(protocol, ScannerProtocol) else Role.SCALE
    transport = next(kind for kind in TransportKind if _fits(protocol, role, kind))
    made = Profile(
        id=device, role=role, transport=transport, protocol=protocol, match=Match(path=path), station=station, settings=settings,
    )  # fmt: skip
    if transport is TransportKind.WINDOW:
        return replace(made, match=Match())
    port = next((each for each in bus_of(made).ports() if each.path == path), None)
    return made if port is None or not port.vid else replace(made, match=_match(port))


def _match(port: Port) -> Match:
    return Match(vid=port.vid, pid=port.pid, serial=port.serial, location=port.location)


def _fits(protocol: ScannerProtocol | ScaleProtocol, role: Role, kind: TransportKind) -> bool:
    try:
        Profile(id="", role=role, transport=kind, protocol=protocol, match=Match())
    except ProfileFault:
        return False
    return True


def plugged_in(known: Iterable[Profile], bus_of: BusOf = bus_of) -> Iterator[tuple[TransportKind, Role, Port]]:
    """Yield what is plugged in and is no device of this station: how, what it can be at the first look, and where.

    A serial port can be a scanner's or a scale's; it is told as a scanner's.
    """
    mine = tuple(known)
    for (kind, role), protocol in _EXAMPLES.items():
        bus = bus_of(Profile(id="", role=role, transport=kind, protocol=protocol, match=Match()))
        ports = tuple(bus.ports())
        claimed = [find(ports, each.match) for each in mine if each.transport is kind]
        for port in ports:
            if port not in claimed:
                yield kind, role, port


def free_name(role: Role, taken: Iterable[str]) -> str:
    """Return the first name of a kind that no device here has: scanner-1."""
    used = set(taken)
    return next(name for n in range(1, len(used) + 2) if (name := f"{role}-{n}") not in used)
