"""Labels that somebody chooses: a kind, codes and ranges, a look at the first, and then jobs as any other's."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import core.station.labels as module
from core.catalog.contents import LocationLabel
from core.kernel.executor import Done, Failed
from core.kernel.flow import Answered, Ask, Candidate, CodeKind, Go, PrintMoved, Refuse, Run, Start, Step, Verb
from core.kernel.ids import SYSTEM, CommandId
from core.kernel.numbers import Number
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.packing.commands import UseSsccs
from core.packing.model import PrintedSscc
from core.printers.commands import PrintPaper
from core.printers.queries import JobsOut
from core.station.label_desk import ALL, AskOut, Chosen, LabelKind, Making
from core.station.labels import (
    LOOKING,
    Asking,
    ChooseKind,
    ChooseLabels,
    ChooseList,
    ChooseListKind,
    GivingOut,
    LabelsFlow,
    LookingThrough,
    Printing,
    ShowLabels,
    ShowMistakes,
)
from core.station.replay import Line
from desktop.headless import headless
from desktop.paperwork import newest_jobs
from tests.diagrams import compare
from tests.homes import copy_home
from tests.playbook import context, pressed, scanned
from tests.support import NOON

LEAD, PACKER = context(roles="lead"), context(roles="packer")
PLACES = LabelKind("location_label", 2)
CAUSE = CommandId(b"c" * 16)


@dataclass
class Desk:
    """Makes a label of every code but one that has dots in it."""

    asked: list[tuple[str, ...]] = field(default_factory=list)

    def kinds(self, _connection: sa.Connection) -> tuple[LabelKind, ...]:
        return (PLACES, LabelKind("dock_label", 0))

    def choose(self, _connection: sa.Connection, kind: str, said: tuple[str, ...]) -> Chosen:
        self.asked.append(said)
        many = {ALL: ["A-1", "A-2"], "MANY": [f"A-{n}" for n in range(300)]}
        codes = [code for each in said for code in many.get(each, [each])]
        if ".." in said[-1]:
            return Chosen(kind, said, ())
        return Chosen(
            kind, said, tuple(LocationLabel(code=code) for code in codes), codes[0], codes[-1], "digest", "P-07"
        )

    def lists(self) -> tuple[str, ...]:
        return ("good.csv", "either.csv", "wrong.csv", "many.csv", "pallets.csv")

    def look_through(self, name: str, kind: str) -> None:
        self.looking = None if self.slow else self._listed(name, kind)
        if self.slow:
            self.looking = Making(name, 1, 3)

    def made(self) -> Making | Chosen | None:
        return self.looking

    def give_up(self) -> None:
        self.looking = None

    def _listed(self, name: str, kind: str) -> Chosen | None:
        made = Chosen("location_label", (), (LocationLabel(code="A-1"),), "A-1", "A-1", "digest", "P-07", file=name)
        either = Chosen("", (), (), file=name, kinds=("location_label", "dock_label"))
        many = replace(made, contents=made.contents * 300)
        wrong = Chosen(kind, (), (), file=name, faults=("wrong.csv, line 3, column 'code': empty",))
        pallets = replace(made, kind="logistic_label", numbers=("095011010000000019",), drawn=(Number(1),), file=name)
        found = {
            "good.csv": made, "either.csv": made if kind else either, "wrong.csv": wrong, "many.csv": many,
            "pallets.csv": pallets,
        }  # fmt: skip
        if kind and name in self.broken:
            return wrong
        return found.get(name) if name not in self.mended else made

    def either_is_wrong(self) -> None:
        self.broken.add("either.csv")

    mended: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    slow: bool = False
    looking: Making | Chosen | None = None


class Bench:
    """The flow with its desk: what it asks is answered, what it runs is kept."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.flow = LabelsFlow(self.desk)
        self.runs: list[Run] = []
        self.said: list[object] = []
        self.state: Any = None
        self.out = JobsOut(0, 2)
        self.pairs: set[tuple[str, str]] = set()
        self.take(self.flow.begin("", NOON, CAUSE, LEAD))

    def take(self, step: Step) -> "Bench":
        if self.state is not None and type(self.state) is not type(step.state):
            self.pairs.add((type(self.state).__name__, type(step.state).__name__))
        self.state, self.said = step.state, []
        for effect in step.effects:
            match effect:
                case Run():
                    self.runs.append(effect)
                case Start(work=work):
                    work.start()
                case Ask(query=query):
                    answer = self.out if isinstance(query, AskOut) else query.run(None)
                    said = self.said
                    self.take(self.flow.handle(self.state, Answered(query, answer, NOON, CAUSE), LEAD))
                    self.said = [*said, *self.said]
                case _:
                    self.said.append(effect)
        return self

    def press(self, verb: Verb, argument: str = "") -> "Bench":
        return self.take(self.flow.handle(self.state, pressed(verb, argument), LEAD))

    def scan(self, raw: str, *candidates: Candidate) -> "Bench":
        return self.take(self.flow.handle(self.state, scanned(*candidates, raw=raw), LEAD))

    def reason(self) -> Reason | None:
        return next((each.refusal.reason for each in self.said if isinstance(each, Refuse)), None)


def test_codes_and_ranges_are_gathered_shown_and_printed_by_whoever_asks() -> None:
    it = Bench().press(Verb.QTY, "1")
    assert it.state == ChooseLabels(PLACES)
    it.scan("]C1A-01").scan("A-02")
    assert (it.desk.asked, it.state.chosen.last) == ([("A-01",), ("A-01", "A-02")], "A-02")

    it.press(Verb.CONFIRM)

    (run,) = it.runs
    assert isinstance(run.command, PrintPaper)
    rows = [PrintJob(*values) for values in run.beside[PrintJob]]
    assert [(each.code, each.document, each.printer, each.state) for each in rows] == [
        (code, "location_label", "label", JobState.QUEUED) for code in ("A-01", "A-02")
    ]
    assert (run.command.actor, tuple(each.id for each in rows)) == (LEAD.actor, run.command.jobs)
    it.take(it.flow.handle(it.state, Done(CAUSE), LEAD))
    it.out = JobsOut(1, 2)
    it.take(it.flow.handle(it.state, PrintMoved(id=CAUSE, at=NOON, job=b"j", subject=b"j", state="printed"), LEAD))
    assert isinstance(it.state, Printing)
    assert it.state.out == JobsOut(1, 2)


def test_what_cannot_be_made_is_refused_and_what_was_chosen_stays() -> None:
    it = Bench().press(Verb.QTY, "1").scan("A-01")
    before = it.state
    assert it.scan("A..B").reason() is Reason.NO_SUCH_LABELS
    assert it.state == before
    assert it.scan("MANY").reason() is Reason.TOO_MANY_LABELS
    badge = Candidate(kind=CodeKind.PERSON, target=b"p", code="BADGE", label="")
    assert it.scan("BADGE", badge).reason() is Reason.COMMAND_NOT_NOW
    assert it.state == before
    it.press(Verb.CONFIRM)
    it.take(it.flow.handle(it.state, Failed(CAUSE, Refusal(Reason.NOT_ALLOWED)), LEAD))
    assert it.state == before


def test_only_who_may_print_paper_chooses_labels() -> None:
    step = LabelsFlow(Desk()).begin("", NOON, CAUSE, PACKER)
    assert step.effects == (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home"))


def test_every_way_of_the_diagram_is_walked_and_there_is_no_other() -> None:
    it = Bench().press(Verb.QTY, "1")
    it.press(Verb.NO).press(Verb.QTY, "1")
    it.press(Verb.CONFIRM).press(Verb.UNDO).scan("A-1").scan("A-2").press(Verb.UNDO)
    assert isinstance(it.state, ShowLabels)
    it.press(Verb.NO).press(Verb.QTY, "1").scan("A-1").press(Verb.CONFIRM)
    assert isinstance(it.state, Asking)
    it.take(it.flow.handle(it.state, Failed(CAUSE, Refusal(Reason.NOT_ALLOWED)), LEAD)).press(Verb.CONFIRM)
    it.take(it.flow.handle(it.state, Done(CAUSE), LEAD)).press(Verb.NO)
    assert isinstance(it.state, ChooseKind)
    assert Go("printers") in it.press(Verb.NO).said
    for first, *more in (("1",), ("2", "1"), ("3",)):
        it.take(it.flow.begin("", NOON, CAUSE, LEAD)).press(Verb.QTY, "3").press(Verb.QTY, first)
        for each in more:
            it.press(Verb.QTY, each)
    it.desk.mended.add("wrong.csv")
    it.press(Verb.CONFIRM).press(Verb.UNDO).press(Verb.NO).press(Verb.QTY, "3").press(Verb.QTY, "2").press(Verb.NO)
    it.desk.mended.clear()
    it.press(Verb.QTY, "3").press(Verb.QTY, "3").press(Verb.NO)
    it.desk.either_is_wrong()
    it.press(Verb.QTY, "3").press(Verb.QTY, "2").press(Verb.QTY, "2").press(Verb.NO)
    it.desk.slow = True
    it.press(Verb.QTY, "3").press(Verb.QTY, "1")
    assert it.state == LookingThrough(Making("good.csv", 1, 3))
    it.press(Verb.NO).press(Verb.QTY, "3").scan("nowhere.csv")
    it.desk.looking = None
    it.take(it.flow.begin(LOOKING, NOON, CAUSE, LEAD)).press(Verb.NO)
    it.desk.slow = False
    it.press(Verb.QTY, "3").scan("pallets.csv").press(Verb.CONFIRM)
    it.take(it.flow.handle(it.state, Failed(CAUSE, Refusal(Reason.LABEL_TWICE)), LEAD)).press(Verb.CONFIRM)
    it.take(it.flow.handle(it.state, Done(CAUSE), LEAD))
    assert isinstance(it.state, Asking)
    compare(module, it.pairs)


def test_a_list_is_made_beside_the_station_and_who_leaves_gives_it_up() -> None:
    it = lists()
    it.desk.slow = True
    it.press(Verb.QTY, "1")
    assert it.state == LookingThrough(Making("good.csv", 1, 3))
    it.desk.looking = Making("good.csv", 2, 3)
    it.take(it.flow.begin(LOOKING, NOON, CAUSE, LEAD))
    assert it.state == LookingThrough(Making("good.csv", 2, 3)), "the window asks again while it is shown"
    assert isinstance(it.press(Verb.NO).state, ChooseKind)
    assert it.desk.looking is None


def test_numbers_are_written_down_before_they_are_printed_and_one_that_was_given_out_meanwhile_prints_nothing() -> None:
    it = lists().scan("pallets.csv").press(Verb.CONFIRM)
    assert isinstance(it.state, GivingOut)
    (run,) = it.runs
    assert isinstance(run.command, UseSsccs)
    assert (run.command.ssccs, run.command.drawn) == (("095011010000000019",), (Number(1),))
    it.take(it.flow.handle(it.state, Failed(CAUSE, Refusal(Reason.LABEL_TWICE)), LEAD))
    assert it.reason() is Reason.LABEL_TWICE
    assert isinstance(it.state, ShowLabels), "with other numbers, to be looked at once more"
    it.press(Verb.CONFIRM)
    it.take(it.flow.handle(it.state, Done(CAUSE), LEAD))
    assert [type(each.command) for each in it.runs] == [UseSsccs, UseSsccs, PrintPaper]
    assert it.runs[2].command.id != it.runs[1].command.id


def lists() -> Bench:
    return Bench().press(Verb.QTY, "3")


def test_a_list_is_shown_by_its_first_label_and_printed_by_whoever_asks() -> None:
    it = lists()
    assert it.state == ChooseList(("good.csv", "either.csv", "wrong.csv", "many.csv", "pallets.csv"))
    it.press(Verb.QTY, "1")
    assert (it.state.kind, it.state.chosen.file) == (LabelKind("location_label", 0), "good.csv")
    assert it.scan("A-2").reason() is Reason.COMMAND_NOT_NOW, "a list is changed where it was made"
    it.press(Verb.CONFIRM)
    (run,) = it.runs
    assert isinstance(run.command, PrintPaper)
    assert (run.command.document, len(run.command.jobs), run.command.actor) == ("location_label", 1, LEAD.actor)


def test_a_list_that_may_be_of_several_kinds_is_asked_about_and_one_by_its_path_is_found() -> None:
    it = lists().scan("either.csv")
    assert isinstance(it.state, ChooseListKind)
    assert isinstance(it.press(Verb.QTY, "1").state, ShowLabels)
    assert lists().scan("nowhere.csv").reason() is Reason.NOT_FOUND
    assert lists().press(Verb.QTY, "4").reason() is Reason.TOO_MANY_LABELS


def test_of_a_list_with_a_mistake_nothing_is_printed_until_it_is_put_right() -> None:
    it = lists().press(Verb.QTY, "3")
    assert isinstance(it.state, ShowMistakes)
    assert isinstance(it.press(Verb.CONFIRM).state, ShowMistakes)
    assert it.press(Verb.PRINT).reason() is Reason.COMMAND_NOT_NOW
    it.desk.mended.add("wrong.csv")
    assert isinstance(it.press(Verb.CONFIRM).state, ShowLabels)
    assert not it.runs


@pytest.fixture
def station(sample_home: Path, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    with headless(copy_home(sample_home, tmp_path / "home")) as (assembly, replay):
        replay.start()
        yield assembly, replay


def test_from_the_menu_to_paper(station: tuple[Any, Any]) -> None:
    assembly, replay = station
    replay.perform(Line(0, "badge", "BADGE-DANA"))
    replay.perform(Line(0, "pin", "2580"))
    told: dict[str, Any] = {}
    for line in (
        Line(0, "open", "printers"), Line(0, "key", "PRINT"), Line(0, "key", "QTY-5"),
        Line(0, "scan", "TOTE-0001..TOTE-0003"), Line(0, "scan", "TOTE-9001"),
    ):  # fmt: skip
        told = replay.perform(line)
    assert told["state"] == "ShowLabels"
    state = replay.heard_last[-1].state
    assert (len(state.chosen.contents), state.chosen.first, state.chosen.printer) == (4, "TOTE-0001", "label")
    assert assembly.drawn[state.chosen.rendering].startswith(b"\x89PNG")

    replay.perform(Line(0, "key", "CONFIRM"))
    replay.perform(Line(0, "wait", "printer"))

    with assembly.database.reading() as reader:
        jobs = rows_of(PrintJob, reader.execute(sql_of(PrintJob).select().order_by(sql_of(PrintJob).c.created_at)))
        asked = [
            each
            for each in rows_of(Operation, reader.execute(sql_of(Operation).select()))
            if each.kind == "print.paper"
        ]
        newest = newest_jobs(reader, assembly.identity.site, 1)[0]
    assert [(each.code, each.state) for each in jobs] == [
        (code, JobState.PRINTED) for code in ("TOTE-0001", "TOTE-0002", "TOTE-0003", "TOTE-9001")
    ]
    assert (newest["asked_by"], newest["code"], newest["printer"]) == ("Dana Wolf", "TOTE-9001", "label")
    assert [each.operator for each in jobs] == [asked[0].actor] * 4 != [SYSTEM] * 4


def test_a_list_in_the_inbox_becomes_labels_and_a_mistake_in_it_is_named_by_line_and_column(
    station: tuple[Any, Any],
) -> None:
    assembly, replay = station
    inbox = assembly.home.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "racks.csv").write_text("code,zone\nX-01-01,X\nX-01-02,X\n", encoding="utf-8")
    (inbox / "goods.csv").write_text("gtin,description\n9501101530003,Mug\n9501101530004,Mug\n", encoding="utf-8")
    (inbox / "pallets.csv").write_text(
        "gtin,lot,carrier\n09501101530003,L-1,KESTREL\n09501101530003,L-2,KESTREL\n", encoding="utf-8"
    )
    (inbox / "badges.csv").write_text("code,name,role\nB-1,Dana,lead\n", encoding="utf-8")
    replay.perform(Line(0, "badge", "BADGE-DANA"))
    replay.perform(Line(0, "pin", "2580"))

    def looked_into(name: str) -> Any:
        for line in (Line(0, "open", "labels"), Line(0, "key", "QTY-8"), Line(0, "scan", name)):
            replay.perform(line)
        while isinstance(replay.heard_last[-1].state, LookingThrough):
            time.sleep(0.05)
            replay._told(Line(0, "open", "labels"), lambda: replay._station.go("labels", LOOKING))
        return replay.heard_last[-1].state

    racks = looked_into("racks.csv")
    assert (racks.kind.name, racks.chosen.first, racks.chosen.last, racks.chosen.printer) == (
        "location_label", "X-01-01", "X-01-02", "label",
    )  # fmt: skip
    assert assembly.drawn[racks.chosen.rendering].startswith(b"\x89PNG")
    replay.perform(Line(0, "key", "CONFIRM"))
    replay.perform(Line(0, "wait", "printer"))
    with assembly.database.reading() as reader:
        jobs = rows_of(PrintJob, reader.execute(sql_of(PrintJob).select()))
    assert sorted((each.code, each.state) for each in jobs) == [
        ("X-01-01", JobState.PRINTED), ("X-01-02", JobState.PRINTED),
    ]  # fmt: skip

    goods = looked_into("goods.csv")
    assert isinstance(goods, ShowMistakes)
    assert goods.chosen.faults[0].startswith("goods.csv, line 3, column 'gtin': ")
    pallets = looked_into("pallets.csv")
    assert (pallets.kind.name, len(pallets.chosen.numbers), len(pallets.chosen.drawn)) == ("logistic_label", 2, 2)
    replay.perform(Line(0, "key", "CONFIRM"))
    replay.perform(Line(0, "wait", "printer"))
    with assembly.database.reading() as reader:
        jobs = rows_of(PrintJob, reader.execute(sql_of(PrintJob).select()))
        given = rows_of(PrintedSscc, reader.execute(sql_of(PrintedSscc).select()))
    assert {each.code for each in jobs if each.document == "logistic_label"} == set(pallets.chosen.numbers)
    assert {each.sscc for each in given} == set(pallets.chosen.numbers)
    assert not set(looked_into("pallets.csv").chosen.numbers) & set(pallets.chosen.numbers), "the next ones"

    badges = looked_into("badges.csv")
    assert isinstance(badges, ShowMistakes)
    assert "no label" in badges.chosen.faults[0]
