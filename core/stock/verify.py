"""Whether stock adds up: balances against the ledger, reserved units against the reservations."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from core.catalog.model import SIGNED, Location
from core.catalog.places import unexplained, world
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.stock.carrying import CarriedStock
from core.stock.ledger import balance_key, key_of
from core.stock.model import Balance, Reservation, StockEntry

_KEY = ("site", "item", "location", "owner", "lot", "serial", "lpn", "condition")


def verify_stock(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every balance that is not what its entries and reservations sum to, and every movement out of balance."""
    entries = sql_of(StockEntry)
    columns = [entries.c[name] for name in _KEY]
    sums = (sa.func.sum(entries.c.quantity), sa.func.sum(entries.c.second_quantity))
    totals = {
        tuple(row[:-2]): (int(row[-2]), int(row[-1]))
        for row in connection.execute(sa.select(*columns, *sums).group_by(*columns))
    }
    for carried in rows_of(CarriedStock, connection.execute(sa.select(sql_of(CarriedStock)))):
        key = _plain(CarriedStock.TABLE.key_of(carried))
        units, second = totals.get(key, (0, 0))
        totals[key] = units + carried.quantity, second + carried.second_quantity
    held: dict[tuple[object, ...], int] = defaultdict(int)
    for row in rows_of(Reservation, connection.execute(sa.select(sql_of(Reservation)))):
        held[_plain(balance_key(row.site, key_of(row)))] += row.quantity
    yield from _balances(connection, totals, held)
    yield from _pairs(connection)
    yield from _causes(connection)


def _plain(key: tuple[object, ...]) -> tuple[object, ...]:
    return (*key[:-1], str(key[-1]))


def _balances(
    connection: sa.Connection, totals: dict[tuple[object, ...], tuple[int, int]], held: dict[tuple[object, ...], int]
) -> Iterator[Difference]:
    places = sql_of(Location)
    signed = {
        (int(site), bytes(place))
        for site, place in connection.execute(sa.select(places.c.site, places.c.id).where(places.c.role.in_(SIGNED)))
    }
    seen = set()
    for row in rows_of(Balance, connection.execute(sa.select(sql_of(Balance)))):
        key = _plain(Balance.TABLE.key_of(row))
        seen.add(key)
        (units, second), reserved = totals.get(key, (0, 0)), held.get(key, 0)
        should = {
            "total": units, "settled": units, "second_quantity": second, "reserved": reserved,
            "signed": int((row.site, row.location) in signed or row.location in (world(row.site), unexplained(row.site))),
        }  # fmt: skip
        for name, want in should.items():
            if getattr(row, name) != want:
                yield Difference("balance", _words(key), f"{name} {want}", f"{name} {getattr(row, name)}")
        if not row.signed and row.total < 0:
            yield Difference("balance", _words(key), "total of 0 or more", f"total {row.total}")
    for key in {*totals, *held} - seen:
        units, _ = totals.get(key, (0, 0))
        if units or held.get(key):
            yield Difference("balance", _words(key), f"a row of {units}, {held.get(key, 0)} reserved", "no row")


def _pairs(connection: sa.Connection) -> Iterator[Difference]:
    """Entries 2k and 2k+1 of an operation are one movement of the same goods: both are there and sum to zero."""
    e = sql_of(StockEntry)
    pair, total = e.c.n - e.c.n % 2, sa.func.sum(e.c.quantity)
    items = sa.func.count(e.c.item.distinct())
    query = (
        sa.select(e.c.operation, pair, total, sa.func.count(), items)
        .group_by(e.c.operation, pair)
        .having(sa.or_(total != 0, sa.func.count() != 2, items != 1))
    )
    for operation, first, units, count, kinds in connection.execute(query):
        key = f"operation {bytes(operation).hex()} entries {first} and {first + 1}"
        found = f"{count} entries, a sum of {units}" if kinds == 1 else "two items"
        yield Difference("stock_entry", key, "two entries of one item, a sum of 0", found)


def _causes(connection: sa.Connection) -> Iterator[Difference]:
    """Every entry is the doing of an operation of the log."""
    e, log = sql_of(StockEntry), sql_of(Operation)
    logged = sa.exists().where(log.c.site == e.c.site, log.c.id == e.c.operation)
    query = sa.select(e.c.operation).distinct().where(~logged)
    for (operation,) in connection.execute(query):
        yield Difference("stock_entry", f"operation {bytes(operation).hex()}", "an operation of the log", "none")


def _words(key: tuple[object, ...]) -> str:
    return "/".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
