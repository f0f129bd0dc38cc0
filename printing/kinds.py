"""Every kind of label and document there is: whose content it is, how it is laid out, and on what paper.

The one thing a newcomer would get wrong: a kind is listed here and nowhere else. The spool, the command line and the
tests find their kinds in this table, so that a new one is printed, offered and decoded at once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.catalog.contents import (
    CalibrationSheet,
    CartLabel,
    CommandSheet,
    DockLabel,
    HazardLabel,
    LocationLabel,
    ProductLabel,
    ShelfLabel,
    SlotLabel,
    ToteLabel,
    WorkstationLabel,
)
from core.packing.contents import CarrierLabel, CartonContentLabel, HouseLabel, LogisticLabel, PackingSlip, ReturnLabel
from core.people.contents import BadgeLabel
from core.picking.contents import FillSlip, FloorList, PickList
from core.printers.contents import DarknessLadder
from core.shipping.contents import Manifest, ReturnSlip
from core.stock.contents import QuarantineLabel
from printing.documents import lists, manifest, sheets, slip
from printing.fault import LabelFault
from printing.label import Document, Paper, mirrored, placed, resized
from printing.labels import back, carton, fill_slip, house, ladder, logistic, marks, places, product, quarantine
from printing.style import Style
from printing.templates import Choices, Kept, Template, chosen
from printing.wording import LANGUAGES, RIGHT_TO_LEFT, SOURCE

Content = (
    HouseLabel | CarrierLabel | LogisticLabel | CartonContentLabel | LocationLabel | ShelfLabel | DockLabel | ProductLabel | ToteLabel
    | CartLabel | SlotLabel | BadgeLabel | WorkstationLabel | QuarantineLabel | ReturnLabel | HazardLabel | FillSlip
    | DarknessLadder
    | Manifest | PackingSlip | PickList | FloorList | ReturnSlip | CommandSheet | CalibrationSheet
)  # fmt: skip
_OURS = ("copy_number", "job")
_FITS_MM = 0.75
"""What loaded paper may be smaller than the document: sizes are given in inches or in whole millimetres."""


FOUR_BY_SIX = Paper(101.6, 152.4)
FOUR_BY_TWO = Paper(101.6, 50.8)
A4 = Paper(210, 297)
A5 = Paper(148, 210)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of content is laid out."""

    content: type[Content]
    layout: Callable[[Any, Style], Document]
    paper: Paper
    """What it is printed on where nobody says otherwise."""
    choices: Choices = Choices()
    foreign: bool = False
    """Its bytes come from outside, and nothing of it is laid out here."""
    once: bool = False
    """It gives a right to whoever holds it: a printer must not repeat it by itself after a fault."""


_HOUSE_TEXTS = ("service", "route", "from", "to", "postcode", "country", "parcel", "weight", "order", "printed")


def _movable(*texts: str, others: tuple[str, ...]) -> Choices:
    """Return the choices of a label whose texts may have other sizes, and stand elsewhere as its other elements may."""
    return Choices(sizes=texts, places=(*texts, *others))


_SIGN = _movable("words", "note", others=("title", "check letter", "code", "square code", "small", "arrow"))


def _as_it_came(content: CarrierLabel, _style: Style) -> Document:
    raise LabelFault(content.KIND, f"its bytes {content.sha256[:12]} are not here any more, and it is nobody's to draw")


def _kinds() -> Iterator[Kind]:
    four_by_one, card = Paper(101.6, 25.4), Paper(85.6, 54.0)
    yield Kind(
        content=HouseLabel, layout=house.layout, paper=FOUR_BY_SIX,
        choices=Choices(
            sender=("site_name", "from_lines"), sizes=_HOUSE_TEXTS,
            places=(*_HOUSE_TEXTS, "hazard", "sscc", "sscc digits", "parcel code"),
        ),
    )  # fmt: skip
    yield Kind(content=LogisticLabel, layout=logistic.layout, paper=FOUR_BY_SIX)
    yield Kind(
        content=CartonContentLabel, layout=carton.layout, paper=FOUR_BY_SIX,
        choices=_movable("order_number", "carton", "lines", "facts", "small", others=("rule", "code", "code digits")),
    )  # fmt: skip
    yield Kind(content=LocationLabel, layout=places.location, paper=FOUR_BY_TWO, choices=_SIGN)
    yield Kind(content=ShelfLabel, layout=places.shelf, paper=four_by_one, choices=_SIGN)
    yield Kind(content=DockLabel, layout=places.dock, paper=FOUR_BY_SIX, choices=_SIGN)
    yield Kind(
        content=ProductLabel, layout=product.layout, paper=Paper(57.15, 31.75),
        choices=_movable("description", "sku", "facts", others=("code", "code digits")),
    )  # fmt: skip
    yield Kind(content=ToteLabel, layout=places.tote, paper=FOUR_BY_TWO, choices=_SIGN)
    yield Kind(content=CartLabel, layout=places.cart, paper=FOUR_BY_TWO, choices=_SIGN)
    yield Kind(content=SlotLabel, layout=places.slot, paper=FOUR_BY_TWO, choices=_SIGN)
    yield Kind(content=BadgeLabel, layout=places.badge, paper=card, once=True)
    yield Kind(content=WorkstationLabel, layout=places.workstation, paper=FOUR_BY_TWO, choices=_SIGN)
    yield Kind(
        content=QuarantineLabel, layout=quarantine.layout, paper=FOUR_BY_TWO,
        choices=_movable("reason", "subject", "raised", others=("title", "code", "code digits")),
    )  # fmt: skip
    yield Kind(
        content=ReturnLabel, layout=back.layout, paper=FOUR_BY_SIX,
        choices=_movable(
            "order_number", "from_lines", "to_lines", "to_postcode", "why", others=("title", "rma", "rma digits", "copy")
        ),
    )  # fmt: skip
    yield Kind(content=HazardLabel, layout=marks.layout, paper=FOUR_BY_TWO)
    yield Kind(content=DarknessLadder, layout=ladder.layout, paper=FOUR_BY_TWO)
    yield Kind(content=CarrierLabel, layout=_as_it_came, paper=FOUR_BY_SIX, foreign=True)
    yield Kind(content=FillSlip, layout=fill_slip.layout, paper=FOUR_BY_SIX)
    yield Kind(content=Manifest, layout=manifest.layout, paper=A4)
    yield Kind(
        content=PackingSlip, layout=slip.layout, paper=A5,
        choices=Choices(
            blocks=("address", "gift", "contents", "closing"), needed=("contents",), sender=("shop_name", "shop_lines"),
            logo=True, extra=True, sizes=("shop", "shop lines", "order", "ship to", "item", "gift note", "thanks", "returns"),
        ),
    )  # fmt: skip
    yield Kind(content=PickList, layout=lists.pick_list, paper=A4)
    yield Kind(content=FloorList, layout=lists.floor_list, paper=A4)
    yield Kind(
        content=ReturnSlip, layout=lists.return_slip, paper=A5, choices=Choices(sender=("shop_name", "to_lines"))
    )
    yield Kind(content=CommandSheet, layout=sheets.commands, paper=A4)
    yield Kind(content=CalibrationSheet, layout=sheets.calibration, paper=A4)


KINDS: Mapping[str, Kind] = MappingProxyType({each.content.KIND: each for each in _kinds()})
"""Every kind of content there is; a test compares it with the contents of the areas."""


def lay_out(
    content: object, paper: Paper, *, copy: int | None = None, language: str = "", customer: str = "",
    templates: Path | None = None,
) -> Document:  # fmt: skip
    """Return a content as a document in millimetres.

    Args:
        content: what is to be said.
        paper: what is loaded.
        copy: which copy it is; by default what the content says.
        language: of our own words; by default what a template says, else English.
        customer: whose templates it takes, beside those of the shop that the content names.
        templates: the folder of a home's templates; none without.

    Raises:
        LabelFault: the kind or version is unknown, a template is broken, or the paper is too small.
    """
    kind = kind_of(content)
    named = kind_named(kind)
    if language not in LANGUAGES:
        # A customer may read what paper does not speak: then the templates decide, as where nobody says one.
        language = ""
    if not isinstance(content, named.content):
        raise LabelFault(kind, f"content is a {type(content).__name__}")
    template = chosen(templates, kind, kept(named), (_shop(content), customer), language)
    spoken = language or template.language or SOURCE
    style = Style(
        copy=content.copy_number if copy is None else copy, paper=template.paper or paper, language=spoken,
        template=template,
    )  # fmt: skip
    document = named.layout(_told(content, named, template), style)
    document = placed(resized(document, template.sizes), template.places)
    document = replace(document, templates=template.sources, said_in=template.said_in)
    if spoken in RIGHT_TO_LEFT:
        document = mirrored(document)
    if document.width_mm > paper.width_mm + _FITS_MM or document.height_mm > paper.height_mm + _FITS_MM:
        raise LabelFault(
            "paper",
            f"{document.width_mm:g} by {document.height_mm:g} mm needed, "
            f"{paper.width_mm:g} by {paper.height_mm:g} mm loaded",
        )
    return document


@cache
def kept(kind: Kind) -> Kept:
    """Return what may be chosen about a kind: its facts are its content's fields that may be empty."""
    facts = [each for each in fields(kind.content) if each.name not in _OURS]
    free = tuple((each.name, each.type == "str" or each.type is str) for each in facts if each.default is not MISSING)
    filled = tuple(each.name for each in facts if each.type == "str" or each.type is str)
    return Kept(kind.choices, free, filled)


def _shop(content: object) -> str:
    """Return the shop that it was ordered at."""
    return str(getattr(content, "channel", ""))


def _told(content: Content, kind: Kind, template: Template) -> Content:
    """Return a content as a template wants it told: its sender, its texts, and without what is hidden."""
    changes: dict[str, Any] = {}
    if template.sender and kind.choices.sender is not None:
        name, lines = kind.choices.sender
        changes |= {name: template.sender[0], lines: template.sender[1:]}
    facts = {name: getattr(content, name) for name in kept(kind).filled}
    changes |= {name: text.format(**facts) for name, text in template.texts.items()}
    changes |= {each.name: each.default for each in fields(content) if each.name in (template.hide or ())}
    return replace(content, **changes) if changes else content


def kind_of(content: object) -> str:
    """Return what kind a content says it is."""
    return str(getattr(content, "KIND", type(content).__name__))


def kind_named(kind: str) -> Kind:
    """Return how a kind is laid out.

    Raises:
        LabelFault: no such kind is known here.
    """
    named = KINDS.get(kind)
    if named is None:
        raise LabelFault(kind, "no layout for this kind of content")
    return named
