"""Whether stock adds up: balances against the ledger, reserved units against the reservations."""

from collections import defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference
from core.stock.ledger import balance_key
from core.stock.model import Balance, Reservation, StockEntry
from core.stock.reserving import key_of

_KEY = ("site", "item", "location", "owner", "lot", "serial", "lpn", "condition")


def verify_stock(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every balance that is not what its entries and reservations sum to, and every unbalanced operation."""
    entries = sql_of(StockEntry)
    columns = [entries.c[name] for name in _KEY]
    query = sa.select(*columns, sa.func.sum(entries.c.quantity)).group_by(*columns)
    totals = {tuple(row[:-1]): int(row[-1]) for row in connection.execute(query)}
    held: dict[tuple[object, ...], int] = defaultdict(int)
    for row in rows_of(Reservation, connection.execute(sa.select(sql_of(Reservation)))):
        held[_plain(balance_key(row.site, key_of(row)))] += row.quantity
    yield from _balances(connection, totals, held)
    yield from _pairs(connection)


def _plain(key: tuple[object, ...]) -> tuple[object, ...]:
    return (*key[:-1], str(key[-1]))


def _balances(
    connection: sa.Connection, totals: dict[tuple[object, ...], int], held: dict[tuple[object, ...], int]
) -> Iterator[Difference]:
    seen = set()
    for row in rows_of(Balance, connection.execute(sa.select(sql_of(Balance)))):
        key = _plain(Balance.TABLE.key_of(row))
        seen.add(key)
        want, reserved = totals.get(key, 0), held.get(key, 0)
        if row.total != want:
            yield Difference("balance", _words(key), f"total {want}", f"total {row.total}")
        if row.settled != want:
            yield Difference("balance", _words(key), f"settled {want}", f"settled {row.settled}")
        if row.reserved != reserved:
            yield Difference("balance", _words(key), f"reserved {reserved}", f"reserved {row.reserved}")
        if not row.signed and row.total < 0:
            yield Difference("balance", _words(key), "total of 0 or more", f"total {row.total}")
    for key in {*totals, *held} - seen:
        if totals.get(key) or held.get(key):
            yield Difference("balance", _words(key), f"a row of {totals.get(key, 0)}", "no row")


def _pairs(connection: sa.Connection) -> Iterator[Difference]:
    entries = sql_of(StockEntry)
    query = (
        sa.select(entries.c.operation, entries.c.item, sa.func.sum(entries.c.quantity))
        .group_by(entries.c.operation, entries.c.item)
        .having(sa.func.sum(entries.c.quantity) != 0)
    )
    for operation, item, total in connection.execute(query):
        key = f"operation {bytes(operation).hex()} item {bytes(item).hex()}"
        yield Difference("stock_entry", key, "a sum of 0", str(total))


def _words(key: tuple[object, ...]) -> str:
    return "/".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
