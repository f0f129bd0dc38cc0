"""How many of something at this station's site: what was said, and saying it, by what people call a thing."""

from typing import Any

import sqlalchemy as sa

from core.catalog.queries import zone_codes
from core.kernel.executor import Failed, Work
from core.kernel.tables import rows_of, sql_of
from core.rules.amounts import MEASURES
from core.rules.commands import SetAmount
from core.rules.model import Amount, Measure, Scope
from desktop.assembly import Assembly
from desktop.messages import refusal_words
from desktop.planning import stamp
from desktop.policies import About, scope_of


def said(assembly: Assembly) -> list[dict[str, Any]]:
    """Return what was said, by measure and from broad to narrow; first what holds where nobody said anything."""
    site, table = assembly.identity.site, sql_of(Amount)
    with assembly.database.reading() as connection:
        rows = rows_of(Amount, connection.execute(sa.select(table).where(table.c.site == site)))
        codes = zone_codes(connection, site)
    names = {zone.hex(): code for zone, code in codes.items()}
    usual = [
        {"measure": each.value, "scope": "usual", "target": "", "value": MEASURES[each].usual} for each in Measure
    ]  # fmt: skip
    order = list(Scope)
    return usual + [
        {"measure": row.measure.value, "scope": row.scope.value, "target": names.get(row.target, row.target), "value": row.value}
        for row in sorted(rows, key=lambda row: (row.measure, order.index(row.scope), row.target))
    ]  # fmt: skip


def words(row: dict[str, Any]) -> str:
    """Return what was said as people read it."""
    if row["scope"] == "usual":
        return f"{row['measure']}: {row['value']} where nothing else was said"
    return f"{row['measure']}: {row['value']} for the {row['scope']} {row['target']}".rstrip()


def say(assembly: Assembly, measure: Measure, value: int, about: About) -> str:
    """Write how many; return why that was refused, empty when it was done.

    Raises:
        ValueError: two things are named, or a zone that is not here.
    """
    scope, target = scope_of(assembly, about, "a number")
    table = sql_of(Amount)
    key = (
        table.c.site == assembly.identity.site, table.c.measure == measure.value, table.c.scope == scope.value,
        table.c.target == target,
    )  # fmt: skip
    with assembly.database.reading() as connection:
        version = connection.execute(sa.select(table.c.version).where(*key)).scalar_one_or_none()
    command = SetAmount(
        **stamp(assembly), measure=measure, scope=scope, target=target, value=value, base_version=version or 0
    )
    outcome = assembly.submit(Work(command=command)).result()
    return refusal_words(outcome.refusal) if isinstance(outcome, Failed) else ""
