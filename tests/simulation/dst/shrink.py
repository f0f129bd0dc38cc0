"""Cutting a schedule down to what is needed to see something go wrong: halves first, then single events."""

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.dst.plan import Event, Schedule


def shrink(schedule: Schedule, goes_wrong: Callable[[Schedule], bool], most: int = 200) -> Schedule:
    """Return a shorter schedule that still goes wrong.

    Args:
        schedule: one that goes wrong.
        goes_wrong: runs one.
        most: runs that may be spent.
    """
    runs = 0

    def wrong(events: tuple[Event, ...], finish: bool) -> bool:
        nonlocal runs
        runs += 1
        return runs <= most and goes_wrong(replace(schedule, events=events, finish=finish))

    events, finish = schedule.events, schedule.finish
    if finish and wrong(events, False):
        finish = False
    size = len(events) // 2
    while size:
        start = len(events) - size
        while start > -size:
            left = events[: max(0, start)] + events[max(0, start) + size :]
            if len(left) < len(events) and wrong(left, finish):
                events = left
            start -= size
        size //= 2
    return replace(schedule, events=events, finish=finish)
