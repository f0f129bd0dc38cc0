"""Every step of the dock with every kind of code, and the diagram it is drawn as."""

from pathlib import Path

import pytest

import core.shipping.flow
from core.catalog.command_codes import command_code
from core.catalog.commands import location_id
from core.catalog.model import Code, Level
from core.kernel.flow import CodeKind, Verb
from core.kernel.ids import OwnerId
from core.kernel.journal import Gesture, GestureOutcome
from core.kernel.reasons import Reason
from core.packing.model import Parcel
from core.shipping.flow import ConfirmClose, DispatchFlow, ScanParcel, SettleBox, TakeOut
from core.station.home import HomeFlow
from tests.diagrams import compare, walked
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, GTIN, MUG, cancel, packing_shop
from tests.playbook import Desk
from tests.shipping.arrange import STRICT, dock, parcel
from tests.support import SITE

LABEL, SECOND = "the newest label", "the one before"
RESTART = "the station stops and starts"
TWO = "095011000000000019"
"""The first parcel's label, and a place of the same name."""

STEPS: dict[type, tuple[str | Verb, ...]] = {
    ScanParcel: (LABEL,),
    TakeOut: (SECOND, LABEL, Verb.UNDO, Verb.UNDO),
    ConfirmClose: (LABEL, Verb.CONFIRM),
    SettleBox: (SECOND, RESTART),
}
WRONG: dict[type, dict[str, Reason]] = {
    ScanParcel: {
        GTIN[MUG]: Reason.WRONG_KIND,
        "A-1": Reason.WRONG_LOCATION,
        "H-1": Reason.WRONG_LOCATION,
        "TOTE-50": Reason.WRONG_KIND,
        "CART-1": Reason.WRONG_KIND,
        "o1": Reason.WRONG_KIND,
        "BOX-S": Reason.WRONG_KIND,
        TWO: Reason.AMBIGUOUS_CODE,
    },
    TakeOut: {
        GTIN[MUG]: Reason.WRONG_KIND,
        "DOCK-1": Reason.WRONG_KIND,
        "TOTE-50": Reason.WRONG_KIND,
        "o1": Reason.WRONG_KIND,
    },
    SettleBox: dict.fromkeys((GTIN[MUG], "DOCK-1", "TOTE-50", "o1", "H-1"), Reason.COMMAND_NOT_NOW)
    | {TWO: Reason.WRONG_PARCEL},
    ConfirmClose: dict.fromkeys((GTIN[MUG], "DOCK-1", "TOTE-50", "o1", "H-1"), Reason.COMMAND_NOT_NOW),
}
KEYS: dict[type, tuple[Verb, ...]] = {
    ScanParcel: (Verb.SHORT, Verb.YES, Verb.FULL, Verb.SKIP, Verb.NO),
    TakeOut: (Verb.YES, Verb.CONFIRM, Verb.SHORT, Verb.CALL),
    SettleBox: (Verb.CONFIRM, Verb.SHORT, Verb.CALL, Verb.SKIP),
    ConfirmClose: (Verb.CONFIRM, Verb.SHORT, Verb.SKIP, Verb.CALL),
}


@pytest.fixture
def stood(it: Shop) -> Shop:
    assert parcel(it, "o1").sscc == TWO
    parcel(it, "o2")
    parcel(it, "o3")
    it.it.seed(Code(SITE, TWO, CodeKind.LOCATION, location_id("A-2"), OwnerId(bytes(16)), Level.EACH, 1))
    return it


def do(it: Shop, d: Desk, *gestures: str | Verb) -> None:
    *_, second, newest = sorted(row.sscc for row in it.it.all(Parcel))
    codes = {LABEL: newest, SECOND: second}
    for each in gestures:
        if each == RESTART:
            d.restart()
        else:
            d.take(codes.get(each, each))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_wrong_codes_are_said_to_be_wrong_and_unknown_ones_unknown(stood: Shop, step: type) -> None:
    with dock(stood) as d:
        do(stood, d, *STEPS[step])
        assert type(d.state) is step
        for code, reason in WRONG[step].items():
            assert d.refuses(code)[0] is reason, code
        assert d.refuses("NO-SUCH-CODE") == (Reason.UNKNOWN_CODE, {"got": "NO-SUCH-CODE"})
        for verb in KEYS[step]:
            assert d.refuses(command_code(verb))[0] is Reason.COMMAND_NOT_NOW, verb
            assert d.refuses(verb)[0] is Reason.COMMAND_NOT_NOW, verb
        before = d.state
        said = d.weigh(1200)
        assert said.refusal is not None
        assert (said.refusal.reason, d.state) == (Reason.COMMAND_NOT_NOW, before)
    refused = [row for row in stood.it.all(Gesture) if row.outcome is GestureOutcome.REFUSED]
    assert len(refused) == len(WRONG[step]) + 2 + 2 * len(KEYS[step])
    assert {row.step for row in refused} == {step.__name__}


def test_the_flow_goes_where_the_diagram_says(tmp_path: Path) -> None:
    flow, pairs = walked(DispatchFlow())
    with packing_shop(tmp_path) as it:
        one, two, three, bad = (parcel(it, name).sscc for name in ("o1", "o2", "o3", "o4"))
        cancel(it, next(row.order for row in it.it.all(Parcel) if row.sscc == bad))
        d = Desk(it.it, {"dispatch": flow, "home": HomeFlow()}, begin="dispatch", place=BENCH, policies=STRICT)
        d.take("DOCK-1", Verb.CALL, one)
        d.restart()
        d.take(one, Verb.UNDO, one)
        d.restart()
        d.take(Verb.NO, one, two, Verb.UNDO, Verb.UNDO, Verb.NO, Verb.UNDO, one)
        assert d.scan(bad).refusal is not None
        d.take("H-1", one, Verb.CONFIRM, Verb.NO, Verb.CONFIRM, Verb.YES)
        _list_taken_meanwhile(it, d, two)
        _stopped_meanwhile(it, d, two, three)
        d.switch_off()

    compare(core.shipping.flow, pairs)


def _list_taken_meanwhile(it: Shop, d: Desk, label: str) -> None:
    """Somebody else took the list's number while it stood on the screen."""
    from core.kernel.numbers import OWN, NumberRange
    from core.kernel.uow import UnitOfWork
    from core.shipping.commands import MANIFEST_NUMBERS

    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        row = uow.get(NumberRange, (SITE, MANIFEST_NUMBERS, OWN))
        assert row is not None
        uow.update(row, next=row.next + 1)
        uow.flush()
    said = d.scan(label)
    assert said.refusal is not None
    assert said.refusal.reason is Reason.CHANGED_MEANWHILE
    assert isinstance(d.state, ScanParcel)


def _stopped_meanwhile(it: Shop, d: Desk, first: str, second: str) -> None:
    """The list is closed elsewhere between two parcels."""
    from core.kernel.uow import UnitOfWork
    from core.shipping.model import Manifest, ManifestState

    d.take(first)
    with it.connection.begin():
        uow = UnitOfWork(it.connection)
        for row in [each for each in _manifests(it) if each.state is ManifestState.OPEN]:
            uow.update(uow.get(Manifest, (SITE, row.id)) or row, state=ManifestState.CLOSED)
        uow.flush()
    said = d.scan(second)
    assert said.refusal is not None
    assert said.refusal.reason is Reason.MANIFEST_CLOSED


def _manifests(it: Shop):
    import sqlalchemy as sa

    from core.kernel.tables import rows_of, sql_of
    from core.shipping.model import Manifest

    return rows_of(Manifest, it.connection.execute(sa.select(sql_of(Manifest))))
