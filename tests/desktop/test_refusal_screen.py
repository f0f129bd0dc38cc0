"""The refusal that fills the window: what was expected, what was got, what to do; shown, not only said."""

from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from desktop.languages import plain
from desktop.presenters.outcomes import refusal_screen
from desktop.screens import Stop

BLUE = {
    "expected": "MUG-BLUE", "expected_label": "Mug, 350 ml, blue", "expected_variant": "blue", "expected_picture": "b1",
}  # fmt: skip
RED = {"got": "MUG-RED", "got_label": "Mug, 350 ml, red", "got_variant": "red", "got_picture": "a9"}
TOWEL = {"got": "TOWEL", "got_label": "Tea towel", "got_picture": ""}


def stop(reason: Reason, **facts: str | int) -> Stop:
    return refusal_screen(Refusal(reason, facts), 0)


def test_of_two_that_differ_in_their_variant_the_variant_is_what_is_said() -> None:
    shown = stop(Reason.WRONG_ITEM, **BLUE, **RED)

    assert (shown.title, plain(shown.rest)) == ("Wrong item", "Put it back. Scan the blue one.")
    assert shown.expected is not None
    assert shown.got is not None
    for side, variant, picture, code in (
        (shown.expected, "blue", "b1", "MUG-BLUE"),
        (shown.got, "red", "a9", "MUG-RED"),
    ):
        thing = side.thing
        assert (plain(thing.name), plain(thing.variant), thing.picture, plain(thing.code)) == (
            "Mug, 350 ml", variant, picture, code,
        )  # fmt: skip


def test_of_two_things_each_is_called_by_its_name() -> None:
    shown = stop(Reason.WRONG_ITEM, **BLUE, **TOWEL)

    assert plain(shown.rest) == "Put it back. Scan Mug, 350 ml, blue."
    assert shown.got is not None
    assert (plain(shown.got.thing.name), shown.got.thing.variant) == ("Tea towel", "")


def test_what_is_not_in_the_order_is_shown_alone() -> None:
    shown = stop(Reason.NOT_THIS_ORDER, order="100461", **RED)

    assert shown.expected is None
    assert shown.got is not None
    assert shown.got.thing.picture == "a9"


def test_a_code_that_means_nothing_has_no_card() -> None:
    shown = stop(Reason.UNKNOWN_CODE, got="NO-SUCH-CODE")

    assert (shown.expected, shown.got) == (None, None)
    assert "NO-SUCH-CODE" in plain(shown.title)


def test_of_a_square_code_the_beginning_is_enough() -> None:
    code = "WMS-PARCEL-" + "AEAZ" * 60
    shown = stop(Reason.UNKNOWN_CODE, got=code)

    assert plain(shown.title) == f"Barcode not found: {code[:24]}…"


def test_where_no_tote_is_bound_yet_the_sentence_asks_for_one() -> None:
    shown = stop(Reason.WRONG_KIND, expected_kind="tote", expected="", slot=1, got="BENCH-2")

    assert plain(shown.rest) == "Scan the tote."
    assert (shown.expected, shown.got) == (None, None)


def test_long_numbers_are_read_in_groups() -> None:
    shown = stop(Reason.WRONG_PARCEL, expected="095011010000000018", got="095011010000000025")

    assert "0950 1101 0000 0000 18" in plain(shown.rest)
    assert shown.expected is not None
    assert plain(shown.expected.thing.name) == "0950 1101 0000 0000 18"
