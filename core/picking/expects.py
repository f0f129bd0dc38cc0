"""What each picking state takes next, with codes that would do it: for the simulated bench, the player and support."""

from core.kernel.flow import Expect
from core.kernel.ids import NO_ID
from core.picking.decide import next_put
from core.picking.states import (
    AskShortReason,
    BatchDone,
    ConfirmDamaged,
    GoToLocation,
    LookForWork,
    NoWork,
    PutInTote,
    Saving,
    SayWhatFits,
    ScanCart,
    ShowCode,
    State,
    TakeItem,
)

_AT_STOP = (
    Expect("key", "SHORT", "short"),
    Expect("key", "DAMAGED", "damaged"),
    Expect("key", "SKIP", "skip"),
    Expect("key", "UNDO", "undo"),
)
_PAUSE = Expect("key", "PAUSE", "pause")


def expected(state: State) -> tuple[Expect, ...]:
    """Return what a state takes next, the most wanted first."""
    match state:
        case LookForWork() | Saving():
            return ()
        case NoWork():
            return (Expect("key", "CONFIRM", "next"),)
        case ScanCart(offer=offer):
            return tuple(Expect("cart", code, "next") for code in offer.carts)
        case GoToLocation(view=view):
            return (Expect("location", view.location_code, "next"), *_AT_STOP, _PAUSE)
        case TakeItem(unscanned=1):
            return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
        case TakeItem(view=view):
            return (Expect("item", _item_code(state), "next"), *_AT_STOP, _PAUSE)
        case PutInTote():
            return _at_totes(state)
        case SayWhatFits():
            return (Expect("key", "FULL", "next"), Expect("key", "NO", "undo"))
        case AskShortReason():
            answers = tuple(Expect("key", f"QTY-{n}", f"answer:{why}") for n, why in enumerate(state.reasons, 1))
            return (Expect("key", "QTY-1", "next"), *answers, Expect("key", "NO", "undo"))
        case ConfirmDamaged():
            return (Expect("key", "YES", "next"), Expect("key", "NO", "undo"))
        case ShowCode():
            return (Expect("key", "NO", "next"), Expect("key", "SKIP", "skip"), Expect("key", "REPRINT", "reprint"))
        case BatchDone():
            return (Expect("key", "CONFIRM", "next"), Expect("key", "UNDO", "undo"))


def _at_totes(state: PutInTote) -> tuple[Expect, ...]:
    take = next_put(state)
    bound = take.fill != NO_ID and not state.full
    fewer = (Expect("key", f"QTY-{state.taken - 1}", "answer:fewer"),) if state.taken - 1 > state.put else ()
    full = (Expect("key", "FULL", "full"),) if bound else ()
    return (Expect("tote", take.tote if bound else "", "next"), *fewer, *full, *_AT_STOP)


def _item_code(state: TakeItem) -> str:
    """Return a code that proves the units: the serial, or item with lot as a GS1 symbol would say it."""
    view = state.view
    if view.key.lpn != NO_ID and view.lpn_code:
        return view.lpn_code
    if view.key.serial:
        return f"]d201{view.code.zfill(14)}21{view.key.serial}" if view.code.isdigit() else view.key.serial
    if view.lot and view.code.isdigit():
        return f"]d201{view.code.zfill(14)}10{view.lot}"
    return view.code
