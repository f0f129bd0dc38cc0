"""What may be wished of an order at its screen, by whom, and what it would mean now: questions with frozen answers.

Nothing is decided here: what a cancel or a hold means is planned in `core/amending`, as for the command line, and what is
said of it is read off the commands themselves. So the sentence that somebody says yes to is what will be done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from core.amending.commands import CancelOrder
from core.amending.holds import plan_hold, plan_let_go
from core.amending.planner import plan_cancel
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, NO_SESSION, SYSTEM, CommandId, OrderId, SiteId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.progress import Stage, wanted
from core.orders.queries import OrderView, order_view
from core.people.roles import allowed
from core.rights.queries import is_shared
from core.rules.queries import exception_codes
from core.rules.reasons import CANCEL_REASONS, HOLD_REASONS
from core.station.home_queries import OrderSummary

REASONS_SHOWN = 8


class Wish(StrEnum):
    """What the office wants of an order; the name is the context of the site's own reasons for it, too."""

    CANCEL = "cancel"
    HOLD = "hold"
    LET_GO = "let_go"


_COMMANDS: Mapping[Wish, type[Command]] = {
    Wish.CANCEL: CancelOrder,
    Wish.HOLD: HoldOrder,
    Wish.LET_GO: ReleaseHold,
}
_REASONS: Mapping[Wish, tuple[str, ...]] = {Wish.CANCEL: CANCEL_REASONS, Wish.HOLD: HOLD_REASONS, Wish.LET_GO: ()}
"""What is asked for where the site has no reasons of its own; what goes on needs none."""


def may(roles: str, wish: Wish) -> bool:
    """Return whether somebody with these comma-separated roles may wish that."""
    return allowed(roles, _COMMANDS[wish].PERMISSION)


def wishes_of(found: OrderSummary, roles: str) -> tuple[Wish, ...]:
    """Return what somebody with these roles may wish of an order as it stands."""
    if found.cancelled:
        return ()
    waits = found.held or found.changed
    other = Wish.LET_GO if waits else Wish.HOLD
    open_to = (Wish.CANCEL, other) if waits or found.stage != Stage.LOADED else (Wish.CANCEL,)
    return tuple(wish for wish in open_to if may(roles, wish))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A wish, and what it would do now."""

    wish: Wish
    order: OrderId
    number: str
    """The order's."""
    reason: str = ""
    """Empty while none is given."""
    reasons: tuple[str, ...] = ()
    """Those that can be given."""
    cancelled: int = 0
    """Units that are taken off at once."""
    put_back: int = 0
    """Units in totes and parcels, which somebody carries back."""
    late: int = 0
    """Units that have left."""
    here: int = 0
    """Units that have not."""
    shared: bool = False
    """Whether others work at the site: they hear of it when they are connected, and a cancel is a request until the docks have."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A wish with the commands that fulfil it, one after the other, stamped by nobody yet."""

    meant: Meant
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class AskMeant:
    """What would it mean?"""

    site: SiteId
    order: OrderId
    wish: Wish
    reason: str = ""

    def run(self, connection: sa.Connection) -> Planned | Refusal:
        """Return the commands with what they mean, or why there is nothing to do."""
        view = order_view(connection, self.site, self.order)
        if view is None:
            return Refusal(Reason.NOT_FOUND)
        commands = self._commands(connection)
        if isinstance(commands, Refusal):
            return commands
        own = tuple(each.code for each in exception_codes(connection, self.site, self.wish.value))
        meant = Meant(
            wish=self.wish, order=self.order, number=view.order.number, reason=self.reason,
            reasons=(own or _REASONS[self.wish])[:REASONS_SHOWN], here=_here(view),
            shared=is_shared(connection, self.site), **_cut(commands[0]),
        )  # fmt: skip
        return Planned(meant, commands)

    def _commands(self, connection: sa.Connection) -> tuple[Command, ...] | Refusal:
        nobody = Stamp(id=CommandId(NO_ID), site=self.site, at=0, actor=SYSTEM, session=NO_SESSION)
        if self.wish is Wish.LET_GO:
            return plan_let_go(connection, self.site, self.order, nobody)
        plan = plan_cancel if self.wish is Wish.CANCEL else plan_hold
        made = plan(connection, self.site, self.order, self.reason, nobody)
        return made if isinstance(made, Refusal) else (made,)


def _cut(command: Command) -> dict[str, int]:
    """Return what a cancel takes off, asks back and is too late for, in units; nothing for another command."""
    if not isinstance(command, CancelOrder):
        return {}
    back = sum(each.quantity for each in command.put_back)
    return {"cancelled": command.cut.units, "put_back": back, "late": command.late}


def _here(view: OrderView) -> int:
    return sum(wanted(line) - line.loaded for line in view.fulfilment_lines)
