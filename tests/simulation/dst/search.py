"""Looking for schedules that show something: what removing a rule breaks, or what is wrong with the program as it is."""

import argparse
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from tests.quick import share_statements
from tests.simulation.dst.day import run
from tests.simulation.dst.plan import FAULTS, Schedule, draw
from tests.simulation.dst.rules import MUTANTS
from tests.simulation.dst.shrink import shrink
from tests.simulation.dst.site import Templates, fast_folder

KEPT = Path(__file__).parent / "schedules"
"""A schedule for each rule, and for each mistake that was found."""


def file_of(name: str, folder: Path = KEPT) -> Path:
    """Return where the schedule of a rule is kept."""
    return folder / f"{name.replace(' ', '-').replace(',', '').replace(chr(39), '')}.json"


def without(rule: str) -> AbstractContextManager[object]:
    """Return the program without a rule; as it is where none is named."""
    return MUTANTS[rule]() if rule else nullcontext()


def wrong_with(templates: Templates, schedule: Schedule, rule: str = "") -> list[str]:
    """Return what goes wrong on a day without a rule."""
    templates.prepare(schedule)
    with without(rule):
        return run(templates, schedule).wrong


def find(templates: Templates, seeds: Iterable[int], steps: int, rule: str = "", faults: str = "") -> Schedule | None:
    """Return the first day on which something goes wrong; without a rule, and nothing with it."""
    for seed in seeds:
        schedule = draw(seed, steps, faults)
        if wrong_with(templates, schedule, rule) and not (rule and wrong_with(templates, schedule)):
            return schedule
    return None


def keep(templates: Templates, schedule: Schedule, rule: str, path: Path, most: int = 150) -> Schedule:
    """Cut a schedule down to what shows that something goes wrong without a rule, and keep it in a file."""
    kind = _kind(wrong_with(templates, schedule, rule))
    cut = shrink(schedule, lambda each: kind in map(_one_kind, wrong_with(templates, each, rule)), most)
    words = "; ".join(wrong_with(templates, cut, rule)[:2])[:300]
    kept = replace(cut, words=f"{rule or 'as it is'}: {words}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(kept.to_text(), encoding="utf-8")
    return kept


def _kind(wrong: list[str]) -> str:
    return _one_kind(wrong[0]) if wrong else ""


def _one_kind(words: str) -> str:
    return "".join(sign for sign in words if not sign.isdigit())[:24]


def main() -> int:
    """Look for a day on which something goes wrong without a rule; return 1 where none was found."""
    parser = argparse.ArgumentParser(prog="tests.simulation.dst.search", description=__doc__)
    parser.add_argument("rules", nargs="*", help="rules to remove; none for all that have no schedule yet")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--faults", default="", choices=("", *FAULTS), help="the kind of day; any by default")
    given = parser.parse_args()
    missed = []
    share_statements()
    with fast_folder() as folder:
        templates = Templates(folder)
        for rule in given.rules or [each for each in MUTANTS if not file_of(each).exists()]:
            found = find(templates, range(given.first, given.first + given.seeds), given.steps, rule, given.faults)
            if found is None:
                missed.append(rule)
                sys.stdout.write(f"{rule}: not found\n")
                continue
            kept = keep(templates, found, rule, file_of(rule))
            sys.stdout.write(f"{rule}: {len(kept.events)} events, {kept.words[-120:]}\n")
            sys.stdout.flush()
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
