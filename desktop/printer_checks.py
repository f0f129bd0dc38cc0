"""The doctor at the printers: each is asked how it is, and how long its labels took to come out.

The one thing a newcomer would get wrong: a printer that says nothing is not well; it is not known to be.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from core.kernel.executor import Identity
from core.printers.queries import printers_of, routes_of, slow_outlets
from core.station.gear import Checked
from desktop.doctor import OK, WARNING, WRONG
from desktop.print_room import Routes
from desktop.printers_office import SLOW_MS, look


def printer_checks(connection: sa.Connection, identity: Identity) -> Iterator[Checked]:
    """Check the printers that something can go to from here."""
    site = identity.site
    routes = Routes(identity.station.hex(), printers_of(connection, site), routes_of(connection, site))
    slow = {each.outlet: each.median_ms for each in slow_outlets(connection, site, SLOW_MS)}
    for row in routes.used_here():
        found = look(row)
        if not found["may_be_sent_to"]:
            troubles = ",".join(str(each) for each in found["troubles"])
            yield Checked(about="printer", name=row.name, state=WRONG, why="printer_held", detail=troubles)
        elif row.name in slow:
            took = f"{slow[row.name] / 1000:.1f} s"
            yield Checked(about="printer", name=row.name, state=WARNING, why="slow_start", detail=took)
        else:
            yield Checked(about="printer", name=row.name, state=OK)
