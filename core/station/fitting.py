"""Devices are added here: what is plugged in is chosen, tried by doing what it is for, and kept; what is kept can be taken off.

Whoever sets a station up has a scanner or a scale in hand, with its cable in. A scanner is found by one scan of a code that
stands on the screen, whatever it is connected by; what came says how it speaks. A scale is chosen by its port, and says how
it speaks by what it answers once something lies on it. Where that says nothing, it can be said by hand. What is kept is at
work at once; a scanner reads the sheet next. Nothing is kept that was not heard.

    LookAround --looked--> ChoosePlugged
    ChoosePlugged --QTY-1--> TryOut, a scanner
    ChoosePlugged --QTY-n--> ChooseRole, TryOut
    ChoosePlugged --QTY-8--> the sheet
    ChoosePlugged --QTY-9--> ChooseGone
    ChooseRole --answer--> TryOut
    TryOut --looked again--> TryOut
    TryOut --QTY-1, nothing was heard--> ChooseLine
    ChooseLine --answer--> TryOut
    TryOut --CONFIRM, something was heard--> Fitting, ChooseUnit
    ChooseUnit --answer--> Fitting
    ChooseGone --answer--> ConfirmGone
    ConfirmGone --YES--> Fitting
    Fitting --a scanner is kept--> the sheet
    Fitting --otherwise--> LookAround
    TryOut, ChooseRole, ChooseLine, ChooseUnit, ChooseGone, ConfirmGone --NO--> LookAround
    ChoosePlugged --NO--> the devices
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.roles import allowed
from core.station.menu import DEVICES, FITTING, JOBS, LINE

SCANNER, SCALE = "scanner", "scale"
SETTINGS = ("9600 8N1", "9600 7E1", "4800 8N1", "2400 8N1", "19200 8N1", "38400 8N1", "115200 8N1")
"""How a serial line can be set: bits a second, bits of a character, parity, stop bits."""
UNITS = ("kg", "g", "lb", "oz")
"""What a scale may count in that does not say it."""
LISTED = 6
"""Plugged things that have a digit each, between the first and the last answer."""
_SHEET, _GONE = 8, 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that is plugged in and no device of this station."""

    key: str
    """What the desk knows it by."""
    name: str
    """What it calls itself; empty where it says nothing."""
    port: str
    ids: str = ""
    """Maker and product as numbers, and its serial number."""
    role: str = ""
    """What it can only be; empty where that is to be said."""
    has_line: bool = False
    """Whether it is at a serial line, which can be set in several ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How far it is with what is tried out."""

    role: str = SCANNER
    found: Found | None = None
    """What is listened to; None for everything that can be a scanner."""
    pair: str = ""
    """The code that is to be scanned."""
    speech: str = ""
    """How it speaks, once it was heard."""
    said: str = ""
    """The code that came, or the weight as the scale wrote it."""
    port: str = ""
    """Where it was heard."""
    lacks_unit: bool = False
    """Whether the scale does not say what it counts in."""
    trouble: str = ""
    """Why nothing can be heard, by a name that the words know."""
    by: str = ""
    """The program, or the device of this station, that has to do with that."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of keeping a device, or of taking one off."""

    name: str
    role: str = ""
    """Of one that was kept; empty for one that was taken off."""
    locked: bool = False
    """It is IT's, and nothing was changed."""


class FittingDesk(Protocol):
    """Where what is plugged in is looked at and tried out; the composition root gives it."""

    def plugged(self) -> tuple[Found, ...]:
        """Return what is plugged in and no device of this station."""

    def devices(self) -> tuple[str, ...]:
        """Return the names of the devices of this station."""

    def try_out(self, role: str, key: str, line: str) -> None:
        """Begin to listen: to one thing, or to everything that can be a scanner; on a line as somebody said it is set."""

    def trial(self) -> Trial:
        """Return how far that is."""

    def keep(self, unit: str) -> None:
        """Make what was heard a device of this station."""

    def take_off(self, name: str) -> None:
        """Forget a device of this station."""

    def give_up(self) -> None:
        """Listen no longer."""

    def fitted(self) -> Fitted:
        """Return what came of the last wish to keep or to take off."""


class _NothingPlugged:
    """A desk where nothing can be plugged in."""

    def plugged(self) -> tuple[Found, ...]:
        """Return nothing."""
        return ()

    def devices(self) -> tuple[str, ...]:
        """Return none."""
        return ()

    def try_out(self, role: str, key: str, line: str) -> None:
        """Listen to nothing."""

    def trial(self) -> Trial:
        """Return that nothing is heard."""
        return Trial()

    def keep(self, unit: str) -> None:
        """Keep nothing."""

    def take_off(self, name: str) -> None:
        """Forget nothing."""

    def give_up(self) -> None:
        """Listen to nothing."""

    def fitted(self) -> Fitted:
        """Return that nothing was changed."""
        return Fitted("")


NOTHING_PLUGGED: FittingDesk = _NothingPlugged()
"""For a station that is only replayed."""


@dataclass(frozen=True, slots=True)
class AskPlugged:
    """What is plugged in, and what is known of it?"""

    desk: FittingDesk

    def run(self, _connection: sa.Connection) -> tuple[tuple[Found, ...], tuple[str, ...]]:
        """Return what is no device of this station, and the names of its devices."""
        return self.desk.plugged(), self.desk.devices()


@dataclass(frozen=True, slots=True)
class AskTrial:
    """How far is it with what is tried out?"""

    desk: FittingDesk

    def run(self, _connection: sa.Connection) -> Trial:
        """Return it."""
        return self.desk.trial()


@dataclass(frozen=True, slots=True)
class AskFitted:
    """What came of it?"""

    desk: FittingDesk

    def run(self, _connection: sa.Connection) -> Fitted:
        """Return it."""
        return self.desk.fitted()


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish to the desk: try out, keep, take off, give up."""

    desk: FittingDesk
    wish: str
    words: tuple[str, ...] = ()

    def start(self) -> None:
        """Say it."""
        match self.wish, self.words:
            case "try_out", (role, key, line):
                self.desk.try_out(role, key, line)
            case "keep", (unit,):
                self.desk.keep(unit)
            case "take_off", (name,):
                self.desk.take_off(name)
            case "give_up", ():
                self.desk.give_up()
            case _:
                raise Bug(f"{self.wish} {self.words} is no wish")


@dataclass(frozen=True, slots=True)
class LookAround:
    """It is being looked at what is plugged in."""

    back: str


@dataclass(frozen=True, slots=True)
class ChoosePlugged:
    """What is to be set up?"""

    back: str
    plugged: tuple[Found, ...]
    devices: tuple[str, ...]

    @property
    def listed(self) -> tuple[Found, ...]:
        """Return what has a digit."""
        return self.plugged[:LISTED]


@dataclass(frozen=True, slots=True)
class ChooseRole:
    """Is it a scanner or a scale?"""

    back: str
    found: Found


@dataclass(frozen=True, slots=True)
class TryOut:
    """Scan the code, or put something on: does it come?"""

    back: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class ChooseLine:
    """How is its line set?"""

    back: str
    found: Found
    role: str


@dataclass(frozen=True, slots=True)
class ChooseUnit:
    """What does the scale count in?"""

    back: str
    trial: Trial


@dataclass(frozen=True, slots=True)
class ChooseGone:
    """Which device is taken off?"""

    back: str
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfirmGone:
    """Is it really taken off?"""

    back: str
    device: str


@dataclass(frozen=True, slots=True)
class Fitting:
    """It is kept, or taken off."""

    back: str


State = LookAround | ChoosePlugged | ChooseRole | TryOut | ChooseLine | ChooseUnit | ChooseGone | ConfirmGone | Fitting


class FittingFlow:
    """Scanners and scales are set up and taken off."""

    NAME: ClassVar[str] = FITTING
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False

    def __init__(self, desk: FittingDesk) -> None:
        """Ask a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look around; the argument is the flow to lead back to, and whether a trial is looked at again."""
        back, _, view = argument.partition(" ")
        if not any(allowed(context.roles, each) for each in JOBS[LINE]):
            return Step(LookAround(back), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go(DEVICES, back)))
        if view == "trial":
            trial = self._desk.trial()
            return Step(TryOut(back, trial), (Play(Tone.DONE),) if trial.speech else ())
        return self._look(back)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again, at nothing that was tried out."""
        looked = self._look(state.back)
        return Step(looked.state, (self._wish("give_up"), *looked.effects))

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return the keys."""
        back = Expect("key", "NO", "back")
        match state:
            case ChoosePlugged(listed=listed, devices=devices):
                found = (Expect("key", f"QTY-{n}", f"answer:{each.port}") for n, each in enumerate(listed, 2))
                gone = (Expect("key", f"QTY-{_GONE}", "answer:take off"),) if devices else ()
                sheet = Expect("key", f"QTY-{_SHEET}", "answer:sheet")
                return (
                    Expect("key", "QTY-1", "answer:scanner"), *found, sheet, *gone, Expect("key", "CONFIRM", "again"), back,
                )  # fmt: skip
            case ChooseRole():
                return (*_numbered((SCANNER, SCALE)), back)
            case TryOut(trial=trial) if trial.speech:
                return (Expect("key", "CONFIRM", "next"), back)
            case TryOut(trial=trial):
                return (*(_numbered(("line",)) if _has_line(trial) else ()), back)
            case ChooseLine():
                return (*_numbered(SETTINGS), back)
            case ChooseUnit():
                return (*_numbered(UNITS), back)
            case ChooseGone(devices=devices):
                return (*_numbered(devices), back)
            case ConfirmGone():
                return (Expect("key", "YES", "next"), back)
            case _:
                return ()

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        match state, event:
            case _, PrintMoved():
                return Step(state)
            case LookAround(back=back), Answered(query=AskPlugged(), answer=(plugged, devices)):
                return Step(ChoosePlugged(back, plugged, devices))
            case TryOut(back=back), Answered(query=AskTrial(), answer=Trial() as trial):
                return Step(TryOut(back, trial))
            case Fitting(back=back), Answered(query=AskFitted(), answer=Fitted() as fitted):
                return self._done(back, fitted)
            case ChoosePlugged(), Pressed(verb=Verb.NO):
                return Step(state, (Go(DEVICES, state.back),))
            case _, Pressed(verb=Verb.NO):
                return self.resume(state, event.at, event.id, context)
            case _, Pressed() if (step := self._pressed(state, event)) is not None:
                return step
            case _, Pressed() | Scanned() | Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case _:
                raise Bug(f"{event!r} while devices are set up")

    def _pressed(self, state: State, event: Pressed) -> Step | None:
        chosen = int(event.argument) if event.verb is Verb.QTY and event.argument.isdecimal() else 0
        match state:
            case ChoosePlugged(back=back) if event.verb is Verb.CONFIRM:
                return self._look(back)
            case ChoosePlugged(back=back) if chosen == 1:
                return self._try(back, None, SCANNER)
            case ChoosePlugged(back=back) if chosen == _SHEET:
                return Step(state, (Go(DEVICES, f"{back} learn"),))
            case ChoosePlugged(back=back, devices=devices) if chosen == _GONE and devices:
                return Step(ChooseGone(back, devices[:_GONE]))
            case ChoosePlugged(back=back, listed=listed) if 2 <= chosen < 2 + len(listed):
                found = listed[chosen - 2]
                return self._try(back, found, found.role) if found.role else Step(ChooseRole(back, found))
            case ChooseRole(back=back, found=found) if chosen in (1, 2):
                return self._try(back, found, (SCANNER, SCALE)[chosen - 1])
            case TryOut(back=back, trial=trial) if trial.speech:
                return self._heard(state) if event.verb is Verb.CONFIRM else None
            case TryOut(back=back, trial=trial) if chosen == 1 and trial.found is not None and trial.found.has_line:
                return Step(ChooseLine(back, trial.found, trial.role), (self._wish("give_up"),))
            case ChooseLine(back=back, found=found, role=role) if 1 <= chosen <= len(SETTINGS):
                return self._try(back, found, role, SETTINGS[chosen - 1])
            case ChooseUnit(back=back) if 1 <= chosen <= len(UNITS):
                return self._fit(back, "keep", UNITS[chosen - 1])
            case ChooseGone(back=back, devices=devices) if 1 <= chosen <= len(devices):
                return Step(ConfirmGone(back, devices[chosen - 1]), (Play(Tone.CAUTION),))
            case ConfirmGone(back=back, device=device) if event.verb is Verb.YES:
                return self._fit(back, "take_off", device)
            case _:
                return None

    def _heard(self, state: TryOut) -> Step:
        if state.trial.lacks_unit:
            return Step(ChooseUnit(state.back, state.trial))
        return self._fit(state.back, "keep", "")

    def _try(self, back: str, found: Found | None, role: str, line: str = "") -> Step:
        wanted = self._wish("try_out", role, "" if found is None else found.key, line)
        return Step(TryOut(back, Trial(role=role, found=found)), (wanted, Ask(AskTrial(self._desk))))

    def _fit(self, back: str, wish: str, word: str) -> Step:
        return Step(Fitting(back), (self._wish(wish, word), Ask(AskFitted(self._desk))))

    def _done(self, back: str, fitted: Fitted) -> Step:
        looked = self._look(back)
        if fitted.locked:
            refused = Refuse(Refusal(Reason.LOCKED_BY_IT, {"device": fitted.name}))
            return Step(looked.state, (refused, *looked.effects))
        if fitted.role == SCANNER:
            return Step(looked.state, (Play(Tone.ACCEPT), Go(DEVICES, f"{back} learn {fitted.name}")))
        return Step(looked.state, (Play(Tone.ACCEPT), *looked.effects))

    def _look(self, back: str) -> Step:
        return Step(LookAround(back), (Ask(AskPlugged(self._desk)),))

    def _wish(self, wish: str, *words: str) -> Start:
        return Start(Wish(self._desk, wish, words))


def _has_line(trial: Trial) -> bool:
    return trial.found is not None and trial.found.has_line


def _numbered(answers: tuple[str, ...]) -> tuple[Expect, ...]:
    return tuple(Expect("key", f"QTY-{n}", f"answer:{each}") for n, each in enumerate(answers, 1))
