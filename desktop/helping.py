"""Help at the present step (F1): what it wants, and what every key does here, each with the code that can be scanned."""

from dataclasses import dataclass

from core.kernel.flow import Expect
from desktop.languages import isolated, tr
from desktop.messages import KINDS, kind_words
from desktop.proofs import Fact
from desktop.screens import BLOCK, Screen

_WANTS_MAX = 2


@dataclass(frozen=True, slots=True)
class HelpKey:
    """What a key does here."""

    verb: str
    """What its key and its command code do."""
    word: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Help:
    """The page of help for a step."""

    title: str
    wants: tuple[Fact, ...]
    """What can be scanned now: kind and code."""
    keys: tuple[HelpKey, ...]


def help_for(screen: Screen, expects: tuple[Expect, ...]) -> Help:
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
    )


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
