"""Reads that a scanner sends twice, and scans out of its memory: neither is work."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.repeats import DOUBLE_READ_MS, HAND_MS, RETURNED_MS, DoubleReads, Memory
from devices.scan import Scan


def scan(data: bytes, at_ms: int) -> Scan:
    return Scan(data=data, device="scanner-1", at_ms=at_ms)


def test_the_same_within_a_moment_is_one_read_and_later_it_is_the_next_unit() -> None:
    reads = DoubleReads()

    assert reads.is_new(b"A", 1_000)
    assert not reads.is_new(b"A", 1_000 + DOUBLE_READ_MS - 1)
    assert not reads.is_new(b"A", 1_000 + 2 * DOUBLE_READ_MS - 2)
    assert reads.is_new(b"A", 1_000 + 3 * DOUBLE_READ_MS - 2)
    assert reads.ignored == 2


def test_another_code_between_them_makes_two_reads() -> None:
    reads = DoubleReads()

    assert [reads.is_new(data, 1_000 + n) for n, data in enumerate((b"A", b"B", b"A"))] == [True, True, True]


def test_the_first_read_of_all_counts_whenever_it_is() -> None:
    assert DoubleReads().is_new(b"", 0)


def test_what_comes_faster_than_a_hand_is_a_stored_batch_from_its_first() -> None:
    memory = Memory()
    sent = [scan(b"%d" % n, 10_000 + n * 80) for n in range(4)]
    found = [each for one in sent for each in memory.take(one)] + memory.tick(20_000)

    assert [(each.data, each.stored) for each in found] == [(b"0", True), (b"1", True), (b"2", True), (b"3", True)]


def test_a_hands_scans_are_live_each_after_a_moment() -> None:
    memory = Memory()

    assert memory.take(scan(b"A", 10_000)) == []
    assert memory.tick(10_000 + HAND_MS - 1) == []
    assert memory.tick(10_000 + HAND_MS) == [scan(b"A", 10_000)]
    assert memory.take(scan(b"B", 11_000)) == []
    assert memory.take(scan(b"C", 11_000 + HAND_MS)) == [scan(b"B", 11_000)]


def test_what_comes_when_the_link_returns_is_stored_also_if_it_is_one() -> None:
    memory = Memory()
    memory.returned(10_000)

    assert [each.stored for each in memory.take(scan(b"A", 10_000 + RETURNED_MS - 1))] == [True]
    assert memory.take(scan(b"B", 10_000 + RETURNED_MS + HAND_MS)) == []
    assert [each.stored for each in memory.tick(20_000)] == [False]


def test_a_scanner_that_marks_what_it_stored_is_believed() -> None:
    memory = Memory(prefix=b"%M")

    assert memory.take(scan(b"%M400638", 10_000)) == [
        Scan(data=b"400638", device="scanner-1", at_ms=10_000, stored=True)
    ]
    assert memory.take(scan(b"400638", 10_010)) == [scan(b"400638", 10_010)]


@settings(max_examples=50)
@given(st.lists(st.integers(0, 1_000), max_size=30), st.booleans())
def test_none_is_lost_and_none_overtakes(gaps: list[int], came_back: bool) -> None:
    memory, now, found = Memory(), 10_000, []
    if came_back:
        memory.returned(now)
    for n, gap in enumerate(gaps):
        now += gap
        found += memory.take(scan(b"%d" % n, now))
    found += memory.tick(now + HAND_MS)

    assert [each.data for each in found] == [b"%d" % n for n in range(len(gaps))]
