"""Where devices are set up at the window: what is plugged in, listened to and asked on a thread of its own, kept, taken off.

Nothing is kept that was not heard. The one thing a newcomer would get wrong: while something is tried out its keyboard is
not grabbed, for it may be the one that somebody presses *back* on; so its scan comes through the window as well, and
`meets` takes that for what it is.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.station.fitting import SCALE, SCANNER, Fitted, Found, Trial
from desktop.gear import KEYBOARD, Gear, trouble_of
from desktop.known_devices import (
    DeviceFault,
    forget_device,
    free_name,
    keep_devices,
    kept_devices,
    plugged_in,
    profile_of,
)
from devices.assembling import bus_of
from devices.detecting import LINES, ScaleEar, ScannerEar, Speech
from devices.drivers.evdev import EvdevBus
from devices.framing import hid_pos
from devices.profile import Profile, Role, ScannerProtocol, Settings, TransportKind
from devices.scale_formats.asking import ScaleProtocol
from devices.supervisor import InUse, Lost
from devices.transport import Bus, Busy, Gone, Match, Port, Transport

if TYPE_CHECKING:
    from desktop.assembly import Assembly

_PAIR_LETTERS = "BCDEFGHJKLNPRSTUVX"
"""Letters that are the same key on the keyboards of all our languages: a scanner may be a keyboard of another layout."""
_PAIR_LENGTH = 8
_QUIET_S = 0.2
_GRAB_NOTHING = EvdevBus(grab=lambda _: None)


@dataclass(frozen=True, slots=True)
class _Target:
    """Something that can be listened to."""

    kind: TransportKind
    role: Role
    port: Port

    @property
    def key(self) -> str:
        """Return what the flow knows it by."""
        return f"{self.kind} {self.port.path}"


@dataclass(slots=True)
class _Listening:
    """One trial: what is listened to, and what was heard. Its thread writes, the window's reads; each value is replaced whole."""

    trial: Trial
    targets: tuple[_Target, ...]
    line: Settings | None = None
    """How somebody said that the serial line is set."""
    heard: tuple[_Target | None, Speech] | None = None
    over: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def told(self) -> Trial:
        """Return how far it is."""
        if self.heard is None:
            return self.trial
        target, speech = self.heard
        lacks = self.trial.role == SCALE and " " not in speech.said
        port = "" if target is None else target.port.path
        return replace(
            self.trial, speech=speech.protocol.value, said=speech.said, port=port, lacks_unit=lacks, trouble="", by=""
        )  # fmt: skip

    def hear(self, target: _Target, speech: Speech) -> bool:
        """Take what was heard, if it is what was asked for; return whether it is."""
        wanted = self.trial.role == SCALE or self.trial.found is not None or self.trial.pair in speech.said
        if wanted:
            self.heard = (target, speech)
        return wanted


class FittingDesk:
    """The setting up of a station's devices, for its screen."""

    def __init__(
        self, assembly: "Assembly", gear: Gear, now_ms: Callable[[], int], bus: Callable[[Profile], Bus] = bus_of
    ) -> None:
        """Listen to nothing yet; `bus` says where a device of a kind is looked for."""
        self._assembly, self._gear, self._now, self._bus = assembly, gear, now_ms, bus
        self._listening = _Listening(Trial(), ())
        self._fitted = Fitted("")

    # What is there

    def plugged(self) -> tuple[Found, ...]:
        """Return what is plugged in and no device of this station."""
        return tuple(_found(each) for each in self._targets())

    def devices(self) -> tuple[str, ...]:
        """Return the names of the devices of this station."""
        return tuple(kept_devices(self._assembly.profile)[0])

    def _targets(self) -> Iterator[_Target]:
        known, _ = kept_devices(self._assembly.profile)
        for kind, role, port in plugged_in(known.values(), self._bus_of):
            yield _Target(kind, role, port)

    def _bus_of(self, profile: Profile) -> Bus:
        if profile.transport is TransportKind.KEYS:
            return self._gear.keys or _GRAB_NOTHING
        return self._bus(profile)

    # Trying out

    def try_out(self, role: str, key: str, line: str) -> None:
        """Begin to listen: to one thing, or to everything that can be a scanner; on a line as somebody said it is set."""
        self.give_up()
        pair = "".join(_PAIR_LETTERS[each % len(_PAIR_LETTERS)] for each in self._assembly.ids.new()[-_PAIR_LENGTH:])
        # Windows' raw input takes a keyboard from the window while it is open: one that nobody chose is left alone.
        targets = tuple(
            each for each in self._targets()
            if (each.key == key if key else each.role is Role.SCANNER and not (each.kind is TransportKind.KEYS and self._gear.keys))
        )  # fmt: skip
        found = _found(targets[0]) if key and targets else None
        made = self._listening = _Listening(Trial(role=role, found=found, pair=pair), targets, _line(line))
        if key and not targets:
            made.trial = replace(made.trial, trouble="absent")
            return
        work = self._hear_scale if role == SCALE else self._hear_scanners
        made.thread = threading.Thread(target=work, args=(made,), name="device trial", daemon=True)
        made.thread.start()

    def trial(self) -> Trial:
        """Return how far that is."""
        return self._listening.told()

    def give_up(self) -> None:
        """Listen no longer."""
        before = self._listening
        before.over.set()
        if before.thread is not None:
            before.thread.join()
            before.thread = None

    def meets(self, code: str, device: str) -> bool:
        """Take a scan that came another way for what it is: the code on the screen, by a device of ours or a keyboard.

        Return whether it was that code, and is no work.
        """
        now = self._listening
        if now.over.is_set() or now.trial.role != SCANNER or not now.trial.pair or now.trial.pair not in code:
            return False
        if device in kept_devices(self._assembly.profile)[0]:
            now.trial = replace(now.trial, trouble="known", by=device)
        elif now.heard is None and now.trial.found is None:
            now.heard = (None, Speech(ScannerProtocol.WEDGE, Settings(), code))
        return True

    def _hear_scanners(self, now: _Listening) -> None:
        with ExitStack() as stack:
            ears: list[tuple[_Target, ScannerEar, Transport]] = []
            for target in now.targets:
                transport = self._opened(now, target, now.line or Settings())
                if transport is not None:
                    stack.callback(transport.close)
                    for each in hid_pos.initialisation(target.port.vid) if target.kind is TransportKind.HID else ():
                        transport.write(each)
                    ears.append((target, ScannerEar(target.kind, target.port.vid), transport))
            while not now.over.is_set() and now.heard is None:
                for ear in ears:
                    _hear(now, *ear, self._now)
                if not ears:
                    now.over.wait(_QUIET_S)

    def _hear_scale(self, now: _Listening) -> None:
        (target,) = now.targets
        lines = LINES[target.kind]
        if now.line is not None:
            # On a line that somebody named, everybody is asked.
            lines = ((now.line, tuple(dict.fromkeys(each for _, several in lines for each in several))),)
        while not now.over.is_set() and now.heard is None:
            for settings, protocols in lines:
                transport = self._opened(now, target, settings)
                if transport is None:
                    now.over.wait(_QUIET_S)
                    continue
                with ExitStack() as stack:
                    stack.callback(transport.close)
                    _ask(now, target, ScaleEar(settings, protocols), transport, self._now)
                if now.heard is not None or now.over.is_set():
                    return

    def _opened(self, now: _Listening, target: _Target, settings: Settings) -> Transport | None:
        """Open a port; where that cannot be done it is said why, if somebody chose it."""
        protocol = {TransportKind.HID: ScannerProtocol.HID_POS, TransportKind.KEYS: ScannerProtocol.KEYS}.get(
            target.kind, ScannerProtocol.TEXT
        )
        spoken = ScaleProtocol.HID if target.role is Role.SCALE else protocol
        match = Match(path=target.port.path)
        asked = Profile(
            id="", role=target.role, transport=target.kind, protocol=spoken, match=match, settings=settings
        )  # fmt: skip
        try:
            return self._bus_of(asked).open(target.port)
        except Busy as e:
            why, by = trouble_of(InUse(e.owner))
        except Gone as e:
            why, by = trouble_of(Lost(str(e) or "absent"))
        if now.trial.found is not None:
            now.trial = replace(now.trial, trouble=why, by=by)
        return None

    # Keeping

    def keep(self, unit: str) -> None:
        """Make what was heard a device of this station, at work from now on."""
        self.give_up()
        if self._listening.heard is None:
            self._fitted = Fitted("")
            return
        target, speech = self._listening.heard
        role = Role(self._listening.trial.role)
        name = KEYBOARD if target is None else free_name(role, self.devices())
        settings = replace(speech.settings, unit=unit) if unit else speech.settings
        if (line := self._listening.line) is not None:
            settings = replace(settings, baud=line.baud, bits=line.bits, parity=line.parity, stop_bits=line.stop_bits)
        path, here = "" if target is None else target.port.path, self._assembly.identity.station.hex()
        profile = profile_of(name, speech.protocol, path, settings, here, self._bus_of)
        keep_devices(self._assembly, (profile,))
        self._gear.put(name, profile)
        self._fitted = Fitted(name, role.value)

    def take_off(self, name: str) -> None:
        """Forget a device of this station; one that is IT's stays."""
        try:
            forget_device(self._assembly, name)
        except DeviceFault:
            self._fitted = Fitted(name, locked=True)
            return
        self._gear.put(name, None)
        self._fitted = Fitted(name)

    def fitted(self) -> Fitted:
        """Return what came of the last wish to keep or to take off."""
        return self._fitted


def _found(target: _Target) -> Found:
    port = target.port
    ids = f"{port.vid:04x}:{port.pid:04x} {port.serial}".strip() if port.vid else ""
    serial = target.kind is TransportKind.SERIAL
    return Found(
        key=target.key,
        name=port.name,
        port=port.path,
        ids=ids,
        role="" if serial else target.role.value,
        has_line=serial,
    )


def _line(said: str) -> Settings | None:
    """Return the settings of a line as it is named (`9600 7E1`); None where nobody named one."""
    if not said:
        return None
    baud, _, rest = said.partition(" ")
    return Settings(baud=int(baud), bits=int(rest[0]), parity=rest[1], stop_bits=int(rest[2]))


def _hear(now: _Listening, target: _Target, ear: ScannerEar, transport: Transport, now_ms: Callable[[], int]) -> None:
    with suppress(Gone):
        data = transport.read()
        speech = ear.feed(data, now_ms()) if data else ear.tick(now_ms())
        if speech is not None and now.hear(target, speech):
            for each in speech.send:
                transport.write(each)


def _ask(now: _Listening, target: _Target, ear: ScaleEar, transport: Transport, now_ms: Callable[[], int]) -> None:
    """Ask a scale in one protocol after the other, until it says a weight or all were asked."""
    with suppress(Gone):
        while not ear.over and not now.over.is_set():
            question = ear.question(now_ms())
            if question:
                transport.write(question)
            data = transport.read()
            speech = ear.feed(data, now_ms()) if data else None
            if speech is not None and now.hear(target, speech):
                return
