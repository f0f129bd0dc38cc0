"""What people do about a station that is lost, copied or set back: somebody gives it up, somebody walks the hall.

The office decides at the hub by the production's own functions; what is answered is what can be seen in the hall.
"""

from core.kernel.ids import NO_ID
from core.kernel.refusal import Refusal
from core.orders.model import CancelState, Order, OrderCancel
from core.rights.model import FloorAnswer, FloorLine, SiteStation, StationStatus
from sync.hub.reclaim import answer_floor, mark_lost, open_lines
from tests.simulation.dst.goods import Hall
from tests.simulation.dst.site import Site
from tests.support import SITE

ANSWERS = {"here": FloorAnswer.HERE, "van": FloorAnswer.GONE, "": FloorAnswer.NOT_FOUND}


def give_up(site: Site, name: str) -> str:
    """Let the office declare a station lost; of a device that lives it does not say that it is switched off."""
    machine, hub = site.machines[name], site.hub
    row = hub.office.it.get(SiteStation, machine.station)
    if row is None:
        return "nobody knows it"
    made = mark_lost(hub.central, row, "burnt", hub.clock, hub.time, switched_off=machine.dead)
    site.hall.forgotten = True
    return str(made.outcome)


def walk(site: Site, most: int) -> str:
    """Let somebody walk the hall and answer what is to be looked for; return what he said."""
    hub, said = site.hub, []
    with hub.central.begin():
        lines = open_lines(hub.central, SITE)
    for line in lines[:most]:
        found = answer_floor(hub.central, SITE, line.id, ANSWERS[_seen(site, line)], hub.clock, hub.time)
        site.hall.sent_again = site.hall.forgotten = True
        site.hall.leave({name for name, each in site.machines.items() if each.dead})
        said.append(str(found.reason if isinstance(found, Refusal) else found))
    return " ".join(said)


def _seen(site: Site, line: FloorLine) -> str:
    if line.order == NO_ID:
        # A carrier itself: its van can be looked at.
        return "here"
    if line.parcel != NO_ID:
        box = next((each for each in site.hall.boxes if each.parcel == line.parcel), None)
        return "" if box is None else "van" if box.place in ("van", "away") else "here"
    order = site.hub.office.it.get(Order, line.order)
    return "" if order is None else site.hall.seen(order.number)


def stopped(site: Site) -> list[str]:
    """Return the PCs that were stopped, or whose station was."""
    rows = {row.id: row.status for row in site.hub.office.it.all(SiteStation)}
    frozen = StationStatus.FROZEN
    return [name for name, each in site.machines.items() if each.stopped or rows.get(each.station) is frozen]


def is_up(site: Site, name: str) -> bool:
    """Return whether the hub still counts on a station."""
    row = site.hub.office.it.get(SiteStation, site.machines[name].station)
    return row is not None and row.status not in (StationStatus.LOST, StationStatus.REVOKED)


def note_final(site: Site) -> None:
    """Let the hall know which orders the hub says are finally cancelled: nothing of them may go into a van any more."""
    office = site.hub.office.it
    final = [row.order for row in office.all(OrderCancel) if row.state is CancelState.FINAL]
    if final:
        orders = {row.id: row.number for row in office.all(Order)}
        site.hall.final |= {orders[each] for each in final if each in orders}


__all__ = ["Hall", "give_up", "is_up", "note_final", "walk"]
