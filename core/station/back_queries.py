"""What is put back of a stopped order: which units, out of what, and the commands that say where they lie, or that they are nowhere."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.amending.backing import plan_not_there, plan_put_back
from core.amending.commands import BackUnits
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import Case
from core.catalog.model import Container, Item
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import (
    NO_ID,
    NO_SESSION,
    SYSTEM,
    CaseId,
    CommandId,
    FillId,
    FulfilmentId,
    LocationId,
    OrderId,
    ParcelId,
    SiteId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.packing.model import Parcel
from core.picking.model import Fill


@dataclass(frozen=True, slots=True)
class BackSeen:
    """Units of an item that are to be put back."""

    out_of: str
    """The tote's code or the parcel's number."""
    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class AskBack:
    """What is put back, if all of it lies at a place now?"""

    site: SiteId
    case: CaseId
    order: OrderId
    fulfilment: FulfilmentId
    target: LocationId

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return the command, or why nothing can be put there."""
        stamp = nobody(self.site)
        return plan_put_back(connection, self.site, self.order, self.fulfilment, self.target, stamp, self.case)


@dataclass(frozen=True, slots=True)
class AskNotThere:
    """What says that the units of a case are not there?"""

    site: SiteId
    case: CaseId
    order: OrderId
    fulfilment: FulfilmentId

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return the command; where nothing of it is anywhere any more, only the case is closed."""
        stamp = nobody(self.site)
        made = plan_not_there(connection, self.site, self.order, self.fulfilment, self.case, stamp)
        return _closed(self.case, self.site) if isinstance(made, Refusal) and _is_over(made) else made


@dataclass(frozen=True, slots=True)
class AskNothingLeft:
    """Is nothing of what a case asks for in a tote or a parcel any more?"""

    site: SiteId
    case: CaseId
    order: OrderId
    fulfilment: FulfilmentId

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return what closes the case, or a refusal where there is something by now."""
        made = plan_not_there(connection, self.site, self.order, self.fulfilment, self.case, nobody(self.site))
        over = isinstance(made, Refusal) and _is_over(made)
        return _closed(self.case, self.site) if over else Refusal(Reason.CHANGED_MEANWHILE)


def _is_over(refused: Refusal) -> bool:
    """Return whether nothing is put back any more: nothing is left of it, or its order goes on."""
    return refused.reason in (Reason.NOTHING_TO_UNDO, Reason.CHANGED_MEANWHILE)


def _closed(case: CaseId, site: SiteId) -> CloseCase:
    return CloseCase(**nobody(site), case=case, decision=Decision.NOTHING_LEFT.value)


def asked_back(connection: sa.Connection, row: Case, part: FulfilmentId) -> tuple[BackUnits, ...] | Refusal:
    """Return the units that the scan of a place would say lie there now, none where it is over; or why they wait."""
    made = plan_put_back(connection, row.site, row.order, part, LocationId(NO_ID), nobody(row.site), row.id)
    if isinstance(made, Refusal):
        return () if _is_over(made) else made
    return made.units


def back_of(books: UnitOfWork, site: SiteId, asked: Sequence[BackUnits]) -> Iterator[BackSeen]:
    """Yield such units as people read them, by tote or parcel and item."""
    units: dict[tuple[str, str], int] = defaultdict(int)
    for each in asked:
        fill, box = (
            books.get(Fill, (site, FillId(each.source.lpn))),
            books.get(Parcel, (site, ParcelId(each.source.lpn))),
        )
        tote = None if fill is None else books.get(Container, (site, fill.container))
        out_of = tote.code if tote is not None else "" if box is None else box.sscc
        units[out_of, item_name(books, site, each.source.item)] += each.quantity
    for (out_of, item), quantity in units.items():
        yield BackSeen(out_of, item, quantity)


def item_name(books: UnitOfWork, site: SiteId, item: bytes) -> str:
    """Return what an item is called; empty where it is not there."""
    row = books.get(Item, (site, item))
    return "" if row is None else ", ".join(filter(None, (row.description, row.variant))) or row.sku


def nobody(site: SiteId) -> Stamp:
    """Return base fields that whoever runs the command replaces by its own."""
    return Stamp(id=CommandId(NO_ID), site=site, at=0, actor=SYSTEM, session=NO_SESSION)
