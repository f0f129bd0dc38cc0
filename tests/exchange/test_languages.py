"""The language of an order: its own, else its country's by the mapping, else by the table that comes with the program."""

from pathlib import Path

import pytest

from core.exchange.mapping import load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import Report, UnreadableFile

HEAD = '[orders.columns]\norder = "no"\nsku = "sku"\nquantity = "n"\ncountry = "country"\nlanguage = "lang"\n'
FILE = (
    "no,sku,n,country,lang\n1,MUG,1,DE,\n2,MUG,1,DE,en-GB\n3,MUG,1,Elbonia,\n4,MUG,1,fr,\n5,MUG,1,EG,\n6,MUG,1,,\n"
    "7,MUG,1,DE,German\n"
)


def spoken(folder: Path, mapping: str) -> tuple[dict[str, str], Report]:
    (folder / "orders.csv").write_text(FILE, encoding="utf-8")
    (folder / "own.toml").write_text(mapping, encoding="utf-8")
    report = Report("orders.csv")
    found = read_orders(folder / "orders.csv", load_mapping(str(folder / "own.toml"), "orders"), report)
    return {each.external_id: each.contact.language for each in found}, report


def test_an_orders_own_language_comes_first_and_a_country_says_it_where_there_is_none(tmp_path: Path) -> None:
    found, report = spoken(tmp_path, HEAD)

    assert found == {"1": "de", "2": "en", "3": "", "4": "", "5": "ar", "6": ""}
    assert [(each.column, each.value, each.document) for each in report.entries] == [("lang", "German", "7")]


def test_a_mapping_says_it_by_country_as_the_file_writes_it(tmp_path: Path) -> None:
    found, _ = spoken(tmp_path, HEAD + '[orders.languages]\nELBONIA = "de"\nFR = "fr"\nDE = "en"\n')

    assert found == {"1": "en", "2": "en", "3": "de", "4": "fr", "5": "ar", "6": ""}


def test_what_is_no_language_is_named_by_its_country(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as fault:
        spoken(tmp_path, HEAD + '[orders.languages]\nFR = "French"\n')
    assert (fault.value.trouble.key, fault.value.trouble.part) == ("FR", "orders.languages")
