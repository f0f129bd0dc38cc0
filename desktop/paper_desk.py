"""Labels and documents as print jobs, for the command line and the window: looked over for their printer, asked for, carried out.

The one thing a newcomer would get wrong: everything that is asked for at once is rendered for its printer first, and one
label that will not do stops all of them. What is kept and sent is rendered by the spooler, as for any other job.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import sqlalchemy as sa

from core.kernel.executor import Failed, Work
from core.kernel.flow import PrintMoved, Stamp
from core.kernel.printing import job_id
from core.kernel.refusal import Fault
from core.kernel.spool import JobState, PrintJob
from core.kernel.tables import rows_of, sql_of
from core.packing.commands import ENCLOSED, SavePaperRule
from core.packing.contents import HouseLabel
from core.packing.model import PaperRule
from core.printers.asking import JOBS_AT_ONCE, asked_for, paper_jobs
from core.printers.commands import NOT_PRINTED, REPRINT_REASONS, RepeatPrintJob
from desktop.assembly import Assembly
from desktop.messages import job_words, refusal_words, trouble_words
from desktop.options import AnswerIsNo
from desktop.paperwork import job_named
from desktop.planning import stamp
from desktop.print_room import DOCUMENT_MEDIA, LABEL_MEDIA, NOWHERE, Routes, media_of, spoolers, virtual_printer
from printing.kinds import Content, kind_named, kind_of
from printing.media import Media

PRINT_MOST = 500
"""Jobs of one call: more is a mistyped range, or a roll for the print shop."""
LABEL, DOCUMENT = "label", "document"
_UNDER_WAY = (JobState.QUEUED, JobState.SENDING, JobState.SENT)
_PATIENCE_S, _HELD_S = 12.0, 2.0
"""Without any news, while a job is under way, and while all that is left is held."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where jobs go."""

    name: str
    """Of the printer; empty where none is assigned."""
    media: Media


def target_of(assembly: Assembly, content: Content, role: str, outlet: str) -> Target:
    """Return the printer that such paper goes to, with what is loaded in it.

    Raises:
        Fault: there is no printer of that name.
    """
    with assembly.database.reading() as reader:
        routes = Routes.read(assembly, reader)
    if outlet and outlet not in routes.printers:
        raise Fault(f"there is no printer {outlet}: `dockside printers list` names them")
    name = routes.printer_of(paper_jobs(stamp(assembly), [content], printer=role, outlet=outlet)[0])
    if name == NOWHERE:
        return Target(NOWHERE, DOCUMENT_MEDIA if role == DOCUMENT else LABEL_MEDIA)
    return Target(name, media_of(routes.printers[name]))


def printer_of(assembly: Assembly, job: PrintJob) -> str:
    """Return the printer that a job goes to; empty where none is assigned."""
    with assembly.database.reading() as reader:
        return job.outlet or Routes.read(assembly, reader).printer_of(job)


def again(assembly: Assembly, wanted: str, reason: str) -> PrintJob:
    """Ask for something once more, and return the new job.

    Raises:
        Fault: there is no such job, or the reason is none.
        AnswerIsNo: it was refused, or is a parcel's label, whose parcel must know its new one.
    """
    if reason not in (*REPRINT_REASONS, NOT_PRINTED):
        raise Fault(f"{reason!r} is none of {', '.join((*REPRINT_REASONS, NOT_PRINTED))}")
    with assembly.database.reading() as reader:
        before = job_named(reader, assembly.identity.site, wanted)
    if before.document == HouseLabel.KIND:
        raise AnswerIsNo("the label of a parcel is printed once more at a bench: scan the parcel, then Reprint")
    command = RepeatPrintJob(**stamp(assembly), job=before.id, reason=reason)
    run(assembly, Work(command=command))
    return replace(before, id=job_id(command, "again"))


def refuse_secret(content: Content) -> None:
    """Let pass what the spool may keep.

    Raises:
        AnswerIsNo: it gives a right to whoever holds it.
    """
    if kind_named(kind_of(content)).once:
        raise AnswerIsNo(
            "a badge's code is a secret that no record keeps, and a print job is one: name a file with --out"
        )


def refuse_many(contents: Sequence[Content]) -> None:
    """Let pass what is printed at once.

    Raises:
        AnswerIsNo: it is too much.
    """
    if len(contents) > PRINT_MOST:
        raise AnswerIsNo(f"{len(contents)} labels, at most {PRINT_MOST} are printed at once; --out makes files of more")


def ask(
    assembly: Assembly, contents: Sequence[Content], role: str, *, outlet: str = "", language: str = "",
    customer: str = "", base: Callable[[], Stamp] | None = None,
) -> tuple[PrintJob, ...]:  # fmt: skip
    """Put contents of one kind into the spool, and return their jobs.

    Args:
        assembly: the station.
        contents: of one kind, looked over.
        role: ``label`` or ``document``.
        outlet: the printer they are for; by default the routes decide.
        language: of our own words on them.
        customer: whose templates they take.
        base: stamps of whoever asks; the system's by default.

    Raises:
        AnswerIsNo: they are too many, a secret, or nobody may.
    """
    refuse_many(contents)
    refuse_secret(contents[0])
    jobs: list[PrintJob] = []
    for start in range(0, len(contents), JOBS_AT_ONCE):
        stamped = stamp(assembly) if base is None else base()
        some = paper_jobs(
            stamped, contents[start : start + JOBS_AT_ONCE], printer=role, outlet=outlet, language=language,
            customer=customer,
        )  # fmt: skip
        run(assembly, asked_for(stamped, some))
        jobs += some
    return tuple(jobs)


def run(assembly: Assembly, work: Work) -> None:
    """Do a work.

    Raises:
        AnswerIsNo: it was refused.
    """
    outcome = assembly.submit(work).result()
    if isinstance(outcome, Failed):
        raise AnswerIsNo(refusal_words(outcome.refusal))


def rules(assembly: Assembly) -> list[dict[str, Any]]:
    """Return which labels are printed with cartons, by shop and customer."""
    table = sql_of(PaperRule)
    with assembly.database.reading() as reader:
        query = table.select().where(table.c.site == assembly.identity.site).order_by(table.c.channel, table.c.customer)
        found = rows_of(PaperRule, reader.execute(query))
    return [
        {"channel": each.channel, "customer": each.customer, "papers": [_short(kind) for kind in each.kinds]}
        for each in found
    ]


def _short(kind: str) -> str:
    return kind.removesuffix("_label").replace("_", "-")


def save_rule(assembly: Assembly, channel: str, customer: str, papers: Sequence[str]) -> None:
    """Say which labels are printed with the cartons of a shop or customer; none takes the rule out.

    Raises:
        Fault: such a label does not go with a carton.
        AnswerIsNo: it was refused.
    """
    known = {_short(kind): kind for kind in ENCLOSED}
    for each in papers:
        if each not in known:
            raise Fault(f"{each!r} does not go with a carton: {', '.join(known)}")
    kinds = ",".join(dict.fromkeys(known[each] for each in papers))
    table, site = sql_of(PaperRule), assembly.identity.site
    with assembly.database.reading() as reader:
        query = sa.select(table.c.version).where(
            table.c.site == site, table.c.channel == channel, table.c.customer == customer
        )
        version = int(reader.execute(query).scalar_one_or_none() or 0)
    rule = PaperRule(site, channel, customer, kinds, version + 1)
    run(assembly, Work(command=SavePaperRule(**stamp(assembly), rule=rule, base_version=version)))


def carry(assembly: Assembly, jobs: Sequence[PrintJob]) -> tuple[PrintJob, ...]:
    """Let the printers of this station print until these jobs are out, or wait for somebody; return how they are then."""
    news = Event()

    def heard(_event: PrintMoved) -> None:
        news.set()

    with ExitStack() as stack:
        ports = stack.enter_context(virtual_printer(assembly.home.folder / "printed")) if assembly.simulated else None
        stack.enter_context(spoolers(assembly, heard, ports))
        last = time.monotonic()
        while True:
            now = _again(assembly, jobs)
            open_now = [each for each in now if each.state in (*_UNDER_WAY, JobState.HELD, JobState.FAILED_CLEAN)]
            patience = _PATIENCE_S if any(each.state in _UNDER_WAY for each in open_now) else _HELD_S
            if not open_now or time.monotonic() > last + patience:
                return now
            if news.wait(0.2):
                news.clear()
                last = time.monotonic()


def jobs_of(assembly: Assembly, renderings: Sequence[str]) -> tuple[PrintJob, ...]:
    """Return the jobs of bytes that came from outside, by their digests."""
    table = sql_of(PrintJob)
    with assembly.database.reading() as reader:
        query = table.select().where(table.c.site == assembly.identity.site, table.c.rendering.in_(list(renderings)))
        return rows_of(PrintJob, reader.execute(query.order_by(table.c.created_at, table.c.id)))


def _again(assembly: Assembly, jobs: Sequence[PrintJob]) -> tuple[PrintJob, ...]:
    table, ids = sql_of(PrintJob), [each.id for each in jobs]
    with assembly.database.reading() as reader:
        query = table.select().where(table.c.site == assembly.identity.site, table.c.id.in_(ids))
        found = {each.id: each for each in rows_of(PrintJob, reader.execute(query))}
    return tuple(found[each.id] for each in jobs)


def told(printer: str, jobs: Sequence[PrintJob]) -> dict[str, Any]:
    """Return what became of jobs, for a program."""
    states: dict[str, int] = {}
    for each in jobs:
        states[each.state.value] = states.get(each.state.value, 0) + 1
    return {
        "kind": jobs[0].document, "jobs": [each.id.hex() for each in jobs], "printer": printer, "states": states,
        "fault": next((each.fault for each in jobs if each.fault), ""),
    }  # fmt: skip


def sentence(facts: dict[str, Any]) -> str:
    """Return what became of jobs, as people read it."""
    states = ", ".join(f"{count} {job_words(state)}" for state, count in facts["states"].items())
    where = f" at {facts['printer']}" if facts["printer"] else ""
    fault = f" ({trouble_words(facts['fault'])})" if facts["fault"] else ""
    return f"{len(facts['jobs'])} jobs{where}: {states}{fault}"


def all_out(jobs: Sequence[PrintJob]) -> bool:
    """Say whether it is known of all of them that they came out."""
    return all(each.state in (JobState.PRINTED, JobState.APPLIED) for each in jobs)
