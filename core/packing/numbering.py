"""Which label numbers stand for something since less than a year, and which would be given out next."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from core.catalog.queries import site_row
from core.kernel.ids import SiteId, StationId
from core.kernel.numbers import Number, NumberRange, next_number
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.packing.bench import sscc_of
from core.packing.commands import SSCC_NUMBERS
from core.packing.commands.numbering import YEAR_MS
from core.packing.model import Parcel, PrintedSscc, StoppedLabel

_PER_SELECT = 400


def given_out(connection: sa.Connection, site: SiteId, ssccs: Collection[str], now_ms: int) -> Mapping[str, int]:
    """Return those of some label numbers that a carton, a list or a void label has, with when they were given out."""
    since, wanted = now_ms - YEAR_MS, sorted(ssccs)
    found: dict[str, int] = {}
    parcels, printed, stopped = sql_of(Parcel), sql_of(PrintedSscc), sql_of(StoppedLabel)
    for start in range(0, len(wanted), _PER_SELECT):
        some = wanted[start : start + _PER_SELECT]
        for table, at in ((parcels, parcels.c.closed_at), (printed, printed.c.at), (stopped, stopped.c.at)):
            query = sa.select(table.c.sscc, at).where(table.c.site == site, table.c.sscc.in_(some), at > since)
            found |= {str(sscc): int(when) for sscc, when in connection.execute(query)}
    return found


def draw(
    connection: sa.Connection, site: SiteId, station: StationId, count: int
) -> tuple[tuple[Number, str], ...] | Refusal:
    """Return the next numbers of a station's range as serials and label numbers, or why there are not so many."""
    place = site_row(connection, site)
    first = next_number(connection, site, SSCC_NUMBERS, station)
    ranges = sql_of(NumberRange)
    query = sa.select(ranges.c.last).where(
        ranges.c.site == site, ranges.c.name == SSCC_NUMBERS, ranges.c.first == first.range
    )
    last = connection.execute(query).scalar_one_or_none()
    if place is None or not place.gs1_prefix or (last is not None and first.value + count - 1 > int(last)):
        return Refusal(Reason.NUMBERS_OUT, {"number": first.value})
    numbers = [Number(first.value + n, first.range) for n in range(count)]
    return tuple((number, sscc_of(place.gs1_prefix, number.value)) for number in numbers)


def is_our_own(connection: sa.Connection, site: SiteId, sscc: str) -> bool:
    """Return whether a label number is one of those that this site gives out by itself."""
    place = site_row(connection, site)
    return place is not None and bool(place.gs1_prefix) and sscc.startswith(place.gs1_prefix)
