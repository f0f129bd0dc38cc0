"""What a step shows of work that others do: when rows came from elsewhere, such a step looks again.

A step that shows its own order or task goes on as it is, unless that order changed. The one thing a newcomer would get
wrong: looking again is the flow's own `resume`, so that there is one way in which a step comes back.
"""

from collections.abc import Mapping
from typing import Any

from core.cases.model import Case, NoteText, Photo, WrittenNote
from core.kernel.tables import Row
from core.kernel.uow import Changes
from core.orders.model import Fulfilment, StopRequest
from core.packing import states as packing
from core.packing.model import Parcel
from core.picking import states as picking
from core.picking.model import Fill
from core.receiving.model import Delivery, DeliveryLine
from core.receiving.states import ChooseDelivery, ScanItem
from core.rights.model import StationZone, WorkLease
from core.shipping.flow import ScanParcel
from core.shipping.model import Manifest
from core.station.amending import AskWhy, ConfirmWish
from core.station.cases import ChooseCase, ShowCase
from core.station.home import Home, ShowOrder
from core.station.writing import KeepPhoto, MakePhoto, ShowNotes, ShowPhoto
from core.waves.model import Batch

_LOOKED_UP: Mapping[type, tuple[type[Row], ...]] = {
    Home: (Batch, WorkLease, Fill, Parcel, Fulfilment, Case),
    picking.NoWork: (Batch, WorkLease, StationZone),
    picking.ScanCart: (Batch, WorkLease, StationZone),
    packing.ScanWork: (Fill, Fulfilment, StopRequest),
    ScanParcel: (Parcel, Manifest, StopRequest, Fulfilment),
    ChooseDelivery: (Delivery, DeliveryLine),
    ScanItem: (Delivery, DeliveryLine),
    ChooseCase: (Case,),
    ShowCase: (Case, WrittenNote, NoteText),
    ShowNotes: (WrittenNote, NoteText, Photo),
    ShowPhoto: (NoteText, Photo),
    MakePhoto: (Photo,),
    KeepPhoto: (Photo,),
}
"""Steps that show what waits, and the tables they read that from."""
_OWN_ORDER = (packing.ScanCarton, packing.VerifyUnit, packing.WeighParcel, packing.AskMissing, packing.AskMissingReason)
"""Steps that show one order."""
_OWN_PARCEL = (packing.StickLabel, packing.AskReprintReason)
"""Steps that show a closed carton: its order may be cancelled while its label is printed."""


def is_stale(state: Any, changes: Changes) -> bool:
    """Return whether what a step shows may be another now."""
    if isinstance(state, _OWN_ORDER):
        return state.view.order in changes.orders
    if isinstance(state, _OWN_PARCEL):
        return state.parcel.order in changes.orders
    if isinstance(state, ShowOrder):
        return state.found.order in changes.orders or changes.touches(NoteText)
    if isinstance(state, AskWhy | ConfirmWish):
        return state.meant.order in changes.orders
    return changes.touches(*_LOOKED_UP.get(type(state), ()))
