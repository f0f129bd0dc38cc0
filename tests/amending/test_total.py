"""Whatever became of the rows meanwhile, what was decided is applied without an error."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.amending.backing import plan_not_there, plan_put_back
from core.amending.planner import OrderChange, plan_cancel, plan_change, plan_resume
from core.cases.model import Case, CaseKind, CaseState
from core.catalog.commands import location_id
from core.kernel.commands import Command, body_of, command_of
from core.kernel.ids import ContactId
from core.kernel.operations import Operation
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.model import OrderHold
from core.waves.model import Batch
from core.waves.queries import plan_recall
from tests.orders.shop import Shop, shop
from tests.orders.totality import apply_to_anything
from tests.support import SITE

OTHER = ContactId(b"e" * 16)


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as opened:
        opened.stock("MUG", "A-1", 20)
        opened.stock("CUP", "B-1", 20)
        yield opened


@pytest.fixture(scope="module")
def commands(it: Shop) -> dict[str, Command]:
    """Return commands decided on one order: part in the van, part packed, part picked, part released, part nothing."""
    order = it.released("o1", [("MUG", 6), ("CUP", 2)])
    it.pick_all()
    it.load(it.pack_some(order, 2))
    it.pack_some(order, 2)
    waiting = it.released("o2", [("MUG", 2), ("TEA", 3)])
    found: dict[str, object] = {}

    def decide(name: str, plan: object, **more: object) -> None:
        with it.connection.begin():
            found[name] = plan(it.connection, SITE, **more, stamp=it.stamp())  # type: ignore[operator]

    batch = next(row for row in it.it.all(Batch) if row.state == "ready")
    decide("recall", plan_recall, batch=batch.id)
    decide("cancel", plan_cancel, order=waiting, reason="")
    decide("cancel packed", plan_cancel, order=order, reason="")
    wish = OrderChange(quantities={it.order_line(waiting, 1): 1}, contact=OTHER, priority=3)
    decide("change", plan_change, order=waiting, change=wish)
    wish = OrderChange(quantities={it.order_line(order, 1): 3}, contact=OTHER)
    decide("change packed", plan_change, order=order, change=wish)
    it.it.run(found["change packed"])  # type: ignore[arg-type]
    decide("resume", plan_resume, order=order, fulfilment=it.part(order))
    decide("put back changed", plan_put_back, order=order, fulfilment=it.part(order), target=location_id("A-2"))
    decide("cancel packed", plan_cancel, order=order, reason="")
    it.it.run(found["cancel packed"])  # type: ignore[arg-type]
    decide("put back", plan_put_back, order=order, fulfilment=it.part(order), target=location_id("A-2"))
    asking = next(row.id for row in it.it.all(Case) if row.kind is CaseKind.PUT_BACK and row.state is CaseState.OPEN)
    decide("not there", plan_not_there, order=order, fulfilment=it.part(order), case=asking)
    found["hold"] = HoldOrder(**it.stamp(), order=waiting, fulfilments=(it.part(waiting),), reason="fraud")
    it.it.run(HoldOrder(**it.stamp(), order=waiting, fulfilments=(it.part(waiting),), reason="fraud"))
    hold = it.it.all(OrderHold)[0].id
    found["release hold"] = ReleaseHold(**it.stamp(), hold=hold, fulfilments=(it.part(waiting),))
    assert [name for name, each in found.items() if not isinstance(each, Command)] == []
    return {name: replace(each, **it.stamp()) for name, each in found.items()}  # type: ignore[type-var,misc]


NAMES = (
    "recall", "cancel", "cancel packed", "change", "change packed", "resume", "put back changed", "put back", "not there", "hold",
    "release hold",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_applying_never_raises(it: Shop, commands: dict[str, Command], name: str) -> None:
    before = it.it.dump()

    @given(st.data())
    def run(data: st.DataObject) -> None:
        apply_to_anything(it.it, commands[name], data)

    run()
    assert it.it.dump() == before


@pytest.mark.parametrize("name", NAMES)
def test_the_log_gives_the_same_command_again(it: Shop, commands: dict[str, Command], name: str) -> None:
    done = commands[name]
    log = it.it.all(Operation)[-1]
    row = replace(
        log, id=done.id, kind=done.KIND, version=done.VERSION, body=body_of(done), site=done.site, actor=done.actor,
        session=done.session, device_ms=done.at,
    )  # fmt: skip

    assert command_of(row) == done


def test_every_name_is_tried(commands: dict[str, Command]) -> None:
    assert set(commands) == set(NAMES)
