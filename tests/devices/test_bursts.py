"""A scan is told from typing by its rhythm; no key is lost, none comes twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing.text import SILENCE_MS
from devices.framing.wedge import GAP_MS, USUAL_GAP_MS, Bursts


class Typing:
    """Keys with the time between them: what was a scan, and what the window got, in order."""

    def __init__(self, bursts: Bursts[str]) -> None:
        self.bursts, self.now = bursts, 10_000
        self.scans: list[str] = []
        self.window = ""
        self.everything = ""

    def _heed(self, verdict, key: str) -> None:
        if verdict.scan is not None:
            self.scans.append(verdict.scan)
            self.everything += verdict.scan
        self.window += "".join(verdict.released)
        self.everything += "".join(verdict.released)
        if not verdict.kept:
            self.window += key
            self.everything += key

    def key(self, key: str, gap: int = 5) -> None:
        self.now += gap
        if key == "\r":
            self._heed(self.bursts.ends(self.now), key)
        elif key == "<":
            self._heed(self.bursts.other(), key)
        else:
            self._heed(self.bursts.writes(key, key, self.now), key)

    def keys(self, keys: str, gap: int = 5) -> "Typing":
        for key in keys:
            self.key(key, gap)
        return self

    def wait(self, ms: int = 1_000) -> "Typing":
        self.now += ms
        self._heed(self.bursts.waited(self.now), "")
        return self


@pytest.mark.parametrize("gap", [0, 5, USUAL_GAP_MS])
def test_a_burst_is_a_scan(gap: int) -> None:
    it = Typing(Bursts()).keys("A-01-04\r", gap)

    assert (it.scans, it.window) == (["A-01-04"], "")


@pytest.mark.parametrize(("keys", "gap"), [("A-01-04\r", USUAL_GAP_MS + 1), ("A-1\r", 5), ("A-01-04\r", GAP_MS + 1)])
def test_slow_or_short_is_typing_and_given_back_in_order(keys: str, gap: int) -> None:
    it = Typing(Bursts()).keys(keys, gap)

    assert (it.scans, it.window) == ([], keys)


def test_one_long_gap_is_enough() -> None:
    it = Typing(Bursts()).keys("A-0")
    it.key("1", GAP_MS + 1)
    it.keys("-04\r")

    assert (it.scans, it.window) == (["1-04"], "A-0")


def test_a_few_slow_gaps_are_not() -> None:
    it = Typing(Bursts()).keys("A-01")
    it.key("-", GAP_MS)

    assert it.keys("04\r").scans == ["A-01-04"]


def test_a_key_that_was_typed_reaches_the_window_when_nothing_follows() -> None:
    assert Typing(Bursts()).keys("1").wait(GAP_MS).window == "1"


def test_another_key_does_not_overtake_those_held_back() -> None:
    it = Typing(Bursts()).keys("12<")

    assert it.window == "12<"


def test_silence_ends_a_scan_only_where_there_is_no_terminator() -> None:
    assert Typing(Bursts()).keys("A-01-04").wait().scans == []

    it = Typing(Bursts(silence_ends=True)).keys("A-01-04").wait(SILENCE_MS)
    assert (it.scans, it.window) == (["A-01-04"], "")
    assert it.keys("A-01").wait(SILENCE_MS - 1).scans == ["A-01-04"]


def test_the_rest_of_the_silence_is_told_and_a_clock_that_was_put_back_holds_no_key_for_ever() -> None:
    bursts = Bursts[str](silence_ends=True)
    assert bursts.left_ms(0) == 0
    bursts.writes("1", "1", 10_000)

    assert [bursts.left_ms(10_000 + each) for each in (0, 114, SILENCE_MS, SILENCE_MS + 1)] == [
        SILENCE_MS,
        SILENCE_MS - 114,
        0,
        0,
    ]
    assert bursts.left_ms(5_000) == 0
    assert bursts.waited(5_000).released == ("1",)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.sampled_from("A1-\r<"), st.integers(0, 200)), max_size=40), st.booleans())
def test_no_key_is_lost_and_none_comes_twice(keys: list[tuple[str, int]], silence_ends: bool) -> None:
    it = Typing(Bursts(silence_ends=silence_ends))
    for key, gap in keys:
        it.key(key, gap)
    it.wait()

    # A terminator that ended a scan belongs to it.
    assert it.everything.replace("\r", "") == "".join(key for key, _ in keys).replace("\r", "")
    assert all(len(code) >= 4 for code in it.scans)
