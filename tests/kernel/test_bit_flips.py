"""A bit that changes on the disk, in the file or in what was not copied into it yet, is found or changes nothing.

What finds it: the sum over each page, the sums over the log of the last commits, and the witness beside the file, since a
broken commit at the log's end reads like one that never was.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.exchange.verify import verify_all
from core.kernel.database import DatabaseFault, open_station
from core.kernel.tables import metadata
from core.kernel.witness import Said, saw_more
from core.rights.standing import standing
from tests.support import KEY, bench

COMMITS = 40
FLIPS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, bytes], Said, str]]:
    """The bytes of a file and its log after some work, a part of it not copied yet; what the witness saw; what is in it."""
    folder = tmp_path_factory.mktemp("whole")
    with bench(folder) as it:
        for n in range(COMMITS):
            if n == COMMITS // 2:
                it.executor.connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                it.executor.connection.rollback()
            it.run(OpenCase(**it.base(), kind=CaseKind.CALL, subject=bytes([n])))
        with it.executor.connection.begin():
            now = standing(it.executor.connection)
        said = Said(b"start", now.identity.incarnation, now.length, now.head)
        files = {name: (folder / f"station.db{name}").read_bytes() for name in ("", "-wal")}
    yield files, said, read(folder / "whole", files)


def read(folder: Path, files: dict[str, bytes]) -> str:
    """Return all that is in a file, read as a station that starts does and as `dockside verify` does.

    Raises:
        DatabaseFault: it cannot be read.
        sqlalchemy.exc.DatabaseError: a part of it cannot be read.
    """
    folder.mkdir()
    for name, data in files.items():
        (folder / f"station.db{name}").write_bytes(data)
    database = open_station(folder / "station.db", KEY)
    try:
        with database.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall() == []
            assert connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() == "ok"
            assert verify_all(connection) == ()
            now = standing(connection)
            rows = [connection.execute(sa.select(each)).fetchall() for each in metadata.sorted_tables]
            return repr((now.identity, now.length, rows))
    finally:
        database.dispose()


@pytest.mark.parametrize("share", [0, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(1, 20))])
def test_a_bit_that_changed_is_found(whole: tuple[dict[str, bytes], Said, str], tmp_path: Path, share: int) -> None:
    files, said, rows = whole
    chance = Random(share)
    silent, found = [], 0
    for n in range(FLIPS):
        # Half of them in the log of the last commits, which is the smaller file.
        name = ("", "-wal")[n % 2]
        data = bytearray(files[name])
        place = chance.randrange(len(data) * 8)
        data[place // 8] ^= 1 << place % 8
        try:
            now = read(tmp_path / str(n), files | {name: bytes(data)})
        except (DatabaseFault, sa.exc.DatabaseError, AssertionError):
            found += 1
            continue
        if now == rows:
            continue
        if is_seen_by_the_witness(tmp_path / str(n), said):
            found += 1
        else:
            silent.append((name, place))

    assert silent == []
    assert found > FLIPS // 2


def is_seen_by_the_witness(folder: Path, said: Said) -> bool:
    database = open_station(folder / "station.db", KEY)
    try:
        with database.reading() as connection:
            return saw_more(connection, standing(connection).identity, said)
    finally:
        database.dispose()
