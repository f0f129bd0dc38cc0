"""The print spool's rows: what is to be printed, as content, and how far each job has come.

A job is a row of the transaction that needs it; rendering, sending and asking the printer happen after the commit
(`printing/spooler.py`) and each state a job reaches is a command. The rule that matters: once the first byte has left,
a job is never sent again by itself.
"""

from enum import StrEnum

from core.kernel.ids import JobId, PersonId, SiteId
from core.kernel.tables import Row, TableClass, table


class JobState(StrEnum):
    """How far a print job has come (devices.md 2.4)."""

    QUEUED = "queued"
    HELD = "held"
    """The printer cannot print now: nothing was sent."""
    SENDING = "sending"
    """Written before the first byte leaves."""
    SENT = "sent"
    UNKNOWN = "unknown"
    """Bytes left, and nobody knows whether a label came out: the operator looks."""
    PRINTED = "printed"
    APPLIED = "applied"
    """Its label was scanned back."""
    FAILED_CLEAN = "failed_clean"
    """No byte left us: may be tried again."""
    VOIDED = "voided"


CARTON_OPENED = "its carton was opened again"
"""Why paper of a carton is void that was not asked for once more."""

ORDER_CANCELLED = "its order was cancelled"
"""Why paper of a carton is void that waited for a printer when nobody wanted the carton any more."""

OPEN_STATES = (JobState.QUEUED, JobState.HELD, JobState.FAILED_CLEAN)
"""States from which the spooler may send without anybody's word."""

UNDER_WAY = (JobState.SENDING, JobState.SENT)
"""States of which nobody knows anything once the program has ended."""


class ConfirmedBy(StrEnum):
    """How it is known that a label came out (devices.md 2.4)."""

    NOBODY = ""
    COUNTER = "counter"
    """The printer had counted exactly the job's labels when all was out."""
    ALERT = "alert"
    """The printer said by itself that the job was done."""
    STATUS = "status"
    """It printed, and then it did not, and named no trouble."""
    SERVER = "server"
    """A print server or queue says that it was printed."""
    PERSON = "person"
    """Somebody has it in hand."""
    SCAN = "scan"
    """Its own code was scanned."""


@table(
    TableClass.LOCAL,
    key=("site", "id"),
    unique={"carton": ("site", "carton", "id")},
    indexes={"print_job_state": ("site", "state", "created_at"), "print_job_outlet": ("site", "outlet", "sent_at")},
)
class PrintJob(Row):
    """One document to print, once."""

    site: SiteId
    id: JobId
    created_at: int
    document: str
    """Content kind, such as ``house_label``; with `version` it says how `content` is read."""
    version: int
    content: str
    """Canonical JSON of the content."""
    printer: str
    """The role of printer it needs: ``label`` or ``document``."""
    subject: bytes
    """What it is about: the parcel, the manifest."""
    code: str
    """The code on it that proves it when scanned back; empty where there is none."""
    copy_number: int
    state: JobState
    attempts: int
    rendering: str
    """SHA-256 of the bytes that were (or will be) sent, kept as a blob; empty before rendering."""
    fault: str
    """Why it is held or failed, for people."""
    reprint_of: JobId | None
    operator: PersonId
    """Who asked for it."""
    reason: str
    """Why it is printed once more; empty for the first print."""
    outlet: str
    """The printer it is for by somebody's word, or was sent to; empty while the routes decide."""
    pages: int
    """Labels or sheets that it is; 0 before rendering."""
    sent_at: int
    """When its first byte was about to leave; 0 where none was."""
    awaits: int
    """Where the printer's counter stands once it has come out; 0 where nobody counts."""
    confirmed_by: ConfirmedBy
    moved_at: int
    """When it reached its state."""
    template: str = ""
    """What made the rendering: templates with their versions, and what they had to shorten (`packing_slip 1, acme.toml 3`)."""
    language: str = ""
    """Of our own words on it; empty where a template says, else English."""
    customer: str = ""
    """Whose templates it takes, beside those of the shop it was ordered at."""
    carton: str = ""
    """The label number of the carton it goes with, on it or in it; it is void with that. Empty for other paper."""

    @property
    def may_lie_about(self) -> bool:
        """Return whether a byte of it left us: there may be paper, on a carton or on the floor, whatever it is now."""
        return self.attempts > 0 and self.state not in OPEN_STATES


@table(TableClass.LOCAL, key=("site", "outlet"))
class SentLast(Row):
    """The bytes that a printer was sent last.

    They are kept by the commit that says that they leave: the disk is waited for once before the first byte, and their
    file becomes durable while the label is printed. After an end in between the file is made of them.
    """

    site: SiteId
    outlet: str
    job: JobId
    data: bytes
