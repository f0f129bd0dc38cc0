"""Items, owners, places and their codes: saved twice they are the same, and no code comes to mean two things."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalog.codes import GtinReading, Level, PlainReading
from core.catalog.commands import (
    NewBoxType,
    NewCode,
    NewContainer,
    NewItem,
    NewLocation,
    NewOwner,
    SaveBoxTypes,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SaveOwners,
    SetUpSite,
    item_id,
    location_id,
    owner_id,
)
from core.catalog.model import BaseUnit, Code, ContainerKind, Item, Location, LocationRole, Owner, SiteKind
from core.catalog.queries import owners
from core.kernel.commands import Command
from core.kernel.flow import CodeKind, Scanned
from core.kernel.ids import CommandId, OwnerId
from core.kernel.journal import GestureInput
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import TABLES, TableClass
from core.station.resolve import look_up, read_input
from tests.support import SITE, Bench, bench

OURS, THEIRS = owner_id("OURS"), owner_id("THEIRS")
EAN = "05012345678900"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Bench]:
    with bench(tmp_path) as opened:
        opened.run(
            SetUpSite(
                **opened.base(), name="Shop", kind=SiteKind.WAREHOUSE, time_zone="Europe/London", calendar="{}",
                country="GB", address="", gs1_prefix="0950110", owner_code="OURS", owner_name="Us",
            )
        )  # fmt: skip
        yield opened


def items(it: Bench, *new: NewItem, owner: OwnerId = OURS) -> SaveItems:
    return SaveItems(**it.base(), owner=owner, items=new)


def mug(**more: object) -> NewItem:
    return NewItem(sku="MUG", description="Mug", weight_grams=300, **more)  # type: ignore[arg-type]


def master_data(it: Bench) -> dict[str, list[tuple[object, ...]]]:
    travelling = {name for name, info in TABLES.items() if info.kind is TableClass.FEED}
    return {name: rows for name, rows in it.dump().items() if name in travelling}


def every_command(it: Bench) -> tuple[Command, ...]:
    return (
        items(it, mug(codes=(NewCode(EAN), NewCode("CARTON-1", quantity=12)))),
        SaveLocations(**it.base(), locations=(NewLocation("A-1", "A", LocationRole.PICK, 1),)),
        SaveBoxTypes(**it.base(), boxes=(NewBoxType("BOX-1", "Box", 1, 2, 3, 4, 5),)),
        SaveContainers(**it.base(), containers=(NewContainer("CART-1", ContainerKind.CART, slots=6),)),
        SaveOwners(**it.base(), owners=(NewOwner("THEIRS", "Them"),)),
    )


def test_the_same_document_twice_changes_nothing(it: Bench) -> None:
    for command in every_command(it):
        it.run(command)
        before = master_data(it)
        it.run(replace(command, **it.base()))
        assert master_data(it) == before, command.KIND


def test_an_edited_item_has_another_version_and_keeps_what_the_scales_learnt(it: Bench) -> None:
    it.run(items(it, mug()))
    (made,) = it.all(Item)
    with it.executor.connection.begin():
        it.executor.connection.exec_driver_sql(
            "UPDATE item SET weight_grams = 312, weight_samples = 40, base_unit = 'g'"
        )

    it.run(items(it, replace(mug(), description="Blue mug", weight_grams=290)))

    (edited,) = it.all(Item)
    assert (made.version, edited.version, edited.description) == (1, 2, "Blue mug")
    assert (edited.weight_grams, edited.weight_samples, edited.base_unit) == (312, 40, BaseUnit.GRAM)


def test_a_block_that_somebody_set_stays(it: Bench) -> None:
    it.run(SaveLocations(**it.base(), locations=(NewLocation("A-1", "A", LocationRole.PICK, 1),)))
    with it.executor.connection.begin():
        it.executor.connection.exec_driver_sql("UPDATE location SET blocked = 'leak' WHERE code = 'A-1'")

    it.run(SaveLocations(**it.base(), locations=(NewLocation("A-1", "A", LocationRole.PICK, 7),)))

    row = it.need(Location, location_id("A-1"))
    assert (row.blocked, row.sequence) == ("leak", 7)


# One code, one thing


@pytest.mark.parametrize("where", ["in one document", "in a later document", "as another's SKU"])
def test_one_code_for_two_items_of_an_owner_is_refused(it: Bench, where: str) -> None:
    first, second = mug(codes=(NewCode(EAN),)), NewItem(sku="CUP", description="Cup", codes=(NewCode(EAN),))
    if where == "in one document":
        command = items(it, first, second)
    else:
        it.run(items(it, first))
        command = items(it, second if where == "in a later document" else NewItem(sku=EAN, description="Cup"))

    assert it.refuse(command) == Refusal(Reason.CODE_TAKEN, {"code": EAN})


def test_one_code_for_two_things_of_the_site_is_refused_whatever_they_are(it: Bench) -> None:
    it.run(SaveLocations(**it.base(), locations=(NewLocation("A-1", "A", LocationRole.PICK, 1),)))

    for command in (
        SaveContainers(**it.base(), containers=(NewContainer("A-1", ContainerKind.TOTE),)),
        SaveBoxTypes(**it.base(), boxes=(NewBoxType("A-1", "Box", 1, 2, 3, 4, 5),)),
    ):
        assert it.refuse(command) == Refusal(Reason.CODE_TAKEN, {"code": "A-1"})


@pytest.mark.parametrize("code", ["WMS-YES-H", "wms-1"])
def test_a_command_code_names_no_thing(it: Bench, code: str) -> None:
    assert it.refuse(items(it, mug(codes=(NewCode(code),)))).reason is Reason.RESERVED_CODE


def test_the_database_itself_refuses_a_second_meaning(it: Bench) -> None:
    it.run(items(it, mug(codes=(NewCode(EAN),))))

    with pytest.raises(Exception, match="UNIQUE constraint failed: code"), it.executor.connection.begin():
        it.executor.connection.exec_driver_sql(
            "INSERT INTO code SELECT site, code, 'tote', x'00', owner, level, quantity FROM code WHERE code = ?", (EAN,)
        )


def test_what_an_owner_and_the_site_call_alike_is_told_apart_at_the_scan(it: Bench) -> None:
    it.run(SaveLocations(**it.base(), locations=(NewLocation("MUG", "A", LocationRole.PICK, 1),)))
    it.run(items(it, mug()))

    with it.executor.connection.begin():
        found = look_up(it.executor.connection, SITE, (PlainReading("MUG"),))

    assert {each.kind for each in found} == {CodeKind.ITEM, CodeKind.LOCATION}


@pytest.mark.parametrize(
    ("typed", "kind", "found"),
    [
        ("A-12-03", GestureInput.MANUAL, True),
        ("A-12-03-C", GestureInput.MANUAL, True),
        ("A-12-03c", GestureInput.MANUAL, True),
        ("A-12-03-D", GestureInput.MANUAL, False),
        ("A-12-30-C", GestureInput.MANUAL, False),
        ("A-12-03-C", GestureInput.SCAN, False),
    ],
)
def test_a_typed_code_may_end_in_the_letter_that_its_label_shows(
    it: Bench, typed: str, kind: GestureInput, found: bool
) -> None:
    it.run(SaveLocations(**it.base(), locations=(NewLocation("A-12-03", "A", LocationRole.PICK, 1),)))

    with it.executor.connection.begin():
        event = read_input(
            it.executor.connection, SITE, typed, event=CommandId(b"e" * 16), at=1, today=(2026, 11, 24), kind=kind
        )

    assert isinstance(event, Scanned)
    assert [each.code for each in event.candidates] == (["A-12-03"] if found else [])


# Owners


def test_two_owners_with_the_same_sku_and_the_same_barcode_never_mix(it: Bench) -> None:
    it.run(SaveOwners(**it.base(), owners=(NewOwner("THEIRS", "Them"),)))
    it.run(items(it, mug(codes=(NewCode(EAN),))))
    it.run(items(it, replace(mug(codes=(NewCode(EAN),)), description="Their mug"), owner=THEIRS))

    with it.executor.connection.begin():
        found = look_up(it.executor.connection, SITE, (GtinReading(EAN, Level.UNIT),))

    assert {(each.owner, each.target, each.label) for each in found} == {
        (OURS, item_id(OURS, "MUG"), "Mug"),
        (THEIRS, item_id(THEIRS, "MUG"), "Their mug"),
    }
    assert len(it.all(Item)) == 2
    assert [row.target for row in it.all(Code) if row.owner == THEIRS] == [item_id(THEIRS, "MUG")] * 2


def test_the_default_owner_stays_whoever_else_comes(it: Bench) -> None:
    it.run(SaveOwners(**it.base(), owners=(NewOwner("AAA", "Before ours in the alphabet"),)))

    with it.executor.connection.begin():
        assert [each.code for each in owners(it.executor.connection, SITE)] == ["OURS", "AAA"]
    assert len(it.all(Owner)) == 2


def test_a_site_edited_twice_from_one_version_is_refused(it: Bench) -> None:
    again = SetUpSite(
        **it.base(), name="Shop", kind=SiteKind.STORE, time_zone="UTC", calendar="{}", country="GB", address="",
        gs1_prefix="0950110", owner_code="OURS", owner_name="Us",
    )  # fmt: skip

    assert it.refuse(again) == Refusal(Reason.CHANGED_MEANWHILE, {"version": 1})
