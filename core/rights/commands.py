"""Adding stations to a site."""

from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.rights.model import SiteStation, StationKind, StationStatus


@command("rights.add_station", OpClass.EDIT, permission="stations.edit")
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
