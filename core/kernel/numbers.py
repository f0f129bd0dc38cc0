"""Numbers that people read and labels carry: ranges of a site, some of them lent to one station, used up from below.

A number is decided before the command (`next_number`) and named in it with its range; the command checks that it is still
free and moves the range on. The site's own range is used where the database decides for the site: at a station that is
alone, and at the hub. A station that shares its site uses ranges that the hub cut from the site's own for it, so that it
gives out numbers without asking, and no number is ever given out twice (reference: sync, 8.0, 11 and invariant 17).
"""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.commands import Read
from core.kernel.ids import NO_ID, SiteId, StationId
from core.kernel.tables import Row, TableClass, sql_of, table
from core.kernel.uow import UnitOfWork

UNLIMITED = 2**62
OWN = 0
"""Where the site's own range begins, as its key says it; its numbers begin at 1."""
_NOBODY = StationId(NO_ID)


@table(TableClass.FEED, key=("site", "name", "first"))
class NumberRange(Row):
    """Numbers that may be given out for a purpose (wave, batch, manifest, sscc, fence), in one place."""

    site: SiteId
    name: str
    first: int
    """`OWN` of the site's own range; of others the number they begin with, so that none begins like another."""
    next: int
    last: int
    station: StationId
    """Who alone gives them out; NO_ID of the site's own range."""
    incarnation: int
    """Of that station's file: one that was rolled back may have used numbers that it does not remember."""
    epoch: int
    """The hub's when it cut the range."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a command names it."""

    value: int
    range: int = OWN
    """The key of the range it comes out of."""


def is_free(read: Read, site: SiteId, name: str, number: Number) -> bool:
    """Return whether a number may be used: not given out before, and within its range."""
    row = read.get(NumberRange, (site, name, number.range))
    if row is None:
        return number.range == OWN and number.value >= 1
    return row.next <= number.value <= row.last


def take(uow: UnitOfWork, site: SiteId, name: str, number: Number) -> None:
    """Move a range beyond a number that is used now; total, a number outside of it leaves the range as it is."""
    row = uow.get(NumberRange, (site, name, number.range))
    if row is not None and row.next <= number.value <= row.last:
        uow.update(row, next=number.value + 1)
    elif row is None and number.range == OWN:
        uow.insert(NumberRange(site, name, OWN, number.value + 1, UNLIMITED, _NOBODY, 0, 0))


def in_use(site: SiteId, name: str, station: StationId) -> sa.ScalarSelect[int]:
    """Return the key of the range that a station takes its next number out of: of its own ones, else the site's.

    Of its own those of its newest file count, the oldest first; what is not its own to use is for the gate to refuse.
    """
    ranges = sql_of(NumberRange).alias()
    return (
        sa.select(ranges.c.first)
        .where(
            ranges.c.site == site, ranges.c.name == name, ranges.c.station.in_([NO_ID, station]),
            ranges.c.next <= ranges.c.last,
        )
        .order_by(ranges.c.station == NO_ID, ranges.c.incarnation.desc(), ranges.c.epoch.desc(), ranges.c.first)
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip


def number_of(value: int | None, first: int | None) -> Number:
    """Return the number that a look at a range in use found; the very first of a site where there is no range yet."""
    return Number(1) if value is None or first is None else Number(int(value), int(first))


def next_number(connection: sa.Connection, site: SiteId, name: str, station: StationId = _NOBODY) -> Number:
    """Return the number that would be given out next: by a station, or for nobody out of the site's own range."""
    ranges = sql_of(NumberRange)
    query = sa.select(ranges.c.next, ranges.c.first).where(
        ranges.c.site == site, ranges.c.name == name, ranges.c.first == in_use(site, name, station)
    )
    found = connection.execute(query).first()
    return number_of(None, None) if found is None else number_of(*found)
