"""Edits of printers and routes, and people's words about a job: printed once more, it came out, it goes elsewhere."""

from core.catalog.contents import WorkstationLabel
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import JobId
from core.kernel.printing import job_id, may_become, settle_job, spool_job
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import OPEN_STATES, ConfirmedBy, JobState, PrintJob
from core.kernel.uow import UnitOfWork
from core.people.model import Person
from core.people.roles import reprints_free
from core.printers.contents import DarknessLadder
from core.printers.model import PrinterRow, PrintRoute, printer_subject

REPRINT_LIMIT = "reprint_limit"
"""What a supervisor passes who lets more copies be printed."""
NOT_PRINTED = "NOT_PRINTED"
"""Why something is printed once more that never came out."""
REPRINT_REASONS = ("JAM", "DAMAGED", "LOST", "WRONG_PRINTER")


@command("print.save_printer", OpClass.EDIT, permission="stations.edit")
class SavePrinter(Command):
    """Write a printer."""

    printer: PrinterRow
    base_version: int
    """The version this edit was made on; 0 for a new one."""

    def reads(self) -> Reads:
        """Return the printer."""
        return {PrinterRow: [(self.site, self.printer.name)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse one of another site, and an edit of a row that somebody changed meanwhile."""
        if self.printer.site != self.site or not self.printer.name:
            return Refusal(Reason.NOT_FOUND, {"printer": self.printer.name})
        return _changed(read.get(PrinterRow, (self.site, self.printer.name)), self.base_version)

    def apply(self, uow: UnitOfWork) -> None:
        """Write it."""
        uow.put(self.printer)


@command("print.save_route", OpClass.EDIT, permission="stations.edit")
class SaveRoute(Command):
    """Write what goes to which printer; a route to no printer is none, and is taken out."""

    route: PrintRoute
    base_version: int

    def reads(self) -> Reads:
        """Return the route and the printers it names."""
        names = filter(None, (self.route.printer, self.route.fallback))
        return {
            PrintRoute: [self.route.TABLE.key_of(self.route)],
            PrinterRow: [(self.site, name) for name in names],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse a printer that there is not, itself as its fallback, and an edit of what changed meanwhile."""
        route = self.route
        if route.site != self.site or (route.fallback and route.fallback == route.printer):
            return Refusal(Reason.NOT_FOUND, {"printer": route.fallback})
        for name in filter(None, (route.printer, route.fallback)):
            if read.get(PrinterRow, (self.site, name)) is None:
                return Refusal(Reason.NOT_FOUND, {"printer": name})
        return _changed(read.get(PrintRoute, route.TABLE.key_of(route)), self.base_version)

    def apply(self, uow: UnitOfWork) -> None:
        """Write it, or take it out."""
        if self.route.printer:
            uow.put(self.route)
            return
        row = uow.get(PrintRoute, self.route.TABLE.key_of(self.route))
        if row is not None:
            uow.delete(row)


@command("print.remove_printer", OpClass.EDIT, permission="stations.edit")
class RemovePrinter(Command):
    """A printer is taken off: nothing goes to it any more, and it is nobody's fallback."""

    printer: str
    routes: tuple[PrintRoute, ...]
    """Those that name it, as they stood."""
    base_version: int

    def reads(self) -> Reads:
        """Return the printer and the routes."""
        return {
            PrinterRow: [(self.site, self.printer)],
            PrintRoute: [each.TABLE.key_of(each) for each in self.routes],
        }

    def check(self, read: Read) -> Refusal | None:
        """Refuse one that there is not, and an edit of what somebody changed meanwhile."""
        row = read.get(PrinterRow, (self.site, self.printer))
        if row is None:
            return Refusal(Reason.NOT_FOUND, {"printer": self.printer})
        found = (_changed(read.get(PrintRoute, each.TABLE.key_of(each)), each.version) for each in self.routes)
        return _changed(row, self.base_version) or next(filter(None, found), None)

    def apply(self, uow: UnitOfWork) -> None:
        """Take it out, and what goes to it; paper that waits for it waits for a printer from now on."""
        for each in self.routes:
            row = uow.get(PrintRoute, each.TABLE.key_of(each))
            if row is not None and row.printer == self.printer:
                uow.delete(row)
            elif row is not None and row.fallback == self.printer:
                uow.update(row, fallback="", version=row.version + 1)
        printer = uow.get(PrinterRow, (self.site, self.printer))
        if printer is not None:
            uow.delete(printer)


def _changed(row: PrinterRow | PrintRoute | None, base_version: int) -> Refusal | None:
    version = 0 if row is None else row.version
    return None if version == base_version else Refusal(Reason.CHANGED_MEANWHILE, {"version": version})


@command("print.repeat", OpClass.FACT, permission="print.reprint")
class RepeatPrintJob(Command):
    """A document is printed once more, with a reason; the one before is void.

    A parcel's label is not repeated so: its parcel must know its new job (`packing.reprint`).
    """

    job: JobId
    reason: str
    passed: int = 0
    """1 when a supervisor passed the limit."""

    def reads(self) -> Reads:
        """Return the job, and who asks."""
        return {PrintJob: [(self.site, self.job)], Person: [(self.site, self.actor)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a job that is gone or void, one that still prints by itself, and more copies than the role prints freely."""
        row = read.get(PrintJob, (self.site, self.job))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if row.state is JobState.VOIDED or row.state in OPEN_STATES:
            return Refusal(Reason.CHANGED_MEANWHILE, {"state": row.state})
        return beyond_limit(read.get(Person, (self.site, self.actor)), row.copy_number, self.passed)

    def apply(self, uow: UnitOfWork) -> None:
        """Void the job before, and ask for the same content once more."""
        before = uow.get(PrintJob, (self.site, self.job)) if uow.at_origin else None
        if before is None:
            return
        uow.insert(
            PrintJob(
                self.site, job_id(self, "again"), self.at, before.document, before.version, before.content,
                before.printer, before.subject, before.code, before.copy_number + 1, JobState.QUEUED, 0, "", "",
                before.id, self.actor, self.reason, "", 0, 0, 0, ConfirmedBy.NOBODY, self.at,
                language=before.language, customer=before.customer, carton=before.carton,
            )
        )  # fmt: skip
        settle_job(uow, self, self.job, JobState.VOIDED)


@command("print.confirm", OpClass.FACT, permission="print.reprint")
class ConfirmPrintJob(Command):
    """Somebody has the paper of a doubtful job in hand, or has scanned the paper of any."""

    job: JobId
    scanned: int = 0
    """1 when its own code was scanned and it is where it belongs: that ends the job, whatever was known of it."""

    def reads(self) -> Reads:
        """Return the job."""
        return {PrintJob: [(self.site, self.job)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a job that is gone or in no doubt; one whose paper was scanned, only before it was sent."""
        row = read.get(PrintJob, (self.site, self.job))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        may = may_become(row.state, JobState.APPLIED) if self.scanned else row.state is JobState.UNKNOWN
        return None if may else Refusal(Reason.CHANGED_MEANWHILE, {"state": row.state})

    def apply(self, uow: UnitOfWork) -> None:
        """Write that it came out."""
        row = uow.get(PrintJob, (self.site, self.job))
        reached = JobState.APPLIED if self.scanned else JobState.PRINTED
        if row is not None and may_become(row.state, reached):
            by = ConfirmedBy.SCAN if self.scanned else ConfirmedBy.PERSON
            uow.update(row, state=reached, confirmed_by=by, fault="", moved_at=self.at)


@command("print.send_elsewhere", OpClass.FACT, permission="floor.look")
class SendElsewhere(Command):
    """Jobs of which nothing was sent go to another printer than their route says."""

    jobs: tuple[JobId, ...]
    printer: str

    def reads(self) -> Reads:
        """Return the jobs and the printer."""
        return {PrintJob: [(self.site, each) for each in self.jobs], PrinterRow: [(self.site, self.printer)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a printer that there is not, and jobs of which a byte may have left."""
        if read.get(PrinterRow, (self.site, self.printer)) is None:
            return Refusal(Reason.NOT_FOUND, {"printer": self.printer})
        rows = [read.get(PrintJob, (self.site, each)) for each in self.jobs]
        if any(row is not None and row.state in OPEN_STATES for row in rows):
            return None
        return Refusal(Reason.CHANGED_MEANWHILE, {"printer": self.printer})

    def apply(self, uow: UnitOfWork) -> None:
        """Name the printer; what was rendered for the other one is rendered anew."""
        for each in self.jobs:
            row = uow.get(PrintJob, (self.site, each))
            if row is not None and row.state in OPEN_STATES:
                uow.update(
                    row, outlet=self.printer, state=JobState.QUEUED, fault="", rendering="", pages=0, template="", moved_at=self.at
                )  # fmt: skip


@command("print.test_label", OpClass.FACT, permission="print.reprint")
class PrintTestLabel(Command):
    """A printer prints a label that is only there to be scanned."""

    printer: str
    media: str = ""
    """What is loaded, by the house's word for it."""

    def reads(self) -> Reads:
        """Return nothing: whoever asks stands before it."""
        return {}

    def check(self, read: Read) -> Refusal | None:
        """Refuse nothing."""
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Ask for it, at that printer."""
        code = f"TEST-{job_id(self, 'test').hex()[-6:].upper()}"
        content = WorkstationLabel(code=code, name=self.printer, note=self.media)
        spool_job(
            uow, self, content, purpose="test", printer="label", subject=printer_subject(self.printer), code=code,
            outlet=self.printer,
        )  # fmt: skip


def beyond_limit(person: Person | None, copies: int, passed: int) -> Refusal | None:
    """Return the refusal of one more copy than somebody's roles print freely, which a supervisor may pass."""
    if passed or copies <= reprints_free("" if person is None else person.roles):
        return None
    return Refusal(Reason.REPRINT_LIMIT, {"copies": copies, "override": REPRINT_LIMIT})


@command("print.try_darkness", OpClass.FACT, permission="stations.edit")
class TryDarkness(Command):
    """A printer prints its darkness ladder: whoever sets it up scans the sharpest step."""

    printer: str

    def reads(self) -> Reads:
        """Return the printer."""
        return {PrinterRow: [(self.site, self.printer)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a printer that there is not."""
        row = read.get(PrinterRow, (self.site, self.printer))
        return None if row is not None else Refusal(Reason.NOT_FOUND, {"printer": self.printer})

    def apply(self, uow: UnitOfWork) -> None:
        """Spool the ladder in the printer's own language, for this printer and no other."""
        row = uow.get(PrinterRow, (self.site, self.printer))
        if row is not None:
            content = DarknessLadder(language=row.language, printer=row.name)
            spool_job(
                uow, self, content, purpose="ladder", printer="label", subject=job_id(self, "ladder"), code="", outlet=row.name
            )  # fmt: skip


@command("print.paper", OpClass.FACT, permission="print.paper")
class PrintPaper(Command):
    """Somebody asks for labels or a document; the jobs come beside it, into the spool of this station."""

    document: str
    """A content kind, such as ``location_label``."""
    jobs: tuple[JobId, ...]

    def reads(self) -> Reads:
        """Return nothing: what is asked for is made of what was read before."""
        return {}

    def check(self, read: Read) -> Refusal | None:
        """Refuse to print nothing."""
        return None if self.jobs else Refusal(Reason.NOT_FOUND, {"document": self.document})

    def apply(self, uow: UnitOfWork) -> None:
        """Write nothing: its jobs came beside it, at the station that prints them."""
