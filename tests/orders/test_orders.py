"""Orders come in once, wait while they are held, and tell what happened to them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.commands import REGISTRY
from core.kernel.ids import NO_ID, FulfilmentLineId, HoldId, OrderId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.orders.commands import (
    HoldOrder,
    NewLine,
    NewOrder,
    ReceiveOrders,
    ReleaseHold,
    fulfilment_line_id,
    line_id,
)
from core.orders.model import (
    Fulfilment,
    FulfilmentLine,
    Order,
    OrderHold,
    OrderLine,
    PartialPolicy,
    PaymentState,
)
from core.orders.progress import COUNTERS, Stage, advance, stage_of, wanted
from core.orders.queries import known_orders, order_view, orders_by_number, timeline
from core.shipping.commands import CloseManifest, Loaded
from tests.orders.shop import CONTACT, OWNER, Shop, item, shop
from tests.support import NOON, SITE


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as opened:
        yield opened


def document(*units: int) -> NewOrder:
    return NewOrder(
        id=OrderId(b"order-----------"), channel="web", external_id="1001", number="1001", owner=OWNER, contact=CONTACT,
        ordered_at=NOON, service="standard", carrier="HOUSE", priority=1, promised_at=NOON, cut_off_at=NOON,
        payment=PaymentState.PAID, partial=PartialPolicy.WHOLE, handling="gift", digest=b"d" * 32,
        lines=tuple(NewLine(str(n), item("MUG"), q, 1_500_000, "GBP", "Mug") for n, q in enumerate(units, 1)),
    )  # fmt: skip


def receive(it: Shop, *orders: NewOrder):
    return it.it.run(ReceiveOrders(**it.it.base(), orders=orders)).result


def test_an_order_becomes_lines_and_one_fulfilment(it: Shop) -> None:
    assert receive(it, document(2, 3)) == {"added": 1}

    (order,) = it.it.all(Order)
    (part,) = it.it.all(Fulfilment)
    assert (order.number, order.version, order.cancelled_at, order.digest) == ("1001", 1, 0, b"d" * 32)
    assert (part.lines, part.units, part.open, part.held) == (2, 5, 1, 0)
    assert [(row.number, row.ordered) for row in sorted(it.it.all(OrderLine), key=lambda r: r.number)] == [
        (1, 2),
        (2, 3),
    ]
    assert it.line(order.id, 2).order_line == line_id(order.id, 2)
    assert it.line(order.id, 2).id == fulfilment_line_id(part.id, 2)
    assert stage_of(part) is Stage.WAITING


def test_the_same_document_twice_changes_nothing(it: Shop) -> None:
    receive(it, document(2, 3))
    before = it.travels()

    assert receive(it, document(9)._replace(digest=b"x" * 32)) == {"added": 0}

    assert it.travels() == before


def test_two_of_one_id_in_one_file_are_one(it: Shop) -> None:
    assert receive(it, document(2), document(7)) == {"added": 1}
    assert it.it.all(Fulfilment)[0].units == 2


@pytest.mark.parametrize("units", [0, -1])
def test_a_line_of_nothing_is_refused(it: Shop, units: int) -> None:
    command = ReceiveOrders(**it.it.base(), orders=(document(1, units),))

    assert it.it.refuse(command) == Refusal(Reason.NOT_A_QUANTITY, {"order": "1001", "quantity": units})


def test_known_orders_say_which_document_they_came_from(it: Shop) -> None:
    receive(it, document(2))
    unknown = OrderId(b"unknown---------")
    names = [("web", "1001"), ("web", "1002"), ("shop", "1001")]

    with it.connection.begin():
        assert known_orders(it.connection, SITE, names) == {("web", "1001"): b"d" * 32}
        assert [row.external_id for row in orders_by_number(it.connection, SITE, "1001")] == ["1001"]
        assert orders_by_number(it.connection, SITE, "7") == ()
        assert order_view(it.connection, SITE, unknown) is None


def hold(it: Shop, order: OrderId, reason: str = "fraud") -> HoldOrder:
    return HoldOrder(**it.it.base(), order=order, fulfilments=(it.part(order),), reason=reason)


def test_an_order_with_two_holds_waits_for_both(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    order = it.order("o1", [("MUG", 2)])
    it.it.run(hold(it, order))
    it.it.run(hold(it, order, "address"))
    assert it.head(order).held == 2
    first, second = it.it.all(OrderHold)

    it.it.run(ReleaseHold(**it.it.base(), hold=first.id, fulfilments=(it.part(order),)))
    it.promise()
    assert it.counts(order) == {}
    it.it.run(ReleaseHold(**it.it.base(), hold=second.id, fulfilments=(it.part(order),)))
    it.promise()

    assert it.counts(order) == {"promised": 2}
    assert {row.released_at > 0 for row in it.it.all(OrderHold)} == {True}


def test_holding_and_releasing_is_the_identity_but_for_the_hold(it: Shop) -> None:
    order = it.order("o1", [("MUG", 2)])
    before = it.travels("order_hold")

    it.it.run(hold(it, order))
    it.it.run(ReleaseHold(**it.it.base(), hold=it.it.all(OrderHold)[0].id, fulfilments=(it.part(order),)))

    assert it.travels("order_hold") == before


def test_holds_that_cannot_be_are_refused(it: Shop) -> None:
    assert it.it.refuse(hold(it, OrderId(NO_ID))).reason is Reason.NOT_FOUND
    over = ReleaseHold(**it.it.base(), hold=HoldId(NO_ID), fulfilments=())
    assert it.it.refuse(over).reason is Reason.NOT_FOUND
    order = it.order("o1", [("MUG", 2)])
    it.it.run(hold(it, order))
    done = ReleaseHold(**it.it.base(), hold=it.it.all(OrderHold)[0].id, fulfilments=(it.part(order),))
    it.it.run(done)
    assert it.it.refuse(replace(done, **it.stamp())).reason is Reason.NOT_FOUND


def test_the_timeline_tells_every_operation_in_order(it: Shop) -> None:
    it.stock("MUG", "A-1", 5)
    order = it.released("o1", [("MUG", 2)])
    it.pick_all()
    parcel = it.pack_all(order)
    it.load(parcel)
    assert it.manifest is not None
    it.it.run(CloseManifest(**it.it.base(), manifest=it.manifest, parcels=(Loaded(parcel.id, order),)))

    with it.connection.begin():
        told = timeline(it.connection, SITE, order)

    assert [entry.kind for entry in told] == [
        "orders.receive",
        "allocation.promise",
        "waves.release",
        "picking.pick",
        "packing.close",
        "packing.apply_label",
        "shipping.load",
        "shipping.close_manifest",
    ]
    assert [entry.position for entry in told] == sorted(entry.position for entry in told)
    assert all(entry.kind in REGISTRY for entry in told)


# Counters


@pytest.mark.parametrize(
    ("counts", "stage"),
    [
        ({}, Stage.WAITING),
        ({"promised": 3}, Stage.WAITING),
        ({"promised": 4}, Stage.PROMISED),
        ({"promised": 4, "reserved": 4}, Stage.RELEASED),
        ({"promised": 4, "reserved": 4, "picked": 3}, Stage.RELEASED),
        ({"promised": 3, "reserved": 3, "picked": 3, "short": 1}, Stage.PICKED),
        ({"promised": 4, "reserved": 4, "picked": 4, "packed": 4}, Stage.PACKED),
        ({"promised": 4, "reserved": 4, "picked": 4, "packed": 4, "loaded": 4}, Stage.LOADED),
        ({"short": 1, "cancelled": 3}, Stage.CANCELLED),
        ({"cancelled": 4}, Stage.CANCELLED),
        ({"short": 4}, Stage.SHORT),
    ],
)
def test_the_stage_follows_from_the_counters(counts: dict[str, int], stage: Stage) -> None:
    nothing = dict.fromkeys(COUNTERS, 0)
    row = FulfilmentLine(
        SITE,
        FulfilmentLineId(NO_ID),
        b"",
        b"",
        b"",
        1,
        OWNER,
        item("MUG"),
        4,
        **{**nothing, **counts},
        open=1,  # type: ignore[arg-type]
    )

    assert stage_of(row) is stage


def test_counting_a_line_that_is_gone_does_nothing(it: Shop) -> None:
    with it.connection.begin():
        assert advance(UnitOfWork(it.connection), SITE, FulfilmentLineId(NO_ID), picked=1) is None


@given(st.lists(st.tuples(st.integers(1, 2), st.sampled_from(COUNTERS), st.integers(-3, 3)), min_size=1, max_size=12))
def test_a_fulfilment_is_the_sum_of_its_lines_and_nothing_goes_below_zero(
    counted: Shop, steps: list[tuple[int, str, int]]
) -> None:
    order = OrderId(b"order-----------")
    transaction = counted.connection.begin()
    uow = UnitOfWork(counted.connection)
    for number, name, step in steps:
        advance(uow, SITE, fulfilment_line_id(counted.part(order), number), **{name: step})
    rows = [uow.get(FulfilmentLine, (SITE, fulfilment_line_id(counted.part(order), n))) for n in (1, 2)]
    head = uow.get(Fulfilment, (SITE, counted.part(order)))
    transaction.rollback()

    assert head is not None
    for name in COUNTERS:
        assert getattr(head, name) == sum(getattr(row, name) for row in rows)
        assert all(getattr(row, name) >= 0 for row in rows)
    assert [row.open for row in rows if row] == [int(row.loaded < wanted(row)) for row in rows if row]
    assert head.open == int(head.loaded < wanted(head))


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with shop(tmp_path_factory.mktemp("shop")) as opened:
        receive(opened, document(3, 2))
        yield opened
