"""Commands of the print spool: each state a job reaches is one, written before or after the act it is about.

The spooler runs them as the system; an operator's word about a doubtful job comes through the flow. Asking for a print
is not here: a job is a row of the transaction that needs it (`spool_job`).
"""

from core.kernel import codec
from core.kernel.commands import Command, OpClass, Read, Reads, command
from core.kernel.ids import NO_ID, JobId, derive
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import CARTON_OPENED, OPEN_STATES, ORDER_CANCELLED, ConfirmedBy, JobState, PrintJob
from core.kernel.uow import UnitOfWork

_NEXT: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.HELD, JobState.SENDING, JobState.FAILED_CLEAN, JobState.VOIDED}),
    # What it waits for may be another thing by now: paper was loaded, and it is the wrong one.
    JobState.HELD: frozenset(
        {JobState.HELD, JobState.QUEUED, JobState.SENDING, JobState.FAILED_CLEAN, JobState.VOIDED}
    ),
    JobState.FAILED_CLEAN: frozenset({JobState.QUEUED, JobState.HELD, JobState.SENDING, JobState.VOIDED}),
    JobState.SENDING: frozenset({JobState.SENT, JobState.UNKNOWN, JobState.FAILED_CLEAN, JobState.VOIDED}),
    JobState.SENT: frozenset({JobState.PRINTED, JobState.UNKNOWN, JobState.APPLIED, JobState.VOIDED}),
    JobState.UNKNOWN: frozenset({JobState.PRINTED, JobState.APPLIED, JobState.VOIDED}),
    JobState.PRINTED: frozenset({JobState.APPLIED, JobState.VOIDED}),
    JobState.APPLIED: frozenset({JobState.VOIDED}),
    JobState.VOIDED: frozenset(),
}


def may_become(state: JobState, new: JobState) -> bool:
    """Return whether a job may go from one state to another."""
    return new in _NEXT[state]


def job_id(command: Command, purpose: str) -> JobId:
    """Return the id of the job that a command asks for."""
    return JobId(derive(command.id, f"print {purpose}"))


def spool_job(
    uow: UnitOfWork,
    command: Command,
    content: object,
    *,
    purpose: str,
    printer: str,
    subject: bytes,
    code: str,
    copy_number: int = 1,
    reprint_of: JobId | None = None,
    reason: str = "",
    outlet: str = "",
    language: str = "",
    customer: str = "",
    rendering: str = "",
    pages: int = 0,
    carton: str = "",
) -> JobId:
    """Put content into the spool as part of a command, and return the job's id.

    Args:
        uow: the command's unit of work.
        command: the command that needs the paper.
        content: a frozen dataclass with the class attributes `KIND` and `VERSION`.
        purpose: tells several jobs of one command apart.
        printer: ``label`` or ``document``.
        subject: id of what it is about.
        code: the code on it that proves it when scanned back; empty for none.
        copy_number: 1 for the first print.
        reprint_of: the job it repeats.
        reason: why it is printed once more.
        outlet: the printer it is for, by name; by default the routes decide.
        language: of our own words on it; by default what a template says.
        customer: whose templates it takes.
        rendering: SHA-256 of the bytes, where they came from outside and are kept already.
        pages: pieces of paper that they are then.
        carton: the label number of the carton that the paper goes with.
    """
    job = job_id(command, purpose)
    if uow.at_origin:
        kind, version = str(getattr(type(content), "KIND")), int(getattr(type(content), "VERSION"))  # noqa: B009
        uow.insert(
            PrintJob(
                command.site, job, command.at, kind, version, codec.to_text(content), printer, subject, code,
                copy_number, JobState.QUEUED, 0, rendering, "", reprint_of, command.actor, reason, outlet, pages, 0, 0,
                ConfirmedBy.NOBODY, command.at, language=language, customer=customer, carton=carton,
            )
        )  # fmt: skip
    return job


@command("print.move", OpClass.FACT, permission="print.run")
class MovePrintJob(Command):
    """A print job reached a state."""

    job: JobId
    state: JobState
    rendering: str = ""
    """SHA-256 of the bytes, once they are kept."""
    fault: str = ""
    outlet: str = ""
    """The printer it is sent to."""
    pages: int = 0
    awaits: int = 0
    """Where the printer's counter stands once it has come out; 0 where nobody counts."""
    confirmed_by: ConfirmedBy = ConfirmedBy.NOBODY
    template: str = ""
    """Which templates made the rendering, once there is one."""

    def reads(self) -> Reads:
        """Return the job."""
        return {PrintJob: [(self.site, self.job)]}

    def check(self, read: Read) -> Refusal | None:
        """Refuse a job that is gone or cannot come to this state."""
        row = read.get(PrintJob, (self.site, self.job))
        if row is None:
            return Refusal(Reason.NOT_FOUND)
        if not may_become(row.state, self.state):
            return Refusal(Reason.CHANGED_MEANWHILE, {"state": row.state, "wanted": self.state})
        return None

    def apply(self, uow: UnitOfWork) -> None:
        """Write the state; sending counts as an attempt, whose printer and counter are its own."""
        row = uow.get(PrintJob, (self.site, self.job))
        if row is None:
            return
        sending = self.state is JobState.SENDING
        uow.update(
            row,
            state=self.state,
            attempts=row.attempts + sending,
            rendering=self.rendering or row.rendering,
            template=self.template or row.template,
            fault=self.fault,
            outlet=self.outlet or row.outlet,
            pages=self.pages or row.pages,
            sent_at=self.at if sending else row.sent_at,
            awaits=self.awaits if sending else row.awaits,
            confirmed_by=self.confirmed_by or row.confirmed_by,
            moved_at=self.at,
        )


def settle_job(uow: UnitOfWork, command: Command, job: bytes, state: JobState) -> None:
    """Bring a job to a state as part of another command (scan-back, void), if it may come there."""
    row = uow.get(PrintJob, (command.site, job)) if job != NO_ID else None
    if row is not None and may_become(row.state, state):
        settled_by = ConfirmedBy.SCAN if state is JobState.APPLIED else row.confirmed_by
        uow.update(row, state=state, confirmed_by=settled_by, moved_at=command.at)


def void_paper(uow: UnitOfWork, command: Command, carton: str) -> tuple[str, ...] | None:
    """Void everything that was asked for here with a carton's label number, as part of the command that ends the number.

    Returns:
        The content kinds of which paper may lie about; None where nothing was asked for here: the carton was closed
        elsewhere, and what came out there nobody knows here.
    """
    jobs = _paper_of(uow, command, carton)
    out = []
    for job in jobs:
        if job.may_lie_about:
            out.append(job.document)
        if may_become(job.state, JobState.VOIDED):
            uow.update(job, state=JobState.VOIDED, fault=CARTON_OPENED, moved_at=command.at)
    return tuple(dict.fromkeys(out)) if jobs else None


def void_waiting(uow: UnitOfWork, command: Command, carton: str) -> tuple[str, ...]:
    """Void what waits for a printer of a carton that nobody wants any more, as part of the command that says so.

    What left for a printer stays as it is: it comes out, or nobody knows, and whoever takes the carton apart is told.

    Returns:
        The content kinds of which paper may lie about.
    """
    jobs = _paper_of(uow, command, carton)
    for job in jobs:
        if job.state in OPEN_STATES:
            uow.update(job, state=JobState.VOIDED, fault=ORDER_CANCELLED, moved_at=command.at)
    return tuple(dict.fromkeys(job.document for job in jobs if job.may_lie_about))


def _paper_of(uow: UnitOfWork, command: Command, carton: str) -> list[PrintJob]:
    jobs = uow.find(PrintJob, "carton", [(command.site, carton)]).values() if uow.at_origin and carton else ()
    return sorted(jobs, key=lambda each: (each.created_at, each.id))
