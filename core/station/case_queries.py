"""What a person is shown of the cases that wait: which they are, what each is about, where that is now, and what its edit wanted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.cases.again import edit_again
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import RED, Case, CaseKind, CaseState
from core.catalog.model import Container, Location
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.ids import (
    NO_ID,
    CaseId,
    ContainerId,
    DeliveryId,
    DeliveryLineId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    OrderId,
    ParcelId,
    PersonId,
    ReturnId,
    SiteId,
    StationId,
)
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import FulfilmentLine, Order
from core.packing.model import Parcel
from core.people.model import PersonCard, Session
from core.picking.model import Fill, FillState
from core.receiving.commands import TakeOutGoods
from core.receiving.model import Delivery, DeliveryLine, TakeOut
from core.receiving.queries import bookings_of
from core.receiving.taking_out import plan_take_out
from core.returns.model import Return
from core.returns.settling import AskSecond
from core.rights.model import SiteStation
from core.station.back_queries import BackSeen, asked_back, back_of, item_name, nobody
from core.station.note_queries import NoteSeen, notes_about
from core.waves.model import Batch, PickTask

PAGE = 5
"""Cases of one screen."""
_PARCELS = ("parcel", "other", "parcels")
"""Facts that name parcels: one, or several with commas between them."""
_OF_THE_ROW = ("site", "version")
"""What says which row it is, and which edit of it: nobody chose it."""
_ID_DIGITS = 32
_SHOWN = (
    "over", "expected", "booked", "quantity", "counted", "books", "sku", "label", "kind", "reason", "check", "answer", "code", "device", "printer", "fault", "difference",
    "batch", "why",
)  # fmt: skip
"""What of a case's facts people read, beside what is named in words here; the rest is for programs."""


@dataclass(frozen=True, slots=True)
class CaseParcel:
    """A parcel that a case is about, and where it is by the books."""

    label: str
    place: str
    """Empty where nobody knows."""
    loaded: bool


@dataclass(frozen=True, slots=True)
class CaseBooking:
    """Units of a delivery's line that somebody booked, without what was taken out again."""

    quantity: int
    place: str
    at: int
    who: str
    """Empty where the station did by itself."""
    station: str


@dataclass(frozen=True, slots=True)
class PutDown:
    """One of two who put a box, a tote or goods down unheard of each other."""

    who: str
    station: str
    place: str
    at: int


@dataclass(frozen=True, slots=True)
class Change:
    """One thing of an edit that lost: what was wanted, and what stands."""

    name: str
    wanted: str
    stands: str
    unnamed: bool = False
    """Whether what it is of has no name that anybody reads: they differ, and that is all there is to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """One case, with everything that it names in words that people read."""

    case: CaseId
    kind: CaseKind
    opened_at: int
    who: str = ""
    """Who came upon it; empty where the station did by itself."""
    station: str = ""
    """Where they worked then."""
    order: OrderId = OrderId(NO_ID)
    number: str = ""
    """The order's."""
    place: str = ""
    """Where to go: a location, a tote, a station."""
    item: str = ""
    parcels: tuple[CaseParcel, ...] = ()
    fulfilment: FulfilmentId = FulfilmentId(NO_ID)
    """Whose units are to be put back; NO_ID for all other cases."""
    back: tuple[BackSeen, ...] = ()
    """What the scan of a place puts there: all that its order is asked back, by tote and parcel."""
    waits: Refusal | None = None
    """Why none of those units is put back yet; None where they are, and for all other cases."""
    nothing_left: bool = False
    """Whether none of those units is in a tote or a parcel any more: they were packed and sent, or put back unheard."""
    facts: tuple[tuple[str, str], ...] = ()
    """The rest of what it says, by name."""
    receipts: tuple[PutDown, ...] = ()
    """Who received a box, where two did: the first one first; none for all other cases."""
    one_box: bool = False
    """Whether its label is on this box alone, so that there cannot be two of them."""
    changes: tuple[Change, ...] = ()
    delivery: str = ""
    """The number of the delivery that units came with, and whose goods they are."""
    bookings: tuple[CaseBooking, ...] = ()
    """Who booked how many of its line."""
    notes: tuple[NoteSeen, ...] = ()
    """What people wrote down about it, oldest first."""
    moves: tuple[PutDown, ...] = ()
    """Where two carried the same, the one that the books follow last."""
    unread: bool = False
    """Whether it is about a carrier's label that is printed once somebody has looked at it and says so."""
    file: str = ""
    """Where that was refused, the name that it was given by; empty where it waits at its printer."""
    picture: str = ""
    """SHA-256 of the picture of its page, which is at the station that was given it."""

    @property
    def red(self) -> bool:
        """Return whether it cannot wait."""
        return self.kind in RED


@dataclass(frozen=True, slots=True)
class CasesPage:
    """Some of the cases that wait: those that cannot wait first, then the oldest."""

    cases: tuple[CaseSeen, ...]
    first: int
    """How many come before these."""
    total: int
    red: int
    """How many of all cannot wait."""
    about: str = ""
    """What was scanned, where these are only the cases about that."""


@dataclass(frozen=True, slots=True)
class AskCases:
    """What waits?"""

    site: SiteId
    first: int = 0
    target: bytes = NO_ID
    """An order, parcel, place, tote or item: only what is about it; NO_ID for everything."""
    about: str = ""
    """As it was scanned."""

    def run(self, connection: sa.Connection) -> CasesPage:
        """Return a page of them; the last one where there are not so many any more."""
        cases = sql_of(Case)
        which = self._which(connection)
        red = sa.case((cases.c.kind.in_([each.value for each in RED]), 0), else_=1)
        counted = connection.execute(sa.select(red, sa.func.count()).where(*which).group_by(red)).all()
        count = {int(urgency): int(many) for urgency, many in counted}
        total = sum(count.values())
        first = min(self.first, max(0, (total - 1) // PAGE * PAGE))
        query = sa.select(cases).where(*which).order_by(red, cases.c.opened_at, cases.c.id).limit(PAGE).offset(first)
        rows = rows_of(Case, connection.execute(query))
        books = UnitOfWork(connection)
        return CasesPage(
            tuple(_seen(connection, books, row) for row in rows), first, total, count.get(0, 0), self.about
        )

    def _which(self, connection: sa.Connection) -> list[sa.ColumnElement[bool]]:
        cases = sql_of(Case)
        open_here = [cases.c.site == self.site, cases.c.state == CaseState.OPEN.value]
        if self.target == NO_ID:
            return open_here
        books = UnitOfWork(connection)
        parcel = books.get(Parcel, (self.site, ParcelId(self.target)))
        targets = {self.target} if parcel is None else {self.target, bytes(parcel.order)}
        return [*open_here, sa.or_(cases.c.subject.in_(targets), cases.c.order.in_(targets))]


@dataclass(frozen=True, slots=True)
class AskCase:
    """What is this case about now?"""

    site: SiteId
    case: CaseId

    def run(self, connection: sa.Connection) -> CaseSeen | None:
        """Return it; None where somebody settled it meanwhile."""
        books = UnitOfWork(connection)
        row = books.get(Case, (self.site, self.case))
        return None if row is None or row.state is not CaseState.OPEN else _seen(connection, books, row)


@dataclass(frozen=True, slots=True)
class AskEdit:
    """What would the edit of a case be, over what stands now?"""

    site: SiteId
    case: CaseId

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return it, or that it is not all there."""
        books = UnitOfWork(connection)
        row = books.get(Case, (self.site, self.case))
        try:
            made = None if row is None else edit_again(books, row, nobody(self.site))
        except ValueError:
            made = None
        return Refusal(Reason.EDIT_GONE) if made is None else made


@dataclass(frozen=True, slots=True)
class AskTakeOut:
    """What takes the units of a case out of the books again?"""

    site: SiteId
    case: CaseId
    why: TakeOut

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return the command; where none of them is booked any more, only the case is closed."""
        stamp = nobody(self.site)
        made = plan_take_out(connection, self.site, self.case, self.why, stamp)
        if isinstance(made, TakeOutGoods) and not made.taken:
            return CloseCase(**stamp, case=self.case, decision=made.decision.value)
        return made


def ask_second(site: SiteId, case: CaseId, decision: Decision) -> AskSecond:
    """Return the question what is written where the second receipt of a box counts."""
    return AskSecond(site, case, decision, nobody(site))


def _seen(connection: sa.Connection, books: UnitOfWork, row: Case) -> CaseSeen:
    facts = {name: str(value) for name, value in codec.parse(row.facts).items() if str(value)}
    order = books.get(Order, (row.site, row.order))
    ids = [row.subject, *(_bytes(each) for name in _PARCELS for each in facts.get(name, "").split(","))]
    place, item = _about(books, row.site, row.subject, facts)
    delivery, bookings = _booked(connection, books, row)
    part = _fulfilment(books, row)
    place = place or (_totes(connection, row.site, part) if part != NO_ID else "")
    found = () if part == NO_ID else asked_back(connection, row, part)
    waits, asked = (found, ()) if isinstance(found, Refusal) else (None, found)
    mine = [each for each in asked if row.subject in (part, each.line)]
    return CaseSeen(
        case=row.id, kind=row.kind, opened_at=row.opened_at, who=_name(books, row.site, row.opened_by),
        station=_station(connection, row.site, row.opened_by, row.opened_at),
        order=row.order, number="" if order is None else order.number, place=facts.get("place", "") or place, item=item,
        parcels=tuple(_parcels(books, row.site, ids)), fulfilment=part,
        back=tuple(back_of(books, row.site, asked)), waits=waits,
        nothing_left=part != NO_ID and not mine and waits is None,
        facts=tuple((name, facts[name]) for name in _SHOWN if name in facts),
        receipts=tuple(_receipts(books, row, facts)), one_box=_is_one_box(books, row),
        changes=tuple(_changes(books, row.site, facts)), delivery=delivery, bookings=bookings,
        moves=tuple(_moves(connection, books, row, facts)), notes=notes_about(connection, row.site, row.order, row.id),
        unread="unread" in facts, file=facts.get("file", ""), picture=facts.get("picture", ""),
    )  # fmt: skip


def _booked(connection: sa.Connection, books: UnitOfWork, row: Case) -> tuple[str, tuple[CaseBooking, ...]]:
    """Return the delivery that a case is about, and who booked what of its line; nothing for all other cases."""
    line = books.get(DeliveryLine, (row.site, DeliveryLineId(row.subject)))
    delivery = books.get(Delivery, (row.site, DeliveryId(row.subject) if line is None else line.delivery))
    if delivery is None:
        return "", ()
    found = []
    for each in () if line is None else bookings_of(connection, row.site, line.id):
        card = books.get(PersonCard, (row.site, each.booked_by))
        found.append(
            CaseBooking(
                each.quantity - each.taken_out, _location(books, row.site, each.location), each.booked_at,
                "" if card is None else card.name, _station(connection, row.site, each.booked_by, each.booked_at),
            )
        )  # fmt: skip
    return ", ".join(filter(None, (delivery.number, delivery.supplier))), tuple(found)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return NO_ID


def _about(books: UnitOfWork, site: SiteId, subject: bytes, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return where to go for a case, and which item it is about; empty where its subject says neither."""
    tote = books.get(Container, (site, ContainerId(subject)))
    item = item_name(books, site, _bytes(facts.get("item", ""))) or ("" if tote is None else tote.code)
    shelf = _location(books, site, _bytes(facts.get("shelf", "")))
    if shelf:
        return shelf, item
    place = _location(books, site, subject)
    if place:
        return place, item
    station = books.get(SiteStation, (site, subject))
    if station is not None:
        return station.name, item
    task = books.get(PickTask, (site, subject))
    if task is not None:
        return _location(books, site, task.location), item or item_name(books, site, task.item)
    fill = books.get(Fill, (site, FillId(subject)))
    if fill is not None:
        tote = books.get(Container, (site, ContainerId(fill.container)))
        return "" if tote is None else tote.code, item
    batch = books.get(Batch, (site, subject))
    if batch is not None:
        cart = books.get(Container, (site, batch.cart))
        return "" if cart is None else cart.code, item
    line = books.get(FulfilmentLine, (site, FulfilmentLineId(subject)))
    if line is not None:
        return "", item or item_name(books, site, line.item)
    job = books.get(PrintJob, (site, subject))
    return "" if job is None else job.code, item


def _moves(connection: sa.Connection, books: UnitOfWork, row: Case, facts: Mapping[str, str]) -> Iterator[PutDown]:
    """Yield both moves of what was moved twice; nothing for any other case."""
    if row.kind is not CaseKind.MOVED_TWICE:
        return
    first = (facts.get("first_to", ""), PersonId(_bytes(facts.get("first_by", ""))), int(facts.get("first_at", 0)))
    for place, person, at in (first, (facts.get("shelf", ""), row.opened_by, row.opened_at)):
        station = _station(connection, row.site, person, at)
        yield PutDown(_name(books, row.site, person), station, _location(books, row.site, _bytes(place)), at)


def _name(books: UnitOfWork, site: SiteId, person: PersonId) -> str:
    card = books.get(PersonCard, (site, person))
    return "" if card is None else card.name


def _location(books: UnitOfWork, site: SiteId, location: bytes) -> str:
    row = books.get(Location, (site, location))
    return "" if row is None else row.code


def _parcels(books: UnitOfWork, site: SiteId, ids: list[bytes]) -> Iterator[CaseParcel]:
    for each in dict.fromkeys(ids):
        box = books.get(Parcel, (site, ParcelId(each)))
        if box is not None:
            yield CaseParcel(box.sscc, _location(books, site, box.place), bool(box.loaded_at))


def _receipts(books: UnitOfWork, row: Case, facts: Mapping[str, str]) -> Iterator[PutDown]:
    for each in ("first", "second") if row.kind is CaseKind.RETURN_TWICE else ():
        card = books.get(PersonCard, (row.site, PersonId(_bytes(facts.get(f"{each}_by", "")))))
        station = books.get(SiteStation, (row.site, StationId(_bytes(facts.get(f"{each}_station", "")))))
        place = _location(books, row.site, _bytes(facts.get(f"{each}_place", "")))
        who, where = "" if card is None else card.name, "" if station is None else station.name
        yield PutDown(who, where, place, int(facts.get(f"{each}_at", "0")))


def _is_one_box(books: UnitOfWork, row: Case) -> bool:
    back = books.get(Return, (row.site, ReturnId(row.subject))) if row.kind is CaseKind.RETURN_TWICE else None
    return back is not None and back.parcel != NO_ID


def _station(connection: sa.Connection, site: SiteId, person: PersonId, at: int) -> str:
    """Return the station that somebody worked at when a case came up."""
    sessions, stations = sql_of(Session), sql_of(SiteStation)
    query = (
        sa.select(stations.c.name)
        .select_from(sessions)
        .join(stations, sa.and_(stations.c.site == sessions.c.site, stations.c.id == sessions.c.station))
        .where(sessions.c.site == site, sessions.c.person == person, sessions.c.started_at <= at)
        .order_by(sessions.c.started_at.desc())
        .limit(1)
    )
    return str(connection.execute(query).scalar_one_or_none() or "")


def _fulfilment(books: UnitOfWork, row: Case) -> FulfilmentId:
    if row.kind is not CaseKind.PUT_BACK:
        return FulfilmentId(NO_ID)
    line = books.get(FulfilmentLine, (row.site, FulfilmentLineId(row.subject)))
    return FulfilmentId(row.subject) if line is None else line.fulfilment


def _totes(connection: sa.Connection, site: SiteId, fulfilment: FulfilmentId) -> str:
    """Return the totes in which units of a fulfilment lie, comma-separated."""
    fills, totes = sql_of(Fill), sql_of(Container)
    query = (
        sa.select(totes.c.code)
        .join(fills, sa.and_(fills.c.site == totes.c.site, fills.c.container == totes.c.id))
        .where(fills.c.site == site, fills.c.fulfilment == fulfilment, fills.c.state == FillState.PICKED.value)
        .order_by(totes.c.code)
    )
    return ", ".join(connection.execute(query).scalars())


def _changes(books: UnitOfWork, site: SiteId, facts: Mapping[str, str]) -> Iterator[Change]:
    """Yield what an edit wanted otherwise than it stands, field by field; nothing where a case has not all of it."""
    wanted = dict(_plain(_fields(facts.get("wanted", ""))))
    rows = [_fields(line.partition(" ")[2]) for line in facts.get("stands", "").splitlines()]
    stands = {name: value for row in reversed(rows) for name, value in row.items()}
    for name, value in wanted.items():
        if name in stands and stands[name] != value and name not in _OF_THE_ROW:
            said, here = _told(books, site, value), _told(books, site, stands[name])
            yield Change(name, said or "", here or "", said is None or here is None)


def _plain(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an edit, and of a row that it carries; a list of rows has no one version to be held against."""
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from _plain(value)
        elif not isinstance(value, list):
            yield name, value


def _told(books: UnitOfWork, site: SiteId, value: Any) -> str | None:
    """Return a value as people read it: a station by its name; None for an id of what has none here."""
    text = "" if value is None else str(value)
    if len(text) != _ID_DIGITS or not (found := _bytes(text)):
        return text
    station = books.get(SiteStation, (site, StationId(found)))
    return None if station is None else station.name


def _fields(text: str) -> Mapping[str, Any]:
    try:
        found = codec.parse(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
