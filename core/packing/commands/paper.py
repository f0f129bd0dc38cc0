"""A closed parcel's label: scanned back from the box, printed again, or void because the parcel is opened again."""

from core.catalog.model import Site
from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import JobId, ParcelId
from core.kernel.printing import settle_job, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.orders.model import Contact, StopKind, StopRequest
from core.packing.commands.units import check_open, void_label
from core.packing.labels import house_label
from core.packing.model import LabelState, Parcel, ParcelState
from core.people.model import Person
from core.printers.commands import beyond_limit

LABEL_PRINTER = "label"
"""What parcel labels are printed on, as a print job names it."""


@command("packing.apply_label", OpClass.FACT, permission="pack.work")
class ConfirmLabel(Command):
    """The label was scanned back from the box: it is printed, legible and on the right box."""

    parcel: ParcelId

    def reads(self) -> Reads:
        """Return the parcel; its order is read through it."""
        return {Parcel: [(self.site, self.parcel)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is not closed, whose label is void, or that must not go any more."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        return (
            Refusal(Reason.LABEL_VOID) if row.label is LabelState.VOID else check_open(read, self.site, row.fulfilment)
        )

    def apply(self, uow: UnitOfWork) -> None:
        """Write that it is applied; its job is settled by that, whatever was known of it."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED:
            return
        uow.update(row, label=LabelState.APPLIED)
        if uow.at_origin:
            settle_job(uow, self, row.job, JobState.APPLIED)


@command("packing.reprint", OpClass.FACT, permission="print.reprint")
class ReprintLabel(Command):
    """A label is printed once more, with a reason; the one before is void."""

    parcel: ParcelId
    reason: str
    passed: int = 0
    """1 when a supervisor passed the limit."""

    def reads(self) -> Reads:
        """Return the parcel; what the label says is read through it."""
        return {Parcel: [(self.site, self.parcel)], Site: [(self.site,)], Person: [(self.site, self.actor)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel without a label, one that is gone, and more copies than are free."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        if row.loaded_at:
            return Refusal(Reason.ALREADY_LOADED)
        stop = read.get(StopRequest, (self.site, row.fulfilment))
        if stop is not None and stop.kind is StopKind.CANCEL:
            return Refusal(Reason.ORDER_CANCELLED, {"text": stop.text})
        if read.get(Contact, (self.site, row.contact)) is None:
            return Refusal(Reason.ADDRESS_AWAITED)
        return beyond_limit(read.get(Person, (self.site, self.actor)), row.copies, self.passed)

    def apply(self, uow: UnitOfWork) -> None:
        """Void the job before, ask for a new one."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED:
            return
        copy = row.copies + 1
        before = row.job
        label = house_label(
            uow, self.site, row, row.sscc, row.weight_grams or row.expected_grams, self.at, copy_number=copy,
            data=self._told_before(uow, before),
        )  # fmt: skip
        job = spool_job(
            uow, self, label, purpose="label", printer=LABEL_PRINTER, subject=self.parcel, code=row.sscc,
            copy_number=copy, reprint_of=before, reason=self.reason, customer=self._customer(uow, row), carton=row.sscc,
        )  # fmt: skip
        if uow.at_origin:
            settle_job(uow, self, before, JobState.VOIDED)
        uow.update(row, label=LabelState.SPOOLED, job=job, copies=copy)

    def _customer(self, uow: UnitOfWork, row: Parcel) -> str:
        contact = uow.get(Contact, (self.site, row.contact))
        return "" if contact is None else contact.customer

    def _told_before(self, uow: UnitOfWork, job: JobId) -> str:
        """Return what the label before told a dock; nothing where it was printed elsewhere."""
        before = uow.get(PrintJob, (self.site, job))
        return "" if before is None else str(codec.parse(before.content).get("data", ""))


@command("packing.reopen", OpClass.FACT, permission="pack.work")
class ReopenParcel(Command):
    """A closed parcel is opened again: all its paper is void first, and it gets other when it is closed."""

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
        """Void label, slip and what else goes with it, open the parcel; tell of which paper there may be some."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None or row.state is not ParcelState.CLOSED or row.loaded_at:
            return
        uow.tell(void=row.sscc, paper=",".join(void_label(uow, self, row)))
        uow.update(
            row, state=ParcelState.OPEN, label=LabelState.VOID, sscc="", tracking="", closed_at=0, weight_grams=0
        )
