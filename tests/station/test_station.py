"""The station serialises: one input at a time, nothing half done, feedback after the commit, backlog confirms nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core.cases.commands import CloseCase, OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.executor import Done, Failed, Outcome, Work
from core.kernel.flow import (
    Answered,
    Ask,
    Expect,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_SESSION, CaseId
from core.kernel.journal import FlowState, Gesture
from core.kernel.notes import Note
from core.kernel.operations import Operation
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.queries import Operator
from core.station.station import BACKLOG_MAX, SETTLE_MS, Feedback, Station, World
from tests.support import PICKER, SITE, STATION, Bench, FakeIds, bench, policies


@dataclass(frozen=True, slots=True)
class Ready:
    scans: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    scans: int


@dataclass(frozen=True, slots=True)
class Count:
    def run(self, connection) -> int:
        return int(connection.exec_driver_sql("SELECT count(*) FROM exception_case").scalar_one())


class FakeFlow:
    """`OK` runs a command, `BAD` is refused by the flow, `NO` by the command, `ASK` asks, `STEP` only moves on."""

    NAME: ClassVar[str] = "fake"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = Ready | Waiting
    KEEPS: ClassVar[bool] = True

    def __init__(self) -> None:
        self.settled: list[bool] = []

    def begin(self, argument, at, cause, context):
        return Step(Ready())

    def resume(self, state, at, cause, context):
        return Step(state)

    def expects(self, state):
        return (Expect("item", "OK", "next"),)

    def handle(self, state, event, context):
        match event:
            case Scanned(raw="OK"):
                self.settled.append(event.settled)
                return Step(Waiting(state.scans), (Run(OpenCase(**context.stamp(event), kind=CaseKind.CALL)),))
            case Scanned(raw="NO"):
                command = CloseCase(**context.stamp(event), case=CaseId(b"x" * 16), decision="")
                return Step(Waiting(state.scans), (Run(command),))
            case Scanned(raw="ASK"):
                return Step(state, (Ask(Count()),))
            case Scanned(raw="STEP"):
                return Step(Ready(state.scans + 1), (Play(Tone.ACCEPT),))
            case Answered(answer=answer):
                return Step(Ready(answer), (Play(Tone.ACCEPT),))
            case Done():
                return Step(Ready(state.scans + 1), (Play(Tone.ACCEPT),))
            case Failed(refusal=refusal):
                return Step(Ready(state.scans), (Refuse(refusal),))
            case PrintMoved():
                return Step(Ready(state.scans + 100))
            case _:
                return Step(state, (Refuse(Refusal(Reason.UNKNOWN_CODE)),))


class Floor:
    """A station whose writer answers when it is told to."""

    def __init__(self, it: Bench) -> None:
        self.it = it
        self.flow = FakeFlow()
        self.heard: list[Feedback] = []
        self.calls: list[Callable[[], None]] = []
        self.held: list[tuple[Work, Future[Outcome]]] = []
        self.holding = False
        self.paint = True
        self.reader = it.database.reader()
        operator = Operator(PICKER, NO_SESSION, "Mara", "picker", "en", "first_day")
        world = World(
            reader=self.reader, submit=self.submit, deliver=self.calls.append, clock=it.clock, ids=FakeIds(500),
            read_code=lambda _c, given, event: Scanned(id=event, at=given.at, raw=given.text),
            operator=lambda _c: operator, policies=lambda _c, _o: policies(), today=lambda _at: "2025-12-16",
        )  # fmt: skip
        self.station = Station(
            world, {"fake": self.flow}, site=SITE, station=STATION, bench=bytes(16), listener=self.listen
        )

    def listen(self, feedback: Feedback) -> None:
        self.heard.append(feedback)
        if self.paint:
            self.station.painted()

    def submit(self, work: Work) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        if self.holding:
            self.held.append((work, future))
        else:
            future.set_result(self.it.executor.perform(work))
        return future

    def release(self) -> None:
        """Let the writer do what it held, and the station hear of it, until nothing is left."""
        self.holding = False
        while self.held or self.calls:
            for work, future in self.held:
                future.set_result(self.it.executor.perform(work))
            self.held.clear()
            self.run()

    def run(self) -> None:
        while self.calls:
            self.calls.pop(0)()

    def scan(self, *codes: str) -> None:
        for code in codes:
            self.it.clock.tick(1000)
            self.station.scan(code)
            self.run()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with bench(tmp_path) as it:
        made = Floor(it)
        made.station.start()
        made.run()
        made.heard.clear()
        yield made
        made.reader.close()


def test_a_command_is_committed_before_anything_is_heard(floor: Floor) -> None:
    floor.holding = True
    floor.scan("OK")
    assert floor.heard == []

    floor.release()

    assert [each.tone for each in floor.heard] == [Tone.ACCEPT]
    assert len(floor.it.all(Case)) == 1
    gesture = floor.it.all(Gesture)[0]
    assert (gesture.raw, gesture.outcome, gesture.command) == ("OK", "accepted", floor.it.all(Operation)[0].id)


@pytest.mark.parametrize(("code", "reason"), [("BAD", "unknown_code"), ("NO", "not_found")])
def test_a_refused_scan_writes_one_gesture_and_nothing_else(floor: Floor, code: str, reason: str) -> None:
    floor.scan("STEP")
    before = floor.it.dump()

    floor.scan(code)

    after = floor.it.dump()
    kept = after.pop("gesture")
    assert kept[:-1] == before.pop("gesture")
    assert after == before
    last = floor.it.all(Gesture)[-1]
    assert (last.raw, last.outcome, last.reason, last.command) == (code, "refused", reason, None)


def test_a_step_without_a_command_is_kept_before_it_is_heard(floor: Floor) -> None:
    floor.scan("STEP")

    row = floor.it.all(FlowState)[0]
    assert row.state == '{"is":"Ready","scans":1}'
    assert row.waiting is None


def test_a_question_is_answered_within_the_turn(floor: Floor) -> None:
    floor.scan("OK", "OK", "ASK")

    assert floor.station.state == Ready(2)


def test_scans_queue_behind_a_command_and_replay_in_order(floor: Floor) -> None:
    floor.holding = True
    floor.scan("OK", "STEP", "OK", "ASK")
    assert floor.station.waiting == 3

    floor.release()

    assert [each.input.text for each in floor.heard if each.input] == ["OK", "STEP", "OK", "ASK"]
    assert floor.station.state == Ready(2)


def test_a_backlog_five_deep_confirms_nothing(floor: Floor) -> None:
    floor.holding = True
    floor.scan("OK", "OK", "OK", "OK", "OK")

    floor.release()

    assert floor.flow.settled == [True, False, False, False, False]


def test_a_reflex_rescan_is_not_settled_and_a_later_one_is(floor: Floor) -> None:
    floor.scan("OK")
    floor.it.clock.tick(SETTLE_MS - 1)
    floor.station.scan("OK")
    floor.run()
    floor.it.clock.tick(SETTLE_MS)
    floor.station.scan("OK")
    floor.run()

    assert floor.flow.settled == [True, False, True]


def test_a_refusal_drops_the_backlog_and_says_how_many(floor: Floor) -> None:
    floor.holding = True
    floor.scan("NO", "OK", "OK")

    floor.release()

    assert [(each.input.text, each.dropped) for each in floor.heard if each.input] == [("NO", 2)]
    assert floor.it.all(Case) == []
    assert [each.outcome for each in floor.it.all(Gesture)] == ["refused", "dropped", "dropped"]


def test_scans_before_a_refusal_is_painted_are_dropped_and_named_next(floor: Floor) -> None:
    floor.paint = False
    floor.scan("BAD", "OK")
    floor.station.painted()
    floor.scan("OK")

    assert [(each.input.text, each.dropped) for each in floor.heard if each.input] == [("BAD", 0), ("OK", 1)]
    assert len(floor.it.all(Case)) == 1


def test_more_than_the_backlog_holds_is_dropped(floor: Floor) -> None:
    floor.holding = True
    floor.scan(*["OK"] * (BACKLOG_MAX + 3))

    floor.release()

    assert len(floor.it.all(Case)) == BACKLOG_MAX + 1
    assert sum(each.dropped for each in floor.heard) == 2


def test_print_news_waits_for_the_scan_under_way(floor: Floor) -> None:
    floor.holding = True
    floor.scan("OK")
    floor.station.hear(PrintMoved(id=b"p" * 16, at=1, job=b"j" * 16, subject=b"s" * 16, state="printed"))
    assert floor.station.state == Waiting(0)

    floor.release()

    assert floor.station.state == Ready(101)


def test_two_hundred_scans_give_two_hundred_outcomes_in_order(floor: Floor) -> None:
    codes = [("OK", "STEP", "ASK", "BAD")[n % 4] for n in range(200)]

    floor.scan(*codes)

    assert [each.input.text for each in floor.heard if each.input] == codes
    assert [each.raw for each in floor.it.all(Gesture)] == codes


def test_a_restart_shows_the_step_that_was_kept(floor: Floor) -> None:
    floor.scan("STEP", "STEP")
    again = Floor(floor.it)

    again.station.start()
    again.run()

    assert again.station.state == Ready(2)
    assert [each.note for each in again.heard] == [Say(Note.RESUMED)]
    again.reader.close()


def test_a_restart_after_a_command_gives_its_done_again_and_does_it_once(floor: Floor) -> None:
    floor.scan("STEP", "OK")
    assert floor.it.all(FlowState)[0].waiting == floor.it.all(Operation)[0].id
    again = Floor(floor.it)

    again.station.start()
    again.run()

    assert again.station.state == Ready(2)
    assert len(floor.it.all(Operation)) == 1
    again.reader.close()


@pytest.mark.parametrize(
    "kept",
    [
        FlowState(STATION, "fake", 1, '{"from": "another version"}', None, 0),
        FlowState(STATION, "fake", 1, "not even JSON", None, 0),
        FlowState(STATION, "fake", 9, "{}", None, 0),
        FlowState(STATION, "gone", 1, "{}", None, 0),
    ],
    ids=["other shape", "not JSON", "other version", "no such flow"],
)
def test_a_step_another_version_kept_begins_again_and_loses_no_work(floor: Floor, kept: FlowState) -> None:
    floor.scan("OK")
    floor.it.executor.perform(Work(flow=kept))
    again = Floor(floor.it)

    again.station.start()
    again.run()

    assert again.station.state == Ready(0)
    assert len(floor.it.all(Operation)) == 1
    again.reader.close()


def test_keys_that_mean_the_same_everywhere_leave_the_flow_where_the_station_has_the_other(floor: Floor) -> None:
    floor.station.press(Verb.MENU)
    floor.run()

    # This station has the one flow: the menu is what another is there for.
    (last,) = floor.it.all(Gesture)
    assert (last.raw, last.outcome, last.reason) == ("MENU", "refused", Reason.OTHER_STATIONS)
    assert floor.station.flow == "fake"


def test_a_key_is_recorded_as_one(floor: Floor) -> None:
    floor.station.press(Verb.SHORT)
    floor.run()

    assert (floor.it.all(Gesture)[0].input, floor.it.all(Gesture)[0].raw) == ("key", "SHORT")
    assert isinstance(Pressed(id=b"x", at=1, verb=Verb.SHORT), Pressed)
