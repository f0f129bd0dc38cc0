"""The reminder to apply a mark: which one, how it must look, and for what. Never an imitation of the mark.

Which marks there are, and from when until when, is data (`resources/paper/marks.toml`), so that a new edition is a new
entry. The reminder is read by the packer at arm's length, and thrown away or covered by the mark.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from core.catalog.contents import HazardLabel
from printing import words
from printing.fault import LabelFault
from printing.label import Align, Area, Box, Document, Element, Page, Reverse, Text
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 1.5
_EDGE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One edition of a rule about a mark."""

    id: str
    edition: str
    since: date
    until: date | None
    name: str
    form: str
    note: str
    un_numbers: tuple[str, ...]
    """Those that it may name; none: it names no number."""


@cache
def marks() -> tuple[Mark, ...]:
    """Return every edition of every mark."""
    text = files("resources").joinpath("paper", "marks.toml").read_text(encoding="utf-8")
    return tuple(_mark(each) for each in tomllib.loads(text)["mark"])


def _mark(said: Mapping[str, object]) -> Mark:
    since, until, numbers = said["since"], said.get("until"), said["un_numbers"]
    assert isinstance(since, date)
    assert until is None or isinstance(until, date)
    assert isinstance(numbers, list)
    texts = {name: str(said[name]) for name in ("id", "edition", "name", "form", "note")}
    return Mark(**texts, since=since, until=until, un_numbers=tuple(map(str, numbers)))


def rule_on(mark: str, on: str) -> Mark:
    """Return the rule about a mark on a day.

    Raises:
        LabelFault: there is no such mark, or none on that day.
    """
    try:
        when = date.fromisoformat(on)
    except ValueError as e:
        raise LabelFault("on", f"{on!r} is no date such as 2027-01-31") from e
    editions = [each for each in marks() if each.id == mark]
    if not editions:
        known = ", ".join(dict.fromkeys(each.id for each in marks()))
        raise LabelFault("mark", f"{mark!r} is none of {known}")
    valid = [each for each in editions if each.since <= when and (each.until is None or when <= each.until)]
    if not valid:
        raise LabelFault("on", f"no rule about {mark} holds on {on}")
    return max(valid, key=lambda each: each.since)


def layout(content: HazardLabel, style: Style) -> Document:
    """Return the reminder on the paper that is loaded.

    Raises:
        LabelFault: no such mark holds on that day, or it does not name such a number.
    """
    rule = rule_on(content.mark, content.on)
    for each in content.un_numbers:
        if each not in rule.un_numbers:
            allowed = ", ".join(rule.un_numbers) or "no number"
            raise LabelFault("un_numbers", f"{rule.id} names {allowed}, not {each!r}")
    wide, high = style.paper.width_mm, style.paper.height_mm
    inner = wide - 2 * _EDGE
    title = Text(
        name="title", area=Area(_EDGE + 2, _EDGE + 2, inner - 4, 5), text=style.say("Apply this mark").upper(), capital_mm=5,
        least_mm=3, strong=True, middle=True,
    )  # fmt: skip
    order = style.say("Order {number}", number=content.order_number) if content.order_number else ""
    small = words.there(
        ("order_number", order), ("copy", style.copied()), ("on", content.on),
        ("rule", style.say("Rule {rule}", rule=f"{rule.id} {rule.edition}")),
    )  # fmt: skip
    top, low = _EDGE + 12.5, high - _EDGE - 2.2
    aside = inner * 0.42 if content.un_numbers else 0.0
    band = min(8.0, (low - top) * 0.3)
    told = f"{style.say(rule.form)}\n{style.say(rule.note)}"
    elements: tuple[Element, ...] = (
        Box(name="frame", area=Area(1.8, 1.8, wide - 3.6, high - 3.6), line_mm=0.5),
        Reverse(name="title", area=Area(_EDGE, _EDGE, inner, 9), texts=(title,)),
        Text(
            name="name", area=Area(_EDGE, top, inner - aside, band), text=style.say(rule.name), capital_mm=4.2,
            least_mm=2.2, strong=True, middle=True, max_lines=2,
        ),
        Text(
            name="un_numbers", area=Area(_EDGE + inner - aside + 2, top, max(1.0, aside - 2), band),
            text=" ".join(content.un_numbers), capital_mm=8, least_mm=3, strong=True, middle=True, align=Align.RIGHT,
            max_lines=2,
        ),
        Text(
            name="form", area=Area(_EDGE, top + band + 3.5, inner, low - top - band - 6), text=told, capital_mm=3.0,
            max_lines=8,
        ),
        Text(
            name="small", area=Area(_EDGE, low, inner, 2.2), text=words.said(small), capital_mm=2.2, may_shorten=True,
            facts=small, kept=("order_number", "copy"),
        ),
    )  # fmt: skip
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=wide, height_mm=high, margin_mm=_MARGIN_MM,
        pages=(Page(elements=elements),), title=content.mark,
    )  # fmt: skip
