"""Whether a parcel may go into the van: one function for the look at the parcel in hand and for the command's check."""

from core.kernel.reasons import Reason
from core.orders.model import Fulfilment, Order, StopKind, StopRequest
from core.packing.model import LabelState, Parcel, ParcelState

STOPS = (Reason.ORDER_CANCELLED, Reason.ORDER_HELD, Reason.ORDER_CHANGED, Reason.LABEL_VOID)
"""Reasons for which a parcel must be carried away."""


def why_not(
    parcel: Parcel, order: Order | None, head: Fulfilment | None, stop: StopRequest | None
) -> tuple[Reason, int] | None:
    """Return why a parcel must not go and since when (0: nobody knows); None when it may (floor.md B11)."""
    if parcel.loaded_at:
        return Reason.ALREADY_LOADED, parcel.loaded_at
    if stop is not None:
        return Reason.ORDER_CANCELLED if stop.kind is StopKind.CANCEL else Reason.ORDER_CHANGED, stop.at
    if order is not None and order.cancelled_at:
        return Reason.ORDER_CANCELLED, order.cancelled_at
    if head is not None and head.held:
        return Reason.ORDER_HELD, 0
    if parcel.state is not ParcelState.CLOSED:
        return Reason.NOT_PACKED, 0
    return (Reason.LABEL_VOID, 0) if parcel.label is LabelState.VOID else None
