"""Walks that are sent for units that do not lie there any more: what nobody has begun is planned anew from where the goods are.

Somebody carried goods away that were promised meanwhile, or a count found fewer. A walk that no station holds goes back, and
its orders get another one with the units that there are: where the goods were carried to, at another place, or none. One that a
station holds is asked back first. What is begun stays with its picker, who finds the units missing at the shelf and says so: only
the holder's word counts there. (Decision 0058.)
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, BatchId, CommandId, SiteId, derive
from core.kernel.tables import Key, sql_of
from core.rights.commands import RecallWork
from core.rights.model import LeaseState, Stage, WorkLease
from core.stock.model import Balance, Reservation
from core.waves.commands import RecallBatch
from core.waves.model import Batch, BatchState, PickTask
from core.waves.queries import plan_recall, urgency

_WHERE = ("owner", "item", "lot", "serial", "lpn", "location", "condition")


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk that nobody has begun."""

    batch: BatchId
    held: bool
    """Whether a station holds it."""
    asked: bool
    """Whether it was asked back already."""


def uncovered_commands(connection: sa.Connection, site: SiteId, stamp: Stamp) -> Iterator[RecallBatch | RecallWork]:
    """Yield what takes walks back that are sent for units that are not there, as few as cover what is missing.

    Of several those go that no station holds, and of those the least urgent; nothing for what is missing of begun ones.

    Args:
        connection: an open transaction's, the site's turn in hand.
        site: which site.
        stamp: of the commands; their ids follow from its.
    """
    for n, walk in enumerate(_going(_missing(connection, site))):
        base: Stamp = {**stamp, "id": CommandId(derive(stamp["id"], "uncovered", n))}
        if not walk.held:
            made = plan_recall(connection, site, walk.batch, base)
            if isinstance(made, RecallBatch):
                yield made
        elif not walk.asked:
            yield RecallWork(**base, stage=Stage.PICK, work=walk.batch)


def _going(missing: Sequence[tuple[int, Sequence[tuple[_Walk, int]]]]) -> tuple[_Walk, ...]:
    """Return the walks that go back.

    Args:
        missing: for each place the units that are reserved and not there, and the walks that are sent for some of them with
            how many; the one that stays longest last.
    """
    chosen: dict[_Walk, None] = {}
    for units, walks in missing:
        left = units - sum(quantity for walk, quantity in walks if walk in chosen)
        for walk, quantity in walks:
            if left > 0 and walk not in chosen:
                chosen[walk] = None
                left -= quantity
    return tuple(chosen)


def _missing(connection: sa.Connection, site: SiteId) -> list[tuple[int, list[tuple[_Walk, int]]]]:
    """Return where walks are sent for more than there is, with those of them that nobody has begun."""
    held, there, stops = sql_of(Reservation), sql_of(Balance), sql_of(PickTask)
    batches, leases = sql_of(Batch), sql_of(WorkLease)
    lease = (
        leases.c.site == batches.c.site, leases.c.stage == Stage.PICK.value, leases.c.work == batches.c.id,
        leases.c.state.in_((LeaseState.HELD.value, LeaseState.FROZEN.value)),
    )  # fmt: skip
    where = [there.c[name] for name in _WHERE]
    beside = sql_of(Reservation).alias("beside")
    # What is kept beside other walks is promised to nobody: it is there for whoever has no more of his own.
    kept = (
        sa.select(sa.func.coalesce(sa.func.sum(beside.c.quantity), 0))
        .where(
            beside.c.site == there.c.site, beside.c.work == NO_ID, *(beside.c[name] == there.c[name] for name in _WHERE)
        )
        .scalar_subquery()
    )
    beyond = there.c.reserved - there.c.total
    query = (
        sa.select(
            *where, beyond - kept, batches.c.id, held.c.quantity, leases.c.state, leases.c.recalled_at
        )
        .select_from(held)
        .join(there, sa.and_(there.c.site == held.c.site, *(there.c[name] == held.c[name] for name in _WHERE)))
        .join(stops, sa.and_(stops.c.site == held.c.site, stops.c.id == held.c.work))
        .join(batches, sa.and_(batches.c.site == stops.c.site, batches.c.id == stops.c.batch))
        .outerjoin(leases, sa.and_(*lease))
        .where(
            held.c.site == site, held.c.work != NO_ID, beyond > 0, beyond > kept, there.c.signed == 0,
            batches.c.state == BatchState.READY.value, sa.or_(leases.c.state.is_(None), leases.c.state == LeaseState.HELD.value),
        )
        .order_by(leases.c.state.is_(None), *urgency(batches))
    )  # fmt: skip
    units: dict[Key, int] = {}
    walks: dict[Key, dict[_Walk, int]] = defaultdict(lambda: defaultdict(int))
    for *key, lacking, batch, quantity, state, recalled_at in connection.execute(query):
        place = tuple(key)
        units[place] = int(lacking)
        walks[place][_Walk(BatchId(bytes(batch)), state is not None, bool(recalled_at))] += int(quantity)
    return [(units[place], list(some.items())[::-1]) for place, some in sorted(walks.items())]
