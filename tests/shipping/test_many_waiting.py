"""A look at the dock costs little however many parcels wait there: counted out of an index, and a few of them read."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from core.kernel.ids import NO_ID, LocationId, ParcelId
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, Order
from core.packing.model import LabelState, Parcel
from core.shipping.queries import LABELS_SHOWN, AskDock
from core.shipping.views import DockView
from tests.orders.shop import Shop
from tests.shipping.arrange import parcel
from tests.support import NOON, SITE, STATION

FEW, MANY = 500, 5_000
CARRIERS = ("DHL", "HOUSE", "POST")


def crowd(it: Shop, first: int, count: int) -> None:
    """Let so many more parcels of orders of their own wait, every third without its label scanned back."""
    (packed, *_) = it.it.all(Parcel)
    part, order = it.it.need(Fulfilment, packed.fulfilment), it.it.need(Order, packed.order)
    rows: list[Any] = []
    for n in range(first, first + count):
        own = n.to_bytes(16, "big")
        carrier = CARRIERS[n % len(CARRIERS)]
        rows.append(replace(order, id=own, external_id=f"many {n}", number=f"many {n}"))
        rows.append(replace(part, id=own, order=own, carrier=carrier, cut_off_at=NOON + n % 7 + 1, open=1))
        rows.append(
            replace(
                packed, id=ParcelId(own), order=own, fulfilment=own, carrier=carrier, sscc=f"{n:018d}", closed_at=NOON + n,
                label=LabelState.NONE if n % 5 == 0 else LabelState.APPLIED,
            )
        )  # fmt: skip
    it.it.seed(*rows)


def looked(it: Shop, labels: int) -> tuple[DockView, int, list[str]]:
    """Return the dock, the steps of SQLite's machine, and the statements that were sent."""
    reader = it.it.database.reader()
    query = AskDock(SITE, STATION, LocationId(NO_ID), labels)
    query.run(reader)  # statements are prepared once
    steps = 0
    sent: list[str] = []

    def step() -> int:
        nonlocal steps
        steps += 10
        return 0

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(reader.engine, "before_cursor_execute", note)
    machine = reader.connection.driver_connection
    assert machine is not None
    machine.set_progress_handler(step, 10)
    view = query.run(reader)
    machine.set_progress_handler(None, 10)
    sa.event.remove(reader.engine, "before_cursor_execute", note)
    reader.close()
    return view, steps, sent


@pytest.mark.parametrize("labels", [1, 0], ids=["labelled only", "any"])
def test_a_look_at_the_dock_reads_a_few_parcels_however_many_wait(it: Shop, labels: int) -> None:
    parcel(it, "o1")
    crowd(it, 1, FEW)
    few, cheap, sent_few = looked(it, labels)
    crowd(it, FEW + 1, MANY - FEW)

    many, dear, sent = looked(it, labels)

    assert sum(load.waiting for load in few.loads) == FEW + 1
    assert {load.carrier: load.waiting for load in many.loads} == {"DHL": 1666, "HOUSE": 1668, "POST": 1667}
    assert {load.carrier: load.unlabelled for load in many.loads} == {"DHL": 333, "HOUSE": 333, "POST": 334}
    assert {load.cut_off_at for load in many.loads} == {NOON + 1}
    assert [len(load.next_labels) for load in many.loads] == [LABELS_SHOWN] * 3
    assert len(sent) == len(sent_few) == 4
    # A parcel more is one more entry of an index that is counted: some steps of the machine, no row of a table.
    assert (dear - cheap) / (MANY - FEW) < 20


def test_the_next_labels_are_the_oldest_that_may_go(it: Shop) -> None:
    parcel(it, "o1")
    crowd(it, 1, 60)

    view, _, _ = looked(it, 1)

    ours = next(load for load in view.loads if load.carrier == "DHL")
    assert [int(each) for each in ours.next_labels] == [3, 6, 9, 12, 18], "15 is without its label"


def test_counting_what_waits_touches_no_table(it: Shop) -> None:
    parcel(it, "o1")
    p = sql_of(Parcel)
    with it.it.database.reading() as reader:
        text = str(
            AskDock(SITE, STATION, LocationId(NO_ID))._waiting().compile(reader, compile_kwargs={"literal_binds": True})
        )
        plan = [row[3] for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
        one = str(
            AskDock(SITE, STATION, LocationId(NO_ID))
            ._next_of("DHL")
            .compile(reader, compile_kwargs={"literal_binds": True})
        )
        taken = [row[3] for row in reader.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")]

    assert any(f"{p.name} USING COVERING INDEX parcel_waiting" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in (*plan, *taken)), "the index stands in the order that is wanted"
