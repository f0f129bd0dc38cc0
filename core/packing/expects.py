"""What each packing state takes next, with codes that would do it: for the simulated bench, the player and support."""

from core.kernel.flow import Expect
from core.packing.states import (
    AskMissing,
    AskMissingReason,
    AskReprintReason,
    ConfirmReopen,
    LookForWork,
    Saving,
    ScanCarton,
    ScanTote,
    ScanWork,
    State,
    StickLabel,
    StopPacking,
    VerifyUnit,
    WeighParcel,
)
from core.packing.views import DueWork, PackView, unit_code
from core.printers.commands import REPRINT_REASONS


def expected(state: State) -> tuple[Expect, ...]:
    """Return what a state takes next, the most wanted first."""
    match state:
        case LookForWork() | Saving():
            return ()
        case ScanWork(due=due):
            work = tuple(_due(each) for each in due)
            return (*work, Expect("key", "CONFIRM", "look again"))
        case ScanTote(slip=slip, besides=besides) if slip in besides:
            return (Expect("key", "NO", "back"),)
        case ScanTote(tote=tote):
            return (Expect("tote", tote, "next"), Expect("key", "NO", "back"))
        case ScanCarton(view=view):
            boxes = [box.code for box in view.boxes if box.code != view.proposed]
            first = ([view.proposed] if view.proposed else []) + boxes
            return (*(Expect("box_type", code, "next") for code in first), Expect("key", "SHORT", "short"))
        case VerifyUnit():
            return _at_units(state)
        case WeighParcel(outside=outside, check=check):
            if outside:
                return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
            grams = str(check.expected_grams) if check.known else ""
            return (Expect("weight", grams, "next"), Expect("key", "UNDO", "undo"), Expect("key", "SKIP", "skip"))
        case AskMissing(view=view) if view.slip:
            return (Expect("key", "QTY-1", "next"), Expect("key", "NO", "back"))
        case AskMissing():
            other = (Expect("key", "QTY-1", "hospital"), Expect("key", "QTY-3", "pick"), Expect("key", "NO", "back"))
            return (Expect("key", "QTY-2", "next"), *other)
        case AskMissingReason(reasons=reasons):
            answers = tuple(Expect("key", f"QTY-{n}", f"answer:{why}") for n, why in enumerate(reasons, 1))
            return (Expect("key", "QTY-1", "next"), *answers, Expect("key", "NO", "back"))
        case StickLabel(parcel=parcel, elsewhere=elsewhere):
            keys = (
                *((Expect("key", "QTY-1", "elsewhere"),) if elsewhere is not None else ()),
                Expect("key", "REPRINT", "reprint"),
                Expect("key", "NOTPRINTED", "not printed"),
                Expect("key", "UNDO", "reopen"),
                Expect("key", "SKIP", "skip"),
            )
            return (Expect("parcel", parcel.sscc, "next"), *keys)
        case AskReprintReason():
            answers = tuple(Expect("key", f"QTY-{n}", f"answer:{why}") for n, why in enumerate(REPRINT_REASONS, 1))
            return (Expect("key", "QTY-1", "next"), *answers, Expect("key", "NO", "back"))
        case ConfirmReopen():
            return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
        case StopPacking():
            return (Expect("key", "CONFIRM", "next"),)


def _at_units(state: VerifyUnit) -> tuple[Expect, ...]:
    if state.rest:
        return (Expect("key", "YES", "next"), Expect("key", "NO", "back"))
    units = tuple(Expect("item", code, "next") for code in _unit_codes(state.view))
    close = () if units else (Expect("key", "FULL", "next"),)
    short = (Expect("key", "SHORT", "short"),) if units else ()
    return (*units, *close, Expect("key", "UNDO", "undo"), *short, Expect("key", "FULL", "full"))


def _due(work: DueWork) -> Expect:
    for kind, code in (("parcel", work.label), ("order", work.order), ("item", work.unit_code)):
        if code:
            return Expect(kind, code, "next")
    return Expect("tote", work.tote, "next")


def _unit_codes(view: PackView) -> list[str]:
    """Return codes of the units that are in no parcel, the first line's first."""
    by_line = {line.line: line for line in view.lines}
    codes: list[str] = []
    for each in view.loose:
        line = by_line.get(each.line)
        if line is not None:
            lot = each.lot_code if line.lot_control else ""
            codes.append(unit_code(line.code, lot, each.serial if line.serial_control else ""))
    return list(dict.fromkeys(codes))
