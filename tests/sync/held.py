"""What a hub and its stations are seen to hold: receipts, tables by their hashes, confirmed rows, images."""

import sqlalchemy as sa

from core.kernel.feed import TRAVELS
from core.kernel.operations import OperationOutcome
from core.kernel.replica import confirmed
from core.kernel.shadow import Shadow
from core.kernel.tablehash import table_hashes
from core.kernel.tables import TABLES, rows_of, sql_of
from core.rights.model import OperationReceipt
from tests.sync.world import World


def receipts(it: World) -> list[tuple[str, OperationOutcome]]:
    """Return what became of every operation at the hub, and why."""
    with it.central.begin():
        log = sql_of(OperationReceipt)
        rows = rows_of(OperationReceipt, it.central.execute(sa.select(log).order_by(log.c.station, log.c.seq)))
    return [(row.reason, row.outcome) for row in rows]


def hashes(connection: sa.Connection, *without: str) -> dict[str, str]:
    """Return what is to be equal everywhere."""
    with connection.begin():
        found = table_hashes(connection)
    return {name: value for name, value in found.items() if name not in ("op_touch", *without)}


def confirmed_rows(connection: sa.Connection) -> dict[str, dict[str, str]]:
    """Return the confirmed rows of every table that travels."""
    with connection.begin():
        return {name: confirmed(connection, info) for name, info in TABLES.items() if info.kind in TRAVELS}


def shadows(connection: sa.Connection) -> int:
    """Return how many images are kept."""
    with connection.begin():
        return int(connection.execute(sa.select(sa.func.count()).select_from(sql_of(Shadow))).scalar_one())


__all__ = ["confirmed_rows", "hashes", "receipts", "shadows"]
