"""What the dock needs to know: loads by carrier, a parcel in hand, what would stay behind."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.catalog.model import Location, LocationRole
from core.kernel.ids import NO_ID, LocationId, ManifestId, OrderId, ParcelId, SiteId
from core.kernel.numbers import NumberRange
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, Order
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.shipping.commands import MANIFEST_NUMBERS, Inside
from core.shipping.model import Manifest, ManifestState
from core.shipping.views import CarrierLoad, DockView, ParcelInHand, Staying

LABELS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class AskDock:
    """How far is the load?"""

    site: SiteId
    dock: LocationId

    def run(self, connection: sa.Connection) -> DockView:
        """Return every carrier with parcels that wait or an open list."""
        places, ranges = sql_of(Location), sql_of(NumberRange)
        dock = self.dock
        if dock == NO_ID:
            query = sa.select(places.c.id).where(places.c.site == self.site, places.c.role == LocationRole.SHIP.value)
            dock = LocationId(
                connection.execute(query.order_by(places.c.sequence).limit(1)).scalar_one_or_none() or NO_ID
            )
        code = sa.select(places.c.code).where(places.c.site == self.site, places.c.id == dock)
        number = sa.select(ranges.c.next).where(ranges.c.site == self.site, ranges.c.name == MANIFEST_NUMBERS)
        return DockView(
            dock,
            str(connection.execute(code).scalar_one_or_none() or ""),
            self._loads(connection),
            int(connection.execute(number).scalar_one_or_none() or 1),
        )

    def _loads(self, connection: sa.Connection) -> tuple[CarrierLoad, ...]:
        p, parts, m = sql_of(Parcel), sql_of(Fulfilment), sql_of(Manifest)
        waiting = (
            sa.select(
                p.c.carrier, sa.func.min(sa.case((parts.c.cut_off_at > 0, parts.c.cut_off_at))), sa.func.count(),
                sa.func.sum(sa.case((p.c.label != LabelState.APPLIED.value, 1), else_=0)),
            )
            .select_from(p)
            .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
            .where(p.c.site == self.site, p.c.state == ParcelState.CLOSED.value, p.c.loaded_at == 0)
            .group_by(p.c.carrier)
        )  # fmt: skip
        found = {row[0]: tuple(row) for row in connection.execute(waiting)}
        open_lists = sa.select(m).where(m.c.site == self.site, m.c.state == ManifestState.OPEN.value)
        lists = {row.carrier: row for row in rows_of(Manifest, connection.execute(open_lists))}
        loads = []
        for carrier in sorted({*found, *lists}):
            _, cut_off, count, bare = found.get(carrier, (carrier, 0, 0, 0))
            row = lists.get(carrier)
            loads.append(
                CarrierLoad(
                    carrier, cut_off or 0, ManifestId(NO_ID) if row is None else row.id,
                    0 if row is None else row.number, 0 if row is None else row.parcels, count, int(bare or 0),
                    self._labels(connection, carrier),
                )
            )  # fmt: skip
        return tuple(loads)

    def _labels(self, connection: sa.Connection, carrier: str) -> tuple[str, ...]:
        p = sql_of(Parcel)
        query = sa.select(p.c.sscc).where(
            p.c.site == self.site, p.c.carrier == carrier, p.c.state == ParcelState.CLOSED.value, p.c.loaded_at == 0,
            p.c.label == LabelState.APPLIED.value,
        )  # fmt: skip
        return tuple(connection.execute(query.order_by(p.c.closed_at, p.c.sscc).limit(LABELS_SHOWN)).scalars())


@dataclass(frozen=True, slots=True)
class AskParcelInHand:
    """Which parcel is this, and what is in it?"""

    site: SiteId
    parcel: ParcelId

    def run(self, connection: sa.Connection) -> ParcelInHand | None:
        """Return the parcel; None when it is gone."""
        p, orders, contents = sql_of(Parcel), sql_of(Order), sql_of(ParcelContent)
        query = (
            sa.select(p, orders.c.number)
            .select_from(p)
            .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
            .where(p.c.site == self.site, p.c.id == self.parcel)
        )
        row = connection.execute(query).first()
        if row is None:
            return None
        values = tuple(row)
        parcel = rows_of(Parcel, [values[:-1]])[0]
        inside = (
            sa.select(
                contents.c.line, contents.c.owner, contents.c.item, contents.c.lot, contents.c.serial,
                sa.func.sum(contents.c.quantity),
            )
            .where(contents.c.site == self.site, contents.c.parcel == self.parcel)
            .group_by(contents.c.line, contents.c.owner, contents.c.item, contents.c.lot, contents.c.serial)
            .order_by(contents.c.line, contents.c.lot, contents.c.serial)
        )  # fmt: skip
        units = tuple(
            Inside(line=line, owner=owner, item=item, lot=lot, serial=serial, quantity=int(quantity))
            for line, owner, item, lot, serial, quantity in connection.execute(inside)
        )
        return ParcelInHand(
            parcel.id, parcel.sscc, parcel.order, values[-1], parcel.fulfilment, parcel.carrier, parcel.place, units,
            parcel.manifest, parcel.loaded_at,
        )  # fmt: skip


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
        parcels = tuple(
            (ParcelId(each[0]), OrderId(each[1])) for each in connection.execute(loaded.order_by(p.c.loaded_at, p.c.id))
        )
        return Staying(
            row.id, row.number, row.carrier, parcels, tuple(connection.execute(left.order_by(p.c.sscc)).scalars())
        )
