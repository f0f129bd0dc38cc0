"""What is plugged in here: how each device is, a scanner learnt from its sheet, scans out of a memory, everything checked.

Opened from the menu over any step, and left to that step again. A stored scan is never work by itself: one after the
other is looked at, and taken at the step below as if it were scanned there now, or discarded; either is a row.

    LookAtDevices --looked--> ShowDevices
    ShowDevices --CONFIRM--> LookAtDevices
    ShowDevices --QTY-1, scans are stored--> ShowStored
    ShowDevices --QTY-2, may set up--> setting devices up, and from there ChooseScanner, ScanSheet
    ShowDevices --QTY-3--> ShowChecks
    ChooseScanner --answer--> ScanSheet
    ShowStored --YES, SKIP--> Settling
    Settling --done, discarded--> ShowStored
    Settling --done, taken--> the step it was opened from
    ShowStored, ChooseScanner, ScanSheet, ShowChecks --NO--> LookAtDevices
    ShowDevices --NO--> the step it was opened from
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.cases.commands import SettleScan
from core.cases.queries import AskStored, StoredScan
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Start,
    Step,
    Take,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId
from core.people.roles import allowed
from core.station import labels, new_badge
from core.station.adding_printers import looks_again
from core.station.fitting import TryOut
from core.station.menu import ADD_PRINTER, DEVICES, FITTING, JOBS, LINE
from core.station.questions import Answers, Questions, key, numbered

LISTED = 8
"""Scanners that can be told apart by a digit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSeen:
    """One device of this station."""

    name: str
    kind: str
    """scanner, scale or printer."""
    trouble: str = ""
    """Why it is not at work, by a name that the words know; empty while it is."""
    by: str = ""
    """The program that holds its port."""
    calibrated: bool = False
    """Whether it has shown that separators arrive."""
    can_learn: bool = False
    """Whether it can be learnt from the sheet."""
    says: str = ""
    """What it said last: a weight as the scale shows it."""
    net: bool = False
    """Whether a tare is taken off that weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How far a scanner is with its sheet."""

    scanner: str
    scanned: int = 0
    of: int = 0
    trouble: str = ""
    """Why nothing was learnt; it begins again with the first code."""
    saved: bool = False
    separators: bool = False
    """Whether they arrive: only then it is trusted with lots and serials."""
    unclear: str = ""
    """Characters that it cannot bring."""
    begins: bool = True
    """Whether anything marks where a scan begins; else noise in front of one may be taken for a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was checked."""

    about: str
    """Which check, by a name that the words know."""
    name: str = ""
    """Of which device or part."""
    state: str
    """ok, warning or wrong."""
    why: str = ""
    """What is the matter, by a name that the words know."""
    detail: str = ""
    """A figure or a machine's own words, beside it."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What was found so far."""

    found: tuple[Checked, ...] = ()
    running: bool = True


class GearDesk(Protocol):
    """Where it is known what is plugged in; the composition root gives it."""

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return every device, in trouble or not."""

    def learn(self, scanner: str) -> None:
        """Let the next scans be the sheet, read by this scanner."""

    def learning(self) -> Learning:
        """Return how far it is with the sheet."""

    def examine(self) -> None:
        """Begin to check everything."""

    def checks(self) -> Checks:
        """Return what was found so far."""


class NoGear:
    """A desk of a station without anything plugged in."""

    def devices(self) -> tuple[DeviceSeen, ...]:
        """Return nothing."""
        return ()

    def learn(self, scanner: str) -> None:
        """Learn nothing."""

    def learning(self) -> Learning:
        """Return that nothing is learnt."""
        return Learning(scanner="")

    def examine(self) -> None:
        """Check nothing."""

    def checks(self) -> Checks:
        """Return that nothing was checked."""
        return Checks(running=False)


@dataclass(frozen=True, slots=True)
class AskDevices:
    """How are the devices?"""

    desk: GearDesk
    stored: AskStored

    def run(self, connection: sa.Connection) -> tuple[tuple[DeviceSeen, ...], int]:
        """Return them, and how many stored scans wait."""
        return self.desk.devices(), len(self.stored.run(connection))


@dataclass(frozen=True, slots=True)
class Learn:
    """Begin to learn a scanner."""

    desk: GearDesk
    scanner: str

    def start(self) -> None:
        """Begin."""
        self.desk.learn(self.scanner)


@dataclass(frozen=True, slots=True)
class Examine:
    """Begin to check everything."""

    desk: GearDesk

    def start(self) -> None:
        """Begin."""
        self.desk.examine()


@dataclass(frozen=True, slots=True)
class LookAtDevices:
    """They are being looked at."""

    back: str


@dataclass(frozen=True, slots=True)
class ShowDevices:
    """How they are."""

    back: str
    devices: tuple[DeviceSeen, ...]
    stored: int
    may_set_up: bool


@dataclass(frozen=True, slots=True)
class ShowStored:
    """Take the first of these scans, or discard it?"""

    back: str
    scans: tuple[StoredScan, ...] | None = None
    """None while they are being looked up."""


@dataclass(frozen=True, slots=True)
class Settling:
    """It is being written what became of a stored scan."""

    back: str
    scan: StoredScan
    taken: bool


@dataclass(frozen=True, slots=True)
class ChooseScanner:
    """Which scanner is to be learnt?"""

    back: str
    scanners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScanSheet:
    """Scan the sheet's codes, one after the other."""

    back: str
    learning: Learning


@dataclass(frozen=True, slots=True)
class ShowChecks:
    """What was checked so far, and what came of it."""

    back: str
    checks: Checks


State = LookAtDevices | ShowDevices | ShowStored | Settling | ChooseScanner | ScanSheet | ShowChecks


def again(state: Any) -> tuple[str, str] | None:
    """Return the flow and the argument that begin it at this state anew, where it changes by itself; None where it does not."""
    match state:
        case ShowDevices(back=back):
            return DEVICES, f"{back} devices"
        case ScanSheet(back=back, learning=learning) if not learning.saved:
            return DEVICES, f"{back} sheet"
        case ShowChecks(back=back, checks=checks) if checks.running:
            return DEVICES, f"{back} checks"
        case TryOut(back=back, trial=trial) if not trial.speech:
            return FITTING, f"{back} trial"
        case _ if (there := looks_again(state)) is not None:
            return ADD_PRINTER, there
        case _:
            return labels.looks_again(state) or new_badge.looks_again(state)


class GearFlow(Questions):
    """Scanners, scales and printers of this station."""

    NAME: ClassVar[str] = DEVICES
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtDevices, Settling)

    def __init__(self, desk: GearDesk) -> None:
        """Ask a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look how they are; the argument is the flow it was opened from, and what was looked at."""
        back, _, view = argument.partition(" ")
        back = back or "home"
        view, _, scanner = view.partition(" ")
        match view:
            case "learn" if _may_set_up(context):
                scanners = (scanner,) if scanner else self._can_learn()
                return Step(ChooseScanner(back, scanners)) if len(scanners) != 1 else self._learn(back, scanners[0])
            case "sheet":
                learning = self._desk.learning()
                return Step(ScanSheet(back, learning), (Play(Tone.DONE),) if learning.saved else ())
            case "checks":
                return Step(ShowChecks(back, self._desk.checks()))
            case _:
                return self._look(back, context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again."""
        return self._look(state.back, context)

    def answers(self, state: State) -> Answers:
        """Return what can be looked at, or which scanner is meant."""
        match state:
            case ShowDevices(stored=stored, may_set_up=may):
                return ({1: "stored"} if stored else {}) | ({2: "set up"} if may else {}) | {3: "checks"}
            case ChooseScanner(scanners=scanners):
                return numbered(scanners)
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them."""
        match state:
            case ShowStored(scans=scans) if scans:
                return (key("YES", "next"), key("SKIP", "discard"))
            case ScanSheet() | ShowChecks() | ShowStored():
                return (key("CONFIRM", "again"),)
            case _:
                return ()

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show what was looked up, or what became of a stored scan."""
        match state, event:
            case LookAtDevices(back=back), Answered(query=AskDevices(), answer=(devices, stored)):
                return Step(ShowDevices(back, devices, stored, _may_set_up(context)))
            case ShowStored(back=back), Answered(query=AskStored(), answer=scans):
                return Step(ShowStored(back, scans)) if scans else self._look(back, context)
            case Settling(back=back, scan=scan, taken=taken), Done():
                if taken:
                    return Step(state, (Take(scan.code, scan.device, scan.trusted), Go(back)))
                return self._stored(back, context, Play(Tone.ACCEPT))
            case Settling(back=back), Failed(refusal=refusal):
                return self._stored(back, context, Refuse(refusal))
            case _:
                return None

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the step below from the devices, and to the devices from everywhere else."""
        if isinstance(state, ShowDevices):
            return Step(state, (Go(state.back),))
        looked = self._look(state.back, context)
        learnt = (Start(Learn(self._desk, "")),) if isinstance(state, ScanSheet) else ()
        return Step(looked.state, (*learnt, *looked.effects))

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show what is chosen."""
        match state, digit:
            case ShowDevices(back=back), 1:
                return self._stored(back, context)
            case ShowDevices(back=back), 2:
                return Step(state, (Go(FITTING, back),))
            case ShowDevices(back=back), _:
                return self._examine(back)
            case ChooseScanner(back=back, scanners=scanners), _:
                return self._learn(back, scanners[digit - 1])
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Look, check or learn again; take a stored scan or discard it."""
        match state, event.verb:
            case ShowDevices(back=back), Verb.CONFIRM:
                return self._look(back, context)
            case ShowChecks(back=back), Verb.CONFIRM:
                return self._examine(back)
            case ScanSheet(back=back, learning=learning), Verb.CONFIRM:
                return self._learn(back, learning.scanner)
            case ShowStored(back=back, scans=scans), Verb.YES | Verb.SKIP if scans:
                taken = event.verb is Verb.YES
                settle = SettleScan(**context.stamp(event), case=scans[0].case, taken=int(taken))
                return Step(Settling(back, scans[0], taken), (Run(settle),))
            case _:
                return None

    def _examine(self, back: str) -> Step:
        return Step(ShowChecks(back, Checks()), (Start(Examine(self._desk)),))

    def _can_learn(self) -> tuple[str, ...]:
        return tuple(each.name for each in self._desk.devices() if each.can_learn)[:LISTED]

    def _look(self, back: str, context: Context) -> Step:
        return Step(LookAtDevices(back), (Ask(AskDevices(self._desk, AskStored(context.site, context.station))),))

    def _stored(self, back: str, context: Context, *effects: Effect) -> Step:
        return Step(ShowStored(back), (*effects, Ask(AskStored(context.site, context.station))))

    def _learn(self, back: str, scanner: str) -> Step:
        return Step(ScanSheet(back, Learning(scanner=scanner)), (Start(Learn(self._desk, scanner)),))


def _may_set_up(context: Context) -> bool:
    return any(allowed(context.roles, each) for each in JOBS[LINE])
