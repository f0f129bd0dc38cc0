"""A station's file after years of work, for measuring: past orders, their ledger, their log and gestures.

The orders come in by the product's own import; what became of them is written straight into the tables, since working
100,000 orders takes a day. `dockside verify` would rightly object: no operation moved these goods.
"""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.kernel.batches import batched
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, LocationId, LotId, LpnId, StationId, derive
from core.kernel.journal import Gesture, GestureInput, GestureOutcome
from core.kernel.tables import Row, sql_of
from core.orders.model import Fulfilment, FulfilmentLine
from core.stock.model import Cause, Condition, StockEntry
from desktop.assembly import assembled

_STILL_OPEN = 1_000
"""Of the past orders, how many at the most still wait for goods: the newest."""


def add_years(home: Path, *, entries: int, gestures: int) -> None:
    """Close all orders but the newest, and add ledger entries and gestures of the past."""
    with assembled(home) as assembly:
        assembly.writer.maintain(_close_orders).result()
        with assembly.database.reading() as connection:
            lines = connection.execute(_lines()).all()
        assert lines, "no order is over: a ledger of nothing would be written for ever"
        rows: Iterable[Row] = itertools.chain(
            itertools.islice(_ledger(lines), entries), _gestures(assembly.identity.station, gestures)
        )
        for some in batched(rows, 20_000):
            assembly.writer.maintain(lambda connection, some=some: _write(connection, some)).result()  # type: ignore[misc]


def _lines() -> sa.Select[Any]:
    line = sql_of(FulfilmentLine)
    return sa.select(line.c.site, line.c.id, line.c.owner, line.c.item).where(line.c.open == 0)


def _close_orders(connection: sa.Connection) -> None:
    part, line = sql_of(Fulfilment), sql_of(FulfilmentLine)
    with connection.begin():
        count = connection.execute(sa.select(sa.func.count()).select_from(part)).scalar_one()
        still = min(_STILL_OPEN, count // 2)
        newest = sa.select(part.c.id).where(part.c.units > 0).order_by(part.c.ordered_at.desc()).limit(still)
        past = part.c.id.not_in(newest)
        # What is promised on arrival may be over as well; what is reserved at a shelf is in somebody's hands.
        for table, which in ((part, past & (part.c.reserved == 0)), (line, line.c.reserved == 0)):
            if table is line:
                which = line.c.fulfilment.in_(sa.select(part.c.id).where(part.c.open == 0))  # noqa: PLW2901
            units = part.c.units if table is part else line.c.quantity
            done = {"promised": units, "picked": units, "packed": units, "loaded": units, "open": 0}
            connection.execute(sa.update(table).where(which).values(**done))


def _ledger(lines: Iterable[Any]) -> Iterator[Row]:
    """Yield entries of past picks, packs and loads over and over the lines: pairs that sum to zero."""
    shelf, cart, bench, world = (LocationId(bytes([n]) * 16) for n in (201, 202, 203, 204))
    steps = ((Cause.PICK, shelf, cart), (Cause.PACK, cart, bench), (Cause.LOAD, bench, world))
    for round_ in itertools.count():
        for site, line, owner, item in lines:
            for n, (cause, source, target) in enumerate(steps):
                operation = CommandId(derive(line, "past", round_ * len(steps) + n))
                for side, (place, sign) in enumerate(((source, -1), (target, 1))):
                    yield StockEntry(
                        site, operation, side, 1_735_000_000_000, cause, owner, item, LotId(NO_ID), "", LpnId(NO_ID), place,
                        Condition.GOOD, sign,
                    )  # fmt: skip


def _gestures(station: StationId, count: int) -> Iterator[Row]:
    for n in range(count):
        yield Gesture(
            station, -count + n, 1_735_000_000_000, SYSTEM, NO_SESSION, "pick", "TakeItem", GestureInput.SCAN,
            "5012345678900", GestureOutcome.ACCEPTED, "", None, "",
        )  # fmt: skip


def _write(connection: sa.Connection, rows: list[Row]) -> None:
    with connection.begin():
        for info, some in itertools.groupby(rows, key=lambda row: row.TABLE):
            marks = ",".join("?" * len(info.columns))
            connection.exec_driver_sql(
                f'INSERT INTO "{info.name}" VALUES ({marks})', [info.values(row) for row in some]
            )
