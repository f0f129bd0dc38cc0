"""Counters of a fulfilment line and its fulfilment, moved together; stages derived from them.

The only code that changes counters. It is total: a line that is gone is left alone, and no counter goes below zero.
"""

from collections.abc import Mapping
from enum import StrEnum

from core.kernel.ids import FulfilmentLineId, SiteId
from core.kernel.uow import UnitOfWork
from core.orders.model import Fulfilment, FulfilmentLine


class Stage(StrEnum):
    """Where a fulfilment stands, the least advanced of its units that still count."""

    CANCELLED = "cancelled"
    SHORT = "short"
    """Nothing of it was found."""
    WAITING = "waiting"
    """Not everything wanted is promised."""
    PROMISED = "promised"
    RELEASED = "released"
    PICKED = "picked"
    PACKED = "packed"
    LOADED = "loaded"


COUNTERS = ("promised", "reserved", "picked", "packed", "loaded", "short", "cancelled")


def wanted(row: Fulfilment | FulfilmentLine) -> int:
    """Return the units that should still leave: ordered less short and cancelled."""
    units = row.units if isinstance(row, Fulfilment) else row.quantity
    return units - row.short - row.cancelled


def stage_of(row: Fulfilment | FulfilmentLine) -> Stage:
    """Return the stage that the counters say."""
    want = wanted(row)
    if want <= 0:
        return Stage.CANCELLED if row.cancelled else Stage.SHORT
    for stage, count in (
        (Stage.LOADED, row.loaded),
        (Stage.PACKED, row.packed),
        (Stage.PICKED, row.picked),
        (Stage.RELEASED, row.reserved),
        (Stage.PROMISED, row.promised),
    ):
        if count >= want:
            return stage
    return Stage.WAITING


def advance(uow: UnitOfWork, site: SiteId, line: FulfilmentLineId, **steps: int) -> FulfilmentLine | None:
    """Add to counters of a line and of its fulfilment.

    Args:
        uow: the command's unit of work.
        site: the line's site.
        line: which line.
        steps: counter name (`promised`, `reserved`, `picked`, `packed`, `loaded`, `short`, `cancelled`) and how many
            units to add, negative to take back.

    Returns:
        The line as it is now; None when it is gone.
    """
    row = uow.get(FulfilmentLine, (site, line))
    if row is None:
        return None
    counts = {name: max(0, getattr(row, name) + step) for name, step in steps.items()}
    moved = {name: count - getattr(row, name) for name, count in counts.items()}
    row = uow.update(row, **counts, open=_open(row, row.quantity, counts))
    head = uow.get(Fulfilment, (site, row.fulfilment))
    if head is not None:
        sums = {name: max(0, getattr(head, name) + step) for name, step in moved.items()}
        uow.update(head, **sums, open=_open(head, head.units, sums))
    return row


def _open(row: Fulfilment | FulfilmentLine, units: int, changed: Mapping[str, int]) -> int:
    """Return 1 while units should still leave, with some counters as they will be."""
    loaded = changed.get("loaded", row.loaded)
    return int(loaded < units - changed.get("short", row.short) - changed.get("cancelled", row.cancelled))
