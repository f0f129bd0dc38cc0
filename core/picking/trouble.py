"""When it goes otherwise: units that are missing, with the reason; units that are damaged, set aside without leaving."""

from dataclasses import replace

from core.kernel.flow import Answered, Context, Event, Play, Pressed, Run, Scanned, Step, Tone, Verb
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.picking import decide
from core.picking.queries import AskReasons
from core.picking.states import AskShortReason, ConfirmDamaged, GoToLocation, Saving, TakeItem
from core.picking.steps import not_now, refuse, words
from core.picking.views import TaskView


def ask_short_reason(state: AskShortReason, event: Event, context: Context) -> Step:
    """Return what an answer to *why are units missing* does; each reason is one key."""
    view = state.view
    match event:
        case Answered(query=AskReasons(), answer=reasons):
            return Step(replace(state, reasons=reasons))
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit() and 0 < int(argument) <= len(
            state.reasons
        ):
            reason = state.reasons[int(argument) - 1]
            command = decide.short(view, context.stamp(event), state.missing, reason, station=context.station)
            facts = (("quantity", state.missing), ("item", words(view)), ("location", view.location_code))
            return Step(Saving(view.batch, Note.SHORTED, facts), (Run(command),))
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return Step(_back(view, state.at_shelf), (Play(Tone.ACCEPT),))
        case Scanned() | Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a reason is asked for")


def confirm_damaged(state: ConfirmDamaged, event: Event, context: Context) -> Step:
    """Return what an answer to *so many are damaged* does; a rescan never confirms it."""
    view = state.view
    match event:
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
            if not int(argument):
                return refuse(state, Reason.NOT_A_QUANTITY, quantity=0)
            if int(argument) > view.quantity:
                return refuse(state, Reason.TOO_MANY, wanted=view.quantity, got=int(argument))
            return Step(replace(state, quantity=int(argument)), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.YES | Verb.CONFIRM):
            command = decide.damaged(view, context.stamp(event), state.quantity, station=context.station)
            facts = (("quantity", state.quantity), ("item", words(view)), ("place", view.quarantine_code))
            left = decide.after_damage(view, command)
            keep = None if left is None else _back(left, state.at_shelf)
            return Step(Saving(view.batch, Note.DAMAGED, facts, keep), (Run(command),))
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return Step(_back(view, state.at_shelf), (Play(Tone.ACCEPT),))
        case Scanned() | Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while damage is confirmed")


def _back(view: TaskView, at_shelf: int) -> GoToLocation | TakeItem:
    return TakeItem(view) if at_shelf else GoToLocation(view)
