"""The door of this room: a content and the media that is loaded become the bytes of a job.

Pure: no clock, no chance, no port. The one thing a newcomer would get wrong: a rendering is made once, kept, and the
kept bytes are what is sent and sent again; only an internal copy is rendered anew, with its copy number.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.packing.contents import HouseLabel, PackingSlip
from core.picking.contents import FillSlip
from core.shipping.contents import Manifest
from core.stock.contents import QuarantineLabel
from printing import epl2, escpos, lint, pdf, png, tspl, zpl
from printing.compose import Sheet, compose
from printing.documents import manifest, slip
from printing.fault import LabelFault
from printing.label import Document, Paper
from printing.labels import fill_slip, house, quarantine
from printing.media import Language, Letters, Media
from printing.media import check as check_media
from printing.typeset import OWN, Face

Content = HouseLabel | QuarantineLabel | FillSlip | Manifest | PackingSlip
_FITS_MM = 0.75
"""What loaded paper may be smaller than the document: sizes are given in inches or in whole millimetres."""


FOUR_BY_SIX = Paper(101.6, 152.4)
FOUR_BY_TWO = Paper(101.6, 50.8)
A4 = Paper(210, 297)
A5 = Paper(148, 210)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """How one kind of content is laid out."""

    content: type[Content]
    layout: Callable[[Any, int, Paper], Document]
    once: bool = False
    """It gives a right to whoever holds it: a printer must not repeat it by itself after a fault."""


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        HouseLabel.KIND: Template(content=HouseLabel, layout=house.layout),
        QuarantineLabel.KIND: Template(content=QuarantineLabel, layout=quarantine.layout),
        FillSlip.KIND: Template(content=FillSlip, layout=fill_slip.layout),
        Manifest.KIND: Template(content=Manifest, layout=manifest.layout),
        PackingSlip.KIND: Template(content=PackingSlip, layout=slip.layout),
    }
)
"""Every kind of content there is; a test compares it with the contents of the areas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a back end is given: pages in dots that the linter has passed, and what is known of them."""

    document: Document
    sheets: tuple[Sheet, ...]
    media: Media
    face: Face
    once: bool
    comment: str
    """Names the print job in the bytes, for languages that have comments; empty where there is nothing to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackEnd:
    """One language: what its bytes are called, and what makes them."""

    mime: str
    build: Callable[[Job], bytes]


BACK_ENDS: Mapping[Language, BackEnd] = MappingProxyType(
    {
        Language.ZPL: BackEnd(
            mime=zpl.MIME,
            build=lambda job: zpl.build(job.sheets, job.media, face=job.face, comment=job.comment, once=job.once),
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
    return _template(kind).content


def render(content: object, *, media: Media, copy: int | None = None, job: str | None = None) -> Rendering:
    """Return the bytes that print a content on the media.

    Args:
        content: one of the kinds in `TEMPLATES`.
        media: size, resolution and language of the printer.
        copy: which copy of the document this is; by default what the content says.
        job: the print job's id in hex, for the comment in the bytes; by default what the content says.

    Raises:
        LabelFault: the kind is unknown, the paper is too small, or the linter found something.
    """
    check_media(media)
    document = lay_out(content, Paper(media.width_mm, media.height_mm), copy=copy)
    sheets = composed(document, media)
    back_end = BACK_ENDS[media.language]
    named = str(getattr(content, "job", "")) if job is None else job
    data = back_end.build(
        Job(
            document=document,
            sheets=sheets,
            media=media,
            face=_face(document, media),
            once=_template(_kind(content)).once,
            # A comment has no escape: what could be more than a name is left out.
            comment=f"job={named}" if _JOB_NAME.fullmatch(named) else "",
        )
    )
    return Rendering(
        data=data,
        mime=back_end.mime,
        language=media.language,
        template=document.template,
        template_version=document.version,
        pages=len(sheets),
    )


def lay_out(content: object, paper: Paper, *, copy: int | None = None) -> Document:
    """Return a content as a document in millimetres.

    Raises:
        LabelFault: the kind or version is unknown, or the paper is too small.
    """
    kind = _kind(content)
    template = _template(kind)
    if not isinstance(content, template.content):
        raise LabelFault(kind, f"content is a {type(content).__name__}")
    document = template.layout(content, content.copy_number if copy is None else copy, paper)
    if document.width_mm > paper.width_mm + _FITS_MM or document.height_mm > paper.height_mm + _FITS_MM:
        raise LabelFault(
            "paper",
            f"{document.width_mm:g} by {document.height_mm:g} mm needed, "
            f"{paper.width_mm:g} by {paper.height_mm:g} mm loaded",
        )
    return document


def composed(document: Document, media: Media) -> tuple[Sheet, ...]:
    """Return the document's pages in dots of the media, each passed by the linter.

    Raises:
        LabelFault: naming the element and the reason.
    """
    sheets = []
    for page in document.pages:
        sheet = compose(document, page, dpi=media.dpi, face=_face(document, media))
        lint.check(document, page, sheet)
        sheets.append(sheet)
    return tuple(sheets)


def _face(document: Document, media: Media) -> Face:
    own = media.language is not Language.ZPL or media.letters is Letters.OURS
    return OWN if own else zpl.face_for(document)


def _kind(content: object) -> str:
    return str(getattr(content, "KIND", type(content).__name__))


def _template(kind: str) -> Template:
    template = TEMPLATES.get(kind)
    if template is None:
        raise LabelFault(kind, "no layout for this kind of content")
    return template
