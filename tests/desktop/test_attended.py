"""The hub takes from stations first at which somebody works: each says whether that is so."""

from pathlib import Path

from core.kernel.executor import Identity
from core.kernel.ids import SessionId
from core.people.model import Session
from desktop.line import somebody_works
from tests.support import NOON, PICKER, SITE, STATION, bench
from tests.sync.world import may_all


def test_a_station_says_that_somebody_works_there_while_they_are_signed_in(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.run(may_all(it.base()))
        attended = somebody_works(it.database, Identity(SITE, STATION))
        assert not attended()
        it.seed(Session(SITE, SessionId(b"s" * 16), PICKER, STATION, NOON, 0, 0))
        assert attended()


def test_a_file_that_does_not_say_keeps_nobody_waiting(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        attended = somebody_works(it.database, Identity(SITE, STATION))
        with it.executor.connection.begin():
            it.executor.connection.exec_driver_sql("DROP TABLE session")
        assert attended()
