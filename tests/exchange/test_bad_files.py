"""Bad input ends in a clear sentence that names what and where, and an unchanged database."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest

from core.exchange.mapping import load_mapping
from core.exchange.order_rows import read_orders
from core.exchange.report import FileFault, Problem, Report
from desktop.cli import main
from tests.homes import copy_home

HEAD = "channel,order,line,sku,quantity,unit_price,currency,ordered_at\n"
GOOD = "shop,1,1,SOAP-OLIV,2,4.50,GBP,2025-12-16T09:00:00\n"


def orders(path: Path) -> tuple[list[object], Report]:
    report = Report(path.name)
    return list(read_orders(path, load_mapping("dockside", "orders"), report)), report


def written(folder: Path, data: bytes | str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def problem(path: Path) -> tuple[Problem, int, str, str]:
    """Return the one problem of a file that yields no document."""
    documents, report = orders(path)
    assert documents == []
    assert report.rejected == 1
    entry = report.entries[0]
    return entry.problem, entry.line, entry.column, entry.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    documents, report = orders(written(tmp_path, HEAD + GOOD))

    assert len(documents) == 1
    assert (report.lines, report.documents, report.rejected) == (1, 1, 0)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert len(orders(written(tmp_path, b"\xef\xbb\xbf" + (HEAD + GOOD).encode()))[0]) == 1


def test_short_lines_inside_a_value_that_never_ends_are_not_called_empty(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + '"' + "x\n" * 1_000_000)

    with pytest.raises(FileFault, match=r"is not CSV: field larger than field limit"):
        orders(path)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"shop,1,1,S\x00AP,2,1,GBP,2025-12-16T09:00:00\n", "line 4002, column '4': holds a NUL byte"),
        (b"shop,1,1,S\xe9AP,2,1,GBP,2025-12-16T09:00:00\n", "line 4002: is not utf-8: byte 11 of the line is 0xe9"),
        (b"x" * 1_100_000, "line 4002: has a line longer than"),
        (b"\n" * 100_001, "line 104002: has more than 100000 empty lines"),
    ],
)
def test_what_is_wrong_far_behind_the_beginning_is_told_by_its_own_line(tmp_path: Path, bad: bytes, words: str) -> None:
    rows = "".join(f"shop,{n},1,SOAP,2,4.50,GBP,2025-12-16T09:00:00\n" for n in range(4_000)).encode()
    path = written(tmp_path, HEAD.encode() + rows + bad + rows)

    with pytest.raises(FileFault, match=words):
        orders(path)


def test_a_line_end_that_only_some_know_divides_no_line(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + "".join(f"shop,{n},1,SO\x0b\u2028AP,2,1,GBP,\r\n" for n in range(4_000)))
    report = Report("orders.csv")

    list(read_orders(path, load_mapping("dockside", "orders"), report))

    assert report.lines == 4_000


def test_packed_files_are_read(tmp_path: Path) -> None:
    assert len(orders(written(tmp_path, gzip.compress((HEAD + GOOD).encode()), "orders.csv.gz"))[0]) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1.5", Problem.NOT_WHOLE), ("-2", Problem.NOT_POSITIVE), ("0", Problem.NOT_POSITIVE), ("two", Problem.NOT_A_NUMBER), ("", Problem.MISSING_VALUE), ("NaN", Problem.NOT_A_NUMBER), ("1e400", Problem.NOT_A_NUMBER), ("1e12", Problem.TOO_LARGE), ("1_000", Problem.NOT_A_NUMBER), ("=1+1", Problem.NOT_A_NUMBER)],
)  # fmt: skip
def test_a_quantity_that_is_none_rejects_its_document(tmp_path: Path, value: str, expected: Problem) -> None:
    path = written(tmp_path, HEAD + GOOD.replace(",2,", f",{value},"))

    assert problem(path) == (expected, 2, "quantity", value)


def test_a_day_that_never_was_rejects_its_document(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + GOOD.replace("2025-12-16", "2025-02-30"))

    assert problem(path) == (Problem.NOT_A_DATE, 2, "ordered_at", "2025-02-30T09:00:00")


def test_one_bad_line_rejects_the_whole_document_and_no_other(tmp_path: Path) -> None:
    bad = "shop,1,2,SOAP-ROSE,x,1,GBP,2025-12-16T09:00:00\n"
    other = GOOD.replace("shop,1", "shop,2")

    documents, report = orders(written(tmp_path, HEAD + GOOD + bad + other))

    assert [each.external_id for each in documents] == ["2"]
    assert report.entries[0].document == "1"


def test_a_document_whose_rows_lie_apart_is_still_one(tmp_path: Path) -> None:
    other = GOOD.replace("shop,1", "shop,2")
    late = "shop,1,2,SOAP-ROSE,1,1,GBP,2025-12-16T09:00:00\n"

    documents, _ = orders(written(tmp_path, HEAD + GOOD + other + late))

    assert sorted((each.external_id, len(each.lines)) for each in documents) == [("1", 2), ("2", 1)]


def test_a_formula_stays_text(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD.strip() + ",name\n" + GOOD.strip() + ",=cmd|'/c calc'!A1\n")

    assert orders(path)[0][0].contact.name == "=cmd|'/c calc'!A1"


def sheet(path: Path) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    for row in (HEAD.strip().split(","), GOOD.strip().split(",")):
        page.append(row)
    book.save(path)
    return path.read_bytes()


def test_a_sheet_is_read(tmp_path: Path) -> None:
    sheet(tmp_path / "orders.xlsx")

    assert len(orders(tmp_path / "orders.xlsx")[0]) == 1


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return buffer.getvalue()


FAULTS = {
    "orders.csv, line 1, column 'sku': names a column twice": HEAD.strip() + ",sku\n" + GOOD,
    "orders.csv, line 2: is not utf-8": HEAD.encode() + b"shop,1,1,S\xe9AP,2,1,GBP,2025-12-16T09:00:00\n",
    "orders.csv, line 2: has a line longer than": HEAD + "x" * 10_000_000,
    "orders.csv, line 2, column '4': holds a NUL byte": HEAD.encode() + b"shop,1,1,\x00,2\n",
    "orders.csv, column 'quantity': has no column 'quantity'": HEAD.replace("quantity", "menge") + GOOD,
    "orders.csv: is empty": "",
    "orders.csv, line 2: is not CSV": HEAD + 'shop,"1"x,1\n',
    "orders.csv, line 1: is not CSV: a line ends in a carriage return alone": (HEAD + GOOD).replace("\n", "\r"),
    "orders.csv, line 1: is UTF-16, the mapping says utf-8": (HEAD + GOOD).encode("utf-16"),
    "orders.csv, line 1: is UTF-32, the mapping says utf-8": (HEAD + GOOD).encode("utf-32"),
}


@pytest.mark.parametrize("words", FAULTS)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, words: str) -> None:
    with pytest.raises(FileFault) as caught:
        orders(written(tmp_path, FAULTS[words]))

    assert str(caught.value).startswith(words)


JSON = {
    "is not JSON: it is nested too deeply": "[" * 100_000,
    "is not JSON: Expecting ',' delimiter, character 13": '{"order": 1',
    "is not JSON: it names 'order' twice": '{"order": 1, "order": 2}',
    "a line is not an object": "[1]",
}


@pytest.mark.parametrize("words", JSON)
def test_a_line_that_is_no_object_says_why(tmp_path: Path, words: str) -> None:
    with pytest.raises(FileFault) as caught:
        orders(written(tmp_path, JSON[words] + "\n", "orders.jsonl"))

    assert str(caught.value) == f"orders.jsonl, line 1: {words}"


def test_a_number_in_json_is_what_is_written_and_an_object_is_no_value(tmp_path: Path) -> None:
    line = '{"channel": "shop", "order": %s, "sku": "SOAP-OLIV", "quantity": 2, "ordered_at": "2025-12-16"}\n'
    many = "9" * 119
    path = written(tmp_path, "".join(line % each for each in (many, "1.10", '{"id": "7"}', '["7"]')), "orders.jsonl")

    documents, report = orders(path)

    assert [each.external_id for each in documents] == [many, "1.10"]
    assert [(each.line, each.column, each.value, each.problem) for each in report.entries] == [
        (3, "order", '{"id": "7"}', Problem.NESTED),
        (4, "order", '["7"]', Problem.NESTED),
    ]


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\u200d", "\ufeff"])
def test_a_code_holds_nothing_that_nobody_sees(tmp_path: Path, unseen: str) -> None:
    path = written(tmp_path, HEAD + GOOD.replace("SOAP", f"SO{unseen}AP"))

    assert problem(path)[0] is Problem.CONTROL_CHARACTER


def test_a_folder_a_missing_file_a_cut_off_sheet_and_a_bomb_are_told(tmp_path: Path) -> None:
    whole = sheet(tmp_path / "whole.xlsx")
    written(tmp_path, whole[: len(whole) // 2], "cut.xlsx")
    written(tmp_path, bomb(), "bomb.xlsx")
    (tmp_path / "folder.csv").mkdir()

    said = {}
    for name in ("folder.csv", "nothing.csv", "cut.xlsx", "bomb.xlsx"):
        with pytest.raises(FileFault) as caught:
            orders(tmp_path / name)
        said[name] = str(caught.value)

    assert said["folder.csv"] == "folder.csv: is a folder, not a file"
    assert said["nothing.csv"] == "nothing.csv: does not exist"
    assert said["cut.xlsx"].startswith("cut.xlsx: is not a readable XLSX")
    assert said["bomb.xlsx"].startswith("bomb.xlsx: unpacks to 60000000 bytes")


def test_an_unknown_key_of_a_mapping_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, '[orders.columns]\nordre = "x"\n', "mine.toml")

    with pytest.raises(FileFault, match=r"mine.toml, \[orders\], key 'ordre'"):
        load_mapping(str(path), "orders")


def dump(home: Path) -> bytes:
    return (home / "station.db").read_bytes()


def test_the_same_file_twice_changes_nothing_and_a_changed_document_is_told(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    path = written(tmp_path, HEAD + GOOD)
    said = []
    for text, code in ((HEAD + GOOD, 0), (HEAD + GOOD, 0), (HEAD + GOOD.replace(",2,", ",3,"), 1)):
        path.write_text(text)
        assert main(["import", "orders", str(path), "--home", str(home), "--json"]) == code
        said.append(capsys.readouterr().out)

    assert '"imported": 1' in said[0]
    assert '"unchanged": 1' in said[1]
    assert '"differs"' in said[2]


def test_strict_imports_nothing_if_anything_is_bad(
    sample_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    path = written(tmp_path, HEAD + GOOD + GOOD.replace("shop,1", "shop,2").replace("SOAP-OLIV", "NO-SUCH"))

    assert main(["import", "orders", str(path), "--home", str(home), "--strict", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["strict"], told["imported"], told["rejected"]) == (True, 0, 1)
    assert [each["reason"] for each in told["entries"]] == ["unknown_sku"]
    assert main(["import", "orders", str(path), "--home", str(home), "--json"]) == 0
    assert '"imported": 1' in capsys.readouterr().out
