"""A station that does nothing but print, to be killed: `python -m tests.acceptance.only_prints HOME PORT`.

It says each state that a job reaches, as soon as it is told itself, and ends once nothing waits any more.
"""

import os
import sys
import time
from pathlib import Path

from core.kernel.flow import PrintMoved
from core.kernel.spool import OPEN_STATES, UNDER_WAY
from core.printers.queries import jobs_in
from desktop.assembly import assembled
from desktop.print_room import PrinterPort, spoolers
from printing import settling

_SILENT_MS = 600
"""A printer in the same computer that says nothing for so long says nothing."""


def main(home: str, port: str) -> int:
    settling.CONFIRM_MS = _SILENT_MS
    with assembled(Path(home), allow_fuse=True) as assembly:

        def told(moved: PrintMoved) -> None:
            # Several spoolers tell at once: each line goes out whole. A printer that was looked at is no job.
            if moved.job:
                os.write(sys.stdout.fileno(), f"{moved.job.hex()} {moved.state}\n".encode())

        with spoolers(assembly, told, {"label": PrinterPort("127.0.0.1", int(port))}):
            while True:
                with assembly.database.reading() as reader:
                    if not jobs_in(reader, assembly.identity.site, *OPEN_STATES, *UNDER_WAY):
                        return 0
                time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
