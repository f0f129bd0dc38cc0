"""What packing writes: parcels opened, units in them, closed with a label, reopened, and units that are missing."""

from core.packing.commands.back_to_pick import BackToPick
from core.packing.commands.carrier import TakeCarrierLabel
from core.packing.commands.closing import CloseParcel, Closing
from core.packing.commands.enclosing import ENCLOSED, SavePaperRule
from core.packing.commands.learning import LearntWeight, LearnWeights
from core.packing.commands.leaving import SSCC_NUMBERS, way_out
from core.packing.commands.missing import PARKED, ParkOrder, ShipShort
from core.packing.commands.numbering import NUMBERS_AT_ONCE, UseSsccs
from core.packing.commands.packing import PackUnits, UnpackUnits
from core.packing.commands.paper import LABEL_PRINTER, ConfirmLabel, ReopenParcel, ReprintLabel
from core.packing.commands.units import CodedFill, NewParcel, Unit, content_id, void_label

__all__ = [
    "ENCLOSED",
    "LABEL_PRINTER",
    "NUMBERS_AT_ONCE",
    "PARKED",
    "SSCC_NUMBERS",
    "BackToPick",
    "CloseParcel",
    "Closing",
    "CodedFill",
    "ConfirmLabel",
    "LearnWeights",
    "LearntWeight",
    "NewParcel",
    "PackUnits",
    "ParkOrder",
    "ReopenParcel",
    "ReprintLabel",
    "SavePaperRule",
    "ShipShort",
    "TakeCarrierLabel",
    "Unit",
    "UnpackUnits",
    "UseSsccs",
    "content_id",
    "void_label",
    "way_out",
]
