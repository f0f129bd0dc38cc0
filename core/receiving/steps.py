"""Steps that several states of goods in share."""

from core.kernel.flow import Ask, CodeKind, Context, Effect, Pressed, Refuse, Scanned, Step
from core.kernel.ids import DeliveryId, ItemId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.receiving.queries import AskDelivery
from core.receiving.states import Last, LookAtDelivery, State
from core.receiving.views import Said


def refuse(state: State, reason: Reason, **facts: str | int) -> Step:
    """Return the step that says no and changes nothing."""
    return Step(state, (Refuse(Refusal(reason, facts)),))


def not_now(state: State, event: Scanned | Pressed) -> Step:
    """Return the step that refuses what is no answer here; an unknown code is said to be one."""
    match event:
        case Scanned(candidates=()):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        case Scanned():
            return refuse(state, Reason.COMMAND_NOT_NOW, got=event.candidates[0].code)
        case Pressed(verb=verb):
            return refuse(state, Reason.COMMAND_NOT_NOW, command=verb)


def look_at(context: Context, delivery: DeliveryId, last: Last | None = None, *before: Effect) -> Step:
    """Return the step that looks a delivery up again: what others booked of it counts."""
    return Step(LookAtDelivery(delivery, last), (*before, Ask(AskDelivery(context.site, delivery))))


def items_said(event: Scanned) -> tuple[Said, ...]:
    """Return the items that a scan names, each with what its code says of the units."""
    return tuple(
        Said(ItemId(each.target), each.code, each.lot, each.expiry, each.serial, each.quantity)
        for each in event.of(CodeKind.ITEM)
    )
