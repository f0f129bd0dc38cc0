"""A printer's answer about itself: what the manual says is read, and nothing else is ever taken for ready."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.drivers import host_status
from printing.drivers.protocols import PrinterState, Trouble
from printing.simulation.machine import Machine

READY = b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"


def answer(first: str = "030,0,0,1245,000,0,0,0,000,0,0,0", second: str = "000,0,0,0,0,2,4,0,00000000,1,000") -> bytes:
    return f"\x02{first}\x03\r\n\x02{second}\x03\r\n\x021234,0\x03\r\n".encode()


def test_a_healthy_printer_is_ready() -> None:
    status = host_status.parse(READY)
    assert (status.state, status.troubles, status.waiting_formats) == (PrinterState.READY, (), 0)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        (answer(first="030,1,0,1245,000,0,0,0,000,0,0,0"), Trouble.PAPER_OUT),
        (answer(first="030,0,1,1245,000,0,0,0,000,0,0,0"), Trouble.PAUSED),
        (answer(first="030,0,0,1245,000,1,0,0,000,0,0,0"), Trouble.BUFFER_FULL),
        (answer(first="030,0,0,1245,000,0,0,0,000,1,0,0"), Trouble.SETTINGS_LOST),
        (answer(first="030,0,0,1245,000,0,0,0,000,0,0,1"), Trouble.TOO_HOT),
        (answer(second="000,0,1,0,0,2,4,0,00000000,1,000"), Trouble.HEAD_OPEN),
        (answer(second="000,0,0,1,0,2,4,0,00000000,1,000"), Trouble.RIBBON_OUT),
    ],
)
def test_each_trouble_holds_the_printer(said: bytes, trouble: Trouble) -> None:
    status = host_status.parse(said)
    assert (status.state, status.troubles) == (PrinterState.HELD, (trouble,))


@pytest.mark.parametrize("mode", ["K", "S", "9"])
def test_a_kiosks_printer_says_its_mode_in_a_letter(mode: str) -> None:
    assert host_status.parse(answer(second=f"000,0,0,0,0,{mode},4,0,00000000,1,000")).state is PrinterState.READY
    held = host_status.parse(answer(second=f"000,0,1,0,0,{mode},4,0,00000000,1,000"))
    assert held.troubles == (Trouble.HEAD_OPEN,)
    for other in (f"000,{mode}K,0,0,0,2,4,0,00000000,1,000", "000,0,0,0,0,X,4,0,00000000,1,000"):
        assert host_status.parse(answer(second=other)).state is PrinterState.UNKNOWN


def test_several_troubles_are_all_named_the_head_first() -> None:
    status = host_status.parse(answer("030,1,1,1245,000,0,0,0,000,0,0,0", "000,0,1,0,0,2,4,0,00000000,1,000"))
    assert status.troubles == (Trouble.HEAD_OPEN, Trouble.PAPER_OUT, Trouble.PAUSED)


def test_whether_it_looks_for_gaps_is_a_bit_of_its_settings() -> None:
    assert host_status.parse(READY).continuous is False
    assert host_status.parse(READY.replace(b"\x02000", b"\x02129")).continuous is True


def test_what_is_still_to_come_is_counted() -> None:
    status = host_status.parse(answer("030,0,0,1245,003,0,0,1,000,0,0,0", "000,0,0,0,0,2,4,1,00000007,1,000"))
    assert (status.waiting_formats, status.remaining_labels, status.label_waiting) == (4, 7, True)


@pytest.mark.parametrize(
    "said",
    [
        b"~HS",
        b"?",
        READY[:-20],
        READY.replace(b"030", b"abc"),
        READY.replace(b",0,", b","),
        READY.replace(b"1234,0", b"garbage"),
        READY.replace(b"1234,0", b"1234"),
        READY.replace(b"1234,0", b"1234,0,1"),
        READY.replace(b"1234,0", b""),
        READY.replace(b"1234,0", b"1234,x"),
    ],
)
def test_nonsense_is_unknown(said: bytes) -> None:
    status = host_status.parse(said)
    assert (status.state, status.troubles) == (PrinterState.UNKNOWN, (Trouble.UNREADABLE,))


def test_silence_is_unknown() -> None:
    assert host_status.parse(b"").troubles == (Trouble.SILENT,)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_raise(said: bytes) -> None:
    assert host_status.parse(said).state in PrinterState


@given(st.integers(0, len(READY)))
def test_an_answer_is_complete_only_with_its_third_frame(cut: int) -> None:
    assert host_status.is_complete(READY[:cut]) is (cut >= len(READY) - 2)


@given(st.sets(st.sampled_from(["paper out", "head open", "ribbon out", "pause"])))
def test_the_virtual_printer_speaks_what_is_read_here(sentences: set[str]) -> None:
    machine = Machine(dpi=203)
    assert all(machine.script(sentence) for sentence in sentences)
    status = host_status.parse(machine.answer("~HS", 0, within_label=False))
    named = {
        "paper out": Trouble.PAPER_OUT,
        "head open": Trouble.HEAD_OPEN,
        "ribbon out": Trouble.RIBBON_OUT,
        "pause": Trouble.PAUSED,
    }
    assert set(status.troubles) == {named[sentence] for sentence in sentences}
    assert (status.state is PrinterState.READY) is not bool(sentences)
