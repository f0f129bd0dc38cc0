"""The line to the hub: the row under the strip that always says how it is, and the screen for IT."""

from collections.abc import Iterator, Sequence

from core.exchange.report import printable
from core.station.line import LookAtLine, ShowLine, Standing, Trouble
from desktop.languages import ago, clock, isolated, joined, span, tr
from desktop.messages import line_part, line_remedy, line_trouble
from desktop.presenters.words import back, present
from desktop.proofs import Check, Fact, Sheet
from desktop.screens import Answer, Line, Outcome, Screen

_MINUTE_S = 60
_HOUR_MS = 3_600_000
_WORDS = 64
"""Characters of a machine's words that stand on one line."""
_CLOCK_OFF_MS = 60_000
"""A clock that is off by more is worth a word; nothing is ordered or refused by it."""
_SET_CLOCK_MS = 300_000
"""And one that is off by more is to be set: the hub's page says so from there on, too."""


def line_of(standing: Standing, now: int) -> Line:
    """Return the row under the strip: connected or since when not, how much waits, how long the held work lasts."""
    if any(each.final for each in standing.troubles):
        final = next(each for each in standing.troubles if each.final)
        return Line(Outcome.REFUSE, line_trouble(final.reason), (tr("Call IT."), _waiting(standing)))
    red = tr("{n} cases cannot wait", n=standing.red) if standing.red else ""
    hears = tr("The hub hears its stations first") if standing.hears else ""
    facts = tuple(filter(None, (_waiting(standing), _held(standing), hears, red)))
    if standing.loading is not None:
        words = tr("Loading the site: {done} %", done=standing.loading // 10)
        return Line(Outcome.INFO if standing.connected else Outcome.CAUTION, words, facts)
    if standing.connected:
        return Line(Outcome.ACCEPT, tr("Connected"), facts)
    return Line(Outcome.CAUTION, _without(standing.since, now), facts)


def _without(since: int, now: int) -> str:
    """Return since when there is no hub: how long up to an hour, then the clock."""
    if 0 <= now - since < _HOUR_MS:
        return tr("Without the hub for {time}", time=span((now - since) // 60_000))
    return tr("Without the hub since {time}", time=clock(since))


def _when(at: int, now: int) -> str:
    """Return an instant: how long ago up to an hour, then the clock."""
    return ago(at, now) if 0 <= now - at < _HOUR_MS else clock(at)


def _waiting(standing: Standing) -> str:
    return tr("{n} steps wait to be sent", n=standing.waiting) if standing.waiting else tr("nothing waits")


def _held(standing: Standing) -> str:
    if standing.held_seconds is None:
        return ""
    if not standing.held_seconds:
        return tr("no work held")
    return tr("work for {time}", time=span(standing.held_seconds // _MINUTE_S))


@present.register
def _(_state: LookAtLine, _now: int = 0) -> Screen:
    return Screen(prompt="…")


@present.register
def _(state: ShowLine, now: int = 0) -> Screen:
    standing = state.standing
    worst = sorted(standing.troubles, key=lambda each: not each.final)
    return Screen(
        prompt=line_of(standing, now).words,
        detail=_remedy(standing, worst),
        proof=Sheet(_rows(worst), _facts(standing, now), tr("Every part of the line works.")),
        answers=(Answer("CONFIRM", tr("Look again")), *_cases(standing), back()),
    )


def _remedy(standing: Standing, worst: Sequence[Trouble]) -> str:
    """Return what is to be done: about what is wrong, else about a hub that gives nothing out."""
    if worst:
        return line_remedy(worst[0].reason)
    if standing.hears:
        return tr(
            "The hub was set back, or is a copy of another. New work comes once every station spoke with it: its page names those that did not."
        )
    if abs(standing.offset_ms) >= _SET_CLOCK_MS:
        return tr("Set this PC's clock: what is printed here says its time. Nothing is refused for it.")
    return tr("Nothing is to be done.")


def _cases(standing: Standing) -> Iterator[Answer]:
    """Yield the way to the cases that wait: what the hub took and could not settle alone is among them."""
    if standing.cases:
        mark = Outcome.REFUSE if standing.red else Outcome.CAUTION
        yield Answer("QTY-1", tr("Cases: {n}", n=standing.cases), mark=mark)


def _rows(troubles: Sequence[Trouble]) -> tuple[Check, ...]:
    """Return a row for each thing that is wrong, with the parts of the line that it stops: one cause often stops them all."""
    by_cause: dict[tuple[bool, str], list[Trouble]] = {}
    for each in troubles:
        by_cause.setdefault((each.final, each.reason), []).append(each)
    return tuple(_row(same, final=final, reason=reason) for (final, reason), same in by_cause.items())


def _row(same: Sequence[Trouble], *, final: bool, reason: str) -> Check:
    """Return what is wrong as a machine says it, for support; where one stopped, which part: its sentence is the prompt."""
    parts = joined(line_part(each.engine) for each in same)
    words = isolated(printable(" ".join(same[0].words.splitlines()[:1]), _WORDS))
    if final:
        return Check(parts, words, 0, 1, current=True, amount=tr("stopped"))
    return Check(line_trouble(reason), words or parts, 0, 1, current=False, amount=tr("is tried again"))


def _facts(standing: Standing, now: int) -> tuple[Fact, ...]:
    oldest = _when(standing.oldest_at, now) if standing.oldest_at else tr("nothing waits")
    behind = max(0, standing.head - standing.cursor)
    facts = [
        Fact(tr("Hub"), isolated(standing.hub.removeprefix("http://"))), Fact(tr("Waiting"), str(standing.waiting)),
        Fact(tr("Oldest"), oldest),
        Fact(tr("Taken"), isolated(str(standing.cursor))),
        Fact(tr("Behind"), tr("{n} rows", n=behind) if behind else tr("nothing")),
        Fact(tr("Clock"), _clock(standing.offset_ms)),
    ]  # fmt: skip
    if standing.held_seconds is not None:
        held = span(standing.held_seconds // _MINUTE_S) if standing.held_seconds else tr("nothing")
        facts.append(Fact(tr("Work for"), held))
    if standing.zones:
        facts.append(Fact(tr("Zones"), joined(standing.zones)))
    return tuple(facts)


def _clock(offset_ms: int) -> str:
    """Return how this station's clock differs from the hub's."""
    if abs(offset_ms) < _CLOCK_OFF_MS:
        return tr("as the hub's")
    time = span(abs(offset_ms) // 60_000)
    return tr("{time} ahead", time=time) if offset_ms > 0 else tr("{time} behind", time=time)
