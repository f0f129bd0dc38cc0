"""Which paper goes with an order's cartons: of the rules that fit, the closest; and what of it is void with its carton."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Contact, Fulfilment, Order
from core.packing.commands.units import PAPER_OF_EACH
from core.packing.model import LabelStop, PaperRule, StoppedLabel


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


def paper_to_void(connection: sa.Connection, site: SiteId) -> tuple[PrintJob, ...]:
    """Return this station's jobs whose carton was opened again or given up elsewhere."""
    jobs, stops = sql_of(PrintJob), sql_of(StoppedLabel)
    query = (
        sa.select(jobs)
        .join(stops, sa.and_(stops.c.site == jobs.c.site, stops.c.sscc == jobs.c.carton))
        .where(stops.c.site == site, stops.c.why == LabelStop.VOID.value, jobs.c.state != JobState.VOIDED.value)
        .order_by(jobs.c.created_at, jobs.c.id)
    )
    return rows_of(PrintJob, connection.execute(query))
