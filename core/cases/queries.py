"""Reading the inbox of exceptions."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.cases.decisions import Decision
from core.cases.model import RED, Case, CaseKind, CaseState
from core.kernel import codec
from core.kernel.ids import CaseId, SiteId, StationId
from core.kernel.tables import rows_of, sql_of


def open_cases(connection: sa.Connection, site: SiteId, limit: int = 200) -> tuple[Case, ...]:
    """Return the open cases, oldest first."""
    cases = sql_of(Case)
    rows = connection.execute(
        sa.select(cases)
        .where(cases.c.site == site, cases.c.state == CaseState.OPEN.value)
        .order_by(cases.c.opened_at)
        .limit(limit)
    )
    return rows_of(Case, rows)


def count_open(connection: sa.Connection, site: SiteId) -> int:
    """Return how many cases wait for a person."""
    return int(connection.execute(open_count(site)).scalar_one())


def count_urgent(connection: sa.Connection, site: SiteId) -> tuple[int, int]:
    """Return how many cases wait for a person, and how many of those cannot wait."""
    cases = sql_of(Case)
    red = cases.c.kind.in_([each.value for each in RED])
    query = sa.select(sa.func.count(), sa.func.sum(sa.case((red, 1), else_=0))).where(
        cases.c.site == site, cases.c.state == CaseState.OPEN.value
    )
    total, urgent = connection.execute(query).one()
    return int(total), int(urgent or 0)


def open_count(site: SiteId) -> sa.Select[Any]:
    """Return the question how many cases wait, to be asked with another."""
    cases = sql_of(Case)
    return sa.select(sa.func.count()).where(cases.c.site == site, cases.c.state == CaseState.OPEN.value)


def open_about(connection: sa.Connection, site: SiteId, kind: CaseKind, subject: bytes) -> tuple[Case, ...]:
    """Return the open cases of a kind about one thing."""
    cases = sql_of(Case)
    query = sa.select(cases).where(
        cases.c.site == site,
        cases.c.subject == subject,
        cases.c.kind == kind.value,
        cases.c.state == CaseState.OPEN.value,
    )
    return rows_of(Case, connection.execute(query))


def looked_at(connection: sa.Connection, site: SiteId) -> frozenset[tuple[bytes, str]]:
    """Return the labels that do not read and were passed by somebody who looked at them: whose, and SHA-256 of the bytes."""
    cases = sql_of(Case)
    query = sa.select(cases.c.subject, cases.c.facts).where(
        cases.c.site == site, cases.c.kind == CaseKind.PRINT_FAULT.value, cases.c.decision == Decision.LOOKED.value
    )
    said = [(bytes(row.subject), codec.parse(row.facts)) for row in connection.execute(query)]
    return frozenset((subject, str(facts.get("sha256", ""))) for subject, facts in said if facts.get("unread"))


@dataclass(frozen=True, slots=True)
class StoredScan:
    """A scan out of a scanner's memory that nobody has looked at."""

    case: CaseId
    code: str
    device: str
    trusted: bool
    at: int
    """When it came, not when it was made: that nobody knows."""


@dataclass(frozen=True, slots=True)
class AskStored:
    """Which stored scans wait at this station?"""

    site: SiteId
    station: StationId

    def run(self, connection: sa.Connection) -> tuple[StoredScan, ...]:
        """Return them in the order they came."""
        cases = sql_of(Case)
        query = sa.select(cases).where(
            cases.c.site == self.site, cases.c.subject == self.station, cases.c.kind == CaseKind.STORED_SCAN.value,
            cases.c.state == CaseState.OPEN.value,
        )  # fmt: skip
        found = rows_of(Case, connection.execute(query.order_by(cases.c.opened_at, cases.c.id)))
        return tuple(_stored(each) for each in found)


def _stored(row: Case) -> StoredScan:
    facts = codec.parse(row.facts)
    return StoredScan(
        row.id, str(facts.get("code", "")), str(facts.get("device", "")), bool(facts.get("trusted")), row.opened_at
    )
