"""`python -m tests.simulation.dst --seed N --steps M [--trace]`: a day to look at; `--schedule FILE` runs a kept one."""

import argparse
import sys
from pathlib import Path

from tests.quick import share_statements
from tests.simulation.dst.day import run
from tests.simulation.dst.plan import FAULTS, draw, read
from tests.simulation.dst.site import Templates, fast_folder


def main() -> int:
    """Run a day and say what was wrong with it; return 1 if anything was."""
    parser = argparse.ArgumentParser(prog="tests.simulation.dst", description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--faults", default="", choices=("", *FAULTS), help="the kind of day; any by default")
    parser.add_argument("--schedule", type=Path)
    parser.add_argument("--trace", action="store_true")
    given = parser.parse_args()
    schedule = read(given.schedule) if given.schedule else draw(given.seed, given.steps, given.faults)
    share_statements()
    with fast_folder() as folder:
        result = run(Templates(folder), schedule, digest=True)
    if given.trace:
        sys.stdout.write("".join(f"{line}\n" for line in result.trace))
    sys.stdout.write("".join(f"wrong: {each}\n" for each in result.wrong) or "nothing wrong\n")
    sys.stdout.write(f"{result.digest}\n")
    return int(bool(result.wrong))


if __name__ == "__main__":
    sys.exit(main())
