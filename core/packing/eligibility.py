"""Whether an order may be packed now: one function for the list of due work and for the refusal at the scan."""

from core.kernel.reasons import Reason
from core.orders.model import Fulfilment, PartialPolicy
from core.orders.progress import wanted


def why_not_by_slip(head: Fulfilment, stop: str, units: int, more: int, *, parked: bool) -> Reason | None:
    """Return why a fulfilment may not be packed by a tote's slip, whatever is known here of its picks.

    Args:
        head: the fulfilment with its counters.
        stop: what the office wants of it, empty for nothing.
        units: what the slip says is in the tote and is in no parcel.
        more: what slips of its other totes say that are here as well.
        parked: whether it waits in the hospital.
    """
    stopped = _stopped(head, stop, parked=parked)
    if stopped is not None:
        return stopped
    if head.packed >= wanted(head) or not units:
        return Reason.ALREADY_PACKED
    whole = head.partial is PartialPolicy.WHOLE and head.packed + units + more < wanted(head)
    return Reason.NOT_FULLY_PICKED if whole else None


def _stopped(head: Fulfilment, stop: str, *, parked: bool) -> Reason | None:
    """Return why nothing of a fulfilment goes on, however far its units are."""
    if stop:
        return Reason.ORDER_CANCELLED if stop == "cancel" else Reason.ORDER_CHANGED
    if wanted(head) <= 0:
        return Reason.ORDER_CANCELLED
    if head.held:
        return Reason.ORDER_HELD
    return Reason.STILL_OPEN if parked else None


def why_not(head: Fulfilment, stop: str, *, parked: bool, carton_open: bool = False) -> Reason | None:
    """Return why a fulfilment may not be packed; None when it may.

    Args:
        head: the fulfilment with its counters.
        stop: what the office wants of it (`cancel`, `change`), empty for nothing.
        parked: whether it waits in the hospital.
        carton_open: whether a carton of it stands open: then it must be closed, whatever is left to pack; unless
            the rest is being picked.
    """
    want = wanted(head)
    stopped = _stopped(head, stop, parked=parked)
    if stopped is not None:
        return stopped
    if carton_open and head.picked <= head.packed and head.reserved <= head.picked:
        return None
    if head.packed >= want:
        return Reason.ALREADY_PACKED
    if head.picked <= head.packed:
        return Reason.NOT_FULLY_PICKED if head.reserved > head.picked else Reason.NOTHING_TO_PACK
    if head.reserved > head.picked:
        return Reason.NOT_FULLY_PICKED
    if head.partial is PartialPolicy.WHOLE and head.picked < want:
        return Reason.NOT_FULLY_PICKED
    return None
