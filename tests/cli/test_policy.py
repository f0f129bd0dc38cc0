"""`dockside policy`: what was said of checks, and saying it by what people call a thing."""

import pytest

from tests.cli.commands import Shell, contents

SKU = "MUG-350-BLUE"


def test_at_first_nothing_was_said(shell: Shell) -> None:
    assert shell("policy").out == "Nothing was said: the presets hold.\n"


def test_it_is_said_of_anything_by_its_name(shell: Shell) -> None:
    for words in (
        ("weight", "confirm"),
        ("weight", "block", "--item", SKU, "--passed-by", ""),
        ("item_scan_at_pick", "inform", "--zone", "A", "--passed-by", "lead,inventory"),
        ("scan_back", "off", "--printer", "label"),
        ("verify_units", "off", "--preset", "trusted"),
    ):
        said = shell("policy", *words)
        assert (said.code, said.err) == (0, ""), words
    assert shell("policy", "sign_in_pin", "block", "--here").code == 0

    rows = [
        (row["check"], row["scope"], row["mode"], row["passed_by"])
        for row in shell("policy", "--json").data["policies"]
    ]
    assert rows == [
        ("item_scan_at_pick", "zone", "inform", "lead,inventory"), ("scan_back", "printer", "off", "lead"),
        ("sign_in_pin", "station", "block", "lead"), ("verify_units", "preset", "off", "lead"),
        ("weight", "site", "confirm", "lead"), ("weight", "item", "block", ""),
    ]  # fmt: skip
    assert f"weight: block for the item {SKU}, passed by nobody" in shell("policy").out.splitlines()


def test_the_last_word_counts(shell: Shell) -> None:
    for mode in ("block", "off", "confirm"):
        assert shell("policy", "weight", mode).code == 0

    assert shell("policy").out == "weight: confirm for the site, passed by lead\n"


def test_how_many_units_are_kept_beside_a_walk_is_said_of_the_site_a_station_or_a_zone(shell: Shell) -> None:
    usual = [
        "units_kept: 5 where nothing else was said",
        "over_receipt: 0 where nothing else was said",
        "delivery_days: 60 where nothing else was said",
    ]
    assert shell("amount").out.splitlines() == usual
    for words in (("8",), ("0", "--zone", "A"), ("3", "--here"), ("9",)):
        assert shell("amount", "units_kept", *words).code == 0, words

    said = shell("amount", "--json").data["amounts"]
    rows = [(row["scope"], row["value"]) for row in said if row["measure"] == "units_kept"]
    assert rows == [("usual", 5), ("site", 9), ("station", 3), ("zone", 0)]
    assert "units_kept: 0 for the zone A" in shell("amount").out.splitlines()
    for words, code in ((("x",), 2), (("-1",), 2), (("5000",), 1), (("5", "--zone", "NOWHERE"), 2), ((), 2)):
        assert shell("amount", "units_kept", *words).code == code, words
    assert shell("amount", "units_kept", "5", "--zone", "A", "--here").code == 2


def test_a_person_is_named_by_the_badge(shell: Shell) -> None:
    assert shell("policy", "verify_units", "inform", "--badge", "BADGE-MARA").code == 0
    assert [row["scope"] for row in shell("policy", "--json").data["policies"]] == ["person"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("weight",), "MODE is missing"),
        (("weight", "block", "--item", "NO-SUCH"), "there is no item NO-SUCH"),
        (("item_scan_at_pick", "block", "--zone", "NOWHERE"), "there is no zone NOWHERE"),
        (("weight", "block", "--badge", "NOBODY"), "there is no person NOBODY"),
        (("weight", "block", "--preset", "lazy"), "there is no preset lazy"),
        (("weight", "block", "--item", SKU, "--here"), "named are station, item"),
        (("weight", "block", "--passed-by", "boss"), "there is no role boss"),
        (("weight", "often"), "often"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(shell: Shell, words: tuple[str, ...], why: str) -> None:
    before = contents(shell.home)
    said = shell("policy", *words)

    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert contents(shell.home) == before


def test_a_scope_that_the_check_does_not_ask_for_is_refused(shell: Shell) -> None:
    before = contents(shell.home)
    said = shell("policy", "weight", "block", "--printer", "label")

    assert (said.code, said.err) == (1, "dockside: weight does not ask for a printer\n")
    assert contents(shell.home) == before

    told = shell("policy", "weight", "block", "--printer", "label", "--json")
    assert (told.code, told.data) == (1, {"error": "weight does not ask for a printer"})
