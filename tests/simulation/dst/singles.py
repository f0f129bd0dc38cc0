"""Singles that a bench is to pack and that lie in no tote: another's carton has them."""

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
    """Return whose single is due at a bench whose tote stands empty, opened by its order's number; None where none is."""
    for due in machine.look(AskDue(SITE, 1, machine.station)):
        if due.unit_code and due.tote not in hall.where:
            said = CodeKind.ORDER, order_id(due.order_number), due.order_number
            view = machine.look(AskPack(SITE, machine.station, *said))
            if isinstance(view, PackView):
                return view.fulfilment
    return None


__all__ = ["due_nowhere"]
