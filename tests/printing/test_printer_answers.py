"""What printers answer, bit by bit: each value there is, and every answer cut anywhere or with noise in it.

What holds for all of them: an answer that is not one is `UNKNOWN`, a bit without a name is an error, neither is ever ready.
"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from printing.drivers import (
    batch_status,
    epl_status,
    error_status,
    escpos_status,
    host_status,
    queue_status,
    tspl_status,
    variables,
)
from printing.drivers.alerts import read_alerts
from printing.drivers.protocols import Advice, Fate, PrinterState, PrinterStatus, Trouble

LPRINT = (
    b"\x02\r\n\r\n  PRINTER STATUS                            \r\n   ERRORS:         0 00000000 00000000      \r\n"
    b"   WARNINGS:       0 00000000 00000000      \r\n\x03"
)
"""A real capture (LPrint, issue 117)."""
HS_HELD = b"\x02030,1,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,1,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


def errors(bits: int, more: int = 0, warnings: int = 0) -> bytes:
    flag = int(bool(bits or more))
    return (
        LPRINT.replace(b"0 00000000 00000000", b"%d %08X %08X" % (flag, more, bits), 1)
        .replace(b"WARNINGS:       0 00000000 00000000", b"WARNINGS:       %d 00000000 %08X" % (bool(warnings), warnings))
    )  # fmt: skip


def held(status: PrinterStatus) -> tuple[Trouble, ...]:
    assert (status.state is PrinterState.HELD) is bool(status.troubles)
    return status.troubles


# ~HQES


def test_a_captured_answer_without_errors_is_ready() -> None:
    assert error_status.parse(LPRINT).state is PrinterState.READY


def test_the_manuals_own_example_is_an_open_head_and_no_media() -> None:
    assert held(error_status.parse(errors(0x5))) == (Trouble.PAPER_OUT, Trouble.HEAD_OPEN)


@pytest.mark.parametrize("bit", range(32))
def test_each_bit_of_the_errors_is_named_or_an_error(bit: int) -> None:
    named = error_status.ERRORS.get(1 << bit, Trouble.ERROR)

    assert held(error_status.parse(errors(1 << bit))) == (named,)
    assert held(error_status.parse(errors(0, more=1 << bit))) == (Trouble.ERROR,)


@given(st.integers(0, 2**32 - 1))
@example(0x10000)
@example(0x4000)
def test_any_errors_at_all_hold_the_printer_and_all_are_named(bits: int) -> None:
    wanted = {error_status.ERRORS.get(1 << n, Trouble.ERROR) for n in range(32) if bits >> n & 1}

    assert set(held(error_status.parse(errors(bits)))) == wanted


@pytest.mark.parametrize("bit", range(32))
def test_a_warning_is_told_and_holds_nothing(bit: int) -> None:
    status = error_status.parse(errors(0, warnings=1 << bit))

    assert status.state is PrinterState.READY
    assert status.advice == (error_status.WARNINGS.get(1 << bit, Advice.OTHER),)


def test_an_error_flag_without_a_bit_is_an_error() -> None:
    flagged = LPRINT.replace(b"0 00000000 00000000", b"1 00000000 00000000", 1)

    assert held(error_status.parse(flagged)) == (Trouble.ERROR,)


# Variables and identity


@pytest.mark.parametrize(
    ("answer", "number"),
    [(b'"123"', 123), (b'"123 LABELS"', 123), (b"?", None), (b'"?"', None), (b'""', None), (b"", None), (b'"12', None)],
)
def test_a_variable_is_what_stands_in_quotation_marks(answer: bytes, number: int | None) -> None:
    assert variables.number(answer) == number


@pytest.mark.parametrize(("dots", "dpi"), [(6, 152), (8, 203), (12, 300), (24, 600)])
def test_the_resolution_comes_from_the_dots_a_millimetre(dots: int, dpi: int) -> None:
    assert variables.identity(b"\x02ZD421-300dpi,V93.21.26Z,%d,8192KB,X\x03\r\n" % dots) == (
        "ZD421-300dpi", "V93.21.26Z", dpi,
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer", [b"", b"~HI", b"\x02ZD421,V1\x03", b"\x02A,B,9,C\x03", b"\x02A,B,eight,C\x03", b"A,B,8,C"]
)
def test_what_names_no_resolution_is_no_identity(answer: bytes) -> None:
    assert variables.identity(answer) is None


# TSPL

TSPL_BITS = (
    Trouble.HEAD_OPEN, Trouble.JAM, Trouble.PAPER_OUT, Trouble.RIBBON_OUT, Trouble.PAUSED, None, Trouble.COVER_OPEN,
    Trouble.TOO_HOT,
)  # fmt: skip


def test_every_byte_of_a_tspl_printer_is_read() -> None:
    for byte in range(256):
        status = tspl_status.parse(bytes([byte]))
        assert held(status) == tuple(each for n, each in enumerate(TSPL_BITS) if each and byte >> n & 1), byte
        assert status.printing is bool(byte & 0x20)


@pytest.mark.parametrize(
    ("letters", "troubles"),
    [
        ("@@@@", ()), ("P@@@", ()), ("`@@@", (Trouble.PAUSED,)), ("E@@A", (Trouble.PAPER_OUT,)), ("E@@E", (Trouble.PAPER_OUT, Trouble.RIBBON_OUT)),
        ("E@@B", (Trouble.JAM,)), ("E@A@", (Trouble.TOO_HOT,)), ("E@H@", (Trouble.CUTTER,)), ("E@P@", (Trouble.MEMORY_FULL,)),
        ("@H@@", (Trouble.BUFFER_FULL,)), ("E@@@", (Trouble.ERROR,)), ("K@@@", (Trouble.ATTENTION,)), ("Z@@@", (Trouble.ERROR,)),
    ],
)  # fmt: skip
def test_the_long_answer_of_a_tspl_printer(letters: str, troubles: tuple[Trouble, ...]) -> None:
    assert held(tspl_status.parse_long(b"\x02" + letters.encode() + b"\x03\r\n")) == troubles


def test_every_letter_at_every_place_of_the_long_answer_is_named_an_error_or_unreadable() -> None:
    for place in range(4):
        for byte in range(256):
            letters = bytearray(b"@@@@")
            letters[place] = byte
            status = tspl_status.parse_long(b"\x02" + bytes(letters) + b"\x03\r\n")
            if not 0x40 <= byte <= 0x7F:
                assert status.state is PrinterState.UNKNOWN, (place, byte)
            elif place >= 2 and byte != 0x40:
                assert status.state is PrinterState.HELD, (place, byte)


# EPL2


def test_every_number_of_an_epl_printer_but_nought_holds_it() -> None:
    for code in range(100):
        wanted = {0: (), 7: (Trouble.PAPER_OUT,), 11: (Trouble.HEAD_OPEN,)}.get(code, (Trouble.ERROR,))
        assert held(epl_status.parse(b"%02d\r\n" % code)) == wanted
        assert held(epl_status.parse(b"$%02d\r\n" % code)) == wanted


def test_several_numbers_and_labels_to_come_are_read() -> None:
    assert held(epl_status.parse(b"07,11\r\n")) == (Trouble.PAPER_OUT, Trouble.HEAD_OPEN)
    assert epl_status.parse(b"$07P003R012\r\n").remaining_labels == 12


# ESC/POS


def test_every_byte_at_every_place_of_an_escpos_printer_is_read_or_refused() -> None:
    for place in range(4):
        for byte in range(256):
            answer = bytearray(b"\x12\x12\x12\x12")
            answer[place] = byte
            status = escpos_status.parse(bytes(answer))
            if byte & 0x93 != 0x12:
                assert status.troubles == (Trouble.UNREADABLE,), (place, byte)
                continue
            harmless = {0: 0x04, 3: 0x0C}.get(place, 0)
            assert (status.state is PrinterState.READY) is (not byte & 0x6C & ~harmless), (place, byte)


def test_an_escpos_printer_says_its_cover_is_open_and_that_alone() -> None:
    assert held(escpos_status.parse(b"\x1a\x16\x12\x12")) == (Trouble.COVER_OPEN,)


# DPL and SBPL


def test_every_byte_of_a_dpl_printer_is_read_as_letters_and_as_a_byte() -> None:
    for byte in range(256):
        letters = "".join("Y" if byte >> n & 1 else "N" for n in range(8)).encode() + b"\r"
        one, other = batch_status.parse_dpl(letters), batch_status.parse_dpl_byte(bytes([byte]) + b"\r")
        assert one == other
        assert (one.state is PrinterState.READY) is (not byte & 0xA6), byte


def test_counts_of_a_dpl_batch() -> None:
    assert [batch_status.dpl_count(said) for said in (b"0012\r", b"00012\r", b"12\r", b"", b"00012")] == [
        12,
        12,
        None,
        None,
        None,
    ]


def test_every_status_of_a_sato_printer_is_known_or_an_error() -> None:
    ready = {ord(each) for each in "ABCDGHIJS"}
    for byte in range(256):
        status = batch_status.parse_sato(b"\x0207" + bytes([byte]) + b"000003\x03")
        assert (status.state is PrinterState.READY) is (byte in ready), byte
        assert status.remaining_labels == 3


# Queues


def test_each_bit_of_a_windows_queue_is_known_or_an_error_and_none_says_nothing() -> None:
    assert queue_status.windows_status(0).troubles == (Trouble.ONE_WAY,)
    at_work = {0x100, 0x200, 0x400, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x1000000}
    for bit in (1 << n for n in range(32)):
        named = () if bit in at_work else (queue_status.WINDOWS.get(bit, Trouble.ERROR),)
        assert held(queue_status.windows_status(bit)) == named, hex(bit)


@pytest.mark.parametrize(
    ("bits", "fate"),
    [(0x80, Fate.PRINTED), (0x1080, Fate.PRINTED), (0x1000, Fate.GONE), (None, Fate.GONE), (0x10, Fate.UNDER_WAY), (0x4, Fate.GONE)],
)  # fmt: skip
def test_a_job_that_only_left_a_windows_queue_was_not_printed_by_that(bits: int | None, fate: Fate) -> None:
    assert queue_status.windows_fate(bits) is fate


@pytest.mark.parametrize(
    ("reason", "troubles"),
    [
        ("none", ()), ("media-empty", (Trouble.PAPER_OUT,)), ("media-empty-error", (Trouble.PAPER_OUT,)), ("media-needed-report", (Trouble.PAPER_OUT,)),
        ("media-jam", (Trouble.JAM,)), ("cover-open-error", (Trouble.COVER_OPEN,)), ("door-open", (Trouble.COVER_OPEN,)),
        ("marker-supply-empty-error", (Trouble.RIBBON_OUT,)), ("offline-report", (Trouble.OFFLINE,)), ("connecting-to-device", (Trouble.UNREACHABLE,)),
        ("timed-out", (Trouble.UNREACHABLE,)), ("media-low-warning", ()), ("something-new", (Trouble.ERROR,)), ("something-new-error", (Trouble.ERROR,)),
        ("something-new-report", ()),
    ],
)  # fmt: skip
def test_reasons_of_a_print_server(reason: str, troubles: tuple[Trouble, ...]) -> None:
    assert held(queue_status.queue_status(3, [reason])) == troubles


def test_a_stopped_queue_is_held_and_a_state_without_a_name_is_unknown() -> None:
    assert held(queue_status.queue_status(5, ["none"])) == (Trouble.PAUSED,)
    assert [queue_status.queue_status(n, []).state for n in (0, 6, 99)] == [PrinterState.UNKNOWN] * 3


@pytest.mark.parametrize(
    ("state", "reasons", "fate"),
    [
        (3, (), Fate.UNDER_WAY), (5, (), Fate.UNDER_WAY), (9, ("job-completed-successfully",), Fate.PRINTED), (9, ("queued-in-device",), Fate.GONE),
        (9, ("job-completed-with-errors",), Fate.GONE), (7, (), Fate.GONE), (8, (), Fate.GONE),
    ],
)  # fmt: skip
def test_a_job_of_a_print_server(state: int, reasons: tuple[str, ...], fate: Fate) -> None:
    assert queue_status.queue_fate(state, reasons) is fate


# Cut anywhere, noise anywhere

PARSERS = {
    "~HS": (host_status.parse, HS_HELD), "~HQES": (error_status.parse, errors(0x5)),
    "TSPL": (tspl_status.parse_long, b"\x02E@@A\x03\r\n"), "EPL": (epl_status.parse, b"07,11\r\n"),
    "ESC/POS": (escpos_status.parse, b"\x1a\x16\x12\x12"), "DPL": (batch_status.parse_dpl, b"NYNNNNNN\r"),
    "SBPL": (batch_status.parse_sato, b"\x0200c000000\x03"),
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_half_an_answer_of_a_held_printer_never_makes_it_ready(name: str) -> None:
    parse, answer = PARSERS[name]
    for cut in range(len(answer)):
        assert parse(answer[:cut]).state is not PrinterState.READY, answer[:cut]
        assert parse(answer[cut:]).state is not PrinterState.READY, answer[cut:]


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_noise_within_the_answer_of_a_held_printer_never_makes_it_ready(name: str, data: st.DataObject) -> None:
    parse, answer = PARSERS[name]
    at = data.draw(st.integers(0, len(answer)))
    noise = data.draw(st.binary(max_size=4))

    assert parse(answer[:at] + noise + answer[at:]).state is not PrinterState.READY


@pytest.mark.parametrize("name", PARSERS)
@given(said=st.binary(max_size=64))
def test_no_bytes_at_all_raise(name: str, said: bytes) -> None:
    assert PARSERS[name][0](said).state in PrinterState


# What a printer says by itself


@pytest.mark.parametrize(
    ("said", "alerts"),
    [
        (b"ALERT: PQ JOB COMPLETED [2024-07-17 14:36:30] [50J1234]\r\n", [("PQ JOB COMPLETED", False, True)]),
        (b"ERROR CONDITION: HEAD OPEN [2024-07-17 14:36:30] [50J1234]\nERROR CLEARED: HEAD OPEN [x] [y]", [("HEAD OPEN", False, False), ("HEAD OPEN", True, False)]),
        (b'{"alert":{"unique_id":"50J","type_id":"ALERT","condition_id":"PQ JOB COMPLETED"}}', [("PQ JOB COMPLETED", False, True)]),
        (b'{"alert":{"type_id":"ERROR CLEARED","condition_id":"PAPER OUT"}}', [("PAPER OUT", True, False)]),
        ("アラート: 印刷完了 [2024-07-17]".encode(), []), (b"PQ JOB COMPLETED", []), (b"{", []), (b'{"alert": 1}', []), (b"", []),
    ],
)  # fmt: skip
def test_alerts_are_read_in_both_forms_and_what_cannot_be_read_never_says_done(
    said: bytes, alerts: list[tuple[str, bool, bool]]
) -> None:
    assert [(each.condition, each.cleared, each.job_done) for each in read_alerts(said)] == alerts


@given(st.binary(max_size=200))
def test_no_alert_at_all_raises(said: bytes) -> None:
    assert isinstance(read_alerts(said), tuple)
