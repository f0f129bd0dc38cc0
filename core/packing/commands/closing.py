"""Closing a parcel: in one transaction its last units go in, its number is taken, its label and slip are asked for.

Address and descriptions reach the label only here, at the station where it is printed: the content is built from the
private rows inside `apply` and put into the local spool; no operation ever carries them.
"""

from dataclasses import dataclass

from core.catalog.model import Item, Site
from core.catalog.parcel_codes import ParcelCode, ParcelUnits, parcel_code
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
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
    OrderId,
    ParcelId,
    StationId,
)
from core.kernel.numbers import Number, NumberRange, is_free, take
from core.kernel.printing import job_id, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, Fulfilment, FulfilmentLine, Order, OrderLine, StopRequest
from core.packing.commands.enclosing import enclose
from core.packing.commands.leaving import SSCC_NUMBERS, leave_early, tell_of_label
from core.packing.commands.paper import LABEL_PRINTER
from core.packing.commands.units import (
    CodedFill,
    NewParcel,
    Unit,
    carry_parcel,
    check_coded,
    check_open,
    check_units,
    coded_reads,
    content_id,
    open_parcel,
    put_in,
    unit_reads,
)
from core.packing.labels import house_label, packing_slip
from core.packing.model import EarlyLoad, LabelState, Parcel, ParcelContent, ParcelState, StoppedLabel
from core.picking.model import Fill, FillState
from core.rights.model import Stage
from core.rights.queries import fence_of
from core.stock.model import Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What closing a parcel decides."""

    number: Number
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
    station: StationId
    """Which gives the number out."""
    papers: tuple[str, ...] = ()
    """Kinds of paper that the shop or the customer wants with it, beside label and slip."""
    tare_grams: int = 0
    """What the empty carton weighs."""


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
    items: tuple[ItemId, ...]
    """The items inside, which the slip names."""
    closing: Closing
    coded: CodedFill | None = None
    """The slip by which the units were identified; None where their picks are known here."""
    loose: BatchId = BatchId(NO_ID)
    """The walk of singles that the units are of: goods that no tote binds to their order; NO_ID for others."""

    def claims(self) -> tuple[str, bytes] | None:
        """Return the packing of that walk's singles."""
        return None if self.loose == NO_ID else (Stage.PACK, self.loose)

    def under(self, uow: UnitOfWork) -> int:
        """Return the fence that the goods carry, or of the lease of singles."""
        if self.coded is not None:
            return self.coded.fence
        return 0 if self.loose == NO_ID else fence_of(uow, self.site, Stage.PACK, self.loose)

    def numbers(self) -> tuple[tuple[str, Number], ...]:
        """Return the label's."""
        return ((SSCC_NUMBERS, self.closing.number),)

    def reads(self) -> Reads:
        """Return everything the label and the slip are made of, beside the parcel."""
        inside = unit_reads(self.site, self.parcel, self.bench, self.units)
        coded = coded_reads(self.site, self.coded, self.units)
        return {
            **inside,
            **coded,
            Balance: [*inside.get(Balance, ()), *coded.get(Balance, ())],
            ParcelContent: [
                *((self.site, content_id(u, self.parcel)) for u in self.units),
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
            Item: [(self.site, each) for each in self.items],
            Contact: [(self.site, self.contact)],
            Site: [(self.site,)],
            Fill: [*((self.site, each) for each in self.closing.empties), *coded.get(Fill, ())],
            NumberRange: [(self.site, SSCC_NUMBERS, self.closing.number.range)],
            EarlyLoad: [(self.site, self.parcel)],
            StoppedLabel: [(self.site, self.closing.sscc)],
        }

    def finds(self) -> Finds:
        """Return the parcels that have the label's number."""
        return {(Parcel, "sscc"): [(self.site, self.closing.sscc)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a stopped order, a closed parcel, an empty one, and a label number that was given out."""
        refusal = check_open(read, self.site, self.fulfilment, self.opens)
        if refusal is not None:
            return refusal
        head = read.get(Fulfilment, (self.site, self.fulfilment))
        if head is not None and head.contact != self.contact and not self._alone(read):
            # It goes to another address than the bench knew: nothing is labelled for the old one.
            return Refusal(Reason.CHANGED_MEANWHILE)
        if read.get(Contact, (self.site, self.contact)) is None:
            # Its label would send the carton nowhere. Also where none is wanted yet: an order that was heard of before it
            # was released brings none, and its tote comes with a slip.
            return Refusal(Reason.ADDRESS_AWAITED)
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None and self.opens is None:
            return Refusal(Reason.WORK_GONE)
        if row is not None and row.state is not ParcelState.OPEN:
            return Refusal(Reason.ALREADY_PACKED)
        if not self.units and (row is None or row.units == 0):
            return Refusal(Reason.NOTHING_TO_PACK)
        if not is_free(read, self.site, SSCC_NUMBERS, self.closing.number):
            return Refusal(Reason.NUMBERS_OUT, {"number": self.closing.number.value})
        if self.coded is not None:
            return check_coded(read, self.site, self.fulfilment, self.parcel, self.coded, self.units)
        return check_units(read, self.site, self.parcel, self.units)

    def apply(self, uow: UnitOfWork) -> None:
        """Pack the last units, close, take the number, ask for label and slip, free the totes."""
        if self.opens is not None:
            open_parcel(uow, self, self.opens)
        inside = [content for content, _ in self.contents]
        # A carton that was begun elsewhere, or waited in the hospital, is closed at this bench and stands here now.
        n = carry_parcel(uow, self, self.parcel, inside, self.bench)
        n = put_in(uow, self, self.parcel, self.units, start=n, unheard=self.coded)
        take(uow, self.site, SSCC_NUMBERS, self.closing.number)
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None:
            return
        if not self._alone(uow):
            # A carton that stood open goes where its bench knew it to go, whatever was heard elsewhere: so its label says.
            row = uow.update(row, contact=self.contact)
        job = self._print(uow, row)
        row = uow.update(
            row, state=ParcelState.CLOSED, sscc=self.closing.sscc, box_type=self.closing.box_type,
            weight_grams=self.closing.weight_grams, expected_grams=self.closing.expected_grams, closed_at=self.at,
            label=LabelState.SPOOLED, job=job, copies=row.copies + 1, packer=self.actor,
            closing=self.id,
        )  # fmt: skip
        for fill in self.closing.empties:
            tote = uow.get(Fill, (self.site, fill))
            if tote is not None:
                uow.update(tote, state=FillState.EMPTIED)
            elif self.coded is not None and self.coded.fill == fill:
                self._known_by_its_slip(uow, self.coded)
        if not uow.at_origin:
            tell_of_label(uow, self, row, self.closing.number, self.closing.station)
        early = uow.get(EarlyLoad, (self.site, self.parcel))
        if early is not None:
            leave_early(uow, self, row, early, self._inside(uow), start=n)
        uow.tell(sscc=self.closing.sscc)

    def _alone(self, read: Read) -> bool:
        """Return whether nobody else works at the site: whatever changes an order is known here when it is written."""
        numbers = read.get(NumberRange, (self.site, SSCC_NUMBERS, self.closing.number.range))
        return numbers is None or numbers.station == NO_ID

    def _inside(self, uow: UnitOfWork) -> list[ParcelContent]:
        """Return the rows that say what is in it now."""
        names = dict.fromkeys([*(each for each, _ in self.contents), *(content_id(u, self.parcel) for u in self.units)])
        rows = (uow.get(ParcelContent, (self.site, name)) for name in names)
        return [each for each in rows if each is not None and each.parcel == self.parcel]

    def _known_by_its_slip(self, uow: UnitOfWork, coded: CodedFill) -> None:
        """Write that a filling is done of which nothing else was heard: its picks find it so when they come."""
        uow.insert(
            Fill(
                self.site, coded.fill, coded.container, coded.walk, 0, self.fulfilment, coded.place, FillState.EMPTIED,
                self.at, coded.epoch, coded.fence, coded.number,
            )
        )  # fmt: skip

    def _print(self, uow: UnitOfWork, row: Parcel) -> JobId:
        if not uow.at_origin:
            # Printed where it was packed, and nowhere else.
            return job_id(self, "label")
        closing = self.closing
        contact = uow.get(Contact, (self.site, self.contact))
        customer = "" if contact is None else contact.customer
        language = "" if contact is None else contact.language
        inside = self._quantities(uow)
        label = house_label(
            uow, self.site, row, closing.sscc, closing.weight_grams or closing.expected_grams, self.at, copy_number=1,
            data=self._code(uow, row),
        )  # fmt: skip
        job = spool_job(
            uow, self, label, purpose="label", printer=LABEL_PRINTER, subject=self.parcel, code=closing.sscc,
            customer=customer, carton=closing.sscc,
        )  # fmt: skip
        slip = packing_slip(uow, self.site, row, inside, parcels=closing.parcels_known, at=self.at)
        spool_job(
            uow, self, slip, purpose="slip", printer="document", subject=self.parcel, code="", language=language,
            customer=customer, carton=closing.sscc,
        )  # fmt: skip
        enclose(
            uow, self, row, closing.sscc, inside, papers=closing.papers, parcels=closing.parcels_known,
            weight_grams=closing.weight_grams or closing.expected_grams, tare_grams=closing.tare_grams,
        )  # fmt: skip
        return job

    def _code(self, uow: UnitOfWork, row: Parcel) -> str:
        """Return what the label says to a dock that may not have heard of it; nothing where a station is alone."""
        numbers = uow.get(NumberRange, (self.site, SSCC_NUMBERS, self.closing.number.range))
        if not uow.at_origin or numbers is None or numbers.station == NO_ID:
            return ""
        inside = self._inside(uow)
        found = (uow.get(Fill, (self.site, fill)) for fill in dict.fromkeys(c.fill for c in inside))
        fills = [(each.container, each.fence) for each in found if each is not None]
        if self.coded is not None:
            fills.append((self.coded.container, self.coded.fence))
        return parcel_code(
            ParcelCode(
                site=self.site, sscc=self.closing.sscc, parcel=self.parcel, fulfilment=self.fulfilment,
                operation=self.id, container=fills[0][0] if fills else ContainerId(NO_ID),
                fence=max((fence for _, fence in fills), default=0), station=numbers.station,
                incarnation=numbers.incarnation, epoch=numbers.epoch, carrier=row.carrier,
                weight_grams=self.closing.weight_grams or self.closing.expected_grams,
                units=tuple(
                    ParcelUnits(line=c.line, first=c.first, quantity=c.quantity, fill=c.fill) for c in inside
                ),
            )
        )  # fmt: skip

    def _quantities(self, uow: UnitOfWork) -> dict[FulfilmentLineId, int]:
        """Return how much of each line is inside."""
        inside: dict[FulfilmentLineId, int] = {}
        for content, line in self.contents:
            known = uow.get(ParcelContent, (self.site, content))
            inside[line] = inside.get(line, 0) + (0 if known is None else known.quantity)
        for unit in self.units:
            inside[unit.line] = inside.get(unit.line, 0) + unit.quantity
        return inside
