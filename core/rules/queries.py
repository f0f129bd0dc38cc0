"""Reading policies and exception codes."""

import sqlalchemy as sa

from core.kernel.ids import PersonId, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.rules.model import ExceptionCode, Policy
from core.rules.policies import resolve_policies


def policies_for(
    connection: sa.Connection, site: SiteId, *, preset: str, person: PersonId, station: StationId
) -> dict[str, str]:
    """Return the mode of every check for one person at one station."""
    policies = sql_of(Policy)
    rows = rows_of(Policy, connection.execute(sa.select(policies).where(policies.c.site == site)))
    return resolve_policies(rows, preset=preset, person=person.hex(), station=station.hex())


def exception_codes(connection: sa.Connection, site: SiteId, context: str) -> tuple[ExceptionCode, ...]:
    """Return the active codes of a context (``pick``, ``pack``…), by code."""
    codes = sql_of(ExceptionCode)
    query = sa.select(codes).where(codes.c.site == site, codes.c.context == context, codes.c.active == 1)
    return rows_of(ExceptionCode, connection.execute(query.order_by(codes.c.code)))
