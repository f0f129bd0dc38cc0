"""SQLite's planner is told what a busy warehouse looks like, before the first row."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.kernel.statistics import estimates
from core.kernel.tables import TABLES, sql_of
from core.orders.model import FulfilmentLine
from core.waves.model import PickTask
from tests.support import SITE, Bench, bench


@pytest.fixture
def bench_here(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as it:
        yield it


def plan(bench: Bench, query: sa.Select[tuple[object]]) -> str:
    with bench.database.reading() as connection:
        text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        return " / ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))


def test_every_index_has_its_figures(bench_here: Bench) -> None:
    with bench_here.database.reading() as connection:
        told = {tuple(row) for row in connection.exec_driver_sql("SELECT tbl, idx FROM sqlite_stat1")}
        there = {
            (name, name if origin == "pk" and not _with_rowid(name) else index)
            for name in TABLES
            for _, index, _, origin, _ in connection.exec_driver_sql(f'PRAGMA index_list("{name}")')
        }

    assert told == there


def _with_rowid(name: str) -> bool:
    return bool(TABLES[name].sql.dialect_options["sqlite"]["with_rowid"])


@pytest.mark.parametrize(("cls", "column"), [(FulfilmentLine, "fulfilment"), (PickTask, "batch")])
def test_a_parent_s_rows_are_found_by_its_index(bench_here: Bench, cls: type, column: str) -> None:
    table = sql_of(cls)
    query = sa.select(sa.literal(1)).select_from(table).where(table.c.site == SITE, table.c[column] == b"parent")

    assert f"USING COVERING INDEX {table.name}_{column}" in plan(bench_here, query) or (
        f"USING INDEX {table.name}_{column}" in plan(bench_here, query)
    )


def test_a_site_alone_selects_nothing() -> None:
    assert estimates(["site", "order"], unique=False) == [1_000_000, 1_000_000, 5]
    assert estimates(["site", "id"], unique=True) == [1_000_000, 1_000_000, 1]
    assert estimates(["site", "open", "cut_off_at"], unique=False)[2] == 50
