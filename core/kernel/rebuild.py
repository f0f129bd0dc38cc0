"""Making a database again from nothing but the operation log and the private rows.

This is what sync stands on: `apply` of the same operations in the same order makes the same tables.
"""

import sqlalchemy as sa

from core.kernel.database import Database
from core.kernel.executor import apply_again
from core.kernel.operations import Operation
from core.kernel.tables import TABLES, TableClass, rows_of, sql_of
from core.kernel.uow import UnitOfWork


def rebuild(source: sa.Connection, target: Database) -> int:
    """Feed an empty database with another's log and private rows; return how many operations were applied."""
    log = sql_of(Operation)
    done = 0
    with target.connect() as connection:
        with connection.begin():
            _copy_private(source, connection)
        for part in source.execute(sa.select(log).order_by(log.c.position)).partitions(1_000):
            # An operation of its own is a transaction where it happens; here nobody waits for one of them.
            with connection.begin():
                for operation in rows_of(Operation, part):
                    apply_again(connection, operation, role=target.role)
                    done += 1
    return done


def _copy_private(source: sa.Connection, target: sa.Connection) -> None:
    for info in TABLES.values():
        if info.kind is not TableClass.PRIVATE:
            continue
        uow = UnitOfWork(target)
        for raw in source.execute(sa.select(info.sql)):
            uow.save(info.row(raw))
        uow.flush()
