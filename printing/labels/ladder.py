"""The darkness ladder: a label for each step, ever darker, on whatever paper is loaded.

Each step has what too little and too much heat spoil first: narrow bars, small words, white words in
black. The line across the whole width shows elements of the head that are dead.
"""

from core.printers.contents import DarknessLadder
from printing import words
from printing.darkness import step_code
from printing.fault import LabelFault
from printing.label import Align, Area, Barcode, Document, Element, Page, Reverse, Rule, Symbology, Text
from printing.media import DARKNESS, Language
from printing.style import Style

TEMPLATE_VERSION = 1
_MARGIN_MM = 1.0
_EDGE = 2.5
_MODULE_MM = 0.33
_BLOCK_MM = 16.0
_LOW_MM = 24.0


def layout(content: DarknessLadder, style: Style) -> Document:
    """Return the labels.

    Raises:
        LabelFault: printers of this language cannot be told how dark to print, or the paper is too low.
    """
    try:
        language = Language(content.language)
        steps = DARKNESS[language].ladder
    except (ValueError, KeyError) as e:
        raise LabelFault("language", f"{content.language!r} has no darkness to try out") from e
    if style.paper.height_mm < _LOW_MM:
        raise LabelFault("paper", f"{style.paper.height_mm:g} mm high, at least {_LOW_MM:g} needed")
    pages = tuple(
        Page(elements=_step(content, style, language, darkness, place, len(steps)), darkness=darkness)
        for place, darkness in enumerate(steps, 1)
    )
    return Document(
        template=content.KIND, version=TEMPLATE_VERSION, width_mm=style.paper.width_mm,
        height_mm=style.paper.height_mm, margin_mm=_MARGIN_MM, pages=pages, title=f"{content.printer} {language.value}",
    )  # fmt: skip


def _step(
    content: DarknessLadder, style: Style, language: Language, darkness: int, place: int, steps: int
) -> tuple[Element, ...]:
    wide, high = style.paper.width_mm, style.paper.height_mm
    inner, code = wide - 2 * _EDGE, step_code(language, darkness)
    head = min(6.0, high * 0.17)
    block = Area(wide - _EDGE - _BLOCK_MM, _EDGE, _BLOCK_MM, head + 1)
    said = Area(block.x_mm + 1, block.y_mm + 1.2, block.width_mm - 2, block.height_mm - 2.4)
    told = words.there(
        ("step", style.say("Step {n} of {all}", n=place, all=steps)), ("copy", style.copied()),
        ("what to do", style.say("Scan the label with the sharpest bars")), ("printer", content.printer),
    )  # fmt: skip
    low = high - _EDGE - 2.2
    top = _EDGE + head + 3.2
    bars = min(25.0, low - 2.0 - 3.6 - top)
    return (
        Text(
            name="darkness", area=Area(_EDGE, _EDGE + 0.5, inner - _BLOCK_MM - 2, head), capital_mm=head, strong=True,
            text=style.say("Darkness {number}", number=darkness),
        ),
        Reverse(
            name="block", area=block,
            texts=(Text(
                name="block", area=said, text=str(place), capital_mm=said.height_mm, strong=True, align=Align.CENTRE
            ),),
        ),
        Rule(name="line", area=Area(_MARGIN_MM + 0.2, _EDGE + head + 1.9, wide - 2 * _MARGIN_MM - 0.4, 0.25)),
        Barcode(
            name="code", symbology=Symbology.CODE_128, data=code, area=Area(_EDGE, top, inner, bars),
            module_mm=_MODULE_MM, least_module_mm=0.19, least_height_mm=5,
        ),
        Text(
            name="code digits", area=Area(_EDGE, top + bars + 1.2, inner, 2.2), text=code, capital_mm=2.2,
            align=Align.CENTRE,
        ),
        Text(
            name="small", area=Area(_EDGE, low, inner, 2.0), text=words.said(told), capital_mm=2.0, may_shorten=True,
            facts=told, kept=("step", "copy"),
        ),
    )  # fmt: skip
