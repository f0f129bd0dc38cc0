"""Whether a parcel may go into the van: one function for the look at the parcel in hand and for the command's check."""

from core.catalog.parcel_codes import ParcelCode
from core.kernel.reasons import Reason
from core.orders.model import Fulfilment, Order, StopKind, StopRequest
from core.packing.model import EarlyLoad, LabelState, LabelStop, Parcel, ParcelState, StoppedLabel

STOPS = (
    Reason.ORDER_CANCELLED,
    Reason.ORDER_HELD,
    Reason.ORDER_CHANGED,
    Reason.LABEL_VOID,
    Reason.LABEL_TWICE,
    Reason.UNITS_LOADED,
)
"""Reasons for which a parcel must be carried away."""


def why_not(
    parcel: Parcel,
    order: Order | None,
    head: Fulfilment | None,
    stop: StopRequest | None,
    label: StoppedLabel | None = None,
    code: ParcelCode | None = None,
) -> tuple[Reason, int] | None:
    """Return why a parcel must not go and since when (0: nobody knows); None when it may (floor.md B11).

    Args:
        parcel: the parcel as the books have it.
        order: its order.
        head: its fulfilment.
        stop: what the office says of that.
        label: why nothing leaves under its number.
        code: what its label says, where that was scanned.
    """
    if parcel.loaded_at:
        return Reason.ALREADY_LOADED, parcel.loaded_at
    if label is not None:
        return (Reason.LABEL_TWICE if label.why is LabelStop.TWICE else Reason.LABEL_VOID), label.at
    if code is not None and (code.parcel, code.operation) != (parcel.id, parcel.closing):
        return Reason.LABEL_TWICE, 0
    found = _why_not_order(order, head, stop)
    if found is not None:
        return found
    if parcel.state is not ParcelState.CLOSED:
        return Reason.NOT_PACKED, 0
    return (Reason.LABEL_VOID, 0) if parcel.label is LabelState.VOID else None


def why_not_unheard(
    order: Order | None,
    head: Fulfilment | None,
    stop: StopRequest | None,
    label: StoppedLabel | None,
    early: EarlyLoad | None,
    *,
    counts: bool,
) -> tuple[Reason, int] | None:
    """Return why a parcel must not go that is known by its label alone; None when it may (reference: sync, 8.0, 9).

    Args:
        order: its order, as far as it is known.
        head: its fulfilment.
        stop: what the office says of that.
        label: why nothing leaves under its number.
        early: that it is in a van already.
        counts: whether its bench's word counts: what a lost one did is answered on the floor, and not by its labels.
    """
    if early is not None:
        return Reason.ALREADY_LOADED, early.at
    if label is not None:
        return (Reason.LABEL_TWICE if label.why is LabelStop.TWICE else Reason.LABEL_VOID), label.at
    if not counts:
        return Reason.LABEL_VOID, 0
    if head is None:
        return Reason.NOT_FOUND, 0
    return _why_not_order(order, head, stop) or (None if head.open else (Reason.UNITS_LOADED, 0))


def _why_not_order(order: Order | None, head: Fulfilment | None, stop: StopRequest | None) -> tuple[Reason, int] | None:
    if stop is not None:
        return Reason.ORDER_CANCELLED if stop.kind is StopKind.CANCEL else Reason.ORDER_CHANGED, stop.at
    if order is not None and order.cancelled_at:
        return Reason.ORDER_CANCELLED, order.cancelled_at
    if head is not None and head.held:
        return Reason.ORDER_HELD, 0
    return None
