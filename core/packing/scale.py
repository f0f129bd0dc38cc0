"""At the scale: does the carton weigh what it should, and could the scale see one missing unit?"""

from dataclasses import replace

from core.cases.model import CaseKind
from core.kernel.flow import (
    Answered,
    Ask,
    Context,
    Event,
    Play,
    Pressed,
    Refuse,
    Say,
    Scanned,
    Step,
    Tone,
    Verb,
    Weighed,
)
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Bug, Refusal
from core.packing import decide
from core.packing.last_packed import AskLastPacked
from core.packing.queries import AskPack
from core.packing.states import VerifyUnit, WeighParcel
from core.packing.steps import Given, ask_again, close, park, refreshed, refuse, rule, unpack
from core.rules.model import Check, Mode
from core.rules.policies import stops


def weigh_parcel(state: WeighParcel, event: Event, context: Context) -> Step:
    """Return what happens at the scale."""
    view = state.view
    match event:
        case Weighed(grams=grams):
            return weighed(state, event, grams, context)
        case Answered(query=AskLastPacked()):
            return unpack(view, state.box, event, context) or refuse(state, Reason.NOTHING_TO_UNDO)
        case Answered(query=AskPack(), answer=answer):
            return refreshed(state, answer, view.order_number, context)
        case Scanned(candidates=()):
            return refuse(state, Reason.UNKNOWN_CODE, got=event.raw)
        case Scanned():
            return refuse(state, Reason.WEIGHT_MISSING, got=event.candidates[0].code)
        case Pressed():
            return _key(state, event, context)
        case _:
            raise Bug(f"{event!r} at the scale")


def _key(state: WeighParcel, event: Pressed, context: Context) -> Step:
    view = state.view
    match event.verb:
        case Verb.YES if state.outside:
            return close(view, state.box, (), event, context, state.outside)
        case Verb.NO if state.outside:
            return Step(replace(state, outside=0), (Play(Tone.ACCEPT),))
        case Verb.SKIP:
            return _without(state, event, context)
        case Verb.UNDO if view.pending:
            return Step(state, (ask_again(view, context),))
        case Verb.UNDO if view.parcel is not None:
            return Step(state, (Ask(AskLastPacked(context.station, view.parcel.id)),))
        case Verb.CALL if context.stopped_by:
            return park(view, CaseKind.OVERRIDE_NEEDED, context.stopped_by, event, context)
        case _:
            return refuse(state, Reason.WEIGHT_MISSING, command=event.verb)


def _without(state: WeighParcel, event: Pressed, context: Context) -> Step:
    """Close without a weight, where the scale is away: the packer's own word where policy asks, else a supervisor's."""
    strict = rule(context, Check.WEIGHT, state.view)
    if strict.mode == Mode.BLOCK and Check.WEIGHT not in context.overridden:
        return Step(state, (Refuse(Refusal(Reason.WEIGHT_MISSING, stops(Check.WEIGHT, strict))),))
    return close(state.view, state.box, (), event, context)


def weighed(state: WeighParcel, event: Given, grams: int, context: Context) -> Step:
    """Close the carton if its weight fits; else ask, or refuse where policy says so and the scale could really tell."""
    check = state.check
    if not check.known or check.fits(grams):
        return close(state.view, state.box, (), event, context, grams)
    strict = rule(context, Check.WEIGHT, state.view)
    if strict.mode != Mode.BLOCK or not check.may_block:
        return Step(replace(state, outside=grams), (Play(Tone.CAUTION), Say(Note.WEIGHED, {"grams": grams})))
    if Check.WEIGHT in context.overridden:
        return close(state.view, state.box, (), event, context, grams)
    facts: dict[str, str | int] = {
        "got": grams, "expected": check.expected_grams, "tolerance": check.tolerance_grams,
        **stops(Check.WEIGHT, strict),
    }  # fmt: skip
    return Step(state, (Refuse(Refusal(Reason.WEIGHT_OUTSIDE, facts)),))


def compared(state: VerifyUnit, grams: int) -> Step:
    """Say what the scale says of what is in the carton so far; nothing depends on it."""
    check = decide.expected_weight(state.view, state.box, ())
    fits = not check.known or check.fits(grams)
    facts = {"grams": grams, "expected": check.expected_grams if check.known else 0}
    return Step(state, (Play(Tone.ACCEPT if fits else Tone.CAUTION), Say(Note.WEIGHED, facts)))
