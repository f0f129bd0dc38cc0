"""What the virtual printer hears is the same however the bytes are cut into pieces."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from printing.media import Language
from printing.render import render
from printing.simulation.stream import Document, Heard, Label, Question, Stream
from printing.simulation.tray import codes
from tests.printing.samples import HOUSE, QUARANTINE, media_of

HOUSE_ZPL = render(HOUSE, media=media_of(HOUSE, 203, Language.ZPL)).data
TALK = b"~HS\r\n" + HOUSE_ZPL + b'! U1 getvar "odometer.total_label_count"\r\n^XA^FDa~HSb^FS^XZ~HI^XZ'


def heard(pieces: list[bytes]) -> list[Heard]:
    stream = Stream()
    return [each for piece in pieces for each in stream.feed(piece)]


@given(st.lists(st.integers(0, len(TALK)), max_size=6))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(TALK)]
    pieces = [TALK[start:end] for start, end in pairwise(edges)]
    assert heard(pieces) == [
        Question("~HS"),
        Label(HOUSE_ZPL.strip()),
        Question("odometer.total_label_count"),
        Question("~HS"),
        Label(b"^XA^FDab^FS^XZ"),
        Question("~HI"),
    ]


def test_data_that_was_not_escaped_makes_a_second_label_here_too() -> None:
    assert len(heard([b"^XA^FDa^XZ^XA^FDb^FS^XZ"])) == 2


def test_a_document_needs_its_end() -> None:
    for raw, expected in ((b"%PDF-1.4 ^XA^XZ %%EOF\n", True), (b"%PDF-1.4 ^XA^XZ", False)):
        stream = Stream()
        assert [stream.feed(raw[at : at + 1]) for at in range(len(raw))] == [[]] * len(raw)
        assert stream.end() == (Document(raw) if expected else None)


def test_codes_are_told_from_words() -> None:
    assert codes(HOUSE_ZPL) == ["00006141410000000012"]
    quarantined = replace(QUARANTINE, code="Q-417")
    assert codes(render(quarantined, media=media_of(QUARANTINE, 203, Language.ZPL)).data) == ["Q-417"]
    assert codes(b"^FDwords^FS^BY2^BCN,9,N,N,N,N^FH^FD>:A_5E>0B^FS") == ["A^>B"]
