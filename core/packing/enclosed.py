"""Which paper goes with an order's cartons: of the rules that fit, the closest; and what of it is void with its carton."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.spool import CARTON_OPENED, OPEN_STATES, ORDER_CANCELLED, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Contact, Fulfilment, Order, StopKind, StopRequest
from core.packing.commands.units import PAPER_OF_EACH
from core.packing.model import LabelStop, PaperRule, Parcel, StoppedLabel


def papers_of(site: SiteId) -> sa.ScalarSelect[str]:
    """Return what the closest rule asks for: the customer's at the shop, the customer's, the shop's, the house's.

    It is part of a query of a fulfilment and its order.
    """
    rules, whom, parts, orders = sql_of(PaperRule), sql_of(Contact), sql_of(Fulfilment), sql_of(Order)
    customer = (
        sa.select(whom.c.customer)
        .where(whom.c.site == site, whom.c.id == parts.c.contact)
        .correlate(parts)
        .scalar_subquery()
    )
    return (
        sa.select(rules.c.papers)
        .where(
            rules.c.site == site,
            rules.c.channel.in_(["", orders.c.channel]),
            rules.c.customer.in_(["", sa.func.coalesce(customer, "")]),
        )
        .order_by(rules.c.customer == "", rules.c.channel == "")
        .limit(1)
        .correlate(parts, orders)
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True)
class AskPaper:
    """Which paper of a carton is on it, in it, or may lie about?"""

    site: SiteId
    carton: str
    """Its label number."""

    def run(self, connection: sa.Connection) -> tuple[str, ...]:
        """Return the content kinds; of a carton that was closed elsewhere what every carton has."""
        jobs = sql_of(PrintJob)
        query = sa.select(jobs).where(jobs.c.site == self.site, jobs.c.carton == self.carton)
        found = rows_of(PrintJob, connection.execute(query.order_by(jobs.c.created_at, jobs.c.id)))
        out = dict.fromkeys(job.document for job in found if job.may_lie_about)
        return tuple(out) if found else PAPER_OF_EACH


def paper_to_void(connection: sa.Connection, site: SiteId) -> tuple[tuple[PrintJob, str], ...]:
    """Return this station's jobs that are void by what others did, each with why.

    A carton was opened again or given up: all of its paper. Its order was cancelled: what waits for a printer.
    """
    jobs, labels = sql_of(PrintJob), sql_of(StoppedLabel)
    stops, boxes = sql_of(StopRequest), sql_of(Parcel)
    opened = (
        sa.select(jobs)
        .join(labels, sa.and_(labels.c.site == jobs.c.site, labels.c.sscc == jobs.c.carton))
        .where(labels.c.site == site, labels.c.why == LabelStop.VOID.value, jobs.c.state != JobState.VOIDED.value)
    )
    waits = jobs.c.state.in_([state.value for state in OPEN_STATES])
    cancelled = (
        sa.select(jobs)
        .join(boxes, sa.and_(boxes.c.site == jobs.c.site, boxes.c.sscc == jobs.c.carton, boxes.c.sscc != ""))
        .join(stops, sa.and_(stops.c.site == boxes.c.site, stops.c.fulfilment == boxes.c.fulfilment))
        .where(jobs.c.site == site, waits, boxes.c.loaded_at == 0, stops.c.kind == StopKind.CANCEL.value)
    )
    found: dict[bytes, tuple[PrintJob, str]] = {}
    for query, why in ((opened, CARTON_OPENED), (cancelled, ORDER_CANCELLED)):
        rows = rows_of(PrintJob, connection.execute(query.order_by(jobs.c.created_at, jobs.c.id)))
        found = {row.id: (row, why) for row in rows} | found
    return tuple(found.values())
