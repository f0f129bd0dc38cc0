"""Cancelling and changing orders, letting stopped work go on, and putting goods back; each names all it decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.amending.cuts import Cut, apply_cut, check_cut, cut_reads, keep_packed
from core.cases.commands import open_case
from core.cases.model import Case, CaseKind, CaseState
from core.kernel import codec
from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import (
    CaseId,
    ContactId,
    FulfilmentId,
    FulfilmentLineId,
    OrderId,
    OrderLineId,
    ParcelId,
    SiteId,
)
from core.kernel.printing import void_waiting
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import Key, Row
from core.kernel.uow import UnitOfWork
from core.orders.model import (
    CancelState,
    Fulfilment,
    FulfilmentLine,
    Order,
    OrderCancel,
    OrderLine,
    PartialPolicy,
    PaymentState,
    StopKind,
    StopRequest,
)
from core.packing.model import Parcel, ParcelState


@dataclass(frozen=True, slots=True)
class NewStop:
    """Work in progress that must not go on; bench and dock read it."""

    fulfilment: FulfilmentId
    kind: StopKind
    text: str


@dataclass(frozen=True, slots=True)
class ToPutBack:
    """Units that somebody has to carry back: of a whole fulfilment, or of one line."""

    subject: bytes
    quantity: int


def stop_work(uow: UnitOfWork, by: Command, order: OrderId, stops: Iterable[NewStop]) -> None:
    """Write the stops; where work is cancelled it stays so."""
    for each in stops:
        known = uow.get(StopRequest, (by.site, each.fulfilment))
        if known is None or known.kind is not StopKind.CANCEL:
            uow.put(StopRequest(by.site, each.fulfilment, order, each.kind, by.at, by.actor, each.text))


def ask_back(uow: UnitOfWork, by: Command, order: OrderId, units: Iterable[ToPutBack], **more: int) -> None:
    """Open the cases of goods that somebody has to carry back; `more` is said of each beside its quantity."""
    for n, each in enumerate(units):
        facts: dict[str, str | int] = {"quantity": each.quantity, **more}
        open_case(uow, by, CaseKind.PUT_BACK, order=order, subject=each.subject, facts=facts, n=n)


def told_by_cancel(facts: Iterable[str]) -> int:
    """Return how many units of a cancelled order cases of what left too late say, by their facts."""
    said = [codec.parse(each) for each in facts]
    return sum(int(each["quantity"]) for each in said if each.get("what") == "cancel")


def left_of_cancelled(uow: UnitOfWork, by: Command, order: OrderId, units: int) -> None:
    """Open the case of units of a cancelled order that left, beyond what was told before: who cancels may not have heard of that.

    Args:
        uow: the command's unit of work.
        by: the command that tells of it; what it finds is `cases_of`.
        order: whose they are.
        units: all that left, whoever told of them.
    """
    known = uow.find(Case, "order", [(by.site, order)]).values()
    told = told_by_cancel(row.facts for row in known if row.kind is CaseKind.CANCEL_TOO_LATE)
    too_late(uow, by, order, units - told, "cancel")


def cases_of(site: SiteId, order: OrderId) -> Finds:
    """Return what a command finds that looks at an order's cases, decided ones too."""
    return {(Case, "order"): [(site, order)]}


def too_late(
    uow: UnitOfWork,
    by: Command,
    order: OrderId,
    units: int,
    what: str,
    gone: Iterable[ParcelId] | None = None,
    **more: int,
) -> None:
    """Open the case of what is in the van, where there is anything.

    Args:
        uow: the command's unit of work.
        by: the command that tells of it.
        order: whose it is.
        units: units, and parcels that go elsewhere than they are wanted.
        what: `cancel` or `change`.
        gone: those parcels: each is told once, however many there are; None where they are not known, or nothing goes elsewhere.
        more: what is said beside it.
    """
    if units > 0:
        named = {} if gone is None else {"parcels": ",".join(each.hex() for each in gone)}
        facts: dict[str, str | int] = {"quantity": units, "what": what, **named, **more}
        open_case(uow, by, CaseKind.CANCEL_TOO_LATE, order=order, subject=order, facts=facts)


def _merged(*parts: dict[type[Row], list[Key]]) -> dict[type[Row], list[Key]]:
    reads: dict[type[Row], list[Key]] = {}
    for part in parts:
        for cls, keys in part.items():
            reads.setdefault(cls, []).extend(keys)
    return reads


@command("amending.cancel", OpClass.CLAIM, permission="orders.amend")
class CancelOrder(Command):
    """An order is not wanted any more: what can be taken off is, what is picked is stopped, what left is told."""

    order: OrderId
    reason: str
    cut: Cut
    stops: tuple[NewStop, ...]
    put_back: tuple[ToPutBack, ...]
    late: int
    """Units in the van, whether or not somebody was told of them."""
    final: int
    """1 where a station is alone; else the hub says when."""
    cartons: tuple[str, ...]
    """Label numbers of closed cartons that do not leave any more: of their paper none is begun."""

    def reads(self) -> Reads:
        """Return the order and everything the cut looks at."""
        return _merged(
            cut_reads(self.site, self.cut),
            {
                Order: [(self.site, self.order)],
                Fulfilment: [(self.site, each.fulfilment) for each in self.stops],
                StopRequest: [(self.site, each.fulfilment) for each in self.stops],
                OrderCancel: [(self.site, self.order)],
            },
        )

    def finds(self) -> Finds:
        """Return the order's cases: what was told is not told again."""
        return cases_of(self.site, self.order)

    def check(self, read: Read) -> Refusal | None:
        """Refuse an order that is not there and work that went on since the plan."""
        if read.get(Order, (self.site, self.order)) is None:
            return Refusal(Reason.NOT_FOUND)
        return check_cut(read, self.site, self.cut)

    def apply(self, uow: UnitOfWork) -> None:
        """Cut, stop, open the cases, say that it is cancelled."""
        cancelled = apply_cut(uow, self.site, self.cut)
        stop_work(uow, self, self.order, self.stops)
        ask_back(uow, self, self.order, self.put_back)
        left_of_cancelled(uow, self, self.order, self.late)
        keep_packed(uow, self, self.cut)
        row = uow.get(Order, (self.site, self.order))
        stopped = bool(self.cut.lines or self.put_back)
        if row is not None:
            when = row.cancelled_at or (self.at if stopped else 0)
            uow.update(row, cancelled_at=when, version=row.version + 1)
        if stopped or not self.final:
            self._ask(uow)
        uow.tell(cancelled=cancelled, put_back=sum(each.quantity for each in self.put_back), too_late=self.late)
        paper = [kind for carton in self.cartons for kind in void_waiting(uow, self, carton)]
        if paper:
            uow.tell(paper=",".join(dict.fromkeys(paper)))

    def _ask(self, uow: UnitOfWork) -> None:
        """Say how far the cancel is: what was asked for before is asked for still."""
        known = uow.get(OrderCancel, (self.site, self.order))
        before = known is not None and known.state is CancelState.ASKED
        final = bool(self.final) and not before
        uow.put(
            OrderCancel(
                self.site, self.order, self.id, known.asked_at if known is not None and before else self.at,
                CancelState.FINAL if final else CancelState.ASKED, "", self.at if final else 0,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Raise:
    """Units a line gets more; only while nothing of its fulfilment is released."""

    line: FulfilmentLineId
    order_line: OrderLineId
    fulfilment: FulfilmentId
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What an order says as a whole, after the change; unchanged parts are as they were."""

    contact: ContactId
    """A new private row beside the command, or the one before."""
    carrier: str
    service: str
    priority: int
    cut_off_at: int
    promised_at: int
    payment: PaymentState
    partial: PartialPolicy
    handling: str


@command("amending.change", OpClass.EDIT, permission="orders.amend")
class ChangeOrder(Command):
    """An order is wanted otherwise: other quantities, another address, service, urgency, or payment."""

    order: OrderId
    base_version: int
    header: Header | None
    fulfilments: tuple[FulfilmentId, ...]
    """The open ones, which the header is for."""
    open_parcels: tuple[ParcelId, ...]
    """Parcels that have no label yet: they take the new address."""
    cut: Cut
    raises: tuple[Raise, ...]
    stops: tuple[NewStop, ...]
    put_back: tuple[ToPutBack, ...]
    late: int
    """Units or parcels in the van that the change does not reach."""
    gone: tuple[ParcelId, ...] | None = None
    """Those parcels: their label is the one from before; None where an earlier program did not say which they are."""

    def reads(self) -> Reads:
        """Return the order, its open parts, and everything the cut looks at."""
        return _merged(
            cut_reads(self.site, self.cut),
            {
                Order: [(self.site, self.order)],
                Fulfilment: [
                    *((self.site, each) for each in self.fulfilments),
                    *((self.site, each.fulfilment) for each in self.raises),
                ],
                FulfilmentLine: [(self.site, each.line) for each in self.raises],
                OrderLine: [(self.site, each.order_line) for each in self.raises],
                Parcel: [(self.site, each) for each in self.open_parcels],
                StopRequest: [(self.site, each.fulfilment) for each in self.stops],
            },
        )

    def check(self, read: Read) -> Refusal | None:
        """Refuse a cancelled order, one that was changed since, and more units of what is released."""
        row = read.get(Order, (self.site, self.order))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.cancelled_at:
            return Refusal(Reason.ORDER_CANCELLED, {"order": row.number})
        if row.version != self.base_version:
            return Refusal(Reason.CHANGED_MEANWHILE, {"order": row.number})
        for each in self.raises:
            head = read.get(Fulfilment, (self.site, each.fulfilment))
            if head is None or head.reserved:
                return Refusal(Reason.ORDER_CHANGED, {"order": row.number})
        return check_cut(read, self.site, self.cut)

    def apply(self, uow: UnitOfWork) -> None:
        """Write what is wanted now, cut, stop, open the cases."""
        row = uow.get(Order, (self.site, self.order))
        if row is not None:
            row = uow.update(row, version=row.version + 1)
        if self.header is not None:
            self._head(uow, row, self.header)
        for each in self.raises:
            _raise(uow, self.site, each)
        cancelled = apply_cut(uow, self.site, self.cut)
        stop_work(uow, self, self.order, self.stops)
        ask_back(uow, self, self.order, self.put_back)
        too_late(uow, self, self.order, self.late, "change", self.gone)
        keep_packed(uow, self, self.cut)
        uow.tell(cancelled=cancelled, put_back=sum(each.quantity for each in self.put_back), too_late=self.late)

    def _head(self, uow: UnitOfWork, row: Order | None, new: Header) -> None:
        if row is not None:
            uow.update(
                row, contact=new.contact, service=new.service, priority=new.priority, cut_off_at=new.cut_off_at,
                promised_at=new.promised_at, payment=new.payment, partial=new.partial, handling=new.handling,
            )  # fmt: skip
        for each in self.fulfilments:
            part = uow.get(Fulfilment, (self.site, each))
            if part is not None:
                uow.update(
                    part, contact=new.contact, carrier=new.carrier, service=new.service, priority=new.priority,
                    cut_off_at=new.cut_off_at, promised_at=new.promised_at, payment=new.payment, partial=new.partial,
                    version=part.version + 1,
                )  # fmt: skip
        for parcel in self.open_parcels:
            box = uow.get(Parcel, (self.site, parcel))
            if box is not None and box.state is ParcelState.OPEN:
                uow.update(box, contact=new.contact, carrier=new.carrier, service=new.service)


def _raise(uow: UnitOfWork, site: SiteId, each: Raise) -> None:
    row = uow.get(FulfilmentLine, (site, each.line))
    head = uow.get(Fulfilment, (site, each.fulfilment))
    line = uow.get(OrderLine, (site, each.order_line))
    if row is None or head is None:
        return
    uow.update(row, quantity=row.quantity + each.quantity, open=1)
    uow.update(head, units=head.units + each.quantity, open=1)
    if line is not None:
        uow.update(line, ordered=line.ordered + each.quantity)


@command("amending.resume", OpClass.CLAIM, permission="orders.amend")
class ResumeFulfilment(Command):
    """A changed order may go on: goods are put back, wrong labels are off."""

    fulfilment: FulfilmentId
    parcels: tuple[ParcelId, ...]
    """Those that are neither void nor in the van."""
    cases: tuple[CaseId, ...]
    """What had to be put back."""
    stopped_at: int
    """When the stop was said last that was seen; 0 where there was none."""
    why: str
    """Its words."""

    def reads(self) -> Reads:
        """Return the stop, the parcels and the cases."""
        return {
            Fulfilment: [(self.site, self.fulfilment)],
            StopRequest: [(self.site, self.fulfilment)],
            Parcel: [(self.site, each) for each in self.parcels],
            Case: [(self.site, each) for each in self.cases],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse what was not stopped for a change, another stop, the old label, goods that still lie there, no money."""
        head = read.get(Fulfilment, (self.site, self.fulfilment))
        stop = read.get(StopRequest, (self.site, self.fulfilment))
        if head is None or stop is None:
            return Refusal(Reason.NOT_FOUND)
        if stop.kind is StopKind.CANCEL:
            return Refusal(Reason.ORDER_CANCELLED)
        if (stop.at, stop.text) != (self.stopped_at, self.why):
            # Since it was looked at more was asked for, which this does not name.
            return Refusal(Reason.CHANGED_MEANWHILE)
        if head.payment is PaymentState.UNPAID:
            return Refusal(Reason.WAITS_FOR_PAYMENT)
        for each in self.cases:
            case = read.get(Case, (self.site, each))
            if case is not None and case.state is CaseState.OPEN:
                return Refusal(Reason.PUT_BACK_FIRST)
        for parcel in self.parcels:
            box = read.get(Parcel, (self.site, parcel))
            if box is not None and box.state is ParcelState.CLOSED and not _labelled_for(box, head):
                return Refusal(Reason.LABEL_OFF_FIRST, {"label": box.sscc})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Take the stop away; open parcels take the address that holds now."""
        head = uow.get(Fulfilment, (self.site, self.fulfilment))
        if head is not None:
            head = uow.update(head, version=head.version + 1)
            for each in self.parcels:
                box = uow.get(Parcel, (self.site, each))
                if box is not None and box.state is ParcelState.OPEN:
                    uow.update(box, contact=head.contact, carrier=head.carrier, service=head.service)
        stop = uow.get(StopRequest, (self.site, self.fulfilment))
        if stop is not None and stop.kind is StopKind.CHANGE:
            uow.delete(stop)


def _labelled_for(box: Parcel, head: Fulfilment) -> bool:
    return (box.contact, box.carrier, box.service) == (head.contact, head.carrier, head.service)
