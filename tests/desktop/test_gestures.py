"""Gestures are told by what they were for; a mistake spoils the measure of its line and has a row of its own."""

from typing import Any

from desktop.gestures import GestureTable


def told(note: str = "", state: str = "", outcome: str = "accepted", **facts: Any) -> dict[str, Any]:
    return {"outcome": outcome, "state": state, "note": {"note": note, **facts} if note else None}


def rows(table: GestureTable) -> dict[str, tuple[int, int]]:
    return {name: (each["times"], each["gestures"]) for name, each in table.to_json().items()}


def pick(table: GestureTable, *heard: tuple[str, dict[str, Any]]) -> GestureTable:
    for meaning, what in heard:
        table.heard("pick", meaning, what)
    return table


LINE = (("next", told("right_place")), ("next", told("right_item")), ("next", told("put", slot=1)))


def test_a_line_is_what_lies_between_two_puts() -> None:
    more = ("next", told("put", slot=2))

    assert rows(pick(GestureTable(), *LINE, more, *LINE)) == {"cluster_line": (3, 7)}


def test_a_tote_on_no_slot_takes_single_units() -> None:
    alone = (*LINE[:2], ("next", told("put", slot=0)))

    assert rows(pick(GestureTable(), *alone)) == {"single_unit_line": (1, 3)}


def test_a_refused_scan_spoils_its_line_alone() -> None:
    wrong = ("wrong", told(outcome="refused"))

    assert rows(pick(GestureTable(), LINE[0], wrong, *LINE[1:], *LINE)) == {"cluster_line": (1, 3)}


def test_a_short_is_told_until_its_reason_is_given() -> None:
    short = (("short", told(state="AskShortReason")), ("next", told("shorted", state="GoToLocation")))

    assert rows(pick(GestureTable(), LINE[0], *short, *LINE)) == {"short": (1, 2)}


def test_an_order_counts_what_is_done_beside_its_units() -> None:
    table = GestureTable()
    notes = ("opened", "carton", "packed", "packed", "closed", "label_applied")
    for note in notes:
        table.heard("pack", "next", told(note))

    assert rows(table) == {"packed_order_beyond_its_units": (1, 3)}


def test_where_units_are_not_scanned_the_carton_closes() -> None:
    table = GestureTable()
    for note in ("opened", "closed", "label_applied"):
        table.heard("pack", "next", told(note))

    assert rows(table) == {"packed_order_beyond_its_units": (1, 3)}


def test_a_weight_is_nobodys_gesture() -> None:
    table = GestureTable()
    for meaning, note in (
        ("next", "opened"),
        ("next", "carton"),
        ("next", "packed"),
        ("weight", "closed"),
        ("next", "label_applied"),
    ):
        table.heard("pack", meaning, told(note))

    assert rows(table) == {"packed_order_beyond_its_units": (1, 3)}


def test_a_unit_that_finds_its_order_at_the_bench_is_two_scans() -> None:
    table = GestureTable()
    for note in ("closed", "label_applied"):
        table.heard("pack", "next", told(note, units=1))

    assert rows(table) == {"single_unit_order": (1, 2)}
