"""Adding a printer as a conversation: found or said, asked, proved by the scan of its test label, given its paper; taken off."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

import core.station.adding_printers as module
from core.kernel.executor import Done, Failed
from core.kernel.flow import Answered, Ask, Candidate, CodeKind, Go, Play, Refuse, Run, Say, Start, Step, Tone, Verb
from core.kernel.ids import CommandId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.printers.commands import RemovePrinter, SavePrinter, SaveRoute
from core.printers.model import PrinterRow, PrinterSeen, PrintRoute, Speech
from core.station.adding_printers import (
    Adding,
    AddPrinterFlow,
    AskPrinter,
    ChooseFound,
    ChooseGone,
    ChooseHead,
    ChooseKept,
    ChooseLanguage,
    ChoosePaper,
    ChooseSize,
    ConfirmGone,
    LookAtPapers,
    LookForPrinters,
    NamePrinter,
    ScanTrial,
    TakingOff,
)
from core.station.gear import again
from core.station.printer_trials import (
    AskFound,
    AskKept,
    AskName,
    AskSaid,
    Found,
    Kept,
    Trial,
    free_name,
    refuse_name,
)
from tests.diagrams import compare
from tests.playbook import context, pressed, scanned
from tests.support import NOON, SITE, STATION

IT, PACKER = context(roles="it"), context(roles="packer")
HERE = STATION.hex()
CAUSE = CommandId(b"c" * 16)
ZEBRA = Found(address="tcp:10.0.0.7:9100", name="ZD421", languages=("zpl",))
USB = Found(address="usb:/dev/usb/lp0", name="TTP-244")
P7 = PrinterRow(
    SITE, "P-07", "tcp:10.0.0.9:9100", "zpl", "", 203, 1016, 1524, "", "", 30, None, None, Speech.ANSWERS, 3
)
ASKED = Trial(
    address=ZEBRA.address, languages=("zpl",), asking=False, answers=True, language="zpl", dpi=203, model="ZD421",
    firmware="V84", labels=12, length_tenths=1524,
)  # fmt: skip
SIZED = replace(ASKED, width_tenths=1016, height_tenths=1524)
TESTED = replace(SIZED, name="P-08", code="TEST-00AB12")
CLONE = Trial(address="tcp:10.0.0.8:9100", asking=False)
PERSON = Candidate(kind=CodeKind.PERSON, target=b"p", code="B-1", label="Dana")


@dataclass
class Desk:
    """A desk that keeps what it was wished, and whose trial is what it is told."""

    now: Trial = field(default_factory=Trial)
    wishes: list[tuple[str, Trial | None]] = field(default_factory=list)

    def found(self) -> tuple[Found, ...]:
        return (ZEBRA, USB)

    def address_of(self, said: str) -> str:
        return f"tcp:{said}:9100" if said.startswith("10.") else ""

    def size_of(self, said: str) -> tuple[int, int] | None:
        return (800, 500) if said == "80x50" else None

    def trial(self) -> Trial:
        return self.now

    def ask(self, trial: Trial) -> None:
        self.wishes.append(("ask", trial))
        self.now = trial

    def print(self, trial: Trial) -> None:
        self.wishes.append(("print", trial))
        self.now = trial

    def give_up(self) -> None:
        self.wishes.append(("give up", None))


class Bench:
    """The flow with its desk and the site's rows: what it asks is answered, what it runs is kept."""

    def __init__(self, *rows: PrinterRow, routes: tuple[PrintRoute, ...] = (), where: Any = IT) -> None:
        self.desk, self.rows, self.routes, self.where = Desk(), rows, routes, where
        self.flow = AddPrinterFlow(self.desk)
        self.runs: list[Run] = []
        self.said: list[object] = []
        self.state: Any = None
        self.pairs: set[tuple[str, str]] = set()
        self.take(self.flow.begin("", NOON, CAUSE, where))

    def take(self, step: Step) -> "Bench":
        if self.state is not None and type(self.state) is not type(step.state):
            self.pairs.add((type(self.state).__name__, type(step.state).__name__))
        self.state = step.state
        self.said = []
        for effect in step.effects:
            match effect:
                case Start(work=work):
                    work.start()
                case Run():
                    self.runs.append(effect)
                case Ask(query=query):
                    said = self.said
                    self.take(
                        self.flow.handle(self.state, Answered(query, self.answer(query), NOON, CAUSE), self.where)
                    )
                    self.said = said + self.said
                case _:
                    self.said.append(effect)
        return self

    def answer(self, query: Any) -> Any:
        match query:
            case AskFound():
                return self.desk.found(), self.rows
            case AskKept():
                return Kept(HERE, self.rows, self.routes)
            case AskName():
                return free_name(each.name for each in self.rows)
            case AskSaid(about="name", said=said):
                return module.Said(name=said, refusal=refuse_name(said, self.rows))
            case AskSaid(about="size", said=said):
                size = self.desk.size_of(said)
                refusal = None if size else Refusal(Reason.NO_SUCH_SIZE, {"got": said})
                return module.Said(refusal=refusal, width_tenths=(size or (0, 0))[0], height_tenths=(size or (0, 0))[1])
            case AskSaid(said=said):
                address = self.desk.address_of(said)
                there = next((each.name for each in self.rows if each.address == address), "")
                refusal = None if address else Refusal(Reason.NO_SUCH_ADDRESS, {"got": said})
                return module.Said(refusal=refusal, address=address, printer=there)
            case _:
                raise AssertionError(query)

    def press(self, verb: Verb, argument: str = "") -> "Bench":
        return self.take(self.flow.handle(self.state, pressed(verb, argument), self.where))

    def scan(self, raw: str) -> "Bench":
        return self.take(self.flow.handle(self.state, scanned(raw=raw), self.where))

    def looks(self, trial: Trial) -> "Bench":
        """Let the trial be so, and the window look at it."""
        self.desk.now = trial
        return self.take(self.flow.begin("trial", NOON, CAUSE, self.where))

    def done(self) -> "Bench":
        return self.take(self.flow.handle(self.state, Done(CAUSE, NOON), self.where))

    def failed(self, reason: Reason = Reason.CHANGED_MEANWHILE) -> "Bench":
        return self.take(self.flow.handle(self.state, Failed(CAUSE, Refusal(reason)), self.where))


def refused(it: Bench) -> Reason:
    [refusal] = [each for each in it.said if isinstance(each, Refuse)]
    return refusal.refusal.reason


def asked(*rows: PrinterRow, **more: Any) -> Bench:
    """A printer that was chosen and says what it is."""
    return Bench(*rows, **more).press(Verb.QTY, "1").looks(ASKED)


def proved(*rows: PrinterRow, **more: Any) -> Bench:
    """One whose test label is out."""
    return asked(*rows, **more).press(Verb.QTY, "1").press(Verb.QTY, "1").looks(replace(TESTED, name="P-01"))


def test_only_whoever_may_set_stations_up_adds_printers() -> None:
    it = Bench(where=PACKER)
    assert it.said == [Refuse(Refusal(Reason.NOT_ALLOWED)), Go("printers")]


def test_a_printer_that_answers_is_added_by_the_scan_of_its_label_and_given_its_paper() -> None:
    it = Bench()
    assert it.state == ChooseFound((ZEBRA, USB), ())
    it.press(Verb.QTY, "1")
    assert it.state == AskPrinter(Trial(address=ZEBRA.address, languages=("zpl",)))
    assert it.desk.wishes == [("ask", it.state.trial)]
    assert it.looks(ASKED).state == ChooseSize(ASKED)
    assert it.press(Verb.QTY, "1").state == NamePrinter(SIZED, "P-01")
    it.press(Verb.QTY, "1")
    assert it.state == ScanTrial(replace(SIZED, name="P-01"))
    assert it.desk.wishes[-1] == ("print", it.state.trial)
    it.looks(replace(TESTED, name="P-01"))
    assert not it.runs
    it.scan("]C0TEST-00AB12")

    [run] = it.runs
    assert isinstance(run.command, SavePrinter)
    row = run.command.printer
    assert (row.name, row.address, row.language, row.dpi) == ("P-01", "tcp:10.0.0.7:9100", "zpl", 203)
    assert (row.width_tenths, row.height_tenths, row.gap_tenths) == (1016, 1524, 30)
    assert (row.speech, row.version, run.command.base_version, row.station) == (Speech.ANSWERS, 1, 0, "")
    assert run.beside == {PrinterSeen: [(SITE, "P-01", "ZD421", "V84", 12, NOON)]}
    it.rows = (row,)
    it.done()
    assert it.state == ChoosePaper("P-01", Kept(HERE, (row,), ()))
    assert Say(Note.PRINTER_ADDED, {"printer": "P-01"}) in it.said

    it.press(Verb.QTY, "1")
    route = it.runs[-1].command
    assert isinstance(route, SaveRoute)
    assert (route.route.document, route.route.printer, route.route.station) == ("label", "P-01", HERE)
    it.done().press(Verb.CONFIRM)
    assert Go("printers") in it.said


def test_a_clone_is_described_by_a_person_and_marked_as_one_that_only_listens() -> None:
    it = Bench().scan("10.0.0.8").looks(CLONE)
    assert (it.state, it.said) == (ChooseLanguage(CLONE), [Play(Tone.CAUTION)])
    it.press(Verb.QTY, "2").press(Verb.QTY, "1")
    assert it.state == ChooseSize(replace(CLONE, language="tspl", dpi=203))
    it.scan("80x50").scan("T-1").looks(replace(it.state.trial, code="TEST-1"))
    it.scan("TEST-1")
    [run] = it.runs
    assert isinstance(run.command, SavePrinter)
    row = run.command.printer
    assert (row.language, row.dpi, row.width_tenths, row.speech) == ("tspl", 203, 800, Speech.ONE_WAY)
    assert run.beside == {}


def test_what_says_its_language_alone_is_asked_about_its_head() -> None:
    it = Bench().press(Verb.QTY, "2").looks(replace(CLONE, answers=True, language="epl2"))
    assert isinstance(it.state, ChooseHead)


def test_a_printer_that_hangs_on_this_computer_is_this_stations_alone() -> None:
    for address, station in (("usb:/dev/usb/lp0", HERE), ("windows:Q", HERE), ("ipp://h/ipp", ""), ("tcp:h:9100", "")):
        assert replace(TESTED, address=address).row(SITE, STATION).station == station
    assert replace(TESTED, continuous=True).row(SITE, STATION).gap_tenths == 0
    assert replace(TESTED, language="pdf").row(SITE, STATION).gap_tenths == 0


@pytest.mark.parametrize("troubles", ["unreachable", "in_use", "other_head", "simulated"])
def test_one_that_cannot_be_asked_waits_and_is_asked_again_by_itself_or_by_a_key(troubles: str) -> None:
    it = Bench().press(Verb.QTY, "1").looks(Trial(address=ZEBRA.address, troubles=troubles))
    assert (again(it.state), type(it.state)) == (("add_printer", "trial"), AskPrinter)
    it.press(Verb.CONFIRM)
    assert it.desk.wishes[-1] == ("ask", Trial(address=ZEBRA.address))
    it.looks(ASKED)
    assert (again(it.state), it.state) == (None, ChooseSize(ASKED))


def test_an_address_a_size_and_a_name_that_will_not_do_are_refused_with_what_to_do() -> None:
    it = Bench(P7)
    assert refused(it.scan("MUG-350-BLUE")) is Reason.NO_SUCH_ADDRESS
    it.press(Verb.QTY, "1").looks(ASKED)
    assert refused(it.scan("tiny")) is Reason.NO_SUCH_SIZE
    it.press(Verb.QTY, "1")
    assert refused(it.scan("P-07")) is Reason.PRINTER_NAMED
    assert it.said == [Refuse(Refusal(Reason.PRINTER_NAMED, {"printer": "P-07", "address": P7.address}))]
    assert refused(it.scan("P\n07")) is Reason.NO_SUCH_NAME
    assert isinstance(it.state, NamePrinter)
    assert isinstance(it.scan("P-08").state, ScanTrial)


def test_a_badge_is_no_address_no_size_and_no_name() -> None:
    for it in (Bench(), asked(), asked().press(Verb.QTY, "1"), proved()):
        before = it.state
        it.take(it.flow.handle(it.state, scanned(PERSON), IT))
        assert (it.state, refused(it)) == (before, Reason.COMMAND_NOT_NOW)


def test_another_label_adds_nothing_and_one_that_did_not_come_out_is_printed_again() -> None:
    it = proved().scan("TEST-000000")
    assert (refused(it), it.runs) == (Reason.OTHER_LABEL, [])
    it.press(Verb.NOTPRINTED)
    assert (it.desk.wishes[-1:], type(it.state)) == ([("print", replace(TESTED, name="P-01"))], ScanTrial)
    silent = replace(TESTED, answers=False)
    it.looks(silent).press(Verb.NOTPRINTED)
    assert (it.desk.wishes[-1:], it.state) == ([("give up", None)], ChooseLanguage(replace(silent, name="", code="")))


def test_a_size_of_which_no_label_can_be_made_is_said_again() -> None:
    it = proved().looks(replace(TESTED, fault="paper: too small"))
    assert it.state == ChooseSize(replace(TESTED, name=""))
    assert it.said == [Refuse(Refusal(Reason.NO_SUCH_SIZE, {"got": "101.6x152.4"}))]


def test_a_printer_that_somebody_added_meanwhile_is_refused_and_its_label_still_waits() -> None:
    it = proved().scan("TEST-00AB12").failed()
    assert (refused(it), it.state) == (Reason.CHANGED_MEANWHILE, ScanTrial(replace(TESTED, name="P-01")))


def test_the_address_of_a_printer_that_is_there_leads_to_its_paper() -> None:
    it = Bench(P7).scan("10.0.0.9")
    assert it.state == ChoosePaper("P-07", Kept(HERE, (P7,), ()))
    assert Say(Note.PRINTER_KNOWN, {"printer": "P-07"}) in it.said
    assert not it.desk.wishes


def test_paper_goes_from_here_with_the_one_before_as_fallback_and_is_taken_back_by_the_same_key() -> None:
    other = replace(P7, name="P-01", address="tcp:10.0.0.1:9100")
    wide = PrintRoute(SITE, "", "label", "", "", "", 0, "", "P-01", "", 2)
    it = Bench(other, P7, routes=(wide,)).press(Verb.QTY, "8").press(Verb.QTY, "2").press(Verb.QTY, "1")
    command = it.runs[-1].command
    assert isinstance(command, SaveRoute)
    route = command.route
    assert (route.printer, route.fallback, route.station, command.base_version) == ("P-07", "P-01", HERE, 0)
    it.routes = (wide, route)
    it.done().press(Verb.QTY, "1")
    back = it.runs[-1].command
    assert isinstance(back, SaveRoute)
    assert (back.route.printer, back.route.station, back.base_version) == ("", HERE, 1)
    assert refused(it.failed()) is Reason.CHANGED_MEANWHILE


def test_a_printer_is_taken_off_after_a_question_with_what_goes_to_it() -> None:
    mine = PrintRoute(SITE, "", "label", "", "", "", 0, "", "P-07", "", 2)
    it = Bench(P7, routes=(mine, replace(mine, document="document", printer="P-01"))).press(Verb.QTY, "9")
    it.press(Verb.QTY, "1")
    assert (it.state, it.said) == (ConfirmGone("P-07"), [Play(Tone.CAUTION)])
    it.press(Verb.YES)
    command = it.runs[-1].command
    assert isinstance(command, RemovePrinter)
    assert (command.printer, command.routes, command.base_version) == ("P-07", (mine,), 3)
    it.rows = ()
    it.done()
    assert Say(Note.PRINTER_GONE, {"printer": "P-07"}) in it.said
    assert it.state == ChooseFound((ZEBRA, USB), ())
    assert refused(it.press(Verb.QTY, "9")) is Reason.COMMAND_NOT_NOW


def test_one_that_somebody_took_off_meanwhile_is_said() -> None:
    it = Bench(P7).press(Verb.QTY, "9").press(Verb.QTY, "1")
    it.rows = ()
    assert refused(it.press(Verb.YES)) is Reason.NOT_FOUND
    assert isinstance(it.state, ChooseFound)


def test_the_diagram_is_the_flow() -> None:
    walks = [proved().scan("TEST-00AB12").done().press(Verb.QTY, "1").done().press(Verb.NO)]
    walks.append(proved().scan("TEST-00AB12").failed().press(Verb.NO))
    walks.append(Bench(P7).scan("10.0.0.9"))
    walks.append(Bench(P7).press(Verb.QTY, "8").press(Verb.QTY, "1"))
    walks.append(Bench(P7).press(Verb.QTY, "9").press(Verb.QTY, "1").press(Verb.YES).done())
    walks.append(Bench().press(Verb.CONFIRM))
    clone = Bench().scan("10.0.0.8").looks(CLONE).press(Verb.QTY, "1").press(Verb.QTY, "1").press(Verb.QTY, "1")
    walks += [clone.press(Verb.QTY, "1").press(Verb.NOTPRINTED)]
    walks.append(Bench().scan("10.0.0.8").looks(replace(CLONE, language="zpl")).press(Verb.NO))
    walks.append(proved().looks(replace(TESTED, fault="too small")))
    backs: tuple[Bench, ...] = (
        Bench().press(Verb.QTY, "1"), Bench().scan("10.0.0.8").looks(CLONE), asked(), asked().press(Verb.QTY, "1"),
        Bench(P7).press(Verb.QTY, "8"), Bench(P7).press(Verb.QTY, "9"), Bench(P7).press(Verb.QTY, "9").press(Verb.QTY, "1"),
    )  # fmt: skip
    walks += [each.press(Verb.NO) for each in backs]
    kinds = (
        LookForPrinters, ChooseFound, AskPrinter, ChooseLanguage, ChooseHead, ChooseSize, NamePrinter, ScanTrial, Adding,
        LookAtPapers, ChoosePaper, ChooseKept, ChooseGone, ConfirmGone, TakingOff,
    )  # fmt: skip

    pairs = {pair for walk in walks for pair in walk.pairs}
    compare(module, pairs)
    assert {each.__name__ for each in kinds} == {name for pair in pairs for name in pair}
