"""A fault or a bug stops a bench and loses nothing: told at once, nothing booked, and on from the last commit."""

from concurrent.futures import Future
from pathlib import Path

import pytest

from core.cases.model import Case
from core.kernel.database import DatabaseFault
from core.kernel.executor import Outcome, Work
from core.kernel.journal import FlowState
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from tests.station.test_station import Floor, Ready
from tests.support import bench


@pytest.fixture
def floor(tmp_path: Path):
    with bench(tmp_path) as it:
        made = Floor(it)
        made.station.start()
        made.run()
        made.scan("STEP")
        made.heard.clear()
        yield made
        made.reader.close()


def failing(floor: Floor, error: Exception):
    """Let the writer fail."""

    def submit(_work: Work) -> "Future[Outcome]":
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future

    floor.station._world.submit = submit


def mended(floor: Floor) -> None:
    floor.station._world.submit = floor.submit


def test_a_full_disk_is_told_and_books_nothing(floor: Floor) -> None:
    before = floor.it.dump()
    failing(floor, DatabaseFault("not written: database or disk is full"))

    floor.scan("OK")

    (heard,) = floor.heard
    assert heard.refusal is not None and heard.refusal.reason is Reason.NOT_SAVED
    assert "disk is full" in str(heard.refusal.facts["fault"])
    assert floor.it.dump() == before


def test_the_next_scan_goes_on_from_the_last_commit_and_is_taken(floor: Floor) -> None:
    failing(floor, DatabaseFault("not written: disk I/O error"))
    floor.scan("OK")
    mended(floor)

    floor.scan("OK")

    assert floor.station.state == Ready(2)
    assert len(floor.it.all(Case)) == 1
    assert floor.heard[-1].refusal is None


def test_a_disk_that_stays_full_is_told_each_time(floor: Floor) -> None:
    failing(floor, DatabaseFault("full"))
    floor.scan("OK", "OK", "OK")

    assert [each.refusal.reason for each in floor.heard if each.refusal] == [Reason.NOT_SAVED] * 3
    mended(floor)
    floor.scan("STEP")
    assert floor.station.idle


def test_scans_read_before_the_stop_was_painted_are_dropped_and_counted(floor: Floor) -> None:
    failing(floor, DatabaseFault("full"))
    floor.paint = False
    floor.station.scan("OK")
    floor.station.scan("STEP")
    floor.run()

    assert floor.heard[-1].dropped == 1
    floor.station.scan("STEP")
    floor.run()
    assert len(floor.heard) == 1


def test_a_bug_in_the_writer_reaches_the_excepthook_and_the_bench_can_be_stopped(floor: Floor) -> None:
    failing(floor, Bug("impossible"))
    with pytest.raises(Bug):
        floor.scan("OK")

    floor.station.stop(Reason.CRASHED, "report.txt")
    mended(floor)
    floor.scan("STEP")

    assert floor.heard[0].refusal is not None and floor.heard[0].refusal.reason is Reason.CRASHED
    assert floor.station.state == Ready(2)


def test_what_stops_it_twice_in_a_row_begins_at_the_first_flow(floor: Floor) -> None:
    floor.station.stop(Reason.CRASHED, "1")
    floor.station.stop(Reason.CRASHED, "2")

    floor.scan("STEP")

    assert floor.station.state == Ready(1)
    assert '"scans":1' in floor.it.all(FlowState)[0].state
