"""The station's file as the engines see it: what is to be sent, how far the feed was taken; writing goes through its writer."""

import sqlalchemy as sa

from core.kernel.executor import Identity
from core.kernel.feed import FeedHead, head_of
from core.kernel.operations import GENESIS, Operation, OperationState
from core.kernel.tables import rows_of, sql_of
from sync.station.engines import LogPart


def read_log(connection: sa.Connection, identity: Identity, most: int) -> LogPart:
    """Return the operations of this incarnation that the hub has not acknowledged, oldest first."""
    log = sql_of(Operation)
    mine = sa.and_(log.c.station == identity.station, log.c.incarnation == identity.incarnation)
    pending = sa.select(log).where(mine, log.c.state == OperationState.PENDING.value).order_by(log.c.seq).limit(most)
    rows = rows_of(Operation, connection.execute(pending))
    last = connection.execute(sa.select(log.c.seq, log.c.hash).where(mine).order_by(log.c.seq.desc()).limit(1)).first()
    length, head = (0, GENESIS) if last is None else (int(last[0]), bytes(last[1]))
    return LogPart(rows, length, head, head_of(connection, identity.site).epoch)


def read_cursor(connection: sa.Connection, identity: Identity) -> FeedHead:
    """Return how far the site's feed was taken."""
    return head_of(connection, identity.site)
