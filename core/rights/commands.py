"""Stations of a site, and work given to one of them: granted, asked for again, given back."""

from dataclasses import dataclass

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import SiteId, StationId
from core.kernel.numbers import OWN, Number, NumberRange, is_free, take
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.fences import FENCES
from core.rights.model import PLANNING, LeaseState, SiteStation, Stage, StationKind, StationStatus, WorkLease


@command("rights.add_station", OpClass.EDIT, permission="stations.admit")
class AddStation(Command):
    """A PC becomes a station of the site, or becomes one of another kind or name."""

    station: StationId
    name: str
    kind: StationKind
    base_version: int

    def reads(self) -> Reads:
        """Return the station."""
        return {SiteStation: [(self.site, self.station)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station without a name, and an edit of a row somebody changed meanwhile."""
        if not self.name.strip():
            return Refusal(Reason.NOT_FOUND, {"station": self.name})
        row = read.get(SiteStation, (self.site, self.station))
        version = 0 if row is None else row.version
        return None if version == self.base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})

    def apply(self, uow: UnitOfWork) -> None:
        """Write the station; its incarnation and status are not this command's business."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is None:
            uow.insert(SiteStation(self.site, self.station, self.name, self.kind, StationStatus.ACTIVE, 1, self.at, 1))
        else:
            uow.update(row, name=self.name, kind=self.kind, version=row.version + 1)


def check_holder(read: Read, site: SiteId, station: StationId, incarnation: int) -> Refusal | None:
    """Return why a station may be given nothing: it takes no part, or its file goes on under another incarnation."""
    row = read.get(SiteStation, (site, station))
    if row is None or row.status is not StationStatus.ACTIVE:
        return Refusal(Reason.NOT_FOUND, {"station": station.hex()})
    if row.incarnation != incarnation:
        return Refusal(Reason.CHANGED_MEANWHILE, {"incarnation": row.incarnation})
    return None


@dataclass(frozen=True, slots=True)
class Grant:
    """Work that a station gets."""

    stage: Stage
    work: bytes
    fence: int


@command("rights.grant", OpClass.CLAIM, permission="rights.lease")
class GrantWork(Command):
    """Work is given to one station until it gives it back or has done it."""

    station: StationId
    incarnation: int
    epoch: int
    grants: tuple[Grant, ...]
    """With fences that grow."""

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the station, what is to be given, and the fences."""
        return {
            SiteStation: [(self.site, self.station)],
            WorkLease: [(self.site, each.stage, each.work) for each in self.grants],
            NumberRange: [(self.site, FENCES, OWN)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that takes no part or goes on under another incarnation, work that is held, a used fence."""
        refusal = check_holder(read, self.site, self.station, self.incarnation)
        if refusal is not None:
            return refusal
        for each in self.grants:
            row = read.get(WorkLease, (self.site, each.stage, each.work))
            if row is not None and row.state in (LeaseState.HELD, LeaseState.FROZEN):
                return Refusal(Reason.WORK_HELD, {"work": each.work.hex()})
            if not is_free(read, self.site, FENCES, Number(each.fence)):
                return Refusal(Reason.CHANGED_MEANWHILE, {"fence": each.fence})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the leases."""
        for each in self.grants:
            take(uow, self.site, FENCES, Number(each.fence))
            uow.put(
                WorkLease(
                    self.site, each.stage, each.work, self.station, self.incarnation, self.epoch, each.fence,
                    LeaseState.HELD, 0, self.at,
                )
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewRange:
    """Numbers that a station gets to give out."""

    name: str
    first: int
    last: int


@command("rights.grant_numbers", OpClass.CLAIM, permission="rights.lease")
class GrantNumbers(Command):
    """Numbers are cut from the site's own for one station to give out, with the hub or without it."""

    station: StationId
    incarnation: int
    epoch: int
    ranges: tuple[NewRange, ...]

    def claims(self) -> tuple[str, bytes]:
        """Return the site's planning."""
        return PLANNING

    def reads(self) -> Reads:
        """Return the station, the site's own ranges and those that are made."""
        return {
            SiteStation: [(self.site, self.station)],
            NumberRange: [(self.site, each.name, first) for each in self.ranges for first in (OWN, each.first)],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that takes no part or goes on under another incarnation, and numbers that are not free."""
        refusal = check_holder(read, self.site, self.station, self.incarnation)
        if refusal is not None:
            return refusal
        for each in self.ranges:
            ends = (Number(each.first), Number(each.last))
            if each.last < each.first or not all(is_free(read, self.site, each.name, end) for end in ends):
                return Refusal(Reason.CHANGED_MEANWHILE, {"number": each.first})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Cut the ranges off the site's own."""
        for each in self.ranges:
            take(uow, self.site, each.name, Number(each.last))
            uow.put(
                NumberRange(
                    self.site, each.name, each.first, each.first, each.last, self.station, self.incarnation, self.epoch
                )
            )


@command("rights.recall", OpClass.EDIT, permission="rights.recall")
class RecallWork(Command):
    """The office wants work back that nobody has begun."""

    stage: Stage
    work: bytes

    def reads(self) -> Reads:
        """Return the lease."""
        return {WorkLease: [(self.site, self.stage, self.work)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse work that nobody holds."""
        row = read.get(WorkLease, (self.site, self.stage, self.work))
        return None if row is not None and row.state is LeaseState.HELD else Refusal(Reason.WORK_GONE)

    def apply(self, uow: UnitOfWork) -> None:
        """Ask for it; the station that holds it gives it back, or has begun it."""
        row = uow.get(WorkLease, (self.site, self.stage, self.work))
        if row is not None and row.state is LeaseState.HELD and not row.recalled_at:
            uow.update(row, recalled_at=self.at)


@command("rights.give_back", OpClass.FACT, permission="rights.give_back")
class GiveBackWork(Command):
    """A station will not do work that it holds and has not begun: it had been asked for it, or has too much."""

    stage: Stage
    work: bytes
    fence: int

    def reads(self) -> Reads:
        """Return the lease."""
        return {WorkLease: [(self.site, self.stage, self.work)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse what is not held under this fence."""
        row = read.get(WorkLease, (self.site, self.stage, self.work))
        held = row is not None and row.state is LeaseState.HELD and row.fence == self.fence
        return None if held else Refusal(Reason.WORK_GONE)

    def apply(self, uow: UnitOfWork) -> None:
        """End the lease; one that was granted again since is not touched."""
        row = uow.get(WorkLease, (self.site, self.stage, self.work))
        if row is not None and row.state is LeaseState.HELD and row.fence == self.fence:
            uow.update(row, state=LeaseState.RELEASED)
