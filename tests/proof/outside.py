"""A checker that shares no code with the product: it reads exported files, and the shop's own, and adds up."""

import csv
from collections import Counter
from pathlib import Path

EXPORTS = ("orders", "stock", "movements", "parcels")
SIGNED = ("WORLD", "UNEXPLAINED")
"""Places that may hold less than nothing."""
_GOODS = ("site", "owner", "sku", "lot", "serial", "lpn", "condition")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def units_of_file(path: Path, order: str, sku: str, quantity: str = "") -> Counter[tuple[str, str]]:
    """Return the units that a shop's own file asks for, by order and item; a row is one unit where no column says more."""
    asked: Counter[tuple[str, str]] = Counter()
    for row in rows(path):
        asked[row[order], row[sku]] += int(row[quantity]) if quantity else 1
    return asked


def check(folder: Path) -> list[str]:
    """Return every contradiction between orders, stock, movements and parcels of a finished day."""
    orders, stock, movements, parcels = (rows(folder / f"{name}.csv") for name in EXPORTS)
    return [*_orders(orders), *_places(stock, movements), *_parcels(orders, parcels)]


def unaccounted(folder: Path, asked: Counter[tuple[str, str]]) -> list[str]:
    """Return every order line of which not all that the shop's file asks for was shipped, short or cancelled."""
    wrong: list[str] = []
    ended: Counter[tuple[str, str]] = Counter()
    for row in rows(folder / "orders.csv"):
        ended[row["order"], row["sku"]] += sum(int(row[name]) for name in ("shipped", "short", "cancelled"))
    for name, count in ended.items():
        if count != asked[name]:
            wrong.append(f"{name}: {asked[name]} in the shop's file, {count} shipped, short or cancelled")
    return wrong


def _orders(orders: list[dict[str, str]]) -> list[str]:
    wrong: list[str] = []
    for row in orders:
        parts = sum(int(row[name]) for name in ("shipped", "short", "cancelled", "open"))
        if parts != int(row["ordered"]):
            wrong.append(f"order {row['order']} line {row['line']}: {parts} of {row['ordered']} accounted for")
    return wrong


def _places(stock: list[dict[str, str]], movements: list[dict[str, str]]) -> list[str]:
    wrong: list[str] = []
    places: Counter[tuple[str, ...]] = Counter()
    for row in movements:
        goods = tuple(row[name] for name in _GOODS)
        places[(*goods, row["from"])] -= int(row["quantity"])
        places[(*goods, row["to"])] += int(row["quantity"])
    held: Counter[tuple[str, ...]] = Counter()
    for row in stock:
        held[(*(row[name] for name in _GOODS), row["location"])] += int(row["quantity"])
    for place in {*places, *held}:
        if place[-1] != "CHANGED" and places[place] != held[place]:
            wrong.append(f"{place}: {places[place]} by movements, {held[place]} by stock")
        if held[place] < 0 and place[-1] not in SIGNED:
            wrong.append(f"{place}: {held[place]} is below nothing")
    changed: Counter[tuple[str, str]] = Counter()
    for place, count in places.items():
        if place[-1] == "CHANGED":
            changed[place[1], place[2]] += count
    wrong.extend(f"{name}: {count} units changed into nothing" for name, count in changed.items() if count)
    return wrong


def _parcels(orders: list[dict[str, str]], parcels: list[dict[str, str]]) -> list[str]:
    wrong: list[str] = []
    shipped: Counter[tuple[str, str]] = Counter()
    for row in orders:
        shipped[row["order"], row["sku"]] += int(row["shipped"])
    packed: Counter[tuple[str, str]] = Counter()
    for row in parcels:
        if row["loaded_at"]:
            packed[row["order"], row["sku"]] += int(row["quantity"])
            if not row["manifest"]:
                wrong.append(f"parcel {row['parcel']} was loaded onto no list")
    for name in {*shipped, *packed}:
        if shipped[name] != packed[name]:
            wrong.append(f"{name}: {shipped[name]} shipped, {packed[name]} in loaded parcels")
    labels = Counter({(row["parcel"], row["label"]) for row in parcels if row["label"]})
    twice = [label for label, count in Counter(label for _, label in labels).items() if count > 1]
    wrong.extend(f"label {label} is on two parcels" for label in twice)
    return wrong
