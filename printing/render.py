"""The door of this room: a content and the media that is loaded become the bytes of a job.

Pure: no clock, no chance, no port. The one thing a newcomer would get wrong: a rendering is made once, kept, and the
kept bytes are what is sent and sent again; only an internal copy is rendered anew, with its copy number.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from printing import epl2, escpos, lint, pdf, png, tspl, zpl
from printing.compose import Sheet, compose
from printing.fault import LabelFault
from printing.kinds import Content, kind_named, kind_of, lay_out
from printing.label import Document, Paper
from printing.media import DARKNESS, Language, Letters, Media, mark
from printing.media import check as check_media
from printing.typeset import OWN, PRINTER, Face


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The bytes of one job, and what made them."""

    data: bytes
    mime: str
    language: Language
    template: str
    template_version: int
    pages: int
    """Labels or sheets that come out."""
    templates: tuple[str, ...] = ()
    """Templates of the site that had a say, with their versions."""
    shortened: tuple[lint.Finding, ...] = ()
    """Prose of which it shows the beginning only."""

    @property
    def made_by(self) -> str:
        """Return which templates made it, with their versions, and what they had to shorten."""
        shortened = (f"{each.element} {each.reason}" for each in self.shortened)
        return ", ".join((f"{self.template} {self.template_version}", *self.templates, *shortened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a back end is given: pages in dots that the linter has passed, and what is known of them."""

    document: Document
    sheets: tuple[Sheet, ...]
    media: Media
    once: bool
    comment: str
    """Names the print job and the head in the bytes, for languages that have comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackEnd:
    """One language: what its bytes are called, and what makes them."""

    mime: str
    build: Callable[[Job], bytes]


BACK_ENDS: Mapping[Language, BackEnd] = MappingProxyType(
    {
        Language.ZPL: BackEnd(
            mime=zpl.MIME,
            build=lambda job: zpl.build(job.sheets, job.media, comment=job.comment, once=job.once),
        ),
        Language.EPL2: BackEnd(
            mime=epl2.MIME, build=lambda job: epl2.build(job.sheets, job.media, comment=job.comment)
        ),
        Language.TSPL: BackEnd(
            mime=tspl.MIME, build=lambda job: tspl.build(job.sheets, job.media, comment=job.comment)
        ),
        Language.ESC_POS: BackEnd(mime=escpos.MIME, build=lambda job: escpos.build(job.sheets, job.media)),
        Language.PDF: BackEnd(mime=pdf.MIME, build=lambda job: pdf.build(job.sheets, title=job.document.title)),
        Language.PNG: BackEnd(mime=png.MIME, build=lambda job: png.build(job.sheets)),
    }
)
"""Every language there is; the type of `Language` and this table are compared by a test."""
_JOB_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")


def content_type(kind: str) -> type[Content]:
    """Return the class that a spool row's kind names, so that its JSON can be read.

    Raises:
        LabelFault: no such kind is known here.
    """
    return kind_named(kind).content


def render(
    content: object,
    *,
    media: Media,
    copy: int | None = None,
    job: str | None = None,
    language: str = "",
    customer: str = "",
    templates: Path | None = None,
) -> Rendering:
    """Return the bytes that print a content on the media.

    Args:
        content: one of the kinds in `KINDS`.
        media: size, resolution and language of the printer.
        copy: which copy of the document this is; by default what the content says.
        job: the print job's id in hex, for the comment in the bytes; by default what the content says.
        language: of our own words on it; by default what a template says, else English.
        customer: whose templates it takes, beside those of the shop that the content names.
        templates: the folder of a home's templates; none without.

    Raises:
        LabelFault: the kind is unknown, the paper is too small, or the linter found something.
    """
    check_media(media)
    document = lay_out(
        content, Paper(media.width_mm, media.height_mm), copy=copy, language=language, customer=customer,
        templates=templates,
    )  # fmt: skip
    for page in document.pages:
        if page.darkness is not None and media.language in DARKNESS:
            check_media(replace(media, darkness=page.darkness))
    sheets = composed(document, media)
    back_end = BACK_ENDS[media.language]
    named = str(getattr(content, "job", "")) if job is None else job
    data = back_end.build(
        Job(
            document=document,
            sheets=sheets,
            media=media,
            once=kind_named(kind_of(content)).once,
            comment=_comment(named, media),
        )
    )
    return Rendering(
        data=data,
        mime=back_end.mime,
        language=media.language,
        template=document.template,
        template_version=document.version,
        pages=len(sheets),
        templates=document.templates,
        shortened=tuple(finding for sheet in sheets for finding in lint.shortened(sheet)),
    )


def pictured(sheets: tuple[Sheet, ...], media: Media, *, job: str) -> bytes:
    """Return the bytes that print pages which are pictures as a whole: somebody else's labels."""
    document = Document(
        template="", version=0, width_mm=media.width_mm, height_mm=media.height_mm, margin_mm=0, pages=()
    )  # fmt: skip
    comment = _comment(job, media)
    return BACK_ENDS[media.language].build(
        Job(document=document, sheets=sheets, media=media, once=False, comment=comment)
    )


def _comment(job: str, media: Media) -> str:
    """Return what names job and head in the bytes; a comment has no escape: what could be more than a name is left out."""
    return f"job={job} {mark(media)}" if _JOB_NAME.fullmatch(job) else mark(media)


def composed(document: Document, media: Media) -> tuple[Sheet, ...]:
    """Return the document's pages in dots of the media, each passed by the linter.

    Raises:
        LabelFault: naming the element and the reason; where a template says where that element stands or how large it
            is, the template's file and line.
    """
    lint.check_together(document)
    sheets = []
    for page in document.pages:
        try:
            sheet = compose(document, page, dpi=media.dpi, face=_face(media))
            lint.check(document, page, sheet)
        except LabelFault as fault:
            where = document.said_in.get(fault.element) or document.said_in.get(fault.other)
            if where is None:
                raise
            raise LabelFault(where, f"{fault.element}: {fault.reason}") from fault
        sheets.append(sheet)
    return tuple(sheets)


def _face(media: Media) -> Face:
    """Return the letters that plain words are set in."""
    return PRINTER if media.language is Language.ZPL and media.letters is Letters.PRINTERS else OWN
