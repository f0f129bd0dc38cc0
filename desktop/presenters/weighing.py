"""The scale as it speaks: what it says this moment, in the gauge or, where nothing is expected, under the prompt.

A weight that moves, or is not a second old any more, is no weight: nothing stands where it stood (devices.md 3.2).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from core.packing.states import VerifyUnit, WeighParcel
from desktop.cards import Gauge
from desktop.languages import joined, measured, tr
from desktop.screens import Answer, Screen
from devices.capture import Pan, Why
from devices.scale_formats.reading import Kind, Reading, State

_NONE = "-"


@dataclass(frozen=True, slots=True)
class Live:
    """What a scale says now."""

    reading: str
    """Digit by digit as it sent it, with its unit; a dash for none."""
    words: str
    """Why none can be taken, and what to do; empty where it can."""
    short: str = ""
    """The same beside the weight, in a word or two."""
    grams: int = 0
    title: str = ""
    """Which weight it is, where the scale says so."""
    asks: bool = False
    """Somebody has to say that it is empty."""


def live_of(pan: Pan, now_ms: int) -> Live:
    """Return what is shown of a scale now."""
    why, reading = pan.why_not(now_ms), pan.newest
    if reading is None:
        return Live(_NONE, _words(why), _short(why), asks=why is Why.SAY_EMPTY)
    stands = reading.state is State.STABLE and why not in (Why.SAID_ONCE, Why.UNKNOWN_UNIT) and not pan.is_stale(now_ms)
    short = net_of(reading) if why is Why.TARED else _short(why)
    if not stands or reading.grams is None:
        return Live(_NONE, _words(why), short, title=_title(reading.kind), asks=why is Why.SAY_EMPTY)
    weight = measured(f"{reading.digits} {reading.unit}")
    grams = max(0, round(reading.grams))
    return Live(weight, _words(why), short, grams, _title(reading.kind), asks=why is Why.SAY_EMPTY)


def net_of(reading: Reading) -> str:
    """Return what is taken off a net weight, as far as the scale says it."""
    # A tare of nought beside a net weight is one that the scale does not tell.
    if not reading.tare or not Decimal(reading.tare):
        return tr("net")
    return tr("tare {weight}", weight=measured(f"{reading.tare} {reading.unit}"))


def _title(kind: Kind) -> str:
    match kind:
        case Kind.GROSS:
            return tr("Gross weight")
        case Kind.NET:
            return tr("Net weight")
        case Kind.UNSTATED:
            return ""


def _words(why: Why | None) -> str:
    match why:
        case None:
            return ""
        case Why.NOTHING_SEEN | Why.STALE:
            return tr("press the scale's power key")
        case Why.MOVING | Why.SAID_ONCE:
            return tr("moving")
        case Why.OVER | Why.OUT_OF_RANGE:
            return tr("too heavy for the scale")
        case Why.NEGATIVE:
            return tr("below zero: zero the scale")
        case Why.TARED:
            return tr("net weight: clear the tare (code TARE, or the scale's key)")
        case Why.EMPTY:
            return tr("the scale is empty")
        case Why.NOT_EMPTIED:
            return tr("take the last carton off")
        case Why.SAY_EMPTY:
            return tr("take the last carton off, and say so: the scale does not")
        case Why.SILENT:
            return tr("put the carton on; lift it first if it is there already")
        case Why.NOT_SAID_TO_BE_STILL:
            return tr("it does not say that it stands still")
        case Why.UNKNOWN_UNIT | Why.FAULT:
            return tr("look at the scale's display")


def _short(why: Why | None) -> str:
    match why:
        case None:
            return ""
        case Why.NOTHING_SEEN | Why.STALE | Why.SILENT:
            return tr("no weight")
        case Why.MOVING | Why.SAID_ONCE:
            return tr("moving")
        case Why.OVER | Why.OUT_OF_RANGE:
            return tr("too heavy")
        case Why.NEGATIVE:
            return tr("below zero")
        case Why.TARED:
            return tr("net")
        case Why.EMPTY:
            return tr("empty")
        case Why.NOT_EMPTIED | Why.SAY_EMPTY:
            return tr("not empty")
        case Why.NOT_SAID_TO_BE_STILL | Why.UNKNOWN_UNIT | Why.FAULT:
            return tr("unclear")


def with_scale(screen: Screen, state: object, live: Live) -> Screen:
    """Return a screen at which something is weighed with what the scale says now."""
    if not isinstance(state, WeighParcel | VerifyUnit) or (isinstance(state, WeighParcel) and state.outside):
        return screen
    beside = tuple(_lit(each, live) if isinstance(each, Gauge) else each for each in screen.beside)
    if isinstance(state, VerifyUnit):
        return replace(screen, beside=beside)
    # It is what is waited for: what it wants stands under the prompt, and where nothing is expected so does the weight.
    gauges = tuple(each for each in beside if isinstance(each, Gauge))
    if live.words:
        # The label comes after the weight, and the order needs the room.
        answers = (Answer("ZERO", tr("The scale is empty")), *screen.answers) if live.asks else screen.answers
        return replace(screen, beside=gauges, detail=live.words, answers=answers)
    return replace(screen, beside=beside, detail="" if gauges else joined((live.title, live.reading)))


def _lit(gauge: Gauge, live: Live) -> Gauge:
    fits = not live.words and gauge.low <= live.grams <= gauge.high
    return replace(
        gauge, title=live.title or gauge.title, reading=live.reading, words=live.short or (tr("as expected") if fits else gauge.words), grams=live.grams,
        fits=fits, off=False,
    )  # fmt: skip
