"""`dockside devices …`: the scanners and scales of a station, for whoever sets it up; the station itself is closed meanwhile.

What a device is, is kept in the station's own file. `test` and `record` open the device and end by themselves, or when
they are stopped. The one thing a newcomer would get wrong: a port's name changes; a device is known by what it is.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from desktop.gear import Gear, meant, trouble_of
from desktop.known_devices import (
    DeviceFault,
    forget_device,
    keep_devices,
    kept_devices,
    plugged_in,
    profile_of,
    refuse_locked,
)
from desktop.options import AnswerIsNo, HomeOption, JsonOption, home_of, say
from desktop.system import SystemClock
from devices.assembling import bus_of, pan_of, supervise, talk_of
from devices.calibration import SHEET
from devices.capture import Why
from devices.feedback import Sink
from devices.framing.heard import Damaged
from devices.profile import (
    VERSION,
    Profile,
    ProfileFault,
    Role,
    ScannerProtocol,
    Settings,
    TransportKind,
    read_profile,
    write_profile,
)
from devices.recording import Passed, RecordingFault, read_recording, replay, write_passed
from devices.scale_formats.asking import ScaleProtocol
from devices.scale_formats.reading import Kind, NotAWeight, Reading
from devices.scan import Scan
from devices.supervisor import Happened
from devices.transport import find

if TYPE_CHECKING:
    from desktop.assembly import Assembly

devices_app = typer.Typer(
    help="Scanners and scales of this station: set up, learn, try, carry to another PC.", no_args_is_help=True
)

DeviceArgument = Annotated[str, typer.Argument(help="the device's name: scanner-1")]
SecondsOption = Annotated[float, typer.Option(min=0.1, max=86_400, help="for how long")]
_PAUSE_S = 0.02


@devices_app.command("list")
def list_(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say which devices are set up, whether they are there, and what else is plugged in."""
    with _at(home) as assembly:
        known, broken = _known(assembly)
    rows = [_told(each) for each in known.values()] + [{"id": name, "trouble": why} for name, why in broken.items()]
    ports = [asdict(port) | {"transport": kind.value} for kind, _, port in plugged_in(known.values())]
    words = [f"{row['id']}: {row['trouble'] or 'is there'}" for row in rows] or ["No device is set up."]
    words += [f"{each['path']}: plugged in and not set up ({each['name'] or 'no name'})" for each in ports]
    say({"devices": rows, "ports": ports}, "\n".join(words), as_json=as_json)


@devices_app.command()
def add(
    device: DeviceArgument,
    protocol: Annotated[str, typer.Option(help=f"one of {', '.join((*ScannerProtocol, *ScaleProtocol))}")],
    port: Annotated[str, typer.Option(help="where it is plugged in now, as `dockside devices list` names it")] = "",
    baud: Annotated[int, typer.Option(help="of a serial line")] = 9600,
    bits: Annotated[int, typer.Option(help="of a serial line")] = 8,
    parity: Annotated[str, typer.Option(help="of a serial line: N, E, O, M or S")] = "N",
    stop_bits: Annotated[int, typer.Option(help="of a serial line")] = 1,
    sink: Annotated[Sink, typer.Option(help="how a scanner is told that a scan was taken")] = Sink.NONE,
    memory: Annotated[bool, typer.Option("--memory", help="a cordless scanner that may keep scans")] = False,
    unit: Annotated[str, typer.Option(help="of a scale that does not send one")] = "",
    only_still: Annotated[
        bool, typer.Option("--only-still", help="this scale answers only when it stands still")
    ] = False,
    most_grams: Annotated[int, typer.Option(min=0, help="what the scale can carry")] = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a device up, or set it up anew under its name."""
    settings = Settings(
        baud=baud, bits=bits, parity=parity, stop_bits=stop_bits, sink=sink, memory=memory, unit=unit,
        only_still=only_still, most_grams=most_grams,
    )  # fmt: skip
    with _at(home) as assembly:
        profile = _profile(device, protocol, port, settings, assembly.identity.station.hex())
        keep_devices(assembly, (profile,))
    say(_told(profile), f"{device} is set up: {profile.protocol} by {profile.transport}.", as_json=as_json)


@devices_app.command()
def remove(device: DeviceArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Forget a device."""
    with _at(home) as assembly:
        forget_device(assembly, device)
    say({"removed": device}, f"{device} is forgotten.", as_json=as_json)


@devices_app.command()
def calibrate(
    device: DeviceArgument, seconds: SecondsOption = 180.0, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Learn a scanner from the calibration sheet, scanned code by code."""
    with _at(home) as assembly:
        profile = _one(assembly, device)
        if profile.role is not Role.SCANNER or profile.transport is TransportKind.WINDOW:
            raise DeviceFault(f"{device}: the keys of a window are learnt in the window (F10, Devices)")
        refuse_locked(profile)
        heard = _Heard()
        learnt = _learnt(Gear(heard, lambda call: call(), _boot_ms), profile, heard, seconds, quiet=as_json)
        keep_devices(assembly, (learnt,))
    assert learnt.calibration is not None
    facts = {"device": device, "separators": learnt.gs_ok, "unclear": learnt.calibration.unclear, "aim": learnt.aim_ok}
    facts |= {"prefix": learnt.calibration.prefix, "begins": learnt.begins}
    trust = "separators arrive" if learnt.gs_ok else "it drops separators"
    trust += "" if learnt.begins else "; nothing marks where a scan begins: turn on its symbology id or a prefix"
    say(facts | {"ending": learnt.ending.value}, f"{device} is learnt: {trust}.", as_json=as_json)


@devices_app.command("export")
def export_(
    file: Path, device: Annotated[list[str] | None, typer.Option("--device", help="only this one, or these")] = None,
    home: HomeOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Write the devices of this station to FILE as JSON, to be read in at another."""
    with _at(home) as assembly:
        known, _ = _known(assembly)
    wanted = [_of(known, name) for name in device or sorted(known)]
    told = {"version": VERSION, "devices": [json.loads(write_profile(each)) for each in wanted]}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    say(
        {"file": str(file), "devices": [each.id for each in wanted]},
        f"{len(wanted)} devices in {file}",
        as_json=as_json,
    )


@devices_app.command("import")
def import_(file: Path, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read devices from FILE: all of them, or where one is no good none."""
    found = _read_file(file)
    with _at(home) as assembly:
        here = assembly.identity.station.hex()
        keep_devices(assembly, tuple(replace(each, station=here) for each in found))
    names = [each.id for each in found]
    say({"devices": names}, f"Set up: {', '.join(names) or 'none'}.", as_json=as_json)


@devices_app.command("test")
def try_(
    device: DeviceArgument, seconds: SecondsOption = 10.0, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show what a device says, a line each: scans, and of a scale the weight as it is, and why it could not be taken."""
    with _at(home) as assembly:
        profile = _one(assembly, device)
    pan = pan_of(profile)
    there = False

    def told(happened: Happened) -> None:
        nonlocal pan, there
        trouble = _trouble_of(happened)
        there = there or trouble == ""
        facts: dict[str, Any] = {"at": happened.at_ms, "device": device}
        if trouble is not None:
            facts |= {"trouble": trouble}
            words = f"{device}: {trouble or 'is there'}"
        elif isinstance(happened.what, Reading):
            pan = pan.seen(happened.what, happened.at_ms)
            why = pan.why_not(happened.at_ms)
            facts |= _reading(happened.what) | {"why_not": "" if why is None else why.value}
            words = _words(happened.what, why)
        else:
            facts |= _said(profile, happened)
            words = " ".join(str(each) for name, each in facts.items() if name not in ("at", "device"))
        say(facts, words, as_json=as_json)

    _listen(profile, told, seconds)
    if not there:
        raise AnswerIsNo(f"{device} did not answer")


@devices_app.command()
def record(
    device: DeviceArgument,
    file: Path,
    seconds: SecondsOption = 60.0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write every byte of a device, in both directions and with its time, to FILE, a line each."""
    with _at(home) as assembly:
        profile = _one(assembly, device)
    count = 0
    with file.open("w", encoding="utf-8") as out:

        def passed(what: Passed) -> None:
            nonlocal count
            count += 1
            out.write(write_passed(what) + "\n")
            out.flush()

        _listen(profile, lambda _: None, seconds, passed)
    say({"file": str(file), "records": count}, f"{count} records in {file}", as_json=as_json)


@devices_app.command("replay")
def replay_(file: Path, device: DeviceArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say what a recording of a device means, without the device: the same bytes give the same scans and weights."""
    with _at(home) as assembly:
        profile = _one(assembly, device)
    try:
        outcomes = replay(read_recording(file.read_text(encoding="utf-8").splitlines()), talk_of(profile))
    except (RecordingFault, UnicodeDecodeError) as e:
        raise DeviceFault(f"{file}: {e}") from e
    rows = [_said(profile, Happened(device=device, what=each, at_ms=0)) for each in outcomes]
    words = [" ".join(str(each) for each in row.values()) for row in rows] or ["Nothing was said."]
    say({"outcomes": rows}, "\n".join(words), as_json=as_json)


# Profiles


def _profile(device: str, protocol: str, port: str, settings: Settings, station: str) -> Profile:
    spoken: ScannerProtocol | ScaleProtocol
    if protocol in {each.value for each in ScannerProtocol}:
        spoken = ScannerProtocol(protocol)
    elif protocol in {each.value for each in ScaleProtocol}:
        spoken = ScaleProtocol(protocol)
    else:
        raise typer.BadParameter(f"{protocol!r} is none of {', '.join((*ScannerProtocol, *ScaleProtocol))}")
    if not port and spoken is not ScannerProtocol.WEDGE:
        raise typer.BadParameter("--port is missing: `dockside devices list` names what is plugged in")
    try:
        return profile_of(device, spoken, port, settings, station)
    except ProfileFault as e:
        raise typer.BadParameter(str(e)) from e


def _at(home: Path | None) -> AbstractContextManager["Assembly"]:
    from desktop.assembly import assembled

    return assembled(home_of(home))


def _known(assembly: "Assembly") -> tuple[dict[str, Profile], dict[str, str]]:
    """Return the devices by name, and why others cannot be read."""
    return kept_devices(assembly.profile)


def _one(assembly: "Assembly", device: str) -> Profile:
    return _of(_known(assembly)[0], device)


def _of(known: dict[str, Profile], device: str) -> Profile:
    if device not in known:
        raise DeviceFault(f"{device} is not set up here; `dockside devices list` names what is")
    return known[device]


def _read_file(file: Path) -> list[Profile]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as e:
        raise DeviceFault(f"{file}: no JSON: {e}") from e
    many = told.get("devices") if isinstance(told, dict) else None
    if not isinstance(many, list):
        many = [told]
    found: list[Profile] = []
    for n, each in enumerate(many):
        try:
            found.append(read_profile(json.dumps(each)))
        except ProfileFault as e:
            place = f"devices[{n}]" if len(many) > 1 else "device"
            raise DeviceFault(f"{file}: {place}: {e}") from e
    twice = {each.id for each in found if [one.id for one in found].count(each.id) > 1}
    if twice:
        raise DeviceFault(f"{file}: {', '.join(sorted(twice))} is there twice")
    return found


# What is told


def _told(profile: Profile) -> dict[str, Any]:
    trouble = ""
    if profile.transport is not TransportKind.WINDOW and find(bus_of(profile).ports(), profile.match) is None:
        trouble = "absent"
    return {
        "id": profile.id, "role": profile.role.value, "transport": profile.transport.value,
        "protocol": profile.protocol.value, "match": asdict(profile.match), "calibrated": profile.calibration is not None,
        "separators": profile.gs_ok, "locked": profile.locked, "counters": asdict(profile.counters), "last_seen_ms": profile.last_seen_ms,
        "trouble": trouble,
    }  # fmt: skip


def _trouble_of(happened: Happened) -> str | None:
    """Return why a device is not at work, empty where it came; None for what it said."""
    if isinstance(happened.what, Scan | Damaged | Reading | NotAWeight):
        return None
    why, by = trouble_of(happened.what)
    return f"{why} {by}".rstrip()


def _said(profile: Profile, happened: Happened) -> dict[str, Any]:
    what = happened.what
    match what:
        case Scan():
            kind = "stored" if what.stored else "scan"
            return {"kind": kind, "code": meant(profile.calibration, what.code), "aim": what.aim, "at_ms": what.at_ms}
        case Reading():
            return _reading(what)
        case Damaged():
            return {"kind": "damaged", "raw": what.data.hex(), "why": what.why}
        case NotAWeight():
            return {"kind": "no_weight", "raw": what.raw.hex(), "why": what.why}
        case _:
            return {"kind": "link", "trouble": _trouble_of(happened)}


def _reading(reading: Reading) -> dict[str, Any]:
    grams = reading.grams
    return {
        "kind": "weight", "state": reading.state.value, "digits": reading.digits, "unit": reading.unit,
        "grams": None if grams is None else str(grams), "is": reading.kind.value, "tare": reading.tare or None, "raw": reading.raw.hex(),
    }  # fmt: skip


def _words(reading: Reading, why: Why | None) -> str:
    which = "" if reading.kind is Kind.UNSTATED else reading.kind.value
    return " ".join(filter(None, (reading.digits or "-", reading.unit, which, reading.state, _apart(why))))


def _apart(why: Why | None) -> str:
    return "" if why is None else f"({why.value.replace('_', ' ')})"


# Listening


def _boot_ms() -> int:
    return SystemClock().boot_ns() // 1_000_000


def _listen(
    profile: Profile, hand: Callable[[Happened], None], seconds: float, passed: Callable[[Passed], None] | None = None
) -> None:
    """Keep a device at work on this thread for a while, or until somebody stops it."""
    if profile.transport is TransportKind.WINDOW:
        raise DeviceFault(f"{profile.id}: its keys come through the window; open the station to try it")
    with _steps(profile, hand, passed) as step:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pause = step()
            time.sleep(min(pause, max(0.0, end - time.monotonic())))  # noqa: TID251  nothing else runs here


@contextmanager
def _steps(
    profile: Profile, hand: Callable[[Happened], None], passed: Callable[[Passed], None] | None
) -> Iterator[Callable[[], float]]:
    supervisor = supervise(profile, hand, _boot_ms, passed=passed)
    try:
        yield supervisor.step
    finally:
        supervisor.close()


class _Heard:
    """What the gear tells while a scanner is learnt: only that it was."""

    def __init__(self) -> None:
        self.learnt_profile: Profile | None = None

    def scanned(self, code: str, device: str, *, trusted: bool) -> None:
        """Nothing is scanned meanwhile."""

    def stored(self, code: str, device: str, *, trusted: bool) -> None:
        """Nothing is kept meanwhile."""

    def damaged(self, device: str) -> None:
        """A code that came in half is scanned again."""

    def weighed(self) -> None:
        """Nothing is weighed meanwhile."""

    def changed(self) -> None:
        """Whether it is there is seen when it is asked."""

    def learnt(self, profile: Profile) -> None:
        """Keep it."""
        self.learnt_profile = profile


def _learnt(gear: Gear, profile: Profile, heard: _Heard, seconds: float, *, quiet: bool) -> Profile:
    """Return a scanner's profile once its sheet was scanned.

    Raises:
        AnswerIsNo: it was not, in so long.
    """
    told = -1
    with gear.at_work((profile,)):
        gear.learn(profile.id)
        end = time.monotonic() + seconds
        while heard.learnt_profile is None and time.monotonic() < end:
            learning = gear.learning()
            if learning.scanned != told and not quiet:
                told = learning.scanned
                why = f" ({learning.trouble.replace('_', ' ')}: from the first)" if learning.trouble else ""
                typer.echo(f"Scan code {told + 1} of {len(SHEET)}{why}", err=True)
            time.sleep(_PAUSE_S)  # noqa: TID251  the devices have threads of their own
        if heard.learnt_profile is None:
            learning = gear.learning()
            why = learning.trouble.replace("_", " ") or f"{learning.scanned} of {len(SHEET)} codes came"
            raise AnswerIsNo(f"{profile.id} was not learnt: {why}")
    return heard.learnt_profile
