"""Deciding which units of a booking are taken out again: of the one that a case is about, the last ones first."""

import sqlalchemy as sa

from core.cases.model import Case
from core.kernel import codec
from core.kernel.flow import Stamp
from core.kernel.ids import CaseId, DeliveryLineId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.receiving.commands import Taken, TakeOutGoods
from core.receiving.model import DeliveryBooking, DeliveryLine, TakeOut
from core.receiving.queries import bookings_of
from core.stock.commands import Receipt
from core.stock.model import Lot


def plan_take_out(
    connection: sa.Connection, site: SiteId, case: CaseId, why: TakeOut, stamp: Stamp
) -> TakeOutGoods | Refusal:
    """Return what takes those units of a case out that nobody expected, as far as they are still booked.

    Args:
        connection: a reader's.
        site: where.
        case: about a line of which more came than was announced.
        why: that they never came, or that they go back.
        stamp: the command's base fields.
    """
    books = UnitOfWork(connection)
    row = books.get(Case, (site, case))
    line = None if row is None else books.get(DeliveryLine, (site, DeliveryLineId(row.subject)))
    if row is None or line is None:
        return Refusal(Reason.NOT_FOUND)
    facts = codec.parse(row.facts)
    booking = bytes.fromhex(str(facts.get("booking", "")))
    units = min(int(facts.get("over", 0)), max(0, line.booked - line.expected))
    taken = []
    for each in reversed([each for each in bookings_of(connection, site, line.id) if each.operation == booking]):
        gone = min(units, each.quantity - each.taken_out)
        if gone:
            taken.append(Taken(each.operation, each.n, receipt_of(books, each, gone)))
            units -= gone
    return TakeOutGoods(**stamp, line=line.id, taken=tuple(taken), why=why, case=case)


def receipt_of(books: UnitOfWork, row: DeliveryBooking, quantity: int) -> Receipt:
    """Return so many units of a booking as they came in."""
    lot = books.get(Lot, (row.site, row.lot))
    return Receipt(
        owner=row.owner, item=row.item, location=row.location, quantity=quantity, serial=row.serial,
        lot="" if lot is None else lot.code, expiry="" if lot is None else lot.expiry,
    )  # fmt: skip
