"""`dockside hub verify`: everything that adds up at a hub, added up again; each difference named.

The feed is whole and chained, the log of every station is chained through its receipts, what is in the log is in the feed
and the other way round, every table that travels is what the feed last said of it, and stock, orders and work add up.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa

from core.kernel import codec
from core.kernel.feed import TRAVELS, Feed, FeedKind, content_text, feed_hash, head_of, key_text
from core.kernel.ids import SiteId
from core.kernel.operations import GENESIS, Operation, OperationOutcome, operation_hash
from core.kernel.tables import TABLES, TableInfo, rows_of, sql_of
from core.kernel.verify import Difference
from core.rights.model import OperationReceipt
from sync.protocol import SentOperation

_PART = 2_000
_NOT_IN_LOG = frozenset({OperationOutcome.PARKED, OperationOutcome.DUPLICATE})

_Said = dict[tuple[str, str], bytes | None]
"""What the feed last said of a row, as a hash; None of one that is gone."""


class _Receipt(NamedTuple):
    """What the feed says of an operation's end."""

    operation: str
    outcome: str
    reason: str


_NO_RECEIPT = _Receipt("", "", "")


def verify_site(connection: sa.Connection, site: SiteId) -> Iterator[Difference]:
    """Yield every difference of a site's feed, logs and tables; the caller's transaction sees one state of all of them."""
    said: _Said = {}
    ends: dict[int, _Receipt] = {}
    yield from _feed(connection, site, said, ends)
    yield from _logs(connection, site, ends)
    yield from _positions(connection, site, ends)
    for name, info in sorted(TABLES.items()):
        if info.kind in TRAVELS:
            of_table = {key: text for (entity, key), text in said.items() if entity == name}
            yield from _table(connection, site, info, of_table)


def _feed(connection: sa.Connection, site: SiteId, said: _Said, ends: dict[int, _Receipt]) -> Iterator[Difference]:
    """Walk the feed, note what it says, and yield every gap and every row that does not follow from the one before."""
    seq, digest, kind, epoch = 0, GENESIS, FeedKind.RECEIPT, 0
    for row in _feed_rows(connection, site):
        place = f"site {site} row {row.seq}"
        if row.seq != seq + 1:
            yield Difference("feed", place, f"row {seq + 1}", f"row {row.seq}")
        if row.hash != feed_hash(digest, row):
            yield Difference("feed", place, "a row that follows from the one before", "another")
        if row.epoch < epoch:
            yield Difference("feed", place, f"epoch {epoch} or later", f"epoch {row.epoch}")
        if row.kind is FeedKind.RECEIPT:
            told = codec.parse(row.content)
            ends[row.seq] = _Receipt(row.entity, told["outcome"], told["reason"])
        else:
            said[row.entity, row.key] = _digest(row.content) if row.kind is FeedKind.ROW else None
        seq, digest, kind, epoch = row.seq, row.hash, row.kind, row.epoch
    head = head_of(connection, site)
    if (head.seq, head.hash) != (seq, digest):
        yield Difference("feed_head", f"site {site}", f"row {seq} and its hash", f"row {head.seq}")
    if kind is not FeedKind.RECEIPT:
        yield Difference("feed", f"site {site} row {seq}", "a receipt at the end", f"a {kind.value}")


def _feed_rows(connection: sa.Connection, site: SiteId) -> Iterator[Feed]:
    """Yield the rows of a feed in their order, read by their numbers: no cursor is held, no memory filled."""
    feed, after = sql_of(Feed), 0
    behind = sa.select(feed).where(feed.c.site == site).order_by(feed.c.seq).limit(_PART)
    while rows := rows_of(Feed, connection.execute(behind.where(feed.c.seq > after))):
        yield from rows
        after = rows[-1].seq


def _logs(connection: sa.Connection, site: SiteId, ends: Mapping[int, _Receipt]) -> Iterator[Difference]:
    """Follow every station's chain: through its receipts, since what is parked or came twice is not in the log."""
    receipts, log = sql_of(OperationReceipt), sql_of(Operation)
    width = len(OperationReceipt.TABLE.columns)
    same = sa.and_(
        log.c.site == receipts.c.site, log.c.station == receipts.c.station,
        log.c.incarnation == receipts.c.incarnation, log.c.seq == receipts.c.seq,
    )  # fmt: skip
    query = (
        sa.select(receipts, log)
        .select_from(receipts.outerjoin(log, same))
        .where(receipts.c.site == site)
        .order_by(receipts.c.station, receipts.c.incarnation, receipts.c.seq)
    )
    line, seq, head = (b"", 0), 0, GENESIS
    for part in connection.execute(query).partitions(_PART):
        for raw in part:
            (receipt,) = rows_of(OperationReceipt, [raw[:width]])
            if (receipt.station, receipt.incarnation) != line:
                line, seq, head = (receipt.station, receipt.incarnation), 0, GENESIS
            place = f"site {site} station {receipt.station.hex()} {receipt.incarnation}.{receipt.seq}"
            if receipt.seq != seq + 1:
                yield Difference("operation_receipt", place, f"number {seq + 1}", f"number {receipt.seq}")
            kept = rows_of(Operation, [raw[width:]])[0] if raw[width] is not None else None
            yield from _kept(receipt, kept, head, place)
            yield from _ended(receipt, kept, ends, place)
            seq, head = receipt.seq, receipt.hash
    lonely = sa.select(log.c.position).where(log.c.site == site, ~sa.exists().where(same))
    for (position,) in connection.execute(lonely):
        yield Difference("op_log", f"site {site} position {position}", "a receipt", "none")


def _kept(receipt: OperationReceipt, kept: Operation | None, head: bytes, place: str) -> Iterator[Difference]:
    """Hold one operation against its receipt and against the one before it."""
    if receipt.outcome in _NOT_IN_LOG:
        if kept is not None:
            yield Difference("op_log", place, "nothing", "an operation")
        if receipt.outcome is OperationOutcome.PARKED:
            sent = codec.from_text(SentOperation, receipt.parked)
            if (sent.hash, sent.prev_hash) != (receipt.hash, head):
                yield Difference("operation_receipt", place, "an operation that follows from the one before", "another")
    elif kept is None:
        yield Difference("op_log", place, "the operation of a receipt", "none")
    else:
        if kept.prev_hash != head:
            yield Difference("op_log", place, "an operation that follows from the one before", "another")
        if operation_hash(kept) != kept.hash or kept.hash != receipt.hash or kept.id != receipt.operation:
            yield Difference(
                "op_log", place, f"hash {receipt.hash.hex()[:16]}", f"hash {operation_hash(kept).hex()[:16]}"
            )


def _ended(
    receipt: OperationReceipt, kept: Operation | None, ends: Mapping[int, _Receipt], place: str
) -> Iterator[Difference]:
    """Hold what became of an operation against what was told of it."""
    told = _NO_RECEIPT if kept is None else ends.get(kept.position, _NO_RECEIPT)
    if told is not _NO_RECEIPT and (told.outcome, told.reason) != (receipt.outcome.value, receipt.reason):
        words = f"{told.outcome} {told.reason}".strip(), f"{receipt.outcome.value} {receipt.reason}".strip()
        yield Difference("operation_receipt", place, *words)


def _positions(connection: sa.Connection, site: SiteId, ends: dict[int, _Receipt]) -> Iterator[Difference]:
    """Every operation of the log ends in the feed at its position, and nothing else does."""
    log = sql_of(Operation)
    for position, id_ in connection.execute(sa.select(log.c.position, log.c.id).where(log.c.site == site)):
        found = ends.pop(int(position), _NO_RECEIPT).operation
        if found != bytes(id_).hex():
            yield Difference(
                "feed", f"site {site} row {position}", f"the receipt of {bytes(id_).hex()}", found or "none"
            )
    for seq, told in ends.items():
        yield Difference("op_log", f"site {site} position {seq}", f"operation {told.operation}", "none")


def _table(
    connection: sa.Connection, site: SiteId, info: TableInfo, said: dict[str, bytes | None]
) -> Iterator[Difference]:
    """Hold a table's rows against what the feed last said of them."""
    for raw in connection.execute(sa.select(info.sql).where(info.sql.c.site == site)):
        row = info.row(raw)
        key = key_text(info.key_of(row))
        want = said.pop(key, None)
        if want is None:
            yield Difference(info.name, key, "no such row by the feed", "one")
        elif want != _digest(content_text(row)):
            yield Difference(info.name, key, "what the feed says", "something else")
    for key, want in said.items():
        if want is not None:
            yield Difference(info.name, key, "a row by the feed", "none")


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:16]


@contextmanager
def alone(connection: sa.Connection, site: SiteId) -> Iterator[None]:
    """Let every table show one site's rows alone for a while, within the caller's transaction; nothing of it stays.

    What adds up stock and orders looks at whole tables, and the same order may be at two sites of one database.
    """
    schema = "main" if connection.dialect.name == "sqlite" else "public"
    with connection.begin_nested() as nested:
        for name, info in TABLES.items():
            if info.key[0] == "site":
                connection.exec_driver_sql(
                    f'CREATE TEMPORARY VIEW "{name}" AS SELECT * FROM {schema}."{name}" WHERE site = {int(site)}'
                )
        yield
        nested.rollback()


def first_of(differences: Iterable[Difference], most: int) -> list[str]:
    """Return differences in words, not more than anybody reads."""
    found: list[str] = []
    more = 0
    for each in differences:
        if len(found) < most:
            found.append(str(each))
        else:
            more += 1
    return [*found, f"and {more} more"] if more else found
