"""The writer's thread: what somebody waits for goes first, errors come back, nothing handed over is lost."""

from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.database import open_station
from core.kernel.executor import Done, Identity, Work
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.kernel.writer import Writer
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
