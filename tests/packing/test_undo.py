"""Whatever a packer puts in, taking it out again leads through the very same databases to the first one.

And the order that is shown after a unit without a look at the books is the order that a look would show.
"""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.kernel.ids import ParcelId
from core.packing import decide
from core.packing.commands import PackUnits
from core.packing.last_packed import AskLastPacked
from core.packing.views import PackView
from tests.orders.shop import Shop
from tests.packing.arrange import CUP, MILK, MUG, packing_shop, picked
from tests.support import STATION


def counted(view: PackView) -> PackView:
    """Return what changes with the units; which carton is proposed is decided when the order is opened."""
    loose = tuple(sorted(view.loose, key=lambda each: (each.line, each.first)))
    parcel = view.parcel
    if parcel is not None:
        parcel = replace(parcel, contents=tuple(sorted(parcel.contents, key=lambda each: each[0])))
    return replace(view, loose=loose, parcel=parcel, proposed="", boxes=(), totes=())


def ask(it: Shop, query: Any) -> Any:
    with it.connection.begin():
        return query.run(it.connection)


@settings(max_examples=settings().max_examples // 6)
@given(picks=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3)), max_size=8), stop=st.integers(0, 8))
def test_do_and_undo_are_the_identity_at_every_depth(picks: list[tuple[int, int]], stop: int) -> None:
    with tempfile.TemporaryDirectory() as folder, packing_shop(Path(folder)) as it:
        it.stock(MILK, "B-2", 2, lot="L1", expiry="2026-03-01")
        it.stock(MILK, "B-2", 2, lot="L2", expiry="2026-04-01")
        order = picked(it, "o1", (MUG, 3), (CUP, 2), (MILK, 3))
        before, done = [], []
        for which, much in picks:
            view = it.pack_view(order)
            if not view.loose:
                break
            loose = view.loose[which % len(view.loose)]
            units = (decide.unit_of(view, loose, loose.first, min(much, loose.quantity)),)
            command = decide.pack(view, view.boxes[0], it.stamp(), it.context, units)
            before.append(it.travels())
            it.it.run(command)
            it.check()
            done.append(command)
            assert counted(decide.after_pack(view, view.boxes[0], command)) == counted(it.pack_view(order))
        parcel = done[0].parcel if done else ParcelId(bytes(16))
        taken_back = done[-stop:] if stop else []
        for command, earlier in zip(reversed(taken_back), reversed(before[-stop:] if stop else []), strict=True):
            assert ask(it, AskLastPacked(STATION, parcel)) == command, "the newest that was not taken back"
            assert isinstance(command, PackUnits)
            it.it.run(decide.unpack(command, it.stamp()))
            assert it.travels() == earlier
            it.check()
