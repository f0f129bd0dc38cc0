"""A station that will not come back: a person says so, and what it held is kept until the floor was looked at."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import StationId
from core.kernel.numbers import OWN, NumberRange
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.fences import FENCES, take_fence
from core.rights.model import LOADING, SiteStation, StationStatus


def may_still_load(row: SiteStation, switched_off: int) -> bool:
    """Return whether a station may load goods after nobody waits for it any more (reference: sync, 8.0, 15).

    A cancel is final once every station that loads was heard; one that is given up or taken out is not waited for, so that nothing
    may leave through it from that moment on. Neither its word nor its line to the hub says so, only its device.
    """
    return row.kind in LOADING and not switched_off


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
        """Return the station and the fences."""
        return {SiteStation: [(self.site, self.station)], NumberRange: [(self.site, FENCES, OWN)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is out already, no reason, and a dock that may still be loading."""
        row = read.get(SiteStation, (self.site, self.station))
        if row is None:
            return Refusal(Reason.NOT_FOUND, {"got": self.station.hex()})
        if row.status in (StationStatus.LOST, StationStatus.REVOKED):
            return Refusal(Reason.STATION_OUT, {"station": row.name})
        if may_still_load(row, self.switched_off):
            return Refusal(Reason.DOCK_STILL_ON, {"station": row.name})
        if not self.reason.strip():
            return Refusal(Reason.REASON_NEEDED)
        if self.incarnation <= row.incarnation:
            return Refusal(Reason.CHANGED_MEANWHILE, {"incarnation": row.incarnation})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None and row.status is not StationStatus.REVOKED:
            incarnation = max(row.incarnation, self.incarnation)
            uow.update(row, status=StationStatus.LOST, incarnation=incarnation, broke=take_fence(uow, self.site))


@command("rights.revoke", OpClass.EDIT, permission="stations.admit")
class RevokeStation(Command):
    """A station takes no part any more: what it still says is kept and changes nothing."""

    station: StationId
    switched_off: int
    """1 where its device is off, or nowhere near the goods: a dock that still loads must not be taken out."""

    def reads(self) -> Reads:
        """Return the station and the fences."""
        return {SiteStation: [(self.site, self.station)], NumberRange: [(self.site, FENCES, OWN)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a station that is revoked already, and a dock that may still be loading."""
        row = read.get(SiteStation, (self.site, self.station))
        if row is None:
            return Refusal(Reason.NOT_FOUND, {"got": self.station.hex()})
        if row.status is StationStatus.REVOKED:
            return Refusal(Reason.STATION_OUT, {"station": row.name})
        if row.status is not StationStatus.LOST and may_still_load(row, self.switched_off):
            return Refusal(Reason.DOCK_STILL_ON, {"station": row.name})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        row = uow.get(SiteStation, (self.site, self.station))
        if row is not None:
            # What was looked for since it was given up stays looked for.
            broke = row.broke if row.status is StationStatus.LOST else take_fence(uow, self.site)
            uow.update(row, status=StationStatus.REVOKED, broke=broke)
