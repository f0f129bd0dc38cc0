"""Upkeep: a copy a day that opens and seven of them, a log that is made short, an end that is looked at."""

import os
from pathlib import Path

import pytest

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.database import open_station
from core.kernel.upkeep import DAY_MS, KEPT, copy_due, make_daily_copy, marked_as_open, shorten_log, verify_tail
from tests.support import KEY, NOON, bench


def calls(it, count: int) -> None:
    for _ in range(count):
        it.run(OpenCase(**it.base(), kind=CaseKind.CALL))


def test_a_daily_copy_opens_and_holds_what_was_committed(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        calls(it, 3)
        made = make_daily_copy(it.database, tmp_path / "backups", NOON)
        copy = open_station(made, KEY)
        with copy.reading() as connection:
            assert list(verify_tail(connection)) == []
            assert connection.exec_driver_sql("SELECT count(*) FROM op_log").scalar_one() == 3
        copy.dispose()


def test_seven_are_kept_and_those_before_a_migration_stay(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    with bench(tmp_path) as it:
        folder.mkdir()
        (folder / "before-r2-from-r1.db").write_bytes(b"")
        made = [make_daily_copy(it.database, folder, NOON + day * DAY_MS) for day in range(KEPT + 2)]

    assert sorted(folder.glob("daily-*.db")) == sorted(made)[-KEPT:]
    assert (folder / "before-r2-from-r1.db").exists()


def test_a_copy_is_due_when_the_newest_is_a_day_old(tmp_path: Path) -> None:
    assert copy_due(tmp_path, NOON)
    newest = tmp_path / "daily-20251216-120000.db"
    newest.touch()
    os.utime(newest, (NOON / 1000, NOON / 1000))

    assert not copy_due(tmp_path, NOON + DAY_MS - 1)
    assert copy_due(tmp_path, NOON + DAY_MS)


def test_the_log_is_made_short(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        calls(it, 5)
        wal = tmp_path / "station.db-wal"
        assert wal.stat().st_size > 0

        shorten_log(it.executor.connection)

        assert wal.stat().st_size == 0


@pytest.mark.parametrize("count", [3, 100])
def test_a_broken_end_is_named(tmp_path: Path, count: int) -> None:
    with bench(tmp_path) as it:
        calls(it, 8)
        with it.executor.connection.begin():
            for (name,) in it.executor.connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'op_log'"
            ).all():
                it.executor.connection.exec_driver_sql(f"DROP TRIGGER {name}")
            it.executor.connection.exec_driver_sql("UPDATE op_log SET body = '{}' WHERE position = 7")
        with it.database.reading() as connection:
            found = list(verify_tail(connection, count))

    assert [each.key for each in found] == ["position 7"]


def test_a_mark_is_left_by_whoever_does_not_come_back(tmp_path: Path) -> None:
    with marked_as_open(tmp_path) as unclean:
        assert not unclean
    with marked_as_open(tmp_path) as unclean:
        assert not unclean
    with pytest.raises(ZeroDivisionError), marked_as_open(tmp_path):
        raise ZeroDivisionError
    with marked_as_open(tmp_path) as unclean:
        assert unclean
