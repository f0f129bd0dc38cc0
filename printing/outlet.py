"""A printer as a station uses it: what speaks with it, what is loaded in it, and which jobs go there."""

from collections.abc import Callable
from dataclasses import dataclass

from core.kernel.spool import PrintJob
from printing.drivers.protocols import Printer
from printing.media import Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A printer with what is loaded in it, and the jobs that go to it."""

    name: str
    printer: Printer
    media: Media
    takes: Callable[[PrintJob], bool]
