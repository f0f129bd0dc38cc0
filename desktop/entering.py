"""A PC that belongs to nobody yet is given its place: it works alone, or joins a site. Sans-IO: states, events, effects.

Somebody from IT, or the lead of a shop with one PC, stands before a new screen with a scanner, a keyboard or a finger. Nothing is
written before the last question was answered; the hub has the last word on each answer.

    ChooseWay --1--> ChooseHub --address--> AskHub --seen--> [ChooseSite] --> NameStation
    NameStation --name--> AskHub --joined--> LoadSite --loaded--> (the station opens)
                          AskHub --kind needed--> ChooseKind --kind--> AskHub
    ChooseWay --2--> NameYourself --name--> GiveBadge --badge--> GivePin --pin--> RepeatPin --pin--> MakeWarehouse --> (opens)
"""

from dataclasses import dataclass, replace

from core.catalog.command_codes import is_reserved
from core.people.secrets import MIN_BADGE, MIN_PIN_DIGITS, is_pin
from core.rights.model import StationKind
from core.station.line import Standing
from desktop.founding import Founder
from desktop.join_words import Why
from desktop.joining import JoinFault, Wanted, Whose
from sync.announcements import FoundHub
from sync.station.engines import HubSeen

KINDS = (StationKind.CART, StationKind.BENCH, StationKind.DOCK, StationKind.DESK)
_SITES_SHOWN = 9


# States


@dataclass(frozen=True, slots=True)
class ChooseWay:
    """Alone, or with others?"""


@dataclass(frozen=True, slots=True)
class ChooseHub:
    """Which hub? Those that announce themselves are suggested; any other is typed."""

    found: tuple[FoundHub, ...] = ()
    typing: bool = False


@dataclass(frozen=True, slots=True)
class ChooseSite:
    """Which of a hub's sites?"""

    hub: HubSeen
    back: ChooseHub


@dataclass(frozen=True, slots=True)
class NameStation:
    """What is the station called?"""

    hub: HubSeen
    site: int
    back: "ChooseHub | ChooseSite"


@dataclass(frozen=True, slots=True)
class ChooseKind:
    """The hub does not know the name: what is the station there for?"""

    name: str
    back: NameStation


@dataclass(frozen=True, slots=True)
class AskHub:
    """The hub is being asked; where it says no, one is back at the question before."""

    address: str
    back: "ChooseHub | NameStation | ChooseKind"


@dataclass(frozen=True, slots=True)
class LoadSite:
    """The site is on its way."""

    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class NameYourself:
    """Who runs the warehouse?"""

    back: ChooseWay | None
    """None where the PC has a warehouse already."""


@dataclass(frozen=True, slots=True)
class GiveBadge:
    """With what badge does one sign in?"""

    name: str
    back: NameYourself


@dataclass(frozen=True, slots=True)
class GivePin:
    """With what PIN?"""

    badge: str
    back: GiveBadge


@dataclass(frozen=True, slots=True)
class RepeatPin:
    """The same once more: nobody sees what was typed."""

    pin: str
    back: GivePin


@dataclass(frozen=True, slots=True)
class MakeWarehouse:
    """It is being made."""

    back: GivePin


State = (
    ChooseWay | ChooseHub | ChooseSite | NameStation | ChooseKind | AskHub | LoadSite
    | NameYourself | GiveBadge | GivePin | RepeatPin | MakeWarehouse
)  # fmt: skip


# Events


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of several, by its number from 1 on."""

    number: int


@dataclass(frozen=True, slots=True)
class Type:
    """Something is to be typed."""


@dataclass(frozen=True, slots=True)
class Back:
    """The question before."""


@dataclass(frozen=True, slots=True)
class Given:
    """Something was typed or scanned."""

    words: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """Hubs that announce themselves now."""

    hubs: tuple[FoundHub, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """There is a hub at the address."""

    hub: HubSeen


@dataclass(frozen=True, slots=True)
class HasJoined:
    """The hub has taken this PC."""


@dataclass(frozen=True, slots=True)
class Told:
    """How far the loading is."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class Done:
    """Loaded, or made: the station can open."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked for cannot be."""

    fault: Exception


Event = Chosen | Type | Back | Given | Suggested | Seen | HasJoined | Told | Done | Failed


# Effects


@dataclass(frozen=True, slots=True)
class Look:
    """See what hub is at an address."""

    words: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a hub to take this PC."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Load:
    """Load the site."""


@dataclass(frozen=True, slots=True)
class Make:
    """Make a warehouse of one's own."""

    name: str
    badge: str
    pin: str

    def founder(self, language: str) -> Founder:
        """Return who runs it, with the language of the screen."""
        return Founder(self.name, self.badge, self.pin, language)


@dataclass(frozen=True, slots=True)
class Refuse:
    """Say what is wrong, and stay."""

    fault: Exception


@dataclass(frozen=True, slots=True)
class Leave:
    """Close the screen; with `opens` the station comes in its place."""

    opens: bool


Effect = Look | Ask | Load | Make | Refuse | Leave
Step = tuple[State, tuple[Effect, ...]]


def begun(whose: Whose) -> Step:
    """Return where somebody stands who opens a home."""
    match whose:
        case Whose.NOBODY:
            return ChooseWay(), ()
        case Whose.ITSELF:
            return NameYourself(None), ()
        case Whose.HUB:
            return LoadSite(), (Load(),)


def handle(state: State, event: Event) -> Step:
    """Return what an event does; what makes no sense in a state does nothing."""
    match state, event:
        case ChooseHub(), Suggested(hubs=hubs):
            return replace(state, found=_together(state.found, hubs)), ()
        case AskHub(back=NameStation() as back), Failed(fault=JoinFault(why=Why.KIND_NEEDED, facts=facts)):
            return ChooseKind(str(facts["name"]), back), ()
        case AskHub(back=back) | MakeWarehouse(back=back), Failed(fault=fault):
            return back, (Refuse(fault),)
        case AskHub(back=ChooseHub() as back), Seen(hub=hub):
            return _seen(hub, back), ()
        case AskHub(), HasJoined():
            return LoadSite(), (Load(),)
        case LoadSite(), Told(standing=standing):
            return LoadSite(standing), ()
        case LoadSite(), Failed(fault=fault):
            return state, (Refuse(fault),)
        case LoadSite() | MakeWarehouse(), Done():
            return state, (Leave(opens=True),)
        case _, Back():
            return _back(state)
        case _, Chosen(number=number):
            return _chosen(state, number)
        case _, Given(words=words):
            return _given(state, words.strip())
        case ChooseHub(), Type():
            return replace(state, typing=True), ()
        case _:
            return state, ()


def _together(known: tuple[FoundHub, ...], hubs: tuple[FoundHub, ...]) -> tuple[FoundHub, ...]:
    """Return what is suggested: nothing moves under a finger that is about to press it."""
    addresses = {each.address for each in known}
    return (*known, *(each for each in hubs if each.address not in addresses))


def _seen(hub: HubSeen, back: ChooseHub) -> State:
    if len(hub.sites) > 1:
        return ChooseSite(hub, back)
    return NameStation(hub, hub.sites[0][0] if hub.sites else 0, back)


def _back(state: State) -> Step:
    match state:
        case ChooseWay() | NameYourself(back=None) | LoadSite():
            return state, (Leave(opens=False),)
        case ChooseHub(typing=True):
            return replace(state, typing=False), ()
        case ChooseHub():
            return ChooseWay(), ()
        case NameYourself(back=ChooseWay() as before) | AskHub(back=ChooseHub() as before):
            return before, ()
        case ChooseSite() | NameStation() | ChooseKind() | GiveBadge() | GivePin() | RepeatPin():
            return state.back, ()
        case _:
            # What is being written is waited for.
            return state, ()


def _chosen(state: State, number: int) -> Step:
    match state:
        case ChooseWay() if number == 1:
            return ChooseHub(), ()
        case ChooseWay() if number == 2:
            return NameYourself(state), ()
        case ChooseHub(found=found) if 0 < number <= len(found):
            return AskHub(found[number - 1].address, state), (Look(found[number - 1].address),)
        case ChooseSite(hub=hub) if 0 < number <= len(hub.sites[:_SITES_SHOWN]):
            return NameStation(hub, hub.sites[number - 1][0], state), ()
        case ChooseKind(name=name, back=back) if 0 < number <= len(KINDS):
            wanted = Wanted(back.hub.address, name, KINDS[number - 1].value, back.site)
            return AskHub(wanted.hub, state), (Ask(wanted),)
        case _:
            return state, ()


def _given(state: State, words: str) -> Step:
    if not words:
        return state, ()
    match state:
        case ChooseHub():
            return AskHub(words, state), (Look(words),)
        case ChooseSite(hub=hub):
            chosen = [number for number, name in hub.sites if words in (name, str(number))]
            return (NameStation(hub, chosen[0], state), ()) if chosen else (state, ())
        case NameStation(hub=hub, site=site):
            return AskHub(hub.address, state), (Ask(Wanted(hub.address, words, site=site)),)
        case NameYourself():
            return GiveBadge(words, state), ()
        case GiveBadge():
            if is_reserved(words) or len(words) < MIN_BADGE:
                return state, (Refuse(JoinFault(Why.NO_BADGE, least=MIN_BADGE)),)
            return GivePin(words, state), ()
        case GivePin():
            if not is_pin(words):
                return state, (Refuse(JoinFault(Why.NO_PIN, least=MIN_PIN_DIGITS)),)
            return RepeatPin(words, state), ()
        case RepeatPin(pin=pin, back=back):
            if words != pin:
                return back, (Refuse(JoinFault(Why.OTHER_PIN)),)
            return MakeWarehouse(back), (Make(back.back.name, back.badge, pin),)
        case _:
            return state, ()
