"""What a cart says about its totes where several stations share a site: a code for each, on the screen and on a slip.

The one thing a newcomer would get wrong: a slip is no receipt. It is printed only while the hub has not acknowledged the
picks, because a bench that cannot hear of them must pack all the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from core.catalog.fill_codes import fill_code
from core.catalog.model import Container, Item, Site
from core.catalog.readings import FillCode, FillUnits
from core.kernel.ids import NO_ID, BatchId, FillId, JobId, SiteId
from core.kernel.operations import Operation, OperationState
from core.kernel.spool import PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Fulfilment, Order
from core.picking.contents import FillSlip
from core.picking.model import IN_USE, Fill, Pick
from core.rights.model import Stage, WorkLease
from core.waves.model import Batch

LINES_SHOWN = 4
UNHEARD_MS = 3_000
"""A pick that the hub has not acknowledged after so long will not be known at the bench in time."""
_LOOK_BACK = 5_000
"""Places in the log that are looked at: a walk is no longer."""


@dataclass(frozen=True, slots=True)
class ToteCode:
    """A tote with the code of what is in it."""

    fill: FillId
    slip: FillSlip
    printed: tuple[JobId, ...]
    """Print jobs of older slips of this fill."""
    done: int
    """1 when exactly this slip was printed already."""


@dataclass(frozen=True, slots=True)
class AskFillCodes:
    """What do the totes of this walk say?"""

    site: SiteId
    batch: BatchId
    unheard_at: int = 0
    """Only if the hub has not acknowledged what was done here until a while before this moment; 0 asks for all."""
    fill: FillId = FillId(NO_ID)
    """Only this filling's; NO_ID for all of them."""

    def run(self, connection: sa.Connection) -> tuple[ToteCode, ...]:
        """Return the totes that hold one order's goods, by slot; none where the station is alone."""
        if self.unheard_at and not self._unheard(connection):
            return ()
        return tuple(self._codes(connection))

    def _unheard(self, connection: sa.Connection) -> bool:
        log = sql_of(Operation)
        newest = sa.select(sa.func.max(log.c.position)).scalar_subquery()
        query = sa.select(log.c.position).where(
            log.c.site == self.site, log.c.position > newest - _LOOK_BACK,
            log.c.state == OperationState.PENDING.value, log.c.device_ms <= self.unheard_at - UNHEARD_MS,
        )  # fmt: skip
        return connection.execute(query.limit(1)).first() is not None

    def _codes(self, connection: sa.Connection) -> Iterator[ToteCode]:
        f, c, parts, orders, b, lease, s = (
            sql_of(Fill), sql_of(Container), sql_of(Fulfilment), sql_of(Order), sql_of(Batch), sql_of(WorkLease),
            sql_of(Site),
        )  # fmt: skip
        query = (
            sa.select(f, c.c.code, orders.c.number, b.c.number, lease.c.station, lease.c.incarnation, s.c.name)
            .select_from(f)
            .join(c, sa.and_(c.c.site == f.c.site, c.c.id == f.c.container))
            .join(b, sa.and_(b.c.site == f.c.site, b.c.id == f.c.batch))
            .join(parts, sa.and_(parts.c.site == f.c.site, parts.c.id == f.c.fulfilment))
            .join(orders, sa.and_(orders.c.site == parts.c.site, orders.c.id == parts.c.order))
            .join(
                lease,
                sa.and_(lease.c.site == f.c.site, lease.c.stage == Stage.PICK.value, lease.c.work == f.c.batch),
            )
            .outerjoin(s, s.c.site == f.c.site)
            .where(f.c.site == self.site, f.c.batch == self.batch, f.c.fence > 0, f.c.fulfilment != NO_ID)
            .where(f.c.state.in_(IN_USE), sa.true() if self.fill == NO_ID else f.c.id == self.fill)
            .order_by(f.c.slot, f.c.opened_at, f.c.id)
        )
        width = len(Fill.TABLE.columns)
        for row in [tuple(each) for each in connection.execute(query)]:
            fill = rows_of(Fill, [row[:width]])[0]
            tote, order, batch, station, incarnation, name = row[width:]
            inside = self._inside(connection, fill.id)
            if not inside:
                continue
            code = fill_code(
                FillCode(
                    site=self.site, fill=fill.id, container=fill.container, fulfilment=fill.fulfilment, walk=fill.batch,
                    place=fill.location, station=station, incarnation=incarnation, epoch=fill.epoch, fence=fill.fence,
                    number=fill.changes, units=tuple(units for units, _ in inside),
                )
            )  # fmt: skip
            slip = FillSlip(
                code=code, tote=tote, order_number=order, batch_number=batch, slot=fill.slot, number=fill.changes,
                units=sum(units.quantity for units, _ in inside), site_name=name or "",
                lines=tuple(f"{units.quantity} x {sku}" for units, sku in inside[:LINES_SHOWN]),
            )  # fmt: skip
            yield self._with_jobs(connection, fill.id, slip)

    def _inside(self, connection: sa.Connection, fill: FillId) -> list[tuple[FillUnits, str]]:
        """Return the units of a fill with their SKUs, ordinals that follow each other as one run."""
        p, items = sql_of(Pick), sql_of(Item)
        query = (
            sa.select(
                p.c.line, p.c.owner, p.c.item, p.c.lot, p.c.serial, sa.func.coalesce(items.c.sku, ""), p.c.first,
                p.c.quantity,
            )
            .outerjoin(items, sa.and_(items.c.site == p.c.site, items.c.id == p.c.item))
            .where(p.c.site == self.site, p.c.fill == fill)
            .order_by(p.c.line, p.c.first)
        )  # fmt: skip
        found: list[tuple[FillUnits, str]] = []
        for line, owner, item, lot, serial, sku, first, quantity in connection.execute(query):
            each = FillUnits(line=line, owner=owner, item=item, lot=lot, serial=serial, first=first, quantity=quantity)
            last = found[-1][0] if found else None
            if last is not None and replace(last, first=last.first + last.quantity, quantity=quantity) == each:
                found[-1] = (replace(last, quantity=last.quantity + quantity), sku)
            else:
                found.append((each, sku))
        return found

    def _with_jobs(self, connection: sa.Connection, fill: FillId, slip: FillSlip) -> ToteCode:
        jobs = sql_of(PrintJob)
        query = sa.select(jobs.c.id, jobs.c.code).where(
            jobs.c.site == self.site, jobs.c.document == FillSlip.KIND, jobs.c.subject == fill
        )
        made = [(JobId(bytes(row[0])), str(row[1])) for row in connection.execute(query)]
        older = tuple(job for job, code in made if code != slip.code)
        return ToteCode(fill, slip, older, int(len(older) < len(made)))
