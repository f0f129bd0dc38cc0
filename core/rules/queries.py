"""Reading policies and exception codes."""

from dataclasses import dataclass, field

import sqlalchemy as sa

from core.kernel.ids import PersonId, SiteId, StationId
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Changes
from core.rules.model import ExceptionCode, Policy
from core.rules.policies import Resolved, resolve_policies


def policies_for(
    connection: sa.Connection, site: SiteId, *, preset: str, person: PersonId, station: StationId
) -> Resolved:
    """Return the rules of every check for one person at one station."""
    return resolve_policies(_rows(connection, site), preset=preset, person=person.hex(), station=station.hex())


def _rows(connection: sa.Connection, site: SiteId) -> tuple[Policy, ...]:
    policies = sql_of(Policy)
    return rows_of(Policy, connection.execute(sa.select(policies).where(policies.c.site == site)))


@dataclass(slots=True)
class _Edition:
    """What the book says until a policy is written."""

    rows: tuple[Policy, ...] | None = None
    resolved: dict[tuple[PersonId, str], Resolved] = field(default_factory=dict)


class PolicyBook:
    """The policies at a station: read when first asked for and again once somebody changed them; no scan pays for them.

    It is asked on the station's thread and told of changes on the writer's.
    """

    def __init__(self, site: SiteId, station: StationId) -> None:
        """Know nothing yet."""
        self._site, self._station = site, station
        self._edition = _Edition()

    def __call__(self, connection: sa.Connection, person: PersonId, preset: str) -> Resolved:
        """Return the rules of every check for a person."""
        # What was read before a change goes into the edition that the change threw away.
        edition = self._edition
        if edition.rows is None:
            edition.rows = _rows(connection, self._site)
        known = edition.resolved.get((person, preset))
        if known is None:
            known = edition.resolved[person, preset] = resolve_policies(
                edition.rows, preset=preset, person=person.hex(), station=self._station.hex()
            )
        return known

    def changed(self, changes: Changes) -> None:
        """Forget what was read, if a policy was written."""
        if changes.touches(Policy):
            self._edition = _Edition()


def exception_codes(connection: sa.Connection, site: SiteId, context: str) -> tuple[ExceptionCode, ...]:
    """Return the active codes of a context (``pick``, ``pack``…), by code."""
    codes = sql_of(ExceptionCode)
    query = sa.select(codes).where(codes.c.site == site, codes.c.context == context, codes.c.active == 1)
    return rows_of(ExceptionCode, connection.execute(query.order_by(codes.c.code)))
