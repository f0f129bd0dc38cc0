"""`dockside parse`: one line of JSON a code, whatever the code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop.cli import main
from tests.cli.commands import Said

NAMES = {"kind", "ais", "gtin", "sscc", "lot", "serial", "expiry", "count", "weight_grams", "carrier"}


Parse = Callable[..., Said]


@pytest.fixture
def parse(capsys: pytest.CaptureFixture[str]) -> Parse:
    """Return the command; it needs no home."""

    def run(*words: str) -> Said:
        code = main(["parse", *words])
        return Said(code, *capsys.readouterr())

    return run


def parsed(parse: Parse, *words: str) -> list[dict[str, Any]]:
    said = parse(*words, "--json")
    assert (said.code, said.err) == (0, "")
    return [json.loads(line) for line in said.out.splitlines()]


def test_a_code_is_told_with_its_symbology_and_everything_it_says(parse: Parse) -> None:
    (told,) = parsed(parse, "]C101095060001343521726123110ABC123{GS}3712{GS}21SER1")
    assert told["outcome"] == "rejected"
    (told,) = parsed(parse, "]C101095060001343521726123110ABC123{GS}21SER1{GS}3103001250")
    assert {"code", "symbology", "outcome", "reason", "chosen", "readings"} <= set(told)
    assert (told["symbology"], told["outcome"], told["reason"]) == ("]C1", "accepted", None)
    assert told["chosen"] == told["readings"][0]
    assert set(told["chosen"]) >= NAMES
    assert told["chosen"]["ais"] == {
        "01": "09506000134352", "17": "261231", "10": "ABC123", "21": "SER1", "3103": "001250",
    }  # fmt: skip
    assert [told["chosen"][name] for name in ("kind", "gtin", "lot", "serial", "expiry", "weight_grams")] == [
        "gs1", "09506000134352", "ABC123", "SER1", "2026-12-31", 1250,
    ]  # fmt: skip


def test_a_device_that_is_not_known_may_have_dropped_a_separator(parse: Parse) -> None:
    code = "010950600013435210ABC17261231"
    (told,) = parsed(parse, code)
    assert (told["outcome"], told["reason"], told["chosen"]) == ("ambiguous", "lost_separator", None)
    (told,) = parsed(parse, code, "--device", "trusted")
    assert (told["outcome"], told["chosen"]["lot"]) == ("accepted", "ABC17261231")


@pytest.mark.parametrize(
    ("code", "kind", "name", "value"),
    [
        ("1Z5R89390357567127", "tracking", "carrier", "ups"),
        ("106141411234567897", "sscc", "sscc", "106141411234567897"),
        ("4006381333931", "gtin", "gtin", "04006381333931"),
        ("WMS-QTY-12-S", "command", "argument", "12"),
        ("https://example.com/01/09506000134352/10/A1", "digital_link", "lot", "A1"),
        ("SOAP-OLIV", "plain", "text", "SOAP-OLIV"),
    ],
)
def test_every_kind_is_told_by_its_name(parse: Parse, code: str, kind: str, name: str, value: str) -> None:
    (told,) = parsed(parse, code)
    assert (told["chosen"]["kind"], told["chosen"][name]) == (kind, value)


def test_a_file_has_a_code_a_line_and_gets_a_line_for_each(parse: Parse, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(b"\xef\xbb\xbf]C100106141411234567897\r\nA-01\x1dB\n\n]d2010950600013435210A{GS}21B\n")
    told = parsed(parse, "--file", str(file))
    assert [each["code"] for each in told] == [
        "]C100106141411234567897", "A-01\x1dB", "", "]d2010950600013435210A{GS}21B",
    ]  # fmt: skip
    assert [each["outcome"] for each in told] == ["accepted", "rejected", "rejected", "accepted"]
    assert [each["kind"] for each in told[0]["readings"]] == ["gs1", "sscc"]
    assert told[3]["chosen"]["ais"] == {"01": "09506000134352", "10": "A", "21": "B"}


def test_a_file_that_cannot_be_read_is_named_with_its_line(parse: Parse, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(b"ABC\nA\xffC\n")
    said = parse("--file", str(file))
    assert said.code == 2
    assert f"{file}, line 2: not UTF-8 from byte 2 on" in said.err
    said = parse("--file", str(tmp_path / "none.txt"))
    assert said.code == 2
    assert "none.txt" in said.err
    assert parse().code == 2


def test_people_are_told_in_lines(parse: Parse) -> None:
    said = parse("]E02112345678901", "1Z5R89390357567127", "")
    lines = said.out.splitlines()
    assert lines[0] == "]E02112345678901  rejected: bad check digit"
    assert lines[1] == "1Z5R89390357567127  accepted"
    assert lines[3].startswith("  * tracking")
    assert lines[-1] == "(nothing)  rejected: empty"
