"""How somebody likes the screen: the sizes of text, gloves or none, and what is set now."""

from core.people.commands import TEXT_SIZES
from core.station import comfort
from desktop.languages import tr
from desktop.presenters.words import back, present
from desktop.screens import Answer, Screen


@present.register(comfort.LookUp)
@present.register(comfort.Saving)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: comfort.Choose, _now: int = 0) -> Screen:
    names = (tr("Usual text"), tr("Larger text"), tr("Largest text"))
    sizes = (
        Answer(f"QTY-{n}", words, tr("as it is now") if size == state.text_percent else "", now=size == state.text_percent)
        for n, (size, words) in enumerate(zip(TEXT_SIZES, names, strict=True), 1)
    )  # fmt: skip
    worn = bool(state.gloves)
    gloves = Answer(
        f"QTY-{comfort.GLOVES}", tr("Gloves"), tr("larger keys: on") if worn else tr("larger keys: off"), now=worn
    )
    return Screen(
        prompt=tr("How do you see it best?"), detail=tr("It is kept with your badge."), answers=(*sizes, gloves, back())
    )  # fmt: skip
