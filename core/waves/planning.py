"""What a run of planning came to, and which orders it is about, in people's words: the same at a station alone and at a hub."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from core.catalog.queries import site_row, zone_named
from core.kernel.ids import SiteId
from core.waves.queries import has_carrier
from core.waves.release import Filters


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run of planning did."""

    promised_lines: int
    waiting_lines: int
    released_orders: int
    batches: int
    unreleased: int


def filters_of(
    connection: sa.Connection,
    site: SiteId,
    *,
    cut_off: str | None,
    carrier: str | None,
    priority: int | None,
    zone: str | None,
) -> Filters:
    """Return which orders are meant, in people's words.

    Args:
        connection: a reader.
        site: the site.
        cut_off: ISO time, local at the site where it names no zone.
        carrier: a carrier's code.
        priority: the lowest priority.
        zone: a zone's code.

    Raises:
        ValueError: the time is none, there is no such zone, or nothing ever went with that carrier.
    """
    row = site_row(connection, site)
    if carrier is not None and not has_carrier(connection, site, carrier):
        raise ValueError(f"no order here goes with a carrier {carrier}")
    known = None if zone is None else zone_named(connection, site, zone)
    if zone is not None and known is None:
        raise ValueError(f"there is no zone {zone}")
    due = None
    if cut_off is not None:
        due = _instant(cut_off, ZoneInfo("UTC" if row is None else row.time_zone))
    return Filters(cut_off_until=due, carrier=carrier, priority_from=priority, zone=None if known is None else known.id)


def _instant(text: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp() * 1000)
    except (ValueError, OverflowError) as e:
        raise ValueError(f"{text!r} is no time such as 2026-01-31T14:30") from e
