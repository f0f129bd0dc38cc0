"""Instants out of a file: local time of the mapping's zone, unless the value says its own."""

from datetime import UTC, datetime

import pytest

from core.exchange.mapping import Mapping
from core.exchange.values import Values

OWN = "%Y-%m-%dT%H:%M:%S%z"


@pytest.mark.parametrize(
    ("zone", "form", "value", "at"),
    [
        ("UTC", "%Y-%m-%d %H:%M:%S", "2025-07-01 12:00:00", datetime(2025, 7, 1, 12, tzinfo=UTC)),
        ("Europe/Berlin", "%Y-%m-%d %H:%M:%S", "2025-07-01 12:00:00", datetime(2025, 7, 1, 10, tzinfo=UTC)),
        ("Europe/Berlin", "%Y-%m-%d %H:%M:%S", "2025-01-01T12:00:00", datetime(2025, 1, 1, 11, tzinfo=UTC)),
        ("Europe/Berlin", "%d.%m.%Y", "01.07.2025", datetime(2025, 6, 30, 22, tzinfo=UTC)),
        ("Europe/Berlin", OWN, "2025-07-01T12:00:00-0500", datetime(2025, 7, 1, 17, tzinfo=UTC)),
    ],
)
def test_an_instant_is_told_in_the_zone_of_its_mapping(zone: str, form: str, value: str, at: datetime) -> None:
    values = Values(Mapping("own.toml", "orders", {}, {}, time_zone=zone, date_format=form))

    assert values.instant(value) == at.timestamp() * 1000
