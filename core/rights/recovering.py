"""After the hub was set back: its new epoch, what each station says it holds, and the end of the recovery.

A restored hub knows less than its stations. It begins an epoch of its own, takes all they have, and grants nothing until
each of them has said what it holds: an operation at the end of its log, so that all it did before is there by then. What
nobody lists nobody holds. (Reference: sync, 8.0, 17 and invariants 13, 14, 18, 19.)
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.executor import identity_of
from core.kernel.flow import Stamp
from core.kernel.ids import SiteId, StationId
from core.kernel.numbers import OWN, Number, NumberRange, take
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.rights.fences import take_fence
from core.rights.model import Epoch, EpochState, LeaseState, SiteStation, Stage, StationStatus, WorkLease


@dataclass(frozen=True, slots=True)
class Skipped:
    """Numbers of the site's own that are not given out, since they may have been before the hub was set back."""

    name: str
    next: int


@command("rights.raise_epoch", OpClass.FACT, permission="rights.recover")
class RaiseEpoch(Command):
    """The hub was set back: what it knew beyond a row of its feed it has to hear again."""

    number: int
    seq: int
    hash: bytes
    ranges: tuple[Skipped, ...]
    """With the fences, which begin above those of every older epoch."""
    broke: tuple[StationId, ...] = ()
    """Stations that broke after the row behind which others know more: whether before or after what they know, nobody can say."""

    def reads(self) -> Reads:
        """Return the epoch, the ranges and the stations."""
        return {
            Epoch: [(self.site, self.number)],
            NumberRange: [(self.site, each.name, OWN) for each in self.ranges],
            SiteStation: [(self.site, each) for each in self.broke],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse an epoch that was there already."""
        there = read.get(Epoch, (self.site, self.number)) is not None
        return Refusal(Reason.EXISTS_ALREADY, {"epoch": self.number}) if there else None

    def apply(self, uow: UnitOfWork) -> None:
        """Begin it, and leave out numbers that were given out and forgotten."""
        for each in self.ranges:
            row = uow.get(NumberRange, (self.site, each.name, OWN))
            if row is None:
                take(uow, self.site, each.name, Number(each.next - 1))
            elif row.next < each.next:
                # Set, and not taken: a number beyond the end of a range would leave it as it is, and its numbers come again.
                uow.update(row, next=each.next)
        if uow.get(Epoch, (self.site, self.number)) is None:
            fence = take_fence(uow, self.site)
            for broken in self.broke:
                station = uow.get(SiteStation, (self.site, broken))
                if station is not None:
                    uow.update(station, broke=fence)
            uow.insert(Epoch(self.site, self.number, self.seq, self.hash, EpochState.RECOVERING, fence, self.at, 0))


@dataclass(frozen=True, slots=True)
class HeldWork:
    """A lease as its holder knows it."""

    stage: Stage
    work: bytes
    epoch: int
    fence: int
    granted_at: int


@command("rights.list", OpClass.FACT, permission="rights.give_back")
class ListHeld(Command):
    """A station says what it holds, because the hub may have forgotten it."""

    station: StationId
    incarnation: int
    epoch: int
    """The hub's, which this answers: a list that was made for an earlier one says nothing about what came between."""
    held: tuple[HeldWork, ...]
    last: int
    """1 for the last part of the list: only then the station counts as heard."""

    def reads(self) -> Reads:
        """Return the station, the epoch and the leases."""
        return {
            SiteStation: [(self.site, self.station)],
            Epoch: [(self.site, self.epoch)],
            WorkLease: [(self.site, each.stage, each.work) for each in self.held],
        }

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against saying what one has."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Bring the leases back where nobody is known to have a higher fence; a station that does not count gets none."""
        station = uow.get(SiteStation, (self.site, self.station))
        if station is not None and (
            station.status is not StationStatus.ACTIVE or station.incarnation > self.incarnation
        ):
            return
        for each in self.held:
            row = uow.get(WorkLease, (self.site, each.stage, each.work))
            if row is None or (row.epoch, row.fence) < (each.epoch, each.fence):
                uow.put(
                    WorkLease(
                        self.site, each.stage, each.work, self.station, self.incarnation, each.epoch, each.fence,
                        LeaseState.HELD, 0, each.granted_at, self.epoch,
                    )
                )  # fmt: skip
            elif (row.fence, row.station, row.state) == (each.fence, self.station, LeaseState.HELD):
                uow.update(row, listed=self.epoch)
        if station is not None and self.last and station.listed < self.epoch:
            # Only a hub mints incarnations: one that is beyond what this hub knows it has forgotten, and that a file was
            # set back for it. That counts as a break of this recovery: what the station did before nobody may know.
            epoch = uow.get(Epoch, (self.site, self.epoch))
            first = 0 if epoch is None or station.incarnation >= self.incarnation else epoch.fence
            uow.update(station, listed=self.epoch, incarnation=self.incarnation, broke=max(station.broke, first))


@dataclass(frozen=True, slots=True)
class Dropped:
    """A lease that nobody listed."""

    stage: Stage
    work: bytes
    fence: int


@command("rights.end_recovery", OpClass.FACT, permission="rights.recover")
class EndRecovery(Command):
    """Every station was heard: what nobody listed is free again, and the hub grants as before."""

    number: int
    dropped: tuple[Dropped, ...]
    last: int
    """1 for the last part; only then it is over."""

    def reads(self) -> Reads:
        """Return the epoch and the leases."""
        return {
            Epoch: [(self.site, self.number)],
            WorkLease: [(self.site, each.stage, each.work) for each in self.dropped],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is over already."""
        row = read.get(Epoch, (self.site, self.number))
        recovering = row is not None and row.state is EpochState.RECOVERING
        return None if recovering else Refusal(Reason.CHANGED_MEANWHILE, {"epoch": self.number})

    def apply(self, uow: UnitOfWork) -> None:
        """Drop the leases and end it; a lease that was listed meanwhile stays."""
        for each in self.dropped:
            row = uow.get(WorkLease, (self.site, each.stage, each.work))
            if (
                row is not None
                and row.state is LeaseState.HELD
                and row.fence == each.fence
                and not is_current(row, self)
            ):
                uow.update(row, state=LeaseState.RELEASED)
        epoch = uow.get(Epoch, (self.site, self.number))
        if self.last and epoch is not None and epoch.state is EpochState.RECOVERING:
            uow.update(epoch, state=EpochState.OVER, ended_at=self.at)


def is_current(lease: WorkLease, recovery: EndRecovery) -> bool:
    """Return whether a lease was granted or listed since the epoch began."""
    return max(lease.epoch, lease.listed) >= recovery.number


LISTED_MAX = 200
"""Leases of one list: each is a row of one operation."""


def listing(connection: sa.Connection, station: StationId, epoch: int, stamp: Callable[[], Stamp]) -> list[ListHeld]:
    """Return what a station says to a hub that was set back: everything it holds, in as many parts as it takes.

    Args:
        connection: the station's file.
        station: which one.
        epoch: the hub's new one.
        stamp: gives what every command has; each call another id.
    """
    me, leases = identity_of(connection), sql_of(WorkLease)
    incarnation = 1 if me is None else me.incarnation
    query = (
        sa.select(leases.c.stage, leases.c.work, leases.c.epoch, leases.c.fence, leases.c.granted_at)
        .where(
            leases.c.station == station, leases.c.incarnation == incarnation,
            leases.c.state == LeaseState.HELD.value,
        )
        .order_by(leases.c.stage, leases.c.work)
    )  # fmt: skip
    found = [HeldWork(Stage(row[0]), bytes(row[1]), *map(int, row[2:])) for row in connection.execute(query)]
    parts = [found[start : start + LISTED_MAX] for start in range(0, len(found), LISTED_MAX)] or [[]]
    return [
        ListHeld(
            **stamp(),
            station=station,
            incarnation=incarnation,
            epoch=epoch,
            held=tuple(part),
            last=int(part is parts[-1]),
        )
        for part in parts
    ]


def recovering(read: Read, site: SiteId, epoch: int) -> bool:
    """Return whether the hub is still hearing its stations in an epoch."""
    row = read.get(Epoch, (site, epoch))
    return row is not None and row.state is EpochState.RECOVERING
