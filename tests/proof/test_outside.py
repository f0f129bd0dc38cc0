"""The outside checker sees what it is there for: each contradiction planted in a small day's exports is named."""

import ast
import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.proof import outside
from tests.proof.outside import EXPORTS, check, unaccounted, units_of_file

DAY = {
    "orders": "channel,owner,order,line,sku,ordered,shipped,short,cancelled,open\nweb,,1,1,MUG,3,2,1,0,0\n",
    "stock": (
        "site,owner,sku,lot,serial,lpn,location,condition,quantity\n"
        "1,,MUG,,,,A-1,good,3\n1,,MUG,,,,WORLD,good,-3\n"
    ),
    "movements": (
        "at,operation,cause,site,owner,sku,lot,serial,lpn,condition,from,to,quantity\n"
        "t,o1,opening,1,,MUG,,,,good,WORLD,A-1,5\n"
        "t,o2,pick,1,,MUG,,,,good,A-1,CHANGED,2\nt,o2,pick,1,,MUG,,,tote,good,CHANGED,CART,2\n"
        "t,o3,load,1,,MUG,,,tote,good,CART,CHANGED,2\nt,o3,load,1,,MUG,,,,good,CHANGED,WORLD,2\n"
    ),
    "parcels": (
        "parcel,label,order,fulfilment,carrier,manifest,loaded_at,sku,lot,serial,quantity\n"
        "p1,123,1,1,HOUSE,1,t,MUG,,,2\n"
    ),
}  # fmt: skip
PLANTED = {
    "accounted for": ("orders", "3,2,1,0,0", "3,2,0,0,0"),
    "shipped, 2 in loaded parcels": ("orders", "3,2,1,0,0", "3,1,2,0,0"),
    "by movements, 2 by stock": ("stock", "good,3", "good,2"),
    "is below nothing": ("stock", "A-1,good,3", "A-1,good,-3"),
    "changed into nothing": ("movements", "CHANGED,CART,2", "CHANGED,CART,1"),
    "2 shipped, 0 in loaded parcels": ("parcels", "1,t,MUG", "1,,MUG"),
    "was loaded onto no list": ("parcels", "HOUSE,1,t", "HOUSE,,t"),
    "is on two parcels": ("parcels", "p1,123", "p2,123,1,1,HOUSE,1,t,MUG,,,0\np1,123"),
}


@pytest.fixture
def day(tmp_path: Path) -> Path:
    for name in EXPORTS:
        (tmp_path / f"{name}.csv").write_text(DAY[name], encoding="utf-8")
    return tmp_path


def test_a_day_that_adds_up_is_left_alone(day: Path) -> None:
    assert check(day) == []
    assert unaccounted(day, Counter({("1", "MUG"): 3})) == []


@pytest.mark.parametrize("words", PLANTED)
def test_a_contradiction_is_named(day: Path, words: str) -> None:
    name, true, false = PLANTED[words]
    path = day / f"{name}.csv"
    assert true in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(true, false, 1), encoding="utf-8")

    assert any(words in each for each in check(day)), check(day)


def test_a_unit_that_the_shop_asked_for_and_nobody_accounts_for_is_named(day: Path, tmp_path: Path) -> None:
    with (tmp_path / "shop.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "item", "n"], ["1", "MUG", 3], ["1", "MUG", 1]])

    asked = units_of_file(tmp_path / "shop.csv", "id", "item", "n")

    assert asked == {("1", "MUG"): 4}
    assert units_of_file(tmp_path / "shop.csv", "id", "item") == {("1", "MUG"): 2}
    assert unaccounted(day, asked) == ["('1', 'MUG'): 4 in the shop's file, 3 shipped, short or cancelled"]


def test_it_shares_no_code_with_the_product() -> None:
    tree = ast.parse(Path(outside.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert names == {"csv", "collections", "pathlib"}
    assert names <= sys.stdlib_module_names
