"""How a hub is: its sites, their stations, what waits; the same for the page in a browser, for a program and for a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.cases.model import RED, Case, CaseKind, CaseState
from core.cases.photos import count_photos
from core.catalog.queries import site_row, zone_codes
from core.kernel.database import Database
from core.kernel.feed import head_of
from core.kernel.ids import SiteId
from core.kernel.operations import OperationOutcome
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Order
from core.rights.model import FloorAnswer, FloorLine, OperationReceipt, SiteStation, StationHeard
from core.rights.queries import docks_on_hold, is_recovering, unheard
from core.waves.zones import zoning
from sync.hub.recovery import missing

FLOOR_SHOWN = 100
"""Lines of the floor list on a page."""
CLOCK_OFF_MS = 300_000
"""A clock that is off by more is to be set: dates on paper, cut-offs and what expires go by it, though no order does."""
SILENT_MS = 60_000
"""A station that was not heard for so long works by itself."""


@dataclass(frozen=True, slots=True)
class StationStatus:
    """A station, as the hub last heard of it."""

    id: str
    name: str
    kind: str
    status: str
    incarnation: int
    heard_at: int
    """UTC milliseconds; 0 for never."""
    log: int
    """Operations it said it has."""
    applied: int
    """Of those, how many are here."""
    parked: int
    """Of those here, how many wait for a newer program."""
    on_hold: bool = False
    """Whether it loads nothing: what it may have loaded and forgotten is looked for on the floor."""
    zones: tuple[str, ...] = ()
    """Codes of those that it works; none for all of them."""
    ahead_ms: int = 0
    """How far its clock was ahead of the hub's when it was heard last; below zero for one that is behind."""

    @property
    def clock_off(self) -> bool:
        """Return whether its clock is to be set."""
        return self.status == "active" and not -CLOCK_OFF_MS <= self.ahead_ms <= CLOCK_OFF_MS

    @property
    def waiting(self) -> int:
        """Return the operations that are still on their way up."""
        return max(0, self.log - self.applied)


@dataclass(frozen=True, slots=True)
class FloorStatus:
    """Something that is to be looked for on the floor."""

    line: str
    """By which it is answered."""
    order: str
    """Empty where a carrier's van is looked into."""
    station: str
    """Who had it; empty where every open order is looked for."""
    stage: str
    """What of its way it was on there: pick, pack, load."""


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """A site, as its database has it."""

    site: int
    name: str
    fault: str
    """Why nothing can be said; empty where all is well."""
    epoch: int = 0
    head: int = 0
    cases: int = 0
    """Open ones."""
    red: tuple[tuple[str, int], ...] = ()
    """Of them those that cannot wait, by kind."""
    failed: int = 0
    """Operations that could not be applied, and of which nobody has decided yet."""
    stations: tuple[StationStatus, ...] = ()
    recovering: bool = False
    """Whether it was set back and has not heard all of its stations since."""
    missing: tuple[str, ...] = ()
    """Those stations."""
    unheard: tuple[str, ...] = ()
    """Stations that load, and that were not heard since the hub was away: until then it gives no carrier to another."""
    floor: tuple[FloorStatus, ...] = ()
    """What is to be looked for, the first of it."""
    floor_lines: int = 0
    """How much that is altogether."""
    photos: int = 0
    """Those whose bytes are here."""
    photo_bytes: int = 0

    @property
    def well(self) -> bool:
        """Return whether it answers and nothing waits for a person: case, station, dock or floor."""
        waits = self.fault or self.recovering or self.red or self.failed or self.floor_lines
        return not waits and not any(
            each.parked or each.on_hold or each.status == "frozen" or each.clock_off for each in self.stations
        )


@dataclass(frozen=True, slots=True)
class HubStatus:
    """A hub, now."""

    at: int
    sites: tuple[SiteStatus, ...]
    notes: tuple[str, ...] = ()
    """What IT has to look at besides."""
    remarks: tuple[str, ...] = ()
    """What IT has to know: it is as somebody set it up."""

    @property
    def well(self) -> bool:
        """Return whether nothing has to be looked at, at any site."""
        return not self.notes and all(site.well for site in self.sites)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "at": self.at, "well": self.well, "notes": list(self.notes), "remarks": list(self.remarks), "sites": [_plain(site) for site in self.sites],
        }  # fmt: skip


def _plain(site: SiteStatus) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: getattr(site, name)
        for name in site.__slots__
        if name not in ("stations", "missing", "unheard", "floor", "red")
    }
    facts["red"] = dict(site.red)
    facts["missing"], facts["unheard"] = list(site.missing), list(site.unheard)
    facts["floor"] = [{name: getattr(each, name) for name in each.__slots__} for each in site.floor]
    facts["stations"] = [
        {name: getattr(each, name) for name in each.__slots__} | {"waiting": each.waiting} for each in site.stations
    ]
    return facts


def hub_status(
    databases: Mapping[SiteId, Database], at: int, notes: tuple[str, ...] = (), remarks: tuple[str, ...] = ()
) -> HubStatus:
    """Return how every site is; one whose database does not answer says so and hides none of the others."""
    sites = tuple(_of_site(site, database) for site, database in sorted(databases.items()))
    return HubStatus(at, sites, notes, remarks)


def _of_site(site: SiteId, database: Database) -> SiteStatus:
    try:
        with database.reading() as connection:
            return site_status(connection, site)
    except sa.exc.DBAPIError as e:
        return SiteStatus(site, "", f"the database does not answer: {str(e.orig).splitlines()[0]}")


def site_status(connection: sa.Connection, site: SiteId) -> SiteStatus:
    """Return how a site is."""
    row, head = site_row(connection, site), head_of(connection, site)
    cases, receipts = sql_of(Case), sql_of(OperationReceipt)
    of_kind = sa.select(cases.c.kind, cases.c.state, sa.func.count()).where(cases.c.site == site)
    counted = {
        (CaseKind(kind), state): int(n)
        for kind, state, n in connection.execute(of_kind.group_by(cases.c.kind, cases.c.state))
    }
    opened = {kind: n for (kind, state), n in counted.items() if state == CaseState.OPEN.value}
    decided = counted.get((CaseKind.NOT_APPLIED, CaseState.CLOSED.value), 0)
    failed = sa.select(sa.func.count()).where(
        receipts.c.site == site, receipts.c.outcome == OperationOutcome.FAILED.value
    )  # fmt: skip
    recovering = is_recovering(connection, site)
    return SiteStatus(
        site, "" if row is None else row.name, "", head.epoch, head.seq,
        sum(opened.values()), tuple(sorted((kind.value, n) for kind, n in opened.items() if kind in RED)),
        max(0, int(connection.execute(failed).scalar_one()) - decided),
        tuple(_stations(connection, site)), recovering,
        tuple(each.name for each in missing(connection, site)) if recovering else (),
        tuple(name for _, name in unheard(connection, site)), *_floor(connection, site),
        *count_photos(connection, site),
    )  # fmt: skip


def _floor(connection: sa.Connection, site: SiteId) -> tuple[tuple[FloorStatus, ...], int]:
    """Return what is to be looked for, as much of it as a page shows, and how much that is."""
    lines, orders, stations = sql_of(FloorLine), sql_of(Order), sql_of(SiteStation)
    still = sa.and_(lines.c.site == site, lines.c.answer == FloorAnswer.OPEN.value)
    query = (
        sa.select(
            lines.c.id, sa.func.coalesce(orders.c.number, ""), sa.func.coalesce(stations.c.name, ""), lines.c.stage
        )
        .select_from(lines)
        .outerjoin(orders, sa.and_(orders.c.site == lines.c.site, orders.c.id == lines.c.order))
        .outerjoin(stations, sa.and_(stations.c.site == lines.c.site, stations.c.id == lines.c.station))
        .where(still)
        .order_by(stations.c.name, orders.c.number, lines.c.id)
        .limit(FLOOR_SHOWN)
    )
    found = tuple(FloorStatus(bytes(line).hex(), *rest) for line, *rest in connection.execute(query))
    counted = sa.select(sa.func.count()).select_from(lines).where(still)
    return found, int(connection.execute(counted).scalar_one())


def _stations(connection: sa.Connection, site: SiteId) -> list[StationStatus]:
    stations, receipts, heard = sql_of(SiteStation), sql_of(OperationReceipt), sql_of(StationHeard)
    words = {
        row.station: row
        for row in rows_of(StationHeard, connection.execute(sa.select(heard).where(heard.c.site == site)))
    }
    parked = {
        bytes(row[0]): int(row[1])
        for row in connection.execute(
            sa.select(receipts.c.station, sa.func.count())
            .where(receipts.c.site == site, receipts.c.outcome == OperationOutcome.PARKED.value)
            .group_by(receipts.c.station)
        )
    }
    query = sa.select(stations).where(stations.c.site == site).order_by(stations.c.name)
    on_hold, works = docks_on_hold(connection, site), zoning(connection, site).works
    codes = zone_codes(connection, site)
    found = []
    for row in rows_of(SiteStation, connection.execute(query)):
        last = words.get(row.id)
        at, length, applied, ahead = (0,) * 4 if last is None else (last.at, last.length, last.applied, last.ahead_ms)
        found.append(
            StationStatus(
                row.id.hex(), row.name, row.kind.value, row.status.value, row.incarnation, at, length, applied,
                parked.get(row.id, 0), row.id in on_hold,
                tuple(sorted(codes[each] for each in works.get(row.id, ()))), ahead,
            )
        )  # fmt: skip
    return found
