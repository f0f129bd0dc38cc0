"""A weight is never stale, moving, negative, of an unknown unit, or the last parcel's."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.capture import FRESH_MS, Captured, Pan, Why
from devices.scale_formats.reading import Kind, NotAWeight, Reading, State

NOW = 10_000


def reading(
    digits: str = "1.235", state: State = State.STABLE, unit: str = "kg", kind: Kind = Kind.UNSTATED
) -> Reading:
    return Reading(state=state, digits=digits, unit=unit, kind=kind, raw=digits.encode())


ZERO = reading("0.000", State.ZERO)


def pan(*seen: Reading | NotAWeight, at_ms: int = NOW, **settings) -> Pan:
    it = Pan(scale="scale-1", **settings)
    for each in seen:
        it = it.seen(each, at_ms)
    return it


def test_a_still_and_fresh_weight_is_taken_as_it_was_sent() -> None:
    _, taken = pan(reading()).take(NOW + FRESH_MS - 1)

    assert taken == Captured(reading=reading(), scale="scale-1", at_ms=NOW, grams=Decimal(1235))


def test_over_a_line_a_weight_and_an_empty_pan_count_when_they_were_said_twice() -> None:
    once = pan(reading(), twice=True)
    assert once.why_not(NOW) is Why.SAID_ONCE
    assert once.seen(reading("1.236"), NOW).why_not(NOW) is Why.SAID_ONCE
    assert once.seen(NotAWeight(b"", "damaged"), NOW).seen(reading(), NOW).why_not(NOW) is None
    for other in (reading(unit="lb"), reading(state=State.MOVING), reading(kind=Kind.NET)):
        assert pan(other, reading(), twice=True).why_not(NOW) is Why.SAID_ONCE
    assert once.lost().seen(reading(), NOW).why_not(NOW) is Why.SAID_ONCE

    taken, _ = once.seen(reading(), NOW).take(NOW)
    assert taken.seen(ZERO, NOW).seen(reading(), NOW).seen(reading(), NOW).why_not(NOW) is Why.NOT_EMPTIED
    crumbs = reading("0.000", State.MOVING)
    assert taken.seen(ZERO, NOW).seen(crumbs, NOW).seen(reading(), NOW).seen(reading(), NOW).why_not(NOW) is None


@pytest.mark.parametrize(("seen", "why"), [
    (reading(state=State.MOVING), Why.MOVING),
    (reading("", State.MOVING, ""), Why.MOVING),
    (reading(state=State.OVER), Why.OVER),
    (reading(state=State.UNDER), Why.NEGATIVE),
    (reading("-0.020"), Why.NEGATIVE),
    (reading(state=State.FAULT), Why.FAULT),
    (reading(state=State.UNSTATED), Why.NOT_SAID_TO_BE_STILL),
    (reading(unit="ton"), Why.UNKNOWN_UNIT),
    (reading(unit=""), Why.UNKNOWN_UNIT),
    (reading(kind=Kind.NET), Why.TARED),
    (reading("0.000", State.ZERO, kind=Kind.NET), Why.TARED),
    (reading("-0.020", kind=Kind.NET), Why.TARED),
    (reading(state=State.MOVING, kind=Kind.NET), Why.MOVING),
    (reading(state=State.OVER, kind=Kind.NET), Why.OVER),
    (ZERO, Why.EMPTY),
    (reading("", State.ZERO, ""), Why.EMPTY),
])  # fmt: skip
def test_anything_else_is_not(seen: Reading, why: Why) -> None:
    it = pan(seen)

    assert it.take(NOW) == (it, why)
    assert it.why_not(NOW) is why


def test_a_weight_of_a_second_ago_is_not_taken() -> None:
    assert pan(reading()).why_not(NOW + FRESH_MS) is Why.STALE


def test_nothing_is_taken_of_a_scale_that_said_nothing_or_went_away() -> None:
    assert pan().why_not(NOW) is Why.NOTHING_SEEN
    assert pan(reading()).lost().why_not(NOW) is Why.NOTHING_SEEN
    assert pan(NotAWeight(b"\0" * 6, "empty")).why_not(NOW) is Why.NOTHING_SEEN


def test_what_is_no_weight_does_not_make_the_last_one_younger() -> None:
    assert pan(reading()).seen(NotAWeight(b"", "empty"), NOW + 900).why_not(NOW + FRESH_MS) is Why.STALE


def test_a_scale_that_answers_that_it_moves_shows_no_weight_any_more() -> None:
    assert pan(reading(), reading("", State.MOVING, "")).why_not(NOW) is Why.MOVING


def test_the_next_parcel_needs_an_empty_pan_between() -> None:
    after, _ = pan(reading()).take(NOW)

    assert after.why_not(NOW) is Why.NOT_EMPTIED
    assert after.seen(reading("2.000"), NOW).why_not(NOW) is Why.NOT_EMPTIED
    for empty in (ZERO, reading("", State.ZERO, ""), reading("-0.100", State.UNDER), reading("0.000", State.MOVING)):
        assert isinstance(after.seen(empty, NOW).seen(reading("2.000"), NOW).take(NOW)[1], Captured)
    assert after.seen(reading("", State.UNDER, ""), NOW).seen(reading(), NOW).why_not(NOW) is Why.NOT_EMPTIED


def test_a_pan_that_was_lost_still_has_to_be_emptied() -> None:
    after, _ = pan(reading()).take(NOW)

    assert after.lost().seen(reading(), NOW).why_not(NOW) is Why.NOT_EMPTIED


def test_of_a_scale_that_is_silent_at_zero_a_person_says_that_it_is_empty() -> None:
    """Adam's AZextra answers to a new weight that is not nought, and to nothing else."""
    after, first = pan(reading(), says_empty=False).take(NOW)
    assert isinstance(first, Captured)
    assert after.why_not(NOW) is after.why_not(NOW + FRESH_MS) is Why.SAY_EMPTY
    assert after.seen(reading("2.000"), NOW + 1).why_not(NOW + 1) is Why.SAY_EMPTY, "more may have been put beside it"

    told = after.seen(reading("2.000"), NOW + 1).believed(NOW + 2)
    assert told.why_not(NOW + 2) is Why.SILENT, "what it said before somebody said so is the last parcel"
    later = told.seen(reading("1.235"), NOW + 2 + FRESH_MS)
    taken = later.take(NOW + 2 + FRESH_MS)
    assert isinstance(taken[1], Captured), "the same weight, of another parcel"
    assert taken[0].why_not(NOW + 2 + FRESH_MS) is Why.SAY_EMPTY
    assert later.why_not(NOW + 2 + 2 * FRESH_MS) is Why.SILENT


def test_a_person_is_not_believed_where_the_scale_says_otherwise_at_once() -> None:
    after, _ = pan(reading(), says_empty=False).take(NOW)
    told = after.believed(NOW + 500)

    assert told.seen(reading(), NOW + 501).why_not(NOW + 501) is Why.SAY_EMPTY
    assert told.seen(ZERO, NOW + 501).seen(reading(), NOW + 2_000).why_not(NOW + 2_000) is None


def test_a_scale_that_says_it_itself_needs_nobodys_word() -> None:
    after, _ = pan(reading()).take(NOW)

    assert after.believed(NOW) == after
    silent, _ = pan(reading(), says_empty=False).take(NOW)
    assert silent.seen(ZERO, NOW).seen(reading("2.000"), NOW).why_not(NOW) is None, "some of them do say nought"


def test_crumbs_count_as_empty_and_are_no_parcel() -> None:
    after, _ = pan(reading(), empty_below=Decimal(5)).take(NOW)
    crumbs = reading("0.005", State.STABLE)

    assert isinstance(after.seen(crumbs, NOW).seen(reading(), NOW).take(NOW)[1], Captured)
    assert pan(crumbs, empty_below=Decimal(5)).why_not(NOW) is Why.EMPTY


def test_a_weight_beyond_the_scales_range_is_not_taken() -> None:
    it = pan(reading(), least=Decimal(20), most=Decimal(1_000))

    assert it.why_not(NOW) is Why.OUT_OF_RANGE
    assert it.seen(reading("0.019"), NOW).why_not(NOW) is Why.OUT_OF_RANGE


def test_of_a_stream_the_newest_alone_counts() -> None:
    _, taken = pan(*(reading(f"{n}.000") for n in range(1, 9))).take(NOW)

    assert isinstance(taken, Captured)
    assert taken.reading.digits == "8.000"


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from([*State]), st.sampled_from(["0.000", "1.235", "-0.5", ""]),
                          st.integers(0, 1500), st.booleans()), max_size=30))  # fmt: skip
def test_no_history_yields_a_weight_that_was_not_just_shown(history: list[tuple[State, str, int, bool]]) -> None:
    it, now, since_zero = pan(), NOW, True
    for state, digits, gap, take in history:
        now += gap
        it = it.seen(reading(digits, state), now)
        since_zero = since_zero or state is State.ZERO or digits in ("0.000", "-0.5")
        if take:
            it, taken = it.take(now)
            if isinstance(taken, Captured):
                assert (state, digits, since_zero) == (State.STABLE, "1.235", True)
                since_zero = False


def test_nought_above_a_tare_is_no_empty_pan() -> None:
    it, taken = pan(ZERO, reading(kind=Kind.GROSS)).take(NOW)
    assert isinstance(taken, Captured)
    for seen in (
        reading("0.000", State.ZERO, kind=Kind.NET), reading("-1.235", kind=Kind.NET), reading(kind=Kind.GROSS),
    ):  # fmt: skip
        it = it.seen(seen, NOW)
        assert it.why_not(NOW) is not None
    assert it.why_not(NOW) is Why.NOT_EMPTIED
    assert it.seen(ZERO, NOW).seen(reading(kind=Kind.GROSS), NOW).why_not(NOW) is None
