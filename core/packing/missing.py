"""Units that are not in the tote: the order waits in the hospital, or goes without them."""

from dataclasses import replace

from core.cases.model import CaseKind
from core.kernel.flow import Answered, Context, Event, Play, Pressed, Refuse, Run, Scanned, Step, Tone, Verb, Weighed
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.queries import AskPack
from core.packing.states import AskMissing, Saving, ScanCarton, Then, VerifyUnit
from core.packing.steps import SHIP_SHORT, must_weigh, not_now, park, refreshed
from core.packing.views import PackView


def ask_missing(state: AskMissing, event: Event, context: Context) -> Step:
    """Return what an answer to *units are missing* does; each is one key."""
    view = state.view
    match event:
        case Pressed(verb=Verb.QTY, argument="1"):
            return park(view, CaseKind.HOSPITAL, "MISSING", event, context)
        case Pressed(verb=Verb.QTY, argument="2"):
            return _go_without(state, event, context)
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


def _go_without(state: AskMissing, event: Pressed, context: Context) -> Step:
    view = state.view
    if view.whole and SHIP_SHORT not in context.overridden:
        refusal = Refusal(Reason.SUPERVISOR_NEEDED, {"override": SHIP_SHORT, "order": view.order_number})
        return Step(state, (Refuse(refusal),))
    command = decide.ship_short(view, context.stamp(event), "COULD_NOT_LOCATE")
    facts = (("order", view.order_number), ("quantity", view.left))
    after = decide.after_short(view, command)
    if view.parcel is None or not view.parcel.units:
        then = Then.WORK
    else:
        then = Then.LOOK_AGAIN if must_weigh(context, view) else Then.CLOSE
    waiting = Saving(Note.MISSING, facts, then, view.fulfilment, state.box, after, view.order_number)
    return Step(waiting, (Run(command),))
