"""Singles that a bench packed unheard for an order whose own unit is never picked: they were another's of the same walk.

Singles bear no order's name. A bench that holds a walk's singles and has not heard of their picks packs a unit for the most
urgent order, and that one's own lies in the tote for the other once it is picked. Where it never is (it was cut from the walk,
or is nowhere), the order has its unit all the same: it counts as picked for it, and nothing of it is short. Whose it was
nobody can say; that one's bench misses it. A cart that had not heard of the cut may be heard later to have picked it: then it
was the order's own.
"""

from dataclasses import dataclass, replace

from core.catalog.places import unexplained
from core.kernel.commands import Command
from core.kernel.ids import (
    NO_ID,
    BatchId,
    FulfilmentId,
    FulfilmentLineId,
    LpnId,
    OrderId,
    ReservationId,
    SiteId,
    TaskId,
    derive,
)
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine
from core.orders.progress import advance
from core.picking.model import SINGLES_TOTES, Fill, Pick, singles_fill
from core.stock.ledger import Movement, on_hand, post
from core.stock.model import NO_LPN, Cause, StockKey
from core.waves.model import Batch, BatchKind


@dataclass(frozen=True, slots=True)
class Anothers:
    """Units of a line by ordinal that were picked for another order of the walk."""

    batch: BatchId
    order: OrderId
    fulfilment: FulfilmentId
    line: FulfilmentLineId
    first: int
    quantity: int

    @property
    def pick_id(self) -> bytes:
        """Return the id of the row that says that they were picked."""
        return derive(self.line, f"anothers {self.batch.hex()}", self.first)


def nowhere(site: SiteId, key: StockKey) -> StockKey:
    """Return where units come from that the books have in another's tote: they will be missing there."""
    return replace(key, location=unexplained(site), lpn=NO_LPN)


def packed_unheard(uow: UnitOfWork, site: SiteId, batch: BatchId, line: FulfilmentLineId) -> int:
    """Return the units of a line of a walk of singles that are packed, and that nobody was heard to pick."""
    walk, row = uow.get(Batch, (site, batch)), uow.get(FulfilmentLine, (site, line))
    if walk is None or row is None or walk.kind is not BatchKind.BULK:
        return 0
    return max(0, row.packed - row.picked)


def count_as_picked(uow: UnitOfWork, by: Command, units: Anothers, key: StockKey) -> None:
    """Say that they were picked, by nobody knows which command, from nobody knows where."""
    uow.put(
        Pick(
            by.site, units.pick_id, units.batch, TaskId(NO_ID), ReservationId(NO_ID), units.fulfilment, units.line,
            units.order, singles_fill(units.batch, 0), key.owner, key.item, key.lot, key.serial, NO_LPN,
            unexplained(by.site), units.first, units.quantity, by.at, 0,
        )
    )  # fmt: skip
    advance(uow, by.site, units.line, picked=units.quantity)


def keep(uow: UnitOfWork, by: Command, units: Anothers, key: StockKey, start: int) -> int:
    """Say that a packed line has its units although its own were not found; return the next entry number.

    The books have as many less in the walk's tote than they thought.

    Args:
        uow: the command's unit of work.
        by: the command by which the line's own units are not found.
        units: which.
        key: where they should have been.
        start: the entry number to go on from.
    """
    count_as_picked(uow, by, units, key)
    tote = _tote(uow, by.site, units.batch, key, 0)
    return post(uow, by, [Movement(nowhere(by.site, key), tote, units.quantity, Cause.PICK)], start=start)


def keep_if_packed(uow: UnitOfWork, by: Command, units: Anothers, key: StockKey, start: int, *, paid: bool) -> int:
    """Say it of those of a line's units that are packed; return the next entry number.

    Args:
        uow: the command's unit of work.
        by: the command by which the line's own units are at their place again, and not picked any more.
        units: which.
        key: where they are.
        start: the entry number to go on from.
        paid: whether their pick had stood for what was packed: it was in no tote, which has nothing less by it.
    """
    units = replace(units, quantity=min(units.quantity, packed_unheard(uow, by.site, units.batch, units.line)))
    if not units.quantity:
        return start
    if not paid:
        return keep(uow, by, units, key, start)
    count_as_picked(uow, by, units, key)
    return start


def give(uow: UnitOfWork, by: Command, units: Anothers, key: StockKey, start: int) -> int:
    """Take that back: the line's own units are there after all, and will be picked; return the next entry number."""
    gone = forget(uow, by.site, units)
    tote = _tote(uow, by.site, units.batch, key, gone)
    return post(uow, by, [Movement(tote, nowhere(by.site, key), gone, Cause.UNPICK)], start=start)


def forget(uow: UnitOfWork, site: SiteId, units: Anothers) -> int:
    """Take back that they were another's: the line's own are heard of; return how many had been said to be."""
    row = uow.get(Pick, (site, units.pick_id))
    if row is None:
        return 0
    uow.delete(row)
    advance(uow, site, units.line, picked=-row.quantity)
    return row.quantity


def _tote(uow: UnitOfWork, site: SiteId, batch: BatchId, key: StockKey, holds: int) -> StockKey:
    """Return where the books have the walk's units: what is owed for those that were packed unheard, else its first tote.

    Args:
        uow: the command's unit of work.
        site: which site.
        batch: the walk.
        key: where they came from.
        holds: units that a tote must have.
    """
    owed = replace(key, location=unexplained(site), lpn=LpnId(singles_fill(batch, 0)))
    if on_hand(uow, site, owed) < 0:
        return owed
    fills = (uow.get(Fill, (site, singles_fill(batch, n))) for n in range(SINGLES_TOTES))
    totes = (replace(key, location=fill.location, lpn=LpnId(fill.id)) for fill in fills if fill is not None)
    return next((each for each in totes if on_hand(uow, site, each) >= holds), owed)
