"""Printers are added here: one is found or its address said, asked what it is, and proved by its test label; and taken off.

Whoever sets a station up has a printer before them, switched on and with labels in it. Those that announce themselves or are
plugged in are named, and none of them is taken for that; another one's address is scanned or typed. The station asks the
printer what it is; what it does not say (a clone says nothing) a person says. Then it prints a test label with the name that
is to stand on it. Its scan adds the printer: so it prints, legibly, on paper of that size, and is the one that somebody
stands at. Last it is said which paper goes to it from here. Nothing is kept of a printer whose label nobody scanned.

    LookForPrinters --looked--> ChooseFound
    ChooseFound --answer, scan of an address--> AskPrinter
    ChooseFound --scan of the address of one that is there--> LookAtPapers
    ChooseFound --QTY-8--> ChooseKept
    ChooseFound --QTY-9--> ChooseGone
    ChooseFound --CONFIRM--> LookForPrinters
    AskPrinter --it says what it is--> ChooseSize
    AskPrinter --it says its language alone--> ChooseHead
    AskPrinter --it says nothing--> ChooseLanguage
    ChooseLanguage --answer--> ChooseHead
    ChooseHead --answer--> ChooseSize
    ChooseSize --answer, scan of a size--> NamePrinter
    NamePrinter --answer, scan of a name--> ScanTrial
    ScanTrial --no label of that size can be made--> ChooseSize
    ScanTrial --NOTPRINTED, and it says nothing--> ChooseLanguage
    ScanTrial --scan of its code--> Adding
    Adding --added--> LookAtPapers
    Adding --not added--> ScanTrial
    ChooseKept --answer--> LookAtPapers
    LookAtPapers --looked--> ChoosePaper
    ChoosePaper --answer--> LookAtPapers
    ChooseGone --answer--> ConfirmGone
    ConfirmGone --YES--> TakingOff
    TakingOff --done--> LookForPrinters
    AskPrinter, ChooseLanguage, ChooseHead, ChooseSize, NamePrinter, ScanTrial --NO--> LookForPrinters
    ChooseKept, ChoosePaper, ChooseGone, ConfirmGone --NO--> LookForPrinters

ChoosePaper leads to the printers by CONFIRM, and ChooseFound by NO.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Say,
    Scanned,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import ByClass
from core.people.roles import allowed
from core.printers.adding import adding, assigning, removing
from core.printers.model import PrinterRow, PrinterSeen, PrintRoute
from core.station.menu import ADD_PRINTER, PRINTERS
from core.station.printer_trials import (
    HEADS,
    LANGUAGES,
    LISTED,
    PAPERS,
    SIZES,
    AskFound,
    AskKept,
    AskName,
    AskSaid,
    Found,
    Kept,
    Said,
    Trial,
    TrialDesk,
    TryPrinter,
)
from core.station.printers import SET_UP, said_by
from core.station.questions import Answers, Questions, key, numbered

_KEPT, _GONE = 8, 9


@dataclass(frozen=True, slots=True)
class LookForPrinters:
    """It is being looked which there are."""


@dataclass(frozen=True, slots=True)
class ChooseFound:
    """Which printer is to be added?"""

    found: tuple[Found, ...]
    """Those that have a digit."""
    kept: tuple[PrinterRow, ...]
    """The site's printers that this station may use."""


@dataclass(frozen=True, slots=True)
class AskPrinter:
    """It is asked what it is: look after it, where that is needed."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class ChooseLanguage:
    """It does not say what it speaks: which language does it print?"""

    trial: Trial


@dataclass(frozen=True, slots=True)
class ChooseHead:
    """How fine is its head?"""

    trial: Trial


@dataclass(frozen=True, slots=True)
class ChooseSize:
    """How large is what is loaded?"""

    trial: Trial


@dataclass(frozen=True, slots=True)
class NamePrinter:
    """What is it to be called?"""

    trial: Trial
    proposed: str
    """The first name of its kind that no printer has."""


@dataclass(frozen=True, slots=True)
class ScanTrial:
    """Scan its test label."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class Adding:
    """It is being written."""

    trial: Trial


@dataclass(frozen=True, slots=True)
class ChoosePaper:
    """Which paper goes to it from here?"""

    printer: str
    kept: Kept


@dataclass(frozen=True, slots=True)
class LookAtPapers:
    """What goes to it is being written, or looked up."""

    printer: str


@dataclass(frozen=True, slots=True)
class ChooseKept:
    """Of which printer?"""

    kept: tuple[PrinterRow, ...]


@dataclass(frozen=True, slots=True)
class ChooseGone:
    """Which one is taken off?"""

    kept: tuple[PrinterRow, ...]


@dataclass(frozen=True, slots=True)
class ConfirmGone:
    """Is it really taken off?"""

    printer: str


@dataclass(frozen=True, slots=True)
class TakingOff:
    """It is being taken off."""

    printer: str


State = (
    LookForPrinters | ChooseFound | AskPrinter | ChooseLanguage | ChooseHead | ChooseSize | NamePrinter | ScanTrial | Adding
    | ChoosePaper | LookAtPapers | ChooseKept | ChooseGone | ConfirmGone | TakingOff
)  # fmt: skip


def looks_again(state: Any) -> str | None:
    """Return the argument that begins the flow at a state anew, where that changes by itself; None where it does not."""
    match state:
        case ChooseFound():
            return "found"
        case AskPrinter() | ScanTrial():
            return "trial"
        case _:
            return None


class AddPrinterFlow(Questions):
    """Printers are added, given their paper, and taken off."""

    NAME: ClassVar[str] = ADD_PRINTER
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookForPrinters, Adding, LookAtPapers, TakingOff)

    def __init__(self, desk: TrialDesk) -> None:
        """Ask a desk."""
        self._desk = desk

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look for printers; or at the trial that goes on."""
        if not allowed(context.roles, SET_UP):
            return Step(LookForPrinters(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go(PRINTERS)))
        return self._stand(self._desk.trial()) if argument == "trial" else self._look(context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again; nothing is tried out any more."""
        return self._look(context, self._wish("give_up"))

    # What can be answered

    def answers(self, state: State) -> Answers:
        """Return what was found, or what the question of a state can be answered by."""
        match state:
            case ChooseFound(found=found, kept=kept):
                more = {_KEPT: "paper", _GONE: "take off"} if kept else {}
                return numbered(each.name for each in found) | more
            case ChooseLanguage():
                return numbered(LANGUAGES)
            case ChooseHead():
                return numbered(map(str, HEADS))
            case ChooseSize(trial=trial):
                return numbered(each.name for each in SIZES[trial.on_sheets])
            case NamePrinter(proposed=proposed):
                return {1: proposed}
            case ChoosePaper():
                return numbered(PAPERS)
            case ChooseKept(kept=kept) | ChooseGone(kept=kept):
                return numbered(each.name for each in kept[:_GONE])
            case _:
                return {}

    def takes(self, state: State) -> tuple[Expect, ...]:
        """Return the keys beside them, and the code that is waited for."""
        match state:
            case ChooseFound():
                return (key("CONFIRM", "again"),)
            case AskPrinter() if state.trial.troubles:
                return (key("CONFIRM", "again"),)
            case ScanTrial(trial=trial):
                return (Expect("parcel", trial.code, "next"), key("NOTPRINTED", "not printed"))
            case ChoosePaper():
                return (key("CONFIRM", "next"),)
            case ConfirmGone():
                return (key("YES", "next"),)
            case _:
                return ()

    def back(self, state: State, event: Pressed, context: Context) -> Step:
        """Lead to the printers from the list, and to the list from everywhere else."""
        if isinstance(state, ChooseFound):
            return Step(state, (self._wish("give_up"), Go(PRINTERS)))
        return self._look(context, self._wish("give_up"))

    def chosen(self, state: State, digit: int, event: Pressed, context: Context) -> Step | None:
        """Go on with what is chosen."""
        match state, digit:
            case ChooseFound(kept=kept), n if n == _KEPT:
                return Step(ChooseKept(kept), (Play(Tone.ACCEPT),))
            case ChooseFound(kept=kept), n if n == _GONE:
                return Step(ChooseGone(kept), (Play(Tone.ACCEPT),))
            case ChooseFound(found=found), _:
                return self._ask(Trial(address=found[digit - 1].address, languages=found[digit - 1].languages))
            case ChooseLanguage(trial=trial), _:
                return Step(ChooseHead(replace(trial, language=LANGUAGES[digit - 1])), (Play(Tone.ACCEPT),))
            case ChooseHead(trial=trial), _:
                return Step(ChooseSize(replace(trial, dpi=HEADS[digit - 1])), (Play(Tone.ACCEPT),))
            case ChooseSize(trial=trial), _:
                size = SIZES[trial.on_sheets][digit - 1]
                return _sized(trial, size.width_tenths, size.height_tenths, context)
            case NamePrinter(proposed=proposed), _:
                return Step(state, (Ask(AskSaid(self._desk, "name", proposed, context.site)),))
            case ChoosePaper(printer=printer, kept=kept), _:
                return _assigned(printer, PAPERS[digit - 1], kept, event, context)
            case ChooseKept(kept=kept), _:
                return self._papers(kept[digit - 1].name, context)
            case ChooseGone(kept=kept), _:
                return Step(ConfirmGone(kept[digit - 1].name), (Play(Tone.CAUTION),))
            case _:
                return None

    def pressed(self, state: State, event: Pressed, context: Context) -> Step | None:
        """Look or ask again, print once more, go on, take off."""
        match state, event.verb:
            case ChooseFound(), Verb.CONFIRM:
                return self._look(context)
            case AskPrinter(trial=trial), Verb.CONFIRM if trial.troubles:
                return self._ask(Trial(address=trial.address, languages=trial.languages))
            case ScanTrial(trial=trial), Verb.NOTPRINTED if trial.answers:
                return Step(state, (self._wish("print", trial), Play(Tone.CAUTION)))
            case ScanTrial(trial=trial), Verb.NOTPRINTED:
                # Of one that says nothing, what somebody said may have been wrong.
                return Step(
                    ChooseLanguage(replace(trial, name="", code="")), (self._wish("give_up"), Play(Tone.CAUTION))
                )
            case ChoosePaper(), Verb.CONFIRM:
                return Step(state, (self._wish("give_up"), Go(PRINTERS)))
            case ConfirmGone(printer=printer), Verb.YES:
                return Step(state, (Ask(AskKept(context.site, context.station, printer)),))
            case _:
                return None

    def scanned(self, state: State, event: Scanned, context: Context) -> Step | None:
        """Take an address, a size, a name, or the test label's code; a badge's code is a secret, and nothing of these."""
        if event.of(CodeKind.PERSON):
            return None
        match state:
            case ChooseFound():
                return Step(state, (Ask(AskSaid(self._desk, "address", said_by(event), context.site)),))
            case ChooseSize():
                return Step(state, (Ask(AskSaid(self._desk, "size", said_by(event), context.site)),))
            case NamePrinter():
                return Step(state, (Ask(AskSaid(self._desk, "name", said_by(event), context.site)),))
            case ScanTrial(trial=trial) if said_by(event) == trial.code:
                row = trial.row(context.site, context.station)
                seen = (context.site, trial.name, trial.model, trial.firmware, trial.labels, event.at)
                beside: ByClass = {PrinterSeen: [seen]} if trial.answers else {}
                return Step(Adding(trial), (Run(adding(context.stamp(event), row, None), beside),))
            case ScanTrial(trial=trial):
                facts: dict[str, str | int] = {"expected": trial.code, "got": event.raw}
                return Step(state, (Refuse(Refusal(Reason.OTHER_LABEL, facts)),))
            case _:
                return None

    # What comes back

    def came(self, state: State, event: Any, context: Context) -> Step | None:
        """Take what was looked up and what was written."""
        match state, event:
            case NamePrinter(trial=trial), Answered(query=AskName(), answer=str() as proposed):
                return Step(NamePrinter(trial, proposed))
            case _, Answered():
                return self._answered(state, event, context)
            case Adding(trial=trial), Done():
                added = Say(Note.PRINTER_ADDED, {"printer": trial.name})
                return self._papers(trial.name, context, Play(Tone.DONE), added, self._wish("give_up"))
            case Adding(trial=trial), Failed(refusal=refusal):
                return Step(ScanTrial(trial), (Refuse(refusal),))
            case LookAtPapers(printer=printer), Done():
                return self._papers(printer, context, Play(Tone.ACCEPT))
            case LookAtPapers(printer=printer), Failed(refusal=refusal):
                return self._papers(printer, context, Refuse(refusal))
            case TakingOff(printer=printer), Done():
                return self._look(context, Play(Tone.ACCEPT), Say(Note.PRINTER_GONE, {"printer": printer}))
            case TakingOff(), Failed(refusal=refusal):
                return self._look(context, Refuse(refusal))
            case _:
                return None

    def _answered(self, state: State, event: Answered, context: Context) -> Step | None:
        match state, event.query, event.answer:
            case LookForPrinters() | ChooseFound(), AskFound(), (found, kept):
                return Step(ChooseFound(found[:LISTED], kept))
            case _, AskSaid(), Said() as said:
                return self._said(state, said, context)
            case ConfirmGone(printer=name), AskKept(), Kept() as kept:
                row = kept.called(name)
                if row is None:
                    return self._look(context, Refuse(Refusal(Reason.NOT_FOUND, {"got": name})))
                return Step(TakingOff(name), (Run(removing(context.stamp(event), row, kept.routes)),))
            case _, AskKept(printer=name), Kept() as kept:
                return Step(ChoosePaper(name, kept))
            case _:
                return None

    def _said(self, state: State, said: Said, context: Context) -> Step | None:
        """Go on with an address, a size or a name that was said, or tell why it will not do."""
        if said.refusal is not None:
            return Step(state, (Refuse(said.refusal),))
        match state:
            case ChooseFound() if said.printer:
                return self._papers(said.printer, context, Say(Note.PRINTER_KNOWN, {"printer": said.printer}))
            case ChooseFound():
                return self._ask(Trial(address=said.address))
            case ChooseSize(trial=trial):
                return _sized(trial, said.width_tenths, said.height_tenths, context)
            case NamePrinter(trial=trial):
                named = replace(trial, name=said.name)
                return Step(ScanTrial(named), (self._wish("print", named), Play(Tone.ACCEPT)))
            case _:
                return None

    def _stand(self, trial: Trial) -> Step:
        """Return the step that a trial has reached by itself."""
        if trial.fault:
            size = f"{trial.width_tenths / 10:g}x{trial.height_tenths / 10:g}"
            return Step(
                ChooseSize(replace(trial, name="", fault="")), (Refuse(Refusal(Reason.NO_SUCH_SIZE, {"got": size})),)
            )
        if trial.name:
            return Step(ScanTrial(trial))
        if trial.asking or trial.troubles:
            return Step(AskPrinter(trial))
        if not trial.language:
            return Step(ChooseLanguage(trial), (Play(Tone.CAUTION),))
        return Step(ChooseSize(trial) if trial.dpi else ChooseHead(trial), (Play(Tone.DONE),))

    def _ask(self, trial: Trial) -> Step:
        return Step(AskPrinter(trial), (self._wish("ask", trial), Play(Tone.ACCEPT)))

    def _papers(self, printer: str, context: Context, *effects: Effect) -> Step:
        return Step(LookAtPapers(printer), (*effects, Ask(AskKept(context.site, context.station, printer))))

    def _look(self, context: Context, *effects: Effect) -> Step:
        return Step(LookForPrinters(), (*effects, Ask(AskFound(self._desk, context.site, context.station))))

    def _wish(self, wish: str, trial: Trial | None = None) -> Start:
        return Start(TryPrinter(self._desk, wish, trial))


def _sized(trial: Trial, width_tenths: int, height_tenths: int, context: Context) -> Step:
    sized = replace(trial, width_tenths=width_tenths, height_tenths=height_tenths)
    return Step(NamePrinter(sized, ""), (Play(Tone.ACCEPT), Ask(AskName(context.site))))


def _assigned(printer: str, paper: str, kept: Kept, event: Pressed, context: Context) -> Step:
    """Give a paper to a printer from this station, with the one it went to as the fallback; or take it away again."""
    before = kept.now(paper)
    own = before is not None and before.station != "" and before.printer == printer
    fallback = "" if before is None or before.printer == printer else before.printer
    there = kept.called(fallback)
    usable = there is not None and there.station in ("", context.station.hex())
    route = PrintRoute(
        context.site,
        context.station.hex(),
        paper,
        "",
        "",
        "",
        0,
        "",
        "" if own else printer,
        fallback if usable else "",
        0,
    )
    return Step(LookAtPapers(printer), (Run(assigning(context.stamp(event), route, kept.routes)),))
