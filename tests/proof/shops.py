"""A real shop's days, laid out, imported, played to the van with mistakes, and checked from outside."""

import contextlib
import csv
import io
import json
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.executor import Done, Work
from core.kernel.home import Home
from core.rules.commands import SetPolicy
from core.rules.model import Check, Mode, Scope
from desktop.assembly import assembled
from desktop.cli import main
from desktop.planning import stamp
from tests.proof.outside import EXPORTS, check

PER_THOUSAND = {"wrong": 20, "short": 5, "damaged": 2, "full": 2, "undo": 5}
"""Mistakes that people make at least, per 1,000 lines."""


def say(*words: str) -> dict[str, Any]:
    """Run a command and return the last JSON object it printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*words])
    assert code == 0, (words, out.getvalue()[-2000:])
    return dict(json.loads(out.getvalue().splitlines()[-1]))


def days(source: Path, target: Path, column: str, wanted: Callable[[str], bool]) -> None:
    """Copy the rows of some days or hours of a CSV file, told by its date column."""
    with _opened(source) as lines, target.open("w", encoding="utf-8", newline="") as file:
        reader = csv.reader(lines)
        writer = csv.writer(file)
        header = next(reader)
        writer.writerow(header)
        place = header.index(column)
        writer.writerows(row for row in reader if wanted(row[place]))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    opener: Any = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        yield file


def work(home: Path, orders: Path, mapping: str, *, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Lay out a warehouse for a shop's file, import it, and play until nothing is left; return both reports."""
    say("sample", "--home", str(home), "--from-orders", str(orders), "--mapping", mapping, "--json")
    with assembled(home) as assembly:
        # The bench trusts the tote: a wholesaler's packers do not scan each of a thousand candles.
        policy = SetPolicy(
            **stamp(assembly), check_name=Check.VERIFY_UNITS, scope=Scope.SITE, target="", mode=Mode.OFF, passed_by="",
            base_version=0,
        )  # fmt: skip
        assert isinstance(assembly.submit(Work(command=policy)).result(), Done)
    imported = say("import", "orders", str(orders), "--mapping", mapping, "--home", str(home), "--json")
    played = say("replay", "--play", "--seed", str(seed), "--home", str(home))
    return imported, played


def contradictions(home: Path) -> list[str]:
    """Return what the exports of a home contradict each other in, and what `verify` finds."""
    out = home.parent / "exports"
    out.mkdir(exist_ok=True)
    for what in EXPORTS:
        assert main(["export", what, str(out / f"{what}.csv"), "--home", str(home)]) == 0
    place = Home(home)
    database = open_station(place.database, place.key())
    with database.reading() as connection:
        differences = [str(each) for each in verify_all(connection)]
    database.dispose()
    return [*check(out), *differences]


def too_few_mistakes(played: dict[str, Any]) -> list[str]:
    """Return the kinds of mistakes that were made less often than they should."""
    lines = played["puts"]
    return [kind for kind, count in PER_THOUSAND.items() if played["mistakes"][kind] * 1000 < count * lines]


def ordered_units(home: Path) -> int:
    """Return the units of every line that was imported, by the export."""
    with (home.parent / "exports" / "orders.csv").open(encoding="utf-8", newline="") as file:
        return sum(int(row["ordered"]) for row in csv.DictReader(file))
