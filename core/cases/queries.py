"""Reading the inbox of exceptions."""

from typing import Any

import sqlalchemy as sa

from core.cases.model import Case, CaseState
from core.kernel.ids import SiteId
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


def open_count(site: SiteId) -> sa.Select[Any]:
    """Return the question how many cases wait, to be asked with another."""
    cases = sql_of(Case)
    return sa.select(sa.func.count()).where(cases.c.site == site, cases.c.state == CaseState.OPEN.value)
