"""Giving a station up, and the answers of the floor list, for whoever works at the hub."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from core.catalog.parcel_codes import ParcelCode, read_parcel_code
from core.catalog.queries import site_row
from core.kernel import codec
from core.kernel.commands import Command
from core.kernel.flow import Stamp
from core.kernel.ids import CommandId, SiteId, derive
from core.kernel.operations import OperationOutcome
from core.kernel.reasons import Reason
from core.kernel.refusal import Fault, Refusal
from core.kernel.tables import sql_of
from core.kernel.uow import UnitOfWork
from core.orders.model import Order
from core.packing.labels import local_text
from core.picking.contents import FloorItem, FloorList
from core.rights.commands import RecallWork
from core.rights.losing import RevokeStation
from core.rights.model import FloorAnswer, FloorLine, SiteStation, Stage, WorkLease
from core.shipping.commands import carrier_right
from core.shipping.leases import held_carriers
from core.waves.leases import not_begun
from core.waves.model import Batch
from desktop.hub_sites import stamp
from desktop.messages import refusal_words
from desktop.options import AnswerIsNo
from sync.hub.opening import Hub
from sync.hub.presence import vouch
from sync.hub.receiving import Receiver
from sync.hub.reclaim import answer_floor, find_box, look_for_lost_work, mark_lost, open_lines, station_named
from sync.protocol import Refused


def give_up(hub: Hub, site: SiteId, name: str, reason: str, *, switched_off: bool) -> dict[str, Any]:
    """Give a station up, and return how many orders are to be looked for.

    Raises:
        Fault: there is none of that name, or it may not be given up.
    """
    with hub.databases[site].connect() as connection:
        with connection.begin():
            station = _named(station_named(connection, site, name), name)
        made = mark_lost(connection, station, reason, hub.clock, hub.ids, switched_off=switched_off)
        if made.outcome is not OperationOutcome.APPLIED:
            raise _no(made.reason, name)
        with connection.begin():
            return {"station": name, "lines": len(open_lines(connection, site))}


def take_out(hub: Hub, site: SiteId, name: str, *, switched_off: bool) -> dict[str, Any]:
    """Take a station out, and return how many orders are to be looked for.

    Raises:
        Fault: there is none of that name, or it may not be taken out.
    """
    with hub.databases[site].connect() as connection:
        with connection.begin():
            station = _named(station_named(connection, site, name), name)
        made = hub.center.run(RevokeStation(**stamp(hub, site), station=station.id, switched_off=int(switched_off)))
        if isinstance(made, Refused) or made.outcome is not OperationOutcome.APPLIED:
            raise _no(made.reason, name)
        look_for_lost_work(connection, site, hub.clock, hub.ids)
        with connection.begin():
            return {"station": name, "lines": len(open_lines(connection, site))}


def ask_back(hub: Hub, site: SiteId, name: str, walks: Sequence[int], carriers: Sequence[str]) -> dict[str, Any]:
    """Ask a station for what it holds and has not begun: some walks, some carriers, or all of it where none are named.

    Raises:
        AnswerIsNo: there is no such station, or it does not hold what was named.
    """

    def decide(connection: sa.Connection) -> list[Command]:
        station = station_named(connection, site, name)
        if station is None:
            raise AnswerIsNo(f"there is no station {name}")
        found = _of_walks(connection, station, walks) if walks or not carriers else []
        found += _of_carriers(connection, station, carriers) if carriers or not walks else []
        return list(_recalls(found, stamp(hub, site)))

    with hub.databases[site].connect() as connection:
        made = Receiver(connection, site).decide_all(decide, boot_ns=hub.clock.boot_ns())
    stages = [command.stage for command, _ in made if isinstance(command, RecallWork)]
    return {
        "station": name, "walks": sum(each is not Stage.LOAD for each in stages), "carriers": stages.count(Stage.LOAD)
    }  # fmt: skip


def _recalls(leases: Iterable[WorkLease], first: Stamp) -> Iterator[RecallWork]:
    for n, each in enumerate(leases):
        base: Stamp = {**first, "id": CommandId(derive(first["id"], "recall", n))}
        yield RecallWork(**base, stage=each.stage, work=each.work)


def _of_walks(connection: sa.Connection, station: SiteStation, numbers: Sequence[int]) -> list[WorkLease]:
    batches, held = sql_of(Batch), list(not_begun(connection, station))
    query = sa.select(batches.c.id, batches.c.number).where(
        batches.c.site == station.site, batches.c.id.in_([each.work for each in held])
    )
    by_number = {int(row[1]): bytes(row[0]) for row in connection.execute(query)}
    unknown = ", ".join(str(each) for each in numbers if each not in by_number)
    if unknown:
        raise AnswerIsNo(f"{station.name} holds no walk {unknown} that it has not begun")
    wanted = {by_number[each] for each in numbers} or set(by_number.values())
    return [each for each in held if each.work in wanted]


def _of_carriers(connection: sa.Connection, station: SiteStation, names: Sequence[str]) -> list[WorkLease]:
    held = {each.work: each for each in held_carriers(connection, station.site, station.id) if not each.recalled_at}
    works = {name: carrier_right(name)[1] for name in names}
    unknown = ", ".join(name for name, work in works.items() if work not in held)
    if unknown:
        raise AnswerIsNo(f"{station.name} does not have the carrier {unknown}")
    return [held[work] for work in works.values()] or list(held.values())


def vouch_for(hub: Hub, site: SiteId) -> bool:
    """Take a person's word that the hub's machine was not put back; return whether that was in doubt."""
    return vouch(hub.databases[site], site)


def _no(reason: str, name: str) -> Fault:
    return Fault(refusal_words(Refusal(Reason(reason), {"station": name, "got": name})))


def lines(hub: Hub, site: SiteId) -> list[dict[str, Any]]:
    """Return what is to be looked for."""
    with hub.databases[site].connect() as connection, connection.begin():
        books = UnitOfWork(connection)
        return [_shown(books, each) for each in open_lines(connection, site)]


def on_paper(hub: Hub, site: SiteId, found: Sequence[Mapping[str, Any]]) -> FloorList:
    """Return what is to be looked for as a list to take along."""
    with hub.databases[site].connect() as connection, connection.begin():
        place = site_row(connection, site)
    zone = "UTC" if place is None else place.time_zone
    lines = tuple(FloorItem(order_number=each["order"], what=each["what"], line=each["line"]) for each in found)
    return FloorList(
        lines=lines, site_name="" if place is None else place.name, printed_at_text=local_text(hub.clock.now_ms(), zone)
    )


def answer(hub: Hub, site: SiteId, line: str, found: FloorAnswer) -> dict[str, Any]:
    """Answer a line, and return what was written.

    Raises:
        Fault: there is no such line, or it cannot be answered so yet.
    """
    try:
        key = bytes.fromhex(line)
    except ValueError as e:
        raise Fault(f"{line} is no line of the floor list") from e
    with hub.databases[site].connect() as connection:
        told = answer_floor(connection, site, key, found, hub.clock, hub.ids)
    if isinstance(told, Refusal):
        raise Fault(refusal_words(told))
    return {"line": line, "answer": told.value}


def found_box(hub: Hub, site: SiteId, label: str) -> dict[str, Any]:
    """Write that a labelled box was found on the floor.

    Raises:
        Fault: the text is no label's, or the box cannot be here.
    """
    code = read_parcel_code(label)
    if not isinstance(code, ParcelCode):
        raise Fault("that is not what the square code of a parcel's label says")
    with hub.databases[site].connect() as connection:
        refused = find_box(connection, site, code, hub.clock, hub.ids)
    if refused is not None:
        raise Fault(refusal_words(refused))
    return {"label": code.sscc}


def _named(station: SiteStation | None, name: str) -> SiteStation:
    if station is None:
        raise Fault(f"there is no station {name}")
    return station


def _shown(books: UnitOfWork, line: FloorLine) -> dict[str, Any]:
    order = books.get(Order, (line.site, line.order))
    station = books.get(SiteStation, (line.site, line.station))
    told = codec.parse(line.told)
    number = "" if order is None else order.number
    return {
        "line": line.id.hex(), "order": number, "told": line.told, "fence": line.fence,
        "what": _what(number, told, "" if station is None else station.name),
    }  # fmt: skip


def _what(order: str, told: dict[str, Any], station: str) -> str:
    """Return in words what is looked for, and what was known of it last."""
    if "carrier" in told:
        box = f"label {told['label']} of order {order}" if "label" in told else "the van"
        return f"{box}, {told['carrier']}, loaded at {station}"
    totes = f" in {told['totes']}" if told["totes"] else ""
    return (
        f"order {order}, batch {told['batch']} of {station}: {told['picked']} of {told['units']} picked{totes}, "
        f"{told['packed']} packed"
    )
