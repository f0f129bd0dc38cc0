"""The screens of a PC that gets its place: alone or in a site, which hub, which name, and how far the site is loaded."""

import errno
from collections.abc import Mapping

from core.exchange.report import printable
from core.kernel.home import HomeBusy
from core.kernel.refusal import Fault
from core.rights.model import StationKind
from desktop import entering
from desktop.entering import KINDS
from desktop.join_words import Why
from desktop.joining import JoinFault
from desktop.languages import isolated, joined, tr
from desktop.messages import FACT_SHOWN, join_trouble, line_remedy, line_trouble
from desktop.presenters.words import back, present
from desktop.proofs import Hero, Kinds
from desktop.screens import Answer, Screen, Stop
from sync.announcements import FoundHub

_HUBS_SHOWN = 5
_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
_SITES_SHOWN = 9


def trouble_screen(fault: Exception) -> Stop:
    """Return what is wrong as it fills the window, until the next input."""
    why, facts = _why(fault)
    title, _, rest = join_trouble(why, facts).partition(". ")
    return Stop(title, rest, answers=(back(),))


def _why(fault: BaseException) -> tuple[Why, Mapping[str, str | int]]:
    """Return what a fault is to whoever stands before the screen; what a machine says is for support alone."""
    if isinstance(fault, JoinFault):
        return fault.why, fault.facts
    if isinstance(fault, HomeBusy):
        return Why.OPEN_ALREADY, {}
    cause = fault if isinstance(fault, OSError) else fault.__cause__
    number = cause.errno if isinstance(cause, OSError) else 0
    if number in _FULL or getattr(getattr(cause, "orig", None), "sqlite_errorname", "") == "SQLITE_FULL":
        return Why.NO_ROOM, {}
    words = printable(str(fault), FACT_SHOWN)
    return (Why.NO_WRITING, {"got": words}) if number in _CLOSED else (Why.FAULT, {"words": words})


def is_trouble(fault: BaseException) -> bool:
    """Return whether somebody before the screen can do something about it; everything else is a mistake of the program."""
    return isinstance(fault, Fault | OSError)


@present.register
def _(_state: entering.ChooseWay, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("How will this PC work?"),
        detail=tr("It belongs to no warehouse yet."),
        answers=(
            Answer("QTY-1", tr("Join a site"), tr("A hub hands the work out.")),
            Answer("QTY-2", tr("Work alone"), tr("This PC needs no hub.")),
        ),
    )  # fmt: skip


@present.register
def _(state: entering.ChooseHub, _now: int = 0) -> Screen:
    if state.typing:
        return Screen(prompt=tr("Type the hub's address"), detail=tr("Such as hub.example or hub.example:8700."))
    hubs = tuple(_hub(n, each) for n, each in enumerate(state.found[:_HUBS_SHOWN], 1))
    if hubs:
        detail = tr("These announce themselves on this network. Take one only if IT says that it is yours.")
    else:
        detail = tr("No hub announces itself on this network yet. IT knows its address: type it, or scan it.")
    return Screen(
        prompt=tr("Which hub?"), detail=detail, answers=(*hubs, Answer("FIND", tr("Type its address")), back())
    )


def _hub(number: int, hub: FoundHub) -> Answer:
    names = joined(name or str(site) for site, name in hub.sites)
    address = isolated(hub.address.removeprefix("http://"))
    return Answer(f"QTY-{number}", names or address, address if names else "")


@present.register
def _(state: entering.ChooseSite, _now: int = 0) -> Screen:
    sites = tuple(
        Answer(f"QTY-{n}", isolated(name) or str(site), tr("Site {site}", site=site))
        for n, (site, name) in enumerate(state.hub.sites[:_SITES_SHOWN], 1)
    )
    return Screen(prompt=tr("Which site?"), answers=(*sites, back()))


@present.register
def _(_state: entering.NameStation, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("What is this station called?"), detail=tr("Scan the label of its place, or type its name."), text=True,
    )  # fmt: skip


@present.register
def _(state: entering.ChooseKind, _now: int = 0) -> Screen:
    answers = tuple(Answer(f"QTY-{n}", _kind(each), _job(each)) for n, each in enumerate(KINDS, 1))
    return Screen(
        prompt=tr("What is {name} there for?", name=state.name),
        detail=tr(
            "The hub does not know it yet. Say it here, or let IT add it first: dockside hub station add {name} --kind bench",
            name=state.name,
        ),
        answers=(*answers, back()),
    )


def _kind(kind: StationKind) -> str:
    match kind:
        case StationKind.CART:
            return tr("Cart")
        case StationKind.BENCH:
            return tr("Bench")
        case StationKind.DOCK:
            return tr("Dock")
        case _:
            return tr("Desk")


def _job(kind: StationKind) -> str:
    match kind:
        case StationKind.CART:
            return tr("picks")
        case StationKind.BENCH:
            return tr("packs")
        case StationKind.DOCK:
            return tr("loads vans")
        case _:
            return tr("everything else")


@present.register
def _(state: entering.AskHub, _now: int = 0) -> Screen:
    kinds = Kinds((("hub", isolated(state.address.removeprefix("http://"))),))
    return Screen(prompt=tr("Asking the hub …"), proof=kinds)


@present.register
def _(state: entering.LoadSite, _now: int = 0) -> Screen:
    standing = state.standing
    done = 0 if standing is None or standing.loading is None else standing.loading
    final = () if standing is None else tuple(each for each in standing.troubles if each.final)
    if final:
        detail = " ".join((line_trouble(final[0].reason), line_remedy(final[0].reason)))
    elif standing is not None and not standing.connected and standing.troubles:
        detail = tr("The hub does not answer. It is asked again by itself.")
    else:
        detail = tr("It may be left, or switched off: the next start goes on from here.")
    return Screen(
        prompt=tr("Loading the site"), proof=Hero(isolated(f"{done // 10} %"), detail),
        answers=(Answer("NO", tr("Go on later")),), progress=done,
    )  # fmt: skip


@present.register
def _(_state: entering.NameYourself, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Who runs this warehouse?"), detail=tr("Type your name."), text=True)


@present.register
def _(_state: entering.GiveBadge, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Scan your badge"), detail=tr("Any code that nothing else has. It signs you in from now on.")
    )


@present.register
def _(_state: entering.GivePin, _now: int = 0) -> Screen:
    return Screen(
        prompt=tr("Choose a PIN"), detail=tr("Four digits or more. Who runs a warehouse signs in with badge and PIN.")
    )


@present.register
def _(_state: entering.RepeatPin, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Type the PIN again"))


@present.register
def _(_state: entering.MakeWarehouse, _now: int = 0) -> Screen:
    return Screen(prompt=tr("Making the warehouse …"))
