"""The office's word about an order, by command: cancel, change, hold. What it means on the floor is decided where the order is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.amending.holds import plan_hold, plan_let_go
from core.amending.planner import OrderChange, plan_cancel, plan_change
from core.exchange.report import printable
from core.kernel.commands import Command
from core.kernel.executor import Done, Failed, Work
from core.kernel.ids import OrderLineId
from core.kernel.refusal import Fault, Refusal
from core.orders.model import Order, PartialPolicy, PaymentState
from core.orders.queries import OrderView, order_view, orders_by_number
from desktop.assembly import Assembly
from desktop.messages import refusal_words
from desktop.options import AnswerIsNo
from desktop.planning import promise, stamp


def found(connection: sa.Connection, assembly: Assembly, number: str, channel: str) -> OrderView:
    """Return the order that people call by a number.

    Raises:
        Fault: there is none, or several channels have one.
    """
    orders = [
        each
        for each in orders_by_number(connection, assembly.identity.site, number.strip())
        if channel in ("", each.channel)
    ]
    if not orders:
        raise Fault(f"there is no order {printable(number)}" + (f" of {printable(channel)}" if channel else ""))
    if len(orders) > 1:
        raise Fault(f"{', '.join(each.channel for each in orders)} have an order {printable(number)}: say --channel")
    view = order_view(connection, orders[0].site, orders[0].id)
    if view is None:
        raise Fault(f"order {printable(number)} is gone")
    return view


def cancel(assembly: Assembly, number: str, channel: str, reason: str) -> dict[str, Any]:
    """Cancel what can be cancelled of an order, and say what became of the rest.

    Raises:
        Fault: nothing of it can be.
    """
    with assembly.database.reading() as connection:
        order = found(connection, assembly, number, channel).order
        command = plan_cancel(connection, order.site, order.id, reason, stamp(assembly))
    if isinstance(command, Refusal):
        raise AnswerIsNo(refusal_words(command))
    done = _run(assembly, command)
    _plan_again(assembly)
    return {
        "order": order.number, "channel": order.channel, "cancelled": command.cut.units,
        "put_back": sum(each.quantity for each in command.put_back), "too_late": command.late,
        "paper": str(done.result.get("paper", "")),
    }  # fmt: skip


def change(
    assembly: Assembly, number: str, channel: str, wanted: OrderChange, quantities: Mapping[int, int]
) -> dict[str, Any]:
    """Change an order at whatever stage it is.

    Args:
        assembly: the station.
        number: what people call the order by.
        channel: whose order it is, where several have that number.
        wanted: what is to be otherwise, but for quantities.
        quantities: units still wanted, by the number of the line.

    Raises:
        Fault: there is no such line, or nothing can be changed any more.
    """
    with assembly.database.reading() as connection:
        view = found(connection, assembly, number, channel)
        lines = {line.number: line.id for line in view.lines}
        unknown = [line for line in quantities if line not in lines]
        if unknown:
            raise Fault(f"order {view.order.number} has no line {unknown[0]}: it has {_numbers(list(lines))}")
        wished: dict[OrderLineId, int] = {lines[line]: units for line, units in quantities.items()}
        with_lines = OrderChange(
            **{name: getattr(wanted, name) for name in wanted.__slots__ if name != "quantities"}, quantities=wished
        )
        command = plan_change(connection, view.order.site, view.order.id, with_lines, stamp(assembly))
    if isinstance(command, Refusal):
        raise AnswerIsNo(refusal_words(command))
    _run(assembly, command)
    _plan_again(assembly)
    return {
        "order": view.order.number, "channel": view.order.channel, "cancelled": command.cut.units,
        "raised": len(command.raises), "stopped": len(command.stops), "too_late": command.late,
    }  # fmt: skip


def hold(assembly: Assembly, number: str, channel: str, reason: str, note: str) -> dict[str, Any]:
    """Let an order wait: nothing more of it is promised, released, packed or loaded.

    Raises:
        Fault: it cannot be held.
    """
    with assembly.database.reading() as connection:
        view = found(connection, assembly, number, channel)
        command = plan_hold(connection, view.order.site, view.order.id, reason, stamp(assembly), note=note)
    if isinstance(command, Refusal):
        raise AnswerIsNo(refusal_words(command))
    _run(assembly, command)
    return _held(view.order, 1 + sum(not each.released_at for each in view.holds))


def let_go(assembly: Assembly, number: str, channel: str) -> dict[str, Any]:
    """End every hold of an order.

    Raises:
        Fault: nothing holds it.
    """
    with assembly.database.reading() as connection:
        view = found(connection, assembly, number, channel)
        commands = plan_let_go(connection, view.order.site, view.order.id, stamp(assembly))
    if isinstance(commands, Refusal):
        raise AnswerIsNo(refusal_words(commands))
    for each in commands:
        _run(assembly, each)
    _plan_again(assembly)
    return _held(view.order, 0)


def instant(assembly: Assembly, text: str) -> int:
    """Return an instant that was said in the site's time, UTC milliseconds.

    Raises:
        Fault: it is none.
    """
    with assembly.database.reading() as connection:
        zone = assembly.zone(connection)
    try:
        said = datetime.fromisoformat(text.strip())
        aware = said if said.tzinfo is not None else said.replace(tzinfo=ZoneInfo(zone))
        at = int(aware.timestamp() * 1000)
    except (ValueError, OverflowError) as e:
        raise Fault(f"{printable(text)} is no time: write 2026-01-31T17:30") from e
    if at <= 0:
        raise Fault(f"{printable(text)} is no time of a working day")
    return at


def quantities_of(said: Sequence[str]) -> dict[int, int]:
    """Return units by line number, said as `LINE=UNITS`.

    Raises:
        Fault: something is said otherwise, or a line twice.
    """
    wished: dict[int, int] = {}
    for each in said:
        line, equals, units = each.partition("=")
        plain = [part.strip() for part in (line, units)]
        if not equals or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in plain):
            raise Fault(f"{printable(each)} is no quantity: write LINE=UNITS, such as 2=5")
        number = int(plain[0])
        if number in wished:
            raise Fault(f"line {number} is named twice")
        wished[number] = int(plain[1])
    return wished


def payment_of(paid: bool | None) -> PaymentState | None:
    """Return what is said of the money."""
    return None if paid is None else PaymentState.PAID if paid else PaymentState.UNPAID


def partial_of(whole: bool | None) -> PartialPolicy | None:
    """Return what is said of sending parts."""
    return None if whole is None else PartialPolicy.WHOLE if whole else PartialPolicy.PARTIAL


def _held(order: Order, holds: int) -> dict[str, Any]:
    return {"order": order.number, "channel": order.channel, "holds": holds}


def _numbers(lines: list[int]) -> str:
    return ", ".join(map(str, sorted(lines)))


def _plan_again(assembly: Assembly) -> None:
    """Promise what is free now; where the site is shared, its hub does that when it hears of what was done."""
    if assembly.membership is None:
        promise(assembly)


def _run(assembly: Assembly, command: Command) -> Done:
    outcome = assembly.writer.submit(Work(command=command)).result()
    if isinstance(outcome, Failed):
        raise AnswerIsNo(refusal_words(outcome.refusal))
    return outcome
