"""What follows from a decision about a box that two received: it stands at the second place, or there are two of them."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.cases.decisions import Decision
from core.cases.model import Case
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import NO_ID, CaseId, LocationId, ReturnId, SiteId, StationId
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.uow import UnitOfWork
from core.returns.commands import FoundAt, ReceiveReturn
from core.returns.model import Return
from core.returns.queries import AskBox


@dataclass(frozen=True, slots=True)
class AskSecond:
    """What is written where the second receipt of a box counts?"""

    site: SiteId
    case: CaseId
    decision: Decision
    stamp: Stamp
    """Base fields that whoever runs the command replaces by its own."""

    def run(self, connection: sa.Connection) -> Command | Refusal:
        """Return the command, or that what it is about is gone."""
        books = UnitOfWork(connection)
        case = books.get(Case, (self.site, self.case))
        row = None if case is None else books.get(Return, (self.site, ReturnId(case.subject)))
        if case is None or row is None:
            return Refusal(Reason.NOT_FOUND)
        facts = codec.parse(case.facts)
        place = LocationId(bytes.fromhex(facts["second_place"]))
        if self.decision is Decision.AT_SECOND:
            return FoundAt(**self.stamp, back=row.id, code=row.code, place=place)
        box = AskBox(self.site, row.code, order=row.order).run(connection)
        if box is None or row.parcel != NO_ID:
            return Refusal(Reason.NOT_FOUND)
        return ReceiveReturn(
            **self.stamp, back=box.back, code=box.code, number=box.number, parcel=box.parcel, order=box.order,
            fulfilments=box.fulfilments, place=place, station=StationId(bytes.fromhex(facts["second_station"])),
        )  # fmt: skip
