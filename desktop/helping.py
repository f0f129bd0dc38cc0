"""Help at the present step (F1): what it wants, and what every key does here, each with the code that can be scanned."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.kernel.flow import Expect
from desktop.kind_words import KINDS
from desktop.languages import isolated, tr
from desktop.messages import kind_words
from desktop.proofs import Fact, Place, Take
from desktop.screens import BLOCK, Screen

_WANTS_MAX = 2
_STEPS: Mapping[str, tuple[str, ...]] = {
    "sign_in": ("person",),
    "home": ("location", "tote", "item", "order", "parcel"),
    "pick": ("cart", "location", "item", "tote"),
    "pack": ("tote", "box_type", "item", "weight", "parcel"),
    "dispatch": ("location", "parcel"),
    "returns": ("parcel", "location"),
    "receive": ("item", "location"),
}
"""What is scanned at a bench, kind by kind, in the order of the work."""


@dataclass(frozen=True, slots=True)
class HelpKey:
    """What a key does here."""

    verb: str
    """What its key and its command code do."""
    word: str
    explanation: str


@dataclass(frozen=True, slots=True)
class HelpStep:
    """One step of the work as a picture."""

    kind: str
    """What is scanned or weighed: it has an icon of this name."""
    words: str
    now: bool
    picture: str = ""
    """SHA-256 of the item's picture, where it is the item that is asked for and there is one."""


@dataclass(frozen=True, slots=True)
class Help:
    """The page of help for a step."""

    title: str
    wants: tuple[Fact, ...]
    """What can be scanned now: kind and code."""
    keys: tuple[HelpKey, ...]
    steps: tuple[HelpStep, ...] = ()
    """The work of this bench, with the present step lit."""


def help_for(screen: Screen, expects: tuple[Expect, ...], flow: str = "") -> Help:
    """Return the help for a screen that takes these codes next."""
    wants: dict[str, Fact] = {}
    for each in expects:
        if each.meaning == "next" and each.kind in KINDS:
            words = kind_words(each.kind)
            wants.setdefault(words, Fact(words, isolated(each.code)))
    return Help(
        screen.prompt.replace(BLOCK, "" if screen.block is None else screen.block.words),
        tuple(wants.values())[:_WANTS_MAX],
        (
            *(_key(each.verb, each.words) for each in screen.row if each.enabled),
            _key("FIND", tr("Type a code")),
            _key("MENU", tr("Menu")),
            _key("NO", tr("Back")),
        ),
        _steps(screen, expects, flow),
    )


def _steps(screen: Screen, expects: tuple[Expect, ...], flow: str) -> tuple[HelpStep, ...]:
    wanted = next((each.kind for each in expects if each.meaning == "next"), "")
    known = screen.proof.thing.picture if isinstance(screen.proof, Place | Take) else ""
    return tuple(
        HelpStep(kind, tr("scale") if kind == "weight" else kind_words(kind), kind == wanted, known if kind == "item" else "")
        for kind in _STEPS.get(flow, ())
    )  # fmt: skip


def _key(verb: str, word: str) -> HelpKey:
    return HelpKey(verb, word, _explained(verb))


def _explained(verb: str) -> str:
    match verb:
        case "SHORT":
            return tr("Too few here. It asks why.")
        case "DAMAGED":
            return tr("Broken: to quarantine, with a label.")
        case "FULL":
            return tr("No more fits. On with the next.")
        case "REPRINT":
            return tr("The label once more.")
        case "SKIP":
            return tr("Do this later.")
        case "WEIGH":
            return tr("Take the weight again.")
        case "UNDO":
            return tr("Take the last step back.")
        case "CALL":
            return tr("Call help and go on.")
        case "FIND":
            return tr("For a code that will not scan.")
        case "MENU":
            return tr("Other jobs, and signing out.")
        case _:
            return tr("One step back.")
