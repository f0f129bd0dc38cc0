"""What the hub lets in: by what a station is there for, by who did it, and of a station that was taken out nothing at all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.cases.model import Case, CaseKind
from core.kernel import codec
from core.kernel.commands import REGISTRY, Command
from core.kernel.feed import head_of
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId
from core.kernel.operations import GENESIS, Operation
from core.kernel.reasons import Reason
from core.kernel.tables import Key, R
from core.orders.model import Contact
from core.people.commands import SavePerson
from core.people.model import Person
from core.people.roles import ROLES
from core.rights.commands import AddStation
from core.rights.doors import KINDS, at_the_door
from core.rights.losing import MarkLost, RevokeStation
from core.rights.model import OperationReceipt, SiteStation, StationKind, StationStatus
from core.rights.recovering import RaiseEpoch
from core.station.menu import FLOOR_OF
from core.waves.model import Batch, BatchState
from sync.protocol import Pushed, Rejoin, Rejoined, sent_private, sent_row
from tests.commands import example
from tests.orders.shop import CONTACT
from tests.support import NOON, PICKER, SITE
from tests.sync.released import released_walks, walks
from tests.sync.test_receiving import push_of
from tests.sync.world import World, world


class Known:
    """What a hub knows of one station and one person."""

    def __init__(self, kind: StationKind, roles: str = ",".join(ROLES)) -> None:
        self._rows = {
            SiteStation: SiteStation(SITE, b"s" * 16, "S", kind, StationStatus.ACTIVE, 1, NOON, 1),  # type: ignore[arg-type]
            Person: Person(SITE, PICKER, roles, "en", 1, "trusted", 1),
        }

    def get(self, cls: type[R], key: Key) -> R | None:
        return self._rows.get(cls)  # type: ignore[return-value]

    def find(self, cls: type[R], name: str, values: object) -> dict[Key, R]:
        raise AssertionError(name)


OPERATIONS = {name: cls for name, cls in REGISTRY.items() if not name.startswith("test.")}
"""The program's own: other tests add theirs to the registry."""


def lets_in(known: Known, command: Command) -> Reason | None:
    outside = at_the_door(known, replace(command, actor=PICKER), b"s" * 16)  # type: ignore[arg-type]
    return None if outside is None else outside.reason


@pytest.mark.parametrize("kind", list(StationKind))
def test_every_operation_comes_from_stations_that_are_there_for_it(kind: StationKind) -> None:
    floor = {"picking": "pick", "packing": "pack", "shipping": "dispatch", "receiving": "receive", "returns": "returns"}
    work = {
        "pick.work",
        "pack.work",
        "ship.load",
        "ship.manifest",
        "receiving.book",
        "receiving.finish",
        "returns.receive",
    }
    for name, cls in OPERATIONS.items():
        reason = lets_in(Known(kind), example(cls))
        flow = floor.get(name.partition(".")[0]) if cls.PERMISSION in work else None
        hubs_own = KINDS.get(cls.PERMISSION) == frozenset()
        others = flow is not None and kind in FLOOR_OF and flow not in FLOOR_OF[kind]
        assert reason == (Reason.OTHER_STATIONS if hubs_own or others else None), name


def test_what_only_the_hub_says_comes_from_no_station() -> None:
    own = {name for name, cls in OPERATIONS.items() if KINDS.get(cls.PERMISSION) == frozenset()}
    assert own >= {
        "rights.grant", "rights.grant_numbers", "rights.add_station", "rights.revoke", "rights.mark_lost", "rights.renew",
        "rights.freeze", "rights.freeze_work", "rights.raise_epoch", "rights.end_recovery", "rights.remember",
        "picking.answer_floor", "picking.end_floor", "picking.list_floor", "shipping.find_box",
    }  # fmt: skip
    assert not own & {"rights.list", "rights.give_back"}


@pytest.mark.parametrize("roles", ["", *ROLES])
def test_every_operation_is_done_by_somebody_who_may(roles: str) -> None:
    for name, cls in OPERATIONS.items():
        if KINDS.get(cls.PERMISSION) == frozenset():
            continue
        may = cls.PERMISSION in ROLES.get(roles, frozenset())
        assert lets_in(Known(StationKind.DESK, roles), example(cls)) == (None if may else Reason.NOT_ALLOWED), name


@pytest.fixture
def it(tmp_path: Path) -> Iterator[World]:
    """A hub, a desk that holds two walks, and another."""
    with world(tmp_path) as made:
        released_walks(made, 2)
        made.grant(made.members[0], *walks(made))
        made.settle()
        yield made


def cases(it: World) -> Counter[tuple[str, str, str]]:
    """Return what is told, with the kind of operation and the reason."""
    told = ((row.kind, codec.parse(row.facts)) for row in it.office.it.all(Case))
    return Counter((kind.value, str(facts.get("kind")), str(facts.get("reason"))) for kind, facts in told)


def becomes(it: World, kind: StationKind) -> None:
    """Make the first station one of another kind, at the hub."""
    row = it.office.it.need(SiteStation, it.members[0].name)
    base = it.office.it.base()
    it.office.it.run(AddStation(**base, station=row.id, name=row.name, kind=kind, base_version=row.version))


def has_roles(it: World, roles: str) -> None:
    """Change what the person may do that everything is done by, at the hub."""
    row = it.office.it.need(Person, PICKER)
    it.office.it.run(
        SavePerson(
            **it.office.it.base(actor=SYSTEM), person=PICKER, roles=roles, language="en", preset="trusted", active=1,
            base_version=row.version,
        )
    )  # fmt: skip


def test_what_was_picked_at_a_station_that_is_no_cart_any_more_is_kept_and_what_was_claimed_is_not(it: World) -> None:
    one = it.members[0]
    one.shop.start()
    it.settle()
    one.shop.put(one.shop.task())
    becomes(it, StationKind.BENCH)
    it.settle()

    assert cases(it) == {("other_stations", "picking.pick", "other_stations"): 1}
    assert it.office.at("MUG", "A-1") == 98
    it.office.check()


def test_what_was_picked_by_somebody_whose_role_was_taken_meanwhile_is_kept_and_told(it: World) -> None:
    one = it.members[0]
    one.shop.start()
    it.settle()
    one.shop.put(one.shop.task())
    has_roles(it, "packer")
    it.settle()

    assert cases(it) == {("role_lost", "picking.pick", "not_allowed"): 1}
    assert {row.opened_by for row in it.office.it.all(Case)} == {PICKER}
    assert it.office.at("MUG", "A-1") == 98
    assert one.unsettled() == []
    it.office.check()


def test_a_walk_that_was_begun_by_somebody_whose_role_was_taken_is_not_begun(it: World) -> None:
    one = it.members[0]
    one.shop.start()
    has_roles(it, "packer")
    it.settle()

    assert cases(it) == {("role_lost", "picking.start", "not_allowed"): 1}
    assert [row.state for row in one.bench.all(Batch)] == [BatchState.READY] * 2
    assert one.unsettled() == []


def test_an_edit_by_somebody_who_may_not_says_what_was_wanted_and_what_stands(it: World) -> None:
    one = it.members[0]
    row = one.bench.need(Person, PICKER)
    one.bench.run(
        SavePerson(
            **one.bench.base(), person=PICKER, roles="lead,it", language="de", preset="trusted", active=1,
            base_version=row.version,
        )
    )  # fmt: skip
    has_roles(it, "picker")
    it.settle()

    (case,) = it.office.it.all(Case)
    facts = codec.parse(case.facts)
    assert (case.kind, facts["needed"]) == (CaseKind.ROLE_LOST, "people.edit")
    assert '"lead,it"' in facts["wanted"]
    assert '"picker"' in facts["stands"]
    assert it.office.it.need(Person, PICKER).roles == "picker"


@pytest.mark.parametrize("said", [RaiseEpoch, MarkLost, RevokeStation, AddStation], ids=lambda each: str(each.KIND))
def test_what_only_the_hub_says_changes_nothing_where_a_station_says_it_and_those_behind_it_go_on(
    it: World, said: type[Command]
) -> None:
    one, two = it.members
    before = it.office.it.need(SiteStation, two.name)
    with it.central.begin():
        epoch = head_of(it.central, SITE).epoch
    wanted: dict[str, Any] = {"station": two.name} if said is not RaiseEpoch else {}
    wanted |= {MarkLost: {"incarnation": 99}, AddStation: {"base_version": before.version}}.get(said, {})
    made = replace(example(said), id=CommandId(one.bench.ids.new()), actor=SYSTEM, session=NO_SESSION, **wanted)
    one.bench.run(made)
    one.shop.stock("MUG", "A-2", 7)
    it.settle()

    assert (cases(it)[("other_stations", said.KIND, "other_stations")]) == 1
    assert it.office.it.need(SiteStation, two.name) == before
    assert it.office.at("MUG", "A-2") == 7
    with it.central.begin():
        assert head_of(it.central, SITE).epoch == epoch
    assert one.unsettled() == []


# A station that was taken out


def taken_out(it: World) -> None:
    one = it.members[0]
    it.office.it.run(RevokeStation(**it.office.it.base(), station=one.name, switched_off=1))


@pytest.mark.parametrize("says", ["another row", "a newer epoch"])
def test_a_station_that_was_taken_out_does_not_say_that_the_hub_was_set_back(it: World, says: str) -> None:
    one = it.members[0]
    taken_out(it)
    push = push_of(one)
    push = replace(push, epoch=9) if says == "a newer epoch" else replace(push, cursor=3, cursor_hash=GENESIS)

    assert isinstance(it.center.push(push), Pushed)

    with it.central.begin():
        assert head_of(it.central, SITE).epoch == 1


def test_a_station_that_was_taken_out_is_given_no_rows_when_the_hub_was_set_back(it: World) -> None:
    one, two = it.members
    asked = Rejoin(
        epoch=1, site=SITE, station=one.name, cursor=10_000, cursor_hash=GENESIS,
        wanted=((SiteStation.TABLE.name, codec.canonical([SITE, two.name.hex()])),),
    )  # fmt: skip
    before = it.center.rejoin(asked)
    taken_out(it)
    after = it.center.rejoin(asked)

    assert isinstance(before, Rejoined)
    assert isinstance(after, Rejoined)
    assert (len(before.rows), len(after.rows)) == (1, 0)
    assert after.places == before.places


def test_what_a_station_that_was_taken_out_did_comes_up_also_after_a_restore_and_changes_nothing(it: World) -> None:
    one = it.members[0]
    taken_out(it)
    kept = it.backup()
    one.shop.stock("MUG", "A-1", 5)
    it.restore(kept)
    for _ in range(3):
        it.push(one)

    there = {row.operation for row in it.office.it.all(OperationReceipt)}
    assert [each.kind for each in one.bench.all(Operation) if each.station == one.name and each.id not in there] == []
    assert it.office.at("MUG", "A-1") == 100


def test_a_station_that_was_taken_out_hands_nothing_back_and_writes_over_no_address(it: World) -> None:
    one = it.members[0]
    it.office.it.seed(one.bench.need(Contact, CONTACT))
    known = it.office.it.need(Contact, CONTACT)
    taken_out(it)
    bent = sent_private(replace(known, name="Mallory"))
    new = sent_private(replace(known, id=b"another-contact!", name="Anna"))  # type: ignore[arg-type]
    rows = [replace(row, seq=row.seq + 1_000) for row in it.feed(0)][-3:]
    aside = tuple(sent_row(replace(row, entity="ab" * 16 if not row.key else row.entity)) for row in rows)
    head = it.feed(0)[-1].seq

    answer = it.center.push(replace(push_of(one), private=(bent, new), aside=aside))

    assert isinstance(answer, Pushed)
    assert {row.name for row in it.office.it.all(Contact)} == {known.name, "Anna"}
    assert it.feed(0)[-1].seq == head


def test_a_desk_loads_as_a_dock_does_and_is_given_up_only_with_its_device_switched_off(it: World) -> None:
    one = it.members[0]
    for command in (
        MarkLost(**it.office.it.base(), station=one.name, incarnation=9, reason="burnt", switched_off=0),
        RevokeStation(**it.office.it.base(), station=one.name, switched_off=0),
    ):
        refused = it.office.it.try_run(command)
        assert getattr(refused, "refusal", None) is not None, command.KIND
        assert refused.refusal.reason is Reason.DOCK_STILL_ON  # type: ignore[union-attr]
    assert it.office.it.need(SiteStation, one.name).status is StationStatus.ACTIVE
