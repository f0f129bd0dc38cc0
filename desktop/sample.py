"""The sample warehouse: a shop to try the program out on, or one laid out around somebody's own orders.

The one thing a newcomer would get wrong: this is the only place that marks a home as *simulated*.
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from core.catalog.commands import (
    NewCode,
    NewItem,
    NewOwner,
    SaveBoxTypes,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SaveOwners,
    SetUpSite,
    item_id,
    location_id,
    owner_id,
)
from core.catalog.model import SiteKind
from core.catalog.queries import site_row
from core.exchange.convert import read_items
from core.exchange.imports import Importer
from core.exchange.layout import Layout, Placed, Wanted, boxes, containers, lay_out
from core.exchange.mapping import load_mapping
from core.exchange.masters import PER_OPERATION
from core.exchange.order_rows import read_orders
from core.exchange.report import FileFault, Report
from core.kernel.commands import Command
from core.kernel.database import open_station
from core.kernel.executor import Done, Work
from core.kernel.home import Home
from core.kernel.ids import PersonId, document_id
from core.kernel.refusal import Fault
from core.kernel.tables import sql_of
from core.kernel.uow import ByClass
from core.people.commands import SavePerson
from core.people.model import Person, PersonCard
from core.people.secrets import badge_hash, pin_hash
from core.stock.commands import Receipt, ReceiveStock
from desktop.assembly import BADGES, BENCH, PLACES, SIMULATED, Assembly, assembled
from desktop.membership import membership_of, read_profile, write_profile
from desktop.planning import plan_day, stamp
from desktop.system import machine_time_zone

T = TypeVar("T")
_BAYS = 3
"""Bays of an aisle, so that the few items of the sample lie in several."""
SHAPE = "aisle-bay-level"
"""What the codes of a warehouse that we lay out say."""
_VANS = (2, 4, 8)
"""When the sample's vans leave, in half hours from the one that runs."""

OPERATORS = (
    ("Mara Koch", "BADGE-MARA", "picker", "en", ""),
    ("Aylin Sahin", "BADGE-AYLIN", "packer", "en", ""),
    ("Tom Becker", "BADGE-TOM", "loader", "en", ""),
    ("Jonas Brandt", "BADGE-JONAS", "picker,packer,loader", "de", ""),
    ("Noor Haddad", "BADGE-NOOR", "picker,packer,loader", "ar", ""),
    ("Dana Wolf", "BADGE-DANA", "lead,inventory,it", "en", "2580"),
)
"""Name, badge code, roles, language and PIN of the sample's people."""


_BEGUN = "sample"
"""What a home's profile says while a sample is made in it."""


class SampleFault(Fault):
    """The sample could not be made."""


def run_now(assembly: Assembly, command: Command, private: ByClass | None = None) -> None:
    """Run a command of the station's own.

    Raises:
        SampleFault: it was refused.
    """
    outcome = assembly.writer.submit_background(Work(command=command, private=private or {})).result()
    if not isinstance(outcome, Done):
        raise SampleFault(f"{command.KIND}: {outcome.refusal.reason} {dict(outcome.refusal.facts)}")


def found_site(assembly: Assembly) -> None:
    """Begin the site of a new home, as plain as can be, so that a shop can be imported."""
    if not _site_version(assembly):
        _set_up(assembly, name="Warehouse", time_zone=machine_time_zone(), country="", address="", base_version=0)


def _site_version(assembly: Assembly) -> int:
    with assembly.database.reading() as connection:
        site = site_row(connection, assembly.identity.site)
    return 0 if site is None else site.version


def _set_up(assembly: Assembly, *, name: str, time_zone: str, country: str, address: str, base_version: int) -> None:
    command = SetUpSite(
        **stamp(assembly), name=name, kind=SiteKind.WAREHOUSE, time_zone=time_zone, calendar="{}", country=country,
        address=address, gs1_prefix="09501101", owner_code="", owner_name=name, base_version=base_version,
    )  # fmt: skip
    run_now(assembly, command)


def make_sample(folder: Path, from_orders: Path | None, mapping: str) -> dict[str, Any]:
    """Make a sample warehouse in a home that has none, and return what it holds.

    Raises:
        FileFault: the file of orders or the mapping cannot be read; nothing was made.
        SampleFault: the home holds a station that works already, or a sample that was not finished.
    """
    shop = None if from_orders is None else _shop_of(from_orders, mapping)
    with assembled(folder, create=True) as assembly:
        _refuse_a_station(assembly)
        if assembly.profile.get(_BEGUN):
            raise SampleFault(
                f"the sample in {assembly.home.folder} was not finished: remove the folder, then try again"
            )
        write_profile(assembly, **{_BEGUN: "1"})
        _staff(assembly)
        done: dict[str, Any] = {"home": str(assembly.home.folder)}
        if shop is None:
            done |= _builtin(assembly)
        else:
            place(assembly, shop.layout, shop.items)
            done |= {"documents": shop.report.documents, "items": len(shop.items)}
        write_profile(
            assembly, **{SIMULATED: "1", BENCH: location_id("BENCH-1").hex(), PLACES: SHAPE, BADGES: _badges()}
        )
        if shop is None:
            done["batches"] = plan_day(assembly).batches
    return done


def _refuse_a_station(assembly: Assembly) -> None:
    """Refuse a home where anybody works, or that follows a hub: the sample renames its site and gives out badges anybody can read.

    Raises:
        SampleFault: it is one.
    """
    if assembly.membership is not None:
        raise SampleFault(
            f"{assembly.home.folder} is {assembly.membership.name} of the hub {assembly.membership.hub}: choose another --home"
        )
    begun = assembly.profile.get(_BEGUN)
    with assembly.database.reading() as connection:
        works = not begun and connection.execute(sa.select(sa.literal(1)).select_from(sql_of(Person)).limit(1)).first()
    if works or assembly.profile.get(SIMULATED):
        raise SampleFault(f"{assembly.home.folder} holds a station already: choose another --home")


def refuse_no_sample(folder: Path) -> None:
    """Refuse a home that holds anything but a sample.

    Raises:
        SampleFault: it does.
        DatabaseFault: its file cannot be read.
    """
    home = Home(folder)
    database = open_station(home.database, home.key())
    try:
        profile = read_profile(database)
    finally:
        database.dispose()
    if profile.get(SIMULATED) != "1" or membership_of(profile) is not None:
        raise SampleFault(f"{home.folder} holds no sample but a station that works: choose another --home")


def _badges() -> str:
    """Return the badges of the sample's people for the simulated bench: a real station knows none."""
    return json.dumps([[name, roles, badge] for name, badge, roles, _, _ in OPERATORS])


def _staff(assembly: Assembly) -> None:
    """Write the sample's site with its people, boxes, totes and carts."""
    _set_up(
        assembly, name="Harbour Lane", time_zone="Europe/London", country="GB",
        address="Harbour Lane Ltd\n1 Harbour Lane\nWhitby YO21 3PU", base_version=_site_version(assembly),
    )  # fmt: skip
    for who, badge, roles, language, pin in OPERATORS:
        person = PersonId(document_id(0, "person", badge))
        card = (assembly.identity.site, person, who, badge_hash(badge), pin_hash(pin) if pin else "")
        command = SavePerson(
            **stamp(assembly), person=person, roles=roles, language=language, preset="first_day", active=1,
            base_version=0,
        )  # fmt: skip
        run_now(assembly, command, {PersonCard: [card]})
    run_now(assembly, SaveBoxTypes(**stamp(assembly), boxes=boxes()))
    for part in _parts(containers(120, 12), PER_OPERATION):
        run_now(assembly, SaveContainers(**stamp(assembly), containers=tuple(part)))


def place(assembly: Assembly, layout: Layout, items: Iterable[tuple[str, NewItem]]) -> None:
    """Write items, locations and opening stock."""
    for part in _parts(list(layout.locations), PER_OPERATION):
        run_now(assembly, SaveLocations(**stamp(assembly), locations=tuple(part)))
    by_owner: dict[str, list[NewItem]] = defaultdict(list)
    for owner, item in items:
        by_owner[owner].append(item)
    others = tuple(NewOwner(owner, owner) for owner in by_owner if owner)
    if others:
        run_now(assembly, SaveOwners(**stamp(assembly), owners=others))
    for owner, inside in by_owner.items():
        for chunk in _parts(inside, PER_OPERATION):
            run_now(assembly, SaveItems(**stamp(assembly), owner=owner_id(owner), items=tuple(chunk)))
    for stock in _parts(list(layout.stock), PER_OPERATION):
        run_now(assembly, ReceiveStock(**stamp(assembly), receipts=tuple(_receipt(each) for each in stock)))


def _receipt(each: Placed) -> Receipt:
    owner = owner_id(each.owner)
    return Receipt(
        owner=owner, item=item_id(owner, each.sku), location=location_id(each.location), quantity=each.quantity
    )


def _parts(inside: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (inside[start : start + size] for start in range(0, len(inside), size))


@dataclass(frozen=True, slots=True)
class _Shop:
    """A shop as its orders let it be guessed."""

    layout: Layout
    items: tuple[tuple[str, NewItem], ...]
    report: Report


def _shop_of(path: Path, mapping_name: str) -> _Shop:
    """Return items, locations and stock for everything that a file of orders asks for.

    Raises:
        FileFault: the file or the mapping cannot be read.
        SampleFault: it asks for nothing.
    """
    mapping = load_mapping(mapping_name, "orders")
    report = Report(path.name)
    units: dict[tuple[str, str], int] = defaultdict(int)
    orders: dict[tuple[str, str], int] = defaultdict(int)
    words: dict[tuple[str, str], str] = {}
    for document in read_orders(path, mapping, report):
        for line in document.lines:
            name = (document.owner, line.sku)
            units[name] += line.quantity
            orders[name] += 1
            words.setdefault(name, line.description)
    if not units:
        raise SampleFault(f"there is no order to lay a warehouse out for:\n{report.to_text()}")
    known = _published_items(path, mapping_name)
    items = tuple(
        (owner, known.get((owner, sku)) or NewItem(sku=sku, description=words[owner, sku] or sku))
        for owner, sku in units
    )
    wanted = [Wanted(owner, sku, units[owner, sku], orders[owner, sku]) for owner, sku in units]
    return _Shop(lay_out(wanted), items, report)


def _published_items(path: Path, mapping_name: str) -> dict[tuple[str, str], NewItem]:
    """Return what the shop itself publishes of its items, from a file beside the orders where there is one."""
    try:
        mapping = load_mapping(mapping_name, "items")
    except FileFault:
        return {}
    beside = path.parent / mapping.file if mapping.file else path
    try:
        return {(each.owner, each.item.sku): each.item for each in read_items(beside, mapping, Report(beside.name))}
    except FileFault:
        return {}


def _builtin(assembly: Assembly) -> dict[str, Any]:
    """Write the sample that comes with the program: its items, locations, stock and orders."""
    folder = files("resources").joinpath("sample")
    orders = assembly.home.folder / "sample-orders.csv"
    text = folder.joinpath("orders.csv").read_text(encoding="utf-8")
    orders.write_text(_leaving_today(text, assembly.clock.now_ms()), encoding="utf-8")
    pictures = folder.joinpath("pictures")
    items = []
    for row in _rows(folder.joinpath("items.csv").read_text(encoding="utf-8")):
        picture = assembly.home.blobs.put(pictures.joinpath(f"{row['sku']}.svg").read_bytes())
        items.append((_sample_item(row, picture), int(row["stock"])))
    wanted = [Wanted("", item.sku, stock, n) for n, (item, stock) in enumerate(items)]
    place(assembly, lay_out(wanted, _BAYS), [("", item) for item, _ in items])
    with assembly.database.reading() as reader:
        importer = Importer(
            site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background,
            clock=assembly.clock, ids=assembly.ids,
        )  # fmt: skip
        return {"orders": importer.run("orders", orders, "dockside").imported}


def _leaving_today(text: str, now_ms: int) -> str:
    """Return the sample's orders with the times their carriers leave: three vans, the first of them soon."""
    half_hour = 1_800_000
    begun = now_ms // half_hour
    rows = _rows(text)
    numbers = list(dict.fromkeys(row["order"] for row in rows))
    made = io.StringIO()
    writer = csv.DictWriter(made, [*rows[0], "cut_off_at"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        van = len(_VANS) * numbers.index(row["order"]) // len(numbers)
        leaves = datetime.fromtimestamp((begun + _VANS[van]) * half_hour / 1000, UTC)
        writer.writerow({**row, "cut_off_at": leaves.strftime("%Y-%m-%dT%H:%M:%S")})
    return made.getvalue()


def _sample_item(row: dict[str, str], picture: str) -> NewItem:
    return NewItem(
        sku=row["sku"], description=row["description"], variant=row["variant"], length_mm=int(row["length_mm"]),
        width_mm=int(row["width_mm"]), height_mm=int(row["height_mm"]), weight_grams=int(row["weight_g"]),
        picture=picture, codes=(NewCode("0" + row["barcode"]),),
    )  # fmt: skip


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
