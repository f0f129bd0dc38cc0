"""The units that were packed last into an open parcel: what undo takes out again."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.commands import command_of
from core.kernel.ids import ParcelId, StationId
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.packing.commands import CloseParcel, PackUnits, UnpackUnits

_KINDS = (PackUnits.KIND, UnpackUnits.KIND, CloseParcel.KIND)
_LOOK_BACK = 2000
"""Places in the log that are looked at: an undo reaches back over minutes, not over the day."""


@dataclass(frozen=True, slots=True)
class AskLastPacked:
    """What went into this parcel last?"""

    station: StationId
    parcel: ParcelId

    def run(self, connection: sa.Connection) -> PackUnits | CloseParcel | None:
        """Return the command as the log has it; None when nothing is left to take out."""
        log = sql_of(Operation)
        newest = sa.select(sa.func.max(log.c.position)).scalar_subquery()
        query = (
            sa.select(log)
            .where(log.c.position > newest - _LOOK_BACK, log.c.station == self.station, log.c.kind.in_(_KINDS))
            .order_by(log.c.position.desc())
        )
        undone: set[bytes] = set()
        for operation in rows_of(Operation, connection.execute(query)):
            done = command_of(operation)
            if isinstance(done, UnpackUnits):
                undone.add(done.undoes)
            elif isinstance(done, PackUnits | CloseParcel) and self._here(done) and done.id not in undone:
                return done
        return None

    def _here(self, done: PackUnits | CloseParcel) -> bool:
        # The units that closed a parcel are in it still when it is opened again.
        return done.parcel == self.parcel and bool(done.units)
