"""A station whose file was rolled back or copied: it is stopped, and goes on under a new incarnation that holds nothing."""

from dataclasses import dataclass

from core.cases.commands import open_case
from core.cases.model import CaseKind
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import StationId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.fences import FENCES, take_fence
from core.rights.model import LeaseState, SiteStation, Stage, StationStatus, WorkLease


@command("rights.freeze", OpClass.FACT, permission="rights.recover")
class FreezeStation(Command):
    """Two files speak under one name: nothing of either counts until one of them goes on under another."""

    station: StationId
    number: int
    """Of the operation that both have and that is not the same; 0 where it was found by their starts."""

    def reads(self) -> Reads:
        """Return the station."""
        return {SiteStation: [(self.site, self.station)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is stopped already."""
        row = read.get(SiteStation, (self.site, self.station))
        return None if row is not None and row.status is StationStatus.ACTIVE else Refusal(Reason.CHANGED_MEANWHILE)

    def apply(self, uow: UnitOfWork) -> None:
        """Stop it, and tell a person."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None and row.status is StationStatus.ACTIVE:
            uow.update(row, status=StationStatus.FROZEN)
            facts: dict[str, str | int] = {"station": row.name, "number": self.number}
            open_case(uow, self, CaseKind.STATION_TWICE, subject=self.station, facts=facts)


@command("rights.renew", OpClass.FACT, permission="rights.recover")
class RenewStation(Command):
    """A file that was rolled back, copied or lost goes on under a new incarnation."""

    station: StationId
    incarnation: int
    """The new one, above every one there was."""
    epoch: int
    """The hub's: a file that holds nothing of what it held has nothing to list in it."""

    def reads(self) -> Reads:
        """Return the station and the fences."""
        return {SiteStation: [(self.site, self.station)], NumberRange: [(self.site, FENCES, OWN)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that takes no part any more, and an incarnation that there was."""
        row = read.get(SiteStation, (self.site, self.station))
        if row is None or row.status is StationStatus.REVOKED:
            return Refusal(Reason.NOT_FOUND, {"station": self.station.hex()})
        return None if row.incarnation < self.incarnation else Refusal(Reason.CHANGED_MEANWHILE)

    def apply(self, uow: UnitOfWork) -> None:
        """Write it; what the station held before is answered on the floor."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None and row.incarnation < self.incarnation:
            status = row.status if row.status is StationStatus.REVOKED else StationStatus.ACTIVE
            uow.update(
                row, incarnation=self.incarnation, status=status, broke=take_fence(uow, self.site), listed=max(row.listed, self.epoch)
            )  # fmt: skip
            open_case(uow, self, CaseKind.STATION_RENEWED, subject=self.station, facts={"station": row.name})


@dataclass(frozen=True, slots=True)
class Frozen:
    """A lease whose holder cannot say any more what it did under it."""

    stage: Stage
    work: bytes
    fence: int


@command("rights.freeze_work", OpClass.FACT, permission="rights.recover")
class FreezeWork(Command):
    """Work of a station that is lost, or whose file was rolled back: nobody gets it before the floor was looked at."""

    leases: tuple[Frozen, ...]

    def reads(self) -> Reads:
        """Return the leases."""
        return {WorkLease: [(self.site, each.stage, each.work) for each in self.leases]}

    def check(self, read: Read) -> Refusal | None:
        """Nothing stands against being careful."""
        return None if self.leases else Refusal(Reason.NOT_FOUND)

    def apply(self, uow: UnitOfWork) -> None:
        """Freeze them; one that was granted again since is not touched."""
        for each in self.leases:
            row = uow.get(WorkLease, (self.site, each.stage, each.work))
            if row is not None and row.state is LeaseState.HELD and row.fence == each.fence:
                uow.update(row, state=LeaseState.FROZEN)
