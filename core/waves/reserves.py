"""A small located reserve beside a walk: units at other places that its holder may take instead, with the hub or without it.

What is free by a station's books may be promised to somebody else meanwhile, and two carts that cannot hear of each other
would choose the same units. So a few units of what a walk is sent for are kept for it at other places when it is given to
a station: reservations of the walk itself, which no promise, release or other walk's reserve counts on. Whoever holds the
walk's lease takes from them; what it leaves in exchange stays kept, so it may go back. They are let go when the walk is
over: until then only its holder's word says what became of them. The one thing a newcomer would get wrong: nothing here
needs a lease, an incarnation or a recovery of its own; the walk's lease has all of it. (Reference: sync, 2 and 8.0.)
"""

from dataclasses import dataclass

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, BatchId, ReservationId, SiteId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.model import PLANNING
from core.stock.ledger import balance_key, key_of
from core.stock.model import Balance, Reservation, StockKey
from core.stock.reserving import free, grow, let_go, reserve
from core.waves.model import Batch, BatchState


def reserve_id(batch: BatchId, key: StockKey) -> ReservationId:
    """Return the id of what is kept for a walk of one stock key: one row a key."""
    parts = (key.owner, key.item, key.location, key.lot, key.lpn)
    told = " ".join((*(each.hex() for each in parts), key.condition, key.serial))
    return ReservationId(derive(batch, f"reserve {told}"))


def kept(read: Read, site: SiteId, batch: BatchId, key: StockKey) -> int:
    """Return the units of a stock key that are kept for a walk."""
    row = read.get(Reservation, (site, reserve_id(batch, key)))
    return 0 if row is None else row.quantity


def keep(uow: UnitOfWork, site: SiteId, batch: BatchId, key: StockKey, quantity: int) -> None:
    """Keep units of a stock key for a walk, beside those that are kept of it already."""
    row = uow.get(Reservation, (site, reserve_id(batch, key)))
    if row is not None:
        grow(uow, row, quantity)
        return
    made = Reservation(
        site, reserve_id(batch, key), batch, NO_ID, key.owner, key.item, key.lot, key.serial, key.lpn, key.location,
        key.condition, 1, quantity,
    )  # fmt: skip
    reserve(uow, made)


def exchange(uow: UnitOfWork, site: SiteId, batch: BatchId, taken: StockKey, left: StockKey, quantity: int) -> None:
    """Let a walk have units that are kept for it, and keep those for it that it leaves; nothing where too few are kept."""
    row = uow.get(Reservation, (site, reserve_id(batch, taken)))
    if row is not None and row.quantity >= quantity:
        let_go(uow, row, quantity)
        keep(uow, site, batch, left, quantity)


@dataclass(frozen=True, slots=True)
class Kept:
    """Units at another place than a walk is sent to."""

    key: StockKey
    quantity: int


@command("waves.keep", OpClass.CLAIM, permission="rights.lease")
class KeepForWalk(Command):
    """Units at other places are kept for a walk that is given to a station."""

    batch: BatchId
    units: tuple[Kept, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the walk, what is kept for it already, and the balances."""
        return {
            Batch: [(self.site, self.batch)],
            Reservation: [(self.site, reserve_id(self.batch, each.key)) for each in self.units],
            Balance: [balance_key(self.site, each.key) for each in self.units],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a walk that is over, and units that are not free."""
        row = read.get(Batch, (self.site, self.batch))
        if row is None or row.state is BatchState.PICKED:
            return Refusal(Reason.WORK_GONE)
        for each in self.units:
            have = free(read, self.site, each.key)
            if each.quantity <= 0 or have < each.quantity:
                return Refusal(Reason.RESERVED_FOR_OTHERS, {"free": max(0, have), "wanted": each.quantity})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Keep them."""
        for each in self.units:
            keep(uow, self.site, self.batch, each.key, each.quantity)


@command("waves.let_go", OpClass.CLAIM, permission="rights.lease")
class LetGoKept(Command):
    """What was kept for walks that are over is free again."""

    reservations: tuple[ReservationId, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the reservations."""
        return {Reservation: [(self.site, each) for each in self.reservations]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is held for an order."""
        rows = [read.get(Reservation, (self.site, each)) for each in self.reservations]
        return Refusal(Reason.CHANGED_MEANWHILE) if any(row is not None and row.work != NO_ID for row in rows) else None

    def apply(self, uow: UnitOfWork) -> None:
        """Let them go."""
        for each in self.reservations:
            row = uow.get(Reservation, (self.site, each))
            if row is not None and row.work == NO_ID:
                let_go(uow, row, row.quantity)


__all__ = ["KeepForWalk", "Kept", "LetGoKept", "exchange", "keep", "kept", "key_of", "reserve_id"]
