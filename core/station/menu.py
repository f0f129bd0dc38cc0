"""The menu: every job this person may begin, and what helps at any step. It is opened over a step and leads back to it.

Menu --answer--> that job
Menu --more, this station--> Menu, of what stands below that
Menu --HELP, FIND--> the step it was opened from
Menu --NO, MENU--> the step it was opened from
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain

from core.kernel.flow import Ask, Context, Expect, Go, Play, Pressed, Refuse, Say, Step, Tone, Verb
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.rights.model import StationKind
from core.station.importing import PERMISSIONS

MORE, HERE = "more", "here"
"""What is not done all day, and what is no job of the floor: each below one key, where the menu would be too long for digits."""
MOST = 9
"""Entries that stand in one menu, beside typing a code, help and the way back: there is no more digit."""
RECEIVE = "receive"
HOME, OUT, COMFORT, LINE, DEVICES, PRINTERS = "home", "sign_out", "comfort", "line", "devices", "printers"
CASES = "cases"
MOVE = "move"
IMPORT, RELEASE = "import", "release"
FITTING = "fitting"
"""Where devices are set up: opened from the screen of the devices."""
ADD_PRINTER = "add_printer"
"""Where printers are added: opened from the screen of the printers."""
JOBS: Mapping[str, tuple[str, ...]] = {
    HOME: ("floor.look",),
    RECEIVE: ("receiving.book",),
    "pick": ("pick.work",),
    "pack": ("pack.work",),
    "dispatch": ("ship.load",),
    "returns": ("returns.receive",),
    MOVE: ("stock.move",),
    CASES: ("cases.decide",),
    RELEASE: ("waves.release",),
    IMPORT: tuple(PERMISSIONS.values()),
    PRINTERS: ("print.reprint", "print.paper"),
    LINE: ("stations.edit", "rights.recall"),
}
"""Flows that can be begun from here, and the permissions of which one is needed: the floor's in the order of the day, then
the office's, the one that is wanted most often first."""

_AT_HAND = (OUT, COMFORT, DEVICES, PRINTERS, LINE)
"""What comes after the jobs. A printer that needs a hand is none: it moves no key of theirs."""
_FOLDS: Mapping[str, tuple[str, ...]] = {
    HERE: (COMFORT, DEVICES, PRINTERS, LINE),
    MORE: (RECEIVE, "returns", MOVE, RELEASE, IMPORT),
}
"""What is put below one key where the menu would be too long: what is wanted least goes first."""

FLOOR_OF: Mapping[StationKind, tuple[str, ...]] = {
    StationKind.CART: ("pick",),
    StationKind.BENCH: ("pack", RECEIVE, "returns"),
    StationKind.DOCK: ("dispatch",),
}
"""What of an order's way a station is there for (reference: sync, 8.0, 3, 5 and 7): goods move from one to the next, and its
rights go by it. A desk, and a station that is alone, does all of it."""


def left_to_others(kind: StationKind | None) -> frozenset[str]:
    """Return the flows of the floor that a station of a kind leaves to others; None for one that is alone."""
    mine = None if kind is None else FLOOR_OF.get(kind)
    return frozenset() if mine is None else frozenset(chain(*FLOOR_OF.values())).difference(mine)


MENU, SIGN_OUT = Go(HOME, "menu"), Go("sign_in", "out")

EVERYWHERE: Mapping[Verb, Go | Say] = {
    Verb.MENU: MENU,
    Verb.LOGOUT: SIGN_OUT,
    Verb.HELP: Say(Note.HELP),
    Verb.FIND: Say(Note.TYPE_CODE),
}
"""Keys that mean the same at every step. Those that only say something change nothing: the window opens its help, or a
line to type in, over the step that is shown."""


@dataclass(frozen=True, slots=True)
class Menu:
    """Where to?"""

    jobs: tuple[str, ...]
    """Flows this person may begin, and what else there is: signing out, how the screen is set, the devices."""
    back: str
    """The flow it was opened from."""
    below: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What stands below an entry that is no flow."""
    above: tuple[str, ...] = ()
    """The menu that this one was opened from; none for the first."""
    over: Ask | None = None
    """What shows again what home had looked up; None for the step that was left, or to begin anew."""

    @property
    def leave(self) -> Ask | Go:
        """Return what leads back to where it was opened."""
        return self.over or Go(self.back)


def open_menu(
    back: str, context: Context, *, shared: bool, others: frozenset[str] = frozenset(), over: Ask | None = None
) -> Menu:
    """Return the menu of the person who works here.

    Args:
        back: the flow it is opened from.
        context: who works where.
        shared: whether the station shares its site: then it has a line to look at, and its hub releases what may go.
        others: the flows that other stations are there for.
        over: what shows again what home had looked up.
    """
    mine = {
        flow
        for flow, permissions in JOBS.items()
        if any(allowed(context.roles, each) for each in permissions)
        and flow not in others
        and flow != (RELEASE if shared else LINE)
    }
    at_hand = tuple(each for each in _AT_HAND if each in mine or each not in JOBS)
    jobs = (*(each for each in JOBS if each in mine and each not in _AT_HAND), *at_hand)
    below: dict[str, tuple[str, ...]] = {}
    for name, folded in _FOLDS.items():
        inside = tuple(each for each in jobs if each in folded)
        if len(jobs) + len(below) > MOST and len(inside) > 1:
            below[name] = inside
            jobs = tuple(each for each in jobs if each not in inside)
    return Menu((*jobs, *reversed(below)), back or HOME, tuple(below.items()), over=over)


def expected_in_menu(state: Menu) -> tuple[Expect, ...]:
    """Return a key for each job, and the way back."""
    jobs = (Expect("key", f"QTY-{n}", f"answer:{flow}") for n, flow in enumerate(state.jobs, 1))
    return (*jobs, Expect("key", "NO", "back"))


def pressed_in_menu(state: Menu, event: Pressed) -> Step:
    """Return where a key leads."""
    match event.verb:
        case Verb.QTY if event.argument.isdigit() and 1 <= int(event.argument) <= len(state.jobs):
            job = state.jobs[int(event.argument) - 1]
            if (below := dict(state.below).get(job)) is not None:
                return Step(replace(state, jobs=below, above=state.jobs), (Play(Tone.ACCEPT),))
            # How the screen is set, and what is plugged in, is no job: it leads back to the step, as the menu does.
            there = Go(job, state.back if job in (COMFORT, DEVICES) else "")
            return Step(state, (SIGN_OUT if job == OUT else there,))
        case Verb.NO if state.above:
            return Step(replace(state, jobs=state.above, above=()), (Play(Tone.ACCEPT),))
        case Verb.NO | Verb.MENU:
            return Step(state, (state.leave,))
        case Verb.HELP | Verb.FIND:
            return Step(state, (EVERYWHERE[event.verb], state.leave))
        case _:
            return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": event.verb})),))
