"""Reading stock: what may be promised, what may be picked, what lies where and why it may not be taken."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from core.catalog.model import PICKABLE, PROMISABLE, Location, LocationRole
from core.kernel.ids import ItemId, LocationId, LotId, LpnId, OwnerId, SiteId
from core.kernel.tables import rows_of, sql_of
from core.stock.expiry import not_expired
from core.stock.model import (
    Balance,
    Cause,
    Condition,
    CountRequest,
    CountState,
    Lot,
    StockEntry,
    StockHold,
    StockKey,
)


@dataclass(frozen=True, slots=True)
class ItemQuantity:
    """Units of one item of one owner."""

    owner: OwnerId
    item: ItemId
    quantity: int


@dataclass(frozen=True, slots=True)
class ShelfStock:
    """Free units of one stock key at a location one may pick from."""

    key: StockKey
    free: int
    expiry: str
    first_at: int
    sequence: int
    location_code: str


def _usable(site: SiteId, today: str, roles: Iterable[LocationRole]) -> sa.Select[tuple[object, ...]]:
    """Return the select over balances one may use: good, in a role, not blocked, not held, not expired."""
    b, p, lots, holds = sql_of(Balance), sql_of(Location), sql_of(Lot), sql_of(StockHold)
    held = sa.exists().where(
        holds.c.site == site, holds.c.released_at == 0, holds.c.target.in_([b.c.lot, b.c.location, b.c.item])
    )
    return (
        sa.select()
        .select_from(b)
        .join(p, sa.and_(p.c.site == b.c.site, p.c.id == b.c.location))
        .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
        .where(
            b.c.site == site,
            b.c.total > 0,
            b.c.condition == Condition.GOOD.value,
            p.c.role.in_([role.value for role in roles]),
            p.c.blocked == "",
            not_expired(lots.c.expiry, today),
            ~held,
        )
    )


def promisable(
    connection: sa.Connection, site: SiteId, today: str, roles: Iterable[LocationRole] = PROMISABLE
) -> tuple[ItemQuantity, ...]:
    """Return the units per owner and item that a promise may count on, in one statement."""
    b = sql_of(Balance)
    query = _usable(site, today, roles).add_columns(b.c.owner, b.c.item, sa.func.sum(b.c.total))
    return tuple(
        ItemQuantity(owner, item, int(total))
        for owner, item, total in connection.execute(query.group_by(b.c.owner, b.c.item))
    )


def pickable_stock(
    connection: sa.Connection, site: SiteId, today: str, items: Iterable[ItemId]
) -> tuple[ShelfStock, ...]:
    """Return the free units of these items by stock key, at locations one picks from."""
    b, p, lots = sql_of(Balance), sql_of(Location), sql_of(Lot)
    columns = (
        b.c.owner, b.c.item, b.c.location, b.c.lot, b.c.serial, b.c.lpn, b.c.total - b.c.reserved,
        sa.func.coalesce(lots.c.expiry, ""), sa.func.coalesce(lots.c.first_at, 0), p.c.sequence, p.c.code,
    )  # fmt: skip
    query = _usable(site, today, PICKABLE).add_columns(*columns).where(b.c.total > b.c.reserved)
    found: list[ShelfStock] = []
    wanted = list(items)
    for start in range(0, len(wanted), 500):
        for row in connection.execute(query.where(b.c.item.in_(wanted[start : start + 500]))):
            key = StockKey(
                owner=OwnerId(row[0]), item=ItemId(row[1]), location=LocationId(row[2]), lot=LotId(row[3]),
                serial=row[4], lpn=LpnId(row[5]),
            )  # fmt: skip
            found.append(ShelfStock(key, *row[6:]))
    return tuple(found)


def open_count(connection: sa.Connection, site: SiteId, key: StockKey) -> CountRequest | None:
    """Return the count that is asked for at a key already, if one is."""
    counts = sql_of(CountRequest)
    query = sa.select(counts).where(
        counts.c.site == site,
        counts.c.location == key.location,
        counts.c.state == CountState.OPEN.value,
        counts.c.item == key.item,
        counts.c.lot == key.lot,
        counts.c.owner == key.owner,
    )
    found = rows_of(CountRequest, connection.execute(query))
    return found[0] if found else None


def opening_stock(connection: sa.Connection, site: SiteId) -> dict[StockKey, int]:
    """Return what lay here when the books began, by stock key."""
    e = sql_of(StockEntry)
    names = ("owner", "item", "location", "lot", "serial", "lpn", "condition")
    query = (
        sa.select(*(e.c[name] for name in names), sa.func.sum(e.c.quantity))
        .where(e.c.site == site, e.c.cause == Cause.OPENING.value, e.c.quantity > 0)
        .group_by(*(e.c[name] for name in names))
    )
    return {
        StockKey(**dict(zip(names, (*row[:-2], Condition(row[-2])), strict=True))): int(row[-1])
        for row in connection.execute(query)
    }


def serials_here(connection: sa.Connection, site: SiteId, serials: Iterable[str]) -> set[tuple[ItemId, str]]:
    """Return which of these serials are in the house, with their items."""
    b = sql_of(Balance)
    query = sa.select(b.c.item, b.c.serial).where(
        b.c.site == site, b.c.serial.in_(list(serials)), b.c.signed == 0, b.c.total > 0
    )
    return {(ItemId(item), serial) for item, serial in connection.execute(query)}


def lots_of(connection: sa.Connection, site: SiteId, ids: Iterable[LotId]) -> dict[LotId, Lot]:
    """Return lots by id."""
    table = sql_of(Lot)
    query = sa.select(table).where(table.c.site == site, table.c.id.in_(list(ids)))
    return {row.id: row for row in rows_of(Lot, connection.execute(query))}


def why_not_pickable(role: LocationRole, blocked: str, condition: Condition, *, expired: bool, held: bool) -> str:
    """Return in one word why stock may not be picked, empty when it may."""
    if condition is not Condition.GOOD:
        return str(condition)
    if blocked:
        return "blocked"
    if held:
        return "held"
    if expired:
        return "expired"
    return "" if role in PICKABLE else str(role)
