"""The questions of a first start as pictures: every one, what the hub may answer, and what may be wrong."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.station.line import Standing, Trouble
from desktop import entering
from desktop.first_start import show_question
from desktop.join_words import Why
from desktop.joining import JoinFault
from desktop.presenters.entering import trouble_screen
from desktop.shell import Shell
from sync.announcements import FoundHub
from sync.protocol import PROTO, UNKNOWN_STATION
from sync.station.engines import HubSeen

_HUB = HubSeen("http://10.0.0.4:8700", PROTO, ((1, "Harbour Lane"), (2, "Nordhafen")))
_FACTS: dict[str, str | int] = {
    "got": "hub.nowhere", "address": _HUB.address, "site": 3, "sites": "1 (Harbour Lane), 2 (Nordhafen)", "name": "BENCH-4",
    "words": "/srv/dockside is on a nfs drive: the station's data must lie on a local disk", "least": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FirstShown:
    """One question, or what is wrong with its answer."""

    name: str
    state: entering.State
    why: Why | None = None

    def show(self, shell: Shell) -> None:
        """Show it, in the language that is spoken."""
        show_question(shell, self.state)
        shell.show_line(None)
        if self.why is not None:
            shell.show_stop(trouble_screen(JoinFault(self.why, **_FACTS)), ())


def first_starts() -> Iterator[FirstShown]:
    """Yield every screen of a first start."""
    way = entering.ChooseWay()
    hubs = entering.ChooseHub((FoundHub(_HUB.address, _HUB.sites), FoundHub("http://10.0.0.9:8700", ())))
    named = entering.NameStation(_HUB, 1, hubs)
    yourself = entering.NameYourself(way)
    badge = entering.GiveBadge("Ada Byron", yourself)
    pin = entering.GivePin("BADGE-ADA", badge)
    told = Standing(hub=_HUB.address, loading=430, fresh=True)
    away = (Trouble("snapshot", "unreachable", "", final=False),)
    gone = (Trouble("snapshot", UNKNOWN_STATION, "", final=True),)
    shown: dict[str, entering.State] = {
        "way": way, "no-hub": entering.ChooseHub(), "hubs": hubs, "address": entering.ChooseHub(typing=True),
        "site": entering.ChooseSite(_HUB, hubs), "name": named, "kind": entering.ChooseKind("BENCH-4", named),
        "asking": entering.AskHub(_HUB.address, named), "loading": entering.LoadSite(told),
        "loading-away": entering.LoadSite(Standing(hub=_HUB.address, loading=430, fresh=True, troubles=away)),
        "loading-gone": entering.LoadSite(Standing(hub=_HUB.address, loading=430, fresh=True, troubles=gone)),
        "person": yourself, "badge": badge, "pin": pin, "pin-again": entering.RepeatPin("2580", pin),
        "making": entering.MakeWarehouse(pin),
    }  # fmt: skip
    yield from (FirstShown(f"first-{name}", state) for name, state in shown.items())
    yield from (FirstShown(f"first-refused-{why}", way, why) for why in Why)
