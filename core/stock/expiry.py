"""Whether goods are past their date: one predicate for allocation, picking and everything else.

A date is usable through its last minute in the site's time zone. Nobody else compares expiry dates (a test looks).
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa


def is_expired(expiry: str, today: str) -> bool:
    """Return whether goods of an expiry date may no longer be used.

    Args:
        expiry: ISO date; empty when they do not expire.
        today: ISO date in the site's zone.
    """
    return bool(expiry) and expiry < today


def not_expired(expiry: sa.ColumnElement[str], today: str) -> sa.ColumnElement[bool]:
    """Return the same as a condition over rows: true unless goods of the expiry date may no longer be used.

    Args:
        expiry: a column of ISO dates; empty, or NULL where there is no lot, when goods do not expire.
        today: ISO date in the site's zone.
    """
    return sa.or_(expiry.is_(None), expiry == "", expiry >= today)


def today_at(at_ms: int, time_zone: str) -> str:
    """Return the ISO date of an instant (UTC milliseconds) in a site's time zone."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(time_zone)).date().isoformat()
