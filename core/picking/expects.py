"""What each picking state takes next, with codes that would do it: for the simulated bench, the player and support."""

from core.kernel.flow import Expect
from core.picking.decide import SHORT_REASONS, next_put
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
    State,
    TakeItem,
)

_AT_SHELF = (
    Expect("key", "SHORT", "short"),
    Expect("key", "DAMAGED", "damaged"),
    Expect("key", "UNDO", "undo"),
)


def expected(state: State) -> tuple[Expect, ...]:
    """Return what a state takes next, the most wanted first."""
    match state:
        case LookForWork() | Saving():
            return ()
        case NoWork():
            return (Expect("key", "CONFIRM", "look again"),)
        case ScanCart(offer=offer):
            return tuple(Expect("cart", code, "next") for code in offer.carts)
        case GoToLocation(view=view):
            skip = (Expect("key", "SKIP", "skip"), Expect("key", "PAUSE", "pause"))
            return (Expect("location", view.location_code, "next"), *_AT_SHELF, *skip)
        case TakeItem(view=view):
            return (Expect("item", _item_code(state), "next"), *_AT_SHELF)
        case PutInTote(view=view):
            take = next_put(state)
            tote = take.tote if take.fill != bytes(16) and not state.full else ""
            return (
                Expect("tote", tote, "next"),
                Expect("key", f"QTY-{max(1, view.quantity - 1)}", "fewer"),
                Expect("key", "FULL", "full"),
                Expect("key", "UNDO", "undo"),
            )
        case SayWhatFits():
            return (Expect("key", "QTY-0", "next"), Expect("key", "NO", "back"))
        case AskShortReason():
            answers = tuple(Expect("key", f"QTY-{n}", f"answer:{why}") for n, why in enumerate(SHORT_REASONS, 1))
            return (Expect("key", "QTY-1", "next"), *answers, Expect("key", "NO", "back"))
        case ConfirmDamaged():
            return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
        case BatchDone():
            return (Expect("key", "CONFIRM", "next"), Expect("key", "UNDO", "undo"))


def _item_code(state: TakeItem) -> str:
    """Return a code that proves the units: the serial, or item with lot as a GS1 symbol would say it."""
    view = state.view
    if view.serial_control and view.key.serial:
        return f"]d201{view.code.zfill(14)}21{view.key.serial}" if view.code.isdigit() else view.key.serial
    if view.lot_control and view.lot and view.code.isdigit():
        return f"]d201{view.code.zfill(14)}10{view.lot}"
    return view.code
