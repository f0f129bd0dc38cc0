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
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.roles import allowed
from core.station.menu import DEVICES, FITTING, JOBS, LINE
from core.station.questions import Answers, Questions, key, numbered

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


class FittingFlow(Questions):
    """Scanners and scales are set up and taken off."""

    NAME: ClassVar[str] = FITTING
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAround, Fitting)

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

    def answers(self, state: State) -> Answers:
        """Return what is plugged in, or what the question of a state can be answered by."""
        match state:
            case ChoosePlugged(listed=listed, devices=devices):
                found = numbered((each.port for each in listed), 2)
                return {1: SCANNER, **found, _SHEET: "sheet"} | ({_GONE: "take off"} if devices else {})
            case ChooseRole():
                return numbered((SCANNER, SCALE))
            case TryOut(trial=trial):
                return {1: "line"} if _has_line(trial) and not trial.speech else {}
            case ChooseLine():
                return numbered(SETTINGS)
            case ChooseUnit():
                return numbered(UNITS)
            case ChooseGone(devices=devices):
                return numbered(devices)
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them."""
        match state:
            case ChoosePlugged():
                return (key("CONFIRM", "again"),)
            case TryOut(trial=trial) if trial.speech:
                return (key("CONFIRM", "next"),)
            case ConfirmGone():
                return (key("YES", "next"),)
            case _:
                return ()

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Take what the desk says."""
        match state, event:
            case LookAround(back=back), Answered(query=AskPlugged(), answer=(plugged, devices)):
                return Step(ChoosePlugged(back, plugged, devices))
            case TryOut(back=back), Answered(query=AskTrial(), answer=Trial() as trial):
                return Step(TryOut(back, trial))
            case Fitting(back=back), Answered(query=AskFitted(), answer=Fitted() as fitted):
                return self._done(back, fitted)
            case _:
                return None

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the devices from the list, and to the list from everywhere else."""
        if isinstance(state, ChoosePlugged):
            return Step(state, (Go(DEVICES, state.back),))
        return self.resume(state, event.at, event.id, context)

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Try out what is chosen, or ask on."""
        match state, digit:
            case ChoosePlugged(back=back), 1:
                return self._try(back, None, SCANNER)
            case ChoosePlugged(back=back), n if n == _SHEET:
                return Step(state, (Go(DEVICES, f"{back} learn"),))
            case ChoosePlugged(back=back, devices=devices), n if n == _GONE:
                return Step(ChooseGone(back, devices[:_GONE]))
            case ChoosePlugged(back=back, listed=listed), _:
                found = listed[digit - 2]
                return self._try(back, found, found.role) if found.role else Step(ChooseRole(back, found))
            case ChooseRole(back=back, found=found), _:
                return self._try(back, found, (SCANNER, SCALE)[digit - 1])
            case TryOut(back=back, trial=Trial(found=Found() as found, role=role)), _:
                return Step(ChooseLine(back, found, role), (self._wish("give_up"),))
            case ChooseLine(back=back, found=found, role=role), _:
                return self._try(back, found, role, SETTINGS[digit - 1])
            case ChooseUnit(back=back), _:
                return self._fit(back, "keep", UNITS[digit - 1])
            case ChooseGone(back=back, devices=devices), _:
                return Step(ConfirmGone(back, devices[digit - 1]), (Play(Tone.CAUTION),))
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Look again, keep what was heard, take off what was chosen."""
        match state, event.verb:
            case ChoosePlugged(back=back), Verb.CONFIRM:
                return self._look(back)
            case TryOut(back=back, trial=trial), Verb.CONFIRM if trial.speech:
                return Step(ChooseUnit(back, trial)) if trial.lacks_unit else self._fit(back, "keep", "")
            case ConfirmGone(back=back, device=device), Verb.YES:
                return self._fit(back, "take_off", device)
            case _:
                return None

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
