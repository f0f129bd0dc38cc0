"""What the states of packing have in common: saying no, strictness, looking for what comes next, writing."""

from core.cases.model import CaseKind
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Play,
    Pressed,
    Refuse,
    Rule,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Weighed,
)
from core.kernel.ids import NO_ID
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing import decide
from core.packing.commands import LABEL_PRINTER, CloseParcel, PackUnits
from core.packing.due import AskDue
from core.packing.queries import AskPack
from core.packing.states import (
    LookForWork,
    Saving,
    ScanCarton,
    State,
    StickLabel,
    StopPacking,
    Then,
    VerifyUnit,
    WeighParcel,
)
from core.packing.views import BoxChoice, ClosedParcel, PackView
from core.printers.queries import AskWayOut
from core.rules.model import Check, Mode

STOPS = (Reason.ORDER_CANCELLED, Reason.ORDER_HELD, Reason.ORDER_CHANGED)
"""Changes underneath after which an order must be put aside."""
SHIP_SHORT = "ship_short"
"""What a supervisor passes when an order that goes whole goes without a unit."""

Given = Scanned | Pressed | Answered | Weighed


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


def not_now(state: State, event: Scanned | Pressed | Weighed) -> Step:
    """Return the step that refuses what is no answer here; an unknown code is said to be one."""
    match event:
        case Pressed(verb=verb):
            return refuse(state, Reason.COMMAND_NOT_NOW, command=verb)
        case Scanned(candidates=()):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        case Scanned():
            return refuse(state, Reason.COMMAND_NOT_NOW, got=event.candidates[0].code)
        case Weighed():
            return refuse(state, Reason.COMMAND_NOT_NOW)


def rule(context: Context, check: Check, view: PackView) -> Rule:
    """Return how strict a check is with this order: as strict as for the item that asks the most."""
    return context.policies.rule(check, items=[line.item for line in view.lines])


def scan_back(context: Context) -> Rule:
    """Return how strictly a label is scanned back from its box."""
    return context.policies.rule(Check.SCAN_BACK, printer=LABEL_PRINTER)


def must_weigh(context: Context, view: PackView) -> bool:
    """Return whether a carton of this order is closed on the scale only."""
    return rule(context, Check.WEIGHT, view).mode in (Mode.CONFIRM, Mode.BLOCK)


def look(context: Context, *before: Effect) -> Step:
    """Return the step that looks for what is due."""
    labels = int(scan_back(context).mode != Mode.OFF)
    return Step(LookForWork(), (*before, Ask(AskDue(context.site, labels, context.station))))


def look_again(state: Saving, context: Context, *before: Effect) -> Step:
    """Return the step that looks the same order up."""
    return Step(state, (*before, Ask(AskPack(context.site, context.station, CodeKind.BATCH, state.target))))


def stop(order: str, refusal: Refusal) -> Step:
    """Return the step that stops the packer: the order changed underneath and must not go."""
    paper = tuple(filter(None, str(refusal.facts.get("paper", "")).split(",")))
    return Step(StopPacking(refusal.reason, order, paper), (Refuse(refusal),))


def shown(view: PackView, context: Context, box: BoxChoice | None = None) -> State:
    """Return where the packer stands with an order: before a carton, at the units, or at the scale."""
    opened = decide.box_of(view)
    if opened is None:
        return ScanCarton(view) if box is None else VerifyUnit(view, box)
    if view.left == 0 and must_weigh(context, view):
        return WeighParcel(view, box or opened, decide.expected_weight(view, box or opened, ()))
    return VerifyUnit(view, box or opened)


def refreshed(state: State, answer: PackView | Refusal, order: str, context: Context) -> Step:
    """Show the order as it is now: after a restart, or when somebody else changed it."""
    if isinstance(answer, PackView):
        return Step(shown(answer, context, state.box if isinstance(state, VerifyUnit | WeighParcel) else None))
    if answer.reason in STOPS:
        return stop(order, answer)
    return look(context, Refuse(answer))


def pack(view: PackView, box: BoxChoice, units: decide.Verified, event: Given, context: Context) -> Step:
    """Return the step that puts verified units into the carton."""
    if view.coded is not None:
        return _set_aside(view, box, units, context)
    command = decide.pack(view, box, context.stamp(event), context, units)
    after = decide.after_pack(view, box, command)
    sku = next(line.sku for line in view.lines if line.line == units[0].line)
    quantity = sum(unit.quantity for unit in units)
    facts = (("item", sku), ("quantity", quantity), ("packed", after.packed), ("units", view.units))
    return Step(Saving(Note.PACKED, facts, Then.GO_ON, view.fulfilment, box, after, view.order_number), (Run(command),))


def _set_aside(view: PackView, box: BoxChoice, units: decide.Verified, context: Context) -> Step:
    """Return the step that counts units verified by a slip; packing them is one commit, when all of them are."""
    after = decide.set_aside(view, units)
    sku = next(line.sku for line in view.lines if line.line == units[0].line)
    quantity = sum(unit.quantity for unit in units)
    facts: dict[str, str | int] = {"item": sku, "quantity": quantity, "packed": after.packed, "units": view.units}
    said = (Play(Tone.ACCEPT), Say(Note.PACKED, facts))
    if after.left == 0 and must_weigh(context, view):
        return Step(WeighParcel(after, box, decide.expected_weight(after, box, ())), said)
    return Step(VerifyUnit(after, box), said)


def ask_again(view: PackView, context: Context) -> Ask:
    """Return the question how an order stands now, by its slip where it is packed by that."""
    return Ask(AskPack(context.site, context.station, CodeKind.BATCH, view.fulfilment, slip=view.slip))


def close(
    view: PackView, box: BoxChoice, units: decide.Verified, event: Given, context: Context, weight_grams: int = 0
) -> Step:
    """Return the step that closes the carton, with the units verified last."""
    command = decide.close(view, box, context.stamp(event), context, units, weight_grams)
    facts = (("order", view.order_number), ("units", view.units), ("label", view.sscc))
    return Step(Saving(Note.CLOSED, facts, Then.LABEL, command.parcel, box, view, view.order_number), (Run(command),))


def unpack(view: PackView, box: BoxChoice, event: Answered, context: Context) -> Step | None:
    """Return the step that takes the units packed last out again; None when there are none."""
    done: PackUnits | CloseParcel | None = event.answer
    if done is None:
        return None
    command = decide.unpack(done, context.stamp(event))
    return Step(
        Saving(Note.UNDONE, (), Then.LOOK_AGAIN, view.fulfilment, box, None, view.order_number), (Run(command),)
    )


def label_of(parcel: ClosedParcel) -> StickLabel:
    """Return where the packer stands with a closed parcel, its label as far as it is."""
    return StickLabel(parcel, parcel.job_state, parcel.fault)


def show_label(parcel: ClosedParcel, context: Context, *effects: Effect) -> Step:
    """Return the step that shows a closed parcel, and asks where its label may be printed instead while it waits."""
    shown = label_of(parcel)
    asked = (Ask(AskWayOut(context.site, context.station, parcel.parcel, parcel.sscc)),) if shown.waits else ()
    return Step(shown, (*effects, *asked))


def opened(view: PackView, context: Context) -> Step:
    """Return the step that shows an order that was just opened."""
    return Step(shown(view, context), (Play(Tone.ACCEPT), Say(Note.OPENED, {"order": view.order_number})))


def park(view: PackView, kind: CaseKind, reason: str, event: Pressed, context: Context) -> Step:
    """Return the step that puts an order into the hospital; the packer goes on with the next one."""
    command = decide.park(view, context.stamp(event), kind, reason)
    carried = command.place != NO_ID
    facts = (("order", view.order_number), ("place", view.hospital if carried else ", ".join(view.totes)))
    return Step(Saving(Note.IN_HOSPITAL, facts, Then.WORK, view.fulfilment), (Run(command),))
