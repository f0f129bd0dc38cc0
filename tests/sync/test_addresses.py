"""Where a carton goes comes to a station beside what the feed says of its order: until it has, nothing is labelled there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.kernel import codec
from core.kernel.flow import CodeKind
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import PrintJob
from core.packing import decide as packing
from core.packing.commands import ReprintLabel
from core.packing.queries import AskPack
from core.packing.views import PackView
from core.picking.fill_codes import AskFillCodes
from core.picking.model import Fill
from tests.support import SITE
from tests.sync.agreeing import agree_in_the_end
from tests.sync.docks import pack
from tests.sync.test_changes import FLOOR, ORDER, YORK, a_walk_is_held, to_york
from tests.sync.world import Member, World, world


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a cart that holds the walk of one order of three mugs, a bench, a dock and a desk."""
    with world(tmp_path, kinds=FLOOR, after=a_walk_is_held) as made:
        yield made
        agree_in_the_end(made)


def test_nothing_is_begun_or_labelled_before_its_address_has_come(it: World) -> None:
    cart, bench, dock, _ = it.members
    cart.shop.pick_all()
    it.settle()
    assert bench.shop.pack_view(ORDER).addressed
    to_york(it)
    it.pull(bench)
    view = bench.shop.pack_view(ORDER)
    assert not view.addressed
    units = packing.all_units(view)
    close = packing.close(view, view.boxes[0], bench.shop.stamp(), bench.shop.context, units, 0)
    assert bench.bench.refuse(close) == Refusal(Reason.ADDRESS_AWAITED)

    it.fetch(bench)
    assert bench.shop.pack_view(ORDER).addressed
    parcel = pack(bench)
    it.push(bench)
    it.pull(dock)
    again = ReprintLabel(**dock.bench.base(), parcel=parcel.id, reason="UNREADABLE")
    assert dock.bench.refuse(again) == Refusal(Reason.ADDRESS_AWAITED)
    it.fetch(dock)
    dock.bench.run(replace(again, **dock.bench.base()))
    assert [_street(bench), _street(dock)] == ["9 Road", "9 Road"]


def test_nothing_is_packed_by_its_slip_where_the_order_was_known_before_it_was_released(it: World) -> None:
    """What nobody works on yet brings no address with it, and nothing says at the bench that one is to come."""
    cart, bench, _, _ = it.members
    it.office.it.seed(YORK)
    it.office.order("o2", [("MUG", 2)], contact=YORK.id)
    it.office.promise()
    it.settle()
    it.grant(cart, *it.office.release())
    it.pull(cart)
    cart.shop.pick_all()
    cart.shop.pick_all()
    tote = max((row for row in cart.bench.all(Fill)), key=lambda row: row.opened_at)
    (slip,) = [each.slip.code for each in cart.shop.ask(AskFillCodes(SITE, tote.batch))]
    view = bench.shop.ask(AskPack(SITE, bench.name, CodeKind.FILL, b"", "", slip))
    assert isinstance(view, PackView)
    assert not view.addressed


def _street(member: Member) -> str:
    """Return the street on the last label that was printed at a station."""
    labels = [job.content for job in member.bench.all(PrintJob) if job.document == "house_label"]
    return str(codec.parse(labels[-1])["to_lines"][1])
