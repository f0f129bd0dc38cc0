"""Units that are not in the tote: the order waits in the hospital, goes without them, or others are picked.

What is asked first is what the order does now; the reason is asked where the units are given up, because it goes into
the books and to the lead.
"""

from dataclasses import replace

from core.cases.model import CaseKind
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Play,
    Pressed,
    Refuse,
    Run,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.back_to_pick import AskElsewhere, AskWhyMissing, Elsewhere, back_to_pick
from core.packing.queries import AskPack
from core.packing.states import AskMissing, AskMissingReason, Instead, Saving, ScanCarton, Then, VerifyUnit
from core.packing.steps import SHIP_SHORT, must_weigh, not_now, park, refreshed
from core.packing.views import PackView


def ask_missing(state: AskMissing, event: Event, context: Context) -> Step:
    """Return what an answer to *units are missing* does; each is one key."""
    view = state.view
    match event:
        case Pressed(verb=Verb.QTY, argument="1"):
            return park(view, CaseKind.HOSPITAL, "MISSING", event, context)
        case Pressed(verb=Verb.QTY, argument="2" | "3") if view.coded is not None:
            # By its slip alone a tote is packed as it says or not at all.
            return not_now(state, event)
        case Pressed(verb=Verb.QTY, argument="2") if view.whole and SHIP_SHORT not in context.overridden:
            refusal = Refusal(Reason.SUPERVISOR_NEEDED, {"override": SHIP_SHORT, "order": view.order_number})
            return Step(state, (Refuse(refusal),))
        case Pressed(verb=Verb.QTY, argument="2" | "3" as argument):
            why = AskMissingReason(view, state.box, Instead.GO if argument == "2" else Instead.PICK)
            return Step(why, (Play(Tone.CAUTION), Ask(AskWhyMissing(context.site))))
        case Pressed(verb=Verb.CALL) if context.stopped_by:
            return park(view, CaseKind.OVERRIDE_NEEDED, context.stopped_by, event, context)
        case Pressed(verb=Verb.NO | Verb.UNDO):
            back = ScanCarton(view) if state.box is None else VerifyUnit(view, state.box)
            return Step(back, (Play(Tone.ACCEPT),))
        case Answered(query=AskPack(), answer=PackView() as fresh) if fresh.left:
            return Step(replace(state, view=fresh))
        case Answered(query=AskPack(), answer=answer):
            return refreshed(state, answer, view.order_number, context)
        case Scanned() | Pressed() | Weighed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while units are missing")


def ask_missing_reason(state: AskMissingReason, event: Event, context: Context) -> Step:
    """Return what an answer to *why are they missing* does; each reason is one key."""
    view = state.view
    match event:
        case Answered(query=AskWhyMissing(), answer=reasons):
            return Step(replace(state, reasons=reasons))
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit() and 0 < int(argument) <= len(
            state.reasons
        ):
            reason = state.reasons[int(argument) - 1]
            if state.instead is Instead.GO:
                return _go_without(state, reason, event, context)
            return Step(state, (Ask(AskElsewhere(context.site, context.station, view, context.today, reason)),))
        case Answered(query=AskElsewhere(reason=reason), answer=Elsewhere() as found):
            return _pick_others(view, found, reason, event, context)
        case Answered(query=AskElsewhere(), answer=Refusal() as refusal):
            return Step(state, (Refuse(refusal),))
        case Answered(query=AskPack(), answer=PackView() as fresh) if fresh.left:
            return Step(replace(state, view=fresh), () if state.reasons else (Ask(AskWhyMissing(context.site)),))
        case Answered(query=AskPack(), answer=answer):
            return refreshed(state, answer, view.order_number, context)
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return Step(AskMissing(view, state.box), (Play(Tone.ACCEPT),))
        case Scanned() | Pressed() | Weighed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a reason is asked for")


def _go_without(state: AskMissingReason, reason: str, event: Pressed, context: Context) -> Step:
    view = state.view
    command = decide.ship_short(view, context.stamp(event), reason)
    facts = (("order", view.order_number), ("quantity", view.left))
    after = decide.after_short(view, command)
    if view.parcel is None or not view.parcel.units:
        then = Then.WORK
    else:
        then = Then.LOOK_AGAIN if must_weigh(context, view) else Then.CLOSE
    waiting = Saving(Note.MISSING, facts, then, view.fulfilment, state.box, after, view.order_number)
    return Step(waiting, (Run(command),))


def _pick_others(view: PackView, found: Elsewhere, reason: str, event: Answered, context: Context) -> Step:
    """Send somebody for others: the order is put aside until they lie at the bench."""
    command = back_to_pick(view, found, context.stamp(event), reason)
    facts = (("order", view.order_number), ("quantity", view.left))
    waiting = Saving(Note.BACK_TO_PICK, facts, Then.WORK, view.fulfilment, order=view.order_number)
    return Step(waiting, (Run(command),))
