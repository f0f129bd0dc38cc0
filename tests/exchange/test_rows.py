"""Rows as values by field, wherever a mapping says they come from."""

from pathlib import Path

from core.exchange.mapping import Join, Mapping
from core.exchange.rows import Source
from tests.exchange.test_bad_files import written

MAPPING = Mapping(
    "own.toml",
    "orders",
    columns={"order": "no", "channel": "shop", "sku": "article", "quantity": "n"},
    constants={"owner": "us", "channel": "web", "currency": "EUR"},
)
FILE = "n,no,article,shop\n2,1001,SOAP,fair\n3, 1002\n4,1003,MUG,fair,surplus\n"


def told(source: Source, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row.told(name) for name in names) for row in source.rows()]


def test_a_constant_stands_beside_columns_and_a_column_goes_before_a_constant(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)

    assert told(Source(path, MAPPING), "owner", "currency", "channel", "order", "sku", "quantity", "service") == [
        ("us", "EUR", "fair", "1001", "SOAP", "2", ""),
        ("us", "EUR", "", " 1002", "", "3", ""),
        ("us", "EUR", "fair", "1003", "MUG", "4", ""),
    ]
    assert [row.surplus for row in Source(path, MAPPING).rows()] == ["", "", "surplus"]


def test_a_first_look_tells_the_same_stripped(tmp_path: Path) -> None:
    path = written(tmp_path, FILE)

    assert list(Source(path, MAPPING).columns("owner", "order")) == [("us", "1001"), ("us", "1002"), ("us", "1003")]
    assert list(Source(path, MAPPING).columns("sku")) == [("SOAP",), ("",), ("MUG",)]


def test_what_lies_beside_a_file_is_joined_and_no_part_of_a_first_look(tmp_path: Path) -> None:
    written(tmp_path, "key,article\n1001,SOAP\n1001,MUG\n", "lines.csv")
    path = written(tmp_path, "n,no,shop\n2,1001,fair\n")
    mapping = Mapping(
        "own.toml", "orders", columns=MAPPING.columns, constants=MAPPING.constants,
        joins=(Join("lines.csv", here="no", there="key", many=True),),
    )  # fmt: skip

    assert told(Source(path, mapping), "order", "sku", "owner") == [("1001", "SOAP", "us"), ("1001", "MUG", "us")]
    assert list(Source(path, mapping).columns("sku", "order")) == [("", "1001")]
