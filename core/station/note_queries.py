"""What people wrote down about an order or a case: the notes with who and when, oldest first."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.cases.model import Case, NoteText, WrittenNote
from core.kernel.ids import NO_ID, CaseId, OrderId, SiteId
from core.kernel.tables import sql_of
from core.orders.model import Order
from core.people.model import PersonCard

NO_CASE = CaseId(NO_ID)


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """One note."""

    at: int
    who: str
    text: str
    """Empty where its words were erased, or have not come yet."""


@dataclass(frozen=True, slots=True)
class About:
    """What notes are about: an order, or a case with its order."""

    order: OrderId
    case: CaseId
    """NO_ID where they are the order's own."""
    number: str = ""
    """The order's."""


@dataclass(frozen=True, slots=True)
class AskNotes:
    """What was written down about it?"""

    site: SiteId
    about: About

    def run(self, connection: sa.Connection) -> tuple[About, tuple[NoteSeen, ...]] | None:
        """Return what they are about, and the notes; None where that is not there."""
        about, cases, orders = self.about, sql_of(Case), sql_of(Order)
        if about.case != NO_CASE:
            query = sa.select(cases.c.order).where(cases.c.site == self.site, cases.c.id == about.case)
            order = connection.execute(query).scalar_one_or_none()
            if order is None:
                return None
            about = About(OrderId(bytes(order)), about.case)
        number = sa.select(orders.c.number).where(orders.c.site == self.site, orders.c.id == about.order)
        about = About(about.order, about.case, str(connection.execute(number).scalar_one_or_none() or ""))
        if about.case == NO_CASE and not about.number:
            return None
        return about, notes_about(connection, self.site, about.order, about.case)


def notes_about(
    connection: sa.Connection, site: SiteId, order: OrderId, case: CaseId = NO_CASE
) -> tuple[NoteSeen, ...]:
    """Return the notes on an order, those on its cases with them, or the notes on one case alone."""
    n, words, cards = sql_of(WrittenNote), sql_of(NoteText), sql_of(PersonCard)
    which = n.c.order == order if case == NO_CASE else n.c.subject == case
    query = (
        sa.select(n.c.at, sa.func.coalesce(cards.c.name, ""), sa.func.coalesce(words.c.text, ""))
        .select_from(n)
        .outerjoin(words, sa.and_(words.c.site == n.c.site, words.c.id == n.c.id))
        .outerjoin(cards, sa.and_(cards.c.site == n.c.site, cards.c.id == n.c.by))
        .where(n.c.site == site, which)
        .order_by(n.c.at, n.c.id)
    )
    return tuple(NoteSeen(*row) for row in connection.execute(query))


__all__ = ["About", "AskNotes", "NoteSeen", "notes_about"]
