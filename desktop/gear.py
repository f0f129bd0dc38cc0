"""What is plugged into a station, at work: each device on a thread of its own, what it says on the window's thread, in order.

A scan is handed on as it comes, whatever has the focus; what became of it is told to the scanner that made it, by a
thread of its own, so that a port that hangs holds nobody up. The one thing a newcomer would get wrong: a scanner beeps
for what the system took, so it is told after the commit, and also where a scan was dropped or came in half: a Honeywell
scanner stays blind until it hears something.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.kernel.flow import Verb
from core.station.gear import DeviceSeen, Learning
from devices.assembling import pan_of, supervise, talk_of
from devices.calibration import SHEET, Calibration, Keyed
from devices.capture import Captured, Pan, Why
from devices.feedback import accept, refuse, settled
from devices.framing.heard import Damaged
from devices.framing.keys import without_marks
from devices.framing.text import Ending
from devices.learning import Learner
from devices.profile import Counters, Profile, Role, ScannerProtocol, TransportKind
from devices.recording import Passed
from devices.scale_formats.asking import REQUESTS, ScaleProtocol
from devices.scale_formats.reading import NotAWeight, Reading, State
from devices.scan import Scan
from devices.supervisor import Connected, Happened, InUse, Link, Lost, Supervisor
from devices.talk import ScaleTalk, ScannerTalk
from devices.transport import Bus, Match

KEYBOARD = "keyboard"
"""The scanner whose keys come through the window, where nobody gave it a profile."""
_WHOLE = frozenset(
    {
        ScannerProtocol.SSI,
        ScannerProtocol.HONEYWELL,
        ScannerProtocol.HID_POS,
        ScannerProtocol.KEYS,
        ScannerProtocol.WEDGE,
    }
)
"""Scanners that are learnt scan by scan."""


class Hearing(Protocol):
    """Who is told what the devices say, on the thread that calls are posted to."""

    def scanned(self, code: str, device: str, *, trusted: bool) -> None:
        """Hear a live scan."""

    def stored(self, code: str, device: str, *, trusted: bool) -> None:
        """Hear a scan out of a scanner's memory."""

    def damaged(self, device: str) -> None:
        """Hear that half a scan came."""

    def weighed(self) -> None:
        """Hear that a scale says something else now."""

    def changed(self) -> None:
        """Hear that a device came, went, or is told otherwise now."""

    def learnt(self, profile: Profile) -> None:
        """Hear what is to be kept of a scanner from now on."""


@dataclass(slots=True)
class _Device:
    """One device and what is known of it."""

    profile: Profile
    supervisor: Supervisor | None = None
    link: Link | None = None
    pan: Pan | None = None
    drops: bool = False
    """It was caught dropping separators."""
    refused: bool = False
    """Its lamp still shows a refusal."""
    counted: Counters = field(default_factory=Counters)
    """What it did since the station was opened."""
    seen_ms: int = 0
    """When it was there last, UTC."""


@dataclass(slots=True)
class _Lesson:
    """The sheet while it is scanned."""

    device: _Device
    learner: Learner
    saved: Calibration | None = None

    @property
    def scanner(self) -> str:
        """Return which scanner reads it."""
        return self.device.profile.id


@dataclass(slots=True)
class Gear:
    """The devices of one station."""

    hearing: Hearing
    post: Callable[[Callable[[], None]], None]
    """Carries a call to the thread that the station lives on."""
    now_ms: Callable[[], int]
    """A clock that goes on while the computer sleeps."""
    keys: Bus | None = None
    """The keyboards, where the system's own way is another."""
    simulated: bool = True
    """Whether simulated devices may be at work: only at a station that is simulated itself."""
    utc_ms: Callable[[], int] = lambda: 0
    """The clock of the day, for when a device was seen."""
    printers: tuple[DeviceSeen, ...] = ()
    """Printers in trouble, as their spoolers found out."""
    _devices: dict[str, _Device] = field(default_factory=dict, init=False)
    _over: bool = field(default=False, init=False)
    """The station is being closed: nobody is there to be told."""
    _lesson: _Lesson | None = field(default=None, init=False)
    _sending: "queue.SimpleQueue[tuple[Supervisor, bytes] | None]" = field(
        default_factory=queue.SimpleQueue, init=False
    )

    @contextmanager
    def at_work(self, profiles: Iterable[Profile]) -> Iterator["Gear"]:
        """Keep these devices at work for a while."""
        sender = threading.Thread(target=self._send, name="device answers", daemon=True)
        sender.start()
        try:
            for profile in profiles:
                self._start(profile)
            yield self
        finally:
            self._over = True
            for each in self._devices.values():
                if each.supervisor is not None:
                    each.supervisor.stop()
            self._sending.put(None)
            sender.join()

    def _start(self, profile: Profile) -> None:
        pan = pan_of(profile) if profile.role is Role.SCALE else None
        made = self._devices[profile.id] = _Device(profile, pan=pan)
        if profile.transport is not TransportKind.WINDOW:
            passed = None if profile.role is Role.SCALE else self._passed(profile)
            made.supervisor = supervise(
                profile, self._hand, self.now_ms, keys=self.keys, passed=passed, simulated=self.simulated
            )
            made.supervisor.start()

    def put(self, name: str, profile: Profile | None) -> None:
        """Have a device at work as it is known from now on; None lets it go."""
        before = self._devices.pop(name, None)
        if before is not None and before.supervisor is not None:
            before.supervisor.stop()
        if profile is not None:
            self._start(profile)
        elif self._lesson is not None and self._lesson.scanner == name:
            self._lesson = None
        self.hearing.changed()

    def _passed(self, profile: Profile) -> Callable[[Passed], None] | None:
        """Return who hears a scanner's bytes: a lesson needs them where a terminator is to be learnt."""
        if profile.protocol in _WHOLE:
            return None

        def passed(what: Passed) -> None:
            lesson = self._lesson
            if lesson is not None and lesson.scanner == profile.id and what.data and not what.sent:
                self.post(lambda: self._heard_raw(lesson, what))

        return passed

    def _send(self) -> None:
        while (wanted := self._sending.get()) is not None:
            supervisor, data = wanted
            supervisor.send(data)

    def _hand(self, happened: Happened) -> None:
        self.post(lambda: None if self._over else self._took(happened))

    # What happens, on the station's thread

    def _took(self, happened: Happened) -> None:
        device = self._devices.get(happened.device)
        if device is None:
            return  # it was taken off meanwhile
        device.counted = _counted(device.counted, happened)
        device.seen_ms = self.utc_ms()
        match happened.what:
            case Scan() as scan:
                self._scanned(device, scan)
            case Damaged():
                if self._lesson is None:
                    self.hearing.damaged(happened.device)
            case Reading() as reading:
                if device.pan is not None:
                    device.pan = device.pan.seen(reading, happened.at_ms)
                    self.hearing.weighed()
            case NotAWeight():
                pass
            case Connected() | Lost() | InUse() as link:
                device.link = link
                if device.pan is not None and not isinstance(link, Connected):
                    device.pan = device.pan.lost()
                    self.hearing.weighed()
                self.hearing.changed()

    def _scanned(self, device: _Device, scan: Scan) -> None:
        profile, lesson = device.profile, self._lesson
        if lesson is not None and lesson.scanner == profile.id:
            if lesson.learner.whole:
                self._heard_whole(lesson, [Keyed(char, scan.at_ms) for char in scan.code])
            self.answer(profile.id, accepted=True)
            return
        code = meant(profile.calibration, scan.code)
        hear = self.hearing.stored if scan.stored else self.hearing.scanned
        hear(code, profile.id, trusted=profile.gs_ok)
        if scan.stored:
            self.answer(profile.id, accepted=True)

    def keyed(self, code: str, gaps: tuple[int, ...], end: str) -> None:
        """Take a scan that came as keys of the window, with the time between them and the key that ended it."""
        device = self._devices.get(self.window)
        lesson = self._lesson
        if lesson is not None and lesson.scanner == self.window:
            at, keys = 0, []
            for n, char in enumerate(code):
                at += gaps[n - 1] if 0 < n <= len(gaps) else 0
                keys.append(Keyed(char, at))
            self._heard_whole(lesson, [*keys, *(Keyed(char, at) for char in end)])
            return
        profile = None if device is None else device.profile
        learnt = profile.calibration if profile else None
        meant_code = meant(learnt, learnt.without_prefix(code) if learnt else code)
        self.hearing.scanned(meant_code, self.window, trusted=bool(profile and profile.gs_ok))

    @property
    def silence_ends(self) -> bool:
        """Return whether keys of the window may be a scan without a terminator: it was learnt so, or is to be learnt."""
        device, lesson = self._devices.get(self.window), self._lesson
        learnt = None if device is None else device.profile.calibration
        return (lesson is not None and lesson.scanner == self.window) or (
            learnt is not None and learnt.ending is Ending.SILENCE
        )

    @property
    def window(self) -> str:
        """Return what the scanner is called whose keys come through the window."""
        return next(
            (name for name, each in self._devices.items() if each.profile.transport is TransportKind.WINDOW), KEYBOARD
        )

    # What a scanner and a scale are told

    def answer(self, device: str, *, accepted: bool) -> None:
        """Tell a scanner what became of its scan."""
        found = self._devices.get(device)
        if found is None or found.supervisor is None or found.profile.role is not Role.SCANNER:
            return
        sink = found.profile.settings.sink
        data = (settled(sink) if found.refused else b"") + accept(sink) if accepted else refuse(sink)
        found.refused = not accepted
        self._sending.put((found.supervisor, data))

    def drops_separators(self, device: str) -> None:
        """Flag a scanner that was caught dropping separators, until it is learnt."""
        found = self._devices.get(device)
        if found is None and device == self.window:
            found = self._devices[device] = _Device(_keyboard())
        if found is not None and not found.drops:
            found.drops = True
            self.hearing.changed()

    def order(self, verb: Verb) -> bool:
        """Let the scale zero, or take a tare off or on; return whether it can be told.

        A scale that does not say when it is empty is not told to zero: whoever orders it says that it is.
        """
        scale = next(iter(self._scales()), None)
        if scale is None or scale.pan is None or not isinstance(scale.profile.protocol, ScaleProtocol):
            return False
        if verb is Verb.ZERO and not scale.pan.says_empty:
            scale.pan = scale.pan.believed(self.now_ms())
            return True
        requests = REQUESTS[scale.profile.protocol]
        tare = requests.clear_tare if scale.pan.tared else requests.tare
        data = requests.zero if verb is Verb.ZERO else tare
        if data and scale.supervisor is not None:
            self._sending.put((scale.supervisor, data))
        return bool(data) and scale.supervisor is not None

    # What a weight is

    @property
    def pan(self) -> Pan | None:
        """Return what is known of the scale at this moment; None where none is plugged in."""
        return next((each.pan for each in self._scales()), None)

    def capture(self) -> Captured | Why | None:
        """Take the weight, once, or say why not; None where there is no scale."""
        scale = next(iter(self._scales()), None)
        if scale is None or scale.pan is None:
            return None
        scale.pan, taken = scale.pan.take(self.now_ms())
        return taken

    def _scales(self) -> list[_Device]:
        return [each for each in self._devices.values() if each.profile.role is Role.SCALE]

    # How they are

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return every device of this station, in trouble or not."""
        return (*(self._seen(name, each) for name, each in self._devices.items()), *self.printers)

    def to_learn(self) -> tuple[DeviceSeen, ...]:
        """Return the keys of the window where nobody set them up: whatever scanner types there can be learnt, too."""
        known = self.window in self._devices
        return () if known else (DeviceSeen(name=self.window, kind=Role.SCANNER.value, can_learn=True),)

    def _seen(self, name: str, each: _Device) -> DeviceSeen:
        trouble, by = trouble_of(each.link) if each.supervisor is not None else ("", "")
        if not trouble and each.drops:
            trouble = "drops_separators"
        if not trouble and each.pan is not None and each.pan.why_not(self.now_ms()) in (Why.STALE, Why.NOTHING_SEEN):
            trouble = "silent"
        scanner = each.profile.role is Role.SCANNER
        return DeviceSeen(
            name=name, kind=each.profile.role.value, trouble=trouble, by=by, calibrated=each.profile.gs_ok,
            can_learn=scanner and not each.profile.locked, says="" if each.pan is None else said_by(each.pan, self.now_ms()),
            net=each.pan is not None and each.pan.tared,
        )  # fmt: skip

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Return the profiles by name, with what each device did until now."""
        return {name: _with_counts(each) for name, each in self._devices.items()}

    # The sheet

    def learn(self, scanner: str) -> None:
        """Let the next scans of a scanner be the sheet; without a name, let scans be work again."""
        device = self._devices.get(scanner)
        if device is None and scanner == self.window:
            device = _Device(_keyboard())
        if not scanner or device is None or device.profile.role is not Role.SCANNER:
            self._lesson = None
            return
        whole = device.profile.protocol in _WHOLE - {ScannerProtocol.WEDGE}
        self._lesson = _Lesson(device, Learner(whole=whole))

    def learning(self) -> Learning:
        """Return how far it is with the sheet."""
        lesson = self._lesson
        if lesson is None:
            return Learning(scanner="", of=len(SHEET))
        if not lesson.learner.whole:
            lesson.learner.tick(self.now_ms())
            self._may_save(lesson)
        saved, trouble = lesson.saved, lesson.learner.trouble
        return Learning(
            scanner=lesson.scanner, scanned=lesson.learner.scanned, of=len(SHEET), trouble="" if trouble is None else trouble.value,
            saved=saved is not None, separators=saved is not None and saved.gs_ok, unclear="" if saved is None else saved.unclear,
            begins=saved is None or lesson.device.profile.begins,
        )  # fmt: skip

    def _heard_raw(self, lesson: _Lesson, what: Passed) -> None:
        lesson.learner.hear(what.data, what.at_ms)
        self._may_save(lesson)

    def _heard_whole(self, lesson: _Lesson, keys: list[Keyed]) -> None:
        lesson.learner.scan(keys)
        self._may_save(lesson)

    def _may_save(self, lesson: _Lesson) -> None:
        if lesson.learner.learnt is None or lesson.saved is not None:
            return
        lesson.saved = lesson.learner.learnt
        device = self._devices[lesson.scanner] = lesson.device
        device.profile = replace(device.profile, calibration=lesson.saved)
        device.drops = False
        if device.supervisor is not None:
            # Its framing goes by what was learnt from now on; the port stays open, so that no scan is missed.
            device.supervisor.talk = talk_of(device.profile)
        self.hearing.learnt(device.profile)
        self.hearing.changed()


def _counted(counters: Counters, happened: Happened) -> Counters:
    """Return the counters with one more of what happened."""
    match happened.what:
        case Scan():
            return replace(counters, scans=counters.scans + 1)
        case Reading():
            return replace(counters, readings=counters.readings + 1)
        case Damaged() | NotAWeight():
            return replace(counters, errors=counters.errors + 1)
        case _:
            return counters


def _with_counts(device: _Device) -> Profile:
    """Return a profile with what was counted before and since."""
    talk = None if device.supervisor is None else device.supervisor.talk
    doubled = talk.reads.ignored if isinstance(talk, ScannerTalk) else 0
    before, since = device.profile.counters, device.counted
    counters = Counters(
        scans=before.scans + since.scans, double_reads=before.double_reads + doubled,
        readings=before.readings + since.readings, errors=before.errors + since.errors,
    )  # fmt: skip
    said = talk.firmware if isinstance(talk, ScannerTalk | ScaleTalk) else ""
    return replace(
        device.profile, counters=counters, firmware=said or device.profile.firmware,
        last_seen_ms=device.seen_ms or device.profile.last_seen_ms,
    )  # fmt: skip


def meant(calibration: Calibration | None, code: str) -> str:
    """Return what was scanned, from what came."""
    return without_marks(code) if calibration is None else calibration.meant(code)


def trouble_of(link: Link | None) -> tuple[str, str]:
    """Return why a device is not at work, by name, and which program holds it; nothing for one that is."""
    match link:
        case None | Connected():
            # Not looked for yet is no trouble: that takes a moment.
            return "", ""
        case InUse(owner=owner):
            return "in_use", owner
        case Lost(why=why):
            return why, ""


def said_by(pan: Pan, now_ms: int) -> str:
    """Return a weight as the scale shows it; empty where none stands there now."""
    reading = pan.newest
    if reading is None or pan.is_stale(now_ms) or reading.state is not State.STABLE:
        return ""
    return f"{reading.digits} {reading.unit}"


def _keyboard() -> Profile:
    """Return the profile of the keys of the window where nobody gave them one."""
    return Profile(
        id=KEYBOARD, role=Role.SCANNER, transport=TransportKind.WINDOW, protocol=ScannerProtocol.WEDGE, match=Match()
    )
