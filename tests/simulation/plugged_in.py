"""A station on a disk that may lose power: `python -m tests.simulation.plugged_in HOME SEED PAPER`.

It plays a shift like `dockside replay --play --json --allow-fuse`. What it prints goes to the folder PAPER, which is no
part of the disk: a label that came out is on a parcel whatever the disk remembers.
"""

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from desktop import headless, print_room, shift
from desktop.print_room import PrinterPort


def main(home: str, seed: str, paper: str) -> int:
    def printer(_folder: Path) -> AbstractContextManager[Mapping[str, PrinterPort]]:
        return print_room.virtual_printer(Path(paper))

    headless.virtual_printer = printer
    return shift.play(Path(home), seed=int(seed), mistakes=3, as_json=True, allow_fuse=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
