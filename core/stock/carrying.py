"""Stock whose entries are not here: what they sum to is carried, so that balances of a station add up without all that ever was.

A station that loads a site gets sums instead of years of entries; from then on the feed brings it every entry. The one
thing a newcomer would get wrong: a sum is as of one point of the feed, the one from which the station follows it.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from core.catalog.model import SIGNED, Location
from core.catalog.places import unexplained, world
from core.kernel.catching_up import when_forgotten
from core.kernel.comparing import compare_sums
from core.kernel.feed import Feed, key_of, key_text
from core.kernel.ids import ItemId, LocationId, LotId, LpnId, OwnerId, SiteId
from core.kernel.loading import derived_again
from core.kernel.shadow import Shadow
from core.kernel.statements import insert_rows, mark_of
from core.kernel.tables import Key, Row, TableClass, rows_of, sql_of, table
from core.kernel.uow import Role, UnitOfWork
from core.stock.model import Balance, Condition, Reservation, StockEntry


@table(TableClass.LOCAL, key=("site", "item", "location", "owner", "lot", "serial", "lpn", "condition"))
class CarriedStock(Row):
    """What the entries of one stock key that are not here sum to."""

    site: SiteId
    item: ItemId
    location: LocationId
    owner: OwnerId
    lot: LotId
    serial: str
    lpn: LpnId
    condition: Condition
    quantity: int
    second_quantity: int


KEY = CarriedStock.TABLE.key


@derived_again(CarriedStock)
def balance_again(connection: sa.Connection, site: SiteId) -> None:
    """Make the balances of a site anew from what is carried, the entries that are here, and the reservations."""
    totals: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for carried in rows_of(CarriedStock, _of(connection, CarriedStock, site)):
        sums = totals[_plain(carried)]
        sums[0] += carried.quantity
        sums[1] += carried.quantity
        sums[3] += carried.second_quantity
    for entry in rows_of(StockEntry, _of(connection, StockEntry, site)):
        sums = totals[_plain(entry)]
        sums[0] += entry.quantity
        sums[1] += entry.quantity
        sums[3] += entry.second_quantity
    for entry in _unsettled(connection, site):
        totals[_plain(entry)][0] -= entry.quantity
    for held in rows_of(Reservation, _of(connection, Reservation, site)):
        totals[_plain(held)][2] += held.quantity
    places = sql_of(Location)
    signed = {bytes(each) for each in connection.execute(
        sa.select(places.c.id).where(places.c.site == site, places.c.role.in_(SIGNED))
    ).scalars()} | {world(site), unexplained(site)}  # fmt: skip
    rows = [
        Balance(
            site,
            key[1],
            key[2],
            key[3],
            key[4],
            key[5],
            key[6],
            Condition(key[7]),
            settled,
            total,
            reserved,
            int(key[2] in signed),
            second,
        )
        for key, (settled, total, reserved, second) in totals.items()
        if settled or total or reserved
    ]
    balances = sql_of(Balance)
    connection.execute(sa.delete(balances).where(balances.c.site == site))
    if rows:
        mark = mark_of(connection)
        sql, runs = insert_rows(Balance.TABLE, [Balance.TABLE.values(row) for row in rows], mark)
        connection.exec_driver_sql(sql, list(runs))


@when_forgotten(StockEntry)
def carry(connection: sa.Connection, _site: SiteId, told: Sequence[Feed], _since: int) -> None:
    """Carry the sums of entries that are forgotten here, instead of the entries."""
    uow = UnitOfWork(connection, role=Role.REPLICA)
    uow.fetch({StockEntry: [key_of(StockEntry.TABLE, each.key) for each in told]})
    found = (uow.get(StockEntry, key_of(StockEntry.TABLE, each.key)) for each in told)
    entries = [entry for entry in found if entry is not None]
    uow.fetch({CarriedStock: list(map(_plain, entries))})
    for entry in entries:
        known = uow.get(CarriedStock, _plain(entry))
        units, second = (0, 0) if known is None else (known.quantity, known.second_quantity)
        uow.put(
            CarriedStock(
                entry.site, entry.item, entry.location, entry.owner, entry.lot, entry.serial, entry.lpn, entry.condition,
                units + entry.quantity, second + entry.second_quantity,
            )
        )  # fmt: skip
        uow.delete(entry)
    # A tote filling and a parcel are a key each: what came into them is gone out again, and says nothing any more.
    for key in dict.fromkeys(map(_plain, entries)):
        row = uow.get(CarriedStock, key)
        if row is not None and not (row.quantity or row.second_quantity):
            uow.delete(row)
    uow.flush(varied=True)


def _ledger_sums(connection: sa.Connection, site: SiteId) -> dict[str, str]:
    """Return what a station's ledger sums to, by stock key: what is carried, and the entries that are here."""
    parts = [
        sa.select(*(rows.c[name] for name in KEY), rows.c.quantity, rows.c.second_quantity).where(rows.c.site == site)
        for rows in (sql_of(CarriedStock), sql_of(StockEntry))
    ]
    all_of_it = sa.union_all(*parts).subquery()
    columns = [all_of_it.c[name] for name in KEY]
    units, second = sa.func.sum(all_of_it.c.quantity), sa.func.sum(all_of_it.c.second_quantity)
    query = sa.select(*columns, units, second).group_by(*columns).having(sa.or_(units != 0, second != 0))
    return _sums(connection, query)


def _balance_sums(connection: sa.Connection, site: SiteId) -> dict[str, str]:
    """Return what the hub's ledger sums to, as its balances say it: `dockside hub verify` adds them up."""
    b = sql_of(Balance)
    moved = sa.or_(b.c.total != 0, b.c.second_quantity != 0)
    return _sums(
        connection,
        sa.select(*(b.c[name] for name in KEY), b.c.total, b.c.second_quantity).where(b.c.site == site, moved),
    )


def _sums(connection: sa.Connection, query: sa.Select[Any]) -> dict[str, str]:
    return {key_text(tuple(key)): f"{units} {second}" for *key, units, second in connection.execute(query)}


compare_sums(Balance, _ledger_sums, _balance_sums)


def _of(connection: sa.Connection, cls: type[Row], site: SiteId) -> sa.CursorResult[tuple[object, ...]]:
    return connection.execute(sa.select(sql_of(cls)).where(sql_of(cls).c.site == site))


def _unsettled(connection: sa.Connection, site: SiteId) -> list[StockEntry]:
    """Return entries that only own work says so far."""
    shadow = sql_of(Shadow)
    keys = set(connection.execute(
        sa.select(shadow.c.key).where(shadow.c.entity == StockEntry.TABLE.name, shadow.c.image.is_(None))
    ).scalars())  # fmt: skip
    if not keys:
        return []
    return [
        entry for entry in rows_of(StockEntry, _of(connection, StockEntry, site))
        if key_text(StockEntry.TABLE.key_of(entry)) in keys
    ]  # fmt: skip


def _plain(row: CarriedStock | StockEntry | Reservation) -> Key:
    return (row.site, row.item, row.location, row.owner, row.lot, row.serial, row.lpn, row.condition.value)
