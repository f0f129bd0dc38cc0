"""Goods in: what a delivery brought is scanned, counted and laid down, line by line.

Somebody stands at a bench beside a pallet with its paper. The paper's number says which delivery it is, or it is chosen from those
that are waited for. A unit or a carton is scanned; what its item is to be known by (lot, date, serial) is scanned or typed where its
code does not say it. Then they are counted, by scans or by a number, and the place where they are laid is scanned: that
books them. Others may unpack the same delivery: what each has booked stands.

    LookAtDeliveries --looked--> ChooseDelivery
    ChooseDelivery --answer--> LookAtDelivery, LookAtDeliveries
    ChooseDelivery --number--> ScanItem
    LookAtDelivery --looked--> ScanItem, LookAtDeliveries
    ScanItem --item--> SayLot, LookAtLot, ScanSerial, CountUnits
    ScanItem --CONFIRM, all is here--> Saving
    ScanItem --CONFIRM--> ConfirmFinish
    ScanItem --UNDO--> Saving
    ScanItem --NO--> LookAtDeliveries
    SayLot --lot--> LookAtLot
    LookAtLot --looked--> SayExpiry, ScanSerial, CountUnits
    SayExpiry --date--> ScanSerial, CountUnits
    ScanSerial --serial--> CountUnits
    CountUnits --place--> Saving
    SayLot, SayExpiry, ScanSerial, CountUnits --NO--> LookAtDelivery
    ConfirmFinish --YES--> Saving
    ConfirmFinish --NO--> LookAtDelivery
    Saving --done--> LookAtDelivery, LookAtDeliveries
    Saving --refused--> CountUnits, LookAtDelivery

From ChooseDelivery NO leads home.
"""

from dataclasses import replace
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
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
from core.kernel.ids import CommandId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.receiving.commands import FinishDelivery, TakeOutGoods
from core.receiving.counting import count_units
from core.receiving.model import TakeOut
from core.receiving.naming import named, say_expiry, say_lot, scan_serial
from core.receiving.queries import PAGE, AskDeliveries, AskDelivery, AskLine, AskLotDate
from core.receiving.states import (
    ChooseDelivery,
    ConfirmFinish,
    CountUnits,
    Last,
    LookAtDeliveries,
    LookAtDelivery,
    LookAtLot,
    Saving,
    SayExpiry,
    SayLot,
    ScanItem,
    ScanSerial,
    State,
)
from core.receiving.steps import items_said, look_at, not_now, refuse
from core.receiving.views import DeliveryView, Goods, LineView, Said


class ReceiveFlow:
    """One delivery at a time, line by line."""

    NAME: ClassVar[str] = "receive"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = True

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at what is waited for."""
        return _look(context)

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again at what others may have booked meanwhile; units in hand are still in hand."""
        match state:
            case ChooseDelivery(page=page):
                return _look(context, first=page.first)
            case ScanItem(view=view, last=last):
                return look_at(context, view.delivery, last)
            case LookAtDelivery(delivery=delivery, last=last):
                return look_at(context, delivery, last)
            case LookAtLot(view=view):
                return look_at(context, view.delivery)
            case Saving(delivery=delivery):
                return look_at(context, delivery)
            case LookAtDeliveries():
                return _look(context)
            case _:
                return Step(state)

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return what the state takes next."""
        back, back_to = Expect("key", "NO", "back"), Expect("key", "UNDO", "undo")
        match state:
            case ChooseDelivery(page=page):
                names = (*(each.delivery.hex() for each in page.rows), *(("next",) if page.total > PAGE else ()))
                answers = (Expect("key", f"QTY-{n}", f"answer:{name}") for n, name in enumerate(names, 1))
                return (*answers, back)
            case ScanItem(view=view, last=last):
                items = tuple(Expect("item", each.sku, "next") for each in view.shown if each.booked < each.expected)
                return (*items, Expect("key", "CONFIRM", "finish"), *(() if last is None else (back_to,)), back)
            case SayLot():
                return (Expect("lot", "", "next"), back)
            case SayExpiry():
                return (Expect("date", "", "next"), back)
            case ScanSerial():
                return (Expect("serial", "", "next"), back)
            case CountUnits():
                return (Expect("location", "", "next"), back)
            case ConfirmFinish():
                return (Expect("key", "YES", "next"), back)
            case LookAtDeliveries() | LookAtDelivery() | LookAtLot() | Saving():
                return ()

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram.

        Raises:
            Bug: the event cannot happen in this state.
        """
        if isinstance(event, PrintMoved):
            return Step(state)
        if isinstance(event, Weighed):
            return refuse(state, Reason.COMMAND_NOT_NOW)
        match state:
            case LookAtDeliveries():
                return self._look_at_deliveries(state, event)
            case ChooseDelivery():
                return self._choose_delivery(state, event, context)
            case LookAtDelivery():
                return self._look_at_delivery(state, event, context)
            case ScanItem():
                return self._scan_item(state, event, context)
            case SayLot():
                return say_lot(state, event, context)
            case LookAtLot():
                return self._look_at_lot(state, event, context)
            case SayExpiry():
                return say_expiry(state, event, context)
            case ScanSerial():
                return scan_serial(state, event, context)
            case CountUnits():
                return count_units(state, event, context)
            case ConfirmFinish():
                return self._confirm_finish(state, event, context)
            case Saving():
                return self._saving(state, event, context)

    # Which delivery

    def _look_at_deliveries(self, state: LookAtDeliveries, event: Event) -> Step:
        match event:
            case Answered(query=AskDeliveries(), answer=page):
                return Step(ChooseDelivery(page))
            case Scanned() | Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while deliveries are looked up")

    def _choose_delivery(self, state: ChooseDelivery, event: Event, context: Context) -> Step:
        page = state.page
        match event:
            case Scanned():
                return Step(state, (Ask(AskDelivery(context.site, number=event.raw)),))
            case Answered(query=AskDelivery(number=number), answer=None):
                return refuse(state, Reason.NO_DELIVERY, got=number)
            case Answered(query=AskDelivery(), answer=DeliveryView() as view):
                return Step(ScanItem(view), (Play(Tone.ACCEPT), _opened(view)))
            case Pressed(verb=Verb.QTY, argument=argument) if argument.isdigit():
                digit = int(argument)
                if 1 <= digit <= len(page.rows):
                    return look_at(context, page.rows[digit - 1].delivery, None, Play(Tone.ACCEPT))
                if digit == len(page.rows) + 1 and page.total > PAGE:
                    last = page.first + len(page.rows)
                    return _look(context, Play(Tone.ACCEPT), first=last if last < page.total else 0)
                return not_now(state, event)
            case Pressed(verb=Verb.NO):
                return Step(state, (Go("home"),))
            case Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a delivery is chosen")

    def _look_at_delivery(self, state: LookAtDelivery, event: Event, context: Context) -> Step:
        match event:
            case Answered(query=AskDelivery(), answer=DeliveryView() as view):
                return Step(ScanItem(view, state.last))
            case Answered(query=AskDelivery(), answer=None):
                return _look(context, Refuse(Refusal(Reason.WORK_GONE)))
            case Scanned() | Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a delivery is looked up")

    # Which units

    def _scan_item(self, state: ScanItem, event: Event, context: Context) -> Step:
        view, last = state.view, state.last
        match event:
            case Scanned() if event.rejected is not None:
                return refuse(state, event.rejected, got=event.raw)
            case Scanned(candidates=()):
                return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
            case Scanned():
                said = items_said(event)
                if not said:
                    return refuse(
                        state, Reason.WRONG_KIND, expected_kind="item", expected="", got=event.candidates[0].code
                    )
                return Step(state, (Ask(AskLine(context.site, view.delivery, said)),))
            case Answered(query=AskLine(said=said), answer=found):
                return self._found(state, said, found, context)
            case Pressed(verb=Verb.CONFIRM) if view.finished_at == 0 and not view.open_lines:
                return _finish(state, event, context)
            case Pressed(verb=Verb.CONFIRM) if view.finished_at == 0:
                return Step(ConfirmFinish(view), (Play(Tone.CAUTION),))
            case Pressed(verb=Verb.UNDO) if last is not None:
                return _undo(state, last, event, context)
            case Pressed(verb=Verb.UNDO):
                return refuse(state, Reason.NOTHING_TO_UNDO)
            case Pressed(verb=Verb.NO):
                return _look(context, Play(Tone.ACCEPT))
            case Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while an item is asked for")

    def _found(
        self, state: ScanItem, said: tuple[Said, ...], found: tuple[tuple[LineView, Said], ...], context: Context
    ) -> Step:
        if not found:
            return refuse(state, Reason.NOT_ANNOUNCED, got=said[0].code, number=state.view.number)
        if len(found) > 1:
            return refuse(state, Reason.AMBIGUOUS_CODE, got=said[0].code)
        line, of = found[0]
        by_lot = line.by_lot or line.by_date
        goods = Goods(
            quantity=1 if line.by_serial else of.quantity, lot=of.lot if by_lot else "", expiry=of.expiry if line.by_date else "",
            serials=(of.serial,) if line.by_serial and of.serial else (),
        )  # fmt: skip
        return named(state.view, line, goods, context, Play(Tone.ACCEPT), Say(Note.RIGHT_ITEM, {"item": line.sku}))

    def _look_at_lot(self, state: LookAtLot, event: Event, context: Context) -> Step:
        match event:
            case Answered(query=AskLotDate(), answer=expiry):
                goods = replace(state.goods, looked_up=1, expiry=state.goods.expiry or expiry)
                return named(state.view, state.line, goods, context)
            case Scanned() | Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while a lot is looked up")

    # The end

    def _confirm_finish(self, state: ConfirmFinish, event: Event, context: Context) -> Step:
        match event:
            case Pressed(verb=Verb.YES):
                return _finish(ScanItem(state.view), event, context)
            case Pressed(verb=Verb.NO | Verb.UNDO):
                return look_at(context, state.view.delivery, None, Play(Tone.ACCEPT))
            case Scanned() | Pressed():
                return not_now(state, event)
            case _:
                raise Bug(f"{event!r} while it is asked whether a delivery is finished")

    def _saving(self, state: Saving, event: Event, context: Context) -> Step:
        match event:
            case Done():
                effects = (Play(Tone.ACCEPT), Say(state.note, dict(state.facts)))
                if state.note is Note.DELIVERY_FINISHED:
                    return _look(context, Play(Tone.DONE), effects[1])
                return look_at(context, state.delivery, state.last, *effects)
            case Failed(refusal=refusal):
                if isinstance(state.back, CountUnits):
                    return Step(state.back, (Refuse(refusal),))
                return look_at(context, state.delivery, None, Refuse(refusal))
            case _:
                raise Bug(f"{event!r} while saving")


def _look(context: Context, *before: Effect, first: int = 0) -> Step:
    return Step(LookAtDeliveries(), (*before, Ask(AskDeliveries(context.site, first))))


def _opened(view: DeliveryView) -> Say:
    return Say(Note.DELIVERY_OPENED, {"number": view.number})


def _finish(state: ScanItem, event: Pressed, context: Context) -> Step:
    view = state.view
    command = FinishDelivery(**context.stamp(event), delivery=view.delivery)
    facts = (("number", view.number),)
    return Step(Saving(view.delivery, Note.DELIVERY_FINISHED, facts, state), (Run(command),))


def _undo(state: ScanItem, last: Last, event: Pressed, context: Context) -> Step:
    command = TakeOutGoods(
        **context.stamp(event), line=last.line, taken=last.taken, why=TakeOut.UNDONE, case=None
    )  # fmt: skip
    return Step(Saving(state.view.delivery, Note.UNDONE, (), state), (Run(command),))


__all__ = ["ReceiveFlow"]
