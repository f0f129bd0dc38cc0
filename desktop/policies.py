"""How strict checks are at a standalone station: what was said, and saying it, by what people call a thing."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.catalog.model import Item, Zone
from core.catalog.queries import zone_named
from core.kernel.executor import Failed, Work
from core.kernel.tables import rows_of, sql_of
from core.people.queries import find_badge
from core.people.roles import ROLES
from core.rules.commands import SetPolicy
from core.rules.model import Check, Mode, Policy, Scope
from core.rules.policies import PRESETS
from desktop.assembly import Assembly
from desktop.messages import refusal_words
from desktop.planning import stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a rule is said of, in people's words; nothing named is the site."""

    preset: str | None = None
    here: bool = False
    zone: str | None = None
    printer: str | None = None
    item: str | None = None
    badge: str | None = None


def said(assembly: Assembly) -> list[dict[str, Any]]:
    """Return what was said, by check and from broad to narrow."""
    site, order = assembly.identity.site, list(Scope)
    policies, items, zones = sql_of(Policy), sql_of(Item), sql_of(Zone)
    with assembly.database.reading() as connection:
        rows = rows_of(Policy, connection.execute(sa.select(policies).where(policies.c.site == site)))
        names = (
            {
                bytes(row[0]).hex(): str(row[1])
                for table, name in ((items, items.c.sku), (zones, zones.c.code))
                for row in connection.execute(sa.select(table.c.id, name).where(table.c.site == site))
            }
            if rows
            else {}
        )
    return [
        {
            "check": row.check.value, "scope": row.scope.value, "target": names.get(row.target, row.target),
            "mode": row.mode.value, "passed_by": row.passed_by,
        }
        for row in sorted(rows, key=lambda row: (row.check, order.index(row.scope), row.target))
    ]  # fmt: skip


def words(row: dict[str, Any]) -> str:
    """Return what was said as people read it."""
    about = f"{row['scope']} {row['target']}".strip()
    who = f"passed by {row['passed_by']}" if row["passed_by"] else "passed by nobody"
    return f"{row['check']}: {row['mode']} for the {about}, {who}"


def scope_of(assembly: Assembly, about: About, rule: str = "a policy") -> tuple[Scope, str]:
    """Return what a rule is said of, as its row names it; `rule` is what a mistake calls it.

    Raises:
        ValueError: two things are named, or one that is not here.
    """
    named = [
        (scope, word)
        for scope, word in (
            (Scope.PRESET, about.preset), (Scope.STATION, "here" if about.here else None), (Scope.ZONE, about.zone),
            (Scope.PRINTER, about.printer), (Scope.ITEM, about.item), (Scope.PERSON, about.badge),
        )
        if word is not None
    ]  # fmt: skip
    if len(named) > 1:
        raise ValueError(f"{rule} is said of one thing; named are {', '.join(scope for scope, _ in named)}")
    scope, word = named[0] if named else (Scope.SITE, "")
    with assembly.database.reading() as connection:
        target = _target(connection, assembly, scope, word)
    if target is None:
        raise ValueError(f"there is no {scope} {word}")
    return scope, target


def _target(connection: sa.Connection, assembly: Assembly, scope: Scope, word: str) -> str | None:
    site = assembly.identity.site
    match scope:
        case Scope.SITE | Scope.PRINTER:
            return word
        case Scope.PRESET:
            return word if word in PRESETS else None
        case Scope.STATION:
            return assembly.identity.station.hex()
        case Scope.ZONE:
            zone = zone_named(connection, site, word)
            return None if zone is None else zone.id.hex()
        case Scope.ITEM:
            items = sql_of(Item)
            found = connection.execute(sa.select(items.c.id).where(items.c.site == site, items.c.sku == word)).scalars()
            ids = list(found)
            return bytes(ids[0]).hex() if len(ids) == 1 else None
        case Scope.PERSON:
            badge = find_badge(connection, site, word)
            return None if badge is None else badge.person.hex()


def say(assembly: Assembly, check: Check, mode: Mode, about: About, passed_by: str) -> str:
    """Write a policy; return why that was refused, empty when it was done.

    Raises:
        ValueError: what it is said of is not here, or there is no such role.
    """
    unknown = [role for role in filter(None, passed_by.split(",")) if role not in ROLES]
    if unknown:
        raise ValueError(f"there is no role {unknown[0]}; there are {', '.join(ROLES)}")
    scope, target = scope_of(assembly, about)
    policies = sql_of(Policy)
    key = (
        policies.c.site == assembly.identity.site, policies.c.check == check.value, policies.c.scope == scope.value,
        policies.c.target == target,
    )  # fmt: skip
    with assembly.database.reading() as connection:
        version = connection.execute(sa.select(policies.c.version).where(*key)).scalar_one_or_none()
    command = SetPolicy(
        **stamp(assembly), check_name=check, scope=scope, target=target, mode=mode, passed_by=passed_by,
        base_version=version or 0,
    )  # fmt: skip
    outcome = assembly.submit(Work(command=command)).result()
    if isinstance(outcome, Failed):
        return (
            f"{check} does not ask for a {scope}"
            if "scope" in outcome.refusal.facts
            else refusal_words(outcome.refusal)
        )
    return ""
