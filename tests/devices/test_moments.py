"""Keys lie as far apart as the system says, or as they were read where it says nothing."""

import pytest

from devices.framing.moments import Moments


@pytest.mark.parametrize(
    ("keys", "apart"),
    [
        (((7_000, 100), (7_005, 100), (7_300, 100)), [5, 295]),
        (((7_000, 100), (7_005, 400), (7_010, 402)), [5, 5]),
        (((0, 100), (0, 105), (0, 120)), [5, 15]),
        (((7_000, 100), (0, 103), (7_050, 110), (7_051, 200)), [3, 7, 1]),
        (((2**32 - 3, 100), (4, 108), (9, 300)), [8, 5]),
    ],
    ids=["read-at-once", "held-up", "no-stamps", "one-without", "stamps-begin-anew"],
)
def test_the_time_between_keys_is_the_systems(keys: tuple[tuple[int, int], ...], apart: list[int]) -> None:
    moments = Moments()
    at = [moments.key(stamp, read) for stamp, read in keys]

    assert [later - sooner for sooner, later in zip(at, at[1:], strict=False)] == apart


def test_silence_is_counted_from_when_the_last_key_was_read() -> None:
    moments = Moments()
    moments.key(7_000, 100)
    last = moments.key(7_005, 400)

    assert moments.later(450) - last == 50
