"""Changing a roll: held, measured, a test label scanned, what is in doubt settled, and only then it goes on."""

from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

import core.station.printers as module
from core.kernel.executor import Done, Failed
from core.kernel.flow import Ask, Go, PrintMoved, Refuse, Run, Say, Start, Step, Verb
from core.kernel.ids import CommandId, JobId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.commands import ReprintLabel
from core.printers.commands import REPRINT_LIMIT, ConfirmPrintJob, PrintTestLabel, RepeatPrintJob, SendElsewhere
from core.printers.model import printer_subject
from core.station.printers import (
    Calibrating,
    ChoosePrinter,
    LoadRoll,
    PrintersFlow,
    PrinterStand,
    ScanTest,
    SettleDoubt,
    ShowPrinter,
    WaitingJob,
)
from tests.diagrams import compare
from tests.playbook import context, pressed, scanned
from tests.support import NOON

PACKER = context(roles="packer")
JOB, TEST_JOB = JobId(b"job-000000000001"), JobId(b"job-000000000009")
DOUBT = WaitingJob(JOB, "quarantine_label", "Q-000417", b"s")
TEST = WaitingJob(TEST_JOB, "workstation_label", "TEST-00AB12", printer_subject("P-07"))
P7 = PrinterStand(name="P-07", place="left", width_mm=102, height_mm=152)
P8 = PrinterStand(name="P-08", place="4 m left")


@dataclass
class Desk:
    """Printers that are as they are told, and remember what was wished."""

    stands: tuple[PrinterStand, ...] = (P7, P8)
    wishes: list[str] = field(default_factory=list)

    def stand(self, _connection: sa.Connection) -> tuple[PrinterStand, ...]:
        return self.stands

    def look(self) -> None:
        self.wishes.append("look")

    def hold(self, name: str) -> None:
        self.wishes.append(f"hold {name}")

    def resume(self, name: str) -> None:
        self.wishes.append(f"resume {name}")

    def calibrate(self, name: str) -> None:
        self.wishes.append(f"calibrate {name}")


class Bench:
    """The flow with its desk: what it asks is answered, what it starts begins, what it runs is kept."""

    def __init__(self, *stands: PrinterStand) -> None:
        self.desk = Desk(stands or (P7, P8))
        self.flow = PrintersFlow(self.desk)
        self.commands: list[object] = []
        self.said: list[object] = []
        self.state: object = None
        self.pairs: set[tuple[str, str]] = set()
        self.take(self.flow.begin("", NOON, CommandId(b"c" * 16), PACKER))

    def take(self, step: Step) -> None:
        if self.state is not None and type(self.state) is not type(step.state):
            self.pairs.add((type(self.state).__name__, type(step.state).__name__))
        self.state = step.state
        for effect in step.effects:
            match effect:
                case Start(work=work):
                    work.start()
                case Run(command=command):
                    self.commands.append(command)
                case Ask(query=query):
                    answered = module.Answered(query, query.run(None), NOON, CommandId(b"c" * 16))
                    self.take(self.flow.handle(self.state, answered, PACKER))
                case _:
                    self.said.append(effect)

    def press(self, verb: Verb, argument: str = "") -> "Bench":
        self.take(self.flow.handle(self.state, pressed(verb, argument), PACKER))
        return self

    def scan(self, raw: str) -> "Bench":
        self.take(self.flow.handle(self.state, scanned(raw=raw), PACKER))
        return self

    def news(self, state: str, fault: str = "", name: str = "P-07") -> "Bench":
        event = PrintMoved(
            id=CommandId(b"n" * 16), at=NOON, job=b"", subject=printer_subject(name), state=state, fault=fault
        )
        self.take(self.flow.handle(self.state, event, PACKER))
        return self

    def done(self) -> "Bench":
        self.take(self.flow.handle(self.state, Done(CommandId(b"c" * 16), NOON), PACKER))
        return self

    def now(self, **more: object) -> "Bench":
        """Let the first printer be otherwise from now on."""
        first, *others = self.desk.stands
        self.desk.stands = (replace(first, **more), *others)  # type: ignore[arg-type]
        return self


def loading(*stands: PrinterStand) -> Bench:
    return Bench(*stands).press(Verb.QTY, "1").press(Verb.CONFIRM)


def test_a_roll_is_changed_step_by_step_and_the_printer_goes_on_only_at_the_end() -> None:
    it = loading()
    assert it.desk.wishes == ["look", "hold P-07"]
    it.now(changing=True)
    it.press(Verb.CONFIRM)
    assert (it.state, it.desk.wishes[-1]) == (Calibrating(P7), "calibrate P-07")
    it.news("calibrated", "152")
    [test] = it.commands
    assert isinstance(test, PrintTestLabel)
    assert test.printer == "P-07"
    it.now(test=TEST).done()
    assert isinstance(it.state, ScanTest)
    it.scan("]C0TEST-00AB12")
    confirmed = it.commands[-1]
    assert isinstance(confirmed, ConfirmPrintJob)
    assert (confirmed.job, confirmed.scanned) == (TEST_JOB, 1)
    assert "resume P-07" not in it.desk.wishes

    it.now(test=None).done()

    assert isinstance(it.state, ShowPrinter)
    assert it.desk.wishes[-1] == "resume P-07"
    assert Say(Note.ROLL_CHANGED, {"printer": "P-07"}) in it.said


def test_labels_of_another_length_are_refused_and_the_printer_stays_held() -> None:
    it = loading().press(Verb.CONFIRM).news("wrong_media", "51")

    assert isinstance(it.state, LoadRoll)
    assert Refuse(Refusal(Reason.WRONG_MEDIA, {"loaded": "51", "wanted": 152, "printer": "P-07"})) in it.said
    assert (it.commands, "resume P-07" in it.desk.wishes) == ([], False)


def test_a_printer_that_cannot_measure_says_so_and_is_tried_again() -> None:
    it = loading().press(Verb.CONFIRM).news("not_calibrated", "head_open")

    assert isinstance(it.state, LoadRoll)
    assert Refuse(Refusal(Reason.NOT_CALIBRATED, {"printer": "P-07", "fault": "head_open"})) in it.said
    assert isinstance(it.press(Verb.CONFIRM).state, Calibrating)


@pytest.mark.parametrize(
    ("job", "verb", "command"),
    [
        (DOUBT, Verb.YES, ConfirmPrintJob), (DOUBT, Verb.NOTPRINTED, RepeatPrintJob),
        (replace(DOUBT, document="house_label"), Verb.NOTPRINTED, ReprintLabel),
    ],
)  # fmt: skip
def test_what_was_under_way_when_it_stopped_is_settled_before_it_goes_on(
    job: WaitingJob, verb: Verb, command: type[object]
) -> None:
    it = (
        loading(replace(P7, doubts=(job,)))
        .now(changing=True)
        .press(Verb.CONFIRM)
        .news("calibrated")
        .now(test=TEST)
        .done()
    )
    it.scan("TEST-00AB12").now(test=None).done()
    assert it.state == SettleDoubt(it.desk.stands[0], job, settling=True)
    assert "resume P-07" not in it.desk.wishes

    it.press(verb)
    assert isinstance(it.commands[-1], command)
    it.now(doubts=()).done()

    assert isinstance(it.state, ShowPrinter)
    assert it.desk.wishes[-1] == "resume P-07"


def test_a_scan_of_the_doubtful_label_says_that_it_is_there_and_another_does_not() -> None:
    it = Bench(replace(P7, doubts=(DOUBT,)), P8).press(Verb.QTY, "1").press(Verb.QTY, "2")
    it.scan("Q-000418")
    assert it.said[-1] == Refuse(Refusal(Reason.OTHER_LABEL, {"expected": "Q-000417", "got": "Q-000418"}))
    it.scan("Q-000417")
    assert isinstance(it.commands[-1], ConfirmPrintJob)


def test_a_doubt_that_the_printer_settles_itself_is_asked_no_more() -> None:
    it = Bench(replace(P7, doubts=(DOUBT,)), P8).press(Verb.QTY, "1").press(Verb.QTY, "2")

    it.now(doubts=()).news("printed")

    assert isinstance(it.state, ShowPrinter)


@pytest.mark.parametrize("by", ["key", "scan"])
def test_what_waits_goes_to_the_fallback_by_one_key_or_one_scan_of_it(by: str) -> None:
    it = Bench(replace(P7, waiting=(DOUBT,), fallback="P-08", troubles="paper_out"), P8).press(Verb.QTY, "1")

    it.press(Verb.QTY, "1") if by == "key" else it.scan("P-08")

    sent = it.commands[-1]
    assert isinstance(sent, SendElsewhere)
    assert (sent.jobs, sent.printer) == ((JOB,), "P-08")
    it.now(waiting=()).done()
    assert Say(Note.SENT_ELSEWHERE, {"printer": "P-08"}) in it.said


def test_nothing_goes_elsewhere_without_a_fallback_or_something_that_waits() -> None:
    for stand in (replace(P7, waiting=(DOUBT,)), replace(P7, fallback="P-08")):
        it = Bench(stand, P8).press(Verb.QTY, "1").press(Verb.QTY, "1").scan("P-08")
        assert (it.commands, it.said[-2:]) == (
            [],
            [Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": Verb.QTY})), Refuse(Refusal(Reason.COMMAND_NOT_NOW))],
        )


def test_who_gives_up_leaves_no_printer_held() -> None:
    for it in (loading(), loading().press(Verb.CONFIRM)):
        it.press(Verb.NO)
        assert (it.desk.wishes[-1], type(it.state)) == ("resume P-07", ChoosePrinter)
    assert Go("home") in loading().press(Verb.NO).press(Verb.NO).said


def test_who_comes_back_to_a_printer_that_is_changed_goes_on_with_its_test_label() -> None:
    it = Bench(replace(P7, changing=True, test=TEST), P8)

    it.take(it.flow.begin("P-07", NOON, CommandId(b"c" * 16), PACKER))

    assert isinstance(it.state, ScanTest)
    assert isinstance(it.press(Verb.NOTPRINTED).state, LoadRoll)


def test_what_was_refused_is_said_and_the_printer_looked_at_again() -> None:
    it = loading().press(Verb.CONFIRM).news("calibrated")
    refusal = Refusal(Reason.NOT_ALLOWED)

    it.take(it.flow.handle(it.state, Failed(CommandId(b"c" * 16), refusal), PACKER))

    assert Refuse(refusal) in it.said
    assert isinstance(it.state, ShowPrinter)


def test_whose_business_it_is_not_is_sent_home() -> None:
    step = PrintersFlow(Desk()).begin("", NOON, CommandId(b"c" * 16), context(roles="auditor"))

    assert step.effects == (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home"))


def test_a_scan_that_was_refused_does_not_let_the_printer_go_on() -> None:
    it = loading().now(changing=True).press(Verb.CONFIRM).news("calibrated").now(test=TEST).done().scan("TEST-00AB12")

    it.take(it.flow.handle(it.state, Failed(CommandId(b"c" * 16), Refusal(Reason.CHANGED_MEANWHILE)), PACKER))

    assert isinstance(it.state, ScanTest)
    assert "resume P-07" not in it.desk.wishes


def test_a_copy_beyond_the_limit_is_asked_again_and_goes_through_with_a_supervisors_pass() -> None:
    it = Bench(replace(P7, doubts=(DOUBT,)), P8).press(Verb.QTY, "1").press(Verb.QTY, "2").press(Verb.NOTPRINTED)
    refusal = Refusal(Reason.REPRINT_LIMIT, {"copies": 4, "override": REPRINT_LIMIT})

    it.take(it.flow.handle(it.state, Failed(CommandId(b"c" * 16), refusal), PACKER))

    assert it.state == SettleDoubt(it.desk.stands[0], DOUBT)
    assert it.said[-1] == Refuse(refusal)
    passed = replace(PACKER, overridden=frozenset({REPRINT_LIMIT}))
    it.take(it.flow.handle(it.state, pressed(Verb.NOTPRINTED), passed))
    again = it.commands[-1]
    assert isinstance(again, RepeatPrintJob)
    assert again.passed == 1


def test_the_diagram_is_the_flow() -> None:
    tested = loading().now(changing=True).press(Verb.CONFIRM).news("calibrated").now(test=TEST).done()
    walks = [tested.scan("TEST-00AB12").now(test=None, doubts=(DOUBT,)).done().press(Verb.YES).now(doubts=()).done()]
    for end in (Verb.NO, Verb.NOTPRINTED, None):
        walk = loading().now(changing=True).press(Verb.CONFIRM).news("calibrated").now(test=TEST).done()
        walks.append(walk.now(test=None).news("looked") if end is None else walk.press(end).press(Verb.NO))
    for reason in ("wrong_media", "not_calibrated"):
        walks.append(loading().press(Verb.CONFIRM).news(reason).press(Verb.CONFIRM).press(Verb.NO))
    doubtful = replace(P7, doubts=(DOUBT,), waiting=(DOUBT,), fallback="P-08")
    for verb in (Verb.NOTPRINTED, Verb.NO):
        walks.append(Bench(doubtful, P8).press(Verb.QTY, "1").press(Verb.QTY, "2").press(verb))
    settled = Bench(doubtful, P8).press(Verb.QTY, "1").press(Verb.QTY, "2").press(Verb.YES)
    settled.take(settled.flow.handle(settled.state, Failed(CommandId(b"c" * 16), Refusal(Reason.NOT_FOUND)), PACKER))
    walks += [
        settled.now(doubts=()).news("printed"),
        Bench(doubtful, P8).press(Verb.QTY, "1").press(Verb.QTY, "1").done(),
    ]
    walks.append(Bench().press(Verb.QTY, "1").press(Verb.NO))
    for gone in (
        Bench().press(Verb.QTY, "1"),
        loading().now(changing=True).press(Verb.CONFIRM).news("calibrated").now(test=TEST).done(),
    ):
        gone.desk.stands = ()
        walks.append(gone.news("looked"))
    again = Bench().press(Verb.QTY, "1").now(changing=True, test=TEST)
    walks.append(again.news("looked"))

    compare(module, {pair for walk in walks for pair in walk.pairs})
