"""Label numbers of sites that begin them alike: one company has one prefix and several sites, a carrier sees only the numbers.

The site with the most numbers left gives the upper half of them to the one that is begun, so that each goes on by itself and no
number comes twice, wherever their databases are.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations

import sqlalchemy as sa

from core.catalog.queries import site_row
from core.kernel.clock import Clock
from core.kernel.database import Database
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, IdSource, SiteId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.refusal import Fault
from core.kernel.uow import UnitOfWork
from core.kernel.verify import Difference
from core.packing.bench import last_serial
from core.packing.commands import SSCC_NUMBERS
from core.rights.bounding import BoundNumbers
from sync.hub.receiving import Receiver
from sync.hub.recovery import was_applied


class PrefixFault(Fault):
    """A site cannot begin its label numbers so; the message says why."""


def part_of(
    databases: Mapping[SiteId, Database], site: SiteId, prefix: str, clock: Clock, ids: IdSource
) -> BoundNumbers:
    """Return what says which label numbers are a new site's: all of its prefix, or a part that another site gives up for it.

    Args:
        databases: of all sites of the hub.
        site: the new one.
        prefix: what its label numbers begin with.
        clock: the hub's.
        ids: gives the operations' ids.

    Raises:
        PrefixFault: it is no prefix, one prefix begins with another, so that they are not told apart, or there are no numbers left.
    """
    if not (prefix.isascii() and prefix.isdecimal() and last_serial(prefix) > 0):
        raise PrefixFault(f"{prefix} is nothing that label numbers begin with: digits, sixteen at most")
    others = _prefixes(databases, site)
    mixed = {other: known for other, known in others.items() if known != prefix and _alike(known, prefix)}
    for other, known in sorted(mixed.items()):
        raise PrefixFault(
            f"label numbers of site {other} begin with {known}: those of site {site} would be among them with {prefix}"
        )
    same = [other for other, known in others.items() if known == prefix]
    if not same:
        return _bound(site, 1, last_serial(prefix), clock, ids)
    giver = max(same, key=lambda each: (_left(databases[each], each, prefix), -each))
    taken: list[tuple[int, int]] = []

    def decide(connection: sa.Connection) -> BoundNumbers | None:
        first, last = _own(connection, giver, prefix)
        if last - first < 1:
            return None
        middle = first + (last - first) // 2
        taken.append((middle + 1, last))
        return _bound(giver, first, middle, clock, ids)

    with databases[giver].connect() as connection:
        if not was_applied(Receiver(connection, giver).decide(decide, boot_ns=clock.boot_ns())):
            raise PrefixFault(f"no label numbers that begin with {prefix} are left for site {site}")
    return _bound(site, *taken[0], clock, ids)


def twice_given(databases: Mapping[SiteId, Database]) -> Iterator[Difference]:
    """Yield the sites of which two may give out the same label number: begun by themselves, and brought together since."""
    found: dict[SiteId, tuple[str, int, int]] = {}
    for site, prefix in _prefixes(databases).items():
        with databases[site].reading() as connection:
            found[site] = prefix, *_own(connection, site, prefix)
    for (one, (prefix, first, last)), (two, (other, begins, ends)) in combinations(sorted(found.items()), 2):
        apart = prefix == other and (last < begins or ends < first)
        if _alike(prefix, other) and not apart:
            yield Difference(
                NumberRange.TABLE.name,
                f"{SSCC_NUMBERS} {prefix}",
                "numbers of its own at each site",
                f"sites {one} and {two}",
            )


def _prefixes(databases: Mapping[SiteId, Database], without: SiteId | None = None) -> dict[SiteId, str]:
    found = {}
    for site, database in databases.items():
        if site != without:
            with database.reading() as connection:
                row = site_row(connection, site)
            if row is not None and row.gs1_prefix:
                found[site] = row.gs1_prefix
    return found


def _alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _left(database: Database, site: SiteId, prefix: str) -> int:
    with database.reading() as connection:
        first, last = _own(connection, site, prefix)
    return last - first


def _own(connection: sa.Connection, site: SiteId, prefix: str) -> tuple[int, int]:
    """Return the next label number that a site cuts from its own, and the last."""
    row = UnitOfWork(connection).get(NumberRange, (site, SSCC_NUMBERS, OWN))
    top = last_serial(prefix)
    return (1, top) if row is None else (row.next, min(row.last, top))


def _bound(site: SiteId, first: int, last: int, clock: Clock, ids: IdSource) -> BoundNumbers:
    return BoundNumbers(
        id=CommandId(ids.new()), site=site, at=clock.now_ms(), actor=SYSTEM, session=NO_SESSION, name=SSCC_NUMBERS,
        first=first, last=last,
    )  # fmt: skip


__all__ = ["PrefixFault", "part_of", "twice_given"]
