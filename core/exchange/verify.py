"""`dockside verify`: everything that can be recomputed, recomputed; each difference named."""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference, verify_log
from core.orders.model import Fulfilment, FulfilmentLine
from core.orders.progress import COUNTERS
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.model import Pick
from core.stock.model import Reservation
from core.stock.verify import verify_stock


def verify_all(connection: sa.Connection) -> tuple[Difference, ...]:
    """Return every difference: log, stock, counters of fulfilments and their lines, unit ordinals in parcels."""
    return (
        *verify_log(connection),
        *verify_stock(connection),
        *_counters(connection),
        *_reserved(connection),
        *_packed(connection),
        *_ordinals(connection),
    )


def _counters(connection: sa.Connection) -> Iterator[Difference]:
    line, head = sql_of(FulfilmentLine), sql_of(Fulfilment)
    sums = [sa.func.sum(line.c[name]) for name in COUNTERS]
    query = sa.select(line.c.site, line.c.fulfilment, sa.func.sum(line.c.quantity), *sums).group_by(
        line.c.site, line.c.fulfilment
    )
    found = {(row[0], row[1]): [int(value) for value in row[2:]] for row in connection.execute(query)}
    for row in rows_of(Fulfilment, connection.execute(sa.select(head))):
        want = found.get((row.site, row.id), [0] * (len(COUNTERS) + 1))
        have = [row.units, *(getattr(row, name) for name in COUNTERS)]
        for name, expected, got in zip(("units", *COUNTERS), want, have, strict=True):
            if expected != got:
                yield Difference("fulfilment", row.id.hex(), f"{name} {expected}", f"{name} {got}")


def _reserved(connection: sa.Connection) -> Iterator[Difference]:
    """Reserved units of a line are those in reservations and those picked from them."""
    line, held = sql_of(FulfilmentLine), sql_of(Reservation)
    query = sa.select(held.c.demand, sa.func.sum(held.c.quantity)).group_by(held.c.demand)
    open_units = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    for row in rows_of(FulfilmentLine, connection.execute(sa.select(line))):
        want = open_units.get(row.id, 0) + row.picked
        if row.reserved != want:
            yield Difference("fulfilment_line", row.id.hex(), f"reserved {want}", f"reserved {row.reserved}")


def _packed(connection: sa.Connection) -> Iterator[Difference]:
    line, inside, parcel, picks = sql_of(FulfilmentLine), sql_of(ParcelContent), sql_of(Parcel), sql_of(Pick)
    query = (
        sa.select(inside.c.line, sa.func.sum(inside.c.quantity), sa.func.sum(sa.case((parcel.c.loaded_at > 0, inside.c.quantity), else_=0)))
        .select_from(inside)
        .join(parcel, sa.and_(parcel.c.site == inside.c.site, parcel.c.id == inside.c.parcel))
        .where(parcel.c.state != ParcelState.VOID.value)
        .group_by(inside.c.line)
    )  # fmt: skip
    packed = {bytes(row[0]): (int(row[1]), int(row[2])) for row in connection.execute(query)}
    taken = {
        bytes(row[0]): int(row[1])
        for row in connection.execute(sa.select(picks.c.line, sa.func.sum(picks.c.quantity)).group_by(picks.c.line))
    }
    for row in rows_of(FulfilmentLine, connection.execute(sa.select(line))):
        want = packed.get(row.id, (0, 0))
        if (row.packed, row.loaded) != want:
            yield Difference(
                "fulfilment_line",
                row.id.hex(),
                f"packed {want[0]}, loaded {want[1]}",
                f"packed {row.packed}, loaded {row.loaded}",
            )
        if row.picked > taken.get(row.id, 0):
            yield Difference("fulfilment_line", row.id.hex(), f"picked {taken.get(row.id, 0)}", f"picked {row.picked}")


def _ordinals(connection: sa.Connection) -> Iterator[Difference]:
    """No unit ordinal lies in two parcels."""
    inside = sql_of(ParcelContent)
    last: dict[bytes, int] = {}
    query = sa.select(inside.c.line, inside.c.first, inside.c.quantity).order_by(inside.c.line, inside.c.first)
    for line, first, quantity in connection.execute(query):
        before = last.get(bytes(line), 0)
        if first <= before:
            yield Difference("parcel_content", bytes(line).hex(), f"ordinals from {before + 1}", f"ordinal {first}")
        last[bytes(line)] = first + quantity - 1
