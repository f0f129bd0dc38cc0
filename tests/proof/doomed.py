"""A station that dies at a named moment: `python -m tests.proof.doomed HOME SEED MOMENT NTH`.

It plays a shift like `dockside replay --play --json` and, the NTH time the moment comes, takes the plug out: SIGKILL to
itself and to its printer. The moments lie in what the composition root puts together (the writer's connection, the
station, the printer), so the product has no seam for dying.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.station.station import Station
from desktop import print_room, shift
from printing.drivers.protocols import Progress, Sent
from printing.drivers.wire import WirePrinter

MOMENTS = ("before commit", "after commit", "before done", "after done", "before first byte", "after first byte")


class Doom:
    """Counts the moments and ends everything at the right one."""

    def __init__(self, moment: str, nth: int) -> None:
        self._moment = moment
        self._left = nth

    def at(self, moment: str) -> None:
        if moment != self._moment:
            return
        self._left -= 1
        if self._left == 0:
            sys.stdout.flush()
            # The printer is in our process group: a plug takes everything.
            os.killpg(0, signal.SIGKILL)


def doom_the_writer(doom: Doom) -> None:
    """Die on the writer's thread, around the commit of whatever it writes."""

    def writes() -> bool:
        return threading.current_thread().name == "dockside-writer"

    def commit(dialect: Any, connection: Any) -> None:
        if writes():
            doom.at("before commit")
        plain(dialect, connection)
        if writes():
            doom.at("after commit")

    dialect = sa.dialects.registry.load("sqlite")
    plain = dialect.do_commit
    dialect.do_commit = commit


def doom_the_station(doom: Doom) -> None:
    """Die on the station's thread, around its hearing of an outcome."""
    plain: Callable[..., None] = Station._returned

    def returned(self: Station, *arguments: Any) -> None:
        doom.at("before done")
        plain(self, *arguments)
        doom.at("after done")

    Station._returned = returned


class DoomedPrinter(WirePrinter):
    """Die around the first byte that leaves for the printer."""

    doom: Doom

    def send(self, job: bytes, progress: Progress) -> Sent:
        self.doom.at("before first byte")

        def left(count: int) -> None:
            self.doom.at("after first byte")
            progress(count)

        return super().send(job, left)


def main(folder: str, seed: str, moment: str, nth: str) -> int:
    assert moment in MOMENTS, moment
    doom = Doom(moment, int(nth))
    doom_the_writer(doom)
    doom_the_station(doom)
    DoomedPrinter.doom = doom
    print_room.WirePrinter = DoomedPrinter
    return shift.play(Path(folder), seed=int(seed), mistakes=3, as_json=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
