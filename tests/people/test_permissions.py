"""Who may do what: every command names a permission somebody has, and nobody has any by default."""

from pathlib import Path

import pytest

import core.everything  # noqa: F401
from core.kernel.commands import REGISTRY, Command
from core.kernel.ids import SYSTEM, PersonId
from core.kernel.reasons import Reason
from core.people.commands import RecordOverride, SavePerson
from core.people.queries import Doorkeeper
from core.people.roles import ROLES, allowed, badge_is_enough
from core.people.secrets import badge_hash, pin_fits, pin_hash, wait_after
from tests.support import SITE, bench

PRODUCT = {kind: cls for kind, cls in REGISTRY.items() if not kind.startswith("test.")}


def test_every_command_is_granted_to_somebody() -> None:
    granted = frozenset().union(*ROLES.values())

    assert {kind for kind, cls in PRODUCT.items() if cls.PERMISSION not in granted} == set()


def test_nobody_may_do_anything_by_default() -> None:
    assert [
        kind for kind, cls in PRODUCT.items() if allowed("", cls.PERMISSION) or allowed("nobody", cls.PERMISSION)
    ] == []


def test_a_picker_cannot_release_edit_or_override() -> None:
    forbidden = {
        "waves.release",
        "catalog.edit",
        "rules.edit",
        "people.edit",
        "stock.adjust",
        "orders.amend",
        "ship.manifest",
    }

    assert [each for each in forbidden if allowed("picker", each)] == []


def test_every_kind_is_area_and_act() -> None:
    assert [kind for kind in PRODUCT if len(kind.split(".")) != 2] == []


def test_a_pin_is_kept_as_argon2_and_a_badge_as_a_hash() -> None:
    stored = pin_hash("2580")

    assert stored.startswith("$argon2id$")
    assert "2580" not in stored
    assert pin_fits(stored, "2580")
    assert not pin_fits(stored, "2581")
    assert not pin_fits("", "2580")
    assert len(badge_hash("BADGE")) == 32


def test_the_wait_after_wrong_pins_grows() -> None:
    assert [wait_after(n) // 1000 for n in (1, 4, 5, 6, 7, 30)] == [0, 0, 60, 120, 240, 3600]


def test_the_door_refuses_every_command_of_somebody_it_does_not_know(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        door = Doorkeeper(SITE)
        for kind, cls in PRODUCT.items():
            refusal = door(it.executor.connection, _any(cls, PersonId(b"nobody-ever-here")))
            assert refusal is not None, kind
            assert (refusal.reason, refusal.facts["permission"]) == (Reason.NOT_ALLOWED, cls.PERMISSION)


@pytest.mark.parametrize("role", ROLES)
def test_the_door_lets_a_role_do_what_its_table_says_and_nothing_else(tmp_path: Path, role: str) -> None:
    with bench(tmp_path) as it:
        person = PersonId(b"somebody-with-it")
        it.run(
            SavePerson(
                **it.base(), person=person, roles=role, language="en", preset="first_day", active=1, base_version=0
            )
        )
        door = Doorkeeper(SITE)
        let_in = {kind for kind, cls in PRODUCT.items() if door(it.executor.connection, _any(cls, person)) is None}
    assert let_in == {kind for kind, cls in PRODUCT.items() if cls.PERMISSION in ROLES[role]}


def test_who_left_or_changed_roles_is_known_anew(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        person, door = PersonId(b"somebody-with-it"), Doorkeeper(SITE)
        it.executor._gate = door
        command = _any(REGISTRY["picking.start"], person)

        def save(version: int, *, roles: str = "picker", active: int = 1) -> None:
            it.run(
                SavePerson(
                    **it.base(SYSTEM), person=person, roles=roles, language="en", preset="first_day", active=active,
                    base_version=version,
                )
            )  # fmt: skip

        allowed_then = []
        for version, change in enumerate(({}, {"roles": "loader"}, {}, {"active": 0})):
            save(version, **change)  # type: ignore[arg-type]
            with it.executor.connection.begin():
                allowed_then.append(door(it.executor.connection, command) is None)
    assert allowed_then == [True, False, True, False]


def test_a_refused_command_writes_nothing(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        it.executor._gate = Doorkeeper(SITE)
        refusal = it.refuse(
            SavePerson(
                **it.base(), person=PersonId(b"somebody-with-it"), roles="lead", language="en", preset="first_day",
                active=1, base_version=0,
            )
        )  # fmt: skip
    assert refusal.reason is Reason.NOT_ALLOWED


def test_an_override_by_somebody_whose_role_may_not_pass_it_is_refused(tmp_path: Path) -> None:
    with bench(tmp_path) as it:
        person = PersonId(b"somebody-with-it")
        for version, (roles, active) in enumerate((("picker", 1), ("inventory,it", 1), ("lead", 0))):
            it.run(
                SavePerson(
                    **it.base(), person=person, roles=roles, language="en", preset="first_day", active=active,
                    base_version=version,
                )
            )  # fmt: skip
            for passed_by in ("lead", "lead,loader", ""):
                record = RecordOverride(
                    **it.base(), supervisor=person, what="weight", passed_by=passed_by, subject=bytes(16)
                )
                assert it.refuse(record).reason is Reason.SUPERVISOR_NEEDED


def test_floor_roles_are_those_whose_badge_is_enough() -> None:
    enough = {role for role in ROLES if badge_is_enough(role)}

    assert enough == {"picker", "packer", "loader"}
    assert badge_is_enough("picker,packer,loader")
    assert not badge_is_enough("picker,lead")


def _any(cls: type[Command], actor: PersonId) -> Command:
    """Return a command of a class that only says who it is, and about whom: the door looks at nothing else."""
    made: Command = object.__new__(cls)
    object.__setattr__(made, "actor", actor)
    if cls is SavePerson:
        object.__setattr__(made, "person", actor)
    return made
