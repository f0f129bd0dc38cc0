"""The sheet while it is scanned: cut by terminator or silence, begun anew by another code, and never a crash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.calibration import SHEET, Keyed, Trouble
from devices.framing.text import Ending
from devices.learning import Learner
from devices.recording import RecordingFault, read_recording
from tests.devices.streams import cuts_of, pieces


def heard(learner: Learner, *codes: str, end: str = "\r", apart_ms: int = 2_000, at: int = 1_000) -> int:
    for code in codes:
        learner.hear((code + end).encode("latin-1"), at)
        at += apart_ms
        learner.tick(at)
    return at


@pytest.mark.parametrize(
    ("end", "ending"), [("\r", Ending.CR), ("\r\n", Ending.CRLF), ("\t", Ending.TAB), ("", Ending.SILENCE)]
)
def test_a_sheet_is_cut_by_what_ends_its_codes(end: str, ending: Ending) -> None:
    learner = Learner()
    heard(learner, *SHEET, end=end)

    assert learner.learnt is not None
    assert (learner.learnt.ending, learner.learnt.gs_ok, learner.scanned) == (ending, True, len(SHEET))


def test_a_code_scanned_twice_counts_once_and_another_begins_it_anew() -> None:
    learner = Learner()
    at = heard(learner, SHEET[0], SHEET[0], SHEET[1])
    assert learner.scanned == 2
    at = heard(learner, "4006381333931", at=at)
    assert (learner.scanned, learner.trouble) == (0, Trouble.OTHER_CODES)
    heard(learner, *SHEET, at=at)
    assert (learner.learnt is not None, learner.trouble) == (True, None)


def test_whole_scans_say_nothing_of_their_terminator() -> None:
    learner = Learner(whole=True)
    for code in SHEET:
        learner.scan([Keyed(char, 0) for char in "]C1" + code])

    assert learner.learnt is not None
    assert (learner.learnt.ending, learner.learnt.aim_ok) == (Ending.ANY, True)


@settings(max_examples=40)
@given(data=st.data(), noise=st.binary(max_size=200))
def test_nothing_crashes_and_pieces_do_not_matter(data: st.DataObject, noise: bytes) -> None:
    whole, cut = Learner(), Learner()
    whole.hear(noise, 5)
    for piece in pieces(noise, data.draw(cuts_of(noise))):
        cut.hear(piece, 5)
    for learner in (whole, cut):
        learner.tick(10_000)

    assert (whole.scanned, whole.trouble) == (cut.scanned, cut.trouble)


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(st.text(max_size=40), st.just('{"at": 1, "in": "41"}'), st.just('{"at": 0, "out": ""}')), max_size=4
    )
)
def test_a_recording_is_read_or_its_line_is_named(lines: list[str]) -> None:
    try:
        found = read_recording(lines)
    except RecordingFault as fault:
        assert str(fault).startswith("line ")
    else:
        assert [each.at_ms for each in found] == sorted(each.at_ms for each in found)
