"""Which paper goes with an order's cartons: of the rules that fit, the closest, as part of a look at the order."""

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.tables import sql_of
from core.orders.model import Contact, Fulfilment, Order
from core.packing.model import PaperRule


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
