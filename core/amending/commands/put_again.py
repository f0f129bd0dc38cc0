"""Units that two lay down for one case, unheard of each other: the first stands, and the second took his out of what was left.

Whoever scans a place has laid units down there, so they did leave their tote or parcel: as many as the first had left in it.
The books follow that, or a carton that two opened would leave with fewer than its label says. What came out beyond what was
asked back is cancelled by nobody: it is promised still, and picked anew. The rest of what the second said was never in his hands,
or not in those of the first: both places are to be counted then.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel.commands import Command
from core.kernel.ids import CountId, FillId, FulfilmentLineId, OrderId, ParcelId, SiteId, derive
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine
from core.packing.model import ParcelContent
from core.picking.model import Fill, FillState, Pick
from core.picking.trimming import Trimmed, runs_of, trim_picks
from core.rules.reasons import MISSING_REASONS
from core.stock.ledger import on_hand
from core.stock.model import CountRequest, CountState, StockKey


def lies_in(uow: UnitOfWork, site: SiteId, line: FulfilmentLine, source: StockKey, *, packed: bool) -> list[int]:
    """Return which unit ordinals of a line lie in a tote filling or a parcel by the books, ascending.

    Args:
        uow: the command's unit of work.
        site: whose.
        line: the line.
        source: where the tote or parcel stands; its `lpn` says which it is.
        packed: whether it is a parcel.
    """
    if packed:
        inside = _inside(uow, site, line.id, source)
        return sorted(ordinal for row in inside for ordinal in _ordinals(row))[: max(0, on_hand(uow, site, source))]
    fill = FillId(source.lpn)
    gone = {
        ordinal
        for row in uow.find(ParcelContent, "units", [(site, line.id)]).values() if row.fill == fill
        for ordinal in _ordinals(row)
    }  # fmt: skip
    picked = {ordinal for row in _picks(uow, site, fill) if row.line == line.id for ordinal in _ordinals(row)}
    # Those that were given up at a bench have the highest ordinals, and are not there.
    room = min(line.picked - line.packed, on_hand(uow, site, source))
    return sorted(picked - gone)[: max(0, room)]


def take_out(
    uow: UnitOfWork, by: Command, line: FulfilmentLineId, source: StockKey, ordinals: Collection[int], *, packed: bool
) -> None:
    """Write that units of a line lie in their tote or parcel no more; arguments as of `lies_in`."""
    gone = set(ordinals)
    fills = {FillId(source.lpn)}
    if packed:
        inside = _inside(uow, by.site, line, source)
        fills = {row.fill for row in inside}
        for row in inside:
            _trim_content(uow, by, row, gone)
    picks = [row for fill in sorted(fills) for row in _picks(uow, by.site, fill) if row.line == line]
    trim_picks(uow, by, [_less(row, gone) for row in picks if not gone.isdisjoint(_ordinals(row))])


def let_go_if_empty(uow: UnitOfWork, site: SiteId, fill: FillId) -> None:
    """Let a tote go in which nothing lies that was picked into it."""
    row = uow.get(Fill, (site, fill))
    if row is not None and row.state is FillState.PICKED and not _picks(uow, site, fill):
        uow.update(row, state=FillState.EMPTIED)


def ask_for_counts(uow: UnitOfWork, by: Command, order: OrderId, keys: Iterable[StockKey]) -> None:
    """Have places counted at which two said that the same units lie, each with a case."""
    for n, key in enumerate(keys):
        request = CountRequest(
            by.site, CountId(derive(by.id, "count", n)), key.owner, key.item, key.lot, key.lpn, key.location,
            MISSING_REASONS[0], by.at, CountState.OPEN, 0,
        )  # fmt: skip
        if uow.get(CountRequest, (by.site, request.id)) is None:
            uow.insert(request)
        facts: dict[str, str | int] = {"item": key.item.hex(), "reason": MISSING_REASONS[0]}
        open_case(uow, by, CaseKind.STOCK_UNEXPLAINED, order=order, subject=key.location, facts=facts, n=n)


def _picks(uow: UnitOfWork, site: SiteId, fill: FillId) -> list[Pick]:
    return list(uow.find(Pick, "fill", [(site, fill)]).values())


def _inside(uow: UnitOfWork, site: SiteId, line: FulfilmentLineId, source: StockKey) -> list[ParcelContent]:
    rows = uow.find(ParcelContent, "parcel", [(site, ParcelId(source.lpn))]).values()
    return [row for row in rows if row.line == line]


def _trim_content(uow: UnitOfWork, by: Command, row: ParcelContent, gone: set[int]) -> None:
    if gone.isdisjoint(_ordinals(row)):
        return
    uow.delete(row)
    for new, run in _less(row, gone).kept_as(by):
        uow.put(replace(row, id=new, first=run.first, quantity=run.quantity))


def _less(row: Pick | ParcelContent, gone: set[int]) -> Trimmed:
    return Trimmed(row.id, tuple(runs_of(ordinal for ordinal in _ordinals(row) if ordinal not in gone)))


def _ordinals(row: Pick | ParcelContent) -> range:
    return range(row.first, row.first + row.quantity)
