"""Home: scan anything, and hear what it is, where it belongs and the next legal job.

Between jobs the operator stands at the screen with something in hand, or with nothing. A scan says what it is; if it
begins a job of this person's (a cart, a tote, a dock), the job begins. The one job that waits is one key away.

    Home --scan of a cart, batch--> pick
    Home --scan of a tote--> pack
    Home --scan of a dock--> dispatch
    Home --scan of an item, another location--> ShowStock
    Home --scan of an order--> ShowOrder
    Home --scan of a parcel--> ShowParcel
    Home --scan that means several--> Choose
    Home --CONFIRM--> the waiting job
    Choose --answer--> what was chosen
    ShowOrder --QTY-1--> ShowOrder, the events before
    ShowOrder --QTY-2, QTY-3--> what is wished of it: `amending.py`
    ShowOrder --QTY-4--> what people wrote down about it: `writing.py`
    ShowParcel --REPRINT--> AskReprintReason
    AskReprintReason --answer--> Reprinting
    Reprinting --done--> ShowParcel
    ShowStock, ShowOrder, ShowParcel --scan--> as Home
    ShowStock, ShowOrder, ShowParcel, Choose --NO--> Home
    Home --MENU--> Menu
    ShowStock, ShowOrder, ShowParcel --MENU--> Menu --NO, MENU--> what was shown

The menu itself is `menu.py`.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.catalog.codes import is_label_number
from core.catalog.model import Location, LocationRole
from core.catalog.parcel_codes import parcel_in
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
    Query,
    Refuse,
    Run,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.ids import CommandId, LocationId, OrderId, ParcelId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing.commands import ReprintLabel
from core.people.roles import allowed
from core.printers.commands import REPRINT_LIMIT, REPRINT_REASONS
from core.shipping.queries import AskPlace
from core.station.home_queries import (
    AskHome,
    AskOrder,
    AskParcel,
    AskStock,
    HomeView,
    OrderSummary,
    ParcelSummary,
    StockSummary,
)
from core.station.menu import EVERYWHERE, JOBS, Menu, expected_in_menu, open_menu, pressed_in_menu
from core.station.story import EVENTS_BESIDE_WISHES, EVENTS_SHOWN
from core.station.wishes import Wish, wishes_of


@dataclass(frozen=True, slots=True)
class Home:
    """Scan anything."""

    view: HomeView


@dataclass(frozen=True, slots=True)
class ShowStock:
    """What is where, of an item or at a location."""

    found: StockSummary


@dataclass(frozen=True, slots=True)
class ShowOrder:
    """An order and its story."""

    found: OrderSummary
    back: int = 0
    """Pages back from the end."""
    wishes: tuple[Wish, ...] = ()
    """What whoever looks at it may wish of it as it stands."""

    @property
    def page(self) -> int:
        """Return how many events are shown at once: fewer beside more answers."""
        return EVENTS_BESIDE_WISHES if self.wishes else EVENTS_SHOWN

    @property
    def span(self) -> tuple[int, int]:
        """Return which events are shown: first, and one after the last."""
        last = max(0, len(self.found.events) - self.back * self.page)
        return max(0, last - self.page), last

    def turned(self) -> "ShowOrder":
        """Return the page before; from the first one, the end again."""
        return replace(self, back=self.back + 1 if self.span[0] else 0)


@dataclass(frozen=True, slots=True)
class ShowParcel:
    """A parcel and its label."""

    found: ParcelSummary


@dataclass(frozen=True, slots=True)
class AskReprintReason:
    """Why is the label printed again?"""

    found: ParcelSummary


@dataclass(frozen=True, slots=True)
class Reprinting:
    """The new label is being asked for."""

    found: ParcelSummary


@dataclass(frozen=True, slots=True)
class Choose:
    """The code means several things."""

    raw: str
    candidates: tuple[Candidate, ...]


State = Home | ShowStock | ShowOrder | ShowParcel | AskReprintReason | Reprinting | Choose | Menu

_EMPTY = Home(HomeView())


class HomeFlow:
    """What is this, and what may be done with it?"""

    NAME: ClassVar[str] = "home"
    VERSION: ClassVar[int] = 1
    STATES: ClassVar[Any] = State
    KEEPS: ClassVar[bool] = False
    """Nothing here is worth keeping over a restart, and an order's story holds names."""

    def __init__(self, *, shared: bool = False, others: frozenset[str] = frozenset()) -> None:
        """Stand at a station that is alone, or at one that shares its site and leaves some flows to others."""
        self._shared, self._others = shared, others

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Ask what waits; the argument ``menu FLOW`` opens the menu over that flow, ``order ID`` shows an order."""
        if argument.startswith("menu"):
            return Step(open_menu(argument[5:], context, shared=self._shared, others=self._others))
        if argument.startswith(_ORDER):
            order = OrderId(bytes.fromhex(argument.removeprefix(_ORDER)))
            return Step(_EMPTY, (Ask(AskOrder(context.site, order, context.today, again=True)),))
        return Step(_EMPTY, (Ask(AskHome(context.site, context.station, context.actor, context.roles, self._others)),))

    def resume(self, state: State, at: int, cause: CommandId, context: Context) -> Step:
        """Look again at what is shown; else begin again."""
        asked = _again(state, context)
        return self.begin("", at, cause, context) if asked is None else Step(state, (asked,))

    def handle(self, state: State, event: Event, context: Context) -> Step:
        """Return what an event does; see the diagram."""
        match event:
            case PrintMoved():
                return Step(state)
            case Answered():
                return self._answered(state, event, context)
            case Done() | Failed():
                return self._reprinted(state, event, context)
            case Scanned() if isinstance(state, Choose | AskReprintReason):
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case Scanned():
                return self._scanned(state, event, context)
            case Pressed() if isinstance(state, Menu):
                return pressed_in_menu(state, event)
            case Pressed(verb=Verb.NO):
                return self.begin("", event.at, event.id, context)
            case Pressed():
                return self._pressed(state, event, context)
            case Weighed():
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW)),))
            case _:
                raise Bug(f"{event!r} at home")

    def expects(self, state: State) -> tuple[Expect, ...]:
        """Return the waiting job's key, or the way back."""
        match state:
            case Home(view=view):
                return (Expect("key", "CONFIRM", "next"),) if view.job is not None else ()
            case Menu():
                return expected_in_menu(state)
            case AskReprintReason():
                return tuple(Expect("key", f"QTY-{n}", f"answer:{why}") for n, why in enumerate(REPRINT_REASONS, 1))
            case Choose(candidates=candidates):
                return tuple(Expect("key", f"QTY-{n}", f"answer:{c.kind}") for n, c in enumerate(candidates, 1))
            case ShowParcel():
                return (Expect("key", "NO", "back"), Expect("key", "REPRINT", "reprint"))
            case ShowOrder(wishes=wishes):
                wished = (Expect("key", f"QTY-{WISH_KEYS[each]}", f"answer:{each}") for each in wishes)
                return (Expect("key", "NO", "back"), *wished, Expect("key", f"QTY-{NOTES_KEY}", "answer:note"))
            case _:
                return (Expect("key", "NO", "back"),)

    # Scans

    def _scanned(self, state: State, event: Scanned, context: Context) -> Step:
        label = parcel_in(event.raw) if self._shared and not event.candidates else None
        if label is not None and label.site == context.site:
            # Its bench was not heard since it closed it. Where it is loaded, and into which van, the dock's screen knows.
            return self._opens(state, "dispatch", label.sscc, context, Go("dispatch"))
        if not event.candidates:
            loads = self._shared and _may(context, "dispatch") and "dispatch" not in self._others
            reason = Reason.PARCEL_UNHEARD if loads and is_label_number(event.raw) else event.rejected
            return Step(state, (Refuse(Refusal(reason or Reason.UNKNOWN_CODE, {"got": event.raw})),))
        if event.rejected is not None:
            return Step(state, (Refuse(Refusal(event.rejected, {"got": event.raw})),))
        if len(event.candidates) > 1:
            return Step(Choose(event.raw, event.candidates), (Play(Tone.CAUTION),))
        one = event.candidates[0]
        if one.kind is CodeKind.FILL:
            # What lies in the tote stands in the slip alone.
            return self._opens(state, "pack", one.code, context, Go("pack", f"{event.raw} {one.code}"))
        return self._meant(state, one, context)

    def _meant(self, state: State, one: Candidate, context: Context) -> Step:
        match one.kind:
            case CodeKind.CART | CodeKind.BATCH | CodeKind.TOTE | CodeKind.MANIFEST:
                return self._opens(state, _JOBS[one.kind], one.code, context, Go(_JOBS[one.kind], one.code))
            case CodeKind.PERSON:
                return Step(state, (Go("sign_in", one.code),))
            case CodeKind.LOCATION if _may(context, "dispatch") and "dispatch" not in self._others:
                return Step(state, (Ask(AskPlace(context.site, LocationId(one.target))),))
            case CodeKind.ITEM | CodeKind.LOCATION:
                return Step(state, (Ask(AskStock(context.site, one.kind, one.target, one.code, one.label)),))
            case CodeKind.ORDER:
                return Step(state, (Ask(AskOrder(context.site, OrderId(one.target), context.today)),))
            case CodeKind.PARCEL:
                return Step(state, (Ask(AskParcel(context.site, ParcelId(one.target))),))
            case _:
                return Step(state, (Refuse(Refusal(Reason.WRONG_KIND, {"got": one.code, "got_kind": one.kind})),))

    def _opens(self, state: State, flow: str, code: str, context: Context, go: Go) -> Step:
        """Go to the job that a code names, if it is one of this person's and of this station's."""
        if flow in self._others:
            return Step(state, (Refuse(Refusal(Reason.OTHER_STATIONS, {"got": code})),))
        if _may(context, flow):
            return Step(state, (go,))
        return Step(state, (Refuse(Refusal(Reason.NOT_ALLOWED, {"got": code, "permission": JOBS[flow][0]})),))

    def _answered(self, state: State, event: Answered, context: Context) -> Step:
        match event.answer:
            case Location(role=LocationRole.SHIP) as dock:
                return Step(state, (Go("dispatch", dock.code),))
            case Location() as place:
                return Step(state, (Ask(AskStock(context.site, CodeKind.LOCATION, place.id, place.code, place.code)),))
            case HomeView() as view:
                return Step(Home(view))
            case StockSummary() as stock:
                return Step(ShowStock(stock), _found(event.query, stock.code))
            case OrderSummary() as order:
                back = state.back if isinstance(state, ShowOrder) and _is_again(event.query) else 0
                return Step(ShowOrder(order, back, wishes_of(order, context.roles)), _found(event.query, order.number))
            case ParcelSummary() as parcel:
                return Step(ShowParcel(parcel), _found(event.query, parcel.sscc))
            case None:
                return Step(state, (Refuse(Refusal(Reason.NOT_FOUND)),))
            case _:
                raise Bug(f"{event.answer!r} at home")

    # Keys

    def _pressed(self, state: State, event: Pressed, context: Context) -> Step:
        match state, event.verb:
            case _, Verb.MENU:
                return Step(
                    open_menu("", context, shared=self._shared, others=self._others, over=_again(state, context))
                )
            case _, Verb.HELP | Verb.FIND:
                return Step(state, (EVERYWHERE[event.verb],))
            case Home(view=HomeView(job=job)), Verb.CONFIRM if job is not None:
                return Step(state, (Go(job.flow),))
            case ShowOrder() as shown, Verb.QTY if event.argument == "1" and len(shown.found.events) > shown.page:
                return Step(shown.turned())
            case ShowOrder(found=found, wishes=wishes), Verb.QTY if wish := _wish(event.argument, wishes):
                return Step(state, (Go("order", f"{wish} {found.order.hex()}"),))
            case ShowOrder(found=found), Verb.QTY if event.argument == str(NOTES_KEY):
                return Step(state, (Go("note", f"{_ORDER}{found.order.hex()}"),))
            case ShowParcel(found=found), Verb.REPRINT:
                return Step(AskReprintReason(found))
            case AskReprintReason(found=found), Verb.QTY if _is_one_of(event.argument, len(REPRINT_REASONS)):
                reason = REPRINT_REASONS[int(event.argument) - 1]
                passed = int(REPRINT_LIMIT in context.overridden)
                command = ReprintLabel(**context.stamp(event), parcel=found.parcel, reason=reason, passed=passed)
                return Step(Reprinting(found), (Run(command),))
            case Choose(candidates=candidates), Verb.QTY if _is_one_of(event.argument, len(candidates)):
                return self._meant(state, candidates[int(event.argument) - 1], context)
            case _:
                return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": event.verb})),))

    def _reprinted(self, state: State, event: Done | Failed, context: Context) -> Step:
        if not isinstance(state, Reprinting):
            raise Bug(f"{event!r} at home")
        match event:
            case Failed(refusal=refusal):
                return Step(ShowParcel(state.found), (Refuse(refusal),))
            case Done():
                effects = (
                    Play(Tone.ACCEPT),
                    Say(Note.REPRINTING, {"label": state.found.sscc}),
                    Ask(AskParcel(context.site, state.found.parcel, again=True)),
                )
                return Step(ShowParcel(state.found), effects)


_JOBS = {
    CodeKind.CART: "pick", CodeKind.BATCH: "pick", CodeKind.TOTE: "pack",
    CodeKind.MANIFEST: "dispatch",
}  # fmt: skip
"""What a code begins, for those whose job it is."""


_ORDER = "order "
"""What the argument begins with that shows an order."""
WISH_KEYS = {Wish.CANCEL: 2, Wish.HOLD: 3, Wish.LET_GO: 3}
"""The digit of each wish: it stays the same whether or not there are events before those that are shown."""
NOTES_KEY = 4
"""The digit that leads to what people wrote down about an order."""


def _again(state: State, context: Context) -> Ask | None:
    """Return what shows again what was looked up; None where nothing was."""
    match state:
        case ShowOrder(found=order):
            return Ask(AskOrder(context.site, order.order, context.today, again=True))
        case ShowParcel(found=parcel):
            return Ask(AskParcel(context.site, parcel.parcel, again=True))
        case ShowStock(found=stock):
            return Ask(AskStock(context.site, stock.kind, stock.target, stock.code, stock.title, again=True))
        case _:
            return None


def _found(query: Query, what: str) -> tuple[Effect, ...]:
    """Return what is said of something that was looked up: nothing where it is only shown again."""
    return () if _is_again(query) else (Play(Tone.ACCEPT), Say(Note.LOOKED_UP, {"what": what}))


def _is_again(query: Query) -> bool:
    return isinstance(query, AskOrder | AskParcel | AskStock) and query.again


def order_screen(order: OrderId) -> Go:
    """Return the way to an order's screen, from wherever something was done with it."""
    return Go("home", f"{_ORDER}{order.hex()}")


def _wish(digit: str, wishes: tuple[Wish, ...]) -> Wish | None:
    return next((each for each in wishes if str(WISH_KEYS[each]) == digit), None)


def _may(context: Context, flow: str) -> bool:
    return any(allowed(context.roles, each) for each in JOBS[flow])


def _is_one_of(argument: str, count: int) -> bool:
    return argument.isdigit() and 1 <= int(argument) <= count
