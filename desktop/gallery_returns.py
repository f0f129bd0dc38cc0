"""Screens of the returns bench, as pictures: a parcel, a slip, a number nobody knows, and what is here already."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.kernel.flow import Say
from core.kernel.ids import NO_ID, OrderId, ParcelId, ReturnId
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.returns.flow import AnotherBox, ConfirmUnknown, ReturnsFlow, ScanPlace, ScanReturn, State
from core.returns.views import BoxInHand, Received, WentOut
from desktop.gallery_shared import Shown

_NOW = 1_765_886_400_000
_DAY_MS = 86_400_000
_INSIDE = (
    WentOut("Stoneware mug, 350 ml", "blue", "MUG-350-BLUE", "", 2),
    WentOut("Retro lamp, brass", "", "LAMP-RETRO", "", 1),
)
_BOX = BoxInHand(
    back=ReturnId(NO_ID), code="095011010000000018", parcel=ParcelId(b"p" * 16), order=OrderId(b"o" * 16),
    order_number="100461", carrier="KESTREL", left_at=_NOW - 9 * _DAY_MS, inside=_INSIDE,
)  # fmt: skip
_STRANGE = replace(
    _BOX, code="HX-77120-994", parcel=ParcelId(NO_ID), order=OrderId(NO_ID), order_number="", carrier="", inside=()
)
_BEFORE = Received("Aylin Demir", "BENCH-2", "Q-01", _NOW - 3_600_000)
_STATES: dict[str, State] = {
    "label": ScanReturn(),
    "place": ScanPlace(_BOX),
    "many": ScanPlace(replace(_BOX, inside=_INSIDE * 6)),
    "never-left": ScanPlace(replace(_BOX, left_at=0)),
    "nothing-known": ScanPlace(replace(_BOX, inside=())),
    "unknown": ConfirmUnknown(_STRANGE),
    "unknown-place": ScanPlace(_STRANGE),
    "another": AnotherBox(replace(_BOX, code="100461", parcel=ParcelId(NO_ID), before=_BEFORE)),
}


def return_states(shown: Sequence[Shown]) -> Iterator[Shown]:
    """Yield them, as if they had come up at the end of what was played."""
    last = next(each for each in reversed(shown) if each.feedback.refusal is None and each.standing is None)
    flow = ReturnsFlow()
    for name, state in _STATES.items():
        told = replace(
            last.feedback, flow=flow.NAME, state=state, expects=flow.expects(state), note=None, input=None
        )  # fmt: skip
        yield replace(last, name=f"returns-{name}", feedback=told, person="Aylin Demir", roles="packer", now=_NOW)
        if name == "label":
            said = Say(Note.RETURN_RECEIVED, {"label": _BOX.code, "place": "Q-01"})
            yield replace(
                last, name="returns-received", feedback=replace(told, note=said, input=last.feedback.input), now=_NOW
            )
            facts: dict[str, str | int] = {
                "label": _BOX.code,
                "place": _BEFORE.place,
                "who": _BEFORE.who,
                "at": _BEFORE.at,
            }
            for n, no in enumerate(
                (Refusal(Reason.ALREADY_RETURNED, facts), Refusal(Reason.NO_RETURNS_PLACE, {"got": "A-01-02"}))
            ):
                yield replace(last, name=f"returns-no-{n}", feedback=replace(told, refusal=no), now=_NOW)
