"""Whatever a picker does, taking it back step by step leads through the very same databases to the first one."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.commands import container_id
from core.kernel.ids import NO_ID, FillId
from core.picking import decide
from core.picking.commands import MarkDamaged, PickUnits, ShortPick
from core.picking.queries import AskLastDone, AskWork
from core.picking.states import PutInTote
from core.picking.views import TaskView
from core.waves.model import BatchKind
from tests.picking.arrange import MUG, RED, Arranged, Take, arranged
from tests.picking.test_commands import stamp, start
from tests.support import PICKER, SITE, STATION

Deed = tuple[str, int]
DEEDS = st.tuples(st.sampled_from(("put", "put", "put", "fill up", "short", "damaged")), st.integers(1, 4))


def ask(it: Arranged, query: Any) -> Any:
    with it.bench.executor.connection.begin():
        return query.run(it.bench.executor.connection)


@settings(max_examples=settings().max_examples // 5)
@given(deeds=st.lists(DEEDS, max_size=9), bulk=st.booleans())
def test_do_and_undo_are_the_identity_at_every_depth(deeds: list[Deed], bulk: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, arranged(Path(folder)) as it:
        it.stock(MUG, "A-01-01", 7)
        it.stock(RED, "A-01-02", 4)
        it.order("101", MUG=3, RED=2)
        it.order("102", MUG=2, RED=2)
        it.release(
            Take("101", MUG, "A-01-01", 3), Take("102", MUG, "A-01-01", 2), Take("101", RED, "A-01-02", 2),
            Take("102", RED, "A-01-02", 2), kind=BatchKind.BULK if bulk else BatchKind.CLUSTER,
        )  # fmt: skip
        it.bench.run(start(it))
        batch, before, done = ask(it, AskWork(SITE, PICKER)).batch, [], []
        for n, deed in enumerate(deeds):
            stop = ask(it, AskWork(SITE, PICKER))
            if not isinstance(stop, TaskView):
                break
            command = do(it, stop, deed, n)
            before.append(it.travels())
            it.bench.run(command)
            it.clean()
            done.append(command)
        for command, earlier in zip(reversed(done), reversed(before), strict=True):
            assert ask(it, AskLastDone(batch)) == command, "the newest that was not taken back"
            it.bench.run(decide.undo(command, stamp(it)))
            assert it.travels() == earlier
            it.clean()
        assert ask(it, AskLastDone(batch)) is None


def do(it: Arranged, stop: TaskView, deed: Deed, n: int) -> PickUnits | ShortPick | MarkDamaged:
    """Return the command of a deed, with no more units than there are."""
    what, much = deed
    if what == "short":
        return decide.short(stop, stamp(it), min(much, stop.quantity), "STOCKOUT", station=STATION)
    if what == "damaged":
        return decide.damaged(stop, stamp(it), min(much, stop.quantity), station=STATION)
    state = PutInTote(stop, stop.quantity, 0)
    take = decide.next_put(state)
    most = decide.put_quantity(state)
    fill, tote = (
        (FillId(NO_ID), container_id(f"TOTE-{n % 9 + 1}")) if take.fill == NO_ID else (take.fill, take.container)
    )
    fills_up = what == "fill up" and much < most
    return decide.pick(state, stamp(it), fill, tote, min(much, most), fills_up=fills_up, station=STATION)
