"""The printers of a station, and changing a roll or ribbon: hold, load, calibrate, scan a test label, settle what is in doubt, go on.

A printer ran empty, or prints badly. Whoever stands there says which one; nothing is sent to it from then on. The roll or
ribbon is changed, the head closed; the printer measures its labels, and a roll of another size is refused. Then it prints
a test label, which is scanned: so it prints, legibly, and on the right paper. Last comes the label that was under way when
it stopped, if nobody knows whether it came out: whoever has it in hand scans it, or says that it is not there, and another
one is printed. A job that waits may go to the printer's fallback instead, by one key or a scan of that printer's name.

    LookAtPrinters --looked--> ChoosePrinter, ShowPrinter, ScanTest, SettleDoubt
    ShowPrinter, ScanTest --looked again--> ChoosePrinter, ShowPrinter, ScanTest
    SettleDoubt --looked again, and it is known--> LookAtPrinters
    ChoosePrinter --answer--> ShowPrinter
    ShowPrinter --CONFIRM--> LoadRoll
    ShowPrinter --QTY-1, scan of the fallback--> Saving
    ShowPrinter --QTY-2--> SettleDoubt
    LoadRoll --CONFIRM--> Calibrating
    Calibrating --measured--> Saving
    Calibrating --measured otherwise--> LoadRoll
    Saving --done--> LookAtPrinters
    Saving --failed--> LookAtPrinters, SettleDoubt
    ScanTest --scan of its code--> Saving
    ScanTest --NOTPRINTED--> LoadRoll
    SettleDoubt --scan of its code, YES, NOTPRINTED--> Saving
    ShowPrinter, LoadRoll, Calibrating, ScanTest, SettleDoubt --NO--> LookAtPrinters

From ChoosePrinter NO leads home; the answer behind the printers, and PRINT, to the labels that somebody chooses; the last
answer, for whoever sets stations up, to where printers are added.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, JobId, ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing.commands import ReprintLabel
from core.packing.contents import HouseLabel
from core.people.roles import allowed
from core.printers.commands import (
    NOT_PRINTED,
    REPRINT_LIMIT,
    ConfirmPrintJob,
    PrintTestLabel,
    RepeatPrintJob,
    SendElsewhere,
)
from core.printers.model import printer_subject
from core.station.menu import ADD_PRINTER, JOBS
from core.station.questions import Answers, Questions, key, numbered

PRINTERS_SHOWN = 6
SET_UP = "stations.edit"
"""The permission to add printers and take them off."""
_AIM = 3
"""Characters of a symbology's mark."""
LOOKED, CALIBRATED, WRONG_MEDIA, NOT_CALIBRATED = "looked", "calibrated", "wrong_media", "not_calibrated"
"""What a printer's news says beside the states of jobs: it was asked how it is; its labels were measured, or could not be."""


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """Paper that waits for a printer, or that nobody knows of."""

    job: JobId
    document: str
    code: str
    subject: bytes
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStand:
    """How one printer is, as far as is known at this moment."""

    name: str
    place: str = ""
    media: str = ""
    width_mm: int = 0
    height_mm: int = 0
    """Of the labels that belong into it."""
    troubles: str = ""
    """Comma-separated; empty for none that is known."""
    known: bool = True
    """Whether it has said how it is at all."""
    has_roll: bool = True
    """Whether there is a roll to change."""
    changing: bool = False
    """Whether it is held because somebody changes its roll."""
    waiting: tuple[WaitingJob, ...] = ()
    doubts: tuple[WaitingJob, ...] = ()
    test: WaitingJob | None = None
    """Its test label, while it is not scanned."""
    fallback: str = ""
    fallback_place: str = ""


class PrinterDesk(Protocol):
    """Where the printers are spoken to, beside the station; the composition root gives it."""

    def stand(self, connection: sa.Connection) -> tuple[PrinterStand, ...]:
        """Return how each printer of this station was when it was last asked."""

    def look(self) -> None:
        """Ask them all; each says so by news of itself."""

    def hold(self, name: str) -> None:
        """Send nothing to a printer from now on but its test label."""

    def resume(self, name: str) -> None:
        """Go on."""

    def calibrate(self, name: str) -> None:
        """Let it measure its labels; it says by news how that went."""


class _NoPrinters:
    """A desk without a printer."""

    def stand(self, _connection: sa.Connection) -> tuple[PrinterStand, ...]:
        """Return none."""
        return ()

    def look(self) -> None:
        """Ask nobody."""

    def hold(self, name: str) -> None:
        """Hold nothing."""

    def resume(self, name: str) -> None:
        """Hold nothing."""

    def calibrate(self, name: str) -> None:
        """Measure nothing."""


NO_PRINTERS: PrinterDesk = _NoPrinters()
"""Where nothing is printed: a station that only looks."""


# Questions and works


@dataclass(frozen=True, slots=True)
class AskPrinters:
    """How are they?"""

    desk: PrinterDesk
    name: str = ""
    """Which one is looked at; empty for all."""

    def run(self, connection: sa.Connection) -> tuple[PrinterStand, ...]:
        """Return how they are."""
        return self.desk.stand(connection)


@dataclass(frozen=True, slots=True)
class AtPrinters:
    """A wish to the desk: look, hold, resume, calibrate."""

    desk: PrinterDesk
    wish: str
    name: str = ""

    def start(self) -> None:
        """Say it."""
        match self.wish:
            case "look":
                self.desk.look()
            case "hold":
                self.desk.hold(self.name)
            case "resume":
                self.desk.resume(self.name)
            case "calibrate":
                self.desk.calibrate(self.name)
            case _:
                raise Bug(f"{self.wish} is no wish")


# States


@dataclass(frozen=True, slots=True)
class LookAtPrinters:
    """They are being looked at."""

    name: str = ""
    settling: bool = False
    """Whether a roll was changed: what is in doubt is settled before it goes on."""


@dataclass(frozen=True, slots=True)
class ChoosePrinter:
    """Which one?"""

    printers: tuple[PrinterStand, ...]
    may_add: bool = False
    """Whether whoever is signed in may add printers, and take them off."""


@dataclass(frozen=True, slots=True)
class ShowPrinter:
    """How it is."""

    printer: PrinterStand


@dataclass(frozen=True, slots=True)
class LoadRoll:
    """It is held: change roll or ribbon, close it."""

    printer: PrinterStand


@dataclass(frozen=True, slots=True)
class Calibrating:
    """It measures its labels."""

    printer: PrinterStand


@dataclass(frozen=True, slots=True)
class ScanTest:
    """It prints a test label: scan it."""

    printer: PrinterStand
    test: WaitingJob


@dataclass(frozen=True, slots=True)
class SettleDoubt:
    """Nobody knows whether this one came out: is it there?"""

    printer: PrinterStand
    job: WaitingJob
    settling: bool = False


@dataclass(frozen=True, slots=True)
class Saving:
    """What was said is being written."""

    name: str
    note: str = ""
    settling: bool = False
    doubt: SettleDoubt | None = None
    """What was being settled: where it is refused, it is asked again, so that a supervisor can pass it."""


State = LookAtPrinters | ChoosePrinter | ShowPrinter | LoadRoll | Calibrating | ScanTest | SettleDoubt | Saving


class PrintersFlow(Questions):
    """Printers, and changing a roll."""

    NAME: ClassVar[str] = "printers"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtPrinters, Saving)

    def __init__(self, desk: PrinterDesk) -> None:
        """Stand at a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at all of them, or at the one that is named."""
        if not any(allowed(context.roles, each) for each in JOBS[self.NAME]):
            return Step(LookAtPrinters(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return Step(LookAtPrinters(argument), (self._wish("look"), self._look(argument)))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again, at the same one."""
        return self.begin(_name_of(state), at, cause, context)

    def answers(self, state: State) -> Answers:
        """Return the printers, and what can be done at one."""
        match state:
            case ChoosePrinter(printers=printers, may_add=may_add):
                return numbered((*(each.name for each in printers), "labels", *(("add",) if may_add else ())))
            case ShowPrinter(printer=one):
                return ({1: "elsewhere"} if one.waiting and one.fallback else {}) | ({2: "doubt"} if one.doubts else {})
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them, and the codes that are waited for."""
        match state:
            case ShowPrinter(printer=one) if one.has_roll:
                return (key("CONFIRM", "change roll"),)
            case LoadRoll():
                return (key("CONFIRM", "next"),)
            case ScanTest(test=test):
                return (Expect("parcel", test.code, "next"), key("NOTPRINTED", "not printed"))
            case SettleDoubt(job=job):
                keys = (key("YES", "it is here"), key("NOTPRINTED", "not printed"))
                return (Expect("parcel", job.code, "next"), *keys) if job.code else keys
            case _:
                return ()

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Show how they are, or what became of what was said."""
        match event:
            case Answered(query=AskPrinters(name=name), answer=tuple() as printers):
                return self._shown(state, name, printers, context)
            case Done() if isinstance(state, Saving):
                return self._saved(state, Play(Tone.ACCEPT))
            case Failed(refusal=refusal) if isinstance(state, Saving) and state.doubt is not None:
                return Step(state.doubt, (Refuse(refusal),))
            case Failed(refusal=refusal) if isinstance(state, Saving):
                return self._saved(state, Refuse(refusal))
            case _:
                return None

    def heard(self, state: State, event: PrintMoved, context: Context) -> Step:
        """Hear of a printer: how it is, how calibrating went; or of a job of the one that is shown."""
        name = _name_of(state)
        about = event.subject == printer_subject(name)
        match state, event.state:
            case Calibrating(printer=one), "calibrated" if about:
                base = context.stamp(event)
                command = PrintTestLabel(**base, printer=one.name, media=one.media)
                return Step(Saving(one.name), (Run(command),))
            case Calibrating(printer=one), "wrong_media" if about:
                facts: dict[str, str | int]
                facts = {"loaded": event.fault, "wanted": one.height_mm, "printer": one.name}
                return Step(LoadRoll(one), (Refuse(Refusal(Reason.WRONG_MEDIA, facts)),))
            case Calibrating(printer=one), "not_calibrated" if about:
                facts = {"printer": one.name, "fault": event.fault}
                return Step(LoadRoll(one), (Refuse(Refusal(Reason.NOT_CALIBRATED, facts)),))
            case ChoosePrinter() | ShowPrinter() | ScanTest() | SettleDoubt(), _:
                return Step(state, (self._look(name),))
            case _:
                return Step(state)

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead home from the printers, and to them from everywhere else."""
        match state:
            case ChoosePrinter() | LookAtPrinters():
                return Step(state, (Go("home"),))
            case LoadRoll(printer=one) | Calibrating(printer=one) | ScanTest(printer=one) | SettleDoubt(printer=one):
                # Who gives up leaves the printer as it was found: it goes on, and says itself what is wrong.
                return Step(LookAtPrinters(), (self._wish("resume", one.name), self._look("")))
            case _:
                return Step(LookAtPrinters(), (self._look(""),))

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Show a printer, send what waits elsewhere, settle what is in doubt."""
        match state, digit:
            case ChoosePrinter(printers=printers), n if n <= len(printers):
                return Step(ShowPrinter(printers[n - 1]), (Play(Tone.ACCEPT),))
            case ChoosePrinter(printers=printers), _:
                return Step(state, (Go("labels" if digit == len(printers) + 1 else ADD_PRINTER),))
            case ShowPrinter(printer=one), 1:
                return _elsewhere(one, event, context)
            case ShowPrinter(printer=one), _:
                return Step(SettleDoubt(one, one.doubts[0]), (Play(Tone.CAUTION),))
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Go on with a roll, or say what became of a label."""
        match state, event.verb:
            case ChoosePrinter(), Verb.PRINT:
                return Step(state, (Go("labels"),))
            case ShowPrinter(printer=one), Verb.CONFIRM if one.has_roll:
                return Step(LoadRoll(one), (self._wish("hold", one.name), Play(Tone.ACCEPT)))
            case LoadRoll(printer=one), Verb.CONFIRM:
                return Step(Calibrating(one), (self._wish("calibrate", one.name), Play(Tone.ACCEPT)))
            case ScanTest(printer=one), Verb.NOTPRINTED:
                return Step(LoadRoll(one), (Play(Tone.CAUTION),))
            case SettleDoubt(), Verb.YES:
                return _here(state, event, context)
            case SettleDoubt(), Verb.NOTPRINTED:
                return _again(state, event, context)
            case _:
                return None

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Take the code that is waited for, and say which one it is where another came."""
        match state:
            case ScanTest(printer=one, test=test) if said_by(event) == test.code:
                command = ConfirmPrintJob(**context.stamp(event), job=test.job, scanned=1)
                return Step(Saving(one.name, settling=True), (Run(command),))
            case SettleDoubt(job=job) if job.code and job.code in (
                said_by(event),
                *(each.code for each in event.candidates),
            ):
                return _here(state, event, context)
            case ShowPrinter(printer=one) if one.waiting and one.fallback and said_by(event) == one.fallback:
                return _elsewhere(one, event, context)
            case ScanTest(test=job) | SettleDoubt(job=job):
                facts = {"expected": job.code, "got": event.raw}
                return Step(state, (Refuse(Refusal(Reason.OTHER_LABEL, facts)),))
            case _:
                return None

    def _saved(self, state: Saving, told: Play | Refuse) -> Step:
        said = (Say(state.note, {"printer": state.name}),) if state.note and isinstance(told, Play) else ()
        settling = state.settling and isinstance(told, Play)
        return Step(LookAtPrinters(state.name, settling), (told, *said, self._look(state.name)))

    def _shown(self, state: State, name: str, printers: tuple[PrinterStand, ...], context: Context) -> Step:
        one = next((each for each in printers if each.name == name), None)
        if one is None:
            return Step(ChoosePrinter(printers[:PRINTERS_SHOWN], allowed(context.roles, SET_UP)))
        if isinstance(state, LookAtPrinters) and state.settling:
            if one.doubts:
                return Step(SettleDoubt(one, one.doubts[0], settling=True))
            said = Say(Note.ROLL_CHANGED, {"printer": one.name})
            return Step(ShowPrinter(replace(one, changing=False)), (self._wish("resume", one.name), said))
        if one.changing and one.test is not None:
            return Step(ScanTest(one, one.test))
        if isinstance(state, SettleDoubt):
            if state.job in one.doubts:
                return Step(SettleDoubt(one, state.job, state.settling))
            # The printer has said so late: nobody needs to look any more.
            return Step(LookAtPrinters(name, state.settling), (self._look(name),))
        return Step(ShowPrinter(one))

    def _look(self, name: str) -> Ask:
        return Ask(AskPrinters(self._desk, name))

    def _wish(self, wish: str, name: str = "") -> Start:
        return Start(AtPrinters(self._desk, wish, name))


def _elsewhere(one: PrinterStand, event: Pressed | Scanned, context: Context) -> Step:
    jobs = tuple(each.job for each in one.waiting)
    command = SendElsewhere(**context.stamp(event), jobs=jobs, printer=one.fallback)
    return Step(Saving(one.fallback, Note.SENT_ELSEWHERE), (Run(command),))


def _here(state: SettleDoubt, event: Pressed | Scanned, context: Context) -> Step:
    command = ConfirmPrintJob(**context.stamp(event), job=state.job.job)
    return Step(Saving(state.printer.name, settling=state.settling, doubt=state), (Run(command),))


def _again(state: SettleDoubt, event: Pressed, context: Context) -> Step:
    """Print it once more; a parcel's label by its parcel, which knows its job."""
    passed = int(REPRINT_LIMIT in context.overridden)
    base, job = context.stamp(event), state.job
    command = (
        ReprintLabel(**base, parcel=ParcelId(job.subject), reason=NOT_PRINTED, passed=passed)
        if job.document == HouseLabel.KIND
        else RepeatPrintJob(**base, job=job.job, reason=NOT_PRINTED, passed=passed)
    )
    return Step(Saving(state.printer.name, settling=state.settling, doubt=state), (Run(command),))


def _name_of(state: State) -> str:
    match state:
        case LookAtPrinters(name=name) | Saving(name=name):
            return name
        case ChoosePrinter():
            return ""
        case _:
            return state.printer.name


def said_by(event: Scanned) -> str:
    """Return what a code says, without the mark of its symbology."""
    return event.raw[_AIM:] if event.raw.startswith("]") else event.raw
