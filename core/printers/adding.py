"""What it comes to that a printer is added, gets its paper, or is taken off: rows in, a command out, for window and command line alike.

Whether the printer can be what somebody says of it is asked of the printer itself, before (`desktop/printer_trial.py`).
"""

from collections.abc import Iterable
from dataclasses import replace

from core.kernel.flow import Stamp
from core.printers.commands import RemovePrinter, SavePrinter, SaveRoute
from core.printers.model import PrinterRow, PrintRoute, Speech

ROLES = ("label", "document")
"""What paper is called whatever its kind."""


def adding(base: Stamp, wanted: PrinterRow, before: PrinterRow | None) -> SavePrinter:
    """Return the command that writes a printer; what is known of whether it answers is kept while it is the same printer.

    Args:
        base: of the command.
        wanted: the row as it is to be; its speech counts where the printer was asked just now.
        before: the row of that name as it is; None for a new one.
    """
    same = before is not None and (before.address, before.language, before.asked) == (
        wanted.address, wanted.language, wanted.asked,
    )  # fmt: skip
    known = before.speech if before is not None and same else Speech.UNTRIED
    version = 0 if before is None else before.version
    speech = known if wanted.speech is Speech.UNTRIED else wanted.speech
    return SavePrinter(**base, printer=replace(wanted, speech=speech, version=version + 1), base_version=version)


def assigning(base: Stamp, route: PrintRoute, routes: Iterable[PrintRoute]) -> SaveRoute:
    """Return the command that says what goes to a printer; a route to no printer is taken out."""
    key = route.TABLE.key_of(route)
    version = next((each.version for each in routes if each.TABLE.key_of(each) == key), 0)
    return SaveRoute(**base, route=replace(route, version=version + 1), base_version=version)


def removing(base: Stamp, printer: PrinterRow, routes: Iterable[PrintRoute]) -> RemovePrinter:
    """Return the command that takes a printer off, with what goes to it."""
    mine = tuple(each for each in routes if printer.name in (each.printer, each.fallback))
    return RemovePrinter(**base, printer=printer.name, routes=mine, base_version=printer.version)
