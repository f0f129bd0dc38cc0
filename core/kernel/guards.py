"""What the database itself refuses, whatever the code does: append-only tables, no negative stock, one of a kind.

Guards are triggers and unique indexes with names; areas declare them, this module makes them anew at every start of a
new file and after every migration (batch migrations drop triggers silently). At a replica, uniqueness between feed rows
and stock guards are left out: there a pulled row must always find its place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.tables import TABLES, TableClass, TableInfo
from core.kernel.uow import Role


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that no row may come to fulfil."""

    name: str
    table: str
    condition: str
    """Portable SQL over NEW (and OLD, for updates) that is true when the row must be refused."""
    events: tuple[str, ...] = ("INSERT", "UPDATE")


_GUARDS: list[Guard] = []


def guard(name: str, table: str, condition: str, *, events: tuple[str, ...] = ("INSERT", "UPDATE")) -> None:
    """Declare a guard that holds where the database is the authority."""
    _GUARDS.append(Guard(name, table, condition, events))


_FIXED = (
    "position", "seq", "id", "kind", "version", "body", "site", "actor", "session", "station", "incarnation", "device_ms",
    "boot_ns", "base_cursor", "fence", "prev_hash", "hash",
)  # fmt: skip


_PLACE = ("seq", "incarnation", "prev_hash", "hash")
"""Where an operation stands in the log of its station."""


def _changed(columns: Iterable[str]) -> str:
    return " OR ".join(f'NEW."{column}" <> OLD."{column}"' for column in columns)


def all_guards(role: Role) -> Iterator[Guard]:
    """Yield the triggers that belong in a database of a role."""
    for info in TABLES.values():
        if info.kind is TableClass.LEDGER and role is Role.AUTHORITY:
            # Where the database follows, entries of unsettled work give way to what the authority made of it.
            yield Guard(f"{info.name}_append_only", info.name, "1=1", ("UPDATE", "DELETE"))
    yield Guard(
        "op_log_immutable", "op_log", _changed(column for column in _FIXED if column not in _PLACE), ("UPDATE",)
    )
    # A station's file that was rolled back or copied goes on under another incarnation, with what is not at the hub yet.
    renewed = "(OLD.state = 'pending' AND NEW.incarnation > OLD.incarnation)"
    moved = _changed(_PLACE) if role is Role.AUTHORITY else f"({_changed(_PLACE)}) AND NOT {renewed}"
    yield Guard("op_log_in_place", "op_log", moved, ("UPDATE",))
    yield Guard("op_log_append_only", "op_log", "1=1", ("DELETE",))
    if role is Role.AUTHORITY:
        yield from _GUARDS


def make_guards(connection: sa.Connection, role: Role) -> None:
    """Make every guard and unique index of a role anew."""
    dialect = connection.dialect.name
    drop_guards(connection)
    if dialect == "postgresql":
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION dockside_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'guard %%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for each in all_guards(role):
        for statement in _trigger(each, dialect):
            connection.exec_driver_sql(statement)
    for info in TABLES.values():
        for statement in _uniques(info, role):
            connection.exec_driver_sql(statement)


def drop_guards(connection: sa.Connection) -> None:
    """Remove every trigger: before a migration, whose batch copies would trip over them."""
    if connection.dialect.name == "sqlite":
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        for name in names:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
    ).all()
    for name, table in rows:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON "{table}"')


def _trigger(each: Guard, dialect: str) -> Iterator[str]:
    for event in each.events:
        name = f"{each.name}_{event.lower()}"
        if dialect == "sqlite":
            yield (
                f'CREATE TRIGGER "{name}" BEFORE {event} ON "{each.table}" WHEN {each.condition} '
                f"BEGIN SELECT RAISE(ABORT, 'guard {each.name}'); END"
            )
        else:
            yield (
                f'CREATE TRIGGER "{name}" BEFORE {event} ON "{each.table}" FOR EACH ROW WHEN ({each.condition}) '
                f"EXECUTE FUNCTION dockside_refuse('{each.name}')"
            )


def _uniques(info: TableInfo, role: Role) -> Iterator[str]:
    local = info.kind in (TableClass.LOCAL, TableClass.PRIVATE)
    for name, unique in info.unique.items():
        word = "UNIQUE INDEX" if local or role is Role.AUTHORITY else "INDEX"
        columns = ",".join(f'"{column}"' for column in unique.columns)
        where = f" WHERE {unique.where}" if unique.where else ""
        yield f'DROP INDEX IF EXISTS "{info.name}_{name}"'
        yield f'CREATE {word} "{info.name}_{name}" ON "{info.name}" ({columns}){where}'
