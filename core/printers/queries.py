"""Reading printers, routes, and what the ledger of jobs has to report."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import sqlalchemy as sa

from core.kernel.ids import JobId, SiteId, StationId
from core.kernel.spool import OPEN_STATES, JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.printers.model import PrinterRow, PrinterSeen, PrintRoute
from core.printers.routing import route_of, wanted_by

DOUBT_MS = 10 * 60_000
"""A job in doubt for longer has been forgotten by whoever stood there."""


@dataclass(frozen=True, slots=True)
class PrintedAgain:
    """Paper of which more than one may lie about."""

    document: str
    subject: bytes
    code: str
    jobs: tuple[PrintJob, ...]
    """Those of which a byte left us, the oldest first."""


@dataclass(frozen=True, slots=True)
class SlowOutlet:
    """A printer that takes its time."""

    outlet: str
    median_ms: int
    """From the first byte of a job to the printer's word that it is out."""


OUT = (JobState.PRINTED, JobState.APPLIED)


@dataclass(frozen=True, slots=True)
class JobsOut:
    """How far jobs are that were asked for together."""

    out: int
    total: int
    in_doubt: int = 0
    fault: str = ""
    """Why one of them waits; empty where none does."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where paper that waits may go instead."""

    job: JobId
    printer: str
    """The one it waits for; empty where nobody assigned any."""
    fallback: str = ""
    """Empty where there is no other."""
    place: str = ""
    """Where the fallback stands."""
    width_mm: int = 0
    height_mm: int = 0
    """Of the labels that belong into the one it waits for; 0 where nobody assigned any."""


@dataclass(frozen=True, slots=True)
class AskWayOut:
    """Which printer does this paper wait for, and which other may print it?"""

    site: SiteId
    station: StationId
    subject: bytes
    code: str

    def run(self, connection: sa.Connection) -> WayOut | None:
        """Return it for the newest paper with this code; None where nothing waits any more."""
        mine = [job for job in open_jobs(connection, self.site) if (job.subject, job.code) == (self.subject, self.code)]
        if not mine:
            return None
        job, printers = mine[-1], {each.name: each for each in printers_of(connection, self.site)}
        route = route_of(routes_of(connection, self.site), wanted_by(job, self.station.hex()))
        named = job.outlet if job.outlet in printers else "" if route is None else route.printer
        other = printers.get(
            "" if route is None else next((e for e in (route.fallback, route.printer) if e != named), "")
        )
        mine_row = printers.get(named)
        width, height = (0, 0) if mine_row is None else (mine_row.width_tenths, mine_row.height_tenths)
        there = ("", "") if other is None else (other.name, other.place)
        return WayOut(job.id, named, *there, round(width / 10), round(height / 10))


def printers_of(connection: sa.Connection, site: SiteId) -> tuple[PrinterRow, ...]:
    """Return the site's printers by name."""
    table = sql_of(PrinterRow)
    query = sa.select(table).where(table.c.site == site).order_by(table.c.name)
    return rows_of(PrinterRow, connection.execute(query))


def seen_of(connection: sa.Connection, site: SiteId) -> dict[str, PrinterSeen]:
    """Return what the printers said of themselves here, by name."""
    table = sql_of(PrinterSeen)
    rows = rows_of(PrinterSeen, connection.execute(sa.select(table).where(table.c.site == site)))
    return {each.name: each for each in rows}


def routes_of(connection: sa.Connection, site: SiteId) -> tuple[PrintRoute, ...]:
    """Return the site's routes."""
    table = sql_of(PrintRoute)
    query = sa.select(table).where(table.c.site == site).order_by(*(table.c[name] for name in PrintRoute.TABLE.key))
    return rows_of(PrintRoute, connection.execute(query))


def jobs_in(connection: sa.Connection, site: SiteId, *states: JobState) -> tuple[PrintJob, ...]:
    """Return this station's jobs in these states, the oldest first."""
    table = sql_of(PrintJob)
    query = (
        sa.select(table)
        .where(table.c.site == site, table.c.state.in_([each.value for each in states]))
        .order_by(table.c.created_at, table.c.id)
    )
    return rows_of(PrintJob, connection.execute(query))


def open_jobs(connection: sa.Connection, site: SiteId) -> tuple[PrintJob, ...]:
    """Return what waits for a printer."""
    return jobs_in(connection, site, *OPEN_STATES)


def jobs_out(connection: sa.Connection, site: SiteId, jobs: Sequence[JobId]) -> JobsOut:
    """Return how many of some jobs are out."""
    table = sql_of(PrintJob)
    query = sa.select(table.c.state, table.c.fault).where(table.c.site == site, table.c.id.in_(list(jobs)))
    found = [(JobState(state), str(fault)) for state, fault in connection.execute(query)]
    out = sum(state in OUT for state, _ in found)
    fault = next((fault for state, fault in found if state in OPEN_STATES and fault), "")
    return JobsOut(out, len(jobs), sum(state is JobState.UNKNOWN for state, _ in found), fault)


def forgotten_doubts(connection: sa.Connection, site: SiteId, now_ms: int) -> tuple[PrintJob, ...]:
    """Return the jobs that have been in doubt for more than ten minutes, the oldest first."""
    in_doubt = jobs_in(connection, site, JobState.UNKNOWN)
    return tuple(job for job in in_doubt if job.moved_at + DOUBT_MS < now_ms)


def printed_again(connection: sa.Connection, site: SiteId, since_ms: int = 0) -> tuple[PrintedAgain, ...]:
    """Return what was sent to a printer more than once since an instant, with every job of it."""
    table = sql_of(PrintJob)
    query = (
        sa.select(table)
        .where(table.c.site == site, table.c.attempts > 0, table.c.sent_at >= since_ms)
        .order_by(table.c.document, table.c.subject, table.c.code, table.c.sent_at, table.c.id)
    )
    found: dict[tuple[str, bytes, str], list[PrintJob]] = {}
    for job in rows_of(PrintJob, connection.execute(query)):
        if job.state not in OPEN_STATES:
            found.setdefault((job.document, job.subject, job.code), []).append(job)
    return tuple(PrintedAgain(*what, tuple(jobs)) for what, jobs in found.items() if len(jobs) > 1)


def slow_outlets(connection: sa.Connection, site: SiteId, slow_ms: int, latest: int = 20) -> tuple[SlowOutlet, ...]:
    """Return the printers whose latest jobs of one page took at least so long in the middle.

    A CUPS queue that asks its printer by SNMP first takes four seconds a job.
    """
    table = sql_of(PrintJob)
    query = (
        sa.select(table.c.outlet, table.c.moved_at - table.c.sent_at)
        .where(table.c.site == site, table.c.state == JobState.PRINTED.value, table.c.sent_at > 0, table.c.pages == 1)
        .order_by(table.c.sent_at.desc())
        .limit(latest * 10)
    )
    took: dict[str, list[int]] = {}
    for outlet, ms in connection.execute(query):
        if len(took.setdefault(outlet, [])) < latest:
            took[outlet].append(int(ms))
    found = ((outlet, int(median(each))) for outlet, each in sorted(took.items()))
    return tuple(SlowOutlet(outlet, ms) for outlet, ms in found if ms >= slow_ms)
