"""Somebody else's label (a carrier's, a shop's): whether its bytes may go to a printer, and why not.

One judgement for everybody who takes such bytes in, sends them, or only asks. The one thing a newcomer would get wrong:
they draw what they drew or do not go at all. Nothing is scaled or mended; ZPL begins with its page set anew, and without
what only sets the printer (`firewall.as_sent`); a PDF or a picture goes to a label printer as its dots (`pictured`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from printing.fault import LabelFault
from printing.firewall import Objection, as_sent, inspect
from printing.media import Language, Media, dpi_fault

DOCUMENT = "carrier_label"
"""The content kind of such a label."""
_BEGINNINGS: Mapping[bytes, Language] = MappingProxyType({b"%PDF-": Language.PDF, b"\x89PNG": Language.PNG})
_PAPER = (Language.PDF, Language.PNG)
"""What a printer of documents is sent as it came."""
_BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found in a label that is not ours."""

    form: Language
    """What its bytes are: ZPL where they are neither PDF nor PNG."""
    sha256: str
    size: int
    labels: int
    """Pieces of paper that come out."""
    objections: tuple[Objection, ...]
    """What speaks against sending it, the first byte first."""
    passes: bool

    @property
    def first(self) -> Objection:
        """Return what speaks most against sending it: nobody may pass it, else the first that is no mere setting."""
        return max(self.objections, key=lambda each: (each.for_good, not each.ends, -each.at))

    @property
    def may_be_looked_at(self) -> bool:
        """Return whether somebody who looks at it may have it printed all the same: nothing but a code that does not read speaks against it."""
        return not self.passes and self.form is not Language.ZPL and not self.first.for_good

    @property
    def why_not(self) -> str:
        """Return that objection with its byte; empty where it passes."""
        return "" if self.passes else sentence(self.first)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What leaves for the printer of bytes that came from outside."""

    data: bytes
    how: str
    """What was done to them: `as it came`, `drawn at 203 dpi`, or `page set anew, without ^MN ^PR`."""


def to_send(data: bytes, found: Judgement, *, dpi: int = 0, media: Media | None = None, job: str = "") -> Outgoing:
    """Return what goes to the printer of bytes that passed without the settings that stand in them.

    Args:
        data: as they came.
        found: that they passed, for this printer.
        dpi: dots an inch that a picture was made for; 0 where only the picture itself may say.
        media: what is loaded in the printer; None to send a document as it came.
        job: the print job's name, which rides along where a printer ignores it.
    """
    if found.form is not Language.ZPL:
        if media is None or media.language in _PAPER:
            return Outgoing(data, "as it came")
        from printing.pictured import sheets_of
        from printing.render import pictured

        return Outgoing(pictured(sheets_of(data, found.form, dpi, media), media, job=job), f"drawn at {media.dpi} dpi")
    left_out = " ".join(dict.fromkeys(each.command for each in found.objections if each.ends))
    return Outgoing(as_sent(data), ", without ".join(filter(None, ("page set anew", left_out))))


def to_look_at(data: bytes, found: Judgement, media: Media, *, dpi: int = 0) -> bytes:
    """Return a PNG of the page of a label that `may_be_looked_at`, as the printer's head would print it.

    Args:
        data: as it came.
        found: that a code on it does not read.
        media: what is loaded in that printer.
        dpi: dots an inch that a picture was made for; 0 where only the picture itself may say.
    """
    from printing import pictured

    return pictured.to_look_at(data, found.form, dpi, media)


def sentence(objection: Objection) -> str:
    """Return an objection as people read it: `byte 153: ~JR restarts the printer`."""
    where = f"byte {objection.at}: " if objection.at >= 0 else ""
    return f"{where}{' '.join(filter(None, (objection.command, objection.reason)))}"


def judge(
    data: bytes, *, dpi: int = 0, media: Media | None = None, administrator: bool = False, bare: bool = False,
    number: str = "", unread: bool = False,
) -> Judgement:  # fmt: skip
    """Return whether bytes may go to a printer as they are.

    Args:
        data: as they came.
        dpi: dots an inch that they were made for; 0 where nobody says, and for documents.
        media: what is loaded in the printer; None for a judgement of the bytes alone.
        administrator: whether commands to the printer may pass.
        bare: whether it is printed without the printer's settings that stand in it (`firewall.as_sent`).
        number: the carrier's number of the parcel, which a code on a PDF or a picture says; empty where nobody knows.
        unread: whether somebody looked at it, and wants it although a code on it does not read.
    """
    form = next((form for begin, form in _BEGINNINGS.items() if data.startswith(begin)), Language.ZPL)
    if form is Language.ZPL:
        verdict = inspect(data)
        objections = [*verdict.objections]
        passes = verdict.passes(administrator=administrator, without_settings=bare)
        labels = verdict.labels
    else:
        objections, labels = _looked_over(data, form, dpi, media, number, unread=unread)
        passes = not objections
    misfit = "" if media is None else _misfit(form, dpi, media)
    if misfit:
        objections.append(Objection(-1, "", misfit, for_good=True))
    return Judgement(
        form=form, sha256=hashlib.sha256(data).hexdigest(), size=len(data), labels=labels,
        objections=tuple(objections), passes=passes and not misfit,
    )  # fmt: skip


def _looked_over(
    data: bytes, form: Language, dpi: int, media: Media | None, number: str, *, unread: bool
) -> tuple[list[Objection], int]:
    """Return what speaks against a PDF or a picture, and how many pages it has."""
    if len(data) > _BYTES_MAX:
        return [Objection(_BYTES_MAX, "", f"{len(data)} bytes, at most {_BYTES_MAX} are taken", for_good=True)], 1
    # Its libraries are not loaded where nobody gives us one.
    from printing.pictured import page_count, sheets_of, unread_in

    try:
        if media is None or media.language in _PAPER:
            return [], page_count(data, form)
        labels = len(sheets_of(data, form, dpi, media))
    except LabelFault as fault:
        return [Objection(-1, fault.element, fault.reason, for_good=True)], 1
    amiss = "" if unread else unread_in(data, form, dpi, media, number)
    return [Objection(-1, "", amiss, for_good=False)] if amiss else [], labels


def _misfit(form: Language, dpi: int, media: Media) -> str:
    """Return why a label is none for this printer, whatever is in it."""
    if form is not Language.ZPL:
        return ""
    if media.language is not Language.ZPL:
        return f"it is zpl, the printer takes {media.language.value}: fetch the label as PDF or PNG"
    if not dpi:
        return f"nobody says for how many dpi it was made, the printer has {media.dpi}"
    fault = dpi_fault(dpi, media.dpi)
    return "" if fault is None else fault.reason
