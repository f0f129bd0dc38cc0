"""Outcomes and the frame round every screen: the refusal that fills the window, the last scan, who works here."""

import re

from core.catalog.codes import without_aim
from core.kernel.flow import Say, Tone
from core.kernel.journal import GestureInput
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.packing.states import StickLabel
from core.packing.views import PackView
from core.people.queries import Operator
from core.picking.views import TaskView
from core.rules.policies import SUPERVISOR
from core.station.station import Feedback, Input
from desktop.floor_words import KEY_WORDS
from desktop.languages import isolated, kilograms, plain, tr
from desktop.messages import key_words, note_words, reason_words, refusal_words, role_words, trouble_words
from desktop.presenters.words import grouped, item_words
from desktop.proofs import Thing
from desktop.screens import Answer, Band, Device, Frame, KeyCap, Outcome, Side, Stop

_LONG = re.compile(r"\b\d{13,18}\b")
"""Numbers nobody reads in one go."""
_STRIP = 18
"""Characters about a printer that have room in the strip of the smallest window."""
_WAYS_ON = ("SHORT", "CALL")
_OUTCOMES = {Tone.ACCEPT: Outcome.ACCEPT, Tone.DONE: Outcome.ACCEPT, Tone.CAUTION: Outcome.CAUTION}


def refusal_screen(refusal: Refusal, dropped: int, row: tuple[KeyCap, ...] = ()) -> Stop:
    """Return the refusal that fills the window: what was expected, what was got, what to do.

    Args:
        refusal: what was refused.
        dropped: scans that were not taken.
        row: the keys of the state below: those that lead on are offered.
    """
    words = _LONG.sub(lambda found: grouped(found.group()), refusal_words(refusal))
    title, _, rest = words.partition(". ")
    expected, got = _sides(refusal)
    if expected and got and got.thing.variant and expected.thing.name == got.thing.name:
        rest = tr("Put it back. Scan the {variant} one.", variant=expected.thing.variant)
    ways = [Answer(each.verb, each.words) for each in row if each.enabled and each.verb in _WAYS_ON]
    if "override" in refusal.facts:
        # A supervisor's badge lets it through; where none is there, the call parks the work.
        who = Reason.SUPERVISOR_NEEDED if refusal.facts.get("passed_by", SUPERVISOR) else Reason.NOT_OVERRIDABLE
        if refusal.reason is not who:
            rest = f"{rest} {reason_words(who)}".strip()
        if all(each.key != "CALL" for each in ways):
            ways.append(Answer("CALL", key_words("CALL")))
    more = tr("{n} more scans not taken. Scan them again.", n=dropped) if dropped else ""
    return Stop(title.rstrip("."), rest, expected, got, more, (*ways, Answer("NO", tr("Back to the work"))))


def _sides(refusal: Refusal) -> tuple[Side | None, Side | None]:
    """Return what is compared: an item with what tells it from others, anything else by its code."""
    title = tr("The line wants") if refusal.reason is Reason.WRONG_ITEM else tr("Expected")
    expected, got = _thing(refusal, "expected"), _thing(refusal, "got")
    wanted = None if expected is None else Side(title, expected)
    scanned = None if got is None else Side(tr("You scanned"), got)
    if wanted is None and not refusal.facts.get("got_label"):
        # A code that says nothing more than the sentence does needs no card of its own.
        return None, None
    return (wanted, scanned) if scanned is not None else (None, None)


def _thing(refusal: Refusal, name: str) -> Thing | None:
    code, label, variant, picture = (
        str(refusal.facts.get(f"{name}{part}", "")) for part in ("", "_label", "_variant", "_picture")
    )
    if not code and not label:
        return None
    if not label or label == code:
        return Thing(grouped(code), picture=picture)
    words = label.removesuffix(f", {variant}") if variant else label
    return Thing(isolated(words), isolated(variant), grouped(code), picture)


def last_scan(feedback: Feedback) -> Band | None:
    """Return the band of an input that was taken: the outcome in a word or two, what was read, what it meant.

    In a note's sentence what stands before its colon is the outcome; a note without one is all meaning.
    """
    given, note = feedback.input, feedback.note
    if given is None or note is None:
        return None
    words = note_words(_named(note, feedback.state))
    head, colon, meant = words.partition(": ")
    got = _got(given)
    outcome = _outcome_word(note.note)
    if outcome:
        head, meant = outcome, words
    elif not colon:
        head = words
    # A fact is isolated already: its groups are not once more.
    meant = _LONG.sub(lambda found: plain(grouped(found.group())), meant)
    if got and plain(meant).startswith(plain(got)):
        meant = meant.replace(got, "", 1).lstrip(" ,،")
    return Band(_OUTCOMES.get(feedback.tone, Outcome.INFO), head, got, meant, given.at)


def frame_of(
    operator: Operator | None, bench: str, state: object, *, simulated: bool, plugged: tuple[Device, ...] = ()
) -> Frame:
    """Return who works where, with which devices: a printer that waits says so, whatever is shown.

    Args:
        operator: who is signed in.
        bench: what the place is called.
        state: a flow's; a label that waits for its printer is in it.
        simulated: whether the devices are drawn on the screen.
        plugged: the devices that are really there, with words where one is in trouble.
    """
    stuck = isinstance(state, StickLabel) and state.job_state in ("held", "failed_clean")
    words = _printer(state.fault) if stuck and isinstance(state, StickLabel) else ""
    drawn = (Device("scanner"), Device("scale")) if simulated else ()
    # Of a device that nobody watches nothing is said, and that it is ready least of all.
    devices = (*drawn, *plugged, *((Device("printer", words),) if simulated or words else ()))
    ready = tr("Simulated devices") if simulated else tr("All ready") if plugged else ""
    if operator is None:
        return Frame(tr("Nobody signed in"), "", isolated(bench), devices, ready)
    return Frame(isolated(operator.name), role_words(operator.roles), isolated(bench), devices, ready)


def _named(note: Say, state: object) -> Say:
    """Return a note whose item is called as the screen calls it, where the step that is shown knows it by its SKU."""
    sku, view = note.facts.get("item"), getattr(state, "view", None)
    lines = view.lines if isinstance(view, PackView) else (view,) if isinstance(view, TaskView) else ()
    known = next((each for each in lines if each.sku == sku), None)
    if known is None:
        return note
    return Say(note.note, {**note.facts, "item": item_words(known.description, known.variant, known.sku)})


def _outcome_word(note: str) -> str:
    """Return the outcome of a note that says only what a scan meant; empty for one that says both."""
    match note:
        case Note.PACKED:
            return tr("Right")
        case Note.WEIGHED:
            return tr("Weighed")
        case Note.LOOKED_UP:
            return tr("Found")
        case _:
            return ""


def _got(given: Input) -> str:
    """Return what came in, as people read it: a key by its word, a weight with its unit, a code in groups."""
    verb = given.text.partition("-")[0]
    match given.kind:
        case GestureInput.KEY:
            return key_words(verb) if verb in KEY_WORDS else ""
        case GestureInput.WEIGHT:
            # As the scale said it, where it did.
            said = " ".join(given.shown.split()[:2])
            return isolated(said) if said else kilograms(int(given.text)) if given.text else ""
        case _:
            return grouped(without_aim(given.text) if given.kind is GestureInput.SCAN else given.text)


def _printer(fault: str) -> str:
    """Return what is wrong with the printer, in the strip; where that is too long for it, the step says it in full."""
    words = trouble_words(fault)
    return tr("Printer: {fault}", fault=words) if len(plain(words)) <= _STRIP else tr("Printer waits")
