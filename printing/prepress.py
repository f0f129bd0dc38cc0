"""Prepress: the bytes a job is sent as, made of its content or taken as somebody else gave them, and kept before one leaves.

The one thing a newcomer would get wrong: what is kept is what is sent. Bytes that came from outside are kept as they
came too, but a label that goes without its printer's settings has another rendering than the file it came in.
"""

from dataclasses import dataclass
from typing import TypedDict

from core.cases.queries import looked_at
from core.kernel import codec
from core.kernel.refusal import Fault
from core.kernel.spool import PrintJob
from printing.fault import LabelFault
from printing.foreign import DOCUMENT, judge, to_look_at, to_send
from printing.ledger import Surroundings
from printing.media import Media, fits

Stand = tuple[tuple[str, int], ...]
"""What may make a job printable that was not: which templates there are, when each was changed, and how many labels somebody looked at."""


class Unprintable(Fault):
    """A job that cannot be printed as it is, whoever prints it: somebody has to mend it."""

    def __init__(self, fault: str, *facts: tuple[str, str]) -> None:
        """Say why, and what else whoever mends it has to know."""
        super().__init__(fault)
        self.facts = facts


class Kept(TypedDict, total=False):
    """What a job's row keeps of its rendering."""

    rendering: str
    pages: int
    template: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """A job's bytes, as everybody can read them by now."""

    digest: str
    data: bytes
    pages: int
    template: str
    durable: bool = False
    """Whether they would be here after an end without a word too; else the commit that says that they leave keeps them."""

    def kept(self) -> Kept:
        """Return what the job's row keeps of it."""
        return {"rendering": self.digest, "pages": self.pages, "template": self.template}


def rendered(around: Surroundings, job: PrintJob, media: Media) -> Rendering:
    """Return the bytes of a job for what is loaded in a printer.

    Raises:
        Unprintable: it cannot be laid out, or must not go to that printer.
    """
    if job.document == DOCUMENT:
        return _foreign(around, job, media)
    if job.rendering and job.pages and around.blobs.has(job.rendering):
        # What was kept is what is sent: a template that changed meanwhile changes no job. Only where it was made
        # for another printer, and never left us, it is made anew: bytes for 203 dpi are no label at 300.
        kept = around.blobs.get(job.rendering)
        if fits(kept, media):
            return Rendering(job.rendering, kept, job.pages, job.template, durable=True)
    # Its libraries take a tenth of a second to load, which the first prompt of the day does not wait for.
    from printing.render import content_type, render

    try:
        content = codec.from_text(content_type(job.document), job.content)
        made = render(
            content, media=media, copy=job.copy_number, job=job.id.hex(), language=job.language,
            customer=job.customer, templates=around.templates,
        )  # fmt: skip
    except (LabelFault, codec.CodecError) as fault:
        raise Unprintable(str(fault)) from fault
    return Rendering(around.blobs.lay(made.data), made.data, made.pages, made.made_by)


def _foreign(around: Surroundings, job: PrintJob, media: Media) -> Rendering:
    """Return what is sent of somebody else's bytes, if they may go to this printer, and say what was done to them."""
    said, blobs = codec.parse(job.content), around.blobs
    digest = str(said.get("sha256", ""))
    if not blobs.has(digest):
        raise Unprintable(f"the bytes {digest[:12]} of {job.document} are not here any more")
    data = blobs.get(digest)
    dpi, number = int(said.get("dpi", 0)), str(said.get("tracking", ""))
    found = judge(data, dpi=dpi, media=media, bare=True, number=number, unread=bool(said.get("unread")))
    if found.may_be_looked_at and (bytes(job.subject), digest) in _looked_at(around):
        found = judge(data, dpi=dpi, media=media, bare=True, number=number, unread=True)
    if not found.passes:
        first = found.first
        facts = [("byte", str(first.at)), ("command", first.command), ("reason", first.reason), ("sha256", digest)]
        if found.may_be_looked_at:
            # Its printer was not known, or was another one, when it was taken in.
            facts += [("unread", "1"), ("picture", blobs.put(to_look_at(data, found, media, dpi=dpi)))]
        raise Unprintable(f"{job.document}: {found.why_not}", *facts)
    sent = to_send(data, found, dpi=dpi, media=media, job=job.id.hex())
    return Rendering(blobs.lay(sent.data), sent.data, found.labels, f"{job.document}, {sent.how}")


def _looked_at(around: Surroundings) -> frozenset[tuple[bytes, str]]:
    with around.reading() as reader:
        return looked_at(reader, around.site)


def stand_of(around: Surroundings) -> Stand:
    """Return how what may make a job printable stands now."""
    eyes, folder = (("", len(_looked_at(around))),), around.templates
    try:
        found = () if folder is None else sorted(folder.iterdir())
        return (*eyes, *((each.name, each.stat().st_mtime_ns) for each in found))
    except OSError:
        # There is no such folder, or somebody is just writing into it: the next look tells.
        return eyes
