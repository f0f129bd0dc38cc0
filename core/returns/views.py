"""What whoever receives a box is shown of it."""

from dataclasses import dataclass

from core.kernel.ids import NO_ID, FulfilmentId, OrderId, ParcelId, ReturnId


@dataclass(frozen=True, slots=True)
class WentOut:
    """Units of one item in the box, or of the order, when it left."""

    description: str
    variant: str
    sku: str
    picture: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Received:
    """Who received it, where and when."""

    who: str
    station: str
    place: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxInHand:
    """A box whose label was scanned."""

    back: ReturnId
    """The id it is received under: the next box's, where several may bear this code."""
    code: str
    number: int = 1
    parcel: ParcelId
    order: OrderId
    order_number: str = ""
    fulfilments: tuple[FulfilmentId, ...] = ()
    carrier: str = ""
    left_at: int = 0
    """When it left; 0 where the books have not seen it leave."""
    inside: tuple[WentOut, ...] = ()
    before: Received | None = None
    """The box under this code that is here already; None for the first."""

    @property
    def known(self) -> bool:
        """Return whether its label names a parcel or an order of ours."""
        return self.parcel != NO_ID or self.order != NO_ID

    @property
    def one_only(self) -> bool:
        """Return whether its label is on this box alone: a slip's number may be on several."""
        return self.parcel != NO_ID
