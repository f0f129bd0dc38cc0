"""Holding units for a demand and letting go: the only code that writes reservations and their sum at the balance."""

from dataclasses import replace

from core.kernel.commands import Read
from core.kernel.ids import SiteId
from core.kernel.uow import UnitOfWork
from core.stock.ledger import balance_key, count_balance, key_of
from core.stock.model import Balance, Reservation, StockKey


def free(read: Read, site: SiteId, key: StockKey) -> int:
    """Return the units at a stock key that nobody holds; below zero when more is held than there is."""
    row = read.get(Balance, balance_key(site, key))
    return 0 if row is None else row.total - row.reserved


def reserve(uow: UnitOfWork, row: Reservation) -> None:
    """Hold units; an id that is there already is left alone."""
    if uow.get(Reservation, (row.site, row.id)) is not None:
        return
    uow.insert(row)
    _count(uow, row.site, key_of(row), row.quantity)


def let_go(uow: UnitOfWork, row: Reservation, quantity: int, *, from_front: bool = True) -> Reservation | None:
    """Hold `quantity` units less, and return what is left of the reservation.

    Args:
        uow: the command's unit of work.
        row: the reservation as it is.
        quantity: how many units to let go of; more than it holds lets all go.
        from_front: whether the lowest unit ordinals go (they were picked) or the highest (they stay open).
    """
    gone = min(quantity, row.quantity)
    _count(uow, row.site, key_of(row), -gone)
    if gone == row.quantity:
        uow.delete(row)
        return None
    return uow.update(row, first=row.first + gone if from_front else row.first, quantity=row.quantity - gone)


def grow(uow: UnitOfWork, row: Reservation, quantity: int) -> None:
    """Hold `quantity` units more."""
    uow.update(row, quantity=row.quantity + quantity)
    _count(uow, row.site, key_of(row), quantity)


def give_back(uow: UnitOfWork, row: Reservation, first: int, quantity: int) -> bool:
    """Hold units again that were let go of from the front: undo of a pick.

    A serial that somebody else holds by now stays theirs; returns whether the units are held again.

    Args:
        uow: the command's unit of work.
        row: the reservation as it would be if only these units were held (its id may or may not be there still).
        first: the first unit ordinal that comes back.
        quantity: how many.
    """
    known = uow.get(Reservation, (row.site, row.id))
    if known is None and row.serial and uow.find(Reservation, "serial", [(row.site, row.item, row.serial)]):
        uow.except_()
        return False
    if known is None:
        uow.insert(replace(row, first=first, quantity=quantity))
    else:
        uow.update(known, first=min(first, known.first), quantity=known.quantity + quantity)
    _count(uow, row.site, key_of(row), quantity)
    return True


def repoint(uow: UnitOfWork, row: Reservation, key: StockKey) -> Reservation:
    """Hold the same units at another stock key."""
    _count(uow, row.site, key_of(row), -row.quantity)
    _count(uow, row.site, key, row.quantity)
    return uow.update(row, lot=key.lot, serial=key.serial, lpn=key.lpn, location=key.location, condition=key.condition)


def _count(uow: UnitOfWork, site: SiteId, key: StockKey, quantity: int) -> None:
    count_balance(uow, site, key, reserved=quantity)
