"""The page on importing is true: its example is read, and its tables are the program's."""

import re
from pathlib import Path

import pytest

from core.exchange.mapping import FIELDS, KINDS, REQUIRED, load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import FILE_WORDS, WORDS, FileFault, FileProblem, Problem, Report
from core.orders.model import PaymentState

PAGE = (Path(__file__).parents[2] / "docs" / "import.md").read_text(encoding="utf-8")
FILE = (
    "Nummer;Artikel;Menge;Preis;Datum;Kunde;Zahlung\n"
    "1;SEIFE;1.000;1.234,50;16.12.2025;Jörg Ö;bezahlt\n"
    "1;PORTO;1;4,90;16.12.2025;Jörg Ö;bezahlt\n"
    "G2;SEIFE;1;1;16.12.2025;Jörg Ö;offen\n"
)


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_reads_a_file_as_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(example(), encoding="utf-8")
    (tmp_path / "evening.csv").write_bytes(FILE.encode("cp1252"))
    report = Report("evening.csv")

    orders = list(read_orders(tmp_path / "evening.csv", load_mapping(str(tmp_path / "shop.toml"), "orders"), report))

    assert len(orders) == 1
    order, line = orders[0], orders[0].lines[0]
    assert (order.channel, order.external_id, order.payment) == ("shop", "1", PaymentState.PAID)
    assert (line.quantity, line.unit_price_millionths) == (1_000, 1_234_500_000)
    assert order.contact.name == "Jörg Ö"
    assert order.ordered_at == 1_765_839_600_000, "midnight in Berlin"
    assert report.problems == {Problem.NOT_GOODS: 1, Problem.CANCELLATION: 1}


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_the_page_are_the_fields(kind: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {kind} | **"))
    names = [name.strip() for name in row.split("|")[2].split(",")]

    assert {name.strip("*") for name in names} == set(FIELDS[kind])
    assert {name.strip("*") for name in names if name.startswith("**")} == set(REQUIRED[kind])


def test_the_keys_of_the_page_are_the_keys_and_every_other_is_refused(tmp_path: Path) -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if re.match(r"\| `\w+`", line)]
    keys = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    path = tmp_path / "it.toml"
    path.write_text("[orders]\nno_such_key = 1\n", encoding="utf-8")

    with pytest.raises(FileFault) as caught:
        load_mapping(str(path), "orders")

    assert keys == set(re.search(r"key, (.*) are known", str(caught.value))[1].split(", "))


@pytest.mark.parametrize("problem", Problem)
def test_every_reason_has_words(problem: Problem) -> None:
    assert WORDS[problem]


@pytest.mark.parametrize("problem", FileProblem)
def test_everything_a_file_can_be_as_a_whole_has_words(problem: FileProblem) -> None:
    assert FILE_WORDS[problem]


BAD = {
    "is not TOML": "[orders",
    "key 'orders'": "orders = 1\n",
    "key 'animals'": "[animals]\n",
    "says nothing about orders": "[items.columns]\nsku = 's'\ndescription = 'd'\n",
    "key 'columns'": "[orders]\ncolumns = 'x'\n",
    "key 'sku'": "[orders.columns]\norder = 'o'\n",
    "key 'order'": "[orders.columns]\norder = 1.5\nsku = 's'\nquantity = 'q'\n",
}
REST = "[orders.columns]\norder = 'o'\nsku = 's'\nquantity = 'q'\nordered_at = 'd'\n"
BAD_KEYS = {
    "encoding": ("'klingon'", "'base64'", "5"),
    "delimiter": "';;' '' '1'".split(),
    "decimal": ("''", "'::'"),
    "thousands": ("'.'", "'..'"),
    "date_format": ("5", "'%Q'", "'today'"),
    "time_zone": ("'Mars/Base'", "'../../etc/passwd'"),
    "weight_unit": ("'stone'",),
    "file": ("'../secret.csv'", "'/etc/passwd'"),
    "sum_lines": ("'yes'",),
    "values": ("{sku = 3}",),
}
CASES = [(key, value) for key, values in BAD_KEYS.items() for value in values]


@pytest.mark.parametrize("words", BAD)
def test_a_mapping_that_is_none_says_why(tmp_path: Path, words: str) -> None:
    (tmp_path / "it.toml").write_text(BAD[words], encoding="utf-8")

    with pytest.raises(FileFault) as caught:
        load_mapping(str(tmp_path / "it.toml"), "orders")

    assert str(caught.value).startswith("it.toml")
    assert words in str(caught.value)


@pytest.mark.parametrize(("key", "value"), CASES)
def test_a_key_that_makes_no_sense_is_named(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "it.toml").write_text(f"[orders]\n{key} = {value}\n{REST}", encoding="utf-8")

    with pytest.raises(FileFault) as caught:
        load_mapping(str(tmp_path / "it.toml"), "orders")

    assert f"key '{'sku' if key == 'values' else key}'" in str(caught.value)


RULES = {
    "[orders.not_goods], key 'nowhere'": "[[orders.not_goods]]\nfield = 'nowhere'\n",
    "key 'matches'": "[[orders.not_goods]]\nfield = 'sku'\nmatches = '('\n",
    "key 'reason'": "[[orders.not_goods]]\nfield = 'sku'\nreason = 'because'\n",
    "key 'at_most'": "[[orders.not_goods]]\nfield = 'sku'\nat_most = 'x'\n",
    "key 'equal'": "[[orders.not_goods]]\nfield = 'sku'\nequal = ['x']\n",
    "[orders.join], key 'there'": "[[orders.join]]\nfile = 'x.csv'\nhere = 'o'\n",
    "key 'file'": "[[orders.join]]\nfile = '../x.csv'\nhere = 'o'\nthere = 'o'\n",
    "key 'many'": 2 * "[[orders.join]]\nfile = 'x.csv'\nhere = 'o'\nthere = 'o'\nmany = true\n",
}


@pytest.mark.parametrize("words", RULES)
def test_a_rule_or_join_that_makes_no_sense_is_named(tmp_path: Path, words: str) -> None:
    (tmp_path / "it.toml").write_text(REST + RULES[words], encoding="utf-8")

    with pytest.raises(FileFault, match=re.escape(words)):
        load_mapping(str(tmp_path / "it.toml"), "orders")


@pytest.mark.parametrize(
    ("name", "words"), [("nobody", "is no mapping"), ("none.toml", "does not exist"), ("", "is a folder")]
)
def test_a_mapping_that_is_not_there_is_told(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(FileFault, match=words):
        load_mapping(name if name == "nobody" else str(tmp_path / name), "orders")
