"""Moving: goods of a place, or a tote as a whole, are carried elsewhere, and the books hear where to.

Somebody empties a pallet into a shelf, fills a shelf from reserve, pushes a tote aside. The place is scanned, then what is
taken from it and how many, and where that is put; or the tote, and where it stands now. Nothing is booked before it lies
there: until then whoever carries it has it in hand, and the books have it where it was.

    ScanSource --looked--> ChooseGoods, PutTote
    ChooseGoods --scan of an item, lot or serial, answer--> PutGoods
    ChooseGoods --scan of a tote--> PutTote
    PutGoods --number--> PutGoods
    PutGoods, PutTote --scan of a place--> Moving
    ScanSource --UNDO--> Moving
    Moving --done--> ScanSource
    Moving --failed--> PutGoods, PutTote, ScanSource
    PutGoods --NO--> ChooseGoods
    ChooseGoods, PutTote --NO--> ScanSource

From ScanSource NO leads home. Several lots of an item at a place are told apart by the next scan, or by an answer.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Candidate,
    CodeKind,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    Query,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import NO_ID, CommandId, ContainerId, ItemId, LocationId, LotId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.people.roles import allowed
from core.picking.commands import MoveTote
from core.station.menu import JOBS
from core.station.moving_queries import (
    LINES_MOST,
    AskGoods,
    AskMove,
    AskToteMove,
    AskToteStands,
    Goods,
    GoodsAt,
    Named,
    ToteStands,
)
from core.station.questions import Answers, Questions, key, numbered
from core.stock.moving import MoveStock

SHOWN = 6
"""Goods of a place that have a digit; the others are scanned."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved last, and the question that leads to its way back."""

    what: str
    quantity: int
    """0 for a tote."""
    source: str
    """Empty where nobody had said where the tote stood: then it has no way back."""
    target: str
    back: Query | None


@dataclass(frozen=True, slots=True)
class ScanSource:
    """From where is something taken, or which tote is carried?"""

    last: Moved | None = None


@dataclass(frozen=True, slots=True)
class ChooseGoods:
    """What is taken?"""

    there: GoodsAt
    among: tuple[Goods, ...]
    """What it may still be: all that is free there, or what the scans so far leave."""


@dataclass(frozen=True, slots=True)
class PutGoods:
    """Where are they put?"""

    there: GoodsAt
    goods: Goods
    typed: str = ""
    """Digits that were typed; none for all that is free."""

    @property
    def quantity(self) -> int:
        """Return how many are taken."""
        return int(self.typed) if self.typed else self.goods.free


@dataclass(frozen=True, slots=True)
class PutTote:
    """Where is the tote put down?"""

    tote: ToteStands


@dataclass(frozen=True, slots=True)
class Moving:
    """It is being written."""

    back: "ScanSource | PutGoods | PutTote"
    """The step that a refusal leads back to."""
    moved: Moved | None
    """What was moved, once it is; None for the way back."""


State = ScanSource | ChooseGoods | PutGoods | PutTote | Moving


class MoveFlow(Questions):
    """From where, what, how many, and where to?"""

    NAME: ClassVar[str] = "move"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (Moving,)

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask for a place or a tote."""
        if not any(allowed(context.roles, each) for each in JOBS[self.NAME]):
            return Step(ScanSource(), (Refuse(Refusal(Reason.NOT_ALLOWED)), Go("home")))
        return Step(ScanSource())

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Go on with what is in hand; what lies at a place is looked at again."""
        match state:
            case ChooseGoods(there=there):
                return Step(ScanSource(), (Ask(AskGoods(context.site, there.place, there.code)),))
            case PutGoods() | PutTote() | ScanSource():
                return Step(state)
            case _:
                return self.begin("", at, cause, context)

    def answers(self, state: Any) -> Answers:
        """Return the first of what may be taken."""
        return numbered(each.sku for each in state.among[:SHOWN]) if isinstance(state, ChooseGoods) else {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return what is scanned."""
        match state:
            case ScanSource(last=last):
                undo = (key("UNDO", "undo"),) if last is not None and last.back is not None else ()
                return (Expect("location", "", "next"), Expect("tote", "", "next"), *undo)
            case ChooseGoods():
                return (Expect("item", "", "next"),)
            case PutGoods(typed=typed) if typed:
                return (Expect("location", "", "next"), key("UNDO", "undo"))
            case _:
                return (Expect("location", "", "next"),)

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Take goods."""
        return _taken(state.there, state.among[digit - 1]) if isinstance(state, ChooseGoods) else None

    def counted(self, state: Any, event: Pressed) -> Step | None:
        """Take so many of them, digit by digit."""
        return _number(state, event.behind(state.typed)) if isinstance(state, PutGoods) else None

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Carry back what was moved last; take all of what is there again."""
        match state, event.verb:
            case PutGoods(typed=typed), Verb.UNDO if typed:
                return Step(replace(state, typed=""), (Play(Tone.ACCEPT),))
            case ScanSource(last=Moved(back=query)), Verb.UNDO if query is not None:
                return Step(state, (Ask(query),))
            case ScanSource(), Verb.UNDO:
                return Step(state, (Refuse(Refusal(Reason.NOTHING_TO_UNDO)),))
            case _:
                return None

    def scanned(self, state: Any, event: Scanned, context: Context) -> Step | None:
        """Take what was scanned as the place, the goods, the number or the target that is asked for."""
        if isinstance(state, PutGoods) and event.typed and event.raw.isdecimal():
            return _number(state, event.raw)
        if event.rejected is not None or not event.candidates:
            return _narrowed(state, event) or _beyond(state, event, context) or _unknown(state, event)
        match state:
            case ScanSource():
                return _source(state, event, context)
            case ChooseGoods():
                return _narrowed(state, event) or _beyond(state, event, context) or _source(state, event, context)
            case PutGoods(goods=goods):
                return _target(state, event, goods.key.location, context)
            case PutTote(tote=tote):
                return _target(state, event, tote.place, context)
            case _:
                return None

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Show what may be taken, write what was moved, and say so."""
        match state, event:
            case ChooseGoods(), Answered(query=AskGoods(named=Named() as named), answer=GoodsAt(goods=found)):
                return _among(state, found) or Step(state, (_nothing(state, named.got),))
            case ScanSource() | ChooseGoods(), Answered(answer=GoodsAt() as there):
                if not there.goods:
                    return Step(ScanSource(), (Refuse(Refusal(Reason.NOTHING_TO_MOVE, {"location": there.code})),))
                return Step(ChooseGoods(there, there.goods), _right(Note.RIGHT_PLACE, location=there.code))
            case ScanSource() | ChooseGoods(), Answered(answer=ToteStands() as tote):
                return Step(PutTote(tote), _right(Note.LOOKED_UP, what=tote.code))
            case ScanSource(), Answered(answer=MoveStock() | MoveTote() as made):
                return Step(Moving(state, None), (Run(replace(made, **context.stamp(event))),))
            case PutGoods() | PutTote(), Answered(query=AskMove() | AskToteMove() as asked, answer=made):
                return Step(Moving(state, _moved(state, asked)), (Run(replace(made, **context.stamp(event))),))
            case Moving(moved=None), Done():
                return Step(ScanSource(), (Play(Tone.ACCEPT), Say(Note.UNDONE)))
            case Moving(moved=Moved() as moved), Done():
                return Step(ScanSource(moved), (Play(Tone.ACCEPT), _said(moved)))
            case Moving(back=before), Failed(refusal=refusal):
                return Step(before, (Refuse(refusal),))
            case _:
                return None

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Lead one step back, and home from the first: nothing was booked yet."""
        match state:
            case PutGoods(there=there):
                return Step(ChooseGoods(there, there.goods), (Play(Tone.ACCEPT),))
            case ChooseGoods() | PutTote():
                return Step(ScanSource(), (Play(Tone.ACCEPT),))
            case _:
                return Step(state, (Go("home"),))


def _source(state: ScanSource | ChooseGoods, event: Scanned, context: Context) -> Step:
    """Look at what lies at a place, or where a tote stands."""
    for one in event.candidates:
        match one.kind:
            case CodeKind.LOCATION:
                return Step(state, (Ask(AskGoods(context.site, LocationId(one.target), one.code)),))
            case CodeKind.TOTE:
                return Step(state, (Ask(AskToteStands(context.site, ContainerId(one.target), one.code)),))
            case CodeKind.ITEM if isinstance(state, ChooseGoods):
                return Step(state, (_nothing(state, one.code),))
            case _:
                pass
    return _wrong(state, event, CodeKind.ITEM if isinstance(state, ChooseGoods) else CodeKind.LOCATION)


def _narrowed(state: Any, event: Scanned) -> Step | None:
    """Return the step of goods that a scan names: taken where they are told apart by it, fewer to choose from where not."""
    if not isinstance(state, ChooseGoods):
        return None
    return _among(state, tuple(each for each in state.among if _names(each, event)))


def _among(state: ChooseGoods, among: tuple[Goods, ...]) -> Step | None:
    if not among:
        return None
    return (
        _taken(state.there, among[0]) if len(among) == 1 else Step(replace(state, among=among), (Play(Tone.CAUTION),))
    )


def _beyond(state: Any, event: Scanned, context: Context) -> Step | None:
    """Return the step that asks for what a scan names where more lies at the place than is listed."""
    if not isinstance(state, ChooseGoods) or len(state.there.goods) < LINES_MOST or event.rejected is not None:
        return None
    there, one = state.there, next(iter(event.of(CodeKind.ITEM, CodeKind.LOT)), None)
    if event.candidates and one is None:
        return None
    named = Named(event.raw, serial=event.raw)
    if one is not None:
        named = (
            Named(one.code, lot=LotId(one.target)) if one.kind is CodeKind.LOT
            else Named(one.code, ItemId(one.target), one.serial, lot_code=one.lot)
        )  # fmt: skip
    return Step(state, (Ask(AskGoods(context.site, there.place, there.code, named)),))


def _nothing(state: ChooseGoods, got: str) -> Refuse:
    return Refuse(Refusal(Reason.NOTHING_TO_MOVE, {"location": state.there.code, "got": got}))


def _unknown(state: State, event: Scanned) -> Step:
    return Step(state, (Refuse(Refusal(event.rejected or Reason.UNKNOWN_CODE, {"got": event.raw})),))


def _names(goods: Goods, event: Scanned) -> bool:
    """Return whether a scan names these goods: by item with what else it says, by lot, or by serial."""
    if goods.key.serial and event.raw == goods.key.serial:
        return True
    return any(_is(goods, each) for each in event.of(CodeKind.ITEM, CodeKind.LOT))


def _is(goods: Goods, one: Candidate) -> bool:
    if one.kind is CodeKind.LOT:
        return bool(goods.lot) and one.target == goods.key.lot
    same = one.target == goods.key.item
    return same and one.lot in ("", goods.lot) and one.serial in ("", goods.key.serial)


def _number(state: PutGoods, digits: str) -> Step:
    """Return the step of a number that was typed: so many are taken."""
    units, free = int(digits), state.goods.free
    if not units:
        return Step(state, (Refuse(Refusal(Reason.NOT_A_QUANTITY, {"quantity": units})),))
    if units > free:
        return Step(state, (Refuse(Refusal(Reason.TOO_MANY, {"wanted": free, "got": units})),))
    return Step(replace(state, typed=str(units)), (Play(Tone.ACCEPT),))


def _target(state: PutGoods | PutTote, event: Scanned, now: LocationId, context: Context) -> Step:
    """Ask for the move to the place that was scanned."""
    places = event.of(CodeKind.LOCATION)
    if not places:
        return _wrong(state, event, CodeKind.LOCATION)
    target = LocationId(places[0].target)
    if target == now:
        return Step(state, (Refuse(Refusal(Reason.LIES_THERE, {"location": places[0].code})),))
    code = places[0].code
    if isinstance(state, PutGoods):
        return Step(state, (Ask(AskMove(context.site, state.goods.key, state.quantity, target, code)),))
    tote = state.tote
    return Step(state, (Ask(AskToteMove(context.site, tote.container, tote.fill, tote.order, target, code)),))


def _moved(state: PutGoods | PutTote, asked: AskMove | AskToteMove) -> Moved:
    """Return what is moved by this, and what would carry it back."""
    match state, asked:
        case PutGoods(there=there, goods=goods), AskMove():
            back = replace(
                asked, source=replace(asked.source, location=asked.target), target=there.place, code=there.code
            )
            return Moved(goods.sku, asked.quantity, there.code, asked.code, back)
        case PutTote(tote=tote), AskToteMove():
            known = tote.place != NO_ID
            return Moved(
                tote.code, 0, tote.place_code, asked.code,
                replace(asked, place=tote.place, code=tote.place_code) if known else None,
            )  # fmt: skip
        case _:
            raise Bug(f"{asked!r} in {type(state).__name__}")


def _said(moved: Moved) -> Say:
    if not moved.quantity:
        return Say(Note.TOTE_MOVED, {"tote": moved.what, "location": moved.target})
    return Say(Note.MOVED, {"quantity": moved.quantity, "item": moved.what, "location": moved.target})


def _right(note: Note, **facts: str | int) -> tuple[Effect, ...]:
    return Play(Tone.ACCEPT), Say(note, facts)


def _wrong(state: State, event: Scanned, wanted: CodeKind) -> Step:
    facts = {"expected_kind": wanted.value, "expected": "", "got": event.candidates[0].code}
    return Step(state, (Refuse(Refusal(Reason.WRONG_KIND, facts)),))


def _taken(there: GoodsAt, goods: Goods) -> Step:
    return Step(PutGoods(there, goods), _right(Note.RIGHT_ITEM, item=goods.sku, quantity=goods.free))
