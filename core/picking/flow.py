"""Picking with a cart: walk to a place, take units, put them into totes.

The picker stands at a cart with numbered slots, one order a slot (or one tote for a whole batch of single units). The
screen names a location: the picker walks there and scans its label, which proves the place. It says how many to take:
one of them is scanned, which proves the item and stands for the quantity named. It says which slot: the tote there is
scanned, which proves the put, and only now anything is written. The first put into a slot binds the tote to it.

Where other stations pack, each tote has a code that says what is in it: on the screen when it is asked for, and on a slip
in the tote when the hub has not heard of the picks by the end of the walk, or when the tote takes no more.

    LookForWork --stop--> GoToLocation
    LookForWork --batch--> ScanCart
    LookForWork --finished--> BatchDone
    LookForWork --nothing--> NoWork
    LookForWork --nothing left of my batch--> Saving
    NoWork --CONFIRM--> LookForWork
    ScanCart --cart--> Saving
    BatchDone --key or scan--> LookForWork
    BatchDone --the hub does not know of it--> Saving
    Saving --slips printed--> BatchDone, ShowCode, PutInTote
    PutInTote --full, and the hub does not know of it--> Saving
    GoToLocation, BatchDone --REPRINT--> ShowCode
    ShowCode --NO--> GoToLocation, BatchDone
    ShowCode --REPRINT--> Saving
    BatchDone --UNDO--> Saving
    GoToLocation --location--> TakeItem
    GoToLocation --another place with the item, twice--> Saving
    GoToLocation --UNDO, SKIP, PAUSE, CALL--> Saving
    GoToLocation --location, where the item need not be scanned--> PutInTote
    TakeItem --item--> PutInTote
    TakeItem --CONFIRM, as far as policy lets--> PutInTote
    TakeItem --another lot, serial or package, twice--> Saving
    TakeItem --UNDO--> GoToLocation
    TakeItem --SKIP, PAUSE, CALL--> Saving
    PutInTote --tote--> Saving
    PutInTote --FULL--> SayWhatFits
    PutInTote --UNDO, nothing put yet--> TakeItem
    PutInTote --UNDO, SKIP, CALL--> Saving
    SayWhatFits --QTY, FULL--> Saving
    SayWhatFits --NO--> PutInTote
    GoToLocation, TakeItem, PutInTote --SHORT--> AskShortReason
    AskShortReason --reason--> Saving
    AskShortReason --NO--> GoToLocation, TakeItem
    GoToLocation, TakeItem, PutInTote --DAMAGED--> ConfirmDamaged
    ConfirmDamaged --YES--> Saving
    ConfirmDamaged --NO--> GoToLocation, TakeItem
    Saving --done--> LookForWork
    Saving --refused--> LookForWork
    Saving --done, same stop--> GoToLocation, TakeItem, PutInTote
    Saving --fewer than asked, all put--> AskShortReason

Whatever the books say otherwise than the screen, a refused command leads back to LookForWork: never stuck.
"""

from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    CodeKind,
    Context,
    Event,
    Expect,
    Go,
    Play,
    Pressed,
    PrintMoved,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import NO_ID, CommandId, ContainerId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.picking import decide
from core.picking.commands import StartBatch
from core.picking.expects import expected
from core.picking.queries import AskCart, AskWork
from core.picking.shelf import go_to_location, take_item
from core.picking.showing import ask_full, batch_done, ended, show_code
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
from core.picking.steps import ask_why, look, not_now, refuse
from core.picking.totes import put_in_tote, say_what_fits
from core.picking.trouble import ask_short_reason, confirm_damaged
from core.picking.views import BatchOffer, Leftover, Picked, TaskView


class PickFlow:
    """Cluster and bulk picking."""

    NAME: ClassVar[str] = "pick"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look for work; `argument` names the cart that was scanned."""
        return Step(LookForWork(), (Ask(AskWork(context.site, context.actor, argument, station=context.station)),))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Show the step that was shown; what only waits for something to come up is looked at anew."""
        match state:
            case LookForWork() | NoWork() | ScanCart() | Saving():
                return self.begin("", at, cause, context)
            case _:
                return Step(state)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return what the state takes next."""
        return expected(state)

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        if isinstance(event, PrintMoved):
            return Step(state)
        if isinstance(event, Weighed):
            return refuse(state, Reason.COMMAND_NOT_NOW)
        if isinstance(event, Scanned) and event.rejected is not None:
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case LookForWork():
                return self._look_for_work(state, event, context)
            case NoWork():
                return self._no_work(state, event, context)
            case ScanCart():
                return self._scan_cart(state, event, context)
            case GoToLocation():
                return go_to_location(state, event, context)
            case TakeItem():
                return take_item(state, event, context)
            case PutInTote():
                return put_in_tote(state, event, context)
            case SayWhatFits():
                return say_what_fits(state, event, context)
            case AskShortReason():
                return ask_short_reason(state, event, context)
            case ConfirmDamaged():
                return confirm_damaged(state, event, context)
            case Saving():
                return self._saving(state, event, context)
            case BatchDone():
                return batch_done(state, event, context)
            case ShowCode():
                return show_code(state, event, context)

    def _look_for_work(self, state: LookForWork, event: Event, context: Context) -> Step:
        match event:
            case Answered(answer=TaskView() as view):
                return Step(GoToLocation(view))
            case Answered(answer=BatchOffer() as offer):
                if offer.scanned == NO_ID or offer.left_on not in ("", _scanned(event)):
                    return Step(ScanCart(offer))
                return Step(ScanCart(offer), (Ask(AskCart(context.site, offer.scanned)),))
            case Answered(answer=Picked() as done):
                said = Say(Note.BATCH_DONE, {"batch": done.number})
                return ended(BatchDone(done), event, context, Play(Tone.DONE), said)
            case Answered(answer=Leftover() as left):
                command = decide.finish_leftover(left, context.stamp(event), context.station)
                return Step(Saving(left.batch, Note.BATCH_DONE), (Run(command),))
            case Answered(answer=Reason() as why):
                return Step(NoWork(why))
            case Scanned() | Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while looking for work")

    def _no_work(self, state: NoWork, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.CONFIRM | Verb.YES):
                return look(context)
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, state.reason)
            case _:
                raise Bug(f"{event!r} without work")

    def _scan_cart(self, state: ScanCart, event: Event, context: Context) -> Step:
        offer = state.offer
        match event:
            case Scanned():
                return self._cart_scanned(state, event, context)
            case Answered(query=AskCart(cart=cart), answer=busy):
                if busy and not offer.left_on:
                    return refuse(state, Reason.CART_IN_USE, number=busy)
                command = StartBatch(**context.stamp(event), batch=offer.batch, cart=cart, station=context.station)
                return Step(Saving(offer.batch, Note.CART_READY, (("batch", offer.number),)), (Run(command),))
            case Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a cart is asked for")

    def _cart_scanned(self, state: ScanCart, event: Scanned, context: Context) -> Step:
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        cart = next(iter(event.of(CodeKind.CART)), None)
        if cart is None:
            expected_code = state.offer.left_on
            got = event.candidates[0].code
            return refuse(state, Reason.WRONG_KIND, expected_kind="cart", expected=expected_code, got=got)
        if state.offer.left_on not in ("", cart.code):
            return refuse(state, Reason.WRONG_TOTE, expected=state.offer.left_on, got=cart.code)
        return Step(state, (Ask(AskCart(context.site, ContainerId(cart.target))),))

    def _saving(self, state: Saving, event: Event, context: Context) -> Step:
        match event:
            case Done(result=result):
                effects = (Play(Tone.ACCEPT), Say(state.note, dict(state.facts)))
                if state.note == Note.PAUSED:
                    return Step(state, (*effects, Go("home")))
                if isinstance(state.keep, AskShortReason):
                    asked = ask_why(state.keep, context)
                    return Step(asked.state, (*effects, *asked.effects))
                if state.note == Note.TOTE_FULL and isinstance(state.keep, PutInTote) and state.keep.view.fence:
                    return ask_full(state.keep, event, context, *effects)
                if state.keep is not None:
                    return Step(state.keep, effects)
                return look(context, *effects, finished=state.batch if result.get("batch_done") else None)
            case Failed(refusal=refusal):
                # The books say otherwise than the screen: look again.
                return look(context, Refuse(_with_goods(refusal, state)))
            case _:
                raise Bug(f"{event!r} while saving")


def _with_goods(refusal: Refusal, state: Saving) -> Refusal:
    """Return a refusal that also says what becomes of the units in somebody's hand when their work is gone."""
    if refusal.reason is not Reason.WORK_GONE or state.note != Note.PUT:
        return refusal
    facts = dict(state.facts)
    told = {"quantity": facts["in_hand"], "item": facts["item"], "location": facts["location"]}
    return Refusal(Reason.WORK_GONE_IN_HAND, told)


def _scanned(event: Answered) -> str:
    return event.query.cart if isinstance(event.query, AskWork) else ""
