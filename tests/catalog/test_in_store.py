"""In-store numbers: nothing without a rule, item, weight and price with one, and a rule that is none refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.catalog.codes import check_digit, read_code
from core.catalog.in_store import InStoreRule, RuleFault, rules_of
from core.catalog.readings import GtinReading, Level
from core.kernel.refusal import Fault
from core.station.replay import Line
from desktop.cli import main
from desktop.headless import headless
from desktop.in_store import CODES, read_rules
from tests.homes import copy_home

TODAY = (2025, 12, 16)
WEIGHT, PRICE = InStoreRule("21IIIIIWWWWWC"), InStoreRule("29IIIIXPPPPPC")
CENTIS = InStoreRule("02IIIIIXWWWWC", grams=10)


def ean(body: str) -> str:
    return body + check_digit(body)


def read(code: str, *rules: InStoreRule) -> list[GtinReading]:
    found = read_code(code, today=TODAY, in_store=rules)
    return [each for each in found if isinstance(each, GtinReading)]


def test_without_a_rule_an_in_store_number_is_a_number_like_any_other() -> None:
    code = ean("211234501250")
    assert read(code) == read(code, PRICE) == [GtinReading(f"0{code}", Level.UNIT)]


@pytest.mark.parametrize(
    ("rule", "body", "item", "grams", "price"),
    [
        (WEIGHT, "211234501250", "211234500000", 1250, None),
        (WEIGHT, "211234500000", "211234500000", 0, None),
        (PRICE, "291234701999", "291234000000", None, 1999),
        (CENTIS, "021234570123", "021234500000", 1230, None),
    ],
)
def test_a_rule_says_item_weight_and_price(
    rule: InStoreRule, body: str, item: str, grams: int | None, price: int | None
) -> None:
    expected = [GtinReading(f"0{ean(item)}", Level.VARIABLE, grams, price)]
    assert read(ean(body), WEIGHT, PRICE, CENTIS) == expected
    assert read(f"]E0{ean(body)}", rule) == expected


def test_a_wrong_check_digit_is_no_item_with_a_rule_either() -> None:
    code = ean("211234501250")
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert read(wrong, WEIGHT) == []
    assert read("9501101530003", WEIGHT) == [GtinReading("09501101530003", Level.UNIT)]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"code": "21IIIIIWWWWW"}, "13 signs"), ({"code": "31IIIIIWWWWWC"}, "20 to 29"), ({"code": "21IIWWWWWIIIC"}, "one piece"),
        ({"code": "21IIIIIIIIIIC"}, "a weight"), ({"code": "21WWWWWWWWWWC"}, "the item"), ({"code": "21IIIIIWWWWWC", "grams": 0}, "grams"),
        ({"code": "21IIIIIWWWWWC", "kilos": 1}, "code and grams"), ("21IIIIIWWWWWC", "code and grams"),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused(said: object, why: str) -> None:
    with pytest.raises(RuleFault, match=why):
        rules_of({"in_store": [said]})


def test_two_rules_about_the_same_numbers_are_refused_and_so_is_a_broken_file(tmp_path: Path) -> None:
    with pytest.raises(RuleFault, match="same numbers"):
        rules_of({"in_store": [{"code": "21IIIIIWWWWWC"}, {"code": "215IIIIPPPPPC"}]})
    assert read_rules(tmp_path) == ()
    file = tmp_path / CODES
    file.write_text('[[in_store]]\ncode = "21IIIIIWWWWWC"\n', encoding="utf-8")
    assert read_rules(tmp_path) == (WEIGHT,)
    for broken in ("[[in_store\n", '[[in_store]]\ncode = "1"\n', "[prices]\n"):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(Fault, match="codes.toml"):
            read_rules(tmp_path)


def test_a_home_says_it_to_parse_and_to_its_station_which_finds_the_item(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, items, code = copy_home(sample_home, tmp_path / "home"), tmp_path / "items.csv", ean("211234501250")
    items.write_text(f"sku,description,barcode\nCHEESE,Cheese by weight,{ean('211234500000')}\n", encoding="utf-8")
    assert main(["import", "items", str(items), "--home", str(home)]) == 0

    def scanned() -> dict[str, Any]:
        with headless(home, printer=False) as (_, replay):
            replay.start()
            replay.perform(Line(0, "badge", "BADGE-MARA"))
            told = replay.perform(Line(0, "scan", code))
            replay.perform(Line(0, "key", "LOGOUT"))
        return told

    assert scanned()["reason"] == "unknown_code"
    (home / CODES).write_text('[[in_store]]\ncode = "21IIIIIWWWWWC"\n', encoding="utf-8")
    assert (told := scanned())["reason"] is None, told["said"]
    assert told["state"] == "ShowStock"

    capsys.readouterr()
    assert main(["parse", code, "--home", str(home), "--json"]) == 0
    (reading,) = [each for each in json.loads(capsys.readouterr().out)["readings"] if each["kind"] == "gtin"]
    assert (reading["gtin"], reading["weight_grams"], "price" in reading) == (f"0{ean('211234500000')}", 1250, False)

    (home / CODES).write_text("[[in_store]\n", encoding="utf-8")
    with pytest.raises(Fault, match=CODES), headless(home, printer=False):
        pass
