"""`dockside parse`: one line of JSON a code, whatever the code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.fill_codes import fill_code
from desktop.cli import main
from tests.catalog.test_fill_codes import made, units
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
    said = parse("--json", *words)
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


def test_a_line_that_is_no_text_is_refused_by_its_number_and_the_others_are_told(parse: Parse, tmp_path: Path) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(b"4006381333931\nA-01\nB-02\nA\xffC\nC-03\n")
    told = parsed(parse, "--file", str(file))
    assert [each["code"] for each in told] == ["4006381333931", "A-01", "B-02", "A\\xffC", "C-03"]
    assert [each["outcome"] for each in told] == ["accepted", "accepted", "accepted", "rejected", "accepted"]
    assert (told[3]["reason"], told[3]["at"], told[3]["readings"]) == ("unreadable", "line 4, byte 2", [])
    assert "A\\xffC  rejected: unreadable at line 4, byte 2" in parse("--file", str(file)).out


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_ends_in_any_of_the_three_ways(parse: Parse, tmp_path: Path, end: bytes) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(end.join((b"A-01", b"", b"B\x1d\x1c\x0b02", b"")))
    assert [each["code"] for each in parsed(parse, "--file", str(file))] == ["A-01", "", "B\x1d\x1c\x0b02"]


def test_a_file_that_cannot_be_opened_is_named_after_what_was_given_beside_it(parse: Parse, tmp_path: Path) -> None:
    said = parse("A-01", "--file", str(tmp_path / "none.txt"))
    assert said.code == 2
    assert said.out.startswith("A-01  accepted")
    assert "none.txt" in said.err
    assert parse().code == 2


def test_nothing_between_two_separators_is_named_as_that(parse: Parse) -> None:
    (told,) = parsed(parse, "010950600013435210A{GS}{GS}17261231")
    assert (told["outcome"], told["reason"], told["at"]) == ("rejected", "empty", "{GS}")
    (told,) = parsed(parse, "A{GS}{GS}17261231")
    assert (told["outcome"], told["reason"], told["at"]) == ("rejected", "unknown_identifier", "A")


def test_a_slip_is_told_as_a_command(parse: Parse) -> None:
    (told,) = parsed(parse, fill_code(made(units(1), number=7)))
    assert [told["chosen"][name] for name in ("kind", "verb", "argument")] == ["command", "FILL", "7"]


CODES = st.lists(
    st.one_of(
        st.text(max_size=8),
        st.sampled_from(["{GS}", "]C1", "]E0", "]C0", "]I1", "]Q1", "01", "00", "10", "21", "37", "WMS-", "WMS-FILL-", "1Z", "\udcff", "\u2028"]),
        st.sampled_from(["12312312312333", "106141411234567897", "https://a/01/", "?17=", "261231", "&", "/", "|]e0"]),
    ),
    max_size=8,
).map("".join)  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(codes=st.lists(CODES, min_size=1, max_size=20), device=st.sampled_from(["trusted", "unknown"]))
def test_any_codes_are_told_in_a_line_of_the_same_shape_each(parse: Parse, codes: list[str], device: str) -> None:
    told = parsed(parse, "--device", device, "--", *codes)
    assert [each["code"] for each in told] == [code.replace("\udcff", "\\xff") for code in codes]
    for each in told:
        check_shape(each)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=80)
    | st.lists(CODES, max_size=20).map(lambda codes: "\n".join(codes).encode("utf-8", "surrogatepass"))
)
def test_any_file_is_told_line_by_line(parse: Parse, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(content)
    told = parsed(parse, "--file", str(file))
    assert len(told) == len(content.removeprefix(b"\xef\xbb\xbf").splitlines())
    for each in told:
        check_shape(each)


def check_shape(told: dict[str, Any]) -> None:
    """Assert what docs/devices.md says of every line."""
    assert list(told) == ["code", "symbology", "outcome", "reason", "at", "chosen", "readings"]
    assert isinstance(told["code"], str)
    assert told["symbology"] is None or len(told["symbology"]) == 3
    assert told["outcome"] in ("accepted", "rejected", "ambiguous")
    assert (told["reason"] is None) == (told["outcome"] == "accepted") == (told["chosen"] in told["readings"])
    assert told["at"] is None or (told["at"] and told["reason"])
    assert told["chosen"] is None or told["outcome"] == "accepted"
    for reading in told["readings"]:
        assert set(reading) >= NAMES
        assert reading["kind"] in ("gs1", "digital_link", "gtin", "sscc", "tracking", "command", "plain")
        assert all(isinstance(value, str) and value for value in reading["ais"].values())
        for name in ("gtin", "sscc", "lot", "serial", "expiry", "carrier"):
            assert reading[name] is None or (isinstance(reading[name], str) and reading[name])
        for name in ("count", "weight_grams"):
            assert reading[name] is None or type(reading[name]) is int


def test_people_are_told_in_lines(parse: Parse) -> None:
    said = parse("]E02112345678901", "1Z5R89390357567127", "")
    lines = said.out.splitlines()
    assert lines[0] == "]E02112345678901  rejected: bad check digit"
    assert lines[1] == "1Z5R89390357567127  accepted"
    assert lines[3].startswith("  * tracking")
    assert lines[-1] == "(nothing)  rejected: empty"


def test_a_code_says_nothing_to_the_terminal(parse: Parse) -> None:
    said = parse("A\x1b[2J\x07{GS}B\x1dC\u202eD\udcff")
    assert said.out.splitlines() == [r"A\x1b[2J\x07{GS}B{GS}C\u202eD\xff  rejected: unreadable"]
