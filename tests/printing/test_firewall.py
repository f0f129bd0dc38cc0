"""The gate for ZPL that somebody else made: labels pass, and everything that would change a printer is named."""

import io
import re
from pathlib import Path

import pytest
import zplkit
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

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
        (b'^XA\r\n! U1 setvar "ip.addr" "1.2.3.4"\r\n^FO1,1^FDx^FS^XZ', 5, "! U1 setvar"),
        (b'^XA^FO1,1^FD! U1 do "device.reset" ""^FS^XZ', 12, "! U1 do"),
        (b'^XA^CC^\r\n!  u1\tSETVAR "ip.addr" "1"\r\n^FO1,1^FDx^FS^XZ', 9, "! U1 SETVAR"),
        (b'^XA^MNY! U1 getvar "ip.addr"^FDx^FS^XZ', 7, "! U1 getvar"),
        (b'^XA^FD{}{"device.reset":""}^FS^XZ', 6, "{}{"),
    ],
)
def test_words_to_the_printers_settings_are_found_wherever_they_stand(data: bytes, at: int, command: str) -> None:
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
        (b"^XA^FDx\x03\x02^FDy^FS^XZ", "begins or ends a label unseen"),
    ],
)
def test_what_is_broken_or_too_much_passes_nobody(data: bytes, reason: str) -> None:
    verdict = inspect(data)
    assert reason in [each.reason for each in verdict.objections if each.for_good]
    assert not verdict.passes(administrator=True)


def test_bytes_of_a_binary_picture_are_no_commands() -> None:
    assert objections(b"^XA^FO1,1^GFB,3,3,1,~JR^FS^XZ") == []
    assert objections(b"^XA^FO1,1^gfb,3,3,1,~JR^FS^XZ") == []
    assert objections(b"^XA^FO1,1^GFC,3,8,1,~JR^FS^XZ") == []


@pytest.mark.parametrize(
    "sizes", [b"B,9,3,1", b"B,3,3,0", b"B,3,3,2", b"B, 3,3,1", b"B,99999999,99999999,1", b"C,9,9", b"C,9,9,0"]
)
def test_a_printer_that_waits_for_bytes_of_a_picture_would_swallow_the_next_label(sizes: bytes) -> None:
    data = b"^XA^FO1,1^GF" + sizes + b",~JR^FS^XZ"
    assert objections(data) == [(9, "^GF"), (data.index(b"~JR"), "~JR")]
    assert not inspect(data).passes(administrator=True)
    assert not inspect(b"^XA^FO1,1^GFB,900,900,9,~JR^FS^XZ").passes(administrator=True), "there are fewer than it says"


def test_a_picture_in_letters_ends_with_its_field_whatever_its_sizes_are() -> None:
    assert objections(b"^XA^FO1,1^GFA,9000,9000,9,FF00^FS^XZ^XA^XZ") == []
    assert objections(b"^XA^FO1,1^GFB,9000,9000,9,:Z64:eJw=:1234^FS^XZ^XA^XZ") == []


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
    sets = re.compile(rb"\^M[FMNT]|\^PR|\^MD[1-9-]|~SD|~TA")
    files = [each for each in sorted(folder.rglob("*")) if each.suffix in (".zpl", ".zpl2", ".txt")]
    assert len(files) > 60
    for file in files:
        data = file.read_bytes()
        verdict = inspect(data)
        if b"^XA" in data.upper():
            assert verdict.passes(without_settings=True) is not bool(stores.search(data)), (
                file.name,
                verdict.objections,
            )
            assert verdict.passes() is not bool(stores.search(data) or sets.search(data)), (
                file.name,
                verdict.objections,
            )


def test_objections_are_told_in_the_order_of_their_places(tmp_path: Path) -> None:
    assert inspect(b"^XA~JR^JUF^FDx^FS^XZ").objections == (
        Objection(3, "~JR", "restarts the printer"),
        Objection(6, "^JU", "changes or keeps the printer's settings"),
    )
    assert firewall.BYTES_MAX >= 1_000_000


@pytest.mark.parametrize(
    "command",
    [
        "^MMC", "^MNN", "^MNM", "^MTT", "^MFN,N", "^MD30", "^MD-5", "~SD30", "~TA-100", "^PR12", "^LT100", "^XB", "^mmc",
    ],
)  # fmt: skip
def test_what_only_sets_the_printer_is_refused_and_the_label_is_the_same_without_it(command: str) -> None:
    data = b"^XA^FO1,1" + command.encode() + b"\n^FDx^FS^XZ"
    verdict = inspect(data)
    assert [(each.at, each.command) for each in verdict.objections] == [(9, command[:3].upper())]
    assert (verdict.passes(), verdict.passes(without_settings=True)) == (False, True)
    before, after = firewall.as_sent(data).split(b"^JZY")
    assert (before.startswith(b"^XA^CI0"), after) == (True, b"^FO1,1\n^FDx^FS^XZ")


@pytest.mark.parametrize("command", ["^MD0", "^LT0", "^MUD", "^JMA", "^MCY", "^PQ1,0,1,Y", "^LS0", "^JZY"])
def test_what_says_what_holds_anyway_passes(command: str) -> None:
    assert inspect(b"^XA" + command.encode() + b"^FDx^FS^XZ").passes()


@pytest.mark.parametrize("command", ["^MCN", "^PQ5,1", "^JMB", "^MUD,150,300"])
def test_what_would_stay_or_stop_the_printer_is_refused(command: str) -> None:
    assert objections(b"^XA" + command.encode() + b"^FDx^FS^XZ") == [(3, command[:3])]


CARRIERS = {
    "a parcel service with a postal code in two dimensions": b"""^XA
^CI28^PW812^LL1218^LH0,0^LRN^POI^FWN
^FO20,20^GB770,1170,4^FS
^FO40,40^A0N,28,28^FH^FDD_C3_BCsseldorf _5E 7_7E^FS
^FT40,300^BD2^FH^FD0031234567890841[)>_1E01_1D961Z12345678_1DUPSN_1D12345E_1D089_1D_1D1/1_1D10_1DN_1D123 MAIN_1DCITY_1DST_1E_04^FS
^FO40,420^BY3^BCN,180,Y,N,N,A^FV1Z12345E0205271688^FS
^FO40,700^FB700,3,0,L^A0N,24,24^FDLine one\\&Line two, "quoted" 100% ! not read^FS
^PQ1,0,1,Y^XZ
""",
    "a depot with a picture and a matrix": b"""\xef\xbb\xbfCT~~CD,~CC^~CT~
^XA^MMT""".replace(b"^MMT", b"")
    + b"""
^PW799^LL1199^LS0
^FO32,32^GFA,24,24,3,::0FFFFF,800001,:FFFFFF^FS
^FO500,500^BXN,6,200,,,,_^FH^FDA1B2C3|_01|SHIPMENT 12345^FS
^BY4,3,203^FT80,900^BCN,,Y,N^FD>;00340434161094042557^FS
^FT60,1010^BQN,2,6^FDQA,https://example.com/t?n=1&m=2^FS
^FO10,10^GB0,0,0^FS^CF0,40^FO40,1100^FDDE-28195 BREMEN^FS
^PQ1^XZ
""",
}


@pytest.mark.parametrize("label", CARRIERS.values(), ids=CARRIERS.keys())
def test_labels_as_carriers_write_them_pass(label: bytes) -> None:
    assert inspect(label).objections == ()


TURNED = b"^XA^POI^PMY^LRY^FWR^LS200^LH90,90^CVY^JZN^FO40,40^A0N,40,40^FDFOREIGN^FS^XZ\n"
UPRIGHT = b"^XA^PW406^LL203^FO40,40^GB200,20,20^FS^FO40,90^A0N,60,60^FDRIGHT^FS^XZ\n"


def drawn(data: bytes) -> list[bytes]:
    """Return the dots of each label, after an interpreter that keeps what a printer keeps."""
    options = zplkit.Options(profile="specification", width=406, height=203, dpi=203)
    labels = zplkit.render(data.replace(b"^JZN", b"").replace(b"^JZY", b""), options).labels
    return [Image.open(io.BytesIO(each.png())).convert("1").tobytes() for each in labels]


def test_whatever_was_printed_before_the_next_label_lies_on_the_paper_as_meant() -> None:
    content = label_samples()["tote_label"].content
    ours = render(content, media=media_of(content, 203, Language.ZPL)).data
    options = zplkit.Options(profile="specification", width=812, height=406, dpi=203)

    def last(data: bytes) -> bytes:
        plain = re.sub(rb"\^JZ[YN]|\^PQ1", b"", data)
        return Image.open(io.BytesIO(zplkit.render(plain, options).labels[-1].png())).convert("1").tobytes()

    assert last(TURNED + ours) == last(ours)
    assert drawn(TURNED + UPRIGHT)[-1] != drawn(UPRIGHT)[-1]
    assert drawn(firewall.as_sent(TURNED) + firewall.as_sent(UPRIGHT))[-1] == drawn(UPRIGHT)[-1]
    assert not set(re.findall(rb"\^(?:PO|PM|LR|FW|LS|CV)", TURNED)) - set(re.findall(rb"\^[A-Z]{2}", ours))
