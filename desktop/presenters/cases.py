"""The cases that wait for a person: the list with what cannot wait first, and one of them with its steps and its decisions."""

from collections.abc import Iterator, Sequence

from core.station import cases
from core.station.back_queries import BackSeen
from core.station.case_queries import PAGE, CaseBooking, CaseParcel, CaseSeen
from desktop.languages import ago, clock, day, isolated, joined, tr
from desktop.messages import case_fact, case_steps, case_title, case_words, decision_words, refusal_words, role_words
from desktop.presenters.edits import changes_words
from desktop.presenters.words import back, grouped, moment, present
from desktop.presenters.writing import note_words
from desktop.proofs import Fact, Steps
from desktop.screens import Answer, Outcome, Screen

_STAYS = "\u00a0"
"""A space that no line is broken at: a code stays whole."""
_NEWEST = 2
"""Bookings of a delivery's line that stand among the steps; the others are facts."""


_PLACES, _ITEMS = 2, 3
"""Of how many totes and parcels, and how many items of each, is said what is taken out."""
_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000


@present.register(cases.LookAtCases)
@present.register(cases.LookAtCase)
@present.register(cases.Settling)
def _(_state: object, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: cases.ChooseCase, now: int = 0) -> Screen:
    page = state.page
    if not page.total:
        return Screen(
            prompt=tr("No case waits"), detail=tr("What nobody can settle alone comes up here."), answers=(back(),)
        )
    rows = tuple(_row(each, n, now) for n, each in enumerate(page.cases, 1))
    last = page.first + len(page.cases)
    more: tuple[Answer, ...] = ()
    if page.total > PAGE:
        words = tr("More cases") if last < page.total else tr("From the start")
        shown = tr("{first} to {last} of {total}", first=page.first + 1, last=last, total=page.total)
        more = (Answer(f"QTY-{len(rows) + 1}", words, shown),)
    prompt = tr("Cases about {got}", got=page.about) if page.about else tr("{n} cases wait", n=page.total)
    red = tr("{n} cannot wait", n=page.red) if page.red else ""
    hint = tr("Scan an order or a parcel to see its cases")
    return Screen(prompt=prompt, detail=". ".join(filter(None, (red, hint))), answers=(*rows, *more, back()))


def _row(seen: CaseSeen, number: int, now: int) -> Answer:
    """Return a case of the list: what it is, then its order, or where it is, and since when."""
    label = "".join(grouped(each.label) for each in seen.parcels[:1])
    about = isolated(seen.number) or isolated(seen.place) or label or isolated(seen.item or seen.station)
    mark = Outcome.REFUSE if seen.red else Outcome.CAUTION
    return Answer(f"QTY-{number}", case_title(seen.kind), joined((about, _since(seen.opened_at, now))), mark=mark)


@present.register
def _(state: cases.ShowCase, now: int = 0) -> Screen:
    seen = state.seen
    what = tr("Nothing is left to put back") if seen.nothing_left else case_words(seen.kind)[0]
    settled = tuple(Answer(f"QTY-{n}", decision_words(each)) for n, each in enumerate(cases.offered(seen), 1))
    answers = (*settled, Answer(f"QTY-{len(settled) + 1}", tr("Notes")))
    at = isolated(seen.place or seen.station)
    parcels = joined(_parcel(each) for each in seen.parcels)
    # Of an edit the two versions are what is compared: the keys say what may be done.
    told = _looks(seen) or _waits(seen) or _nothing_left(seen) or _takes_out(seen) or _both_places(seen, now)
    steps = tuple(changes_words(seen.changes)) or told or (*_newest(seen, now), *case_steps(seen.kind))
    over = dict(seen.facts).get("over", "")
    return Screen(
        prompt=what, detail=joined((_order(seen), tr("{n} too many", n=over) if over else "", isolated(seen.item), parcels or at)),
        proof=Steps(steps, tuple(_facts(seen, now)), seen.picture),
        answers=(*answers, back()), scan=True,
    )  # fmt: skip


def _waits(seen: CaseSeen) -> tuple[str, ...]:
    """Return why units are not put back yet."""
    return () if seen.waits is None else (refusal_words(seen.waits),)


def _nothing_left(seen: CaseSeen) -> tuple[str, ...]:
    """Return what is said where nothing is to be put back any more."""
    return (tr("Nothing of it is in a tote or a parcel any more."),) if seen.nothing_left else ()


def _takes_out(seen: CaseSeen) -> tuple[str, ...]:
    """Return what is taken out of which tote or parcel, and what becomes of it; nothing where that is too much to say."""
    places = list(dict.fromkeys(each.out_of for each in seen.back))
    if not places or len(places) > _PLACES or not all(places):
        return ()
    _, *rest = case_steps(seen.kind)
    return (*(_out_of(place, [each for each in seen.back if each.out_of == place]) for place in places), *rest)


def _out_of(place: str, units: Sequence[BackSeen]) -> str:
    said = [tr("{quantity} x {item}", quantity=each.quantity, item=isolated(each.item)) for each in units[:_ITEMS]]
    more = [tr("and {n} more", n=len(units) - _ITEMS)] if len(units) > _ITEMS else []
    return tr("Take out of {place}: {units}", place=grouped(place), units=joined((*said, *more)))


def _looks(seen: CaseSeen) -> tuple[str, ...]:
    """Return what to do about a carrier's label of which a code does not read."""
    if not seen.unread:
        return ()
    lies = tr("Look at {file} in the folder carrier/refused.", file=isolated(seen.file))
    where = lies if seen.file else tr("Look at its page as it would be printed.")
    return where, tr("If it is right, say so: it is printed. If not, fetch another.")


def _both_places(seen: CaseSeen, now: int) -> tuple[str, ...]:
    """Return where two put a box, a tote or goods down, in the order of the keys that say where it is."""
    looks = tuple(
        tr("Look at {place}: {who}.", place=each.place, who=joined((each.who, each.station, _since(each.at, now))))
        for each in (*seen.receipts, *reversed(seen.moves))
    )
    return (*looks, *(tr("The books have it at {place}.", place=each.place) for each in seen.moves[-1:]))


def _newest(seen: CaseSeen, now: int) -> tuple[str, ...]:
    """Return who booked what of a delivery's line last: that is what is compared."""
    return tuple(
        tr("{n} at {place}: {who}", n=each.quantity, place=isolated(each.place), who=_booked_by(each, now))
        for each in seen.bookings[-_NEWEST:]
    )


def _booked_by(each: CaseBooking, now: int) -> str:
    return joined((isolated(each.who), isolated(each.station), _since(each.at, now)))


def _facts(seen: CaseSeen, now: int) -> Iterator[Fact]:
    for note in seen.notes[-1:]:
        # The newest is shown here; all of them have a screen of their own.
        yield Fact(joined((tr("Note"), isolated(note.who), moment(note.at, now))), note_words(note))
    yield Fact(tr("Since"), _since(seen.opened_at, now))
    if (seen.who or seen.station) and not seen.moves:
        yield Fact(tr("Reported by"), joined((isolated(seen.who), isolated(seen.station))))
    if seen.place and seen.parcels:
        yield Fact(tr("Place"), isolated(seen.place))
    if seen.delivery:
        yield Fact(tr("Delivery"), isolated(seen.delivery))
    for each in seen.bookings[:-_NEWEST]:
        yield Fact(tr("{n} at {place}", n=each.quantity, place=isolated(each.place)), _booked_by(each, now))
    # A fault says its reason too, in the language that is spoken.
    twice = "reason" if "fault" in dict(seen.facts) else ""
    for name, value in seen.facts:
        if name != twice:
            yield Fact(*case_fact(name, value))
    yield Fact(tr("Decides"), role_words(cases.deciders(seen.kind)))


def _order(seen: CaseSeen) -> str:
    return tr("Order {order}", order=seen.number) if seen.number else ""


def _parcel(parcel: CaseParcel) -> str:
    """Return a parcel with where it is: in the van, or at the place the books have it."""
    where = tr("loaded") if parcel.loaded else isolated(parcel.place)
    told = f"{grouped(parcel.label)} ({where})" if where else grouped(parcel.label)
    return told.replace(" ", _STAYS)


def _since(at: int, now: int) -> str:
    """Return since when a case waits: how long ago up to an hour, the clock up to a day, then the day."""
    if not now or 0 <= now - at < _HOUR_MS:
        return ago(at, now) if now else clock(at)
    return clock(at) if now - at < _DAY_MS else joined((day(at), clock(at)))
