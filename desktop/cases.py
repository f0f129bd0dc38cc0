"""The inbox of exceptions for whoever decides: what waits, what both versions of an edit were, and what was decided."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.cases.again import edit_again
from core.cases.commands import CloseCase
from core.cases.decisions import Decision
from core.cases.model import RED, Case, CaseState
from core.exchange.report import printable
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.executor import Failed, Work
from core.kernel.ids import NO_ID, CaseId
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Order
from desktop.assembly import Assembly
from desktop.messages import case_words, refusal_words
from desktop.options import AnswerIsNo
from desktop.planning import stamp

SHOWN = 200
"""Cases of one list: the red ones first, then the oldest."""
_NAMED = 8
"""Digits of a case's id by which it is named; more where those of several begin alike."""


def waiting(assembly: Assembly) -> list[dict[str, Any]]:
    """Return the open cases, those that cannot wait first, each with what happened and what to do."""
    with assembly.database.reading() as connection:
        rows = _open(connection, assembly)
        books = UnitOfWork(connection)
        numbers = {row.order: books.get(Order, (row.site, row.order)) for row in rows if row.order != NO_ID}
    digits = _digits([row.id for row in rows])
    shown = sorted(rows, key=lambda row: (row.kind not in RED, row.opened_at))[:SHOWN]
    return [_told(row, digits, numbers.get(row.order)) for row in shown]


def shown(assembly: Assembly, named: str) -> dict[str, Any]:
    """Return all that is known of a case.

    Raises:
        Fault: none that is open begins like that, or several do.
    """
    with assembly.database.reading() as connection:
        row = _named(connection, assembly, named)
        order = UnitOfWork(connection).get(Order, (row.site, row.order))
    return _told(row, len(row.id.hex()), order) | {"facts": codec.parse(row.facts)}


def close(assembly: Assembly, named: str, decision: str) -> dict[str, Any]:
    """Close a case with what was decided.

    Raises:
        Fault: there is none, or nothing was decided.
    """
    if not decision.strip():
        raise Fault("say what was decided")
    with assembly.database.reading() as connection:
        row = _named(connection, assembly, named)
    _run(assembly, CloseCase(**stamp(assembly), case=row.id, decision=decision.strip()))
    return {"case": row.id.hex(), "decision": decision.strip()}


def take(assembly: Assembly, named: str) -> dict[str, Any]:
    """Make the edit that lost once more, over what stands now, and close its case.

    Raises:
        Fault: it is no case of an edit, or its edit cannot be made again.
    """
    with assembly.database.reading() as connection:
        row = _named(connection, assembly, named)
        command = _again(connection, assembly, row)
    _run(assembly, command)
    _run(assembly, CloseCase(**stamp(assembly), case=row.id, decision=Decision.TAKEN.value))
    return {"case": row.id.hex(), "decision": Decision.TAKEN.value, "kind": command.KIND}


def _again(connection: sa.Connection, assembly: Assembly, row: Case) -> Command:
    """Return the edit that a case tells of, on the base of what stands here now."""
    named = f"case {row.id.hex()[:_NAMED]}"
    try:
        command = edit_again(UnitOfWork(connection), row, stamp(assembly))
    except ValueError as e:
        raise Fault(f"{named} has not all of the edit: make it anew where it is made") from e
    if command is None:
        raise Fault(f"{named} is not about an edit: close it with --decision")
    return command


def _run(assembly: Assembly, command: Command) -> None:
    outcome = assembly.writer.submit(Work(command=command)).result()
    if isinstance(outcome, Failed):
        raise AnswerIsNo(refusal_words(outcome.refusal))


def _open(connection: sa.Connection, assembly: Assembly) -> tuple[Case, ...]:
    cases = sql_of(Case)
    query = sa.select(cases).where(cases.c.site == assembly.identity.site, cases.c.state == CaseState.OPEN.value)
    return rows_of(Case, connection.execute(query.order_by(cases.c.opened_at, cases.c.id)))


def _named(connection: sa.Connection, assembly: Assembly, named: str) -> Case:
    found = [row for row in _open(connection, assembly) if named and row.id.hex().endswith(named.lower())]
    if not found:
        raise Fault(f"no open case is called {printable(named)}: `dockside cases list` names them")
    if len(found) > 1:
        raise Fault(f"{len(found)} open cases end with {printable(named)}: say more of its digits")
    return found[0]


def _digits(ids: list[CaseId]) -> int:
    """Return how many of its last digits tell each case from the others; the first ones are the time."""
    return next((n for n in range(_NAMED, 33) if len({each.hex()[-n:] for each in ids}) == len(ids)), 32)


def _told(row: Case, digits: int, order: Order | None) -> dict[str, Any]:
    what, do = case_words(row.kind)
    return {
        "case": row.id.hex()[-digits:], "kind": row.kind.value, "red": row.kind in RED, "opened_at": row.opened_at,
        "order": "" if order is None else order.number, "what": what, "do": do,
    }  # fmt: skip


def in_words(told: dict[str, Any]) -> Iterator[str]:
    """Yield a case as lines of a terminal."""
    order = f" {told['order']}" if told["order"] else ""
    yield f"{told['case']}  {'!' if told['red'] else ' '} {told['what']}{order}"
    yield f"{' ' * len(told['case'])}    {told['do']}"
    for name, value in sorted(told.get("facts", {}).items()):
        yield from (f"    {name}: {line}" for line in str(value).splitlines() or [""])
