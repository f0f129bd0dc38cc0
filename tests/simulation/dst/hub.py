"""The hub's host: its database, backups of it, and the production's centre; the same over SQLite and PostgreSQL."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from core.kernel.commands import Command
from core.kernel.database import Database, open_postgres, open_station
from core.kernel.feed import Feed, FeedKind, head_of
from core.kernel.operations import Operation
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.kernel.witness import Said
from core.rights.queries import LISTENS_MS
from sync.hub import applying, receiving, witness
from sync.hub.applying import is_known
from sync.hub.center import Center
from sync.hub.presence import Presence
from sync.hub.recovery import raise_epochs
from sync.protocol import Carry, Compare, Fetch, Lease, Load, Push, Refused, Rejoin, Renew
from tests.orders.shop import Shop
from tests.quick import kept_open
from tests.simulation.dst.machine import Eyes, Offline, PowerCut, Pull, Time, WrongClock, copy_database
from tests.support import KEY, SITE, Bench
from tests.sync.office import AtTheHub

PICTURE_MS = 600_000
"""A machine is put back to a picture of itself that is older than that."""


class Storage(Protocol):
    """Where the centre's data are."""

    @property
    def address(self) -> str:
        """Return where somebody finds the data who knows nothing of the program: a file, or an address."""

    def open(self) -> Database:
        """Open it."""

    def keep(self) -> str:
        """Return the name of a backup as of the last commit."""

    def put_back(self, backup: str) -> None:
        """Make a backup the database."""


@dataclass
class InAFile:
    """SQLite: fast, and a backup is a copy."""

    path: Path
    copies: int = 0

    @property
    def address(self) -> str:
        return str(self.path)

    def open(self) -> Database:
        return kept_open(open_station(self.path, KEY))

    def keep(self) -> str:
        self.copies += 1
        kept = self.path.with_name(f"hub-{self.copies}.db")
        copy_database(self.path, kept)
        return str(kept)

    def put_back(self, backup: str) -> None:
        self.copies += 1
        self.path = self.path.with_name(f"hub-now-{self.copies}.db")
        copy_database(Path(backup), self.path)


@dataclass
class InPostgres:
    """PostgreSQL: each database of a cluster is a centre, and a backup is made from it as a template."""

    server: str
    """Address of the cluster's own database."""
    name: str
    copies: int = 0

    @property
    def address(self) -> str:
        return sa.make_url(self.server).set(database=self.name).render_as_string(hide_password=False)

    def open(self) -> Database:
        return open_postgres(self.address)

    def keep(self) -> str:
        self.copies += 1
        kept = f"{self.name}_{self.copies}"
        self.copy(self.name, kept)
        return kept

    def put_back(self, backup: str) -> None:
        self.copies += 1
        self.name = f"{backup}_{self.copies}"
        self.copy(backup, self.name)

    def copy(self, source: str, target: str) -> None:
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


@dataclass
class Hub:
    """The hub, and the office that works at it."""

    storage: Storage
    time: Time
    clock: WrongClock
    up: bool = False
    dies: bool = False
    """Whether it dies before its next commit."""
    as_it_is: Callable[[UnitOfWork, Command, Operation], str] = field(default_factory=lambda: applying._one)
    backups: list[str] = field(default_factory=list)
    seen: list[Said | None] = field(default_factory=list)
    """What the witness said when each of them was made."""
    unknown: str = ""
    """A kind of operation that this hub's program does not know yet; empty while it knows all."""
    mistaken: str = ""
    """A kind of operation over which this hub's program makes a mistake; empty while it makes none."""
    mistakes: int = 0
    witness: Eyes = field(default_factory=Eyes)
    """Lies elsewhere than the data."""
    dies_later: bool = False
    """Whether it dies before the commit after the next."""

    def __getstate__(self) -> dict[str, object]:
        """Return what is kept of it while it is put away: all but what is open."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def start(self) -> None:
        """Begin to answer."""
        self.database = self.storage.open()
        self.center = Center(lambda site: self.database if site == SITE else None, self.clock, self.time)
        self.central = self.database.connect()
        sa.event.listen(self.database._writer, "commit", self._commits)
        at_the_hub = AtTheHub(self.center, self.central)
        self.office = Shop(Bench(self.database, at_the_hub, self.clock, self.time))  # type: ignore[arg-type]
        self.presence = Presence(self.database, SITE, self.clock)
        self.up = True

    def restart(self) -> None:
        """Be started again at once."""
        self._surely(self._look)
        self.stop()
        self.start()
        self._surely(self._look)

    def stop(self) -> None:
        """End; what is not committed is gone."""
        self.central.close()
        self.database.dispose()
        self.up = self.dies = self.dies_later = False

    def _commits(self, connection: sa.Connection) -> None:
        if connection is self.central:
            return
        if self.dies:
            self.dies = False
            raise PowerCut
        self.dies, self.dies_later = self.dies_later, False

    def backup(self) -> None:
        """Make a backup."""
        self._surely(self._look)
        running = self.up
        if running and isinstance(self.storage, InPostgres):
            self.stop()
        self.backups.append(self.storage.keep())
        self.seen.append(self.witness.read())
        if running and not self.up:
            self.start()

    def set_back(self, which: int, *, quiet: bool) -> None:
        """Be what a backup says; quietly where nobody tells the program, which then finds it out by its witness."""
        # It looks twice a second.
        self._surely(self._look)
        self.stop()
        # Nobody puts a database back within a second.
        self.time.at += 1000
        self.storage.put_back(self.backups[which])
        self.start()
        self._surely(self._look if quiet else lambda: raise_epochs(self.database, self.clock, self.time))
        # It listens for a minute; whoever asks within that is a matter of machines that are put back whole.
        self.time.at += LISTENS_MS

    def put_back_whole(self, which: int) -> None:
        """Be the machine as it was when a backup was made, its witness with it, and be switched on."""
        self._surely(self._look)
        self.stop()
        self.time.at += PICTURE_MS
        self.storage.put_back(self.backups[which])
        seen = self.seen[which]
        self.witness = Eyes()
        if seen is not None:
            self.witness.write(seen)
        self.start()
        self._surely(self._look)

    def _look(self) -> None:
        self.presence.note()
        witness.look(self.database, SITE, self.witness, self.clock, self.time)

    def _surely(self, do: Callable[[], object]) -> None:
        """Do what it does before it answers; where it dies over that, it is started again and begins anew."""
        try:
            do()
        except PowerCut:
            self.stop()
            self.start()
            do()

    def newest(self) -> bytes:
        """Return the operation that the feed told of last."""
        feed = sql_of(Feed)
        query = sa.select(feed.c.entity).where(feed.c.kind == FeedKind.RECEIPT.value).order_by(feed.c.seq.desc())
        with self.database.reading() as connection:
            return bytes.fromhex(str(connection.execute(query.limit(1)).scalar_one()))

    @property
    def epoch(self) -> int:
        """Return the epoch that it knows."""
        with self.database.reading() as connection:
            return head_of(connection, SITE).epoch

    def answer(self, message: object) -> object:
        """Answer a message.

        Raises:
            Offline: it died over it, or is not there.
        """
        if not self.up:
            raise Offline
        try:
            match message:
                case Push():
                    return self.center.push(message)
                case Pull():
                    return self.center.pull(1, SITE, message.station, message.after, message.epoch)
                case Fetch():
                    return self.center.fetch(message)
                case Lease():
                    return self.center.lease(message)
                case Load():
                    return self.center.load(message)
                case Compare():
                    return self.center.compare(message)
                case Rejoin():
                    return self.center.rejoin(message)
                case Renew():
                    return self.center.renew(message)
                case Carry():
                    return self.center.carry(message)
                case _:
                    raise AssertionError(message)
        except PowerCut:
            self.stop()
            self.start()
            raise Offline from None

    def learn(self, at: int) -> int:
        """Be a newer program from now on: what was parked is applied; return how much."""
        self.unknown = self.mistaken = ""
        with self.database.connect() as connection:
            return receiving.Receiver(connection, SITE).unpark(at)

    def apply_one(self, uow: UnitOfWork, command: Command, operation: Operation) -> str:
        """Apply an operation as the hub's program does, mistakes and all."""
        if operation.kind == self.mistaken:
            self.mistakes += 1
            raise ValueError(f"no {operation.kind} was thought of")
        return self.as_it_is(uow, command, operation)

    def knows(self, operation: Operation) -> bool:
        """Return whether the hub's program knows an operation."""
        return operation.kind != self.unknown and is_known(operation)


__all__ = ["Hub", "InAFile", "InPostgres", "Refused", "Storage"]
