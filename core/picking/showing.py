"""The totes' codes: shown on the cart's screen, and printed when the walk ends without the hub having heard of it."""

from dataclasses import replace

from core.kernel.executor import Done
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Effect,
    Event,
    Play,
    Pressed,
    Run,
    Scanned,
    Stamp,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import BatchId, CommandId, derive
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.picking.commands import PrintSlips
from core.picking.fill_codes import AskFillCodes, ToteCode
from core.picking.queries import AskLastDone
from core.picking.states import BatchDone, GoToLocation, PutInTote, Saving, ShowCode
from core.picking.steps import ask_last_done, look, not_now, refuse, undo


def ask_codes(state: GoToLocation | BatchDone, batch: BatchId, context: Context) -> Step:
    """Return the step that asks what the totes say."""
    return Step(state, (Ask(AskFillCodes(context.site, batch)),))


def shown(state: GoToLocation | BatchDone, codes: tuple[ToteCode, ...]) -> Step:
    """Return the step that shows the first tote's code."""
    if not codes:
        return refuse(state, Reason.NO_TOTE_CODES)
    return Step(ShowCode(codes, 0, state), (Play(Tone.ACCEPT),))


def show_code(state: ShowCode, event: Event, context: Context) -> Step:
    """Return what happens while a tote's code is shown."""
    match event:
        case Scanned() if event.of(CodeKind.TOTE):
            got = event.of(CodeKind.TOTE)[0].code
            found = next((n for n, each in enumerate(state.codes) if each.slip.tote == got), None)
            if found is None:
                return refuse(state, Reason.WRONG_TOTE, expected=state.code.slip.tote, got=got)
            return Step(replace(state, at=found), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.SKIP):
            return Step(replace(state, at=(state.at + 1) % len(state.codes)), (Play(Tone.ACCEPT),))
        case Pressed(verb=Verb.REPRINT):
            return _print((state.code,), event, context, state)
        case Pressed(verb=Verb.NO | Verb.UNDO | Verb.CONFIRM):
            return Step(state.back, (Play(Tone.ACCEPT),))
        case Scanned() | Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a code is shown")


def ask_full(state: PutInTote, event: Done, context: Context, *before: Effect) -> Step:
    """Return the step that asks for the slip of the tote that takes no more: nobody waits for the walk's end to take it away."""
    return Step(
        state, (*before, Ask(AskFillCodes(context.site, state.view.batch, event.at, state.view.full_fills[-1])))
    )


def full(state: PutInTote, codes: tuple[ToteCode, ...], event: Answered, context: Context) -> Step:
    """Return the step that prints it, where the hub has not acknowledged what is in the tote."""
    missing = tuple(each for each in codes if not each.done)
    return _print(missing, event, context, state) if missing else Step(state)


def _print(
    codes: tuple[ToteCode, ...], event: Pressed | Answered, context: Context, keep: ShowCode | BatchDone | PutInTote
) -> Step:
    slips = tuple((each.fill, replace(each.slip, copy_number=1 + each.done)) for each in codes)
    voids = tuple(job for each in codes for job in each.printed)
    # The gesture may have led to a pick already: this command's id follows from it.
    stamp = context.stamp(event)
    mine: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "slips"))}
    command = PrintSlips(**mine, slips=slips, voids=voids)
    match keep:
        case BatchDone(done=done):
            batch = done.batch
        case PutInTote(view=view):
            batch = view.batch
        case _:
            batch = keep.batch
    return Step(Saving(batch, Note.SLIPS, (("slips", len(slips)),), keep), (Run(command),))


def batch_done(state: BatchDone, event: Event, context: Context) -> Step:
    """Return what happens when everything is picked.

    Slips are printed as soon as it is seen that the hub has not acknowledged the picks: when the walk ends, and once
    more before the cart is left, for what was picked in the last seconds.
    """
    done = state.done
    match event:
        case Answered(query=AskFillCodes(unheard_at=0), answer=codes):
            return shown(state, codes)
        case Answered(query=AskFillCodes(), answer=codes):
            return _unheard(state, codes, event, context)
        case Pressed(verb=Verb.REPRINT) if done.shared:
            return ask_codes(state, done.batch, context)
        case Pressed(verb=Verb.UNDO):
            return ask_last_done(state, done.batch)
        case Answered(query=AskLastDone()):
            return undo(state, event, done.batch, context)
        case Pressed(verb=Verb.CONFIRM | Verb.YES | Verb.NO | Verb.SKIP):
            return _leave(state, event, context)
        case Scanned() if event.of(CodeKind.CART, CodeKind.TOTE, CodeKind.LOCATION):
            return _leave(state, event, context)
        case Scanned(candidates=()) | Pressed():
            return not_now(state, event)
        case Scanned():
            got = event.candidates[0].code
            return refuse(state, Reason.WRONG_KIND, expected_kind="cart", expected=done.cart_code, got=got)
        case _:
            raise Bug(f"{event!r} after the batch")


def ended(state: BatchDone, event: Answered, context: Context, *effects: Effect) -> Step:
    """Return the step that says that the walk is done, and asks whether anybody else knows."""
    asks = (Ask(AskFillCodes(context.site, state.done.batch, event.at)),) if state.done.shared else ()
    return Step(state, (*effects, *asks))


def _leave(state: BatchDone, event: Pressed | Scanned, context: Context) -> Step:
    if not state.done.shared or state.slips:
        return look(context, Play(Tone.ACCEPT))
    return Step(replace(state, leaving=1), (Ask(AskFillCodes(context.site, state.done.batch, event.at)),))


def _unheard(state: BatchDone, codes: tuple[ToteCode, ...], event: Answered, context: Context) -> Step:
    missing = tuple(each for each in codes if not each.done)
    if missing:
        return _print(missing, event, context, replace(state, slips=state.slips + len(missing), leaving=0))
    if state.leaving:
        return look(context, Play(Tone.ACCEPT))
    return Step(state)
