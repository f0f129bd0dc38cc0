"""Where the picker goes and what he stands before: drawn as a plan and a bay where the codes say so, else as an order."""

from core.picking.views import TaskView
from desktop.cards import Bay, BayPlace, Card, Plan, Route, Shelf, Spot, WalkStop
from desktop.languages import isolated, tr
from desktop.places import Part, parts_of
from desktop.proofs import Mark

_LEAST_PLACES = 2
_AISLES_SHOWN = 8
_BAYS_STEP = 4
"""The plan's aisles are as long as the next multiple of this: it does not jump with every stop."""


def part_names(code: str) -> tuple[str, ...]:
    """Return what the parts of a code are called; nothing where nobody said."""
    return tuple(_name(part) for part in parts_of(code))


def _name(part: Part) -> str:
    match part:
        case Part.AISLE:
            return tr("Aisle")
        case Part.BAY:
            return tr("Bay")
        case Part.LEVEL:
            return tr("Level")
        case Part.BIN:
            return tr("Bin")


def walk_of(view: TaskView) -> Card:
    """Return the walk: the stop left behind, this one, and those ahead."""
    title, aside = tr("Your walk"), tr("{n} stops left", n=view.others_open + 1)
    target = _spot(view.location_code)
    came_from, ahead = _spot(view.came_from), [_spot(each) for each in view.ahead]
    known = [each for each in (came_from, target, *ahead) if each is not None]
    aisles = _aisles({each.aisle for each in known})
    if target is not None and target.aisle in aisles:
        longest = max(each.bay for each in known)
        return Plan(
            title=title, aside=aside, you=tr("You"), aisles=aisles, bays=-(-longest // _BAYS_STEP) * _BAYS_STEP,
            came_from=came_from, target=target,
            ahead=tuple(each for each in ahead if each is not None and each.aisle in aisles),
        )  # fmt: skip
    behind = (WalkStop(isolated(view.came_from), Mark.DONE),) if view.came_from else ()
    stops = (WalkStop(isolated(each), Mark.LATER) for each in view.ahead)
    return Route(title, aside, (*behind, WalkStop(isolated(view.location_code), Mark.NOW), *stops))


def _spot(code: str) -> Spot | None:
    said = parts_of(code)
    aisle, bay = said.get(Part.AISLE, ""), said.get(Part.BAY, "")
    return Spot(aisle, int(bay)) if aisle and bay.isdecimal() else None


def _aisles(seen: set[str]) -> tuple[str, ...]:
    """Return the aisles of the plan: those of the walk, and where they are letters those between them."""
    first, last = min(seen, default=""), max(seen, default="")
    if len(first) == len(last) == 1 and first.isascii() and first.isalpha():
        seen = seen | {chr(each) for each in range(ord(first), ord(last) + 1)}
    return tuple(sorted(seen)) if len(seen) <= _AISLES_SHOWN else ()


def shelf_of(view: TaskView) -> tuple[Card, ...]:
    """Return the places one stands before: those of the same bay, or those whose code begins as this one's does."""
    near = "" if view.neighbour is None else view.neighbour.location_code
    not_this = near if near != view.location_code else ""
    bay = _bay(view, not_this)
    if bay is not None:
        return (bay,)
    head, dash, _ = view.location_code.rpartition("-")
    places = tuple(each for each in view.beside if not dash or each.rpartition("-")[0] == head)
    if len(places) < _LEAST_PLACES:
        return ()
    return (Shelf(isolated(head or view.zone), places, view.location_code, not_this),)


def _bay(view: TaskView, not_this: str) -> Bay | None:
    here = parts_of(view.location_code)
    if Part.LEVEL not in here or Part.BAY not in here:
        return None
    stands = (here.get(Part.AISLE), here[Part.BAY])
    levels: dict[str, list[BayPlace]] = {}
    for code in view.beside:
        said = parts_of(code)
        if said and (said.get(Part.AISLE), said[Part.BAY]) == stands:
            words = said.get(Part.BIN, said[Part.LEVEL])
            levels.setdefault(said[Part.LEVEL], []).append(BayPlace(code, isolated(words)))
    if here[Part.LEVEL] not in levels or sum(map(len, levels.values())) < _LEAST_PLACES:
        return None
    order = sorted(levels, reverse=True)
    title = tr("Bay {bay}", bay="-".join(filter(None, stands)))
    return Bay(
        title=title, aside=_which(order, here[Part.LEVEL]), target=view.location_code, not_this=not_this,
        shelves=tuple(tuple(sorted(levels[each], key=lambda place: place.code)) for each in order),
    )  # fmt: skip


def _which(order: list[str], level: str) -> str:
    """Return which shelf it is, from the top; the only one needs no name."""
    if len(order) < _LEAST_PLACES:
        return ""
    if level == order[0]:
        return tr("top shelf")
    return tr("lowest shelf") if level == order[-1] else tr("shelf {n}", n=level.lstrip("0"))
