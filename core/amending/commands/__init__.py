"""What amending writes: the office's decisions about orders, and goods that go back because of them."""

from core.amending.commands.final import JudgeCancel
from core.amending.commands.office import (
    CancelOrder,
    ChangeOrder,
    Header,
    NewStop,
    Raise,
    ResumeFulfilment,
    ToPutBack,
)
from core.amending.commands.overtaken import StopOvertaken
from core.amending.commands.put_back import BackUnits, NotThere, ParcelBack, PutBack

__all__ = [
    "BackUnits",
    "CancelOrder",
    "ChangeOrder",
    "Header",
    "JudgeCancel",
    "NewStop",
    "NotThere",
    "ParcelBack",
    "PutBack",
    "Raise",
    "ResumeFulfilment",
    "StopOvertaken",
    "ToPutBack",
]
