"""Picking with a cart: walk to a place, take units, put them into totes.

The picker stands at a cart with numbered slots, one order a slot (or one tote for a whole batch of single units). The
screen names a location: the picker walks there and scans its label, which proves the place. It says how many to take:
one of them is scanned, which proves the item and stands for the quantity named. It says which slot: the tote there is
scanned, which proves the put, and only now anything is written. The first put into a slot binds the tote to it.

    LookForWork --stop--> GoToLocation
    LookForWork --batch--> ScanCart
    LookForWork --finished--> BatchDone
    LookForWork --nothing--> NoWork
    NoWork --any key--> LookForWork
    ScanCart --cart--> Saving
    BatchDone --key or scan--> LookForWork
    GoToLocation --location--> TakeItem
    GoToLocation --another place with the item, twice--> Saving
    TakeItem --item--> PutInTote
    TakeItem --another lot or serial, twice--> Saving
    TakeItem --UNDO--> GoToLocation
    PutInTote --tote--> Saving
    PutInTote --QTY--> PutInTote
    PutInTote --FULL--> SayWhatFits
    PutInTote --UNDO--> TakeItem
    SayWhatFits --QTY--> PutInTote
    SayWhatFits --QTY-0--> Saving
    GoToLocation, TakeItem --SHORT--> AskShortReason
    PutInTote --fewer than asked, all put--> AskShortReason
    AskShortReason --reason--> Saving
    AskShortReason --NO--> GoToLocation
    GoToLocation, TakeItem --DAMAGED--> ConfirmDamaged
    ConfirmDamaged --QTY--> ConfirmDamaged
    ConfirmDamaged --YES--> Saving
    ConfirmDamaged --NO--> GoToLocation
    GoToLocation --UNDO, SKIP, PAUSE, CALL--> Saving
    Saving --done--> LookForWork
    Saving --done, same stop--> TakeItem, PutInTote, AskShortReason
"""

from dataclasses import replace
from typing import Any, ClassVar

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    CodeKind,
    Context,
    Effect,
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
from core.kernel.ids import NO_ID, BatchId, CommandId, ContainerId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.picking import decide
from core.picking.commands import CloseFill, RepointTask, SkipTask, StartBatch, SuspendBatch
from core.picking.expects import expected
from core.picking.queries import AskCart, AskLastDone, AskOther, AskTote, AskWork
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
from core.picking.views import BatchOffer, OtherStock, Picked, TaskView, ToteState
from core.stock.expiry import is_expired


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


class PickFlow:
    """Cluster and bulk picking."""

    NAME: ClassVar[str] = "pick"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look for work; `argument` names the cart that was scanned."""
        return Step(LookForWork(), (Ask(AskWork(context.site, context.actor, argument)),))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Show the same step if its stop is still what comes next, else look for work."""
        match state:
            case GoToLocation() | TakeItem() | PutInTote() | AskShortReason() | ConfirmDamaged() | SayWhatFits():
                return Step(state)
            case _:
                return self.begin("", at, cause, context)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return what the state takes next."""
        return expected(state)

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        if isinstance(event, PrintMoved):
            return Step(state)
        if isinstance(event, Weighed):
            return refuse(state, Reason.COMMAND_NOT_NOW)
        if isinstance(event, Scanned) and event.rejected is not None:
            return refuse(state, event.rejected, got=event.raw)
        match state:
            case LookForWork():
                return self._look_for_work(state, event)
            case NoWork():
                return self._no_work(state, event, context)
            case ScanCart():
                return self._scan_cart(state, event, context)
            case GoToLocation():
                return self._go_to_location(state, event, context)
            case TakeItem():
                return self._take_item(state, event, context)
            case PutInTote():
                return self._put_in_tote(state, event, context)
            case SayWhatFits():
                return self._say_what_fits(state, event, context)
            case AskShortReason():
                return self._ask_short_reason(state, event, context)
            case ConfirmDamaged():
                return self._confirm_damaged(state, event, context)
            case Saving():
                return self._saving(state, event, context)
            case BatchDone():
                return self._batch_done(state, event, context)

    # Finding work

    def _look(self, context: Context, *before: Effect, finished: BatchId | None = None) -> Step:
        query = AskWork(context.site, context.actor, "", BatchId(NO_ID) if finished is None else finished)
        return Step(LookForWork(), (*before, Ask(query)))

    def _look_for_work(self, state: LookForWork, event: Event) -> Step:
        match event:
            case Answered(answer=TaskView() as view):
                return Step(GoToLocation(view))
            case Answered(answer=BatchOffer() as offer):
                return Step(ScanCart(offer))
            case Answered(answer=Picked() as done):
                return Step(BatchDone(done), (Play(Tone.DONE), Say(Note.BATCH_DONE, {"batch": done.number})))
            case Answered(answer=None):
                return Step(NoWork(Reason.NO_WORK))
            case Scanned() | Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while looking for work")

    def _no_work(self, state: NoWork, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.CONFIRM | Verb.YES):
                return self._look(context)
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, Reason.NO_WORK)
            case _:
                raise Bug(f"{event!r} without work")

    def _batch_done(self, state: BatchDone, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.UNDO):
                query = AskLastDone(context.station, context.actor, state.done.batch)
                return Step(state, (Ask(query),))
            case Answered(answer=None):
                return refuse(state, Reason.NOTHING_TO_UNDO)
            case Answered(query=AskLastDone()):
                return self._undo(state, event, state.done.batch, context)
            case Pressed():
                return self._look(context)
            case Scanned() if event.of(CodeKind.CART, CodeKind.TOTE, CodeKind.LOCATION):
                return self._look(context, Play(Tone.ACCEPT))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned():
                return refuse(state, Reason.WRONG_KIND, expected_kind="cart", got=event.raw)
            case _:
                raise Bug(f"{event!r} after the batch")

    def _scan_cart(self, state: ScanCart, event: Event, context: Context) -> Step:
        match event:
            case Scanned():
                carts = event.of(CodeKind.CART)
                if not event.candidates:
                    return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
                if not carts:
                    return refuse(state, Reason.WRONG_KIND, expected_kind="cart", got=event.candidates[0].code)
                if state.offer.left_on and carts[0].code != state.offer.left_on:
                    return refuse(state, Reason.WRONG_TOTE, expected=state.offer.left_on, got=carts[0].code)
                return Step(state, (Ask(AskCart(context.site, ContainerId(carts[0].target))),))
            case Answered(query=AskCart(cart=cart), answer=busy):
                if busy and not state.offer.left_on:
                    return refuse(state, Reason.CART_IN_USE, number=busy)
                command = StartBatch(
                    **context.stamp(event),
                    batch=state.offer.batch,
                    cart=cart,
                    station=context.station,
                )
                return Step(
                    Saving(state.offer.batch, Note.CART_READY, (("batch", state.offer.number),)), (Run(command),)
                )
            case Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)
            case _:
                raise Bug(f"{event!r} while a cart is asked for")

    # At the shelf

    def _go_to_location(self, state: GoToLocation, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Scanned():
                return self._scanned_at_location(state, event, context)
            case Answered(query=AskLastDone(), answer=done):
                if done is None:
                    return refuse(state, Reason.NOTHING_TO_UNDO)
                return self._undo(state, event, view.batch, context)
            case Answered(query=AskOther(), answer=found):
                return self._offer_other_place(state, event, found, context)
            case Pressed(verb=Verb.UNDO):
                return Step(state, (Ask(AskLastDone(context.station, context.actor, view.batch)),))
            case Pressed(verb=Verb.SKIP):
                command = SkipTask(**context.stamp(event), task=view.task, sequence=view.last_sequence + 1)
                return Step(Saving(view.batch, Note.SKIPPED, (("location", view.location_code),)), (Run(command),))
            case Pressed(verb=Verb.PAUSE):
                pause = SuspendBatch(**context.stamp(event), batch=view.batch, station=context.station)
                return Step(Saving(view.batch, Note.PAUSED, (("cart", view.cart_code),)), (Run(pause),))
            case Pressed():
                return self._exception_key(state, event, context)
            case _:
                raise Bug(f"{event!r} on the way")

    def _scanned_at_location(self, state: GoToLocation, event: Scanned, context: Context) -> Step:
        view = state.view
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        places = event.of(CodeKind.LOCATION)
        if not places:
            return refuse(
                state,
                Reason.WRONG_KIND,
                expected_kind="location",
                expected=view.location_code,
                got=event.candidates[0].code,
            )
        if any(each.target == view.key.location for each in places):
            note = Say(Note.RIGHT_PLACE, {"location": view.location_code})
            return Step(TakeItem(view), (Play(Tone.ACCEPT), note))
        place = type(view.key.location)(places[0].target)
        other = AskOther(context.site, view.key.owner, view.key.item, place, code=places[0].code)
        if state.question == event.raw and not event.settled:
            return refuse(state, Reason.RESCAN_TOO_FAST, got=event.raw)
        return Step(replace(state, question=state.question if state.question == event.raw else ""), (Ask(other),))

    def _offer_other_place(
        self, state: GoToLocation, event: Answered, found: tuple[OtherStock, ...], context: Context
    ) -> Step:
        view = state.view
        usable = [each for each in found if _usable(each, view.quantity, context) is None]
        if not usable:
            got = event.query.code if isinstance(event.query, AskOther) else ""
            back = replace(state, question="")
            return refuse(back, Reason.WRONG_LOCATION, expected=view.location_code, got=got)
        other = usable[0]
        if not state.question:
            # Reversible but unusual: the same place scanned again confirms.
            asked = replace(state, question=other.location_code)
            return Step(asked, (Play(Tone.CAUTION), Say(Note.REPOINTED, {"location": other.location_code, "asked": 1})))
        return self._repoint(view, event, other, context, after=None)

    def _take_item(self, state: TakeItem, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Scanned():
                return self._scanned_item(state, event, context)
            case Answered(query=AskOther(), answer=found):
                return self._offer_other_units(state, event, found, context)
            case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
                return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=f"QTY-{argument}")
            case Pressed(verb=Verb.UNDO | Verb.NO):
                return Step(GoToLocation(view), (Play(Tone.ACCEPT), Say(Note.UNDONE)))
            case Pressed():
                return self._exception_key(state, event, context)
            case _:
                raise Bug(f"{event!r} at the shelf")

    def _scanned_item(self, state: TakeItem, event: Scanned, context: Context) -> Step:
        view = state.view
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        mine = [each for each in event.of(CodeKind.ITEM) if each.target == view.key.item]
        lots = event.of(CodeKind.LOT)
        serials = view.serial_control and not mine and not event.of(CodeKind.ITEM)
        if mine:
            return self._right_item(state, event, mine[0], context)
        if any(each.target == view.key.lot for each in lots):
            return self._taken(view, event.raw)
        if serials and event.raw == view.key.serial:
            return self._taken(view, event.raw)
        if lots:
            return self._other_units(state, event, context, lot=lots[0].code)
        got = event.candidates[0]
        if got.kind is CodeKind.ITEM:
            return refuse(
                state,
                Reason.WRONG_ITEM,
                expected=view.sku,
                expected_label=_words(view),
                got=got.code,
                got_label=got.label,
            )
        return refuse(state, Reason.WRONG_KIND, expected_kind="item", expected=view.sku, got=got.code)

    def _right_item(self, state: TakeItem, event: Scanned, said: Candidate, context: Context) -> Step:
        view = state.view
        if said.quantity > view.quantity:
            return refuse(state, Reason.TOO_MANY, wanted=view.quantity, got=said.quantity)
        if said.expiry and is_expired(said.expiry, context.today):
            return refuse(state, Reason.EXPIRED, expiry=said.expiry, lot=said.lot)
        if said.serial and view.serial_control:
            if said.serial == view.key.serial:
                return self._taken(view, event.raw)
            return self._other_units(state, event, context, serial=said.serial)
        if view.serial_control:
            return refuse(state, Reason.SCAN_SERIAL, expected=view.key.serial, item=view.sku)
        if said.lot and view.lot_control:
            return (
                self._taken(view, event.raw)
                if said.lot == view.lot
                else self._other_units(state, event, context, lot=said.lot)
            )
        if view.lot_control and view.lot:
            other = AskOther(context.site, view.key.owner, view.key.item, view.key.location)
            return Step(state, (Ask(other),))
        return self._taken(view, event.raw)

    def _other_units(
        self, state: TakeItem, event: Scanned, context: Context, *, lot: str = "", serial: str = ""
    ) -> Step:
        key = state.view.key
        other = AskOther(context.site, key.owner, key.item, key.location, lot, serial)
        if state.question == (lot or serial) and not event.settled:
            return refuse(state, Reason.RESCAN_TOO_FAST, got=event.raw)
        return Step(state, (Ask(other),))

    def _offer_other_units(
        self, state: TakeItem, event: Answered, found: tuple[OtherStock, ...], context: Context
    ) -> Step:
        view, query = state.view, event.query
        assert isinstance(query, AskOther)
        wanted = query.lot or query.serial
        if not wanted:
            # The item's plain code was scanned where a lot is asked for: one lot here says it all.
            if len(found) <= 1:
                return self._taken(view, view.sku)
            return refuse(state, Reason.SCAN_LOT, expected=view.lot, item=view.sku)
        if not found:
            reason = Reason.WRONG_LOT if query.lot else Reason.WRONG_SERIAL
            return refuse(state, reason, expected=view.lot or view.key.serial, got=wanted)
        other = found[0]
        refusal = _usable(other, view.quantity, context)
        if refusal is not None:
            return Step(state, (Refuse(refusal),))
        later = bool(other.expiry and view.expiry and other.expiry > view.expiry)
        if later and state.question != wanted:
            asked = replace(state, question=wanted)
            return Step(asked, (Play(Tone.CAUTION), Say(Note.REPOINTED, {"lot": wanted, "asked": 1})))
        return self._repoint(view, event, other, context, after=other)

    def _repoint(
        self, view: TaskView, event: Answered, other: OtherStock, context: Context, after: OtherStock | None
    ) -> Step:
        command = RepointTask(
            **context.stamp(event),
            task=view.task,
            source=view.key,
            target=other.key,
            reservations=tuple(each.reservation for each in view.takes),
        )
        moved = replace(
            view, key=other.key, lot=other.lot, expiry=other.expiry, location_code=other.location_code,
            free_here=other.free - view.quantity,
        )  # fmt: skip
        keep = TakeItem(moved) if after is None else PutInTote(moved, moved.quantity, 0)
        facts = (("lot", other.lot), ("location", other.location_code))
        return Step(Saving(view.batch, Note.REPOINTED, facts, keep), (Run(command),))

    def _taken(self, view: TaskView, got: str) -> Step:
        note = Say(Note.RIGHT_ITEM, {"item": view.sku, "quantity": view.quantity, "got": got})
        return Step(PutInTote(view, view.quantity, 0), (Play(Tone.ACCEPT), note))

    # Into the tote

    def _put_in_tote(self, state: PutInTote, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Scanned():
                return self._scanned_tote(state, event, context)
            case Answered(query=AskTote(container=container), answer=held):
                return self._put(state, event, container, held, context)
            case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
                found = int(argument)
                if found > view.quantity:
                    return refuse(state, Reason.TOO_MANY, wanted=view.quantity, got=found)
                if found <= state.put:
                    return refuse(state, Reason.NOT_A_QUANTITY, quantity=found)
                return Step(replace(state, taken=found), (Play(Tone.ACCEPT),))
            case Pressed(verb=Verb.FULL):
                if decide.next_put(state).fill == NO_ID:
                    return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)
                return Step(SayWhatFits(view, state.taken, state.put), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.UNDO | Verb.NO) if state.put == 0:
                return Step(TakeItem(view), (Play(Tone.ACCEPT), Say(Note.UNDONE)))
            case Pressed(verb=Verb.UNDO):
                return Step(state, (Ask(AskLastDone(context.station, context.actor, view.batch)),))
            case Answered(query=AskLastDone(), answer=done):
                if done is None:
                    return refuse(state, Reason.NOTHING_TO_UNDO)
                return self._undo(state, event, view.batch, context)
            case Pressed(verb=Verb.SHORT) if state.put == 0:
                return Step(AskShortReason(view, view.quantity), (Play(Tone.CAUTION),))
            case Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)
            case _:
                raise Bug(f"{event!r} at the tote")

    def _scanned_tote(self, state: PutInTote, event: Scanned, context: Context) -> Step:
        if not event.candidates:
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        totes, take = event.of(CodeKind.TOTE), decide.next_put(state)
        if not totes:
            got = event.candidates[0]
            if got.kind is CodeKind.ITEM and got.target != state.view.key.item:
                return refuse(
                    state, Reason.WRONG_ITEM, expected=state.view.sku, expected_label=_words(state.view), got=got.code,
                    got_label=got.label,
                )  # fmt: skip
            return refuse(
                state, Reason.WRONG_KIND, expected_kind="tote", expected=take.tote, slot=take.slot, got=got.code
            )
        container = ContainerId(totes[0].target)
        if take.fill != NO_ID and not state.full:
            if container != take.container:
                return refuse(state, Reason.WRONG_TOTE, expected=take.tote, slot=take.slot, got=totes[0].code)
            quantity = decide.put_quantity(state)
            command = decide.pick(state, context.stamp(event), take.fill, container, quantity)
            return self._save_pick(state, command, quantity, totes[0].code)
        return Step(state, (Ask(AskTote(context.site, container)),))

    def _put(
        self, state: PutInTote, event: Answered, container: ContainerId, held: ToteState | None, context: Context
    ) -> Step:
        take = decide.next_put(state)
        if held is not None:
            return refuse(state, Reason.TOTE_IN_USE, order=held.order_number, slot=held.slot)
        quantity = decide.put_quantity(state)
        command = decide.pick(state, context.stamp(event), type(take.fill)(NO_ID), container, quantity)
        return self._save_pick(state, command, quantity, "")

    def _save_pick(self, state: PutInTote, command: Any, quantity: int, tote: str) -> Step:
        view, put = state.view, state.put + quantity
        take = decide.next_put(state)
        facts = (
            ("quantity", quantity), ("item", _words(view)), ("slot", take.slot), ("order", take.order_number),
            ("tote", tote or take.tote),
        )  # fmt: skip
        keep: PutInTote | AskShortReason | None = None
        if put < state.taken:
            keep = PutInTote(_with_fill(view, take.slot, command), state.taken, put)
        elif state.taken < view.quantity:
            keep = AskShortReason(_rest(view, put), view.quantity - put)
        return Step(Saving(view.batch, Note.PUT, facts, keep), (Run(command),))

    def _say_what_fits(self, state: SayWhatFits, event: Event, context: Context) -> Step:
        back = PutInTote(state.view, state.taken, state.put)
        take = decide.next_put(back)
        match event:
            case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
                fits = int(argument)
                if fits >= decide.put_quantity(back):
                    return refuse(state, Reason.TOO_MANY, wanted=decide.put_quantity(back) - 1, got=fits)
                if fits == 0:
                    closing = CloseFill(**context.stamp(event), fill=take.fill)
                    after = replace(back, full=1)
                    return Step(
                        Saving(state.view.batch, Note.TOTE_FULL, (("tote", take.tote),), after), (Run(closing),)
                    )
                command = decide.pick(back, context.stamp(event), take.fill, take.container, fits)
                keep = SayWhatFits(state.view, state.taken, state.put + fits)
                facts = (("quantity", fits), ("tote", take.tote), ("slot", take.slot))
                waiting = Saving(state.view.batch, Note.TOTE_FULL, facts, PutInTote(keep.view, keep.taken, keep.put, 1))
                return Step(waiting, (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(back, (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while a tote is full")

    # What goes otherwise

    def _exception_key(self, state: GoToLocation | TakeItem, event: Pressed, context: Context) -> Step:
        view = state.view
        match event.verb:
            case Verb.SHORT:
                return Step(AskShortReason(view, view.quantity), (Play(Tone.CAUTION),))
            case Verb.DAMAGED:
                if view.quarantine == NO_ID:
                    return refuse(state, Reason.NOT_FOUND, what="quarantine")
                return Step(ConfirmDamaged(view, 1), (Play(Tone.CAUTION),))
            case Verb.CALL:
                command = OpenCase(**context.stamp(event), kind=CaseKind.CALL, subject=view.task)
                return Step(Saving(view.batch, Note.CASE_OPENED, (), state), (Run(command),))
            case _:
                return refuse(state, Reason.COMMAND_NOT_NOW, command=event.verb)

    def _ask_short_reason(self, state: AskShortReason, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Pressed(verb=Verb.QTY, argument=argument) if argument in ("1", "2", "3", "4"):
                reason = decide.SHORT_REASONS[int(argument) - 1]
                command = decide.short(view, context.stamp(event), state.missing, reason)
                facts = (("quantity", state.missing), ("item", view.sku), ("location", view.location_code))
                return Step(Saving(view.batch, Note.SHORTED, facts), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(GoToLocation(view), (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while a reason is asked for")

    def _confirm_damaged(self, state: ConfirmDamaged, event: Event, context: Context) -> Step:
        view = state.view
        match event:
            case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit() and int(argument) > 0:
                if int(argument) > view.quantity:
                    return refuse(state, Reason.TOO_MANY, wanted=view.quantity, got=int(argument))
                return Step(replace(state, quantity=int(argument)), (Play(Tone.ACCEPT),))
            case Pressed(verb=Verb.YES | Verb.CONFIRM):
                command = decide.damaged(view, context.stamp(event), state.quantity)
                facts = (("quantity", state.quantity), ("item", view.sku), ("place", view.quarantine_code))
                return Step(Saving(view.batch, Note.DAMAGED, facts), (Run(command),))
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return Step(GoToLocation(view), (Play(Tone.ACCEPT),))
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned() | Pressed():
                return refuse(state, Reason.COMMAND_NOT_NOW)
            case _:
                raise Bug(f"{event!r} while damage is confirmed")

    def _undo(self, state: State, event: Answered, batch: BatchId, context: Context) -> Step:
        command = decide.undo(event.answer, context.stamp(event))
        return Step(Saving(batch, Note.UNDONE), (Run(command),))

    # After the commit

    def _saving(self, state: Saving, event: Event, context: Context) -> Step:
        match event:
            case Done(result=result):
                effects = (Play(Tone.ACCEPT), Say(state.note, dict(state.facts)))
                if state.note == Note.PAUSED:
                    return Step(state, (*effects, Go("home")))
                if state.keep is not None:
                    return Step(state.keep, effects)
                finished = state.batch if result.get("batch_done") else None
                return self._look(context, *effects, finished=finished)
            case Failed(refusal=refusal):
                # The books say otherwise than the screen: look again.
                return self._look(context, Refuse(refusal))
            case _:
                raise Bug(f"{event!r} while saving")


def _words(view: TaskView) -> str:
    return ", ".join(filter(None, (view.description, view.variant))) or view.sku


def _usable(other: OtherStock, wanted: int, context: Context) -> Refusal | None:
    if is_expired(other.expiry, context.today):
        return Refusal(Reason.EXPIRED, {"expiry": other.expiry, "lot": other.lot})
    if other.held:
        return Refusal(Reason.ON_HOLD, {"lot": other.lot, "location": other.location_code})
    if other.free < wanted:
        return Refusal(Reason.RESERVED_FOR_OTHERS, {"free": max(0, other.free), "wanted": wanted})
    return None


def _with_fill(view: TaskView, slot: int, command: Any) -> TaskView:
    """Return the stop knowing the fill that a put has just opened."""
    takes = tuple(
        replace(each, fill=command.fill, container=command.container) if each.slot == slot else each
        for each in view.takes
    )
    fills = view.fills if command.fill in view.fills else (*view.fills, command.fill)
    return replace(view, takes=takes, fills=fills)


def _rest(view: TaskView, put: int) -> TaskView:
    """Return the stop with only the units that were not put."""
    takes = []
    for each in view.takes:
        here = min(put, each.quantity)
        put -= here
        if here < each.quantity:
            takes.append(replace(each, first=each.first + here, quantity=each.quantity - here))
    return replace(view, takes=tuple(takes))
