"""A carrier's own label for a parcel: it came from outside, and is printed as it came under the carrier's number."""

from core.kernel.commands import Command, Finds, OpClass, Read, Reads, command
from core.kernel.ids import ParcelId
from core.kernel.printing import spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.model import Order
from core.packing.commands.paper import LABEL_PRINTER
from core.packing.contents import CarrierLabel
from core.packing.model import Parcel, ParcelState


@command("packing.carrier_label", OpClass.FACT, permission="print.paper")
class TakeCarrierLabel(Command):
    """The carrier gave a label for a closed parcel; its bytes lie at this station, and passed the look at them."""

    parcel: ParcelId
    carrier: str
    tracking: str
    """The carrier's number, without blanks; empty where it gave none."""
    form: str
    """zpl, pdf or png."""
    dpi: int
    """Dots an inch that it was made for; 0 for a document."""
    digest: str
    """SHA-256 of its bytes."""
    labels: int
    """Pieces of paper that come out."""
    unread: int = 0
    """1 where somebody wants it although no code on it reads."""

    def reads(self) -> Reads:
        """Return the parcel; its order is read through it."""
        return {Parcel: [(self.site, self.parcel)]}

    def finds(self) -> Finds:
        """Return the parcels that bear the carrier's number."""
        return {(Parcel, "tracking"): [(self.site, self.tracking)]} if self.tracking else {}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a parcel that is not closed or has left, and a number that is on another one."""
        row = read.get(Parcel, (self.site, self.parcel))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is not ParcelState.CLOSED:
            return Refusal(Reason.NOT_PACKED)
        if row.loaded_at:
            return Refusal(Reason.ALREADY_LOADED, {"label": row.sscc})
        borne = read.find(Parcel, "tracking", [(self.site, self.tracking)]).values() if self.tracking else ()
        if any(each.id != self.parcel for each in borne):
            return Refusal(Reason.LABEL_TWICE, {"label": self.tracking})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the number, and ask for the paper where the bytes are."""
        row = uow.get(Parcel, (self.site, self.parcel))
        if row is None:
            return
        order = uow.get(Order, (self.site, row.order))
        content = CarrierLabel(
            carrier=self.carrier, tracking=self.tracking, language=self.form, dpi=self.dpi, sha256=self.digest,
            order_number="" if order is None else order.number, parcel_number=str(row.number),
            unread=self.unread,
        )  # fmt: skip
        spool_job(
            uow, self, content, purpose="carrier", printer=LABEL_PRINTER, subject=self.parcel, code=self.tracking,
            rendering=self.digest, pages=self.labels, carton=row.sscc,
        )  # fmt: skip
        uow.update(row, tracking=self.tracking or row.tracking)
