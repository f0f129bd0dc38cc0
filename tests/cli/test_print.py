"""`dockside print labels`: ranges and lists become labels that scan, or nothing at all is written."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from PIL import Image

from core.catalog.command_codes import read_command
from core.catalog.readings import CommandReading
from desktop.cli import main
from desktop.label_rows import label_kinds, spread
from devices.calibration import SHEET
from tests.cli.commands import Said, Shell
from tests.printing.readers import codes, zpl_pictures

Print = Callable[..., Said]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Print:
    """Return `dockside print`; ranges and lists need no home."""

    def run(*words: object) -> Said:
        code = main(["print", *map(str, words), "--home", str(tmp_path / "no home")])
        return Said(code, *capsys.readouterr())

    return run


def scanned(file: Path) -> list[set[str]]:
    """Return what stands in the codes of each page of a PDF."""
    document = pypdfium2.PdfDocument(file)
    try:
        return [{code.data for code in codes(page.render(scale=203 / 72).to_pil().convert("L"))} for page in document]
    finally:
        document.close()


@pytest.mark.parametrize(
    ("said", "first", "last", "count"),
    [
        ("A-01-01..A-04-12", "A-01-01", "A-04-12", 48),
        ("TOTE-001..TOTE-250", "TOTE-001", "TOTE-250", 250),
        ("A-09..C-11", "A-09", "C-11", 9),
        ("T-8..T-11", "T-8", "T-11", 4),
        ("DOCK-3", "DOCK-3", "DOCK-3", 1),
    ],
)
def test_a_range_counts_every_part_that_differs(said: str, first: str, last: str, count: int) -> None:
    found = list(spread(said))
    assert (found[0], found[-1], len(found), len(set(found))) == (first, last, count, count)


def test_a_range_is_a_page_each_that_scans(printed: Print, tmp_path: Path) -> None:
    out = tmp_path / "shelves.pdf"
    said = printed("labels", "location", "A-01-01..A-02-02", "--out", out, "--with", "zone=A", "--json")
    assert (said.code, said.err) == (0, "")
    assert said.data == {"kind": "location_label", "labels": 4, "format": "pdf", "out": str(out), "shortened": []}
    assert scanned(out) == [{"A-01-01"}, {"A-01-02"}, {"A-02-01"}, {"A-02-02"}]


def test_a_file_of_printer_language_holds_a_label_each_and_a_folder_a_file_each(printed: Print, tmp_path: Path) -> None:
    out, folder = tmp_path / "totes.zpl", tmp_path / "totes"
    assert printed("labels", "tote", "T-1..T-3", "--out", out, "--dpi", 300).code == 0
    drawn = zpl_pictures(out.read_bytes(), 300)
    assert [{code.data for code in codes(each)} for each in drawn] == [{"T-1"}, {"T-2"}, {"T-3"}]
    assert printed("labels", "tote", "T-1..T-2", "A/B", "a?b", "--out", folder, "--format", "png").code == 0
    names = sorted(each.name for each in folder.iterdir())
    assert names == ["A_B.png", "T-1.png", "T-2.png", "a_b-4.png"]
    assert {code.data for code in codes(Image.open(folder / "A_B.png"))} == {"A/B"}


@pytest.mark.parametrize("form", ["epl2", "tspl", "escpos"])
def test_other_printers_languages_are_made_by_their_back_ends(printed: Print, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"one.{form.removesuffix('2')}"
    assert printed("labels", "cart", "CART-01", "--out", out, "--with", "slots=6").code == 0
    assert out.read_bytes()


def test_a_list_is_a_label_a_row_from_csv_and_from_a_spreadsheet(printed: Print, tmp_path: Path) -> None:
    rows = [("GTIN", "Lot", "expiry", "description"), ("9501101530003", "L1", "2027-06-30", "Mug, blue")]
    text = tmp_path / "goods.csv"
    text.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in rows), encoding="utf-8")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "goods.xlsx")
    other = tmp_path / "other.csv"
    other.write_text("\n".join(";".join(row) for row in rows), encoding="utf-8")
    for file in (text, other, tmp_path / "goods.xlsx"):
        out = tmp_path / "out.pdf"
        assert printed("labels", "product", "--file", file, "--out", out).code == 0
        assert scanned(out) == [{"(01)09501101530003(17)270630(10)L1"}]


def test_lines_of_one_column_are_divided_by_bars_or_are_a_list(printed: Print, tmp_path: Path) -> None:
    file = tmp_path / "back.jsonl"
    to, why = ["Harbour Lane Ltd", "1 Harbour Lane"], ["too small", "damaged"]
    made = []
    for lines, reasons in (("|".join(to), "|".join(why)), (to, why)):
        row = {"rma": "RMA-1", "to_lines": lines, "to_postcode": "YO21 3PU", "reasons": reasons}
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        assert printed("labels", "return", "--file", file, "--out", tmp_path / "out.zpl").code == 0
        made.append((tmp_path / "out.zpl").read_bytes())

    assert made[0] == made[1]
    file.write_text(json.dumps({"rma": "RMA-1", "to_postcode": "1", "to_lines": ["a", ["b"]]}) + "\n", encoding="utf-8")
    said = printed("labels", "return", "--file", file, "--out", tmp_path / "other.zpl")
    assert (said.code, "line 1, column 'to_lines': not a plain value" in said.err) == (1, True), said.err


def test_every_mistake_of_a_list_is_named_and_nothing_is_written(printed: Print, tmp_path: Path) -> None:
    file, out = tmp_path / "goods.csv", tmp_path / "out.pdf"
    file.write_text(
        "gtin,lot,expiry,description\n9501101530003,L1,,Mug\n9501101530004,L2,,Mug\n,L3,,Mug\n"
        "9501101530003,L#4,,Mug\n9501101530003,L5,2027-02-30,Mug\n",
        encoding="utf-8",
    )
    said = printed("labels", "product", "--file", file, "--out", out)
    assert said.code == 1
    assert said.err.splitlines() == [
        "dockside: goods.csv, line 3, column 'gtin': check digit of 9501101530004 should be 3",
        "goods.csv, line 4, column 'gtin': is missing",
        "goods.csv, line 5, column 'lot': 'L#4' cannot be (10) BATCH/LOT: bad character",
        "goods.csv, line 6, column 'expiry': '2027-02-30' is no date such as 2027-01-31",
        "nothing was written",
    ]
    file.write_text(file.read_text("utf-8").replace(",L3", "9501101530003,L3"), encoding="utf-8")
    said = printed("labels", "product", "--file", file, "--out", out)
    assert said.err.splitlines() == [
        "dockside: goods.csv, line 3, column 'gtin': check digit of 9501101530004 should be 3",
        "goods.csv, line 5, column 'lot': 'L#4' cannot be (10) BATCH/LOT: bad character",
        "goods.csv, line 6, column 'expiry': '2027-02-30' is no date such as 2027-01-31",
        "nothing was written",
    ]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["goods.csv"]


def test_all_that_is_wrong_with_one_line_is_named(printed: Print, tmp_path: Path) -> None:
    file = tmp_path / "cartons.csv"
    file.write_text("code,lines,units,weight_grams\nC-1,Mug,x,y\n,,1,1\n", encoding="utf-8")
    said = printed("labels", "carton-content", "--file", file, "--out", tmp_path / "out.pdf")
    assert said.err.splitlines() == [
        "dockside: cartons.csv, line 2, column 'units': 'x' is no whole number",
        "cartons.csv, line 2, column 'weight_grams': 'y' is no whole number",
        "cartons.csv, line 3, column 'code': is missing",
        "cartons.csv, line 3, column 'lines': is missing",
        "nothing was written",
    ]


@pytest.mark.parametrize("out", ["out.pdf", "out.zpl", "out"])
def test_prose_that_has_no_room_is_shortened_and_said_by_line_and_column(
    printed: Print, tmp_path: Path, out: str
) -> None:
    file = tmp_path / "goods.csv"
    file.write_text(f"gtin,lot,description\n9501101530003,L1,Mug\n9501101530003,L1,{'mug ' * 75}\n", encoding="utf-8")
    said = printed("labels", "product", "--file", file, "--out", tmp_path / out, "--json")
    [sentence] = said.data["shortened"]
    assert re.fullmatch(r"goods.csv, line 3, column 'description': shortened to \d\d of 299 characters", sentence)
    assert (said.code, said.err) == (0, f"dockside: {sentence}\n")


@pytest.mark.parametrize("form", ["png", "zpl", "epl", "tspl", "escpos", "pdf"])
def test_a_gtin_of_14_digits_with_lot_and_expiry_fits_the_label_it_is_made_for(
    printed: Print, tmp_path: Path, form: str
) -> None:
    file, out = tmp_path / "q.jsonl", tmp_path / f"q.{form}"
    file.write_text('{"gtin":"09506000134352","lot":"L1","expiry":"2027-01-31"}\n', encoding="utf-8")
    said = printed("labels", "product", "--file", file, "--out", out)
    assert (said.code, said.err, out.exists()) == (0, "", True)


def test_a_fault_names_the_column_whose_words_it_is_about(printed: Print, tmp_path: Path) -> None:
    for kind, column, row in (
        ("tote", "code", {"code": "T" * 60}), ("location", "note", {"code": "A-1", "note": "हन"}),
        ("dock", "name", {"code": "D-1", "name": "हन"}), ("badge", "name", {"code": "B7K2M9", "name": "हन"}),
        ("workstation", "name", {"code": "W-1", "name": "हन"}),
        ("quarantine", "sku", QUARANTINED | {"sku": "S" * 300}),
        ("quarantine", "destination", QUARANTINED | {"destination": "हन"}),
    ):  # fmt: skip
        file = tmp_path / "list.jsonl"
        file.write_text(json.dumps(row) + "\n", encoding="utf-8")
        said = printed("labels", kind, "--file", file, "--out", tmp_path / "out.zpl")
        assert (said.code, f"line 1, column {column!r}: " in said.err) == (1, True), said.err


QUARANTINED = {
    "code": "Q-1", "reason": "wet", "subject": "mug", "destination": "QH-01", "site_name": "Leeds", "raised_by": "Ana",
    "raised_at_text": "now",
}  # fmt: skip


@pytest.mark.parametrize("out", ["out.pdf", "out.zpl", "out"])
def test_no_number_of_a_pallet_stands_on_two_labels(printed: Print, tmp_path: Path, out: str) -> None:
    file = tmp_path / "pallets.csv"
    file.write_text("sscc\n006141410000000012\n106141410000000019\n006141410000000012\n", encoding="utf-8")
    said = printed("labels", "logistic", "--file", file, "--out", tmp_path / out)
    assert (said.code, said.err.splitlines()) == (
        1,
        [
            "dockside: pallets.csv, line 4, column 'sscc': 006141410000000012 is on two labels, at most 1 may carry it",
            "nothing was written",
        ],
    )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pallets.csv"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("banner", "A"), "'banner' is no kind of label"),
        (("location",), "no label to print"),
        (("location", "A-9..A-1"), "A-9..A-1: 9 to 1 runs backwards"),
        (("location", "A-1..B-1-1"), "are not built alike"),
        (("location", "TOTE-001..TOTE-1"), "001 is not written with as many digits as 1: which of them is meant?"),
        (("location", "T-8..T-011"), "8 is not written with as many digits as 011"),
        (("location", "A..LL"), "there is no way to count"),
        (("location", "A-1..A-99999"), "is too much at once"),
        (("location", "A-001-001..A-999-999"), "labels, at most 20000 at once"),
        (("product", "A-1"), "is not made from a code alone"),
        (("location", "A-1", "--dpi", "200"), "200 dpi: heads have 203, 300, 600"),
        (("location", "A-1", "--media", "wide"), "'wide' is no size"),
        (("location", "A-1", "--media", "1x1"), "a side is between 10 and 500 mm"),
        (("location", "A-1", "--language", "tlh"), "'tlh' is no language of paper: en, de, ar"),
        (("location", "A-1", "--format", "doc"), "'doc' is no format"),
        (("location", "A-1", "--with", "colour=red"), "'colour' is no column"),
        (("location", "A-1..A-2", "--out", "out.png"), "a picture is of one label"),
        (("location", "A-1", "--out", "nowhere/out.pdf"), "No such file or directory"),
        (("location", "--file", "nothing.csv"), "nothing.csv"),
    ],
)
def test_a_question_that_cannot_be_put_is_one_sentence(
    printed: Print, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = printed("labels", *words, *(() if "--out" in words else ("--out", "labels.pdf")))
    assert said.code == 2
    assert sentence in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("location", "Größe-1"), "column 'code': cannot be a code_128: 'ö' is not printable ASCII"),
        (("tote", "T" * 60), "column 'code': "),
        (("location", "A-1", "--media", "20x20"), "A-1"),
    ],
)
def test_a_label_that_does_not_fit_or_scan_is_named(
    printed: Print, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = printed("labels", *words, "--out", "labels.pdf")
    assert said.code == 1
    assert sentence in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kind", "first"), [("tote", "TOTE-0001"), ("slot", "CART-01"), ("dock", "DOCK-1")])
def test_all_that_the_station_knows_is_printed(shell: Shell, tmp_path: Path, kind: str, first: str) -> None:
    out = tmp_path / "all.zpl"
    said = shell("print", "labels", kind, "--all", "--out", out, "--json")
    assert said.code == 0, said.err
    assert said.data["labels"] == out.read_bytes().count(b"^XZ") > 1
    assert {code.data for code in codes(zpl_pictures(out.read_bytes().partition(b"^XZ")[0] + b"^XZ", 203)[0])} == {
        first
    }


def test_badges_are_not_in_the_records(shell: Shell) -> None:
    said = shell("print", "labels", "badge", "--all")
    assert (said.code, "the station has no list of these" in said.err) == (2, True)


def test_every_kind_is_listed_with_its_columns(printed: Print) -> None:
    said = printed("kinds", "--json")
    listed = {each["kind"]: each["columns"] for each in said.data["kinds"]}
    assert set(listed) == set(label_kinds())
    assert listed["slot"] == {"code": "needed", "slot": "needed"}


def text_of(file: Path) -> str:
    """Return the words of all pages of a PDF."""
    document = pypdfium2.PdfDocument(file)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)
    finally:
        document.close()


def test_a_walk_and_a_slip_for_what_comes_back_are_printed_from_the_records(shell: Shell, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    said = shell("print", "document", "pick-list", "2", "--out", out, "--json")
    assert said.data == {"kind": "pick-list", "pages": 1, "out": str(out)}
    words = text_of(out)
    assert "Pick list 2" in words
    assert scanned(out) == [{"2"}]
    assert shell("print", "document", "return-slip", "100482", "--out", out, "--language", "de").code == 0
    assert "Rücksendeschein" in text_of(out)
    assert scanned(out) == [{"100482"}]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_sheet_of_commands_has_every_command_with_its_check_character(
    shell: Shell, tmp_path: Path, language: str
) -> None:
    out = tmp_path / "commands.pdf"
    assert shell("print", "document", "command-sheet", "--out", out, "--language", language).code == 0
    read = set[str]().union(*scanned(out))
    commands = [read_command(code) for code in sorted(read)]
    assert all(isinstance(command, CommandReading) for command in commands)
    said = {(command.verb, command.argument) for command in commands if isinstance(command, CommandReading)}
    assert {("CONFIRM", ""), ("SHORT", ""), ("NOTPRINTED", ""), ("BOX", "C1"), ("QTY", "12")} <= said


def test_the_sheet_that_calibrates_a_scanner_holds_its_codes_on_one_page(printed: Print, tmp_path: Path) -> None:
    out = tmp_path / "calibration.pdf"
    assert printed("document", "calibration-sheet", "--out", out).code == 0
    document = pypdfium2.PdfDocument(out)
    read = [code for page in document for code in codes(page.render(scale=300 / 72).to_pil().convert("L"))]
    document.close()
    assert [code.data for code in read[:-1]] == list(SHEET[:-1])
    assert (read[-1].aim, read[-1].data) == ("]C1", "(01)09506000134352(10)CALIB(17)291231")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("poster",), "'poster' is no kind of document"),
        (("pick-list",), "of which number is the pick list to be?"),
        (("pick-list", "999999"), "there is no batch 999999"),
        (("pick-list", "seven"), "'seven' is no number of a batch"),
        (("return-slip", "nobody's"), "there is no order nobody's"),
        (("packing-slip", "100482"), "no packing slip of 100482 was printed at this station"),
        (("manifest", "1"), "no manifest of 1 was printed at this station"),
    ],
)
def test_a_document_that_cannot_be_made_is_one_sentence(
    shell: Shell, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    out = tmp_path / "out.pdf"
    said = shell("print", "document", *words, "--out", out)
    assert (said.code, sentence in said.err, out.exists()) == (2, True, False), said.err
