"""What packing writes: parcels opened, units in them, closed with a label, reopened, and units that are missing.

Address and descriptions reach the label only here, at the station where it is printed: the content is built from the
private rows inside `apply` and put into the local spool; no operation ever carries them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.cases.commands import open_case
from core.cases.model import Case, CaseKind
from core.catalog.model import Site
from core.catalog.places import unexplained
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import (
    NO_ID,
    BoxTypeId,
    CommandId,
    ContactId,
    FillId,
    FulfilmentId,
    FulfilmentLineId,
    ItemId,
    JobId,
    LocationId,
    LotId,
    LpnId,
    ManifestId,
    OrderId,
    OwnerId,
    ParcelId,
    SiteId,
    StationId,
    derive,
)
from core.kernel.numbers import NumberRange, is_free, take
from core.kernel.printing import settle_job, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState
from core.kernel.tables import Row
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, OrderLine, StopRequest
from core.orders.progress import advance
from core.packing.contents import PackingSlip
from core.packing.labels import house_label, packing_slip
from core.packing.model import LabelState, Parcel, ParcelContent, ParcelState
from core.picking.model import Fill, FillState
from core.stock.ledger import Movement, balance_keys, on_hand, post
from core.stock.model import Balance, Cause, StockKey

SSCC_NUMBERS = "sscc"
REPRINTS_FREE = 3
"""Labels of one parcel that a packer may print; more is a supervisor's decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Units of one line that go into a parcel, out of one tote filling."""

    line: FulfilmentLineId
    owner: OwnerId
    item: ItemId
    lot: LotId
    serial: str
    fill: FillId
    place: LocationId
    """Where the tote's goods are booked."""
    first: int
    quantity: int

    @property
    def source(self) -> StockKey:
        """Return their stock key in the tote."""
        return StockKey(
            owner=self.owner,
            item=self.item,
            location=self.place,
            lot=self.lot,
            serial=self.serial,
            lpn=LpnId(self.fill),
        )

    def packed(self, parcel: ParcelId, bench: LocationId) -> StockKey:
        """Return their stock key in the parcel."""
        return StockKey(
            owner=self.owner, item=self.item, location=bench, lot=self.lot, serial=self.serial, lpn=LpnId(parcel)
        )


def content_id(parcel: ParcelId, unit: Unit) -> bytes:
    """Return the id of the row that says a unit is in a parcel."""
    return derive(parcel, f"content {unit.line.hex()}", unit.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParcel:
    """A parcel as it is opened."""

    id: ParcelId
    order: OrderId
    fulfilment: FulfilmentId
    number: int
    box_type: BoxTypeId
    carrier: str
    service: str
    contact: ContactId
    station: StationId
    place: LocationId


def _check_open(read: Read, site: SiteId, fulfilment: FulfilmentId) -> Refusal | None:
    """Return why nothing more of a fulfilment may be packed."""
    head = read.get(Fulfilment, (site, fulfilment))
    if head is None:
        return Refusal(Reason.WORK_GONE)
    if head.held:
        return Refusal(Reason.ORDER_HELD)
    stop = read.get(StopRequest, (site, fulfilment))
    if stop is not None:
        return Refusal(Reason.ORDER_CANCELLED if stop.kind == "cancel" else Reason.ORDER_CHANGED, {"text": stop.text})
    return None


def _open(uow: UnitOfWork, by: Command, new: NewParcel) -> Parcel:
    known = uow.get(Parcel, (by.site, new.id))
    if known is not None:
        return known
    row = Parcel(
        by.site, new.id, new.order, new.fulfilment, new.number, new.box_type, new.carrier, new.service, new.contact,
        "", 0, 0, 0, new.station, new.place, by.actor, by.at, 0, ParcelState.OPEN, LabelState.NONE, JobId(NO_ID), 0,
        ManifestId(NO_ID), 0, 1,
    )  # fmt: skip
    uow.insert(row)
    return row


def _pack(uow: UnitOfWork, by: Command, parcel: ParcelId, bench: LocationId, units: Iterable[Unit]) -> None:
    row = uow.get(Parcel, (by.site, parcel))
    if row is None:
        return
    inside = list(units)
    post(uow, by, [Movement(u.source, u.packed(parcel, bench), u.quantity, Cause.PACK) for u in inside])
    for unit in inside:
        uow.put(
            ParcelContent(
                by.site, content_id(parcel, unit), parcel, row.order, row.fulfilment, unit.line, unit.owner, unit.item,
                unit.lot, unit.serial, unit.fill, unit.first, unit.quantity,
            )
        )  # fmt: skip
        advance(uow, by.site, unit.line, packed=unit.quantity)
    uow.update(row, units=row.units + sum(unit.quantity for unit in inside), packer=by.actor)


def _unit_reads(
    site: SiteId, parcel: ParcelId, bench: LocationId, units: Iterable[Unit]
) -> dict[type[Row], list[tuple[object, ...]]]:
    inside = list(units)
    moves = [Movement(u.source, u.packed(parcel, bench), u.quantity, Cause.PACK) for u in inside]
    return {
        Parcel: [(site, parcel)],
        FulfilmentLine: [(site, u.line) for u in inside],
        ParcelContent: [(site, content_id(parcel, u)) for u in inside],
        Balance: balance_keys(site, moves),
    }


def _check_units(read: Read, site: SiteId, units: Iterable[Unit]) -> Refusal | None:
    for unit in units:
        line = read.get(FulfilmentLine, (site, unit.line))
        if line is None:
            return Refusal(Reason.WORK_GONE)
        if unit.quantity <= 0 or line.picked - line.packed < unit.quantity:
            return Refusal(Reason.TOO_MANY, {"wanted": line.picked - line.packed, "got": unit.quantity})
        have = on_hand(read, site, unit.source)
        if have < unit.quantity:
            return Refusal(Reason.NOT_IN_STOCK_HERE, {"wanted": unit.quantity, "got": have})
    return None


@command("packing.pack", OpClass.FACT, permission="pack.work")
class PackUnits(Command):
    """Verified units went into a parcel; the first ones open it."""

    parcel: ParcelId
    opens: NewParcel | None
    fulfilment: FulfilmentId
    bench: LocationId
    units: tuple[Unit, ...]

    def reads(self) -> Reads:
        """Return parcel, lines, contents, balances and what the office said."""
        return {
            **_unit_reads(self.site, self.parcel, self.bench, self.units),
            Fulfilment: [(self.site, self.fulfilment)],
            StopRequest: [(self.site, self.fulfilment)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a stopped order, more than was picked, and units that are not in the tote."""
        refusal = _check_open(read, self.site, self.fulfilment)
        if refusal is not None:
            return refusal
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None and self.opens is None:
            return Refusal(Reason.WORK_GONE)
        if row is not None and row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        return _check_units(read, self.site, self.units)

    def apply(self, uow: UnitOfWork) -> None:
        """Open the parcel if need be, move the goods, write what is inside."""
        if self.opens is not None:
            _open(uow, self, self.opens)
        _pack(uow, self, self.parcel, self.bench, self.units)


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
        """Return parcel, lines, contents and balances."""
        return {
            **_unit_reads(self.site, self.parcel, self.bench, self.units),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is closed, and units that are not in it."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        if any(read.get(ParcelContent, (self.site, content_id(self.parcel, u))) is None for u in self.units):
            return Refusal(Reason.NOTHING_TO_UNDO)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Move the goods back, take them off the list."""
        gone = 0
        moves = [Movement(u.packed(self.parcel, self.bench), u.source, u.quantity, Cause.UNPACK) for u in self.units]
        post(uow, self, moves)
        for unit in self.units:
            content = uow.get(ParcelContent, (self.site, content_id(self.parcel, unit)))
            if content is not None:
                uow.delete(content)
                advance(uow, self.site, unit.line, packed=-unit.quantity)
                gone += unit.quantity
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None:
            return
        row = uow.update(row, units=max(0, row.units - gone))
        if self.opened and row.units == 0:
            uow.delete(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closing a parcel decides."""

    number: int
    """The serial its label number was made of."""
    sscc: str
    box_type: BoxTypeId
    weight_grams: int
    expected_grams: int
    empties: tuple[FillId, ...]
    """Tote fillings that are empty with it."""
    parcels_known: int
    """How many parcels of the fulfilment there are, this one included."""
    complete: int
    """1 when nothing of the fulfilment is left to pack."""


@command("packing.close", OpClass.FACT, permission="pack.work")
class CloseParcel(Command):
    """A parcel is closed; in the same breath its last units go in, its label and slip are asked for."""

    parcel: ParcelId
    opens: NewParcel | None
    order: OrderId
    fulfilment: FulfilmentId
    contact: ContactId
    bench: LocationId
    units: tuple[Unit, ...]
    """The units verified last, that are not in it yet."""
    contents: tuple[tuple[bytes, FulfilmentLineId], ...]
    """Ids of the rows that say what was in it before, for the slip."""
    order_lines: tuple[bytes, ...]
    closing: Closing

    def reads(self) -> Reads:
        """Return everything the label and the slip are made of, beside the parcel."""
        return {
            **_unit_reads(self.site, self.parcel, self.bench, self.units),
            ParcelContent: [
                *((self.site, content_id(self.parcel, u)) for u in self.units),
                *((self.site, each) for each, _ in self.contents),
            ],
            FulfilmentLine: [
                *((self.site, u.line) for u in self.units),
                *((self.site, line) for _, line in self.contents),
            ],
            Fulfilment: [(self.site, self.fulfilment)],
            StopRequest: [(self.site, self.fulfilment)],
            Order: [(self.site, self.order)],
            OrderLine: [(self.site, each) for each in self.order_lines],
            Contact: [(self.site, self.contact)],
            Site: [(self.site,)],
            Fill: [(self.site, each) for each in self.closing.empties],
            NumberRange: [(self.site, SSCC_NUMBERS)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a stopped order, a closed parcel, an empty one, and a label number that was given out."""
        refusal = _check_open(read, self.site, self.fulfilment)
        if refusal is not None:
            return refusal
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None and self.opens is None:
            return Refusal(Reason.WORK_GONE)
        if row is not None and row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        if not self.units and (row is None or row.units == 0):
            return Refusal(Reason.NOTHING_TO_PACK)
        if not is_free(read, self.site, SSCC_NUMBERS, self.closing.number):
            return Refusal(Reason.LABEL_NUMBERS_OUT, {"number": self.closing.number})
        return _check_units(read, self.site, self.units)

    def apply(self, uow: UnitOfWork) -> None:
        """Pack the last units, close, take the number, ask for label and slip, free the totes."""
        if self.opens is not None:
            _open(uow, self, self.opens)
        _pack(uow, self, self.parcel, self.bench, self.units)
        take(uow, self.site, SSCC_NUMBERS, self.closing.number)
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None:
            return
        job = self._print(uow, row)
        uow.update(
            row, state=ParcelState.CLOSED, sscc=self.closing.sscc, box_type=self.closing.box_type,
            weight_grams=self.closing.weight_grams, expected_grams=self.closing.expected_grams, closed_at=self.at,
            label=LabelState.SPOOLED, job=job, copies=row.copies + 1, packer=self.actor,
        )  # fmt: skip
        for fill in self.closing.empties:
            tote = uow.get(Fill, (self.site, fill))
            if tote is not None:
                uow.update(tote, state=FillState.EMPTIED)
        uow.tell(sscc=self.closing.sscc)

    def _print(self, uow: UnitOfWork, row: Parcel) -> JobId:
        closing = self.closing
        label = house_label(
            uow, self.site, row, closing.sscc, closing.weight_grams or closing.expected_grams, self.at, copy_number=1
        )
        job = spool_job(uow, self, label, purpose="label", printer="label", subject=self.parcel, code=closing.sscc)
        spool_job(uow, self, self._slip(uow, row), purpose="slip", printer="document", subject=self.parcel, code="")
        return job

    def _slip(self, uow: UnitOfWork, row: Parcel) -> PackingSlip:
        inside: dict[FulfilmentLineId, int] = {}
        for content, line in self.contents:
            known = uow.get(ParcelContent, (self.site, content))
            inside[line] = inside.get(line, 0) + (0 if known is None else known.quantity)
        for unit in self.units:
            inside[unit.line] = inside.get(unit.line, 0) + unit.quantity
        return packing_slip(uow, self.site, row, inside, parcels=self.closing.parcels_known, at=self.at)


@command("packing.apply_label", OpClass.FACT, permission="pack.work")
class ConfirmLabel(Command):
    """The label was scanned back from the box: it is printed, legible and on the right box."""

    parcel: ParcelId

    def reads(self) -> Reads:
        """Return the parcel."""
        return {Parcel: [(self.site, self.parcel)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is not closed, or whose label is void."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        return Refusal(Reason.LABEL_VOID) if row.label is LabelState.VOID else None

    def apply(self, uow: UnitOfWork) -> None:
        """Write that it is applied; its job is settled by that, whatever was known of it."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED:
            return
        uow.update(row, label=LabelState.APPLIED)
        if uow.at_origin:
            settle_job(uow, self.site, row.job, JobState.APPLIED)


@command("packing.reprint", OpClass.FACT, permission="print.reprint")
class ReprintLabel(Command):
    """A label is printed once more, with a reason; the one before is void."""

    parcel: ParcelId
    reason: str

    def reads(self) -> Reads:
        """Return the parcel; what the label says is read through it."""
        return {Parcel: [(self.site, self.parcel)], Site: [(self.site,)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel without a label, one that is gone, and more copies than are free."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        if row.loaded_at:
            return Refusal(Reason.ALREADY_LOADED)
        if row.copies > REPRINTS_FREE:
            return Refusal(Reason.REPRINT_LIMIT, {"copies": row.copies})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Void the job before, ask for a new one."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED:
            return
        copy = row.copies + 1
        before = row.job
        label = house_label(
            uow, self.site, row, row.sscc, row.weight_grams or row.expected_grams, self.at, copy_number=copy
        )
        job = spool_job(
            uow, self, label, purpose="label", printer="label", subject=self.parcel, code=row.sscc,
            copy_number=copy, reprint_of=before,
        )  # fmt: skip
        if uow.at_origin:
            settle_job(uow, self.site, before, JobState.VOIDED)
        uow.update(row, label=LabelState.SPOOLED, job=job, copies=copy)


@command("packing.reopen", OpClass.FACT, permission="pack.work")
class ReopenParcel(Command):
    """A closed parcel is opened again: its label is void first, and it gets another when it is closed."""

    parcel: ParcelId
    reason: str

    def reads(self) -> Reads:
        """Return the parcel."""
        return {Parcel: [(self.site, self.parcel)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is open or loaded."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        return Refusal(Reason.ALREADY_LOADED) if row.loaded_at else None

    def apply(self, uow: UnitOfWork) -> None:
        """Void the label, open the parcel."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED or row.loaded_at:
            return
        if uow.at_origin:
            settle_job(uow, self.site, row.job, JobState.VOIDED)
        uow.tell(void=row.sscc)
        uow.update(row, state=ParcelState.OPEN, label=LabelState.VOID, sscc="", closed_at=0, weight_grams=0)


@dataclass(frozen=True, slots=True)
class MissingUnits:
    """Units of a line that are not in the tote."""

    unit: Unit
    order: OrderId


@command("packing.ship_short", OpClass.FACT, permission="pack.work")
class ShipShort(Command):
    """Units are missing at the bench; the order goes without them."""

    fulfilment: FulfilmentId
    missing: tuple[Unit, ...]
    order: OrderId
    reason: str

    def _moves(self) -> list[Movement]:
        return [
            Movement(
                u.source,
                StockKey(owner=u.owner, item=u.item, location=unexplained(self.site), lot=u.lot, serial=u.serial),
                u.quantity,
                Cause.SHORT,
            )
            for u in self.missing
        ]

    def reads(self) -> Reads:
        """Return lines and balances."""
        return {
            FulfilmentLine: [(self.site, u.line) for u in self.missing],
            Fulfilment: [(self.site, self.fulfilment)],
            Balance: balance_keys(self.site, self._moves()),
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse units that are packed already."""
        for unit in self.missing:
            line = read.get(FulfilmentLine, (self.site, unit.line))
            if line is None or line.picked - line.packed < unit.quantity:
                return Refusal(Reason.CHANGED_MEANWHILE)
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Book the units to *unexplained*, count the lines short, open a case."""
        post(uow, self, self._moves())
        for unit in self.missing:
            advance(
                uow, self.site, unit.line, short=unit.quantity, picked=-unit.quantity, reserved=-unit.quantity,
                promised=-unit.quantity,
            )  # fmt: skip
        quantity = sum(unit.quantity for unit in self.missing)
        open_case(
            uow, self, CaseKind.MISSING_AT_BENCH, order=self.order, subject=self.fulfilment,
            facts={"quantity": quantity, "reason": self.reason},
        )  # fmt: skip


@command("packing.park", OpClass.FACT, permission="pack.work")
class ParkTote(Command):
    """A tote waits in the hospital until somebody decides."""

    order: OrderId
    fill: FillId
    reason: str

    def reads(self) -> Reads:
        """Return the fill."""
        return {Fill: [(self.site, self.fill)], Case: [(self.site, derive(self.id, f"case {CaseKind.HOSPITAL}", 0))]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a tote that is empty."""
        row = read.get(Fill, (self.site, self.fill))
        return Refusal(Reason.WORK_GONE) if row is None or row.state is FillState.EMPTIED else None

    def apply(self, uow: UnitOfWork) -> None:
        """Open the case that keeps it there."""
        open_case(uow, self, CaseKind.HOSPITAL, order=self.order, subject=self.fill, facts={"reason": self.reason})
