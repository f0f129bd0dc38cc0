"""Numbers are given out by each station out of ranges of its own, with or without the hub, and none by two."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cases.model import Case
from core.catalog.commands import location_id
from core.catalog.model import Site
from core.kernel.ids import ManifestId
from core.kernel.numbers import OWN, UNLIMITED, Number, NumberRange, next_number
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.witness import Said, Witness
from core.packing.bench import sscc_of
from core.packing.commands import SSCC_NUMBERS, CloseParcel
from core.packing.model import Parcel
from core.rights.model import SiteStation, StationKind
from core.shipping.commands import MANIFEST_NUMBERS, OpenManifest
from sync.numbers import IN_HAND
from tests.orders.shop import lay_out, order_id
from tests.support import SITE
from tests.sync.held import hashes, receipts
from tests.sync.world import Member, World, world

LABELS = IN_HAND[StationKind.DESK][SSCC_NUMBERS]


def each_has_picked_an_order(it: World) -> None:
    lay_out(it.members[0].bench)
    it.settle()
    it.office.stock("MUG", "A-1", 100)
    for n, member in enumerate(it.members):
        it.office.order(f"o{n}", [("MUG", 2)])
        it.office.promise()
        it.grant(member, *it.office.release())
    it.settle()
    for n, member in enumerate(it.members):
        member.shop.pick_all(f"CART-{n + 1}")
    it.settle()


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, and two stations that each have an order picked."""
    with world(tmp_path, after=each_has_picked_an_order) as made:
        yield made


def ranges(member: Member, name: str) -> list[NumberRange]:
    found = [row for row in member.bench.all(NumberRange) if row.name == name and row.station == member.name]
    return sorted(found, key=lambda row: row.first)


def use_up(member: Member, name: str, left: int) -> None:
    """Give out all but so many numbers of a station's last range, unseen."""
    (row,) = ranges(member, name)
    with member.connection.begin():
        member.connection.exec_driver_sql(
            "UPDATE number_range SET next = ? WHERE site = ? AND name = ? AND first = ?",
            (row.last - left + 1, SITE, name, row.first),
        )


def opening(member: Member, number: Number) -> OpenManifest:
    return OpenManifest(
        **member.bench.base(), manifest=ManifestId(b"list-%011d" % number.value), number=number, carrier="HOUSE",
        dock=location_id("DOCK-1"),
    )  # fmt: skip


def test_each_station_labels_its_parcels_out_of_its_own_numbers_while_the_hub_is_gone(it: World) -> None:
    one, two = it.members
    parcels = [member.shop.pack_all(order_id(f"o{n}")) for n, member in enumerate(it.members)]
    it.settle()

    assert [len(ranges(member, SSCC_NUMBERS)) for member in it.members] == [1, 1]
    assert len({parcel.sscc for parcel in parcels}) == 2
    assert [ranges(member, SSCC_NUMBERS)[0].next - ranges(member, SSCC_NUMBERS)[0].first for member in (one, two)] == [
        1,
        1,
    ]
    assert hashes(one.connection) == hashes(two.connection) == hashes(it.central)
    assert not it.office.it.all(Case)


def test_ranges_are_cut_from_the_sites_own_and_never_overlap(it: World) -> None:
    rows = [row for row in it.office.it.all(NumberRange) if row.name == SSCC_NUMBERS]
    own = next(row for row in rows if row.first == OWN)
    lent = sorted((row for row in rows if row.first != OWN), key=lambda row: row.first)

    assert [(row.first, row.last) for row in lent] == [(1, LABELS), (LABELS + 1, 2 * LABELS)]
    assert (own.next, own.last) == (2 * LABELS + 1, UNLIMITED)


def test_more_numbers_are_asked_for_once_half_of_them_are_used(it: World) -> None:
    one = it.members[0]
    it.lease(one)
    it.settle()
    assert len(ranges(one, SSCC_NUMBERS)) == 1, "all of them are there"

    use_up(one, SSCC_NUMBERS, LABELS // 2 - 1)
    it.lease(one)
    it.pull(one)

    first, more = ranges(one, SSCC_NUMBERS)
    assert (more.next, more.last) == (more.first, more.first + LABELS - 1)
    with one.connection.begin():
        assert next_number(one.connection, SITE, SSCC_NUMBERS, one.name) == Number(first.next, first.first)
    assert len(ranges(one, MANIFEST_NUMBERS)) == 1, "of others there are enough"


def test_a_range_that_is_used_up_is_followed_by_the_next(it: World) -> None:
    one = it.members[0]
    use_up(one, SSCC_NUMBERS, 1)
    it.lease(one)
    it.pull(one)
    first, more = ranges(one, SSCC_NUMBERS)

    with one.connection.begin():
        one.connection.exec_driver_sql(
            "UPDATE number_range SET next = last + 1 WHERE first = ? AND name = 'sscc'", (first.first,)
        )
        assert next_number(one.connection, SITE, SSCC_NUMBERS, one.name) == Number(more.first, more.first)


def test_a_station_whose_numbers_are_used_up_says_so_and_packs_nothing(it: World) -> None:
    one = it.members[0]
    use_up(one, SSCC_NUMBERS, 0)
    with pytest.raises(AssertionError, match="numbers_out"):
        one.shop.pack_all(order_id("o0"))

    assert one.bench.all(Parcel) == []


@pytest.mark.parametrize("whose", ["nobody's", "another station's", "an older file's", "an older epoch's"])
def test_a_station_gives_out_no_numbers_that_are_not_its_own(it: World, whose: str) -> None:
    one, two = it.members
    (mine,) = ranges(one, MANIFEST_NUMBERS)
    number = Number(mine.next, mine.first)
    match whose:
        case "nobody's":
            number = Number(next(row.next for row in one.bench.all(NumberRange) if row.first == OWN), OWN)
        case "another station's":
            (theirs,) = ranges(two, MANIFEST_NUMBERS)
            number = Number(theirs.next, theirs.first)
        case "an older file's":
            with one.connection.begin():
                one.connection.exec_driver_sql("UPDATE number_range SET incarnation = 0 WHERE station = ?", (one.name,))
        case _:
            with one.connection.begin():
                one.connection.exec_driver_sql("UPDATE feed_head SET epoch = 2")

    refused = one.bench.refuse(opening(one, number))

    assert (refused.reason, refused.facts["name"]) == (Reason.NUMBERS_OUT, MANIFEST_NUMBERS)


def test_a_list_under_anothers_number_is_refused_by_the_hub(it: World) -> None:
    one, two = it.members
    it.give_carrier(one, "HOUSE")
    it.settle()
    (theirs,) = ranges(two, MANIFEST_NUMBERS)
    with one.connection.begin():
        one.connection.exec_driver_sql(
            "UPDATE number_range SET station = ? WHERE name = 'manifest' AND first = ?", (one.name, theirs.first)
        )
    one.bench.run(opening(one, Number(theirs.next, theirs.first)))
    it.push(one)

    assert (Reason.NUMBERS_OUT, OperationOutcome.REFUSED) in receipts(it)


def test_a_label_number_stays_out_where_the_hub_could_not_apply_what_gave_it_out(
    it: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The station takes the parcel back; its label is on a box all the same."""
    one = it.members[0]
    first = one.shop.pack_all(order_id("o0"))

    def mistaken(self: CloseParcel, uow: object) -> None:
        raise ValueError("nobody thought of it")

    with monkeypatch.context() as m:
        m.setattr(CloseParcel, "apply", mistaken)
        it.settle()
    assert one.bench.all(Parcel) == []

    assert one.shop.pack_all(order_id("o0")).sscc != first.sscc


def test_a_lists_number_stays_out_where_the_hub_refused_the_list(it: World) -> None:
    one = it.members[0]
    it.give_carrier(one, "HOUSE")
    it.settle()
    (mine,) = ranges(one, MANIFEST_NUMBERS)
    one.bench.run(opening(one, Number(mine.next, mine.first)))
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE work_lease SET state = 'released' WHERE stage = 'load'")
    it.settle()

    assert OperationOutcome.REFUSED in {outcome for _, outcome in receipts(it)}
    assert [row.next for row in ranges(one, MANIFEST_NUMBERS)] == [mine.next + 1]
    assert hashes(one.connection)["number_range"] == hashes(it.central)["number_range"]


def test_a_file_that_goes_on_under_another_incarnation_gets_numbers_of_its_own(it: World) -> None:
    one = it.members[0]
    station = next(row for row in it.office.it.all(SiteStation) if row.id == one.name)
    with it.central.begin():
        it.central.exec_driver_sql("UPDATE site_station SET incarnation = 2 WHERE id = ?", (station.id,))
    use_up(one, SSCC_NUMBERS, 0)
    it.lease(one)
    it.pull(one)

    assert len(ranges(one, SSCC_NUMBERS)) == 1, "nothing is given to the file as it was"


class NoWitness(Witness):
    """What a folder has that was copied from elsewhere."""

    def read(self) -> None:
        return None

    def write(self, said: Said) -> None:
        pass


def test_numbers_from_before_a_restore_are_not_given_out_since_the_file_may_be_an_old_one_too(it: World) -> None:
    """Hub and file are both set back, the folder has no witness, and the hub takes its start for the newest."""
    one = it.members[0]
    kept, copy = it.backup(), one.keep()
    box = one.shop.pack_all(order_id("o0"))
    it.settle()
    it.restore(kept)
    one.witness = NoWitness(one.path)
    one.put_back(copy)
    it.push(one)
    it.pull(one)
    with one.connection.begin():
        number = next_number(one.connection, SITE, SSCC_NUMBERS, one.name)
    assert sscc_of(it.office.it.all(Site)[0].gs1_prefix, number.value) == box.sscc, "it stands on a box in the hall"

    with pytest.raises(AssertionError, match="numbers_out"):
        one.shop.pack_all(order_id("o0"))
