"""What a station kept of itself: the flow's state, the outcome it waits for, the number of its last gesture."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.executor import Done
from core.kernel.flow import Flow
from core.kernel.ids import CommandId, SiteId, StationId
from core.kernel.journal import FlowState, Gesture
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import NO_CHANGES


def stored_state(reader: sa.Connection, station: StationId) -> FlowState | None:
    """Return the flow's state that was committed last; None where nobody has come to a step since signing in."""
    table = sql_of(FlowState)
    found = rows_of(FlowState, reader.execute(sa.select(table).where(table.c.station == station)))
    return found[0] if found else None


def understood(flows: Mapping[str, Flow], stored: FlowState) -> Any:
    """Return the kept state, or None when another version of the program wrote it.

    The work itself is in the tables, so beginning again loses the place on the screen and nothing more.
    """
    flow = flows.get(stored.flow)
    if flow is None or stored.version != flow.VERSION:
        return None
    try:
        return codec.from_text(flow.STATES, stored.state)
    except ValueError:
        return None


def outcome_of(reader: sa.Connection, site: SiteId, command: CommandId) -> Done:
    """Return the outcome of a command in the log, as it was given the first time."""
    log = sql_of(Operation)
    query = sa.select(log.c.device_ms, log.c.result).where(log.c.site == site, log.c.id == command)
    at, result = reader.execute(query).one()
    return Done(command, int(at), NO_CHANGES, codec.parse(result), again=True)


def last_gesture(reader: sa.Connection, station: StationId) -> int:
    """Return the number of the last gesture, 0 before the first."""
    table = sql_of(Gesture)
    return int(
        reader.execute(sa.select(sa.func.max(table.c.number)).where(table.c.station == station)).scalar_one() or 0
    )
