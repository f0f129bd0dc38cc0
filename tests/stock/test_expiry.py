"""A date is good through its last minute where the goods lie, and rows and values are judged alike."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from core.stock.expiry import is_expired, not_expired, today_at
from core.stock.queries import promisable
from tests.orders.shop import item, shop
from tests.support import SITE

LAST_MINUTE_IN_AUCKLAND = 1_767_178_740_000
"""2025-12-31 10:59 UTC: 23:59 in Auckland, noon in Berlin, before dawn in Los Angeles."""


@pytest.mark.parametrize(
    ("minutes", "zone", "day"),
    [
        (0, "Pacific/Auckland", "2025-12-31"),
        (1, "Pacific/Auckland", "2026-01-01"),
        (1, "Europe/Berlin", "2025-12-31"),
        (1, "America/Los_Angeles", "2025-12-31"),
        (-240, "America/Los_Angeles", "2025-12-30"),
    ],
)
def test_the_day_is_the_sites(minutes: int, zone: str, day: str) -> None:
    assert today_at(LAST_MINUTE_IN_AUCKLAND + minutes * 60_000, zone) == day


def test_a_day_of_25_hours_is_one_day() -> None:
    first = 1_792_879_200_000
    """2026-10-24 22:00 UTC: midnight in Berlin, the day the clock goes back."""

    assert [today_at(first + hour * 3_600_000, "Europe/Berlin") for hour in (-1, 0, 24, 25)] == [
        "2026-10-24", "2026-10-25", "2026-10-25", "2026-10-26",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expiry", "over"), [("2025-12-15", True), ("2025-12-16", False), ("2025-12-17", False), ("", False)]
)
def test_goods_are_usable_through_their_day(expiry: str, over: bool) -> None:
    assert is_expired(expiry, "2025-12-16") is over


@pytest.mark.parametrize("expiry", ["2025-12-15", "2025-12-16", "2025-12-17", "", None])
def test_rows_are_judged_as_values_are(tmp_path: Path, expiry: str | None) -> None:
    column: sa.ColumnElement[str] = sa.literal(expiry, sa.Text())
    with shop(tmp_path) as it, it.connection.begin():
        usable = it.connection.execute(sa.select(not_expired(column, "2025-12-16"))).scalar_one()

    assert bool(usable) is not is_expired(expiry or "", "2025-12-16")


def test_what_expires_today_is_gone_tomorrow_by_the_sites_clock(tmp_path: Path) -> None:
    with shop(tmp_path) as it:
        it.stock("MUG", "A-1", 5, lot="L1", expiry="2025-12-31")
        found = []
        for minutes in (0, 1):
            today = today_at(LAST_MINUTE_IN_AUCKLAND + minutes * 60_000, "Pacific/Auckland")
            with it.connection.begin():
                found.append([each.item for each in promisable(it.connection, SITE, today)])

    assert found == [[item("MUG")], []]
