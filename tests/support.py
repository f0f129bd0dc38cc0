"""What tests stand on: a clock that is set, ids that count, an open gate, a database in a temporary folder.

`Bench` runs commands synchronously, without a thread; `seed` writes rows without a command, for arranging only.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.database import Database
from core.kernel.executor import Done, Executor, Failed, Identity, Outcome, Work, write_identity
from core.kernel.flow import Rule
from core.kernel.ids import NO_SESSION, CommandId, PersonId, SessionId, SiteId, StationId
from core.kernel.refusal import Refusal
from core.kernel.tables import TABLES, Key, R, Row, TableClass, Values
from core.kernel.uow import Changes, UnitOfWork
from core.rules.model import Check, Mode
from core.rules.policies import SUPERVISOR, Resolved
from tests.quick import KEY, open_new

SITE = SiteId(int(os.environ.get("DOCKSIDE_TEST_SITE", "1")))
STATION = StationId(b"station-00000001")
PICKER = PersonId(b"person-picker-01")
NOON = 1_765_886_400_000
"""2025-12-16 12:00 UTC."""


class FakeClock:
    """A clock that stands still until it is told."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at

    def now_ms(self) -> int:
        return self.at

    def boot_ns(self) -> int:
        return self.at * 1_000_000

    def tick(self, ms: int = 1000) -> int:
        self.at += ms
        return self.at


class FakeIds:
    """Ids that count up, with a time prefix."""

    def __init__(self, start: int = 0, at: int = NOON) -> None:
        self.count = start
        self.at = at

    def new(self) -> bytes:
        self.count += 1
        return self.at.to_bytes(6, "big") + self.count.to_bytes(10, "big")


class Base(TypedDict):
    id: CommandId
    site: SiteId
    at: int
    actor: PersonId
    session: SessionId


def policies(modes: Mapping[str, str] | None = None) -> Resolved:
    """Return policies under which these checks are as strict as said, the others inform, and a unit must be scanned."""
    said = {Check.ITEM_SCAN_AT_PICK.value: Mode.BLOCK.value} | dict(modes or {})
    return Resolved({check: Rule(said.get(check.value, Mode.INFORM.value), SUPERVISOR) for check in Check}, {})


def open_gate(_connection: sa.Connection, _command: Command) -> Refusal | None:
    """Let everybody do everything."""
    return None


@dataclass
class Bench:
    """A database with an executor: `run` a command, `get` a row, `count` rows."""

    database: Database
    executor: Executor
    clock: FakeClock
    ids: FakeIds = field(default_factory=FakeIds)
    listeners: list[Callable[[Changes], None]] = field(default_factory=list)
    """Who hears what was changed."""

    def base(self, actor: PersonId = PICKER) -> Base:
        """Return the base fields of a new command."""
        return Base(id=CommandId(self.ids.new()), site=SITE, at=self.clock.tick(), actor=actor, session=NO_SESSION)

    def try_run(self, command: Command, *private: Row) -> Outcome:
        by_class: dict[type[Row], list[Values]] = {}
        for row in private:
            values = tuple(getattr(row, name) for name in row.TABLE.columns)
            by_class.setdefault(type(row), []).append(values)
        outcome = self.executor.perform(Work(command=command, private=by_class))
        if isinstance(outcome, Done):
            for listener in self.listeners:
                listener(outcome.changes)
        return outcome

    def run(self, command: Command, *private: Row) -> Done:
        """Run a command that must succeed."""
        outcome = self.try_run(command, *private)
        assert isinstance(outcome, Done), outcome
        return outcome

    def refuse(self, command: Command) -> Refusal:
        """Run a command that must be refused, and check that nothing was written."""
        before = self.dump()
        outcome = self.try_run(command)
        assert isinstance(outcome, Failed), outcome
        assert self.dump() == before
        return outcome.refusal

    def get(self, cls: type[R], *key: object) -> R | None:
        """Return a row by its key (the site is put in front)."""
        with self.executor.connection.begin():
            return UnitOfWork(self.executor.connection).get(cls, (SITE, *key))

    def need(self, cls: type[R], *key: object) -> R:
        """Return a row that must be there."""
        row = self.get(cls, *key)
        assert row is not None, (cls.__name__, key)
        return row

    def all(self, cls: type[R]) -> list[R]:
        """Return every row of a table, by key."""
        info = cls.TABLE
        with self.executor.connection.begin():
            rows = self.executor.connection.execute(
                sa.select(info.sql).order_by(*(info.sql.c[name] for name in info.key))
            )
            return [info.row(raw) for raw in rows]  # type: ignore[misc]

    def seed(self, *rows: Row) -> None:
        """Write rows without a command: arranging only."""
        with self.executor.connection.begin():
            uow = UnitOfWork(self.executor.connection)
            for row in rows:
                if row.TABLE.kind is TableClass.PRIVATE:
                    uow.save(row)
                else:
                    uow.insert(row)
            uow.flush()

    def dump(self, *, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of every table, by table: equal dumps are equal databases."""
        with self.executor.connection.begin():
            return {
                name: [
                    tuple(raw)
                    for raw in self.executor.connection.execute(
                        sa.select(info.sql).order_by(*(info.sql.c[part] for part in info.key))
                    )
                ]
                for name, info in TABLES.items()
                if name not in without
            }


@contextmanager
def bench(folder: Path, name: str = "station.db") -> Iterator[Bench]:
    """Open a new station database in a folder."""
    database = open_new(folder / name)
    clock = FakeClock()
    connection = database.connect()
    try:
        write_identity(connection, Identity(SITE, STATION))
        yield Bench(database, Executor(connection, Identity(SITE, STATION), clock, open_gate), clock)
    finally:
        connection.close()
        database.dispose()


__all__ = ["KEY", "Bench", "FakeClock", "FakeIds", "Key", "bench", "open_gate"]
