"""What is kept of one device: how it is reached, how it speaks, what was learnt of it (devices.md 8).

A profile is data: written as JSON, carried to another station, and read back only if every part of it is what it
should be; what is wrong is named with its place. What a printer prints on is the printers' own. The one thing a
newcomer would get wrong: a key nobody knows is an error, for it is a misspelt one.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from devices.calibration import Calibration
from devices.feedback import Sink
from devices.framing.text import Ending
from devices.scale_formats.asking import ScaleProtocol
from devices.transport import Match

VERSION = 1


class ProfileFault(Exception):
    """A profile that cannot be read: where in it, and why."""

    def __init__(self, where: str, why: str) -> None:
        """Say where and why."""
        super().__init__(f"{where}: {why}")
        self.where, self.why = where, why


class Role(StrEnum):
    """What a device is for."""

    SCANNER = "scanner"
    SCALE = "scale"


class TransportKind(StrEnum):
    """How a device is reached."""

    SERIAL = "serial"
    HID = "hid"
    KEYS = "keys"
    """A keyboard, read by itself: Linux' input devices or Windows' raw input."""
    WINDOW = "window"
    """Keys that reach the focused window, of whatever keyboard: the last resort."""


class ScannerProtocol(StrEnum):
    """How a scanner speaks."""

    TEXT = "text"
    SSI = "ssi"
    HONEYWELL = "honeywell"
    DATALOGIC = "datalogic"
    HID_POS = "hid_pos"
    KEYS = "keys"
    WEDGE = "wedge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person says of a device."""

    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    sink: Sink = Sink.NONE
    """How it is told that a scan was taken."""
    memory: bool = False
    """A cordless scanner that may keep scans and cannot be told to keep none."""
    stored_prefix: str = ""
    """What it puts in front of a scan it had kept."""
    special_keys: Mapping[str, str] = field(default_factory=dict)
    """Key codes that write nothing, and what they mean: a Down arrow (`108`) may be the separator."""
    unit: str = ""
    checksum: bool = True
    only_still: bool = False
    """This scale answers only when it stands still, and does not say so in its answer."""
    most_grams: int = 0
    """What the scale can carry; 0 where it is not known."""
    empty_below_grams: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What a device did, for diagnostics."""

    scans: int = 0
    double_reads: int = 0
    readings: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One device at one station."""

    id: str
    role: Role
    transport: TransportKind
    protocol: ScannerProtocol | ScaleProtocol
    match: Match
    station: str = ""
    settings: Settings = field(default_factory=Settings)
    calibration: Calibration | None = None
    counters: Counters = field(default_factory=Counters)
    firmware: str = ""
    last_seen_ms: int = 0
    verified_until: str = ""
    """The day a scale's verification ends (YYYY-MM-DD)."""
    locked: bool = False
    """IT's policy: not to be changed at the station."""

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        speaks = Role.SCANNER if isinstance(self.protocol, ScannerProtocol) else Role.SCALE
        if speaks is not self.role:
            raise ProfileFault("protocol", f"no {self.role} speaks {self.protocol}")
        reached = _REACHED.get(self.protocol, TransportKind.SERIAL)
        if reached is not self.transport:
            raise ProfileFault("transport", f"{self.protocol} needs {reached}")
        sinks = (*_TOLD.get(self.protocol, ()), Sink.NONE)
        if self.settings.sink not in sinks:
            raise ProfileFault("settings.sink", f"{self.protocol} is told by {' or '.join(sinks)}")
        for name, fits in _FITS.items():
            value = getattr(self.settings, name)
            if not fits(value):
                raise ProfileFault(f"settings.{name}", f"{value!r} is none")
        if self.verified_until and not _is_day(self.verified_until):
            raise ProfileFault("verified_until", "not YYYY-MM-DD")

    @property
    def gs_ok(self) -> bool:
        """Say whether separators are known to arrive; only a calibration knows."""
        return self.calibration is not None and self.calibration.gs_ok

    @property
    def aim_ok(self) -> bool:
        """Say whether every scan is known to name its symbology."""
        return self.calibration is not None and self.calibration.aim_ok

    @property
    def prefix(self) -> bytes:
        """Return what every scan begins with, as far as it is known."""
        return self.calibration.prefix.encode("latin-1", "replace") if self.calibration else b""

    @property
    def begins(self) -> bool:
        """Say whether the start of a scan is known: by its protocol, or by what was learnt."""
        framed = self.protocol not in (ScannerProtocol.TEXT, ScannerProtocol.DATALOGIC)
        return framed or (self.calibration is not None and self.calibration.begins)

    @property
    def ending(self) -> Ending:
        """Return what ends a scan, as far as it is known."""
        return self.calibration.ending if self.calibration else Ending.ANY


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "baud": lambda baud: baud > 0,
    "bits": lambda bits: bits in (5, 6, 7, 8),
    "parity": lambda parity: parity in tuple("NEOMS"),
    "stop_bits": lambda stop_bits: stop_bits in (1, 2),
    "special_keys": lambda keys: all(code.isascii() and code.isdecimal() for code in keys),
    "most_grams": lambda grams: grams >= 0,
    "empty_below_grams": lambda grams: grams >= 0,
}
"""What a setting must be."""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_REACHED: Mapping[ScannerProtocol | ScaleProtocol, TransportKind] = {
    ScannerProtocol.HID_POS: TransportKind.HID,
    ScannerProtocol.KEYS: TransportKind.KEYS,
    ScannerProtocol.WEDGE: TransportKind.WINDOW,
    ScaleProtocol.HID: TransportKind.HID,
}


_TOLD: Mapping[ScannerProtocol | ScaleProtocol, tuple[Sink, ...]] = {
    ScannerProtocol.TEXT: (Sink.BEL, Sink.DATALOGIC, Sink.CIPHERLAB),
    ScannerProtocol.SSI: (Sink.SSI,),
    ScannerProtocol.HONEYWELL: (Sink.HONEYWELL,),
    ScannerProtocol.DATALOGIC: (Sink.DATALOGIC,),
}
"""How each can be told that a scan was taken; no other can."""


def write_profile(profile: Profile) -> str:
    """Return a profile as JSON, the same bytes for the same profile."""
    return json.dumps({"version": VERSION} | dataclasses.asdict(profile), ensure_ascii=False, indent=2, sort_keys=True)


def read_profile(text: str) -> Profile:
    """Return the profile of a JSON text.

    Raises:
        ProfileFault: with the place and the reason.
    """
    try:
        raw = json.loads(text)
    except ValueError as e:
        raise ProfileFault("", f"no JSON: {e}") from e
    if not isinstance(raw, dict) or raw.pop("version", None) != VERSION:
        raise ProfileFault("version", f"only {VERSION} is known")
    return _record(Profile, raw, "")


_T = TypeVar("_T")


def _record(cls: type[_T], raw: Any, where: str) -> _T:
    if not isinstance(raw, dict):
        raise ProfileFault(where, "not an object")
    fields = {each.name: each for each in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    for name in raw:
        if name not in fields:
            raise ProfileFault(_place(where, name), "not known")
    for name, each in fields.items():
        needed = each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
        if needed and name not in raw:
            raise ProfileFault(_place(where, name), "missing")
    return cls(**{name: _value(hints[name], value, _place(where, name)) for name, value in raw.items()})


def _value(kind: Any, raw: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _one_of(get_args(kind), raw, where)
    if origin is Mapping or (origin is not None and issubclass(origin, Mapping)):
        if not isinstance(raw, dict) or not all(isinstance(each, str) for each in raw.values()):
            raise ProfileFault(where, "not texts by text")
        return raw
    if dataclasses.is_dataclass(kind):
        return _record(cast("type[Any]", kind), raw, where)
    if kind is type(None):
        if raw is not None:
            raise ProfileFault(where, "not empty")
        return None
    if issubclass(kind, StrEnum):
        if raw not in {each.value for each in kind}:
            raise ProfileFault(where, f"not one of {', '.join(kind)}")
        return kind(raw)
    if type(raw) is not kind:
        raise ProfileFault(where, f"not {kind.__name__}")
    return raw


def _one_of(kinds: tuple[Any, ...], raw: Any, where: str) -> Any:
    faults: list[ProfileFault] = []
    for kind in kinds:
        try:
            return _value(kind, raw, where)
        except ProfileFault as e:
            faults.append(e)
    # The one that came furthest says most.
    raise max(faults, key=lambda fault: len(fault.where))


def _place(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
