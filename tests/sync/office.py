"""The office that works at the hub itself."""

import sqlalchemy as sa

from core.kernel.executor import Done, Failed, Work
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from sync.hub.center import Center
from sync.protocol import SentReceipt


class AtTheHub:
    """The hub's own hands: an executor whose commands are operations of the hub, for a shop's handles."""

    def __init__(self, center: Center, connection: sa.Connection) -> None:
        self._center, self.connection = center, connection

    def perform(self, work: Work) -> Done | Failed:
        assert work.command is not None
        made = self._center.run(work.command)
        assert isinstance(made, SentReceipt), made
        if made.outcome is OperationOutcome.REFUSED:
            return Failed(work.command.id, Refusal(Reason(made.reason)))
        return Done(work.command.id, work.command.at)
