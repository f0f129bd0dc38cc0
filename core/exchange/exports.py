"""`dockside export`: orders, stock, movements and parcels as CSV or JSON lines, for a spreadsheet or an outside checker.

The file is written beside its name and moved there whole. Text that a spreadsheet would run as a formula is disarmed.
"""

import csv
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from core.catalog.model import Item, Location, Owner
from core.exchange.report import FileFault
from core.kernel.blobs import sync_folder
from core.kernel.ids import SiteId
from core.kernel.operations import TOUCH_ORDER, Operation, OpTouch
from core.kernel.tables import sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, OrderLine
from core.packing.model import Parcel, ParcelContent, ParcelState
from core.shipping.model import Manifest
from core.stock.model import Balance, Lot, StockEntry

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": ("channel", "owner", "order", "line", "sku", "ordered", "shipped", "short", "cancelled", "open"),
    "stock": ("site", "owner", "sku", "lot", "serial", "lpn", "location", "condition", "quantity"),
    "movements": (
        "at", "operation", "cause", "site", "owner", "sku", "lot", "serial", "lpn", "condition", "from", "to", "quantity",
    ),
    "parcels": (
        "parcel", "label", "order", "fulfilment", "carrier", "manifest", "loaded_at", "sku", "lot", "serial", "quantity",
    ),
}  # fmt: skip

CHANGED = "CHANGED"
"""The place that goods leave and enter when only their condition or package changes."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(connection: sa.Connection, site: SiteId, what: str, path: Path, since: str = "") -> int:
    """Write one kind of rows to a file and return how many.

    Raises:
        FileFault: the kind, the ending or the time is none, or the file cannot be written.
    """
    makers: Mapping[str, Callable[[sa.Connection, SiteId, int], Iterator[Sequence[Any]]]] = {
        "orders": _orders, "stock": _stock, "movements": _movements, "parcels": _parcels,
    }  # fmt: skip
    if what not in makers:
        raise FileFault(what, f"cannot be exported; there are {', '.join(makers)}")
    if path.suffix.lower() not in (".csv", ".jsonl"):
        raise FileFault(path.name, "must end in .csv or .jsonl")
    rows = makers[what](connection, site, _instant(path, since))
    return _write(path, COLUMNS[what], rows)


def disarm(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe before what would be a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _instant(path: Path, since: str) -> int:
    if not since:
        return 0
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as e:
        raise FileFault(path.name, f"--since is no ISO time: {since}") from e
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def _write(path: Path, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> int:
    part = path.with_name(path.name + ".part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            for row in _formatted(file, path.suffix.lower(), columns, rows):
                count += row
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise FileFault(str(path), f"cannot be written: {e.strerror}") from e
    return count


def _formatted(file: IO[str], ending: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> Iterator[int]:
    if ending == ".jsonl":
        for row in rows:
            file.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) + "\n")
            yield 1
        return
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([disarm(value) if isinstance(value, str) else value for value in row])
        yield 1


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds") if at else ""


def _hex(value: bytes) -> str:
    raw = bytes(value)
    return raw.hex() if any(raw) else ""


def _orders(connection: sa.Connection, site: SiteId, since: int) -> Iterator[Sequence[Any]]:
    orders, lines, items, owners, parts = (
        sql_of(Order), sql_of(OrderLine), sql_of(Item), sql_of(Owner), sql_of(FulfilmentLine),
    )  # fmt: skip
    names = ("loaded", "short", "cancelled")
    # Summed first, once: nothing finds the parts of one line by an index.
    sums = (
        sa.select(parts.c.order_line, *(sa.func.sum(parts.c[name]).label(name) for name in names))
        .where(parts.c.site == site)
        .group_by(parts.c.order_line)
        .subquery()
    )
    query = (
        sa.select(
            orders.c.channel, sa.func.coalesce(owners.c.code, ""), orders.c.external_id, lines.c.external_line, items.c.sku,
            lines.c.ordered, *(sa.func.coalesce(sums.c[name], 0) for name in names),
        )
        .select_from(orders)
        .join(lines, sa.and_(lines.c.site == orders.c.site, lines.c.order == orders.c.id))
        .join(items, sa.and_(items.c.site == lines.c.site, items.c.id == lines.c.item))
        .outerjoin(sums, sums.c.order_line == lines.c.id)
        .outerjoin(owners, sa.and_(owners.c.site == orders.c.site, owners.c.id == orders.c.owner))
        .where(orders.c.site == site)
        .order_by(orders.c.channel, orders.c.external_id, lines.c.number)
    )  # fmt: skip
    if since:
        log, touch = sql_of(Operation), sql_of(OpTouch)
        touched = sa.select(touch.c.id).join(log, sa.and_(log.c.site == touch.c.site, log.c.id == touch.c.operation))
        these = (touch.c.site == site, touch.c.entity == TOUCH_ORDER, log.c.device_ms >= since)
        query = query.where(orders.c.id.in_(touched.where(*these)))
    for row in connection.execute(query):
        *head, ordered, shipped, short, cancelled = tuple(row)
        yield (*head, ordered, int(shipped), int(short), int(cancelled), ordered - shipped - short - cancelled)


def _stock(connection: sa.Connection, site: SiteId, _since: int) -> Iterator[Sequence[Any]]:
    b, items, owners, lots, places = sql_of(Balance), sql_of(Item), sql_of(Owner), sql_of(Lot), sql_of(Location)
    query = (
        sa.select(
            b.c.site, sa.func.coalesce(owners.c.code, ""), items.c.sku, sa.func.coalesce(lots.c.code, ""), b.c.serial,
            b.c.lpn, places.c.code, b.c.condition, b.c.total,
        )
        .select_from(b)
        .join(items, sa.and_(items.c.site == b.c.site, items.c.id == b.c.item))
        .join(places, sa.and_(places.c.site == b.c.site, places.c.id == b.c.location))
        .outerjoin(owners, sa.and_(owners.c.site == b.c.site, owners.c.id == b.c.owner))
        .outerjoin(lots, sa.and_(lots.c.site == b.c.site, lots.c.id == b.c.lot))
        .where(b.c.site == site, b.c.total != 0)
        .order_by(places.c.code, items.c.sku, lots.c.code, b.c.serial)
    )  # fmt: skip
    for row in connection.execute(query):
        values = list(row)
        values[5] = _hex(values[5])
        yield values


def _movements(connection: sa.Connection, site: SiteId, since: int) -> Iterator[Sequence[Any]]:
    e, items, owners, lots, places, log = (
        sql_of(StockEntry), sql_of(Item), sql_of(Owner), sql_of(Lot), sql_of(Location), sql_of(Operation),
    )  # fmt: skip
    query = (
        sa.select(
            e.c.at, e.c.operation, e.c.cause, e.c.site, sa.func.coalesce(owners.c.code, ""), items.c.sku,
            sa.func.coalesce(lots.c.code, ""), e.c.serial, e.c.lpn, e.c.condition, places.c.code, e.c.quantity,
        )
        .select_from(e)
        .join(log, sa.and_(log.c.site == e.c.site, log.c.id == e.c.operation))
        .join(items, sa.and_(items.c.site == e.c.site, items.c.id == e.c.item))
        .join(places, sa.and_(places.c.site == e.c.site, places.c.id == e.c.location))
        .outerjoin(owners, sa.and_(owners.c.site == e.c.site, owners.c.id == e.c.owner))
        .outerjoin(lots, sa.and_(lots.c.site == e.c.site, lots.c.id == e.c.lot))
        .where(e.c.site == site, e.c.at >= since)
        .order_by(log.c.position, e.c.n)
    )  # fmt: skip
    taken: Sequence[Any] | None = None
    for row in connection.execute(query):
        if taken is None:
            taken = tuple(row)
            continue
        yield from _pair(taken, tuple(row))
        taken = None


def _pair(taken: Sequence[Any], given: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield a movement as one row; as two, out and in, where the goods are not the same afterwards."""
    quantity = given[-1]
    before, after = _goods(taken), _goods(given)
    if before[_SAME] == after[_SAME]:
        yield (*before, taken[10], given[10], quantity)
        return
    yield (*before, taken[10], CHANGED, quantity)
    yield (*after, CHANGED, given[10], quantity)


_SAME = slice(8, 10)
"""Package and condition in a row of goods."""


def _goods(row: Sequence[Any]) -> list[Any]:
    values = list(row[:10])
    values[0], values[1], values[8] = _time(values[0]), bytes(values[1]).hex(), _hex(values[8])
    return values


def _parcels(connection: sa.Connection, site: SiteId, since: int) -> Iterator[Sequence[Any]]:
    p, inside, orders, parts, items, lots, lists = (
        sql_of(Parcel), sql_of(ParcelContent), sql_of(Order), sql_of(Fulfilment), sql_of(Item), sql_of(Lot),
        sql_of(Manifest),
    )  # fmt: skip
    query = (
        sa.select(
            p.c.id, p.c.sscc, orders.c.external_id, parts.c.number, p.c.carrier, sa.func.coalesce(lists.c.number, 0),
            p.c.loaded_at, items.c.sku, sa.func.coalesce(lots.c.code, ""), inside.c.serial,
            sa.func.sum(inside.c.quantity),
        )
        .select_from(p)
        .join(inside, sa.and_(inside.c.site == p.c.site, inside.c.parcel == p.c.id))
        .join(orders, sa.and_(orders.c.site == p.c.site, orders.c.id == p.c.order))
        .join(parts, sa.and_(parts.c.site == p.c.site, parts.c.id == p.c.fulfilment))
        .join(items, sa.and_(items.c.site == inside.c.site, items.c.id == inside.c.item))
        .outerjoin(lots, sa.and_(lots.c.site == inside.c.site, lots.c.id == inside.c.lot))
        .outerjoin(lists, sa.and_(lists.c.site == p.c.site, lists.c.id == p.c.manifest))
        .where(p.c.site == site, p.c.state != ParcelState.VOID.value, p.c.closed_at >= since)
        .group_by(p.c.id, items.c.id, inside.c.lot, inside.c.serial)
        .order_by(p.c.closed_at, p.c.id, items.c.sku)
    )  # fmt: skip
    for row in connection.execute(query):
        parcel, label, order, part, carrier, number, loaded, *goods = tuple(row)
        yield (
            bytes(parcel).hex(),
            label,
            order,
            part,
            carrier,
            number or "",
            _time(loaded),
            *goods[:-1],
            int(goods[-1]),
        )
