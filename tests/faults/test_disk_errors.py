"""A disk that cannot write a block, and a file that another program has locked: nothing is confirmed that was not committed, and it goes on."""

import gc
from pathlib import Path
from random import Random

import pytest

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.database import Database, DatabaseFault, open_station
from core.kernel.executor import Done, Identity, Work
from core.kernel.ids import CommandId
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.kernel.verify import verify_log
from core.kernel.writer import Writer
from tests.simulation.lossyfs import mounted, unavailable
from tests.support import KEY, SITE, STATION, FakeClock, bench, open_gate

COMMANDS = 120


def works(folder: Path) -> list[Work]:
    """Make a station's file in a folder, and return what is done at it one after the other."""
    with bench(folder) as made:
        bases = [made.base() for _ in range(COMMANDS)]
    return [Work(command=OpenCase(**base, kind=CaseKind.CALL, facts=(("note", "x" * 500),))) for base in bases]


def logged(database: Database) -> set[CommandId]:
    """Return the operations that are in the log, which follows from its beginning."""
    with database.reading() as connection:
        assert list(verify_log(connection)) == []
        return {
            CommandId(bytes(row[0])) for row in connection.exec_driver_sql(f"SELECT id FROM {sql_of(Operation).name}")
        }


@pytest.mark.timeout(300)
@pytest.mark.skipif(unavailable() is not None, reason=f"no failing disk here: {unavailable()}")
@pytest.mark.parametrize("seed", range(3))
def test_what_a_disk_with_bad_blocks_did_not_take_is_told_and_what_it_took_is_there(tmp_path: Path, seed: int) -> None:
    chance, confirmed, told = Random(seed), set(), {}
    with mounted(tmp_path, seed=seed) as mount:
        asked = works(mount.path)
        database = open_station(mount.path / "station.db", KEY)
        with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
            for work in asked:
                if chance.random() < 0.3:
                    mount.refuse(chance.randint(1, 6), chance.choice((1, 1, 3)))
                try:
                    done = writer.submit(work).result(20)
                except DatabaseFault as e:
                    told[work.command.id] = str(e)
                else:
                    assert isinstance(done, Done)
                    confirmed.add(work.command.id)
            mount.refuse(0, 0)
            again = [work for work in asked if work.command.id in told]
            for work in again:
                # Whoever was told so does it once more, under its id: what was written all the same is not done twice.
                assert isinstance(writer.submit(work).result(20), Done)
        database.dispose()
        database = open_station(mount.path / "station.db", KEY)
        kept = logged(database)
        database.dispose()
        # A connection whose end the disk refused as well ends with the last who knows of it.
        gc.collect()

    assert told, "the disk refused something"
    assert set(told.values()) <= {"not written: disk I/O error", "not written: unable to open database file"}
    assert kept >= confirmed | set(told)


def test_a_file_that_another_program_holds_is_told_and_the_work_goes_on_once_it_lets_go(tmp_path: Path) -> None:
    asked = works(tmp_path)
    database = open_station(tmp_path / "station.db", KEY)
    with Writer(database, Identity(SITE, STATION), FakeClock(), open_gate) as writer:
        assert isinstance(writer.submit(asked[0]).result(20), Done)
        another = open_station(tmp_path / "station.db", KEY)
        with another.connect() as other, other.begin():
            with pytest.raises(DatabaseFault, match="not written: database is locked"):
                writer.submit(asked[1]).result(60)
        another.dispose()
        assert isinstance(writer.submit(asked[1]).result(20), Done)
    kept = logged(database)
    database.dispose()
    assert {each.command.id for each in asked[:2]} <= kept
