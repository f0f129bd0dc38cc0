"""An order and its story: stages with their times, what happened with who, where and what was scanned, and what is in it."""

from core.kernel.reasons import Reason
from core.station import home
from core.station.home_queries import OrderSummary, SummaryLine
from core.station.note_queries import NoteSeen
from core.station.story import NOTED, REFUSED, StoryEvent
from desktop.cards import Card, LabelCard, Listing
from desktop.languages import clock, day, isolated, joined, plain, span, tr
from desktop.messages import event_words, reason_title, stage_words
from desktop.presenters.amending import wish_words
from desktop.presenters.home import face
from desktop.presenters.words import back, grouped, present
from desktop.presenters.writing import note_words
from desktop.proofs import Check
from desktop.screens import Answer, Screen
from desktop.storyline import Story, StoryRow, StoryStep, Weight

_MINUTE_MS = 60_000
_ENDS = 2
_ARROW, _ARROW_RTL = "  \u203a  ", "  \u2039  "


@present.register
def _(state: home.ShowOrder, _now: int = 0) -> Screen:
    found = state.found
    first, last = state.span
    rows = tuple(_row(event, found, is_last=n == len(found.events)) for n, event in enumerate(found.events, 1))
    earlier = Answer("QTY-1", tr("Earlier")) if first else Answer("QTY-1", tr("To the end"))
    more = (earlier,) if len(rows) > last - first else ()
    return Screen(
        prompt=tr("Order {order}", order=found.number),
        detail=_summary(found),
        proof=Story(rows[first:last], _steps(found), tr("Nothing happened yet.")),
        beside=_cards(found),
        answers=(
            *more,
            *(Answer(f"QTY-{home.WISH_KEYS[each]}", wish_words(each)) for each in state.wishes),
            Answer(f"QTY-{home.NOTES_KEY}", tr("Notes")),
            back(),
        ),
        # None of them is what is done next: whoever looked it up may scan the next one as well.
        scan=bool(state.wishes),
    )


def _summary(found: OrderSummary) -> str:
    if found.cancelled:
        return _cancelled(found)
    stood = tr("Held") if found.held else tr("Changed: waits") if found.changed else stage_words(found.stage)
    scans = sum(len(event.scans) for event in found.events if event.kind != REFUSED)
    refused = sum(event.kind == REFUSED for event in found.events)
    received, loaded = _at(found, "orders.receive"), _at(found, "shipping.load")
    took = tr("{time} from order to van", time=span((loaded - received) // _MINUTE_MS)) if received and loaded else ""
    counted = tr("{n} scans", n=scans) if scans else ""
    return joined((stood, took, counted, tr("{n} refused", n=refused) if refused else ""))


def _cancelled(found: OrderSummary) -> str:
    """Return how far the cancel of an order is."""
    if not found.cancel_asked:
        return tr("Cancelled")
    if not found.cancel_waits:
        return tr("Cancel asked")
    docks = joined(found.cancel_waits)
    if found.cancel_on_hold:
        held = joined(found.cancel_on_hold)
        return tr("Cancel asked, waits for {docks}. On hold: {held}", docks=docks, held=held)
    return tr("Cancel asked, waits for {docks}", docks=docks)


def _at(found: OrderSummary, *kinds: str) -> int:
    """Return when something of these kinds happened last; 0 for never."""
    return max((event.at for event in found.events if event.kind in kinds), default=0)


def _steps(found: OrderSummary) -> tuple[StoryStep, ...]:
    stage = found.stage
    picked, packed = _at(found, "picking.pick"), _at(found, "packing.close")
    steps = [
        StoryStep(tr("Received"), _time(_at(found, "orders.receive"), found), now=stage in ("waiting", "promised", "released")),
        StoryStep(tr("Picked"), _time(picked, found) if stage in ("picked", "packed", "loaded") else "", now=stage == "picked"),
        StoryStep(tr("Packed"), _time(packed, found) if stage in ("packed", "loaded") else "", now=stage == "packed"),
        StoryStep(tr("Loaded"), _time(_at(found, "shipping.load"), found) if stage == "loaded" else "", now=stage == "loaded"),
    ]  # fmt: skip
    if found.cut_off_at:
        steps.append(StoryStep(tr("leaves"), _time(found.cut_off_at, found)))
    return tuple(steps)


def _time(at: int, found: OrderSummary) -> str:
    """Return a time of day; with its day where the story is longer than one."""
    if not at or not found.events:
        return clock(at)
    same = day(at) == day(found.events[-1].at)
    return clock(at) if same else f"{isolated(plain(day(at))[5:])} {clock(at)}"


def _row(event: StoryEvent, found: OrderSummary, *, is_last: bool) -> StoryRow:
    time = _time(event.at, found)
    who = joined((_short(event.who), event.where))
    if event.kind == REFUSED:
        return StoryRow(
            time, tr("Refused: {reason}", reason=reason_title(event.reason)), who, _scanned(event), Weight.TROUBLE
        )
    if event.kind == NOTED:
        note = note_words(NoteSeen(event.at, event.who, event.text, event.photo))
        words = (
            tr("Note: {text}", text=note)
            if event.photo is None
            else tr("Photo: {text}", text=note)
            if event.text
            else note
        )
        return StoryRow(time, words, who, "", Weight.LAST if is_last else Weight.USUAL)
    words = tr("Cancel asked") if event.kind == "amending.cancel" and found.cancel_asked else event_words(event.kind)
    if event.item and event.kind.startswith("picking."):
        words = f"{words}: {tr('{quantity} x {item}', quantity=event.quantity, item=event.item)}"
    weight = Weight.USUAL if event.who else Weight.QUIET
    weight = Weight.TROUBLE if event.exceptional else Weight.LAST if is_last else weight
    return StoryRow(time, words, who or _office(event, found), _scanned(event) or _about(event, found), weight)


def _scanned(event: StoryEvent) -> str:
    """Return the codes in the order they were scanned; of many the first and the last: from where, to where."""
    arrow = _ARROW if isolated("x") == "x" else _ARROW_RTL
    ends = event.scans if len(event.scans) <= _ENDS else (event.scans[0], event.scans[-1])
    return arrow.join(grouped(code) for code in ends)


def _short(name: str) -> str:
    """Return a name as a floor says it: *Mara K*."""
    first, _, last = name.partition(" ")
    return f"{first} {last[0]}." if last else first


def _office(event: StoryEvent, found: OrderSummary) -> str:
    return tr("import, {channel}", channel=found.channel) if event.kind == "orders.receive" else ""


def _about(event: StoryEvent, found: OrderSummary) -> str:
    match event.kind:
        case "orders.receive":
            units = sum(line.quantity for line in found.lines)
            return joined((tr("{n} lines", n=len(found.lines)), tr("{n} units", n=units)))
        case "waves.release":
            leaves = tr("cut-off {time}", time=clock(found.cut_off_at)) if found.cut_off_at else ""
            return joined((found.carrier, leaves))
        case _:
            return ""


def _cards(found: OrderSummary) -> tuple[Card, ...]:
    name, place = isolated(found.name) or tr("Lines"), joined((found.city, found.country))
    cards: list[Card] = [Listing(name, place, tuple(_line(line, found) for line in found.lines))]
    if found.parcels:
        sscc, rendering = found.parcels[0]
        label = face(found.carrier, sscc, found.number, sum(line.packed for line in found.lines), 0, rendering)
        on_box = _at(found, "packing.apply_label")
        state = tr("on the box") if on_box or found.label_on else tr("not scanned back")
        more = tr("and {n} more", n=len(found.parcels) - 1) if len(found.parcels) > 1 else ""
        cards.append(LabelCard(tr("Label"), state, joined((clock(on_box), more)), label))
    return tuple(cards)


def _line(line: SummaryLine, found: OrderSummary) -> Check:
    words = isolated(line.description) or isolated(line.sku)
    short = tr("{n} short", n=line.short) if line.short else ""
    return Check(
        words,
        joined((_why(line.reason, found), short)),
        line.packed,
        line.quantity,
        current=False,
    )


def _why(reason: str, found: OrderSummary) -> str:
    """Return why a line of the order waits; nothing where it waits for nothing."""
    if reason == Reason.ORDER_CANCELLED:
        # Whose order it is stands above.
        return tr("Cancel asked") if found.cancel_asked else tr("Cancelled")
    return reason_title(reason) if reason else ""
