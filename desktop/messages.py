"""What an operator reads for every reason, note and name the core knows: short, active, the floor's nouns.

English is the source; `tr` says it in the language that is spoken, and a test holds every catalogue against the tables
below. The one thing a newcomer would get wrong: a sentence says what was expected, what was got and what to do, and
never an exception's text. Facts are filled in by name; a fact that is missing leaves its part out.
"""

import re
from collections.abc import Iterable, Mapping

from core.cases.decisions import Decision
from core.cases.model import CaseKind
from core.exchange.report import FILE_WORDS, WORDS, FileProblem, Problem, Trouble, printable
from core.kernel.flow import CodeKind, Say
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.kernel.spool import JobState
from core.orders.progress import Stage
from core.station.gear import DeviceSeen
from desktop.case_words import CASE_DECISIONS, CASE_FACTS, CASE_STEPS, CASE_TITLES, CASE_VALUES, CASES
from desktop.edit_words import EDIT_FIELDS, EDIT_VALUES
from desktop.event_words import EVENTS
from desktop.fault_words import BYTE, LABEL_FAULTS, LABEL_PLACES, LABEL_VALUES, MEASURE, PAGE, place_of, sentence_of
from desktop.floor_words import JOBS, KEY_WORDS, ROLES, STAGES
from desktop.gear_words import CHECK_TROUBLES, CHECKS, DEVICE_ORDERS, DEVICE_TROUBLES, SHEET_TROUBLES, SPEECHES
from desktop.join_words import JOIN_TROUBLES, Why
from desktop.kind_words import FILE_KINDS, KINDS
from desktop.languages import isolated, joined, measured, spoken, tr
from desktop.line_words import LINE_PARTS, LINE_REMEDIES, LINE_TROUBLES, REFUSED
from desktop.printer_words import (
    CARTON_PAPER,
    JOB_STATES,
    LABEL_KINDS,
    PAPER_KINDS,
    PRINTER_STEPS,
    PRINTER_TROUBLES,
    RIGHT_LABELS,
    TRIAL_STEPS,
)  # fmt: skip
from desktop.refusal_words import REFUSALS
from desktop.system_words import AT_AN_ADDRESS, SYSTEM_WORDS, said_of

NOTES: Mapping[Note, str] = {
    Note.SIGNED_IN: "Signed in: {name}",
    Note.SIGNED_OUT: "Signed out",
    Note.RESUMED: "Here you stopped",
    Note.DELIVERY_OPENED: "Delivery {number}",
    Note.BOOKED_IN: "Booked in: {quantity} x {item} at {location}",
    Note.MORE_THAN_ANNOUNCED: "More than announced: {booked} of {expected}",
    Note.DELIVERY_FINISHED: "Finished: delivery {number}",
    Note.CART_READY: "Cart ready for batch {batch}",
    Note.RIGHT_PLACE: "Right place: {location}",
    Note.RIGHT_ITEM: "Right: {item}",
    Note.SERIAL_TAKEN: "Serial {serial}",
    Note.PUT: "Put: {quantity} x {item} in slot {slot}, order {order}",
    Note.TOTE_FULL: "Tote {tote} is full",
    Note.SKIPPED: "Skipped {location}{label}",
    Note.SHORTED: "Short: {quantity} x {item} at {location}",
    Note.DAMAGED: "Damaged: {quantity} x {item} to {place}",
    Note.REPOINTED: "Taken from {location} {lot}",
    Note.HUB_ASKED: "The hub is asked for {location} {lot}: scan again in a moment, or skip or say short",
    Note.UNDONE: "Undone",
    Note.BATCH_DONE: "Batch {batch} is picked",
    Note.PAUSED: "Paused: {cart} waits",
    Note.SLIPS: "Slips print: {slips}",
    Note.OPENED: "Order {order}",
    Note.CARTON: "Carton {carton}",
    Note.PACKED: "{item}: {packed} of {units}",
    Note.WEIGHED: "{grams} g",
    Note.CLOSED: "All in: order {order}",
    Note.LABEL_PRINTING: "Prints: {label}",
    Note.LABEL_APPLIED: "Label is on the box: {label}",
    Note.MISSING: "{quantity} missing: order {order} goes without",
    Note.BACK_TO_PICK: "{quantity} are picked again: put order {order} aside",
    Note.IN_HOSPITAL: "Order {order} waits: {place}.",
    Note.REOPENED: "Order {order} is open again",
    Note.REOPENED_PAPER: "Order {order} is open again. Take off and out: {paper}",
    Note.NEXT_BOX: "Next carton",
    Note.REPRINTING: "Prints again: {label}",
    Note.ROLL_CHANGED: "{printer} prints again",
    Note.PRINTER_ADDED: "{printer} is added",
    Note.BADGE_RENEWED: "The new badge of {name} works, the old one does not",
    Note.PRINTER_KNOWN: "That is {printer}, which is added already",
    Note.PRINTER_GONE: "{printer} is taken off",
    Note.SENT_ELSEWHERE: "{printer} prints it now",
    Note.DOCK_OPEN: "Dock {dock}",
    Note.LOADED: "Loaded: {label}, order {order}",
    Note.UNLOADED: "Unloaded: {label}",
    Note.MANIFEST_CLOSED: "Manifest {number} closed: {parcels} parcels",
    Note.SET_ASIDE: "Set aside {label}{order}",
    Note.RETURN_RECEIVED: "Received: {label}, at {place}",
    Note.MOVED: "Moved: {quantity} x {item} to {location}",
    Note.TOTE_MOVED: "Moved: {tote} to {location}",
    Note.ORDER_CANCELLED: "Cancelled: order {order}",
    Note.CANCEL_ASKED: "Cancel asked: order {order}",
    Note.ORDER_HELD: "Held: order {order}",
    Note.HOLD_OVER: "Goes on: order {order}",
    Note.CASE_OPENED: "Help is called",
    Note.CASE_SETTLED: "Settled",
    Note.NOTE_WRITTEN: "Kept",
    Note.NO_CASES: "Nothing waits about {got}",
    Note.LOOKED_UP: "{what}",
    Note.OVERRIDDEN: "Passed by {name}",
    Note.CANCELLED: "Cancelled",
    Note.HELP: "Help",
    Note.TYPE_CODE: "Type a code",
}


PROBLEMS: Mapping[Problem, str] = WORDS
"""Why a line or a document of a file was not taken: said after its value."""

FILE_PROBLEMS: Mapping[FileProblem, str] = FILE_WORDS
"""Why a file as a whole cannot be read: said after its name."""
FACT_SHOWN = 120
"""Characters of a fact about a file that have room on the screen."""

ANSWERS: Mapping[str, str] = {
    "COULD_NOT_LOCATE": "Not found",
    "STOCKOUT": "Shelf is empty",
    "DIFFERENT_LOCATION": "Lies elsewhere",
    "BIN_NOT_ACCESSIBLE": "Cannot reach it",
    "WRONG_ITEM_PICKED": "Wrong item in the tote",
    "INCORRECT_LOT_PICKED": "Wrong lot in the tote",
    "MISPLACED": "Lies in another tote",
    "JAM": "Printer jammed",
    "DAMAGED": "Label damaged",
    "LOST": "Label lost",
    "WRONG_PRINTER": "Wrong printer",
    "customer": "The customer asks for it",
    "ordered_twice": "Ordered twice",
    "no_goods": "Not to be had",
    "fraud": "Suspected fraud",
    "office": "The office asks for it",
    "address": "The address is unclear",
    "money": "The payment is unclear",
}
"""Reasons that somebody gives; a site's own codes are shown as the site wrote them."""


_FACT = re.compile(r"\{\w+\}")


def fill(sentence: str, facts: Mapping[str, str | int]) -> str:
    """Return a sentence with its facts filled in, in the language that is spoken."""
    kind, paper = str(facts.get("expected_kind", "")), str(facts.get("paper", ""))
    said = {"expected_kind": kind_words(kind), "paper": paper_words(paper.split(","))}
    return tr(sentence, **{**facts, **said})


GOT_SHOWN = 24
"""Characters of a code that was scanned: a square one has hundreds, and no blank at which a line could end."""


def refusal_words(refusal: Refusal) -> str:
    """Return the sentence of a refusal; of a long code that names nothing its beginning."""
    got = str(refusal.facts.get("got", ""))
    long = refusal.reason is Reason.UNKNOWN_CODE and len(got) > GOT_SHOWN
    return fill(REFUSALS[refusal.reason], {**refusal.facts, "got": f"{got[:GOT_SHOWN]}…"} if long else refusal.facts)


def reason_words(reason: Reason | str, /, **facts: str | int) -> str:
    """Return the sentence of a reason; empty for none."""
    return fill(REFUSALS[Reason(reason)], facts) if reason else ""


def reason_title(reason: Reason | str) -> str:
    """Return how the sentence of a reason begins, where its facts are not known any more."""
    words = spoken().form(REFUSALS[Reason(reason)], None).partition(". ")[0].rstrip(".")
    return _FACT.sub("…", words.partition(", ")[0]).removesuffix(": …")


def note_words(say: Say) -> str:
    """Return the sentence of the last-scan band."""
    note = Note(say.note)
    if note is Note.PUT and not say.facts["slot"]:
        # The tote of single units is on no slot, and they find their orders at the bench.
        return tr("Put: {quantity} x {item}", quantity=say.facts["quantity"], item=say.facts["item"])
    return fill(NOTES[note], say.facts)


def kind_words(kind: str) -> str:
    """Return what people call a kind of code; empty for none."""
    return tr(KINDS[CodeKind(kind)]) if kind in KINDS else kind


def paper_words(kinds: Iterable[str]) -> str:
    """Return what people call kinds of paper that go with a carton."""
    return joined(tr(CARTON_PAPER[kind]) for kind in kinds if kind in CARTON_PAPER)


def role_words(roles: str) -> str:
    """Return a person's comma-separated roles."""
    return joined(tr(ROLES.get(role, role)) for role in roles.split(","))


def job_name(flow: str) -> str:
    """Return what the menu calls a job."""
    return tr(JOBS[flow])


def line_trouble(reason: str) -> str:
    """Return what is wrong with the line to the hub."""
    return tr(LINE_TROUBLES.get(reason, LINE_TROUBLES[REFUSED]))


def line_remedy(reason: str) -> str:
    """Return what to do about it."""
    return tr(LINE_REMEDIES.get(reason, LINE_REMEDIES[REFUSED]))


def join_trouble(why: Why, facts: Mapping[str, str | int]) -> str:
    """Return why a PC cannot join, and what to do."""
    return tr(JOIN_TROUBLES[why], **facts)


def device_trouble(device: DeviceSeen) -> str:
    """Return why a device is not at work, and what to do; empty for one that is."""
    why = trouble_name(device)
    if why == "in_use" and not device.by:
        why = "in_use_by_somebody"
    return tr(DEVICE_TROUBLES[why], device=device.name, owner=device.by) if why else ""


def device_order(device: DeviceSeen) -> str:
    """Return what to do about a device, in as few words as there are; empty for one that is at work."""
    why = trouble_name(device)
    return tr(DEVICE_ORDERS[why], device=device.name) if why else ""


def trouble_name(device: DeviceSeen) -> str:
    """Return the name of a device's trouble: of a scale that is away its power key is the first thing to try."""
    why = device.trouble
    return "scale_silent" if why in ("silent", "absent", "unplugged") and device.kind == "scale" else why


def speech_name(speech: str) -> str:
    """Return how a device speaks, where that is more than its maker's name; empty where it is not."""
    return tr(SPEECHES[speech]) if speech in SPEECHES else ""


def sheet_trouble(why: str) -> str:
    """Return why nothing was learnt of a scanner; empty for none."""
    return tr(SHEET_TROUBLES[why]) if why else ""


def check_name(about: str) -> str:
    """Return what was checked."""
    return tr(CHECKS[about])


def check_words(why: str, detail: str = "") -> str:
    """Return what is the matter and what to do, with a figure or a name beside it; empty for nothing."""
    if why == "in_use" and detail:
        return tr(CHECK_TROUBLES["in_use_by"], owner=detail)
    if why == "known":
        return tr(CHECK_TROUBLES[why], owner=detail)
    if why == "printer_held":
        return tr(CHECK_TROUBLES[why], fault=trouble_words(detail))
    return f"{tr(CHECK_TROUBLES[why])} {isolated(detail)}".rstrip() if why else ""


def line_part(engine: str) -> str:
    """Return what an engine of the line is for."""
    return tr(LINE_PARTS[engine])


def file_kind(kind: str) -> str:
    """Return what a file holds."""
    return tr(FILE_KINDS[kind])


def problem_words(problem: Problem) -> str:
    """Return why a line or a document of a file was not taken."""
    return tr(PROBLEMS[problem])


def file_problem_words(trouble: Trouble) -> str:
    """Return why a file as a whole cannot be read; long facts cut, since the file can be looked at."""
    facts = {name: printable(str(value), FACT_SHOWN) for name, value in trouble.facts}
    if "why" in facts:
        facts["why"] = _system_words(facts["why"])
    return tr(FILE_PROBLEMS[trouble.problem], **facts)


def stage_words(stage: str) -> str:
    """Return where an order stands; empty where nobody knows."""
    return tr(STAGES[Stage(stage)]) if stage else ""


def key_words(verb: str) -> str:
    """Return the word of an F key."""
    return tr(KEY_WORDS[verb])


def answer_words(code: str) -> str:
    """Return a reason as its answer says it."""
    return tr(ANSWERS.get(code, code))


def fault_words(fault: str) -> str:
    """Return what is wrong with a label, a list or a template, and where; in its own words where it is of an unknown kind."""
    where, about, what = place_of(fault)
    known = sentence_of(what)
    words = what if known is None else tr(LABEL_FAULTS[known[0]], **{n: _value_words(v) for n, v in known[1].items()})
    words = ": ".join((*map(_value_words, about), words))
    if not where:
        return words
    return tr(LABEL_PLACES["list" if "column" in where else "template"], **where, what=words)


def _value_words(value: str) -> str:
    """Return what stands in such a sentence as people read it: a word of ours in their language, all else as it is."""
    known = LABEL_VALUES.get(value) or CARTON_PAPER.get(value)
    if known:
        return tr(known)
    page = PAGE.fullmatch(value)
    if page:
        return tr(LABEL_PLACES["page"], page=page[1])
    byte = BYTE.fullmatch(value)
    if byte:
        return tr(LABEL_PLACES["byte"], byte=byte[1])
    return measured(value) if MEASURE.fullmatch(value) else _system_words(value)


def _system_words(why: str) -> str:
    """Return why a file will not do, as its reader or the system says it; what is not known stays in their words."""
    known = said_of(why)
    if known is None:
        return isolated(why)
    name, facts = known
    if "what" in facts:
        facts = {**facts, "what": _system_words(facts["what"])}
    return tr(SYSTEM_WORDS[name], **facts)


def trouble_words(fault: str) -> str:
    """Return what to do about a printer, for its comma-separated troubles or a fault's own words."""
    if sentence_of(place_of(fault)[2]) is not None:
        return fault_words(fault)
    line = AT_AN_ADDRESS.fullmatch(fault)
    if line is not None:
        return f"{isolated(line['address'])}: {_system_words(line['why'])}"
    return joined(tr(PRINTER_TROUBLES.get(each, each)) for each in fault.split(","))


def printer_steps(fault: str, width_mm: int = 0, height_mm: int = 0) -> tuple[str, ...]:
    """Return what is to be done at a printer for the first of its comma-separated troubles, or whom to call."""
    found = PRINTER_STEPS.get(fault.split(",", maxsplit=1)[0], PRINTER_STEPS[""])
    sized = tr("Put in the new one: {width} x {height} mm", width=width_mm, height=height_mm)
    return tuple(sized if width_mm and each == RIGHT_LABELS else tr(each) for each in found)


def trial_step(fault: str, address: str) -> str:
    """Return what else is to be done where a printer cannot be asked what it is; empty where that is all."""
    return tr(TRIAL_STEPS[fault], address=address) if fault in TRIAL_STEPS else ""


def paper_kind(paper: str) -> str:
    """Return what a printer may be given."""
    return tr(PAPER_KINDS[paper])


def job_words(state: str) -> str:
    """Return how far a print job is; empty for none."""
    return tr(JOB_STATES[JobState(state)]) if state else ""


def label_kind(kind: str) -> str:
    """Return what labels of a kind are for."""
    return tr(LABEL_KINDS[kind])


def case_title(kind: CaseKind) -> str:
    """Return what a kind of case is called in a list."""
    return tr(CASE_TITLES[kind])


def case_words(kind: CaseKind) -> tuple[str, str]:
    """Return what happened, by the kind of a case, and what to do about it."""
    return tr(CASES[kind]), " ".join(case_steps(kind))


def case_steps(kind: CaseKind) -> tuple[str, ...]:
    """Return what to do about a case, step by step."""
    return tuple(tr(each) for each in CASE_STEPS[kind])


def decision_words(decision: Decision) -> str:
    """Return what was decided about a case."""
    return tr(CASE_DECISIONS[decision])


def case_fact(name: str, value: str) -> tuple[str, str]:
    """Return one thing that a case says, as people read it: its name, and its value."""
    if name == "kind":
        said = tr(EVENTS[value]) if value in EVENTS else value
    elif name == "fault":
        said = trouble_words(value)
    elif value in REFUSALS:
        said = reason_title(value)
    elif value in CASE_VALUES:
        said = tr(CASE_VALUES[value])
    else:
        said = answer_words(value) if value in ANSWERS else isolated(printable(value, FACT_SHOWN))
    return tr(CASE_FACTS[name]), said


def edit_field(name: str) -> str:
    """Return what a thing that an edit changes is called; its own name where it has no words."""
    return tr(EDIT_FIELDS[name]) if name in EDIT_FIELDS else isolated(name)


def edit_value(value: str) -> str:
    """Return a value of an edit, in words where it is one of a few."""
    return tr(EDIT_VALUES[value]) if value in EDIT_VALUES else isolated(printable(value, FACT_SHOWN))


def event_words(kind: str) -> str:
    """Return what an operation is called in an order's story."""
    return tr(EVENTS[kind])
