"""What the states of a pick have in common: saying no, looking for what comes next, keys that mean the same everywhere."""

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    Context,
    Effect,
    Play,
    Pressed,
    Refuse,
    Run,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_ID, BatchId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.picking import decide
from core.picking.commands import SkipTask, SuspendBatch
from core.picking.queries import AskLastDone, AskReasons, AskWork
from core.picking.states import (
    AskShortReason,
    ConfirmDamaged,
    GoToLocation,
    LookForWork,
    PutInTote,
    Saving,
    State,
    TakeItem,
)
from core.picking.views import TaskView

AtStop = GoToLocation | TakeItem | PutInTote
"""States in which the picker stands before a stop, or is on the way to it."""


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


def not_now(state: State, event: Scanned | Pressed) -> Step:
    """Return the step that refuses a key, or a code that is no answer; an unknown code is said to be one."""
    match event:
        case Pressed(verb=verb):
            return refuse(state, Reason.COMMAND_NOT_NOW, command=verb)
        case Scanned(candidates=()):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        case Scanned():
            return refuse(state, Reason.COMMAND_NOT_NOW, got=event.candidates[0].code)


def look(context: Context, *before: Effect, finished: BatchId | None = None) -> Step:
    """Return the step that looks for what comes next."""
    done = BatchId(NO_ID) if finished is None else finished
    query = AskWork(context.site, context.actor, "", done, context.station)
    return Step(LookForWork(), (*before, Ask(query)))


def words(view: TaskView) -> str:
    """Return what the item of a stop is called."""
    return ", ".join(filter(None, (view.description, view.variant))) or view.sku


def wrong_item(state: State, view: TaskView, got: Candidate) -> Step:
    """Return the step that refuses another item, with what tells the two apart."""
    facts = {
        "expected": view.sku, "expected_label": words(view), "expected_variant": view.variant,
        "expected_picture": view.picture, "got": got.code, "got_label": got.label, "got_variant": got.variant,
        "got_picture": got.picture,
    }  # fmt: skip
    return refuse(state, Reason.WRONG_ITEM, **{name: said for name, said in facts.items() if said})


def undo(state: State, event: Answered, batch: BatchId, context: Context) -> Step:
    """Return the step that takes back what was done last."""
    if event.answer is None:
        return refuse(state, Reason.NOTHING_TO_UNDO)
    command = decide.undo(event.answer, context.stamp(event))
    return Step(Saving(batch, Note.UNDONE), (Run(command),))


def ask_last_done(state: State, batch: BatchId) -> Step:
    """Return the step that asks what could be taken back."""
    return Step(state, (Ask(AskLastDone(batch)),))


def everywhere(state: AtStop, event: Pressed, context: Context) -> Step:
    """Return the step of a key that means the same on the way, at the shelf and at the totes."""
    view, at_shelf = state.view, int(not isinstance(state, GoToLocation))
    left = decide.rest(view, state.put) if isinstance(state, PutInTote) else view
    match event.verb:
        case Verb.SHORT:
            return ask_why(AskShortReason(left, left.quantity, (), at_shelf), context)
        case Verb.DAMAGED:
            if view.quarantine == NO_ID:
                return refuse(state, Reason.NOT_FOUND, got="quarantine")
            return Step(ConfirmDamaged(left, 1, at_shelf), (Play(Tone.CAUTION),))
        case Verb.SKIP:
            skip = SkipTask(**context.stamp(event), batch=view.batch, task=view.task, sequence=view.last_sequence + 1)
            return Step(Saving(view.batch, Note.SKIPPED, (("location", view.location_code),)), (Run(skip),))
        case Verb.PAUSE if not isinstance(state, PutInTote):
            pause = SuspendBatch(**context.stamp(event), batch=view.batch, station=context.station)
            return Step(Saving(view.batch, Note.PAUSED, (("cart", view.cart_code),)), (Run(pause),))
        case Verb.CALL if context.stopped_by:
            # A check that only a supervisor passes, and none is here: the work waits as a case, the picker goes on.
            park = SkipTask(
                **context.stamp(event),
                batch=view.batch,
                task=view.task,
                sequence=view.last_sequence + 1,
                stopped_by=context.stopped_by,
            )
            return Step(Saving(view.batch, Note.CASE_OPENED), (Run(park),))
        case Verb.CALL:
            call = OpenCase(**context.stamp(event), kind=CaseKind.CALL, subject=view.task)
            return Step(Saving(view.batch, Note.CASE_OPENED, (), state), (Run(call),))
        case _:
            return not_now(state, event)


def ask_why(state: AskShortReason, context: Context) -> Step:
    """Return the step that asks why units are missing, with the site's own answers."""
    return Step(state, (Play(Tone.CAUTION), Ask(AskReasons(context.site))))
