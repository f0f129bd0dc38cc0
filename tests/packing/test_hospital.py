"""An order that waits in the hospital: where its goods are then, in the books too, and how it goes on."""

from core.cases.commands import CloseCase
from core.cases.model import Case, CaseKind
from core.catalog.commands import location_id
from core.kernel.flow import Verb
from core.kernel.ids import LocationId
from core.kernel.reasons import Reason
from core.packing import decide
from core.packing.model import Parcel, ParcelState
from core.picking.model import Fill
from core.stock.model import Balance
from tests.orders.shop import Shop
from tests.packing.arrange import BENCH, CUP, FIRST_DAY, GTIN, MEDIUM, MUG, desk, picked, singles, tote

HOSPITAL = location_id("H-1")


def _units_at(it: Shop, place: LocationId) -> int:
    return sum(row.total for row in it.it.all(Balance) if row.location == place)


def test_what_waits_in_the_hospital_is_booked_there_and_is_packed_from_there(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    code = tote(it, order)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, Verb.SHORT, (Verb.QTY, "1"))
        assert [row.location for row in it.it.all(Fill)] == [HOSPITAL]
        assert it.it.all(Case)[0].facts == '{"place":"H-1","reason":"MISSING"}'
        assert _units_at(it, HOSPITAL) == 2
        it.check()
        it.it.run(CloseCase(**it.it.base(), case=it.it.all(Case)[0].id, decision="found"))
        d.take(code, MEDIUM, GTIN[MUG], GTIN[MUG])
    assert it.counts(order)["packed"] == 2
    assert (_units_at(it, HOSPITAL), _units_at(it, BENCH)) == (0, 2)
    it.check()


def test_an_open_carton_goes_to_the_hospital_with_its_tote_and_stands_at_the_bench_that_closes_it(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2), (CUP, 1))
    code = tote(it, order)
    with desk(it, policies=FIRST_DAY) as d:
        d.take(code, MEDIUM, GTIN[MUG], Verb.SHORT, (Verb.QTY, "1"))
        (parcel,) = it.it.all(Parcel)
        assert (parcel.place, _units_at(it, HOSPITAL), _units_at(it, BENCH)) == (HOSPITAL, 3, 0)
        it.check()
        it.it.run(CloseCase(**it.it.base(), case=it.it.all(Case)[0].id, decision="found"))
        d.take(code, GTIN[MUG])
        assert _units_at(it, HOSPITAL) == 3, "the carton is where the books have it until it is closed"
        d.take(Verb.UNDO)
        assert [row.units for row in it.it.all(Parcel)] == [1]
        it.check()
        d.take(GTIN[MUG], GTIN[CUP])
    (parcel,) = it.it.all(Parcel)
    assert (parcel.state, parcel.place) == (ParcelState.CLOSED, BENCH)
    assert (_units_at(it, HOSPITAL), _units_at(it, BENCH)) == (0, 3)
    it.check()


def test_a_tote_that_holds_others_too_stays_and_is_named(it: Shop) -> None:
    singles(it, "s1", "s2")
    with desk(it, policies=FIRST_DAY | {"carton_size": "confirm"}) as d:
        d.take(GTIN[MUG], Verb.SHORT, (Verb.QTY, "1"))
        assert d.last.note is not None
        (fill,) = it.it.all(Fill)
        assert fill.location != HOSPITAL
        assert _units_at(it, HOSPITAL) == 0
        assert str(dict(d.last.note.facts)["place"]).startswith("TOTE-")
    assert it.it.all(Case)[0].facts == '{"place":"","reason":"MISSING"}'
    it.check()


def test_parking_what_went_on_meanwhile_is_refused_and_carries_nothing(it: Shop) -> None:
    order = picked(it, "o1", (MUG, 2))
    command = decide.park(it.pack_view(order), it.it.base(), CaseKind.HOSPITAL, "MISSING")
    with desk(it, policies=FIRST_DAY) as d:
        d.take(tote(it, order), MEDIUM, GTIN[MUG], GTIN[MUG])

    assert it.it.refuse(command).reason is Reason.CHANGED_MEANWHILE
    assert it.it.all(Case) == []
    assert _units_at(it, HOSPITAL) == 0
