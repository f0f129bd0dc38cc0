"""The print spool's rows: what is to be printed, as content, and how far each job has come.

A job is a row of the transaction that needs it; rendering, sending and asking the printer happen after the commit
(`printing/spooler.py`) and each state a job reaches is a command. The rule that matters: once the first byte has left,
a job is never sent again by itself.
"""

from enum import StrEnum

from core.kernel.ids import JobId, SiteId
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


OPEN_STATES = (JobState.QUEUED, JobState.HELD, JobState.FAILED_CLEAN)
"""States from which the spooler may send without anybody's word."""


@table(TableClass.LOCAL, key=("site", "id"), indexes={"print_job_state": ("site", "state", "created_at")})
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
