"""What picking writes: who works on a batch, units taken, and everything that goes otherwise."""

from core.picking.commands.asking_back import ask_back_late
from core.picking.commands.batches import CloseFill, FinishBatch, SkipTask, StartBatch, SuspendBatch
from core.picking.commands.exceptions import (
    AskKept,
    MarkDamaged,
    RepointTask,
    Shorted,
    ShortPick,
    UndoDamaged,
    UndoShort,
)
from core.picking.commands.picks import Finish, PickUnits, Taken, UndoPick
from core.picking.commands.slips import PrintSlips
from core.picking.commands.totes import MoveTote

__all__ = [
    "AskKept",
    "CloseFill",
    "Finish",
    "FinishBatch",
    "MarkDamaged",
    "MoveTote",
    "PickUnits",
    "PrintSlips",
    "RepointTask",
    "ShortPick",
    "Shorted",
    "SkipTask",
    "StartBatch",
    "SuspendBatch",
    "Taken",
    "UndoDamaged",
    "UndoPick",
    "UndoShort",
    "ask_back_late",
]
