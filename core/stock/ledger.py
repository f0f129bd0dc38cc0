"""Posting movements: the only code that writes ledger entries and balances.

Inside `apply` of any area's command: `post(uow, movements)`. It never refuses: what is taken beyond the books is first
brought in from *unexplained*, so physical balances stay at or above zero, and the operation is marked exceptional.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.catalog.model import SIGNED, Location
from core.catalog.places import unexplained, world
from core.kernel.commands import Command, Read, Reads
from core.kernel.ids import LocationId, SiteId
from core.kernel.replica import Change, follows
from core.kernel.tables import Key
from core.kernel.uow import Role, UnitOfWork
from core.stock.model import Balance, Cause, Reservation, StockEntry, StockKey


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that go from one stock key to another; a change of condition or package is a movement too."""

    source: StockKey
    target: StockKey
    quantity: int
    cause: Cause


def balance_key(site: SiteId, key: StockKey) -> Key:
    """Return the balance row's primary key of a stock key."""
    return (site, key.item, key.location, key.owner, key.lot, key.serial, key.lpn, key.condition)


def on_hand(read: Read, site: SiteId, key: StockKey) -> int:
    """Return the units the books have at a stock key."""
    row = read.get(Balance, balance_key(site, key))
    return 0 if row is None else row.total


def balance_keys(site: SiteId, movements: Iterable[Movement]) -> list[Key]:
    """Return the balance keys that posting these movements touches, for a command's `reads`."""
    return [balance_key(site, key) for each in movements for key in (each.source, each.target)]


def post(uow: UnitOfWork, command: Command, movements: Iterable[Movement], *, start: int = 0) -> int:
    """Append the entries of movements and bring the balances along.

    Args:
        uow: the command's unit of work.
        command: gives the operation id and the time.
        movements: what moved; quantities of 0 are left out.
        start: the entry number to go on from, where one command posts twice.

    Returns:
        The entry number to go on from.

    Raises:
        ValueError: a quantity is negative.
    """
    n = start
    for each in movements:
        if each.quantity < 0:
            raise ValueError(f"a movement has a direction, not a sign: {each.quantity}")
        if each.quantity == 0:
            continue
        missing = _missing(uow, command.site, each)
        if missing > 0:
            source = replace(each.source, location=unexplained(command.site))
            n = _pair(uow, command, Movement(source, each.source, missing, each.cause), n)
            uow.except_()
        n = _pair(uow, command, each, n)
    return n


def carried(read: Read, site: SiteId, movements: Iterable[Movement]) -> list[Movement]:
    """Return what went along when a tote or parcel was carried elsewhere: no more than the books have in it by now.

    Whoever carried it may be heard late. What was taken out of it since is where that was said to be, and is not carried again.
    """
    left: dict[StockKey, int] = {}
    found = []
    for each in movements:
        here = left.setdefault(each.source, max(0, on_hand(read, site, each.source)))
        left[each.source] -= min(here, each.quantity)
        found.append(replace(each, quantity=min(here, each.quantity)))
    return found


def _missing(uow: UnitOfWork, site: SiteId, each: Movement) -> int:
    if is_signed(uow, site, each.source.location):
        return 0
    return each.quantity - on_hand(uow, site, each.source)


def is_signed(uow: UnitOfWork, site: SiteId, location: LocationId) -> bool:
    """Return whether a location's balances may be negative."""
    if location in (world(site), unexplained(site)):
        return True
    row = uow.get(Location, (site, location))
    return row is not None and row.role in SIGNED


def _pair(uow: UnitOfWork, command: Command, each: Movement, n: int) -> int:
    for key, quantity in ((each.source, -each.quantity), (each.target, each.quantity)):
        uow.insert(
            StockEntry(
                command.site, command.id, n, command.at, each.cause, key.owner, key.item, key.lot, key.serial, key.lpn,
                key.location, key.condition, quantity,
            )
        )  # fmt: skip
        _add(uow, command.site, key, quantity)
        n += 1
    return n


def _add(uow: UnitOfWork, site: SiteId, key: StockKey, quantity: int) -> None:
    count_balance(uow, site, key, units=quantity, settled=quantity if uow.role is Role.AUTHORITY else 0)


def count_balance(
    uow: UnitOfWork, site: SiteId, key: StockKey, *, units: int = 0, settled: int = 0, reserved: int = 0
) -> None:
    """Add to a stock key's balance; a balance of nothing has no row.

    Totes and parcels come and go: without that, every one would leave an empty row for ever.

    Args:
        uow: the unit of work.
        site: whose stock it is.
        key: which goods.
        units: what the entries here say in addition.
        settled: what the confirmed entries say in addition; at an authority every entry is confirmed.
        reserved: what the reservations here hold in addition.
    """
    row = uow.get(Balance, balance_key(site, key))
    if row is None:
        if settled or units or reserved:
            signed = int(is_signed(uow, site, key.location))
            uow.insert(
                Balance(
                    site, key.item, key.location, key.owner, key.lot, key.serial, key.lpn, key.condition, settled,
                    units, reserved, signed,
                )
            )  # fmt: skip
        return
    row = uow.update(row, settled=row.settled + settled, total=row.total + units, reserved=row.reserved + reserved)
    if row.settled == row.total == row.reserved == 0:
        uow.delete(row)


def _beside(row: StockEntry | Reservation) -> Reads:
    """Return what is read to bring a balance along."""
    return {Balance: [balance_key(row.site, key_of(row))], Location: [(row.site, row.location)]}


@follows(StockEntry, _beside)
def follow_entry(uow: UnitOfWork, change: Change) -> None:
    """Bring the balance along when an entry came by the feed, or when own work on it was settled."""
    for entry, sign in ((change.before, -1), (change.after, 1)):
        if isinstance(entry, StockEntry):
            units = sign * entry.quantity
            count_balance(
                uow,
                entry.site,
                key_of(entry),
                units=units if change.shown else 0,
                settled=units if change.confirmed else 0,
            )


@follows(Reservation, _beside)
def follow_reservation(uow: UnitOfWork, change: Change) -> None:
    """Bring the balance's reserved units along when a reservation came by the feed, or own work on it was settled."""
    if not change.shown:
        return
    for row, sign in ((change.before, -1), (change.after, 1)):
        if isinstance(row, Reservation):
            count_balance(uow, row.site, key_of(row), reserved=sign * row.quantity)


def key_of(row: StockEntry | Reservation) -> StockKey:
    """Return the stock key an entry moves units of, or a reservation holds them at."""
    return StockKey(
        owner=row.owner, item=row.item, location=row.location, lot=row.lot, serial=row.serial, lpn=row.lpn,
        condition=row.condition,
    )  # fmt: skip
