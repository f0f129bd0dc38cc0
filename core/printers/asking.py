"""Paper that somebody asks for by itself: labels of a range or a list, a document; jobs as any other's, with who asked.

The one thing to know: what such paper says (an address, a secret) stands in this station's spool alone. The command that
travels names the jobs and what kind they are.
"""

from collections.abc import Iterable

from core.kernel import codec
from core.kernel.executor import Work
from core.kernel.flow import Stamp
from core.kernel.printing import job_id
from core.kernel.spool import ConfirmedBy, JobState, PrintJob
from core.printers.commands import PrintPaper

JOBS_AT_ONCE = 250
"""Jobs of one command: their rows are written in one transaction."""


def paper_jobs(
    base: Stamp, contents: Iterable[object], *, printer: str, outlet: str = "", language: str = "", customer: str = ""
) -> tuple[PrintJob, ...]:
    """Return the jobs of contents of one kind, which a command with that stamp asks for.

    Args:
        base: of the command.
        contents: frozen dataclasses with `KIND` and `VERSION`.
        printer: ``label`` or ``document``.
        outlet: the printer they are for, by name; by default the routes decide.
        language: of our own words on them; by default what a template says.
        customer: whose templates they take.
    """
    # Each is asked for a millisecond after the one before: they come out in the order of the walk.
    asking = PrintPaper(**base, document="", jobs=())
    jobs = []
    for n, content in enumerate(contents):
        job = job_id(asking, str(n))
        code = str(getattr(content, "code", "") or getattr(content, "sscc", ""))
        kind, version = str(getattr(type(content), "KIND")), int(getattr(type(content), "VERSION"))  # noqa: B009
        jobs.append(
            PrintJob(
                base["site"], job, base["at"] + n, kind, version, codec.to_text(content), printer, job, code, 1,
                JobState.QUEUED, 0, "", "", None, base["actor"], "", outlet, 0, 0, 0, ConfirmedBy.NOBODY, base["at"],
                language=language, customer=customer,
            )
        )  # fmt: skip
    return tuple(jobs)


def asked_for(base: Stamp, jobs: tuple[PrintJob, ...]) -> Work:
    """Return the work that asks for such jobs: all of one kind, at most `JOBS_AT_ONCE`."""
    kind = jobs[0].document if jobs else ""
    asking = PrintPaper(**base, document=kind, jobs=tuple(each.id for each in jobs))
    values = PrintJob.TABLE.reader(PrintJob.TABLE.columns)
    return Work(command=asking, private={PrintJob: [values(each) for each in jobs]})
