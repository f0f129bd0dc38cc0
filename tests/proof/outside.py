"""A checker that shares no code with the product: it reads exported files and adds up."""

import csv
from collections import Counter
from pathlib import Path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check(folder: Path) -> list[str]:
    """Return every contradiction between orders, stock, movements and parcels of a finished day."""
    orders, stock, movements, parcels = (
        rows(folder / f"{name}.csv") for name in ("orders", "stock", "movements", "parcels")
    )
    wrong: list[str] = []
    for row in orders:
        parts = sum(int(row[name]) for name in ("shipped", "short", "cancelled", "open"))
        if parts != int(row["ordered"]):
            wrong.append(f"order {row['order']} line {row['line']}: {parts} of {row['ordered']} accounted for")
    places: Counter[tuple[str, ...]] = Counter()
    for row in movements:
        goods = tuple(row[name] for name in ("site", "owner", "sku", "lot", "serial", "lpn", "condition"))
        places[(*goods, row["from"])] -= int(row["quantity"])
        places[(*goods, row["to"])] += int(row["quantity"])
    held: Counter[tuple[str, ...]] = Counter()
    for row in stock:
        goods = tuple(row[name] for name in ("site", "owner", "sku", "lot", "serial", "lpn", "condition"))
        held[(*goods, row["location"])] += int(row["quantity"])
    for place in {*places, *held}:
        if place[-1] != "CHANGED" and places[place] != held[place]:
            wrong.append(f"{place}: {places[place]} by movements, {held[place]} by stock")
        if held[place] < 0 and place[-1] not in ("WORLD", "UNEXPLAINED"):
            wrong.append(f"{place}: {held[place]} is below nothing")
    shipped: Counter[tuple[str, str]] = Counter()
    for row in orders:
        shipped[row["order"], row["sku"]] += int(row["shipped"])
    packed: Counter[tuple[str, str]] = Counter()
    for row in parcels:
        if row["loaded_at"]:
            packed[row["order"], row["sku"]] += int(row["quantity"])
    for name in {*shipped, *packed}:
        if shipped[name] != packed[name]:
            wrong.append(f"{name}: {shipped[name]} shipped, {packed[name]} in loaded parcels")
    labels = Counter({(row["parcel"], row["label"]) for row in parcels if row["label"]})
    twice = [label for label, count in Counter(label for _, label in labels).items() if count > 1]
    wrong.extend(f"label {label} is on two parcels" for label in twice)
    return wrong
