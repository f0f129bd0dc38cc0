"""Home with every kind of code: what it is, and the job it begins for those whose job it is."""

from pathlib import Path

import pytest

import core.station.home
from core.catalog.command_codes import command_code
from core.catalog.model import Code, Level
from core.kernel.flow import CodeKind, Verb
from core.kernel.ids import OwnerId
from core.kernel.reasons import Reason
from core.packing.states import ScanCarton, ScanWork
from core.picking.states import GoToLocation, NoWork
from core.shipping.flow import ScanParcel
from core.station.flows import all_flows
from core.station.home import AskReprintReason, Choose, Home, HomeFlow, ShowOrder, ShowParcel, ShowStock
from core.station.sign_in import ScanBadge
from tests.diagrams import drawn, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, GTIN, MEDIUM, MUG, OWNER, PHONE, item, labelled, packing_shop, picked, tote
from tests.playbook import Desk
from tests.station.desk import FakeDesk
from tests.station.people import station
from tests.support import NOON, SITE

ALL = "picker,packer,loader"


def at_home(it: Shop, roles: str = ALL) -> Desk:
    return Desk(it.it, all_flows(FakeDesk()), begin="home", roles=roles, place=BENCH)


def test_everything_is_said_what_it_is(shop: Shop) -> None:
    order = picked(shop, "o1", (MUG, 2))
    parcel = labelled(shop, shop.pack_all(order))
    d = at_home(shop)
    shows = {GTIN[MUG]: ShowStock, "MUG": ShowStock, "A-1": ShowStock, "o1": ShowOrder, parcel.sscc: ShowParcel}
    for code, state in shows.items():
        assert isinstance(d.take(code), state), code
    assert {line.location for line in d.take(GTIN[MUG]).found.lines} == {"A-1", "BENCH-1"}, "packed ones too"
    assert isinstance(d.take(Verb.NO), Home)
    d.switch_off()


def test_a_tote_a_cart_and_a_dock_begin_their_jobs_at_once(shop: Shop) -> None:
    order = picked(shop, "o1", (MUG, 2))
    shop.released("o2", [(MUG, 1)])
    d = at_home(shop)
    opened = d.take(tote(shop, order))
    assert (type(opened), opened.view.order_number) == (ScanCarton, "o1")
    d.go("home")
    assert isinstance(d.take("CART-2"), GoToLocation)
    d.go("home")
    dock = d.take("DOCK-1")
    assert (type(dock), dock.view.dock_code) == (ScanParcel, "DOCK-1")
    d.switch_off()


def test_an_empty_tote_begins_packing_and_says_that_nothing_is_in_it(shop: Shop) -> None:
    d = at_home(shop)
    said = d.scan("TOTE-50")
    assert said.refusal is not None
    assert (said.refusal.reason, type(d.state)) == (Reason.NOTHING_TO_PACK, ScanWork)
    d.switch_off()


@pytest.mark.parametrize(
    ("roles", "code", "permission"),
    [("picker", "TOTE-1", "pack.work"), ("packer", "CART-1", "pick.work"), ("loader", "CART-1", "pick.work")],
)
def test_a_job_that_is_not_theirs_is_not_begun(shop: Shop, roles: str, code: str, permission: str) -> None:
    d = at_home(shop, roles)
    assert d.refuses(code) == (Reason.NOT_ALLOWED, {"got": code, "permission": permission})
    assert isinstance(d.take("DOCK-1"), ScanParcel if roles == "loader" else ShowStock)
    d.switch_off()


def test_wrong_unknown_and_ambiguous_codes_and_keys(shop: Shop) -> None:
    nobody = OwnerId(bytes(16))
    shop.it.seed(
        Code(SITE, "BOTH", CodeKind.LOCATION, BENCH, nobody, Level.EACH, 1),
        Code(SITE, "BOTH", CodeKind.ITEM, item(PHONE), OWNER, Level.EACH, 1),
    )
    d = at_home(shop)
    assert d.refuses("NO-SUCH-CODE") == (Reason.UNKNOWN_CODE, {"got": "NO-SUCH-CODE"})
    assert d.refuses(MEDIUM)[0] is Reason.WRONG_KIND
    for verb in (Verb.CONFIRM, Verb.SHORT, Verb.YES, Verb.UNDO):
        assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW
        assert d.refuses(command_code(verb))[0] is Reason.COMMAND_NOT_NOW
    asked = d.take("BOTH")
    assert (type(asked), len(asked.candidates)) == (Choose, 2)
    assert d.refuses(GTIN[MUG])[0] is Reason.COMMAND_NOT_NOW
    assert d.refuses((Verb.QTY, "3"))[0] is Reason.COMMAND_NOT_NOW
    place = next(n for n, each in enumerate(asked.candidates, 1) if each.kind is CodeKind.LOCATION)
    assert isinstance(d.take((Verb.QTY, str(place))), ShowStock)
    said = d.weigh(800)
    assert said.refusal is not None
    assert said.refusal.reason is Reason.COMMAND_NOT_NOW
    d.switch_off()


def test_a_label_is_printed_again_with_a_reason(shop: Shop) -> None:
    parcel = shop.pack_all(picked(shop, "o1", (MUG, 2)))
    d = at_home(shop)
    assert isinstance(d.take(parcel.sscc, Verb.REPRINT), AskReprintReason)
    assert d.refuses(parcel.sscc)[0] is Reason.COMMAND_NOT_NOW
    assert d.refuses((Verb.QTY, "9"))[0] is Reason.COMMAND_NOT_NOW
    shown = d.take((Verb.QTY, "2"))
    assert (type(shown), shown.found.copies) == (ShowParcel, 2)
    d.switch_off()


def test_the_job_that_waits_is_one_key_away(shop: Shop) -> None:
    shop.released("o1", [(MUG, 1)])
    with station(shop, gate=False) as d:
        d.take("BADGE-MARA")
        assert [each.code for each in d.last.expects] == ["CONFIRM"]
        d.take(Verb.CONFIRM)
        assert d.flow == "pick"


def test_the_walk_that_waits_is_the_one_that_is_offered(shop: Shop) -> None:
    for name, cut_off in (("none", 0), ("late", NOON + 7_200_000), ("soon", NOON + 3_600_000)):
        shop.released(name, [(MUG, 2)], cut_off_at=cut_off)
    d = at_home(shop)
    job = d.state.view.job
    offer = d.take(Verb.CONFIRM).offer
    assert (job.number, offer.cut_off_at) == (offer.number, NOON + 3_600_000)
    d.switch_off()


def test_nothing_waits_for_somebody_without_a_role_for_it(shop: Shop) -> None:
    shop.released("o1", [(MUG, 1)])
    d = at_home(shop, "loader")
    assert d.state.view.job is None
    assert d.refuses(Verb.CONFIRM)[0] is Reason.COMMAND_NOT_NOW
    d.switch_off()


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(HomeFlow())
    with packing_shop(tmp_path) as it:
        parcel = it.pack_all(picked(it, "o1", (MUG, 2)))
        it.it.seed(
            Code(SITE, "BOTH", CodeKind.ITEM, item(MUG), OWNER, Level.EACH, 1),
            Code(SITE, "BOTH", CodeKind.LOCATION, BENCH, OwnerId(bytes(16)), Level.EACH, 1),
        )
        d = Desk(it.it, {**all_flows(FakeDesk()), "home": flow}, begin="home", roles=ALL, place=BENCH)
        shows = (GTIN[MUG], "o1", parcel.sscc, "BOTH")
        for first in shows:
            for second in shows:
                d.take(first, (Verb.QTY, "1")) if first == "BOTH" else d.take(first)
                if not (first == "BOTH" or second == "BOTH"):
                    d.take(second)
                d.take(Verb.NO)
        for shown in shows:
            d.take(shown, Verb.NO)
        d.take(parcel.sscc, Verb.REPRINT, (Verb.QTY, "1"))
        d.switch_off()
    steps = {name for pair in drawn(core.station.home) for name in pair if name[0].isupper()}
    own = {(a, b) for a, b in drawn(core.station.home) if a in steps and b in steps and "Menu" not in (a, b)}
    assert {pair for pair in own if pair not in pairs} == set()


def test_a_scanned_badge_signs_the_next_one_in(shop: Shop) -> None:
    with station(shop, gate=False) as d:
        assert isinstance(d.state, ScanBadge)
        d.take("BADGE-MARA", "BADGE-TOM")
        assert d.operator is not None
        assert d.operator.name == "Tom"


def test_without_work_pick_says_so(shop: Shop) -> None:
    d = at_home(shop)
    d.go("pick")
    assert d.state == NoWork(Reason.NO_WORK)
    d.switch_off()
