"""Signs of the floor: locations, shelves, docks, totes, carts and their slots, workstations, badges."""

from core.catalog.contents import (
    CartLabel,
    DockLabel,
    LocationLabel,
    ShelfLabel,
    SlotLabel,
    ToteLabel,
    WorkstationLabel,
)
from core.people.contents import BadgeLabel
from printing.fault import LabelFault
from printing.label import Document
from printing.labels.sign import Sign, sign
from printing.style import Style

_ARROWS = {"": "", "up": "↑", "down": "↓"}
_VERSION = 1


def location(content: LocationLabel, style: Style) -> Document:
    """Return the sign of a location."""
    zone = style.say("Zone {zone}", zone=content.zone) if content.zone else ""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.code,
            notes=(("zone", zone), ("note", content.note)), site=content.site_name,
        ),
        style,
    )  # fmt: skip


def shelf(content: ShelfLabel, style: Style) -> Document:
    """Return the strip for a shelf's edge.

    Raises:
        LabelFault: the arrow points neither up nor down.
    """
    arrow = _ARROWS.get(content.arrow)
    if arrow is None:
        raise LabelFault("arrow", f"{content.arrow!r} is neither up nor down")
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.code, notes=(("note", content.note),),
            prefix=arrow,
        ),
        style,
    )  # fmt: skip


def dock(content: DockLabel, style: Style) -> Document:
    """Return the sign of a dock, for its door."""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.name or content.code,
            says="name" if content.name else "code", title=style.say("Dock"), notes=(("note", content.note),), coded=True,
            site=content.site_name,
        ),
        style,
    )  # fmt: skip


def tote(content: ToteLabel, style: Style) -> Document:
    """Return the label of a tote."""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.code, notes=(("note", content.note),),
            site=content.site_name,
        ),
        style,
    )  # fmt: skip


def cart(content: CartLabel, style: Style) -> Document:
    """Return the label of a cart."""
    slots = style.count(content.slots, "1 slot", "{n} slots") if content.slots else ""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.code, title=style.say("Cart"),
            notes=(("slots", slots), ("note", content.note)), site=content.site_name,
        ),
        style,
    )  # fmt: skip


def slot(content: SlotLabel, style: Style) -> Document:
    """Return the label of a slot: its number is all that is looked for.

    Raises:
        LabelFault: a slot's number is not from 1 on.
    """
    if content.slot < 1:
        raise LabelFault("slot", f"{content.slot} is no slot")
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=str(content.slot), says="slot",
            title=content.code, titled="code",
            notes=(("slot", style.say("Slot")),), beside=True,
        ),
        style,
    )  # fmt: skip


def workstation(content: WorkstationLabel, style: Style) -> Document:
    """Return the sign of a workstation."""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.name or content.code,
            says="name" if content.name else "code", title=style.say("Workstation"), notes=(("note", content.note),), coded=True,
            site=content.site_name,
        ),
        style,
    )  # fmt: skip


def badge(content: BadgeLabel, style: Style) -> Document:
    """Return a badge; its code stands on it for scanners only."""
    return sign(
        Sign(
            template=content.KIND, version=_VERSION, code=content.code, words=content.name, says="name",
            title=content.site_name, titled="site_name", notes=(("role", content.role),), checked=False,
        ),
        style,
    )  # fmt: skip
