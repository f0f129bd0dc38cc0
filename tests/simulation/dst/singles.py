"""What a bench is to pack and that lies in no tote: another's carton has a single, or it fell out of a tote that was emptied since."""

from core.kernel.flow import CodeKind
from core.kernel.ids import FulfilmentId
from core.packing.due import AskDue
from core.packing.queries import AskPack
from core.packing.views import PackView
from tests.orders.shop import order_id
from tests.simulation.dst.goods import Hall
from tests.simulation.dst.machine import Machine
from tests.support import SITE


def due_nowhere(machine: Machine, hall: Hall) -> FulfilmentId | None:
    """Return what is due at a bench and whose tote stands empty, opened by its order's number; None where nothing is.

    Of an order that has totes of its own, only where all that is left of it fell out of them.
    """
    for due in machine.look(AskDue(SITE, 1, machine.station)):
        fell = sum(order == due.order_number for _, _, order in hall.lost)
        if (due.unit_code or (due.tote and fell)) and due.tote not in hall.where:
            said = CodeKind.ORDER, order_id(due.order_number), due.order_number
            view = machine.look(AskPack(SITE, machine.station, *said))
            if isinstance(view, PackView) and (due.unit_code or view.left == fell):
                return view.fulfilment
    return None


__all__ = ["due_nowhere"]
