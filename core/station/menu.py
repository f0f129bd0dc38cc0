"""The menu: every job this person may begin, and what helps at any step. It is opened over a step and leads back to it.

Menu --answer--> that job
Menu --more--> Menu, of what else there is
Menu --this station--> Menu, of what is no job
Menu --HELP, FIND--> the step it was opened from
Menu --NO, MENU--> the step it was opened from
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain

from core.kernel.flow import Context, Expect, Go, Play, Pressed, Refuse, Say, Step, Tone, Verb
from core.kernel.notes import Note
from core.kernel.reasons import Reason
from core.kernel.refusal import Refusal
from core.people.roles import allowed
from core.rights.model import StationKind
from core.station.importing import PERMISSIONS

HERE = "here"
"""What is no job of the floor, below one key, where the menu would be too long for digits and buttons."""
MORE = "more"
"""What is not done all day, below one key, where all that is done all day leaves no room for it."""
MOST = 7
"""Entries that stand in one menu, beside typing a code, help and the way back."""
RECEIVE = "receive"
HOME, OUT, COMFORT, LINE, DEVICES, PRINTERS = "home", "sign_out", "comfort", "line", "devices", "printers"
CASES = "cases"
MOVE = "move"
IMPORT = "import"
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
    IMPORT: tuple(PERMISSIONS.values()),
    CASES: ("cases.decide",),
    PRINTERS: ("print.reprint", "print.paper"),
    LINE: ("stations.edit", "rights.recall"),
}
"""Flows that can be begun from here, and the permissions of which one is needed."""

_HERE = (IMPORT, LINE, COMFORT, DEVICES, PRINTERS)
_NOW_AND_THEN = (RECEIVE, "returns", MOVE, IMPORT)

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
    """Flows this person may begin, in the order of the day, then signing out, how the screen is set, and the devices."""
    back: str
    """The flow it was opened from."""
    below: tuple[str, ...] = ()
    """What stands below `HERE`."""
    more: tuple[str, ...] = ()
    """What stands below `MORE`."""
    above: tuple[tuple[str, ...], ...] = ()
    """The menus that this one was opened from, the nearest first; none for the first."""
    over: str = ""
    """What that flow showed, as the argument it begins with; empty for the step that was left, or to begin anew."""


def open_menu(
    back: str, context: Context, *, shared: bool, others: frozenset[str] = frozenset(), over: str = ""
) -> Menu:
    """Return the menu of the person who works here.

    Args:
        back: the flow it is opened from.
        context: who works where.
        shared: whether the station shares its site: only then it has a line to look at.
        others: the flows that other stations are there for.
        over: what that flow showed, as the argument it begins with.
    """
    mine = tuple(
        flow
        for flow, permissions in JOBS.items()
        if any(allowed(context.roles, each) for each in permissions) and (shared or flow != LINE) and flow not in others
    )
    # A printer that needs a hand is no job: it comes last, and moves no key of the jobs.
    last = (PRINTERS,) if PRINTERS in mine else ()
    jobs = (*(each for each in mine if each != PRINTERS), OUT, COMFORT, DEVICES, *last)
    if len(jobs) <= MOST:
        return Menu(jobs, back or HOME, over=over)
    below = tuple(each for each in jobs if each in _HERE)
    if len(jobs) - len(below) + 1 < MOST:
        # Files are read in each hour: that is a job wherever there is room for one more.
        below = tuple(each for each in below if each != IMPORT)
    first = (*(each for each in jobs if each not in below), HERE)
    if len(first) <= MOST:
        return Menu(first, back or HOME, below, over=over)
    more = (*(each for each in jobs if each in _NOW_AND_THEN), HERE)
    first = (*(each for each in first if each not in more), MORE)
    return Menu(first, back or HOME, tuple(each for each in below if each not in more), more, over=over)


def expected_in_menu(state: Menu) -> tuple[Expect, ...]:
    """Return a key for each job, and the way back."""
    jobs = (Expect("key", f"QTY-{n}", f"answer:{flow}") for n, flow in enumerate(state.jobs, 1))
    return (*jobs, Expect("key", "NO", "back"))


def pressed_in_menu(state: Menu, event: Pressed) -> Step:
    """Return where a key leads."""
    match event.verb:
        case Verb.QTY if event.argument.isdigit() and 1 <= int(event.argument) <= len(state.jobs):
            job = state.jobs[int(event.argument) - 1]
            if job in (HERE, MORE):
                inner = state.below if job == HERE else state.more
                return Step(replace(state, jobs=inner, above=(state.jobs, *state.above)), (Play(Tone.ACCEPT),))
            # How the screen is set, and what is plugged in, is no job: it leads back to the step, as the menu does.
            there = Go(job, state.back if job in (COMFORT, DEVICES) else "")
            return Step(state, (SIGN_OUT if job == OUT else there,))
        case Verb.NO if state.above:
            return Step(replace(state, jobs=state.above[0], above=state.above[1:]), (Play(Tone.ACCEPT),))
        case Verb.NO | Verb.MENU:
            return Step(state, (Go(state.back, state.over),))
        case Verb.HELP | Verb.FIND:
            return Step(state, (EVERYWHERE[event.verb], Go(state.back, state.over)))
        case _:
            return Step(state, (Refuse(Refusal(Reason.COMMAND_NOT_NOW, {"command": event.verb})),))
