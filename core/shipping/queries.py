"""What the dock needs to know: loads by carrier, a parcel in hand, what would stay behind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Location, LocationRole
from core.catalog.parcel_codes import ParcelCode
from core.kernel.ids import NO_ID, FulfilmentId, LocationId, ManifestId, OrderId, ParcelId, SiteId, StationId
from core.kernel.numbers import NumberRange, in_use, number_of
from core.kernel.reasons import Reason
from core.kernel.tables import Row, rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, Order, StopRequest
from core.packing.model import EarlyLoad, LabelState, Parcel, ParcelContent, ParcelState, StoppedLabel
from core.rights.queries import speaks
from core.shipping.commands import MANIFEST_NUMBERS, Inside
from core.shipping.eligibility import why_not, why_not_unheard
from core.shipping.model import Manifest, ManifestState
from core.shipping.twice import Run, has_the_number, loaded_with, runs_in
from core.shipping.views import CarrierLoad, DockView, ParcelInHand, Staying

LABELS_SHOWN = 5
_NUMBERED = sa.text("other.sscc <> ''")


@dataclass(frozen=True, slots=True)
class AskDock:
    """How far is the load?"""

    site: SiteId
    station: StationId
    """Whose numbers of lists count."""
    dock: LocationId
    labels: int = 1
    """0 where a parcel goes whether its label was scanned back or not."""
    code: str = ""
    """The dock's code, where it was scanned before; one that is no dock leads to the first."""

    def run(self, connection: sa.Connection) -> DockView:
        """Return every carrier with parcels that wait or an open list."""
        places, ranges = sql_of(Location), sql_of(NumberRange)
        here = places.c.role == LocationRole.SHIP.value if self.dock == NO_ID else places.c.id == self.dock
        query = (
            sa.select(places.c.id, places.c.code, ranges.c.next, ranges.c.first)
            .select_from(places)
            .outerjoin(
                ranges,
                sa.and_(
                    ranges.c.site == places.c.site,
                    ranges.c.name == MANIFEST_NUMBERS,
                    ranges.c.first == in_use(self.site, MANIFEST_NUMBERS, self.station),
                ),
            )
            .where(places.c.site == self.site, here)
            .order_by(places.c.code != self.code, places.c.sequence, places.c.code)
            .limit(1)
        )
        dock, code, value, first = connection.execute(query).first() or (self.dock, "", None, None)
        return DockView(LocationId(dock), code, self._loads(connection, LocationId(dock)), number_of(value, first))

    def _loads(self, connection: sa.Connection, dock: LocationId) -> tuple[CarrierLoad, ...]:
        m = sql_of(Manifest)
        found = {row[0]: tuple(row) for row in connection.execute(self._waiting())}
        open_lists = sa.select(m).where(m.c.site == self.site, m.c.state == ManifestState.OPEN.value)
        # Two docks may have a list open for one carrier, where it went from one to the other: here this one's counts.
        found_lists = sorted(rows_of(Manifest, connection.execute(open_lists)), key=lambda row: row.dock == dock)
        lists = {row.carrier: row for row in found_lists}
        labels = self._labels(connection, sorted(found))
        loads = []
        for carrier in sorted({*found, *lists}):
            _, count, bare, cut_off = found.get(carrier, (carrier, 0, 0, 0))
            row = lists.get(carrier)
            loads.append(
                CarrierLoad(
                    carrier, cut_off or 0, ManifestId(NO_ID) if row is None else row.id,
                    0 if row is None else row.number, 0 if row is None else row.parcels, count, int(bare or 0),
                    labels.get(carrier, ()),
                )
            )  # fmt: skip
        return tuple(loads)

    def _waiting(self) -> sa.Select[Any]:
        """Return how many parcels of each carrier wait, how many of them bare, and the soonest cut-off among them."""
        p, parts = sql_of(Parcel), sql_of(Fulfilment)
        counts = (
            sa.select(
                p.c.carrier, sa.func.count().label("count"),
                sa.func.sum(sa.case((p.c.label != LabelState.APPLIED.value, 1), else_=0)).label("bare"),
            )
            .where(self._waits(p))
            .group_by(p.c.carrier)
            .subquery()
        )  # fmt: skip
        one = p.alias()
        soonest = (
            sa.select(parts.c.cut_off_at)
            .where(
                parts.c.site == self.site, parts.c.open == 1, parts.c.cut_off_at > 0,
                parts.c.carrier == counts.c.carrier,
                sa.exists().where(one.c.fulfilment == parts.c.id, self._waits(one)),
            )
            .order_by(parts.c.cut_off_at)
            .limit(1)
        )  # fmt: skip
        return sa.select(counts.c.carrier, counts.c.count, counts.c.bare, soonest.scalar_subquery())

    def _waits(self, p: sa.FromClause) -> sa.ColumnElement[bool]:
        return sa.and_(p.c.site == self.site, p.c.loaded_at == 0, p.c.state == ParcelState.CLOSED.value)

    def _labels(self, connection: sa.Connection, carriers: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return a few labels of every carrier that may be loaded next, the oldest first."""
        if not carriers:
            return {}
        some = [sa.select(self._next_of(carrier).subquery()) for carrier in carriers]
        found: dict[str, list[str]] = {}
        for carrier, sscc, _ in sorted(connection.execute(sa.union_all(*some)), key=lambda row: (row[2], row[1])):
            found.setdefault(carrier, []).append(sscc)
        return {carrier: tuple(labels) for carrier, labels in found.items()}

    def _next_of(self, carrier: str) -> sa.Select[Any]:
        p, parts, stops = sql_of(Parcel), sql_of(Fulfilment), sql_of(StopRequest)
        return (
            sa.select(p.c.carrier, p.c.sscc, p.c.closed_at)
            .select_from(p)
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .outerjoin(stops, sa.and_(stops.c.site == p.c.site, stops.c.fulfilment == p.c.fulfilment))
            .where(
                self._waits(p), p.c.carrier == carrier, parts.c.held == 0, stops.c.kind.is_(None),
                *((p.c.label == LabelState.APPLIED.value,) if self.labels else ()),
            )
            .order_by(p.c.closed_at, p.c.sscc)
            .limit(LABELS_SHOWN)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskParcelInHand:
    """Which parcel is this, and what is in it?"""

    site: SiteId
    parcel: ParcelId
    code: ParcelCode | None = None
    """What its label says, where that was scanned."""

    def run(self, connection: sa.Connection) -> ParcelInHand | None:
        """Return the parcel, and why it must not go; None when it is gone."""
        p, orders, parts, stops, labels, contents, early = (
            sql_of(Parcel), sql_of(Order), sql_of(Fulfilment), sql_of(StopRequest), sql_of(StoppedLabel),
            sql_of(ParcelContent), sql_of(EarlyLoad),
        )  # fmt: skip
        other = sql_of(Parcel).alias("other")
        perhaps = sa.or_(
            parts.c.loaded > 0,
            sa.exists().where(early.c.site == p.c.site, early.c.fulfilment == p.c.fulfilment),
            sa.exists().where(early.c.site == p.c.site, early.c.sscc == p.c.sscc),
            # As the index says which rows it has.
            sa.exists().where(other.c.site == p.c.site, other.c.sscc == p.c.sscc, other.c.id != p.c.id, _NUMBERED),
        )  # fmt: skip
        query = (
            sa.select(p, orders, parts, stops, labels, contents, sa.case((perhaps, 1), else_=0))
            .select_from(p)
            .outerjoin(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .outerjoin(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .outerjoin(stops, sa.and_(stops.c.site == p.c.site, stops.c.fulfilment == p.c.fulfilment))
            .outerjoin(labels, sa.and_(labels.c.site == p.c.site, labels.c.sscc == p.c.sscc))
            .outerjoin(contents, sa.and_(contents.c.site == p.c.site, contents.c.parcel == p.c.id))
            .where(p.c.site == self.site, p.c.id == self.parcel)
            .order_by(contents.c.line, contents.c.first)
        )
        rows = [tuple(row) for row in connection.execute(query)]
        closed = bool(rows) and rows[0][Parcel.TABLE.columns.index("state")] == ParcelState.CLOSED.value
        if self.code is not None and self.code.parcel == self.parcel and not closed:
            return self._unheard(connection, self.code)
        if not rows:
            return self._early(connection)
        parcel, order, head, stop, label, _ = _split(rows[0])
        inside: Counter[Inside] = Counter()
        for row in rows:
            each = _split(row)[-1]
            if isinstance(each, ParcelContent):
                key = Inside(
                    line=each.line, owner=each.owner, item=each.item, lot=each.lot, serial=each.serial, quantity=0
                )
                inside[key] += each.quantity
        found = why_not(parcel, order, head, stop, label, self.code)
        if found is None and rows[0][-1]:
            runs = runs_in(each for each in (_split(row)[-1] for row in rows) if each is not None)
            found = self._second(connection, parcel.sscc, parcel.fulfilment, runs)
        reason, since = found or (None, 0)
        return ParcelInHand(
            parcel.id, parcel.sscc, parcel.order, "" if order is None else order.number, parcel.fulfilment,
            parcel.carrier, parcel.place, tuple(replace(each, quantity=count) for each, count in inside.items()),
            parcel.manifest, parcel.loaded_at, int(parcel.label is LabelState.APPLIED), reason, since,
        )  # fmt: skip

    def _early(self, connection: sa.Connection) -> ParcelInHand | None:
        """Return a parcel that went into the van by its label; None where there is none."""
        look = UnitOfWork(connection)
        row = look.get(EarlyLoad, (self.site, self.parcel))
        if row is None:
            return None
        order = look.get(Order, (self.site, row.order))
        return ParcelInHand(
            row.parcel, row.sscc, row.order, "" if order is None else order.number, row.fulfilment, "",
            LocationId(NO_ID), (), row.manifest, row.at, 1, Reason.ALREADY_LOADED, row.at,
        )  # fmt: skip

    def _second(
        self, connection: sa.Connection, sscc: str, fulfilment: FulfilmentId, runs: list[Run]
    ) -> tuple[Reason, int] | None:
        """Return that another parcel has its number, or that units of it are in a van already; None for neither."""
        look = UnitOfWork(connection)
        if has_the_number(look, self.site, self.parcel, sscc) is not None:
            return Reason.LABEL_TWICE, 0
        other = loaded_with(look, self.site, self.parcel, (fulfilment,), runs)
        return None if other is None else (Reason.UNITS_LOADED, 0)

    def _unheard(self, connection: sa.Connection, code: ParcelCode) -> ParcelInHand:
        """Return a parcel by what its label says: its bench closed it and has not been heard."""
        look = UnitOfWork(connection)
        head = look.get(Fulfilment, (self.site, code.fulfilment))
        order = None if head is None else look.get(Order, (self.site, head.order))
        early = look.get(EarlyLoad, (self.site, code.parcel))
        runs: list[Run] = [(each.line, each.first, each.quantity) for each in code.units]
        found = why_not_unheard(
            order, head, look.get(StopRequest, (self.site, code.fulfilment)),
            look.get(StoppedLabel, (self.site, code.sscc)), early,
            counts=speaks(look, self.site, code.station, code.incarnation, code.fulfilment, unknown=False),
        ) or self._second(connection, code.sscc, code.fulfilment, runs)  # fmt: skip
        reason, since = found or (None, 0)
        return ParcelInHand(
            code.parcel, code.sscc, OrderId(NO_ID) if head is None else head.order,
            "" if order is None else order.number, code.fulfilment, code.carrier, LocationId(NO_ID), (),
            ManifestId(NO_ID) if early is None else early.manifest, 0 if early is None else early.at, 1, reason, since,
            code,
        )  # fmt: skip


def _split(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the rows of six tables that stand side by side; None for one that is not there."""
    found: list[Row | None] = []
    for cls in (Parcel, Order, Fulfilment, StopRequest, StoppedLabel, ParcelContent):
        width = len(cls.TABLE.columns)
        found.append(rows_of(cls, [row[:width]])[0] if row[0] is not None else None)
        row = row[width:]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class AskStaying:
    """What would stay behind if this list were closed now?"""

    site: SiteId
    manifest: ManifestId

    def run(self, connection: sa.Connection) -> Staying | None:
        """Return the list with its parcels and what is left; None when it is gone."""
        m, p = sql_of(Manifest), sql_of(Parcel)
        found = rows_of(
            Manifest, connection.execute(sa.select(m).where(m.c.site == self.site, m.c.id == self.manifest))
        )
        if not found:
            return None
        row = found[0]
        loaded = sa.select(p.c.id, p.c.order).where(p.c.site == self.site, p.c.manifest == row.id)
        left = sa.select(p.c.sscc).where(
            p.c.site == self.site, p.c.carrier == row.carrier, p.c.state == ParcelState.CLOSED.value, p.c.loaded_at == 0
        )
        early = sql_of(EarlyLoad)
        unheard = sa.select(early.c.parcel, early.c.order).where(early.c.site == self.site, early.c.manifest == row.id)
        found_in = (
            *connection.execute(loaded.order_by(p.c.loaded_at, p.c.id)),
            *connection.execute(unheard.order_by(early.c.at, early.c.parcel)),
        )
        parcels = tuple((ParcelId(each[0]), OrderId(each[1])) for each in found_in)
        return Staying(
            row.id, row.number, row.carrier, parcels, tuple(connection.execute(left.order_by(p.c.sscc)).scalars()),
            self._backorders(connection),
        )  # fmt: skip

    def _backorders(self, connection: sa.Connection) -> tuple[str, ...]:
        p, parts, orders = sql_of(Parcel), sql_of(Fulfilment), sql_of(Order)
        query = (
            sa.select(orders.c.number)
            .select_from(p)
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .where(p.c.site == self.site, p.c.manifest == self.manifest, parts.c.open == 1)
            .distinct()
        )
        return tuple(connection.execute(query.order_by(orders.c.number)).scalars())


@dataclass(frozen=True, slots=True)
class AskPlace:
    """What is this place for?"""

    site: SiteId
    place: LocationId

    def run(self, connection: sa.Connection) -> Location | None:
        """Return the place."""
        places = sql_of(Location)
        found = rows_of(
            Location, connection.execute(sa.select(places).where(places.c.site == self.site, places.c.id == self.place))
        )
        return found[0] if found else None
