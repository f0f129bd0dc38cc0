"""The doctor at the printers: each is asked how it is, and how long its labels took to come out.

The one thing a newcomer would get wrong: a printer that says nothing is not well; it is not known to be.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from core.kernel.executor import Identity
from core.printers.queries import printers_of, routes_of, slow_outlets
from core.station.gear import Checked
from desktop.doctor import OK, WARNING, WRONG
from desktop.print_room import Routes, driver_of
from desktop.printers_office import SLOW_MS, look
from printing.drivers.protocols import Printer
from printing.drivers.windows import WindowsPrinter

_QUEUES = ("ipp:", "ipps:")
_PAPER = ("pdf", "png")


def printer_checks(connection: sa.Connection, identity: Identity) -> Iterator[Checked]:
    """Check the printers that something can go to from here."""
    site = identity.site
    routes = Routes(identity.station.hex(), printers_of(connection, site), routes_of(connection, site))
    slow = {each.outlet: each.median_ms for each in slow_outlets(connection, site, SLOW_MS)}
    for row in routes.used_here():
        found = look(row)
        device = row.address.removeprefix("usb:")
        if device != row.address and Path(device).exists() and not os.access(device, os.R_OK | os.W_OK):
            yield Checked(about="groups", name="lp", state=WARNING, why="not_in_group")
        if not found["may_be_sent_to"]:
            troubles = ",".join(str(each) for each in found["troubles"])
            yield Checked(about="printer", name=row.name, state=WRONG, why="printer_held", detail=troubles)
        elif row.name in slow:
            took = f"{slow[row.name] / 1000:.1f} s"
            yield Checked(about="printer", name=row.name, state=WARNING, why="slow_start", detail=took)
        elif row.address.startswith(_QUEUES) and row.language not in _PAPER:
            yield Checked(about="printer", name=row.name, state=WARNING, why="raw_queue", detail=row.address)
        else:
            told = (str(found["model"]), str(found["firmware"]), _windows_driver(driver_of(row)))
            yield Checked(about="printer", name=row.name, state=OK, detail=" ".join(filter(None, told)))


def _windows_driver(printer: Printer) -> str:
    """Return which kind of driver a Windows queue has, and how labels go past it: a v4 one takes no `RAW`."""
    if not isinstance(printer, WindowsPrinter):
        return ""
    try:
        version, datatype = printer.driver()
    except OSError:
        return ""
    return f"driver v{version}, {datatype}"
