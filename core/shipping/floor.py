"""The floor list at the dock: carriers of a dock that lost its memory with the parcels it may have loaded, and boxes found.

A dock without its memory is a failed gate: what it may have loaded is looked for, parcel by parcel, before anybody loads
that carrier. (Reference: sync, 8.0, 9, 14 and 15.)
"""

from collections.abc import Iterator

import sqlalchemy as sa

from core.catalog.parcel_codes import ParcelCode
from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, FulfilmentId, OrderId, ParcelId, SiteId, derive
from core.kernel.numbers import OWN, NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment
from core.packing.model import EarlyLoad, Parcel, ParcelState
from core.picking.reclaim import NewLine
from core.rights.fences import FENCES, fence_now
from core.rights.model import FloorAnswer, FloorLine, LeaseState, Stage, WorkLease
from core.shipping.commands import carrier_right
from core.shipping.model import Manifest


def lines_of_carriers(connection: sa.Connection, site: SiteId) -> Iterator[NewLine]:
    """Yield carriers that are frozen and not on the list yet, each with its parcels that stand in the house as far as is known."""
    leases, lines = sql_of(WorkLease), sql_of(FloorLine)
    there = sa.exists().where(
        lines.c.site == site, lines.c.stage == leases.c.stage, lines.c.work == leases.c.work,
        lines.c.fence == leases.c.fence, lines.c.order == NO_ID,
    )  # fmt: skip
    frozen = sa.select(leases).where(
        leases.c.site == site, leases.c.stage == Stage.LOAD.value, leases.c.state == LeaseState.FROZEN.value, ~there
    )
    found = rows_of(WorkLease, connection.execute(frozen.order_by(leases.c.work)))
    names = _carriers(connection, site) if found else {}
    for lease in found:
        name = names.get(lease.work, "")
        head = (lease.station, Stage.LOAD, lease.work, lease.fence)
        yield from (
            NewLine(*head, row.order, row.fulfilment, codec.canonical({"carrier": name, "label": row.sscc}), row.id)
            for row in _standing(connection, lease, name)
        )
        # The last of them, so that a list of several parts is known to be whole.
        yield NewLine(*head, OrderId(NO_ID), FulfilmentId(NO_ID), codec.canonical({"carrier": name}))


def _carriers(connection: sa.Connection, site: SiteId) -> dict[bytes, str]:
    parts, lists = sql_of(Fulfilment), sql_of(Manifest)
    names = sa.union(
        sa.select(parts.c.carrier).where(parts.c.site == site, parts.c.open == 1),
        sa.select(lists.c.carrier).where(lists.c.site == site),
    )
    return {carrier_right(str(name))[1]: str(name) for name in connection.execute(names).scalars()}


def _standing(connection: sa.Connection, lease: WorkLease, carrier: str) -> tuple[Parcel, ...]:
    """Return the parcels of a carrier that are in no van as far as is known, and not on the list yet."""
    p, lines = sql_of(Parcel), sql_of(FloorLine)
    there = sa.exists().where(
        lines.c.site == p.c.site, lines.c.fulfilment == p.c.fulfilment, lines.c.parcel == p.c.id,
        lines.c.work == lease.work, lines.c.fence == lease.fence,
    )  # fmt: skip
    query = sa.select(p).where(
        p.c.site == lease.site,
        p.c.carrier == carrier,
        p.c.state == ParcelState.CLOSED.value,
        p.c.loaded_at == 0,
        ~there,
    )
    return rows_of(Parcel, connection.execute(query.order_by(p.c.closed_at, p.c.id)))


@command("shipping.find_box", OpClass.FACT, permission="rights.reclaim")
class FindBox(Command):
    """A labelled box was found on the floor whose bench is lost: its label counts again."""

    code: ParcelCode
    order: OrderId

    def _line(self) -> bytes:
        return derive(self.code.parcel, f"floor box {self.code.sscc} {self.code.incarnation}")

    def reads(self) -> Reads:
        """Return what is known of the parcel, and the fences."""
        return {
            NumberRange: [(self.site, FENCES, OWN)],
            FloorLine: [(self.site, self._line())],
            Parcel: [(self.site, self.code.parcel)],
            EarlyLoad: [(self.site, self.code.parcel)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a box that is in a van."""
        parcel = read.get(Parcel, (self.site, self.code.parcel))
        early = read.get(EarlyLoad, (self.site, self.code.parcel))
        at = parcel.loaded_at if parcel is not None else 0 if early is None else early.at
        return Refusal(Reason.ALREADY_LOADED, {"label": self.code.sscc, "at": at}) if at else None

    def apply(self, uow: UnitOfWork) -> None:
        """Write that it is here; found again, it is here once more."""
        code = self.code
        uow.put(
            FloorLine(
                self.site, self._line(), code.station, Stage.PACK, code.parcel, code.fence, self.order, code.fulfilment,
                ParcelId(code.parcel), codec.canonical({"label": code.sscc}), 0, 0, FloorAnswer.HERE, self.actor, self.at,
                fence_now(uow, self.site),
            )
        )  # fmt: skip
