"""Whether the operation log is whole: numbers without gaps, hashes that follow from each other."""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from core.kernel.operations import GENESIS, Operation, operation_hash
from core.kernel.tables import rows_of, sql_of


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not add up."""

    table: str
    key: str
    expected: str
    found: str
    case: str = ""
    """The case that tells of it: it happened so and waits for a person; empty for what nothing explains."""

    def __str__(self) -> str:
        """Return it in one line."""
        told = f"; case {self.case} tells of it" if self.case else ""
        return f"{self.table} {self.key}: expected {self.expected}, found {self.found}{told}"


def verify_log(connection: sa.Connection) -> Iterator[Difference]:
    """Yield every break in the log's chain, per station and incarnation."""
    log = sql_of(Operation)
    heads: dict[tuple[bytes, int], tuple[int, bytes]] = {}
    for part in connection.execute(sa.select(log).order_by(log.c.position)).partitions(2_000):
        for row in rows_of(Operation, part):
            line = (row.station, row.incarnation)
            seq, head = heads.get(line, (0, GENESIS))
            key = f"position {row.position}"
            if row.seq != seq + 1:
                yield Difference("op_log", key, f"seq {seq + 1}", f"seq {row.seq}")
            if row.prev_hash != head:
                yield Difference("op_log", key, f"prev_hash {head.hex()[:16]}", row.prev_hash.hex()[:16])
            if row.hash != operation_hash(row):
                yield Difference("op_log", key, f"hash {operation_hash(row).hex()[:16]}", row.hash.hex()[:16])
            heads[line] = (row.seq, row.hash)
