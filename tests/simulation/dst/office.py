"""What the office does on a day: takes orders and goods, plans, cancels, holds, asks work back; at a hub that may die over it."""

from collections.abc import Callable

from core.amending.planner import plan_cancel
from core.catalog.commands import zone_id
from core.kernel.ids import ZoneId
from core.kernel.refusal import Refusal
from core.orders.commands import HoldOrder, ReleaseHold
from core.orders.model import Order, OrderHold
from core.rights.commands import RecallWork
from core.rights.model import LeaseState, SiteStation, StationKind, WorkLease
from core.rights.queries import gives_nothing
from core.waves.keeping import let_go_command
from core.waves.leases import plan_zones
from core.waves.planner import CartSpec
from core.waves.uncovered import uncovered_commands
from tests.orders.shop import order_id
from tests.simulation.dst.changes import contact_of, note_first
from tests.simulation.dst.machine import PowerCut
from tests.simulation.dst.plan import CARRIERS, PLACES, SKUS, ZONES
from tests.simulation.dst.site import Site
from tests.support import SITE


class Office:
    """The office's events."""

    def __init__(self, site: Site) -> None:
        """Begin without an order."""
        self.site = site
        self._orders: list[str] = []

    def on_order(self, lines: list[list[int]], carrier: int = 0) -> str:
        number = f"O-{len(self._orders) + 1}"
        units: dict[str, int] = {}
        for sku, count in lines:
            units[SKUS[sku]] = units.get(SKUS[sku], 0) + count
        self._orders.append(number)
        hall = self.site.hall
        hall.wanted[number] = hall.counted(units)
        note_first(self.site, number)
        if not self.at_the_hub(lambda: self._take_order(number, units, CARRIERS[carrier])):
            return "not taken"
        return number

    def _take_order(self, number: str, units: dict[str, int], carrier: str) -> None:
        office = self.site.hub.office
        somebody = contact_of(number)
        office.it.seed(somebody)
        office.order(number, list(units.items()), carrier=carrier, contact=somebody.id)

    def on_goods(self, sku: int, place: int, units: int) -> str:
        before = self.site.hub.office.at(SKUS[sku], PLACES[place])
        said = self.at_the_hub(lambda: self.site.hub.office.stock(SKUS[sku], PLACES[place], units))
        if self.site.hub.office.at(SKUS[sku], PLACES[place]) > before:
            # Also where the hub died right after it was booked.
            self.site.hall.deliver(PLACES[place], SKUS[sku], units)
            self.site.hall.note(PLACES[place], SKUS[sku], self.site.hub.newest())
        return str(said)

    def on_plan(self, slots: int) -> str:
        hub = self.site.hub
        with hub.database.reading() as connection:
            if gives_nothing(connection, SITE, hub.clock.now_ms()):
                # As the hub's own planner: what was given out is not known yet.
                return "listens"
        return str(self.at_the_hub(lambda: self._plan(slots)))

    def _plan(self, slots: int) -> None:
        office = self.site.hub.office
        if self.site.yard.carried:
            # As the hub's own planner: walks that are sent for what was carried away go back first.
            with office.connection.begin():
                made = list(uncovered_commands(office.connection, SITE, office.stamp()))
            for each in made:
                office.it.run(each)
        office.promise()
        office.release(CartSpec(slots=slots))

    def let_go_kept(self) -> None:
        """Let what was kept for walks that are over be free, as the hub's own planner does whenever it runs."""
        office = self.site.hub.office
        with office.connection.begin():
            over = let_go_command(office.connection, SITE, office.stamp())
        if over is not None:
            office.it.run(over)

    def on_cancel(self, which: int) -> str:
        if not self._orders:
            return "no order"
        number = self._orders[which % len(self._orders)]
        return str(self.at_the_hub(lambda: self._cancel(number))) + f" {number}"

    def _cancel(self, number: str) -> None:
        office = self.site.hub.office
        with office.connection.begin():
            plan = plan_cancel(office.connection, SITE, order_id(number), "customer", office.stamp())
        if not isinstance(plan, Refusal):
            self.site.hall.given_up.update(self.site.hall.wanted[number])
            office.it.run(plan)

    def on_hold(self, which: int) -> str:
        office = self.site.hub.office
        found = sorted((row for row in office.it.all(Order) if not row.cancelled_at), key=lambda row: row.number)
        if not found:
            return "no order"
        order = found[which % len(found)]
        hold = HoldOrder(**office.it.base(), order=order.id, fulfilments=(office.part(order.id),), reason="fraud")
        return str(self.at_the_hub(lambda: office.it.run(hold))) + f" {order.number}"

    def on_let_go(self, which: int) -> str:
        office = self.site.hub.office
        held = sorted((row for row in office.it.all(OrderHold) if not row.released_at), key=lambda row: row.id)
        if not held:
            return "nothing is on hold"
        row = held[which % len(held)]
        go_on = ReleaseHold(**office.it.base(), hold=row.id, fulfilments=(office.part(row.order),))
        return str(self.at_the_hub(lambda: office.it.run(go_on)))

    def on_zones(self, name: str, which: int) -> str:
        """Let a station work some zones: the first for 1, the second for 2, both for 3, all for 0."""
        if self.site.machines[name].kind is not StationKind.CART:
            return "does not pick"
        zones = [zone_id(code) for bit, code in enumerate(ZONES) if which & 1 << bit]
        return str(self.at_the_hub(lambda: self._set_zones(name, zones)))

    def _set_zones(self, name: str, zones: list[ZoneId]) -> None:
        office = self.site.hub.office
        row = office.it.need(SiteStation, self.site.machines[name].station)
        with office.connection.begin():
            made = list(plan_zones(office.connection, row, zones, office.stamp()))
        for each in made:
            office.it.run(each)

    def on_recall(self, which: int) -> str:
        office = self.site.hub.office.it
        held = [row for row in office.all(WorkLease) if row.state is LeaseState.HELD and not row.recalled_at]
        if not held:
            return "nothing is held"
        row = held[which % len(held)]
        return str(
            self.at_the_hub(lambda: office.run(RecallWork(**office.base(), stage=row.stage, work=row.work)))
        )  # fmt: skip

    def at_the_hub(self, do: Callable[[], object]) -> bool:
        """Let the office do something; False where the hub died over it."""
        hub = self.site.hub
        try:
            do()
        except PowerCut:
            hub.stop()
            hub.start()
            return False
        return True
