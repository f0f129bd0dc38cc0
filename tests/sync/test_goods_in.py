"""One delivery line that two people book unheard of each other: both stand, and what came beyond the announcement is a case."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.commands import CloseCase
from core.cases.model import Case, CaseKind, CaseState
from core.kernel import codec
from core.receiving.commands import delivery_id
from core.receiving.model import DeliveryBooking, DeliveryLine, TakeOut
from core.receiving.taking_out import plan_take_out
from core.station.case_queries import AskCases, CaseSeen
from tests.orders.shop import OWNER, lay_out
from tests.receiving.arrange import announce, book, booked
from tests.support import SITE
from tests.sync.world import Member, World, world


def _announced(it: World) -> None:
    lay_out(it.office.it)
    announce(it.office.it, MUG=10)


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub and two desks that have heard of a delivery of ten mugs; in the end everybody agrees."""
    with world(tmp_path, after=_announced) as made:
        made.settle()
        yield made
        made.settle()
        assert {booked(each.bench, "MUG") for each in made.members} == {booked(made.office.it, "MUG")}
        made.office.check()


def heard(it: World, *members: Member) -> None:
    """Let the hub hear one after the other, then everybody."""
    for each in members:
        it.push(each)
    it.settle()


def cases(it: World) -> list[Case]:
    return it.office.it.all(Case)


def take_out(it: World, member: Member, why: TakeOut) -> None:
    (case,) = cases(it)
    with member.connection.begin():
        command = plan_take_out(member.connection, SITE, case.id, why, member.shop.stamp())
    assert not hasattr(command, "reason"), command
    member.bench.run(command)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [0, 1])
def test_two_who_book_one_line_apart_both_stand_and_a_case_names_both(it: World, first: int) -> None:
    one, two = it.members
    bookings = (book(one.bench, "MUG", 10), book(two.bench, "MUG", 8, "A-1"))
    assert (booked(one.bench, "MUG"), booked(two.bench, "MUG")) == ((10, 10), (10, 8)), "its own, not heard of yet"
    assert one.bench.all(Case) == two.bench.all(Case) == []
    heard(it, *((one, two) if first == 0 else (two, one)))

    assert booked(it.office.it, "MUG") == (10, 18)
    assert (it.office.at("MUG", "IN-1"), it.office.at("MUG", "A-1")) == (10, 8)
    assert [row.quantity for row in it.office.it.all(DeliveryBooking)] == [10, 8]
    (case,) = cases(it)
    facts = codec.parse(case.facts)
    assert (case.kind, facts["over"]) == (CaseKind.OVER_RECEIPT, 8)
    assert facts["booking"] == bookings[1 - first].hex(), "the one that was heard last went beyond"
    for member in it.members:
        with member.connection.begin():
            (seen,) = AskCases(SITE).run(member.connection).cases
        assert isinstance(seen, CaseSeen)
        assert sorted((each.quantity, each.place) for each in seen.bookings) == [(8, "A-1"), (10, "IN-1")]
        assert seen.delivery == "D-1, Potter & Son"


def test_two_halves_of_a_line_are_no_case(it: World) -> None:
    one, two = it.members
    book(one.bench, "MUG", 6)
    book(two.bench, "MUG", 4)
    heard(it, one, two)

    assert booked(it.office.it, "MUG") == (10, 10)
    assert cases(it) == []


def test_what_was_booked_twice_is_taken_out_once_however_many_say_so(it: World) -> None:
    one, two = it.members
    book(one.bench, "MUG", 10)
    book(two.bench, "MUG", 10, "A-1")
    heard(it, one, two)
    take_out(it, one, TakeOut.TWICE)
    take_out(it, two, TakeOut.TWICE)
    heard(it, one, two)

    assert booked(it.office.it, "MUG") == (10, 10)
    assert (it.office.at("MUG", "IN-1"), it.office.at("MUG", "A-1")) == (10, 0)
    assert [(row.kind, row.state, row.decision) for row in cases(it)] == [
        (CaseKind.OVER_RECEIPT, CaseState.CLOSED, "counted_twice")
    ]


def test_of_who_keeps_units_and_who_takes_them_out_the_first_stands_and_the_other_is_told(it: World) -> None:
    one, two = it.members
    book(one.bench, "MUG", 10)
    book(two.bench, "MUG", 3)
    heard(it, one, two)
    (case,) = cases(it)
    one.bench.run(CloseCase(**one.bench.base(), case=case.id, decision="kept"))
    take_out(it, two, TakeOut.TWICE)
    heard(it, one, two)

    assert booked(it.office.it, "MUG") == (10, 13)
    assert it.office.at("MUG", "IN-1") == 13
    told = {row.kind: codec.parse(row.facts).get("kind") for row in cases(it)}
    assert told == {CaseKind.OVER_RECEIPT: None, CaseKind.CONTRADICTED: "receiving.take_out"}
    assert it.office.it.need(Case, case.id).decision == "kept"


def test_of_two_announcements_under_one_number_the_first_stands_and_the_other_is_told(it: World) -> None:
    one, two = it.members
    announce(one.bench, "D-2", MUG=5)
    announce(two.bench, "D-2", MUG=7, CUP=1)
    heard(it, one, two)

    delivery = delivery_id(OWNER, "D-2")
    assert [row.expected for row in two.bench.all(DeliveryLine) if row.delivery == delivery] == [5]
    (case,) = cases(it)
    assert (case.kind, case.subject) == (CaseKind.CONTRADICTED, delivery)
    assert codec.parse(case.facts) == {"code": "D-2", "kind": "receiving.announce", "reason": "changed_meanwhile"}
    with two.connection.begin():
        (seen,) = AskCases(SITE).run(two.connection).cases
    assert (seen.delivery, seen.bookings) == ("D-2, Potter & Son", ())


def test_two_who_announce_the_same_agree(it: World) -> None:
    one, two = it.members
    announce(one.bench, "D-2", MUG=5)
    announce(two.bench, "D-2", MUG=5)
    heard(it, one, two)

    assert cases(it) == []
