"""The office's word about an order, at a station: cancel it, hold it, let it go on.

Whoever may opens it on the order's screen, says why, reads what it means now, and says yes. What is said there is read off
the commands that are run then; where the floor went on in between, the question is asked anew with what it means now.

    LookAtOrder --looked, a reason is wanted--> AskWhy
    LookAtOrder --looked--> ConfirmWish
    AskWhy --answer--> LookAtOrder
    ConfirmWish --YES--> Writing
    Writing --done, another hold--> Writing
    Writing --refused--> LookAtOrder

Everything else leads back to the order's screen, which is home's: NO, what cannot be done, and that it is done.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

from core.kernel.commands import Command
from core.kernel.executor import Done, Failed
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Effect,
    Expect,
    Go,
    Play,
    Pressed,
    Refuse,
    Run,
    Say,
    Start,
    Step,
    Tone,
    Verb,
)
from core.kernel.ids import CommandId, OrderId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.station.home import order_screen
from core.station.questions import Answers, Questions, key, numbered
from core.station.wishes import AskMeant, Meant, Planned, Wish, may


class Planning(Protocol):
    """Where free stock is promised, beside the station; the composition root gives it."""

    def again(self) -> None:
        """Look soon for what can be promised now, and return at once."""


class PlannedElsewhere:
    """Where a site is shared its hub plans it, when it hears of what was done."""

    def again(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class PromiseAgain:
    """What was taken off an order is free for others, and an order that goes on wants its goods."""

    planning: Planning

    def start(self) -> None:
        """Begin."""
        self.planning.again()


@dataclass(frozen=True, slots=True)
class LookAtOrder:
    """What it would mean is looked up."""

    wish: Wish
    order: OrderId


@dataclass(frozen=True, slots=True)
class AskWhy:
    """Why?"""

    meant: Meant


@dataclass(frozen=True, slots=True)
class ConfirmWish:
    """This is what it means: is it wanted?"""

    meant: Meant


@dataclass(frozen=True, slots=True)
class Writing:
    """It is being written."""

    meant: Meant
    left: tuple[Command, ...]
    """What is done after the command that is under way."""


State = LookAtOrder | AskWhy | ConfirmWish | Writing


class OrderFlow(Questions):
    """What is wished of an order, why, and is that what it is to mean?"""

    NAME: ClassVar[str] = "order"
    STATES: ClassVar[Any] = State
    WAITS: ClassVar[tuple[type, ...]] = (LookAtOrder, Writing)

    def __init__(self, planning: Planning | None = None) -> None:
        """Let stock be promised by somebody, where it is promised here."""
        self._planning = planning or PlannedElsewhere()

    def begin(self, argument: str, at: int, cause: CommandId, context: Context) -> Step:
        """Look at an order: the argument is the wish and the order's id in hex."""
        said, _, name = argument.partition(" ")
        if said not in set(Wish):
            return Step(None, (Go("home"),))
        state = LookAtOrder(Wish(said), OrderId(bytes.fromhex(name)))
        if not may(context.roles, state.wish):
            return _back(state, Refuse(Refusal(Reason.NOT_ALLOWED)))
        return _look(state, context)

    def resume(self, state: Any, at: int, cause: CommandId, context: Context) -> Step:
        """Look again at what is asked."""
        match state:
            case AskWhy(meant=meant) | ConfirmWish(meant=meant):
                return _look(LookAtOrder(meant.wish, meant.order), context, meant.reason)
            case LookAtOrder(wish=wish, order=order):
                return self.begin(f"{wish} {order.hex()}", at, cause, context)
            case Writing():
                return _back(state)
            case _:
                return Step(state, (Go("home"),))

    def answers(self, state: Any) -> Answers:
        """Return the reasons."""
        return numbered(state.meant.reasons) if isinstance(state, AskWhy) else {}

    def takes(self, state: Any) -> tuple[Expect, ...]:
        """Return the yes."""
        return (key("YES", "next"),) if isinstance(state, ConfirmWish) else ()

    def chosen(self, state: Any, digit: int, event: Pressed, context: Context) -> Step | None:
        """Say what it means, with the reason that was chosen."""
        if not isinstance(state, AskWhy):
            return None
        meant = state.meant
        asked = _look(LookAtOrder(meant.wish, meant.order), context, meant.reasons[digit - 1])
        return Step(asked.state, (Play(Tone.CAUTION), *asked.effects))

    def pressed(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Plan it once more, and do it where it means what was read."""
        if not isinstance(state, ConfirmWish) or event.verb is not Verb.YES:
            return None
        meant = state.meant
        return Step(state, (Ask(AskMeant(context.site, meant.order, meant.wish, meant.reason)),))

    def back(self, state: Any, event: Pressed, context: Context) -> Step | None:
        """Lead to the order's screen."""
        return _back(state) if isinstance(state, AskWhy | ConfirmWish) else None

    def came(self, state: Any, event: Any, context: Context) -> Step | None:
        """Ask why, say what it means, do it, and lead to the order's screen, which says how it stands then."""
        match state, event:
            case LookAtOrder() | ConfirmWish(), Answered(answer=Refusal() as refusal):
                return _back(state, Refuse(refusal))
            case LookAtOrder(), Answered(answer=Planned(meant=meant)):
                return Step(AskWhy(meant) if meant.reasons and not meant.reason else ConfirmWish(meant))
            case ConfirmWish(meant=meant), Answered(answer=Planned(meant=now, commands=(first, *more))):
                if now != meant:
                    return Step(ConfirmWish(now), (Refuse(Refusal(Reason.CHANGED_MEANWHILE)),))
                return Step(Writing(meant, tuple(more)), (Run(replace(first, **context.stamp(event))),))
            case Writing(meant=meant, left=(first, *more)), Done():
                command = replace(first, **context.stamp_after(event, f"another {len(more)}"))
                return Step(Writing(meant, tuple(more)), (Run(command),))
            case Writing(meant=meant), Done():
                return _back(state, Play(Tone.ACCEPT), _note(meant), Start(PromiseAgain(self._planning)))
            case Writing(meant=meant), Failed(refusal=refusal):
                asked = _look(LookAtOrder(meant.wish, meant.order), context, meant.reason)
                return Step(asked.state, (Refuse(refusal), *asked.effects))
            case _:
                return None


def _look(state: LookAtOrder, context: Context, reason: str = "") -> Step:
    return Step(state, (Ask(AskMeant(context.site, state.order, state.wish, reason)),))


def _back(state: State, *said: Effect) -> Step:
    order = state.order if isinstance(state, LookAtOrder) else state.meant.order
    return Step(state, (*said, order_screen(order)))


_NOTES = {Wish.CANCEL: Note.ORDER_CANCELLED, Wish.HOLD: Note.ORDER_HELD, Wish.LET_GO: Note.HOLD_OVER}


def _note(meant: Meant) -> Say:
    asked = meant.wish is Wish.CANCEL and meant.shared
    return Say(Note.CANCEL_ASKED if asked else _NOTES[meant.wish], {"order": meant.number})
