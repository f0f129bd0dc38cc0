"""Where the station's screen of printers speaks to them: the spoolers as they run, and the rows that say what waits."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.kernel.spool import JobState, PrintJob
from core.printers.model import PrinterRow, printer_subject
from core.printers.queries import jobs_in, open_jobs, printers_of, routes_of
from core.station.printers import PrinterStand, WaitingJob
from printing.media import Language
from printing.spooler import Spooler

if TYPE_CHECKING:
    from desktop.assembly import Assembly

_PAPER = (Language.PDF, Language.PNG)
_TEST_STATES = (JobState.QUEUED, JobState.HELD, JobState.SENDING, JobState.SENT, JobState.UNKNOWN, JobState.PRINTED)


class PrintDesk:
    """The printers of one station."""

    def __init__(self, assembly: "Assembly") -> None:
        """Stand beside a station whose spoolers may not run yet."""
        self._assembly = assembly

    def stand(self, connection: sa.Connection) -> tuple[PrinterStand, ...]:
        """Return how each printer of this station was when it was last asked."""
        site, here = self._assembly.identity.site, self._assembly.identity.station.hex()
        printers = {each.name: each for each in printers_of(connection, site)}
        routes = [each for each in routes_of(connection, site) if each.station in ("", here)]
        fallbacks = {each.printer: each.fallback for each in routes if each.fallback in printers}
        waiting = open_jobs(connection, site)
        others = jobs_in(connection, site, *_TEST_STATES)
        # The one without a name holds what no printer is assigned to.
        spools = [spool for spool in self._assembly.spools if spool.outlet.name]
        return tuple(self._stand(spool, printers, fallbacks, waiting, others) for spool in spools)

    def look(self) -> None:
        """Ask them all."""
        for each in self._assembly.spools:
            each.look()

    def hold(self, name: str) -> None:
        """Send nothing to a printer but its test label."""
        for each in self._named(name):
            each.hold()

    def resume(self, name: str) -> None:
        """Go on."""
        for each in self._named(name):
            each.resume()

    def calibrate(self, name: str) -> None:
        """Let it measure its labels."""
        for each in self._named(name):
            each.calibrate()

    def _named(self, name: str) -> list[Spooler]:
        return [each for each in self._assembly.spools if each.outlet.name == name]

    def _stand(
        self, spool: Spooler, printers: Mapping[str, PrinterRow], fallbacks: Mapping[str, str],
        waiting: Iterable[PrintJob], others: Iterable[PrintJob],
    ) -> PrinterStand:  # fmt: skip
        name, media, seen = spool.outlet.name, spool.outlet.media, spool.seen
        row, fallback = printers.get(name), fallbacks.get(name, "")
        tests = [job for job in others if job.subject == printer_subject(name)]
        doubts = [job for job in others if job.state is JobState.UNKNOWN and job.outlet == name and job not in tests]
        return PrinterStand(
            name=name,
            place="" if row is None else row.place,
            media="" if row is None else row.media,
            width_mm=round(media.width_mm),
            height_mm=round(media.height_mm),
            troubles="" if seen is None else ",".join(seen.troubles),
            known=seen is not None,
            has_roll=media.language not in _PAPER,
            changing=spool.changing,
            waiting=tuple(_told(job) for job in waiting if spool.outlet.takes(job) and job not in tests),
            doubts=tuple(map(_told, doubts)),
            test=_told(tests[-1]) if tests else None,
            fallback=fallback,
            fallback_place=printers[fallback].place if fallback else "",
        )


def _told(job: PrintJob) -> WaitingJob:
    return WaitingJob(job.id, job.document, job.code, job.subject, job.fault)
