"""What people wrote down about an order or a case: the notes with who and when, oldest first."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from core.cases.model import Case, NoteText, Photo, WrittenNote
from core.kernel.ids import NO_ID, CaseId, OrderId, SiteId
from core.kernel.tables import sql_of
from core.orders.model import Order
from core.people.model import PersonCard
from core.rights.model import SiteStation, StationStatus
from core.station.photo_desk import NO_PHOTOS, PhotoDesk

NO_CASE = CaseId(NO_ID)
_GONE = (StationStatus.LOST.value, StationStatus.REVOKED.value)


@dataclass(frozen=True, slots=True)
class PhotoSeen:
    """The picture of a note."""

    digest: str
    station: str = ""
    """Where it was taken; empty where the station is alone."""
    gone: bool = False
    """Whether that station takes no part any more: a picture that is not at the hub by now will not come."""
    here: bool = True


@dataclass(frozen=True, slots=True)
class NoteSeen:
    """One note."""

    at: int
    who: str
    text: str
    """Empty where its words were erased, or have not come yet."""
    photo: PhotoSeen | None = None


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
    desk: PhotoDesk = NO_PHOTOS
    """Where photos are; those that are not here come for having been looked at."""

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
        notes = notes_about(connection, self.site, about.order, about.case)
        return about, tuple(map(self._looked_at, notes))

    def _looked_at(self, note: NoteSeen) -> NoteSeen:
        if note.photo is None:
            return note
        return replace(note, photo=replace(note.photo, here=self.desk.look(note.photo.digest)))


def notes_about(
    connection: sa.Connection, site: SiteId, order: OrderId, case: CaseId = NO_CASE
) -> tuple[NoteSeen, ...]:
    """Return the notes on an order, those on its cases with them, or the notes on one case alone."""
    n, words, cards = sql_of(WrittenNote), sql_of(NoteText), sql_of(PersonCard)
    photos, stations = sql_of(Photo), sql_of(SiteStation)
    which = n.c.order == order if case == NO_CASE else n.c.subject == case
    query = (
        sa.select(
            n.c.at,
            sa.func.coalesce(cards.c.name, ""),
            sa.func.coalesce(words.c.text, ""),
            photos.c.digest,
            sa.func.coalesce(stations.c.name, ""),
            stations.c.status,
        )
        .select_from(n)
        .outerjoin(words, sa.and_(words.c.site == n.c.site, words.c.id == n.c.id))
        .outerjoin(cards, sa.and_(cards.c.site == n.c.site, cards.c.id == n.c.by))
        .outerjoin(photos, sa.and_(photos.c.site == n.c.site, photos.c.id == n.c.id))
        .outerjoin(stations, sa.and_(stations.c.site == photos.c.site, stations.c.id == photos.c.station))
        .where(n.c.site == site, which)
        .order_by(n.c.at, n.c.id)
    )
    return tuple(
        NoteSeen(at, who, text, None if digest is None else PhotoSeen(digest, station, status in _GONE))
        for at, who, text, digest, station, status in connection.execute(query)
    )


__all__ = ["About", "AskNotes", "NoteSeen", "PhotoSeen", "notes_about"]
