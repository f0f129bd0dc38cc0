"""The writer's thread: what somebody waits for goes first, errors come back, nothing handed over is lost."""

from concurrent.futures import Future
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from core.cases.commands import CloseCase, OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.commands import Command
from core.kernel.database import DatabaseFault, at_one_moment, open_station
from core.kernel.executor import Done, Executor, Failed, GaveWay, GuardBroken, Identity, Outcome, Work
from core.kernel.ids import CaseId
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.kernel.writer import ALONE_AFTER_NS, GIVES_WAY_MOST, SLICE_NS, Writer
from tests.kernel.test_executor import Overdraw
from tests.support import KEY, SITE, STATION, Bench, FakeClock, bench, open_gate


@pytest.fixture
def made(tmp_path: Path) -> Bench:
    with bench(tmp_path) as it:
        return it


def test_a_waiting_scan_goes_before_background_work(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    gate, begun = Event(), Event()

    def hold(_connection: sa.Connection) -> None:
        begun.set()
        gate.wait(10)

    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        held = writer.maintain(hold)
        assert begun.wait(10)
        slow = [writer.submit_background(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))) for _ in range(3)]
        scan = writer.submit(Work(command=OpenCase(**made.base(), kind=CaseKind.DAMAGED)))
        assert writer.waiting == 4
        gate.set()
        held.result(10)
        assert all(isinstance(each.result(10), Done) for each in [*slow, scan])
    with database.reading() as connection:
        log = sql_of(Operation)
        bodies = connection.execute(sa.select(log.c.body).order_by(log.c.position)).scalars().all()
    database.dispose()
    assert ["damaged" in body for body in bodies] == [True, False, False, False]


def test_a_task_stops_for_who_waits_and_comes_again_but_not_for_ever(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    scans: list[Future[Outcome]] = []
    done_before: list[int] = []

    def step_aside(executor: Executor) -> str:
        done_before.append(sum(scan.done() for scan in scans))
        assert not executor.gives_way()
        scans.append(writer.submit(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))))
        if executor.gives_way():
            raise GaveWay
        return "through"

    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        first, second = writer.ask(step_aside), writer.ask(lambda _executor: len(scans))
        assert first.result(10) == "through"
        # What was handed over behind it stays behind it.
        assert second.result(10) == GIVES_WAY_MOST + 1
        assert all(isinstance(each.result(10), Done) for each in scans)
    database.dispose()
    assert done_before == list(range(GIVES_WAY_MOST + 1))


def together(writer: Writer, works: list[Work]) -> list[Future[Outcome]]:
    """Hand over works of the background so that all of them wait when the writer comes to the first."""
    gate, begun = Event(), Event()

    def hold(_connection: sa.Connection) -> None:
        begun.set()
        gate.wait(10)

    writer.maintain(hold)
    assert begun.wait(10)
    futures = [writer.submit_background(work) for work in works]
    gate.set()
    return futures


def test_works_that_nobody_waits_for_share_a_commit(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    commits: list[sa.Connection] = []
    works = [Work(command=OpenCase(**made.base(), kind=CaseKind.CALL)) for _ in range(5)]
    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        writer.maintain(lambda c: sa.event.listen(c.engine, "commit", commits.append)).result(10)
        futures = together(writer, works)
        assert [each.result(10).command for each in futures] == [work.command.id for work in works if work.command]
    database.dispose()
    assert len(commits) == 1


def test_a_slice_ends_and_the_next_commit_takes_the_rest(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    commits: list[sa.Connection] = []
    clock = FakeClock()

    def slow(_connection: sa.Connection, _command: Command) -> None:
        clock.tick(SLICE_NS // 2_000_000)

    with Writer(database, Identity(SITE, STATION), clock, slow) as writer:
        writer.submit(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))).result(10)
        writer.maintain(lambda c: sa.event.listen(c.engine, "commit", commits.append)).result(10)
        for wanted in (3, 1):
            commits.clear()
            works = [Work(command=OpenCase(**made.base(), kind=CaseKind.CALL)) for _ in range(5)]
            assert all(isinstance(each.result(10), Done) for each in together(writer, works))
            assert len(commits) == wanted, "nobody was waited for in a while: more works share a commit"
            clock.tick(ALONE_AFTER_NS // 1_000_000)
    database.dispose()


def test_what_is_refused_or_broken_among_shared_works_fails_alone(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    refused = CloseCase(**made.base(), case=CaseId(b"x" * 16), decision="")
    good = [OpenCase(**made.base(), kind=CaseKind.CALL) for _ in range(3)]
    commands = [good[0], refused, good[1], Overdraw(**made.base()), good[2]]
    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        futures = together(writer, [Work(command=each) for each in commands])
        kinds = [type(each.exception(10) or each.result(10)) for each in futures]
    with database.reading() as connection:
        log = sql_of(Operation)
        ids = connection.execute(sa.select(log.c.id).order_by(log.c.position)).scalars().all()
    database.dispose()
    assert kinds == [Done, Failed, Done, GuardBroken, Done]
    assert ids == [each.id for each in good]


def test_work_of_the_background_is_told_where_no_connection_can_be_had(
    tmp_path: Path, made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_station(tmp_path / "station.db", KEY)

    def full(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SELECT * FROM gone")

    def refused() -> sa.Connection:
        raise sa.exc.DatabaseError("open", {}, Exception("no such disk"))

    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        assert isinstance(writer.maintain(full).exception(10), DatabaseFault)
        monkeypatch.setattr(database, "connect", refused)
        lost = writer.submit_background(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL)))
        assert isinstance(lost.exception(10), DatabaseFault)
        monkeypatch.undo()
        done = writer.submit_background(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL)))
        assert isinstance(done.result(10), Done)
    database.dispose()


def test_an_error_comes_back_to_whoever_waits_and_the_thread_goes_on(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)

    def broken(_connection: sa.Connection) -> None:
        raise ValueError("broken")

    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        with pytest.raises(ValueError, match="broken"):
            writer.maintain(broken).result(10)
        done = writer.submit(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))).result(10)
    database.dispose()
    assert isinstance(done, Done)


def test_what_was_handed_over_is_finished_before_the_writer_stops(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        works = [writer.submit(Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))) for _ in range(20)]
    assert all(work.done() for work in works)
    with database.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(sql_of(Case))).scalar_one() == 20
    database.dispose()


def test_what_is_put_together_from_several_statements_is_of_one_moment(tmp_path: Path, made: Bench) -> None:
    database = open_station(tmp_path / "station.db", KEY)
    work = Work(command=OpenCase(**made.base(), kind=CaseKind.CALL))
    count = sa.select(sa.func.count()).select_from(sql_of(Case))
    with (
        Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer,
        database.reading() as reader,
    ):
        with at_one_moment(reader):
            before = reader.execute(count).scalar_one()
            assert isinstance(writer.submit(work).result(10), Done)
            with at_one_moment(reader):
                assert reader.execute(count).scalar_one() == before
        assert reader.execute(count).scalar_one() == before + 1
        with pytest.raises(ValueError, match="a query fails"), at_one_moment(reader):
            raise ValueError("a query fails")
        with at_one_moment(reader):
            assert reader.execute(count).scalar_one() == before + 1
    database.dispose()
