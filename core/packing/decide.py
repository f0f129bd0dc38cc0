"""From what the packer did to the command that says so: pure decisions over the order at the bench."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from core.cases.model import CaseKind
from core.kernel.flow import Candidate, Context, Stamp
from core.kernel.ids import NO_ID, BoxTypeId, FillId, FulfilmentLineId, LocationId, ParcelId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.commands import (
    CloseParcel,
    Closing,
    NewParcel,
    PackUnits,
    ParkOrder,
    ShipShort,
    Unit,
    UnpackUnits,
    content_id,
)
from core.packing.views import BoxChoice, Loose, OpenParcel, PackLine, PackView
from core.packing.weight import Weighed, WeightCheck, weight_check

Verified = tuple[Unit, ...]


def unit_of(view: PackView, loose: Loose, first: int, quantity: int) -> Unit:
    """Return units of a loose run as the command names them."""
    line = next(each for each in view.lines if each.line == loose.line)
    return Unit(
        line=loose.line, owner=line.owner, item=line.item, lot=loose.lot, serial=loose.serial, fill=loose.fill,
        place=loose.place, first=first, quantity=quantity,
    )  # fmt: skip


def all_units(view: PackView) -> Verified:
    """Return every unit that is in no parcel."""
    return tuple(unit_of(view, each, each.first, each.quantity) for each in view.loose)


def verify(view: PackView, said: Candidate, raw: str) -> Verified | Refusal:
    """Return the units that a scan verifies, or why it verifies none.

    Args:
        view: the order at the bench.
        said: the item that was scanned, with what its symbol said beside it.
        raw: the scanned text, for serials that are codes of their own.
    """
    lines = [line for line in view.lines if line.item == said.target]
    if not lines:
        told = {"got_variant": said.variant, "got_picture": said.picture}
        facts = {"got": said.code, "got_label": said.label, "order": view.order_number}
        return Refusal(Reason.NOT_THIS_ORDER, facts | {name: value for name, value in told.items() if value})
    loose = [each for each in view.loose if each.line in {line.line for line in lines}]
    if not loose:
        return Refusal(Reason.TOO_MANY, {"wanted": 0, "got": said.quantity, "item": said.code})
    serial = said.serial or (raw if any(each.serial == raw for each in loose) else "")
    if lines[0].serial_control:
        if not serial:
            return Refusal(Reason.SCAN_SERIAL, {"item": said.code})
        loose = [each for each in loose if each.serial == serial]
        if not loose:
            return Refusal(Reason.WRONG_SERIAL, {"got": serial, "item": said.code})
    if said.lot:
        matching = [each for each in loose if each.lot_code == said.lot]
        if not matching and lines[0].lot_control:
            return Refusal(Reason.WRONG_LOT, {"expected": loose[0].lot_code, "got": said.lot})
        loose = matching or loose
    elif lines[0].lot_control and len({each.lot_code for each in loose}) > 1:
        return Refusal(Reason.SCAN_LOT, {"item": said.code})
    return _units(view, loose, said)


def _units(view: PackView, loose: list[Loose], said: Candidate) -> Verified | Refusal:
    if sum(each.quantity for each in loose) < said.quantity:
        return Refusal(
            Reason.TOO_MANY, {"wanted": sum(each.quantity for each in loose), "got": said.quantity, "item": said.code}
        )
    left, units = said.quantity, []
    for each in loose:
        here = min(left, each.quantity)
        if here:
            units.append(unit_of(view, each, each.first, here))
        left -= here
    return tuple(units)


def box_named(view: PackView, code: str) -> BoxChoice | None:
    """Return a carton by its code."""
    return next((box for box in view.boxes if box.code == code), None)


def box_of(view: PackView) -> BoxChoice | None:
    """Return the carton of the parcel that is open, None when none is."""
    if view.parcel is None:
        return None
    return next((box for box in view.boxes if box.id == view.parcel.box), None)


def new_parcel(view: PackView, box: BoxChoice, stamp: Stamp, context: Context) -> NewParcel | None:
    """Return the parcel that the first units open; None when one is open."""
    if view.parcel is not None:
        return None
    return NewParcel(
        id=ParcelId(derive(stamp["id"], "parcel")), order=view.order, fulfilment=view.fulfilment,
        number=view.next_number, box_type=BoxTypeId(box.id), carrier=view.carrier, service=view.service,
        contact=view.contact, station=context.station, place=context.bench,
    )  # fmt: skip


def pack(view: PackView, box: BoxChoice, stamp: Stamp, context: Context, units: Verified) -> PackUnits:
    """Return the command of putting units into the carton."""
    opens = new_parcel(view, box, stamp, context)
    parcel = opens.id if opens is not None else _parcel_of(view)
    return PackUnits(
        **stamp,
        parcel=parcel,
        opens=opens,
        fulfilment=view.fulfilment,
        bench=context.bench,
        units=units,
        loose=view.walk,
    )


def after_pack(view: PackView, box: BoxChoice, done: PackUnits) -> PackView:
    """Return the order as it is once units were packed: what a look at the books would say, without one."""
    gone = _by_fill(done.units)
    packed = Counter({line.line: 0 for line in view.lines})
    for unit in done.units:
        packed[unit.line] += unit.quantity
    before = view.parcel or OpenParcel(done.parcel, view.next_number, 0, BoxTypeId(box.id), ())
    inside = tuple((content_id(unit, done.parcel), unit.line, unit.quantity) for unit in done.units)
    return replace(
        view,
        lines=tuple(replace(line, packed=line.packed + packed[line.line]) for line in view.lines),
        loose=tuple(_without(view.loose, done.units)),
        fill_left=tuple((fill, left - gone[fill]) for fill, left in view.fill_left),
        parcel=replace(before, units=before.units + sum(packed.values()), contents=(*before.contents, *inside)),
        next_number=view.next_number + int(view.parcel is None),
    )


def set_aside(view: PackView, units: Verified) -> PackView:
    """Return the order with these units verified by its slip: they are written when all of them are."""
    gone = _by_fill(units)
    by_line: Counter[FulfilmentLineId] = Counter()
    for unit in units:
        by_line[unit.line] += unit.quantity
    return replace(
        view,
        lines=tuple(replace(line, packed=line.packed + by_line[line.line]) for line in view.lines),
        loose=tuple(_without(view.loose, units)),
        fill_left=tuple((fill, left - gone[fill]) for fill, left in view.fill_left),
        pending=(*view.pending, *units),
    )


def after_short(view: PackView, done: ShipShort) -> PackView:
    """Return the order as it is once it goes without its missing units."""
    gone = _by_fill(done.missing)
    return replace(view, loose=(), fill_left=tuple((fill, left - gone[fill]) for fill, left in view.fill_left))


def _by_fill(units: Verified) -> Counter[FillId]:
    count: Counter[FillId] = Counter()
    for unit in units:
        count[unit.fill] += unit.quantity
    return count


def _without(loose: Iterable[Loose], units: Verified) -> Iterator[Loose]:
    """Yield the loose runs less the units that were taken from their fronts."""
    taken = {(unit.line, unit.first): unit.quantity for unit in units}
    for each in loose:
        gone = taken.get((each.line, each.first), 0)
        if gone < each.quantity:
            yield replace(each, first=each.first + gone, quantity=each.quantity - gone)


def unpack(done: PackUnits | CloseParcel, stamp: Stamp) -> UnpackUnits:
    """Return the command that takes units out again; a parcel that was closed and opened again stays."""
    opened = int(isinstance(done, PackUnits) and done.opens is not None)
    return UnpackUnits(**stamp, undoes=done.id, parcel=done.parcel, opened=opened, bench=done.bench, units=done.units)


def close(
    view: PackView, box: BoxChoice, stamp: Stamp, context: Context, units: Verified, weight_grams: int
) -> CloseParcel:
    """Return the command of closing the carton, with the units verified last."""
    opens = new_parcel(view, box, stamp, context)
    parcel = opens.id if opens is not None else _parcel_of(view)
    inside = () if view.parcel is None else view.parcel.contents
    empties = _empties(view, units)
    complete = sum(unit.quantity for unit in units) >= view.left
    check = expected_weight(view, box, units)
    units = (*view.pending, *units)
    return CloseParcel(
        **stamp,
        parcel=parcel,
        opens=opens,
        order=view.order,
        fulfilment=view.fulfilment,
        contact=view.contact,
        bench=context.bench,
        units=units,
        contents=tuple((row, line) for row, line, _ in inside),
        order_lines=view.order_lines,
        items=tuple(dict.fromkeys(line.item for line in view.lines)),
        closing=Closing(
            number=view.sscc_number,
            sscc=view.sscc,
            box_type=box.id,
            weight_grams=weight_grams,
            expected_grams=check.expected_grams if check.known else 0,
            empties=empties,
            parcels_known=view.closed_parcels + 1 if complete else 0,
            complete=int(complete),
            station=context.station,
            papers=view.papers,
            tare_grams=box.tare_grams,
        ),
        coded=view.coded,
        loose=view.walk,
    )


def _empties(view: PackView, units: Verified) -> tuple[FillId, ...]:
    """Return the tote fillings in which nothing is left without these units."""
    leaving = _by_fill(units)
    return tuple(fill for fill, left in view.fill_left if left - leaving[fill] <= 0)


def _parcel_of(view: PackView) -> ParcelId:
    if view.parcel is None:
        raise ValueError("no parcel is open")
    return view.parcel.id


def expected_weight(view: PackView, box: BoxChoice, units: Verified) -> WeightCheck:
    """Return what the carton should weigh with these units in it."""
    inside: Counter[FulfilmentLineId] = Counter()
    if view.parcel is not None:
        for _, line, quantity in view.parcel.contents:
            inside[line] += quantity
    for unit in (*view.pending, *units):
        inside[unit.line] += unit.quantity
    by_line: dict[FulfilmentLineId, PackLine] = {line.line: line for line in view.lines}
    weighed = [
        Weighed(quantity, by_line[line].weight_grams, by_line[line].sigma_mg, by_line[line].samples)
        for line, quantity in inside.items()
        if quantity and line in by_line
    ]
    return weight_check(weighed, box.tare_grams)


def park(view: PackView, stamp: Stamp, kind: CaseKind, reason: str) -> ParkOrder:
    """Return the command of carrying an order to the hospital: a tote that holds others' units too stays."""
    # What is known by its slip alone is booked nowhere that it could be carried from.
    units = all_units(view) if view.hospital_id != NO_ID and view.coded is None else ()
    mine = _by_fill(units)
    fills = tuple(fill for fill, left in view.fill_left if left == mine[fill] > 0)
    parcel = None if view.hospital_id == NO_ID else view.parcel
    return ParkOrder(
        **stamp, order=view.order, fulfilment=view.fulfilment, kind=kind, reason=reason,
        place=view.hospital_id if fills or parcel else LocationId(NO_ID), fills=fills,
        units=tuple(unit for unit in units if unit.fill in fills),
        parcel=ParcelId(NO_ID) if parcel is None else parcel.id,
        contents=() if parcel is None else tuple(row for row, _, _ in parcel.contents),
    )  # fmt: skip


def ship_short(view: PackView, stamp: Stamp, reason: str) -> ShipShort:
    """Return the command of going without the units that are in no parcel."""
    missing = all_units(view)
    return ShipShort(
        **stamp, fulfilment=view.fulfilment, missing=missing, order=view.order, reason=reason,
        empties=_empties(view, missing),
    )  # fmt: skip
