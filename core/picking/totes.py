"""At the cart: whose tote is it, is it free, does it take everything?

Only here anything is written: one put, one command. The first put into a slot binds the tote to it.
"""

from dataclasses import replace

from core.kernel.flow import Answered, Ask, CodeKind, Context, Event, Play, Pressed, Run, Say, Scanned, Step, Tone, Verb
from core.kernel.ids import NO_ID, ContainerId, FillId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug
from core.picking import decide
from core.picking.commands import CloseFill, PickUnits
from core.picking.fill_codes import AskFillCodes
from core.picking.queries import AskLastDone, AskTote
from core.picking.showing import full
from core.picking.states import AskShortReason, PutInTote, Saving, SayWhatFits, TakeItem
from core.picking.steps import ask_last_done, everywhere, not_now, refuse, undo, words, wrong_item
from core.picking.views import TaskView, ToteState


def put_in_tote(state: PutInTote, event: Event, context: Context) -> Step:
    """Return what happens with units in hand."""
    view = state.view
    match event:
        case Scanned():
            return _tote(state, event, context)
        case Answered(query=AskTote() as query, answer=held):
            return _put_in_new(state, event, query, held, context)
        case Answered(query=AskLastDone()):
            return undo(state, event, view.batch, context)
        case Answered(query=AskFillCodes(), answer=codes):
            return full(state, codes, event, context)
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
            return _fewer(state, int(argument))
        case Pressed(verb=Verb.FULL):
            if decide.next_put(state).fill == NO_ID or state.full:
                return not_now(state, event)
            return Step(SayWhatFits(view, state.taken, state.put), (Play(Tone.CAUTION),))
        case Pressed(verb=Verb.UNDO | Verb.NO) if state.put == 0:
            return Step(TakeItem(view), (Play(Tone.ACCEPT), Say(Note.UNDONE)))
        case Pressed(verb=Verb.UNDO):
            return ask_last_done(state, view.batch)
        case Pressed():
            return everywhere(state, event, context)
        case _:
            raise Bug(f"{event!r} at the totes")


def _fewer(state: PutInTote, found: int) -> Step:
    if found > state.view.quantity:
        return refuse(state, Reason.TOO_MANY, wanted=state.view.quantity, got=found)
    if found <= state.put:
        return refuse(state, Reason.NOT_A_QUANTITY, quantity=found)
    return Step(replace(state, taken=found), (Play(Tone.ACCEPT),))


def _tote(state: PutInTote, event: Scanned, context: Context) -> Step:
    if not event.candidates:
        return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
    totes, take = event.of(CodeKind.TOTE), decide.next_put(state)
    if not totes:
        return _no_tote(state, event)
    container, code = ContainerId(totes[0].target), totes[0].code
    if take.fill == NO_ID or state.full:
        return Step(state, (Ask(AskTote(context.site, container, code)),))
    if container != take.container:
        return refuse(state, Reason.WRONG_TOTE, expected=take.tote, slot=take.slot, got=code)
    quantity = decide.put_quantity(state)
    stamp, station = context.stamp(event), context.station
    command = decide.pick(state, stamp, take.fill, container, quantity, station=station)
    return _save(state, command, quantity, code)


def _no_tote(state: PutInTote, event: Scanned) -> Step:
    view, take, got = state.view, decide.next_put(state), event.candidates[0]
    if got.kind is CodeKind.ITEM and not any(each.target == view.key.item for each in event.of(CodeKind.ITEM)):
        return wrong_item(state, view, got)
    return refuse(state, Reason.WRONG_KIND, expected_kind="tote", expected=take.tote, slot=take.slot, got=got.code)


def _put_in_new(state: PutInTote, event: Answered, tote: AskTote, held: ToteState | None, context: Context) -> Step:
    """A tote that is bound by this put: it must be empty, whoever's it was."""
    if held is not None:
        return refuse(state, Reason.TOTE_IN_USE, order=held.order_number, slot=held.slot, got=tote.code)
    quantity = decide.put_quantity(state)
    stamp, station = context.stamp(event), context.station
    command = decide.pick(state, stamp, FillId(NO_ID), tote.container, quantity, station=station)
    return _save(state, command, quantity, tote.code)


def _save(state: PutInTote, command: PickUnits, quantity: int, tote: str) -> Step:
    view, put = state.view, state.put + quantity
    take = decide.next_put(state)
    facts = (
        ("quantity", quantity), ("item", words(view)), ("slot", take.slot), ("order", take.order_number), ("tote", tote),
        ("in_hand", state.taken - state.put), ("location", view.location_code),
    )  # fmt: skip
    keep: PutInTote | AskShortReason | None = None
    if put < state.taken:
        keep = PutInTote(_with_fill(view, take.slot, command, tote), state.taken, put)
    elif state.taken < view.quantity:
        # Fewer than asked: what is missing is the next thing to say, not something for the end.
        keep = AskShortReason(decide.rest(view, put), view.quantity - put, (), 1)
    return Step(Saving(view.batch, Note.PUT, facts, keep), (Run(command),))


def _with_fill(view: TaskView, slot: int, command: PickUnits, tote: str) -> TaskView:
    """Return the stop knowing the fill that a put has just opened."""
    takes = tuple(
        replace(each, fill=command.fill, container=command.container, tote=tote, changes=command.change)
        if each.slot == slot
        else each
        for each in view.takes
    )
    slots = tuple(
        replace(each, tote=tote, done=each.done + sum(one.quantity for one in command.takes))
        if each.slot == slot
        else each
        for each in view.slots
    )
    fills = view.fills if command.fill in view.fills else (*view.fills, command.fill)
    return replace(view, takes=takes, slots=slots, fills=fills)


def say_what_fits(state: SayWhatFits, event: Event, context: Context) -> Step:
    """Return what happens when a tote takes no more: so many fitted, the rest goes into another one."""
    back = PutInTote(state.view, state.taken, state.put)
    match event:
        case Pressed(verb=Verb.FULL):
            return _none_fits(back, event, context)
        case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
            fits = int(argument)
            most = decide.put_quantity(back) - 1
            if fits > most:
                return refuse(state, Reason.TOO_MANY, wanted=most, got=fits)
            return _some_fit(back, event, fits, context) if fits else _none_fits(back, event, context)
        case Pressed(verb=Verb.NO | Verb.UNDO):
            return Step(back, (Play(Tone.ACCEPT),))
        case Scanned() | Pressed():
            return not_now(state, event)
        case _:
            raise Bug(f"{event!r} while a tote is full")


def _none_fits(back: PutInTote, event: Pressed, context: Context) -> Step:
    take = decide.next_put(back)
    command = CloseFill(**context.stamp(event), batch=back.view.batch, fill=take.fill)
    facts = (("tote", take.tote), ("slot", take.slot))
    after = replace(back, view=_with_full(back.view, take.fill), full=1)
    return Step(Saving(back.view.batch, Note.TOTE_FULL, facts, after), (Run(command),))


def _some_fit(back: PutInTote, event: Pressed, fits: int, context: Context) -> Step:
    take = decide.next_put(back)
    stamp, station = context.stamp(event), context.station
    command = decide.pick(back, stamp, take.fill, take.container, fits, fills_up=True, station=station)
    facts = (("quantity", fits), ("tote", take.tote), ("slot", take.slot))
    view = _with_full(_with_fill(back.view, take.slot, command, take.tote), take.fill)
    after = PutInTote(view, back.taken, back.put + fits, 1)
    return Step(Saving(view.batch, Note.TOTE_FULL, facts, after), (Run(command),))


def _with_full(view: TaskView, fill: FillId) -> TaskView:
    return view if fill in view.full_fills else replace(view, full_fills=(*view.full_fills, fill))
