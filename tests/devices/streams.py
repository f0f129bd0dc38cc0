"""Streams cut into pieces: what is heard must not depend on where."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from hypothesis import strategies as st

from devices.framing.heard import Damaged, Framer, Heard, Read, Reply

AT = 1_000
CODES = st.text(
    st.one_of(st.sampled_from("\x1d"), st.characters(min_codepoint=0x20, exclude_categories=("C", "Z"))),
    min_size=1,
    max_size=20,
)
"""What may be in a symbol, as text."""


def pieces(data: bytes, cuts: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def cuts_of(data: bytes):
    return st.lists(st.integers(0, len(data)), max_size=6)


def heard(framer: Framer, parts: Sequence[bytes], *, quiet_ms: int = 5_000) -> list[Heard]:
    """Return what a framer heard, and what became of the rest after some silence."""
    found = [each for part in parts for each in framer.feed(part, AT)]
    return found + framer.tick(AT + quiet_ms) + framer.tick(AT + quiet_ms)


def split_everywhere(make: Callable[[], Framer], data: bytes) -> list[Heard]:
    """Return what is heard of a stream, having heard the same cut in two everywhere, and byte by byte."""
    whole = heard(make(), [data])
    for at in range(1, len(data)):
        assert heard(make(), [data[:at], data[at:]]) == whole, at
    assert heard(make(), [data[at : at + 1] for at in range(len(data))]) == whole
    return whole


def reads(found: Sequence[Heard]) -> list[Read]:
    return [each for each in found if isinstance(each, Read)]


def damaged(found: Sequence[Heard]) -> list[Damaged]:
    return [each for each in found if isinstance(each, Damaged)]


def replies(found: Sequence[Heard]) -> list[Reply]:
    return [each for each in found if isinstance(each, Reply)]
