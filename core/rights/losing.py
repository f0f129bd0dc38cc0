"""A station that will not come back: a person says so, and what it held is kept until the floor was looked at."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.model import SiteStation, StationKind, StationStatus


@command("rights.mark_lost", OpClass.EDIT, permission="rights.reclaim")
class MarkLost(Command):
    """Somebody who may say so gives a station up: burnt, stolen, broken for good."""

    station: StationId
    incarnation: int
    """Above every one it had: should it live all the same, it hears that it is given up."""
    reason: str
    switched_off: int
    """1 where its device is in somebody's hand and off: a dock that still loads must not be given up."""

    def reads(self) -> Reads:
        """Return the station."""
        return {SiteStation: [(self.site, self.station)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is out already, no reason, and a dock that may still be loading."""
        row = read.get(SiteStation, (self.site, self.station))
        if row is None or row.status in (StationStatus.LOST, StationStatus.REVOKED):
            return Refusal(Reason.NOT_FOUND, {"got": self.station.hex()})
        if row.kind is StationKind.DOCK and not self.switched_off:
            return Refusal(Reason.DOCK_STILL_ON, {"station": row.name})
        if not self.reason.strip() or self.incarnation <= row.incarnation:
            return Refusal(Reason.CHANGED_MEANWHILE, {"incarnation": row.incarnation})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None and row.status is not StationStatus.REVOKED:
            incarnation = max(row.incarnation, self.incarnation)
            uow.update(row, status=StationStatus.LOST, incarnation=incarnation, broke_at=self.at)


@command("rights.revoke", OpClass.EDIT, permission="stations.edit")
class RevokeStation(Command):
    """A station takes no part any more: what it still says is kept and changes nothing."""

    station: StationId

    def reads(self) -> Reads:
        """Return the station."""
        return {SiteStation: [(self.site, self.station)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is revoked already."""
        row = read.get(SiteStation, (self.site, self.station))
        there = row is not None and row.status is not StationStatus.REVOKED
        return None if there else Refusal(Reason.NOT_FOUND, {"got": self.station.hex()})

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None:
            uow.update(row, status=StationStatus.REVOKED, broke_at=self.at)
