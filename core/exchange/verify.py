"""`dockside verify`: everything that can be recomputed, recomputed; each difference named."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.ids import NO_ID
from core.kernel.tables import rows_of, sql_of
from core.kernel.verify import Difference, verify_log
from core.orders.model import FulfilmentLine
from core.orders.verify import verify_orders, verify_timeline
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.model import Pick
from core.receiving.verify import verify_deliveries
from core.shipping.model import Manifest
from core.stock.model import Reservation
from core.stock.verify import verify_stock
from core.waves.verify import verify_waves


def verify_all(connection: sa.Connection, *, follows: bool = False) -> tuple[Difference, ...]:
    """Return every difference: log, stock, orders, work, what is packed and loaded, unit ordinals.

    Args:
        connection: a reader's.
        follows: whether the database follows a hub: the operations of others are not in its log, lists that were closed
            long ago not in its tables.
    """
    return (*verify_log(connection), *verify_books(connection, follows=follows))


def verify_books(connection: sa.Connection, *, follows: bool = False) -> tuple[Difference, ...]:
    """Return every difference of what the operations have made, whoever's they are."""
    return (
        *verify_stock(connection),
        *verify_deliveries(connection),
        *verify_orders(connection),
        *(() if follows else verify_timeline(connection)),
        *verify_waves(connection),
        *_reserved(connection),
        *_packed(connection),
        *_ordinals(connection),
        *_parcels(connection),
        *_manifests(connection, follows=follows),
    )


def _reserved(connection: sa.Connection) -> Iterator[Difference]:
    """Reserved units of a line are those in reservations and those picked from them; of what two carts picked twice a case tells."""
    line, held = sql_of(FulfilmentLine), sql_of(Reservation)
    query = sa.select(held.c.demand, sa.func.sum(held.c.quantity)).group_by(held.c.demand)
    open_units = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    for row in rows_of(FulfilmentLine, connection.execute(sa.select(line))):
        want = open_units.get(row.id, 0) + row.picked
        if row.reserved != want:
            case = _picked_twice(connection, row) if row.reserved < want else ""
            yield Difference("fulfilment_line", row.id.hex(), f"reserved {want}", f"reserved {row.reserved}", case)


def _picked_twice(connection: sa.Connection, line: FulfilmentLine) -> str:
    """Return the kind of the case that tells of units of a line's order beyond what was ordered; empty for none."""
    cases = sql_of(Case)
    query = sa.select(cases.c.facts).where(
        cases.c.site == line.site, cases.c.kind == CaseKind.PUT_BACK.value, cases.c.subject == line.fulfilment
    )
    told = any(codec.parse(str(row[0])).get("reason") == "picked_twice" for row in connection.execute(query))
    return CaseKind.PUT_BACK.value if told else ""


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
    """No unit ordinal lies in two reservations, or in two parcels; of two parcels that were packed all the same a case tells."""
    inside, held = sql_of(ParcelContent), sql_of(Reservation)
    told: Mapping[str, str] | None = None
    for table, line, holder in ((inside, inside.c.line, inside.c.parcel), (held, held.c.demand, held.c.id)):
        last: dict[bytes, tuple[int, str]] = {}
        query = sa.select(line, table.c.first, table.c.quantity, holder).order_by(line, table.c.first, holder)
        if table is held:
            # What is kept for a walk is nobody's units yet.
            query = query.where(held.c.work != NO_ID)
        for demand, first, quantity, where in connection.execute(query):
            before, other = last.get(bytes(demand), (0, ""))
            if first <= before:
                if told is None:
                    told = _doubles(connection)
                case = told.get(bytes(where).hex(), "") if other in told else ""
                yield Difference(
                    table.name, bytes(demand).hex(), f"ordinals from {before + 1}", f"ordinal {first}", case
                )
            end = first + quantity - 1
            last[bytes(demand)] = max((before, other), (end, bytes(where).hex()))


def _doubles(connection: sa.Connection) -> Mapping[str, str]:
    """Return the cases, open or decided, that tell of units in two parcels, by each of those parcels."""
    cases = sql_of(Case)
    kinds = [CaseKind.DOUBLE_PARCEL.value, CaseKind.SHIPPED_TWICE.value]
    found = connection.execute(sa.select(cases.c.kind, cases.c.facts).where(cases.c.kind.in_(kinds)))
    facts = [(str(kind), codec.parse(facts)) for kind, facts in found]
    return {str(told[name]): kind for kind, told in facts for name in ("parcel", "other")}


def _parcels(connection: sa.Connection) -> Iterator[Difference]:
    inside, parcel = sql_of(ParcelContent), sql_of(Parcel)
    query = sa.select(inside.c.parcel, sa.func.sum(inside.c.quantity)).group_by(inside.c.parcel)
    units = {bytes(row[0]): int(row[1]) for row in connection.execute(query)}
    for row in rows_of(Parcel, connection.execute(sa.select(parcel))):
        want = units.get(row.id, 0)
        if row.units != want:
            yield Difference("parcel", row.id.hex(), f"{want} units", f"{row.units} units")


def _manifests(connection: sa.Connection, *, follows: bool) -> Iterator[Difference]:
    parcel = sql_of(Parcel)
    grams = sa.case((parcel.c.weight_grams > 0, parcel.c.weight_grams), else_=parcel.c.expected_grams)
    query = (
        sa.select(parcel.c.manifest, sa.func.count(), sa.func.sum(grams))
        .where(parcel.c.loaded_at > 0)
        .group_by(parcel.c.manifest)
    )
    loaded = {bytes(row[0]): (int(row[1]), int(row[2])) for row in connection.execute(query)}
    for row in rows_of(Manifest, connection.execute(sa.select(sql_of(Manifest)))):
        want, have = loaded.pop(row.id, (0, 0)), (row.parcels, row.weight_grams)
        if want != have:
            words = [f"{count} parcels, {grams} g" for count, grams in (want, have)]
            yield Difference("manifest", row.id.hex(), *words)
    for manifest, (count, _) in () if follows else loaded.items():
        yield Difference("parcel", f"manifest {manifest.hex()}", "a manifest", f"none, {count} parcels loaded")
