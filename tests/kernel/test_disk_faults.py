"""A disk that refuses: the work fails by name, nothing of it is kept, and the next work has a connection of its own."""

from pathlib import Path

import pytest

from core.cases.commands import OpenCase
from core.cases.model import Case, CaseKind
from core.kernel.database import DatabaseFault, open_station
from core.kernel.executor import Done, Identity, Work
from core.kernel.tables import sql_of
from core.kernel.verify import verify_log
from core.kernel.writer import Writer
from tests.support import KEY, SITE, STATION, FakeClock, bench, open_gate


def test_a_full_disk_fails_the_work_and_the_next_one_is_written(tmp_path: Path) -> None:
    with bench(tmp_path) as made:
        bases = [made.base() for _ in range(400)]
    database = open_station(tmp_path / "station.db", KEY)
    large = "x" * 4000

    def work(n: int) -> Work:
        return Work(command=OpenCase(**bases[n], kind=CaseKind.CALL, facts=(("note", large),)))

    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        writer.maintain(lambda c: c.connection.driver_connection.execute("PRAGMA max_page_count = 1")).result(10)
        written, fault = 0, None
        for n in range(300):
            try:
                writer.submit(work(n)).result(10)
                written += 1
            except DatabaseFault as e:
                fault = e
                break
        assert fault is not None and "full" in str(fault)
        assert isinstance(writer.submit(work(350)).result(10), Done)
    with database.reading() as connection:
        kept = connection.exec_driver_sql(f"SELECT count(*) FROM {sql_of(Case).name}").scalar_one()
        assert list(verify_log(connection)) == []
    database.dispose()
    assert kept == written + 1


def test_a_key_that_does_not_fit_is_said(tmp_path: Path) -> None:
    with bench(tmp_path):
        pass
    with pytest.raises(DatabaseFault, match=r"station\.db cannot be read with the key"):
        open_station(tmp_path / "station.db", bytes(32))
