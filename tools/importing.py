"""The import alone, without the promising that the command does afterwards; and the same rows through the driver alone.

`python -m tools.importing HOME FILE` imports a file of orders and prints its report, `… HOME` measures what writing the
orders of HOME costs without this program: the floor that the import stands on.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.exchange.imports import Importer
from core.kernel.database import open_station
from core.kernel.operations import Operation, OpTouch
from core.kernel.tables import Row, rows_of, sql_of
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, OrderLine
from desktop.assembly import assembled
from desktop.memory import collect_seldom

FLOOR_ORDERS = 20_000
ORDERS_A_COMMIT = 240
"""About what 20 ms hold."""


def import_alone(home: Path, path: Path) -> dict[str, object]:
    """Import orders into a home and return the report."""
    collect_seldom()
    with assembled(home) as assembly, assembly.database.reading() as reader:
        importer = Importer(
            site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background, clock=assembly.clock,
            ids=assembly.ids,
        )  # fmt: skip
        return importer.run("orders", path, "dockside").to_json()


def floor(home: Path) -> dict[str, object]:
    """Return how many orders a second the driver writes when it does nothing else: rows, indexes, log, encryption, sync.

    They are the rows of the home's first orders, in its own kind of file, with as many orders a commit as an import has.
    """
    with assembled(home) as assembly, assembly.database.reading() as connection:
        tables = _rows(connection)
    orders = len(tables[sql_of(Order)])
    with tempfile.TemporaryDirectory(prefix="dockside-floor-", dir=home.parent) as folder:
        database = open_station(Path(folder) / "floor.db", bytes(32))
        database.prepare()
        with database.connect() as connection:
            cursor: Any = connection.connection.cursor()
            begun = time.perf_counter()
            for start in range(0, orders, ORDERS_A_COMMIT):
                cursor.execute("BEGIN IMMEDIATE")
                for table, rows in tables.items():
                    share = len(rows) / orders
                    some = rows[round(start * share) : round((start + ORDERS_A_COMMIT) * share)]
                    marks = ",".join("?" * len(table.columns))
                    cursor.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', some)
                cursor.execute("COMMIT")
            took = time.perf_counter() - begun
        database.dispose()
    lines = len(tables[sql_of(OrderLine)])
    return {"orders_per_second": orders / took, "lines_per_second": lines / took}


def _rows(connection: sa.Connection) -> dict[sa.Table, list[tuple[Any, ...]]]:
    """Return the rows of the first orders by table, as the driver takes them."""
    order = sql_of(Order)
    first = sa.select(order.c.id).order_by(order.c.site, order.c.id).limit(FLOOR_ORDERS).scalar_subquery()
    log, touch = sql_of(Operation), sql_of(OpTouch)
    wanted: list[tuple[type[Row], Any]] = [
        (Contact, sql_of(Contact).c.id.in_(sa.select(order.c.contact).where(order.c.id.in_(first)))),
        (Order, order.c.id.in_(first)),
        (Fulfilment, sql_of(Fulfilment).c.order.in_(first)),
        (OrderLine, sql_of(OrderLine).c.order.in_(first)),
        (FulfilmentLine, sql_of(FulfilmentLine).c.order.in_(first)),
        (OpTouch, touch.c.id.in_(first)),
        (Operation, log.c.id.in_(sa.select(touch.c.operation).where(touch.c.id.in_(first)))),
    ]
    found = {}
    for cls, condition in wanted:
        table = sql_of(cls)
        query = sa.select(table).where(condition).order_by(*table.primary_key.columns)
        found[table] = [cls.TABLE.values(row) for row in rows_of(cls, connection.execute(query))]
    return found


def main(words: list[str]) -> int:
    """Do one of the two and print what came of it."""
    home, *files = map(Path, words)
    print(json.dumps(import_alone(home, files[0]) if files else floor(home)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
