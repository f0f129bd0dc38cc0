"""A supervised device from its profile: its bus, its framing, what it is told and when.

The one thing a newcomer would get wrong: a Datalogic scanner is asked whether it lives only where it is known to name
the symbology of every scan; its answer is plain text and would be a scan otherwise.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from devices.capture import Pan
from devices.drivers.evdev import EvdevBus
from devices.drivers.hid import SCALES, SCANNERS, HidBus
from devices.drivers.serial_ports import Line, SerialBus
from devices.feedback import Sink, firmware, heartbeat, initialisation
from devices.framing import hid_pos, key_events
from devices.framing.heard import Framer
from devices.framing.hid_pos import HidPos
from devices.framing.honeywell import Honeywell
from devices.framing.ssi import Ssi
from devices.framing.text import Text
from devices.profile import Profile, Role, ScannerProtocol, TransportKind
from devices.recording import Passed, Tapped
from devices.repeats import Memory
from devices.scale_formats.asking import REQUESTS, ScaleProtocol, reader
from devices.supervisor import Happened, Supervisor
from devices.talk import ScaleTalk, ScannerTalk, Talk
from devices.transport import Bus

_SILENT_WHEN_UNCHANGED = frozenset({ScaleProtocol.ADAM})
"""Scales whose silence says nothing of whether they live, and that say a weight once."""


def supervise(
    profile: Profile,
    hand: Callable[[Happened], None],
    now_ms: Callable[[], int],
    *,
    keys: Bus | None = None,
    passed: Callable[[Passed], None] | None = None,
    simulated: bool = True,
) -> Supervisor:
    """Return the supervisor of a device, not started.

    Args:
        profile: the device's.
        hand: hears what happens, on the device's own thread.
        now_ms: a clock that goes on while the computer sleeps.
        keys: the keyboards, where the system's own way is another.
        passed: hears every byte in both directions, on that thread too.
        simulated: whether a simulated device will do.
    """
    bus = bus_of(profile, keys, simulated=simulated)
    return Supervisor(
        device=profile.id,
        match=profile.match,
        bus=bus if passed is None else Tapped(bus, passed, now_ms),
        talk=talk_of(profile),
        hand=hand,
        now_ms=now_ms,
    )


def pan_of(profile: Profile) -> Pan:
    """Return the empty pan of a scale."""
    most = profile.settings.most_grams
    return Pan(
        scale=profile.id,
        most=Decimal(most) if most else None,
        empty_below=Decimal(profile.settings.empty_below_grams),
        twice=profile.transport is TransportKind.SERIAL and profile.protocol not in _SILENT_WHEN_UNCHANGED,
        says_empty=profile.protocol not in _SILENT_WHEN_UNCHANGED,
    )


def bus_of(profile: Profile, keys: Bus | None = None, *, simulated: bool = True) -> Bus:
    """Return the kind of port a device has; on Windows the keyboards are those of a window (`drivers/raw_input.py`)."""
    match profile.transport:
        case TransportKind.SERIAL:
            settings = profile.settings
            line = Line(settings.baud, settings.bits, settings.parity, settings.stop_bits)
            return SerialBus(line, also="" if profile.match.vid else profile.match.path, simulated=simulated)
        case TransportKind.HID:
            return HidBus(SCANNERS if profile.role is Role.SCANNER else SCALES)
        case TransportKind.KEYS:
            return keys or EvdevBus()
        case TransportKind.WINDOW:
            raise ValueError("the keys of a window come through the window")


def talk_of(profile: Profile) -> Talk:
    """Return what is said to and by a device."""
    if isinstance(profile.protocol, ScaleProtocol):
        settings, requests = profile.settings, REQUESTS[profile.protocol]
        return ScaleTalk(
            reader(profile.protocol, unit=settings.unit, checksum=settings.checksum, only_still=settings.only_still),
            requests,
            heartbeat=b"" if profile.protocol in _SILENT_WHEN_UNCHANGED else requests.weigh,
        )
    sink = profile.settings.sink
    answers = sink is not Sink.DATALOGIC or profile.aim_ok
    asked = heartbeat(sink) if answers else b""
    greeting = initialisation(sink)
    if profile.protocol is ScannerProtocol.HID_POS:
        greeting = hid_pos.initialisation(profile.match.vid)
    return ScannerTalk(
        profile.id,
        framer_of(profile, profile.protocol),
        # It is asked who it is as soon as it is there, and not only once it was silent for long.
        greeting=(*greeting, *filter(None, (asked,))),
        heartbeat=asked,
        names=partial(firmware, sink),
        memory=Memory(profile.settings.stored_prefix.encode()) if profile.settings.memory else None,
    )


def framer_of(profile: Profile, protocol: ScannerProtocol) -> Framer:
    """Return what makes scans of a scanner's bytes."""
    match protocol:
        case ScannerProtocol.TEXT:
            return Text(profile.ending, aim_always=profile.aim_ok, prefix=profile.prefix)
        case ScannerProtocol.DATALOGIC:
            return Text(profile.ending, aim_always=profile.aim_ok, prefix=profile.prefix, replies=True)
        case ScannerProtocol.SSI:
            return Ssi()
        case ScannerProtocol.HONEYWELL:
            return Honeywell(profile.ending, aim_always=profile.aim_ok)
        case ScannerProtocol.HID_POS:
            return HidPos()
        case ScannerProtocol.KEYS:
            special = {int(code): text for code, text in profile.settings.special_keys.items()}
            return key_events.here(profile.ending, special)
        case ScannerProtocol.WEDGE:
            raise ValueError("the keys of a window are told from typing by their rhythm")
