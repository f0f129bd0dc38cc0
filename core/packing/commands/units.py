"""Units that go into a parcel and out of it again: what every command about a parcel's inside is made of."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.catalog.model import Location
from core.catalog.places import unexplained
from core.kernel.commands import Command, Read
from core.kernel.ids import (
    NO_ID,
    BatchId,
    BoxTypeId,
    ContactId,
    ContainerId,
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
from core.kernel.printing import void_paper
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Row
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine, StopRequest
from core.orders.progress import advance, wanted
from core.packing.contents import HouseLabel, PackingSlip
from core.packing.model import LabelState, LabelStop, Parcel, ParcelContent, ParcelState, StoppedLabel
from core.picking.commands import ask_back_late
from core.picking.commands.anothers import Anothers, count_as_picked, nowhere
from core.picking.model import SINGLES_TOTES, Fill, FillState, singles_fill
from core.rights.model import SiteStation, Stage, WorkLease
from core.rights.queries import speaks
from core.stock.ledger import Movement, balance_key, balance_keys, on_hand, post
from core.stock.model import Balance, Cause, StockKey

PAPER_OF_EACH = (HouseLabel.KIND, PackingSlip.KIND)
"""What every closed carton bears, wherever it was closed."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedFill:
    """A tote's filling as its slip says it, or as the lease of its singles: at the bench nothing else may be known of it."""

    fill: FillId
    container: ContainerId
    walk: BatchId
    place: LocationId
    """Where its goods are booked."""
    station: StationId
    incarnation: int
    """Whose file printed the slip, and in which of its lives."""
    epoch: int
    fence: int
    number: int
    """Of the slip; 0 where the lease says it."""

    def fills(self) -> tuple[FillId, ...]:
        """Return the fillings that its units may be in: of singles nobody said which of their walk's."""
        return (self.fill,) if self.number else tuple(singles_fill(self.walk, n) for n in range(SINGLES_TOTES))


def content_id(unit: Unit, parcel: ParcelId) -> bytes:
    """Return the id of the row that says that units are in a parcel."""
    return derive(unit.line, f"content {parcel.hex()}", unit.first)


def packed_before(read: Read, site: SiteId, unit: Unit, parcel: ParcelId) -> tuple[ParcelId, ...]:
    """Return the parcels that an ordinal of these units is in; this one first, where another bench put them into it too."""
    line = read.get(FulfilmentLine, (site, unit.line))
    if line is None or line.packed == 0:
        # Nothing of the line is in any parcel: nothing to look for.
        return ()
    last = unit.first + unit.quantity - 1
    found: dict[ParcelId, None] = {}
    for row in read.find(ParcelContent, "units", [(site, unit.line)]).values():
        if row.first <= last and unit.first < row.first + row.quantity:
            box = read.get(Parcel, (site, row.parcel))
            if box is not None and box.state is not ParcelState.VOID:
                found[row.parcel] = None
    return tuple(sorted(found, key=lambda each: (each != parcel, each)))


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


def check_open(read: Read, site: SiteId, fulfilment: FulfilmentId, opens: NewParcel | None = None) -> Refusal | None:
    """Return why nothing more of a fulfilment may be packed."""
    head = read.get(Fulfilment, (site, fulfilment))
    if head is None:
        return Refusal(Reason.WORK_GONE)
    stop = read.get(StopRequest, (site, fulfilment))
    if stop is not None:
        return Refusal(Reason.ORDER_CANCELLED if stop.kind == "cancel" else Reason.ORDER_CHANGED, {"text": stop.text})
    if head.held:
        return Refusal(Reason.ORDER_HELD)
    if opens is not None and (opens.contact, opens.carrier, opens.service) != (
        head.contact,
        head.carrier,
        head.service,
    ):
        # It goes to another address than the bench knew: nothing is opened for the old one.
        return Refusal(Reason.CHANGED_MEANWHILE)
    return None


def open_parcel(uow: UnitOfWork, by: Command, new: NewParcel) -> Parcel:
    """Open a parcel; one that is open already is left as it is."""
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


def carry_parcel(
    uow: UnitOfWork, by: Command, parcel: ParcelId, contents: Iterable[bytes], place: LocationId, *, start: int = 0
) -> int:
    """Book an open parcel with what is in it at another place; return the entry number to go on from."""
    row = uow.get(Parcel, (by.site, parcel))
    if row is None or row.state is not ParcelState.OPEN or row.place == place:
        return start
    rows = [uow.get(ParcelContent, (by.site, name)) for name in contents]
    inside = [each for each in rows if each is not None and each.parcel == parcel]
    here = [
        StockKey(
            owner=each.owner, item=each.item, location=row.place, lot=each.lot, serial=each.serial, lpn=LpnId(parcel)
        )
        for each in inside
    ]
    moves = [
        Movement(key, replace(key, location=place), each.quantity, Cause.MOVE)
        for key, each in zip(here, inside, strict=True)
    ]
    uow.update(row, place=place)
    return post(uow, by, moves, start=start)


def put_in(
    uow: UnitOfWork,
    by: Command,
    parcel: ParcelId,
    units: Iterable[Unit],
    *,
    start: int = 0,
    unheard: CodedFill | None = None,
) -> int:
    """Move units into a parcel, wherever that stands, and write that they are in it; return the next entry number.

    Args:
        uow: the command's unit of work.
        by: the command.
        parcel: where they go.
        units: which.
        start: the entry number to go on from.
        unheard: by what they are known where their picks may still be on their way: what the books lack of them is owed
            by that fill, and paid back by the picks when they come.
    """
    row = uow.get(Parcel, (by.site, parcel))
    if row is None:
        return start
    inside = list(units)
    others = [unheard is not None and not unheard.number and _is_anothers(uow, by.site, each) for each in inside]
    sources = [
        nowhere(by.site, each.source) if anothers else _source(uow, by.site, each, unheard=unheard)
        for each, anothers in zip(inside, others, strict=True)
    ]
    if unheard is not None:
        start = post(uow, by, _owed(uow, by.site, zip(sources, inside, strict=True)), start=start)
    moves = [
        Movement(source, each.packed(parcel, row.place), each.quantity, Cause.PACK)
        for source, each in zip(sources, inside, strict=True)
    ]
    end = post(uow, by, moves, start=start)
    fresh = 0
    for n, unit in enumerate(inside):
        twice = packed_before(uow, by.site, unit, parcel)
        if twice:
            _tell_of_double(uow, by, row, unit, twice[0], n)
        written = _write_in(uow, by.site, row, unit)
        fresh += written
        if unheard is not None and others[n] and written:
            _keep_anothers(uow, by, row, unheard.walk, unit, n)
    uow.update(row, units=row.units + fresh, packer=by.actor)
    return end


def _write_in(uow: UnitOfWork, site: SiteId, row: Parcel, unit: Unit) -> int:
    """Write that units are in a parcel; return how many of them were not in it before.

    Two benches may have gone on with one carton unheard of each other: its ordinals count once, the case tells of both.
    """
    name = content_id(unit, row.id)
    known = uow.get(ParcelContent, (site, name))
    before = 0 if known is None or known.parcel != row.id else known.quantity
    quantity = max(before, unit.quantity)
    uow.put(
        ParcelContent(
            site, name, row.id, row.order, row.fulfilment, unit.line, unit.owner, unit.item, unit.lot, unit.serial,
            unit.fill, unit.first, quantity,
        )
    )  # fmt: skip
    if quantity > before:
        advance(uow, site, unit.line, packed=quantity - before)
    return quantity - before


def _is_anothers(read: Read, site: SiteId, unit: Unit) -> bool:
    """Return whether a single that was packed unheard was picked for another order of its walk: its own is not going to be.

    It was cancelled, or not found, and the bench did not know. Whose it was nobody can say: that one's bench will miss it.
    """
    line = read.get(FulfilmentLine, (site, unit.line))
    if line is None:
        return False
    return max(line.picked, line.reserved) < line.packed + unit.quantity <= line.quantity


def _keep_anothers(uow: UnitOfWork, by: Command, row: Parcel, walk: BatchId, unit: Unit, n: int) -> None:
    """Say that a line has its units: nothing of it is short, and where it was cancelled for good they are asked back."""
    line = uow.get(FulfilmentLine, (by.site, unit.line))
    found = 0 if line is None else min(unit.quantity, line.short)
    others = Anothers(walk, row.order, row.fulfilment, unit.line, unit.first, unit.quantity)
    count_as_picked(uow, by, others, unit.source)
    advance(uow, by.site, unit.line, short=-found, promised=found, reserved=found)
    ask_back_late(uow, by, row.order, row.fulfilment, unit.quantity, n)


def _source(read: Read, site: SiteId, unit: Unit, *, unheard: CodedFill | None) -> StockKey:
    """Return where units are taken out of: where their fill stands, if that is known here better than at the bench.

    Singles without a slip lie in any of their walk's totes: in the first where it is not known better.
    """
    if unheard is None:
        return unit.source
    fills = [fill for fill in (read.get(Fill, (site, name)) for name in unheard.fills()) if fill is not None]
    known = [replace(unit.source, location=fill.location, lpn=LpnId(fill.id)) for fill in fills]
    first = next((key for key in known if key.lpn == unit.source.lpn), unit.source)
    return next((key for key in known if on_hand(read, site, key) >= unit.quantity), first)


def _owed(read: Read, site: SiteId, units: Iterable[tuple[StockKey, Unit]]) -> list[Movement]:
    """Return what brings in the units that the books do not have in their fill yet."""
    by_source: Counter[StockKey] = Counter()
    for source, unit in units:
        by_source[source] += unit.quantity
    return [
        Movement(replace(key, location=unexplained(site)), key, max(0, quantity - on_hand(read, site, key)), Cause.PICK)
        for key, quantity in by_source.items()
        if key.location != unexplained(site)
    ]


def _tell_of_double(uow: UnitOfWork, by: Command, parcel: Parcel, unit: Unit, other: ParcelId, n: int) -> None:
    """Open the case of units that are in two parcels: both happened, and only one of them may leave."""
    uow.except_()
    facts: dict[str, str | int] = {
        "parcel": parcel.id.hex(), "other": other.hex(), "line": unit.line.hex(), "first": unit.first,
        "quantity": unit.quantity,
    }  # fmt: skip
    open_case(uow, by, CaseKind.DOUBLE_PARCEL, order=parcel.order, subject=parcel.id, facts=facts, n=n)


def void_label(uow: UnitOfWork, by: Command, parcel: Parcel) -> tuple[str, ...]:
    """Say that nothing leaves under a parcel's label number any more, and void the paper that goes with it.

    Returns:
        The content kinds of which paper may lie about, on the carton or in it.
    """
    if parcel.sscc and uow.get(StoppedLabel, (by.site, parcel.sscc)) is None:
        uow.insert(StoppedLabel(by.site, parcel.sscc, LabelStop.VOID, by.at))
    out = void_paper(uow, by, parcel.sscc)
    return PAPER_OF_EACH if out is None else out


def unit_reads(
    site: SiteId, parcel: ParcelId, bench: LocationId, units: Iterable[Unit]
) -> dict[type[Row], list[tuple[object, ...]]]:
    """Return the keys that moving units into a parcel or out of it looks at."""
    inside = list(units)
    moves = [Movement(u.source, u.packed(parcel, bench), u.quantity, Cause.PACK) for u in inside]
    return {
        Parcel: [(site, parcel)],
        FulfilmentLine: [(site, u.line) for u in inside],
        ParcelContent: [(site, content_id(u, parcel)) for u in inside],
        Balance: balance_keys(site, moves),
        Location: [(site, place) for place in dict.fromkeys([*(u.place for u in inside), bench])],
    }


def check_units(read: Read, site: SiteId, parcel: ParcelId, units: Iterable[Unit]) -> Refusal | None:
    """Return why units cannot go into a parcel.

    They are packed already, are more of a line than was picked or should leave, or more than the books have in a tote.
    """
    by_line: Counter[FulfilmentLineId] = Counter()
    by_source: Counter[StockKey] = Counter()
    ordinals: set[tuple[FulfilmentLineId, int]] = set()
    for unit in units:
        if unit.quantity <= 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": unit.quantity})
        its = {(unit.line, ordinal) for ordinal in range(unit.first, unit.first + unit.quantity)}
        if not ordinals.isdisjoint(its) or packed_before(read, site, unit, parcel):
            # They were picked twice, into two totes: the second ones stay where they are.
            return Refusal(Reason.ALREADY_PACKED)
        ordinals |= its
        by_line[unit.line] += unit.quantity
        by_source[unit.source] += unit.quantity
    for line, quantity in by_line.items():
        row = read.get(FulfilmentLine, (site, line))
        if row is None:
            return Refusal(Reason.WORK_GONE)
        left = min(row.picked, wanted(row)) - row.packed
        if left < quantity:
            return Refusal(Reason.TOO_MANY, {"wanted": left, "got": quantity})
    for source, quantity in by_source.items():
        have = on_hand(read, site, source)
        if have < quantity:
            return Refusal(Reason.NOT_IN_STOCK_HERE, {"wanted": quantity, "got": have})
    return None


def coded_reads(
    site: SiteId, coded: CodedFill | None, units: Iterable[Unit]
) -> dict[type[Row], list[tuple[object, ...]]]:
    """Return the keys that packing by a slip looks at beyond those of any packing."""
    if coded is None:
        return {}
    sources = dict.fromkeys(replace(u.source, location=unexplained(site)) for u in units)
    return {
        Fill: [(site, each) for each in coded.fills()],
        SiteStation: [(site, coded.station)],
        WorkLease: [(site, Stage.PICK, coded.walk)],
        Balance: [balance_key(site, each) for each in sources],
    }


def check_coded(
    read: Read, site: SiteId, fulfilment: FulfilmentId, parcel: ParcelId, coded: CodedFill, units: Iterable[Unit]
) -> Refusal | None:
    """Return why units whose picks may not be known may not be packed: the slip does not count any more, they are packed."""
    refusal = _check_slip(read, site, fulfilment, coded) if coded.number else None
    if refusal is not None:
        return refusal
    by_line: Counter[FulfilmentLineId] = Counter()
    for unit in units:
        if unit.quantity <= 0:
            return Refusal(Reason.NOT_A_QUANTITY, {"quantity": unit.quantity})
        if packed_before(read, site, unit, parcel):
            return Refusal(Reason.ALREADY_PACKED)
        by_line[unit.line] += unit.quantity
    for line, quantity in by_line.items():
        row = read.get(FulfilmentLine, (site, line))
        if row is None:
            return Refusal(Reason.WORK_GONE)
        if wanted(row) - row.packed < quantity:
            return Refusal(Reason.TOO_MANY, {"wanted": wanted(row) - row.packed, "got": quantity})
    return None


def _check_slip(read: Read, site: SiteId, fulfilment: FulfilmentId, coded: CodedFill) -> Refusal | None:
    """Return why a slip does not count: others have the work, its cart is lost, the slip is old, the fill is done."""
    lease = read.get(WorkLease, (site, Stage.PICK, coded.walk))
    if lease is not None and (lease.epoch, lease.fence) > (coded.epoch, coded.fence):
        return Refusal(Reason.WORK_GIVEN)
    if not speaks(read, site, coded.station, coded.incarnation, fulfilment, unknown=True):
        return Refusal(Reason.LOOK_FIRST)
    fill = read.get(Fill, (site, coded.fill))
    if fill is not None and fill.changes > coded.number:
        return Refusal(Reason.SLIP_OLD)
    done = fill is not None and fill.state is FillState.EMPTIED
    return Refusal(Reason.ALREADY_PACKED) if done else None
