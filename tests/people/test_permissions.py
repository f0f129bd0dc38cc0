"""Who may do what: every command names a permission somebody has, and nobody has any by default."""

import core.everything  # noqa: F401
from core.kernel.commands import REGISTRY
from core.people.roles import ROLES, allowed
from core.people.secrets import badge_hash, pin_fits, pin_hash, wait_after

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
