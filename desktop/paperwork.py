"""What the documents of a station say, read from its records: for `dockside print document`.

A packing slip and a manifest say what they said when the carton or the list was closed: their contents are in the print
spool. A pick list, a return slip and the sheets are made of what is known now.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.catalog.command_codes import command_code
from core.catalog.contents import CalibrationSheet, CommandSheet, SheetCommand
from core.catalog.model import Container, Item, Location
from core.catalog.queries import box_types, site_row
from core.kernel import codec
from core.kernel.blobs import BlobStore
from core.kernel.flow import Verb
from core.kernel.home import DATABASE
from core.kernel.ids import NO_ID, SiteId
from core.kernel.refusal import Fault
from core.kernel.spool import CARTON_OPENED, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Contact, FulfilmentLine, Order, OrderLine
from core.packing.labels import local_text
from core.people.model import PersonCard
from core.picking.contents import PickList, PickStop
from core.shipping.contents import ReturnLine, ReturnSlip
from core.stock.model import Lot, Reservation
from core.waves.model import Batch, BatchMember, PickTask, TaskState
from desktop.assembly import assembled
from devices.calibration import SHEET
from printing.documents.sheets import SHOWN
from printing.kinds import Content
from printing.preview import preview
from printing.render import content_type

_QUANTITIES = 12
"""The sheet has the numbers that a question's answers have, and a few more."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says, in whose language, and whose templates it takes."""

    content: Content
    language: str = ""
    customer: str = ""


def command_sheet(connection: sa.Connection | None, site: SiteId) -> CommandSheet:
    """Return every command that a station takes; the cartons are the station's, none where there is no station."""
    boxes = () if connection is None else box_types(connection, site)
    plain = [SheetCommand(code=command_code(verb), verb=verb) for verb in SHOWN if verb not in ("BOX", "QTY")]
    cartons = [
        SheetCommand(code=command_code(Verb.BOX, box.code.upper()), verb="BOX", argument=box.code, name=box.name)
        for box in boxes
        if _may_be_said(box.code)
    ]
    numbers = [
        SheetCommand(code=command_code(Verb.QTY, str(n)), verb="QTY", argument=str(n))
        for n in range(1, _QUANTITIES + 1)
    ]
    return CommandSheet(commands=(*plain, *cartons, *numbers), site_name=_site_name(connection, site))


def _may_be_said(box: str) -> bool:
    try:
        command_code(Verb.BOX, box.upper())
    except ValueError:
        return False
    return True


def calibration_sheet(connection: sa.Connection | None, site: SiteId) -> CalibrationSheet:
    """Return the sheet that a scanner is calibrated by."""
    return CalibrationSheet(codes=SHEET, site_name=_site_name(connection, site))


def pick_list(connection: sa.Connection, site: SiteId, number: str, now: int) -> PickList:
    """Return a walk on paper, what is still to be picked of it.

    Raises:
        Fault: there is no such walk, or nothing is left to pick in it.
    """
    batches = sql_of(Batch)
    query = sa.select(batches).where(batches.c.site == site, batches.c.number == _whole(number, "batch"))
    batch = next(iter(rows_of(Batch, connection.execute(query))), None)
    if batch is None:
        raise Fault(f"there is no batch {number}")
    tasks = sql_of(PickTask)
    query = sa.select(tasks).where(
        tasks.c.site == site, tasks.c.batch == batch.id, tasks.c.state == TaskState.OPEN.value
    )
    open_tasks = rows_of(PickTask, connection.execute(query.order_by(tasks.c.sequence)))
    if not open_tasks:
        raise Fault(f"nothing is left to pick in batch {number}")
    items = _named(connection, site, Item, {each.item for each in open_tasks})
    places = _named(connection, site, Location, {each.location for each in open_tasks})
    lots = _named(connection, site, Lot, {each.lot for each in open_tasks})
    slots = _slots(connection, site, batch)
    stops = tuple(
        PickStop(
            location=places[each.location].code, sku=items[each.item].sku, description=items[each.item].description,
            variant=items[each.item].variant, quantity=each.quantity - each.picked - each.short,
            lot=lots[each.lot].code if each.lot in lots else "", serial=each.serial, slots_text=slots.get(each.id, ""),
        )
        for each in open_tasks
    )  # fmt: skip
    place = site_row(connection, site)
    zone = "UTC" if place is None else place.time_zone
    cart = _named(connection, site, Container, {batch.cart}).get(batch.cart)
    return PickList(
        batch_number=batch.number, stops=stops, units=sum(each.quantity for each in stops),
        cart="" if cart is None else cart.code,
        cut_off_text=local_text(batch.cut_off_at, zone) if batch.cut_off_at else "",
        site_name="" if place is None else place.name, printed_at_text=local_text(now, zone),
    )  # fmt: skip


def _slots(connection: sa.Connection, site: SiteId, batch: Batch) -> Mapping[bytes, str]:
    """Return for each task into which slots how many of its units go."""
    held, lines, members = sql_of(Reservation), sql_of(FulfilmentLine), sql_of(BatchMember)
    query = (
        sa.select(held.c.work, members.c.slot, sa.func.sum(held.c.quantity))
        .join(lines, (lines.c.site == held.c.site) & (lines.c.id == held.c.demand))
        .join(members, (members.c.site == held.c.site) & (members.c.fulfilment == lines.c.fulfilment))
        .where(held.c.site == site, members.c.batch == batch.id, members.c.slot > 0)
        .group_by(held.c.work, members.c.slot)
        .order_by(members.c.slot)
    )
    found: dict[bytes, list[str]] = {}
    for work, slot, quantity in connection.execute(query):
        found.setdefault(bytes(work), []).append(f"{slot}: {quantity}")
    return {work: "   ".join(said) for work, said in found.items()}


def return_slip(connection: sa.Connection, site: SiteId, number: str) -> ReturnSlip:
    """Return the slip for what an order may send back.

    Raises:
        Fault: there is no such order.
    """
    orders = sql_of(Order)
    query = sa.select(orders).where(orders.c.site == site, orders.c.number == number)
    order = next(iter(rows_of(Order, connection.execute(query))), None)
    if order is None:
        raise Fault(f"there is no order {number}")
    table = sql_of(OrderLine)
    query = sa.select(table).where(
        table.c.site == site, table.c.order == order.id, table.c.ordered > table.c.cancelled, table.c.parent == NO_ID
    )
    lines = rows_of(OrderLine, connection.execute(query.order_by(table.c.number)))
    items = _named(connection, site, Item, {each.item for each in lines})
    place = site_row(connection, site)
    return ReturnSlip(
        rma=order.number, order_number=order.number, shop_name="" if place is None else place.name,
        to_lines=() if place is None else tuple(place.address.splitlines()),
        lines=tuple(
            ReturnLine(
                sku=items[each.item].sku if each.item in items else "",
                description=each.description or (items[each.item].description if each.item in items else ""),
                quantity=each.ordered - each.cancelled,
            )
            for each in lines
        ),
        reasons=("Too small", "Too large", "Not as described", "Arrived damaged", "Changed my mind", "Other"),
    )  # fmt: skip


def _reader_of(connection: sa.Connection, site: SiteId, number: str) -> tuple[str, str]:
    """Return the language and the number of an order's customer; nothing where they are not known here."""
    orders, contacts = sql_of(Order), sql_of(Contact)
    query = (
        sa.select(contacts.c.language, contacts.c.customer)
        .join(orders, (orders.c.site == contacts.c.site) & (orders.c.contact == contacts.c.id))
        .where(orders.c.site == site, orders.c.number == number)
    )
    found = connection.execute(query).first()
    return ("", "") if found is None else (str(found[0]), str(found[1]))


def spooled(connection: sa.Connection, site: SiteId, kind: str, field: str, number: str) -> Said:
    """Return the newest content of a kind that was put into the spool here about a number, as it was asked for.

    What a carton's paper said before the carton was opened again is not so any more.

    Raises:
        Fault: there is none.
    """
    jobs = sql_of(PrintJob)
    query = sa.select(jobs.c.content, jobs.c.language, jobs.c.customer).where(
        jobs.c.site == site, jobs.c.document == kind, jobs.c.fault != CARTON_OPENED
    )
    for content, language, customer in connection.execute(query.order_by(jobs.c.created_at.desc(), jobs.c.id.desc())):
        if str(codec.parse(content).get(field, "")) == number:
            return Said(codec.from_text(content_type(kind), content), str(language), str(customer))
    raise Fault(f"no {kind.replace('_', ' ')} of {number} was printed at this station")


def _whole(said: str, what: str) -> int:
    if not (said.isascii() and said.isdecimal() and len(said) <= 18):
        raise Fault(f"{said!r} is no number of a {what}")
    return int(said)


def _named(connection: sa.Connection, site: SiteId, kind: type[Any], ids: "set[Any]") -> dict[Any, Any]:
    table = sql_of(kind)
    query = sa.select(table).where(table.c.site == site, table.c.id.in_(list(ids)))
    return {row.id: row for row in rows_of(kind, connection.execute(query))}


def _site_name(connection: sa.Connection | None, site: SiteId) -> str:
    place = None if connection is None else site_row(connection, site)
    return "" if place is None else place.name


DOCUMENTS = ("pick-list", "packing-slip", "manifest", "return-slip", "command-sheet", "calibration-sheet")
"""What `dockside print document` makes; a floor list is the hub's (`dockside hub floor list --out`)."""
_SHEETS = ("command-sheet", "calibration-sheet")


def content_of(home: Path, kind: str, number: str) -> Said:
    """Return what a document of a kind says; one for a customer in their language.

    Raises:
        Fault: its number is missing or unknown, or there is no station where one is needed.
    """
    if kind in _SHEETS and not (home / DATABASE).exists():
        nowhere = SiteId(1)
        return Said(command_sheet(None, nowhere) if kind == "command-sheet" else calibration_sheet(None, nowhere))
    if kind not in _SHEETS and not number:
        raise Fault(f"of which number is the {kind.replace('-', ' ')} to be?")
    with assembled(home) as assembly, assembly.database.reading() as connection:
        site = assembly.identity.site
        match kind:
            case "command-sheet":
                return Said(command_sheet(connection, site))
            case "calibration-sheet":
                return Said(calibration_sheet(connection, site))
            case "pick-list":
                return Said(pick_list(connection, site, number, assembly.clock.now_ms()))
            case "return-slip":
                return Said(return_slip(connection, site, number), *_reader_of(connection, site, number))
            case "packing-slip":
                return spooled(connection, site, "packing_slip", "order_number", number)
            case _:
                return spooled(connection, site, "manifest", "number", number)


def newest_jobs(connection: sa.Connection, site: SiteId, count: int) -> list[dict[str, Any]]:
    """Return the newest print jobs, as they are told."""
    jobs = sql_of(PrintJob)
    query = sa.select(jobs).where(jobs.c.site == site).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    place = site_row(connection, site)
    zone = "UTC" if place is None else place.time_zone
    rows = rows_of(PrintJob, connection.execute(query.limit(count)))
    cards = sql_of(PersonCard)
    people = sa.select(cards.c.id, cards.c.name).where(
        cards.c.site == site, cards.c.id.in_({each.operator for each in rows})
    )
    names = {bytes(person): str(name) for person, name in connection.execute(people)}
    return [_told(row, zone) | {"asked_by": names.get(bytes(row.operator), "")} for row in rows]


def _told(row: PrintJob, zone: str) -> dict[str, Any]:
    return {
        "printer": row.outlet, "reason": row.reason, "language": row.language, "fault": row.fault,
        "job": row.id.hex(), "at": local_text(row.created_at, zone), "document": row.document, "code": row.code,
        "state": row.state.value, "copy": row.copy_number, "template": row.template, "rendering": row.rendering,
    }  # fmt: skip


def job_named(connection: sa.Connection, site: SiteId, wanted: str) -> PrintJob:
    """Return a print job by the end of its number, or the newest with a code.

    Raises:
        Fault: there is no such job, or there are several.
    """
    jobs = sql_of(PrintJob)
    query = sa.select(jobs).where(jobs.c.site == site).order_by(jobs.c.created_at.desc(), jobs.c.id.desc())
    rows = rows_of(PrintJob, connection.execute(query))
    found = [row for row in rows if wanted and (row.code == wanted or row.id.hex().endswith(wanted.lower()))]
    if not found:
        raise Fault(f"no print job here ends in {wanted!r} or is scanned by it; `dockside print jobs` lists them")
    if len({row.id for row in found if row.code != wanted}) > 1:
        raise Fault(f"{len(found)} print jobs end in {wanted!r}: name more of its number")
    return found[0]


def shown(
    connection: sa.Connection, site: SiteId, blobs: BlobStore, wanted: str, suffix: str
) -> tuple[dict[str, Any], bytes]:
    """Return a job's facts and what it printed, byte for byte, or a picture where one is asked for of printer's bytes.

    Raises:
        Fault: there is no such job, it was not rendered yet, or there is no picture of it.
    """
    row = job_named(connection, site, wanted)
    if not row.rendering:
        raise Fault(f"the {row.document.replace('_', ' ')} was not printed yet")
    data = blobs.get(row.rendering)
    if suffix == ".png" and not data.startswith(b"\x89PNG"):
        data = preview(data)
        if not data:
            raise Fault("there is no picture of these bytes; name a file that does not end in .png")
    place = site_row(connection, site)
    return _told(row, "UTC" if place is None else place.time_zone), data
