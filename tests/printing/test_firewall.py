"""The gate for ZPL that somebody else made: labels pass, and everything that would change a printer is named."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import firewall, zpl
from printing.firewall import Objection, inspect
from printing.media import Language
from printing.render import render
from tests.printing.samples import HOSTILE, addressed, label_samples, media_of
from tests.shared_data import shared

FIELD = b"^XA^FO10,10^A0N,30,30^FD%s^FS^XZ"


def objections(data: bytes) -> list[tuple[int, str]]:
    """Return the place and the command of each objection."""
    return [(each.at, each.command) for each in inspect(data).objections]


@pytest.mark.parametrize("name", label_samples())
def test_our_own_labels_pass(name: str) -> None:
    content = label_samples()[name].content
    verdict = inspect(render(content, media=media_of(content, 203, Language.ZPL)).data)
    assert (verdict.labels, verdict.objections) == (1, ())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_in_our_labels_is_a_command_to_somebody_who_reads_them_otherwise(text: str) -> None:
    content = addressed(text)
    verdict = inspect(render(content, media=media_of(content, 203, Language.ZPL)).data)
    assert (verdict.labels, verdict.objections) == (1, ())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_no_field_of_ours_is_ever_objected_to(text: str) -> None:
    assert inspect(f"^XA^FO9,9^A0N,30,30{zpl.field(text)}^XZ".encode()).passes()


@pytest.mark.parametrize(
    "command",
    [
        "~JR", "^JUF", "^JUS", "~JA", "^ST10,15,2026", "~DYR:LOGO,P,P,10,2,00", "^IDR:*.*", "^KP1234", "^NSa,1.2.3.4",
        "^SCb,8", "~DGR:A.GRF,8,1,FF", "^CWZ,E:ARIAL.TTF", "^DFR:F.ZPL", "^XFR:F.ZPL", "^XGR:A.GRF", "^MUI", "^JMB",
        "~PP", "^SZ1", "^EG", "^HV1", "~HS", "~WC", "^QQ", "^ju", "~jr", "^X\nA", "~J R", "~", "^", "^A", "^X",
    ],
)  # fmt: skip
def test_what_is_no_label_is_named_with_its_byte_and_an_administrator_may_send_it(command: str) -> None:
    data = b"^XA^FO1,1" + command.encode() + b"^FDx^FS^XZ"
    verdict = inspect(data)
    assert [each.at for each in verdict.objections] == [9]
    assert verdict.objections[0].command == command[:3].upper()
    assert not verdict.passes()
    assert verdict.passes(administrator=True)


@pytest.mark.parametrize("hidden", [b"~JR", b"^JUF", b"^IDR:*.*", b"Canal ~HS Road"])
def test_a_command_within_an_address_is_found(hidden: bytes) -> None:
    data = FIELD % hidden
    [(at, command)] = objections(data)
    assert data[at : at + 3] == command.encode()


def test_a_prefix_right_behind_another_hides_nothing() -> None:
    assert objections(b"^XA^A~JR^FS^XZ") == [(3, "^A"), (5, "~JR")]
    assert objections(b"^XA^F~JR^FS^XZ") == [(3, "^F"), (5, "~JR")]


def test_escaped_signs_and_exclamation_marks_in_data_are_letters() -> None:
    assert objections(b"^XA^FO1,1^A0N,9,9^FH^FD_7EJR _5EJU Hello! U1 do it^FS^XZ") == []


@pytest.mark.parametrize(
    ("data", "at", "command"),
    [
        (b'^XA^FDa^FS^XZ\r\n! U1 setvar "device.reset" ""\r\n', 15, "! U1 setvar"),
        (b'! U1 do "device.restore_defaults" "wlan"\r\n^XA^FDa^FS^XZ', 0, "! U1 do"),
        (b"^XA^FDa^FS^XZ\nN\nq812\nA10,10,0,1,1,1,N,x\nP9\n", 14, ""),
        (b'{}{"device.reset":""}^XA^FDa^FS^XZ', 0, ""),
        (b"~SD10! U1 do x\n^XA^FDa^FS^XZ", 5, "! U1 do"),
    ],
)
def test_words_outside_of_labels_are_another_language_of_the_printer(data: bytes, at: int, command: str) -> None:
    assert (at, command) in objections(data)
    assert not inspect(data).passes()


def test_changed_prefixes_are_refused_and_what_hides_behind_them_is_found() -> None:
    assert objections(b"^CC/^XA/XA/FDx/FS~JR/XZ") == [(0, "^CC"), (17, "~JR")]
    assert objections(b"^XA^CT!^FDx!JR^FS^XZ") == [(3, "^CT"), (11, "~JR")]
    assert objections(b"^XA^CD;^FO1;1^FDx^FS^XZ") == [(3, "^CD")]
    assert inspect(b"\x10CT~~CD,~CC^~CT~\r\n^XA^FDx^FS^XZ").passes()
    assert inspect(b"^XA~CC^^FDx^FS^XZ").passes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no label in it"),
        (b"hello", "there is no label in it"),
        (b"^XA^FDx^FS", "begins a label that never ends"),
        (b"^FDx^FS^XZ", "ends a label that was never begun"),
        (b"^XA^FDx^FS^XA^XZ", "begins a label within the one from byte 0"),
        (b"^XA^FDx^FS^PQ51^XZ", "51 labels come out of it, at most 50 may"),
        (b"^XA^XZ" * 51, "51 labels come out of it, at most 50 may"),
        (b" " * 2_000_001, "2000001 bytes, at most 2000000 are taken"),
    ],
)
def test_what_is_broken_or_too_much_passes_nobody(data: bytes, reason: str) -> None:
    verdict = inspect(data)
    assert reason in [each.reason for each in verdict.objections if each.for_good]
    assert not verdict.passes(administrator=True)


def test_bytes_of_a_binary_picture_are_no_commands_unless_its_sizes_disagree() -> None:
    assert objections(b"^XA^FO1,1^GFB,3,3,1,~JR^FS^XZ") == []
    assert objections(b"^XA^FO1,1^GFB,9,3,1,~JR^FS^XZ") == [(20, "~JR")]
    assert objections(b"^XA^FO1,1^GFB,3,3,0,~JR^FS^XZ") == [(20, "~JR")]
    assert objections(b"^XA^FO1,1^GFB,3,3,2,~JR^FS^XZ") == [(20, "~JR")]


def test_pairs_copies_size_and_hash_are_told() -> None:
    verdict = inspect(b"^XA^FDx^FS^PQ3,0,1,Y^XZ\n^XA^FDy^FS^XZ\n")
    assert (verdict.labels, verdict.size, len(verdict.sha256), verdict.objections) == (4, 38, 64, ())


@given(st.binary(max_size=200))
def test_any_bytes_get_a_verdict_and_places_within_them(data: bytes) -> None:
    verdict = inspect(data)
    assert verdict.size == len(data)
    assert all(0 <= each.at <= len(data) for each in verdict.objections)


PIECES = [
    "^XA",
    "^XZ",
    "^FD",
    "^FS",
    "^FX",
    "~JR",
    "^GFB,3,3,1,",
    "^CC/",
    "^CT!",
    "/XA",
    "!JR",
    "abc",
    "\n",
    "^PQ9",
    "^",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_restart_passes_however_it_is_wrapped(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    bare = re.sub(rb"\^GFB,3,3,1,...", b"", data)
    if inspect(data).passes():
        assert b"~JR" not in bare


def test_labels_of_others_pass_unless_they_store_or_recall() -> None:
    folder = shared("zpl_labels")
    stores = re.compile(rb"\^DF|\^XF|\^IM|~DG|~DY|\^CW|\^IS|\^ID")
    files = [each for each in sorted(folder.rglob("*")) if each.suffix in (".zpl", ".zpl2", ".txt")]
    assert len(files) > 60
    for file in files:
        data = file.read_bytes()
        verdict = inspect(data)
        if b"^XA" in data.upper():
            assert verdict.passes() is not bool(stores.search(data)), (file.name, verdict.objections)


def test_objections_are_told_in_the_order_of_their_places(tmp_path: Path) -> None:
    assert inspect(b"^XA~JR^JUF^FDx^FS^XZ").objections == (
        Objection(3, "~JR", "restarts the printer"),
        Objection(6, "^JU", "changes or keeps the printer's settings"),
    )
    assert firewall.BYTES_MAX >= 1_000_000
