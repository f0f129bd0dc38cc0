"""The sample warehouse: a shop to try the program out on, or one laid out around somebody's own orders.

The one thing a newcomer would get wrong: this is the only place that marks a home as *simulated*.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from core.catalog.commands import (
    NewCode,
    NewItem,
    SaveBoxTypes,
    SaveContainers,
    SaveItems,
    SaveLocations,
    SetUpSite,
    item_id,
    location_id,
    owner_id,
)
from core.catalog.model import SiteKind
from core.exchange.convert import read_items, read_orders
from core.exchange.imports import ITEMS_PER_OPERATION
from core.exchange.layout import Layout, Placed, Wanted, boxes, containers, lay_out
from core.exchange.mapping import load_mapping
from core.exchange.report import FileFault, Report
from core.kernel.commands import Command
from core.kernel.executor import Done, Work
from core.kernel.ids import PersonId, document_id
from core.kernel.refusal import Fault
from core.kernel.tables import Row
from core.people.commands import SavePerson
from core.people.model import PersonCard
from core.people.secrets import badge_hash, pin_hash
from core.stock.commands import Receipt, ReceiveStock
from desktop.assembly import BENCH, SIMULATED, Assembly, write_profile
from desktop.planning import stamp

T = TypeVar("T")

OPERATORS = (
    ("Mara Koch", "BADGE-MARA", "picker", "en", ""),
    ("Aylin Sahin", "BADGE-AYLIN", "packer", "en", ""),
    ("Tom Becker", "BADGE-TOM", "loader", "en", ""),
    ("Jonas Brandt", "BADGE-JONAS", "picker,packer,loader", "de", ""),
    ("Noor Haddad", "BADGE-NOOR", "picker,packer,loader", "ar", ""),
    ("Dana Wolf", "BADGE-DANA", "lead,inventory,it", "en", "2580"),
)
"""Name, badge code, roles, language and PIN of the sample's people."""


class SampleFault(Fault):
    """The sample could not be made."""


def _run(assembly: Assembly, command: Command, *private: Row) -> None:
    outcome = assembly.writer.submit_background(Work(command=command, private=private)).result()
    if not isinstance(outcome, Done):
        raise SampleFault(f"{command.KIND}: {outcome.refusal.reason} {dict(outcome.refusal.facts)}")


def set_up(assembly: Assembly, *, name: str, time_zone: str, country: str, address: str) -> None:
    """Write a site with its people, benches, boxes, totes and carts."""
    _run(
        assembly,
        SetUpSite(
            **stamp(assembly), name=name, kind=SiteKind.WAREHOUSE, time_zone=time_zone, calendar="{}", country=country,
            address=address, gs1_prefix="09501101", owner_code="", owner_name=name,
        ),
    )  # fmt: skip
    for who, badge, roles, language, pin in OPERATORS:
        person = PersonId(document_id(0, "person", badge))
        card = PersonCard(assembly.identity.site, person, who, badge_hash(badge), pin_hash(pin) if pin else "")
        command = SavePerson(
            **stamp(assembly),
            person=person,
            roles=roles,
            language=language,
            preset="first_day",
            active=1,
            base_version=0,
        )
        _run(assembly, command, card)
    _run(assembly, SaveBoxTypes(**stamp(assembly), boxes=boxes()))
    for part in _parts(containers(120, 12), ITEMS_PER_OPERATION):
        _run(assembly, SaveContainers(**stamp(assembly), containers=tuple(part)))
    write_profile(assembly, **{SIMULATED: "1", BENCH: location_id("BENCH-1").hex()})


def place(assembly: Assembly, layout: Layout, items: Iterable[tuple[str, NewItem]]) -> None:
    """Write items, locations and opening stock."""
    for part in _parts(list(layout.locations), ITEMS_PER_OPERATION):
        _run(assembly, SaveLocations(**stamp(assembly), locations=tuple(part)))
    by_owner: dict[str, list[NewItem]] = defaultdict(list)
    for owner, item in items:
        by_owner[owner].append(item)
    for owner, inside in by_owner.items():
        for chunk in _parts(inside, ITEMS_PER_OPERATION):
            _run(assembly, SaveItems(**stamp(assembly), owner=owner_id(owner), items=tuple(chunk)))
    for stock in _parts(list(layout.stock), ITEMS_PER_OPERATION):
        _run(assembly, ReceiveStock(**stamp(assembly), receipts=tuple(_receipt(each) for each in stock)))


def _receipt(each: Placed) -> Receipt:
    owner = owner_id(each.owner)
    return Receipt(
        owner=owner, item=item_id(owner, each.sku), location=location_id(each.location), quantity=each.quantity
    )


def _parts(inside: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    return (inside[start : start + size] for start in range(0, len(inside), size))


def lay_out_orders(assembly: Assembly, path: Path, mapping_name: str, *, short_every: int = 0) -> Report:
    """Lay out items, locations and stock for everything that a file of orders asks for.

    Raises:
        FileFault: the file or the mapping cannot be read.
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
    known = _published_items(path, mapping_name)
    layout = lay_out(
        [Wanted(owner, sku, units[owner, sku], orders[owner, sku]) for owner, sku in units], short_every=short_every
    )
    items = [
        (owner, known.get((owner, sku)) or NewItem(sku=sku, description=words[owner, sku] or sku))
        for owner, sku in units
    ]
    place(assembly, layout, items)
    return report


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


def builtin(assembly: Assembly) -> Path:
    """Write the sample that comes with the program and return the path of its orders' file in the home."""
    folder = files("resources").joinpath("sample")
    orders = assembly.home.folder / "sample-orders.csv"
    orders.write_text(folder.joinpath("orders.csv").read_text(encoding="utf-8"), encoding="utf-8")
    items = [_sample_item(row) for row in _rows(folder.joinpath("items.csv").read_text(encoding="utf-8"))]
    wanted = [Wanted("", item.sku, int(stock), n) for n, (item, stock) in enumerate(items)]
    place(assembly, lay_out(wanted), [("", item) for item, _ in items])
    return orders


def _sample_item(row: dict[str, str]) -> tuple[NewItem, str]:
    item = NewItem(
        sku=row["sku"], description=row["description"], variant=row["variant"], length_mm=int(row["length_mm"]),
        width_mm=int(row["width_mm"]), height_mm=int(row["height_mm"]), weight_grams=int(row["weight_g"]),
        codes=(NewCode("0" + row["barcode"]),),
    )  # fmt: skip
    return item, row["stock"]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
