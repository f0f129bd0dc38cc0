"""What is the matter with this PC and its devices: one check after the other, each with what to do; nothing is repaired unasked.

The same checks for the command line and for the screen. What is not there to be checked (no hub, no printer yet) is not
told as well. The one thing a newcomer would get wrong: a check that cannot be made here says nothing; only what was
looked at is called good.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from core.cases.queries import AskStored
from core.kernel.executor import Identity
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import sql_of
from core.station.gear import Checked, DeviceSeen
from desktop.gear import trouble_of
from desktop.line_checks import line_checks
from devices.assembling import bus_of, talk_of
from devices.profile import Profile, Role, TransportKind
from devices.supervisor import InUse, Lost
from devices.talk import ScaleTalk
from devices.transport import Busy, Gone, Transport, find
from sync.station.files import read_queue

OK, WARNING, WRONG = "ok", "warning", "wrong"
RULES = "70-dockside.rules"
RULES_FOLDER = Path("/etc/udev/rules.d")
_GROUPS = {TransportKind.SERIAL: "dialout", TransportKind.KEYS: "input"}
_GIGABYTE = 10**9
_LITTLE, _TOO_LITTLE = 2 * _GIGABYTE, _GIGABYTE // 4
_LONG_MS = 3_600_000
_SOON_DAYS = 30
_ANSWER_SECONDS = 0.3
_FACES = ("Inter", "Noto Sans Arabic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The station that is looked at."""

    folder: Path
    identity: Identity
    reading: Callable[[], sa.Connection]
    """Opens a connection that only reads."""
    now_ms: int
    profiles: tuple[Profile, ...]
    unreadable: tuple[str, ...] = ()
    """Devices whose profile another version of the program wrote."""
    live: tuple[DeviceSeen, ...] | None = None
    """The devices as the window has them; None where no window is open and each is tried."""
    simulated: bool = True
    """Whether simulated devices will do."""
    hub: str = ""
    pixels_per_inch: float | None = None
    """What the screen says of itself: 0 where it says nothing, None where there is none."""
    printers: Callable[[sa.Connection], Iterable[Checked]] = field(default=lambda _: ())
    """Asks every printer of the station how it is."""


def examine(patient: Patient) -> Iterator[Checked]:
    """Check everything, one after the other; the quick and grave first."""
    yield _disk(patient.folder)
    with patient.reading() as connection:
        yield _database(connection)
        yield from _stored(connection, patient.identity)
        yield from _spool(connection, patient.identity)
        yield from patient.printers(connection)
        if patient.hub:
            yield _queue(connection, patient.identity, patient.now_ms)
    yield from _devices(patient)
    yield from _verified(patient)
    if sys.platform.startswith("linux"):
        yield from _rights(patient.profiles)
        yield from _rules()
        yield from _fonts()
        yield from _sound()
    if patient.pixels_per_inch is not None:
        size = f"{patient.pixels_per_inch:.0f} px/inch"
        yield Checked(about="screen", state=OK, detail=size) if patient.pixels_per_inch else _warn("screen", "no_size")
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SESSIONNAME", "").upper().startswith("RDP"):
        yield _warn("remote", "remote_session")
    if patient.hub:
        yield from line_checks(patient.hub, patient.now_ms)


def worst(found: Iterable[Checked]) -> int:
    """Return 0 where everything is well, 1 where something is to be looked at, 2 where something is wrong."""
    states = {each.state for each in found}
    return 2 if WRONG in states else int(WARNING in states)


def install_rules(folder: Path = RULES_FOLDER) -> Path:
    """Put the device rules where the system looks for them, whole or not at all, and have it look.

    Raises:
        OSError: they may not be written.
    """
    place = folder / RULES
    beside = place.with_suffix(".new")
    beside.write_text(shipped_rules(), encoding="utf-8")
    beside.replace(place)
    program = shutil.which("udevadm")
    for words in (("control", "--reload"), ("trigger",)) if program else ():
        subprocess.run([program or "", *words], check=False, capture_output=True)  # noqa: S603  as the system has it
    return place


def shipped_rules() -> str:
    """Return the device rules of this version."""
    return (files("resources") / "devices" / RULES).read_text(encoding="utf-8")


def _warn(about: str, why: str, *, name: str = "", detail: str = "") -> Checked:
    return Checked(about=about, name=name, state=WARNING, why=why, detail=detail)


def _wrong(about: str, why: str, *, name: str = "", detail: str = "") -> Checked:
    return Checked(about=about, name=name, state=WRONG, why=why, detail=detail)


def _disk(folder: Path) -> Checked:
    free = shutil.disk_usage(folder).free
    said = f"{free / _GIGABYTE:.1f} GB"
    if free < _TOO_LITTLE:
        return _wrong("disk", "full", detail=said)
    return _warn("disk", "filling", detail=said) if free < _LITTLE else Checked(about="disk", state=OK, detail=said)


def _database(connection: sa.Connection) -> Checked:
    said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return Checked(about="database", state=OK) if said == "ok" else _wrong("database", "damaged", detail=said)


def _stored(connection: sa.Connection, identity: Identity) -> Iterator[Checked]:
    waiting = len(AskStored(identity.site, identity.station).run(connection))
    if waiting:
        yield _warn("stored", "to_settle", detail=str(waiting))


def _spool(connection: sa.Connection, identity: Identity) -> Iterator[Checked]:
    jobs = sql_of(PrintJob)
    stuck = (JobState.HELD.value, JobState.FAILED_CLEAN.value, JobState.UNKNOWN.value)
    query = sa.select(sa.func.count()).where(jobs.c.site == identity.site, jobs.c.state.in_(stuck))
    waiting = int(connection.execute(query).scalar_one())
    yield _warn("spool", "held", detail=str(waiting)) if waiting else Checked(about="spool", state=OK)


def _queue(connection: sa.Connection, identity: Identity, now_ms: int) -> Checked:
    queue = read_queue(connection, identity)
    if queue.waiting and now_ms - queue.oldest_at > _LONG_MS:
        return _warn("queue", "waiting_long", detail=str(queue.waiting))
    return Checked(about="queue", state=OK, detail=str(queue.waiting))


def _devices(patient: Patient) -> Iterator[Checked]:
    for name in patient.unreadable:
        yield _wrong("device", "absent", name=name)
    if not patient.profiles and not patient.unreadable:
        yield Checked(about="devices", state=OK, detail="0")
    live = {each.name: each for each in patient.live or ()}
    for profile in patient.profiles:
        said = profile.firmware
        if profile.transport is TransportKind.WINDOW:
            why, by = "", ""
        elif profile.id in live:
            why, by = live[profile.id].trouble, live[profile.id].by
        else:
            why, by, said = _tried(profile, simulated=patient.simulated)
        if why == "silent" and profile.role is Role.SCALE:
            why = "scale_silent"
        if why:
            yield _wrong("device", why, name=profile.id, detail=by)
        elif profile.role is Role.SCANNER and not profile.gs_ok:
            yield _warn("device", "drops_separators" if profile.calibration else "not_calibrated", name=profile.id)
        elif profile.role is Role.SCANNER and not profile.begins:
            yield _warn("device", "no_beginning", name=profile.id)
        else:
            yield Checked(about="device", name=profile.id, state=OK, detail=said)


def _tried(profile: Profile, *, simulated: bool) -> tuple[str, str, str]:
    """Open a device's port and let it go again; return why that cannot be done, who holds it, and who the device is."""
    bus = bus_of(profile, simulated=simulated)
    port = find(bus.ports(), profile.match)
    if port is None:
        return *trouble_of(Lost("absent")), ""
    try:
        transport = bus.open(port)
        try:
            return "", "", _itself(profile, transport)
        finally:
            transport.close()
    except Busy as e:
        return *trouble_of(InUse(e.owner)), ""
    except Gone as e:
        return *trouble_of(Lost(str(e) or "absent")), ""


def _itself(profile: Profile, transport: Transport) -> str:
    """Ask a scale who it is, where its protocol has words for that; else return what is known of the device."""
    talk = talk_of(profile)
    if not isinstance(talk, ScaleTalk):
        return profile.firmware
    for said in talk.requests.identity:
        transport.write(said)
        until = time.monotonic() + _ANSWER_SECONDS
        before = talk.firmware
        while talk.firmware == before and time.monotonic() < until:
            talk.reader.feed(transport.read(), 0)
    return talk.firmware or profile.firmware


def _verified(patient: Patient) -> Iterator[Checked]:
    today = datetime.fromtimestamp(patient.now_ms / 1000, UTC).date()
    for profile in patient.profiles:
        if profile.verified_until:
            left = (date.fromisoformat(profile.verified_until) - today).days
            if left < 0:
                yield _wrong("device", "verification_over", name=profile.id, detail=profile.verified_until)
            elif left <= _SOON_DAYS:
                yield _warn("device", "verification_soon", name=profile.id, detail=profile.verified_until)


def _rights(profiles: Iterable[Profile]) -> Iterator[Checked]:
    """Check the groups that ports belong to, where one of them may really not be opened without."""
    import grp

    mine = {grp.getgrgid(group).gr_name for group in os.getgroups() if _is_known(group)}
    for kind, group in _GROUPS.items():
        wanted = [each for each in profiles if each.transport is kind]
        if not wanted:
            continue
        paths = [port.path for each in wanted if (port := find(bus_of(each).ports(), each.match))]
        if group in mine or (paths and all(os.access(path, os.R_OK) for path in paths)):
            yield Checked(about="groups", name=group, state=OK)
        else:
            yield _warn("groups", "not_in_group", name=group)


def _is_known(group: int) -> bool:
    import grp

    try:
        grp.getgrgid(group)
    except KeyError:
        return False
    return True


def _rules(
    folders: tuple[Path, ...] = (RULES_FOLDER, Path("/usr/lib/udev/rules.d"), Path("/lib/udev/rules.d")),
) -> Iterator[Checked]:
    if not folders[0].parent.exists():
        return  # a computer without udev has no devices to let us at
    found = next((each / RULES for each in folders if (each / RULES).exists()), None)
    if found is None:
        yield _warn("udev", "no_rule")
    elif found.read_text(encoding="utf-8", errors="replace") != shipped_rules():
        yield _warn("udev", "old_rule", detail=str(found))
    else:
        yield Checked(about="udev", state=OK)


def _fonts() -> Iterator[Checked]:
    program = shutil.which("fc-match")
    if program is None:
        return
    for face in _FACES:
        asked = [program, "-f", "%{family}", face]
        said = subprocess.run(asked, check=False, capture_output=True, text=True).stdout  # noqa: S603  as the system has it
        yield Checked(about="fonts", name=face, state=OK) if face in said else _warn("fonts", "missing", name=face)


def _sound(cards: Path = Path("/proc/asound/cards")) -> Iterator[Checked]:
    known = cards.read_text(encoding="utf-8", errors="replace") if cards.exists() else ""
    there = bool(known.strip()) and "no soundcards" not in known
    yield Checked(about="sound", state=OK) if there else _warn("sound", "no_sound")
