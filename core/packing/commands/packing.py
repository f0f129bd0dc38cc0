"""Units go into an open parcel, and out of it again, one scan at a time."""

from dataclasses import replace

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, BatchId, CommandId, FulfilmentId, LocationId, ParcelId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, StopRequest
from core.orders.progress import advance
from core.packing.commands.units import (
    NewParcel,
    Unit,
    check_open,
    check_units,
    content_id,
    open_parcel,
    put_in,
    unit_reads,
)
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.picking.model import Fill
from core.rights.model import Stage
from core.rights.queries import fence_of
from core.stock.ledger import Movement, post
from core.stock.model import Cause


@command("packing.pack", OpClass.FACT, permission="pack.work")
class PackUnits(Command):
    """Verified units went into a parcel; the first ones open it."""

    parcel: ParcelId
    opens: NewParcel | None
    fulfilment: FulfilmentId
    bench: LocationId
    units: tuple[Unit, ...]
    loose: BatchId = BatchId(NO_ID)
    """The walk of singles that they are of: goods that no tote binds to their order; NO_ID for others."""

    def claims(self) -> tuple[str, bytes] | None:
        """Return the packing of that walk's singles."""
        return None if self.loose == NO_ID else (Stage.PACK, self.loose)

    def under(self, uow: UnitOfWork) -> int:
        """Return the fence of the lease of those singles."""
        return 0 if self.loose == NO_ID else fence_of(uow, self.site, Stage.PACK, self.loose)

    def reads(self) -> Reads:
        """Return parcel, lines, contents, balances and what the office said."""
        return {
            **unit_reads(self.site, self.parcel, self.bench, self.units),
            Fulfilment: [(self.site, self.fulfilment)],
            StopRequest: [(self.site, self.fulfilment)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a stopped order, units that are packed, more than was picked or should leave, and what is not in the tote."""
        refusal = check_open(read, self.site, self.fulfilment, self.opens)
        if refusal is not None:
            return refusal
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None and self.opens is None:
            return Refusal(Reason.WORK_GONE)
        if row is not None and row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        return check_units(read, self.site, self.parcel, self.units)

    def apply(self, uow: UnitOfWork) -> None:
        """Open the parcel if need be, move the goods, write what is inside."""
        if self.opens is not None:
            open_parcel(uow, self, self.opens)
        put_in(uow, self, self.parcel, self.units)


@command("packing.unpack", OpClass.FACT, permission="pack.work")
class UnpackUnits(Command):
    """Units went out of an open parcel, back into the tote: the undo of packing them."""

    undoes: CommandId
    parcel: ParcelId
    opened: int
    """1 when packing them opened the parcel: it goes again."""
    bench: LocationId
    units: tuple[Unit, ...]

    def reads(self) -> Reads:
        """Return parcel, lines, contents, totes and balances."""
        return {
            **unit_reads(self.site, self.parcel, self.bench, self.units),
            Fill: [(self.site, unit.fill) for unit in self.units],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is closed, and units that are not in it."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        inside = (read.get(ParcelContent, (self.site, content_id(unit, self.parcel))) for unit in self.units)
        if any(each is None or each.parcel != self.parcel for each in inside):
            return Refusal(Reason.NOTHING_TO_UNDO)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods back, take them off the list."""
        gone = 0
        post(uow, self, [self._back(uow, unit) for unit in self.units])
        for unit in self.units:
            content = uow.get(ParcelContent, (self.site, content_id(unit, self.parcel)))
            if content is not None and content.parcel == self.parcel:
                uow.delete(content)
                advance(uow, self.site, unit.line, packed=-unit.quantity)
                gone += unit.quantity
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None:
            return
        row = uow.update(row, units=max(0, row.units - gone))
        if self.opened and row.units == 0:
            uow.delete(row)

    def _back(self, uow: UnitOfWork, unit: Unit) -> Movement:
        """Return the way back of a unit: from where the parcel stands now to where its tote does."""
        parcel, tote = uow.get(Parcel, (self.site, self.parcel)), uow.get(Fill, (self.site, unit.fill))
        source = unit.packed(self.parcel, self.bench if parcel is None else parcel.place)
        target = unit.source if tote is None else replace(unit.source, location=tote.location)
        return Movement(source, target, unit.quantity, Cause.UNPACK)
