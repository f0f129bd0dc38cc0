"""Colours, sizes and type: the only place with either. Values from the screens' design; sizes follow the real screen.

A theme is a value; widgets take it and paint. Type is a scale of ratio √2 from 18 px at 96 dpi: 16 arc minutes at 70 cm.
"""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor, QFont, QFontDatabase

SCALE = (18, 25, 36, 50, 72, 102, 144, 204)
"""Type sizes in pixels at 96 dpi; nothing is smaller than the first."""
TARGET_MM = 20
"""What is touched is this large; 25 with gloves."""


class ThemeName(StrEnum):
    """The three themes."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours."""

    name: ThemeName
    ground: str
    surface: str
    raised: str
    ink: str
    quiet: str
    hairline: str
    edge: str
    accent: str
    on_accent: str
    accept: str
    caution: str
    refuse: str
    info: str
    accent_tint: str
    accept_tint: str
    caution_tint: str
    info_tint: str
    stop: str
    on_stop: str
    block: str
    on_block: str

    def colour(self, name: str) -> QColor:
        """Return a token as a colour."""
        return QColor(getattr(self, name))


LIGHT = Theme(
    ThemeName.LIGHT, "#F4F6F8", "#FFFFFF", "#FFFFFF", "#10181E", "#4D5B66", "#D5DBE1", "#8795A1", "#0B5FBF", "#FFFFFF",
    "#0A7A3D", "#A65A00", "#B3201A", "#46586A", "#E7EFF9", "#E6F2EB", "#FAF1E6", "#EAEDEF", "#B3201A", "#FFFFFF",
    "#10181E", "#FFFFFF",
)  # fmt: skip
DARK = Theme(
    ThemeName.DARK, "#0E1418", "#172027", "#1E2931", "#F3F6F8", "#A3B1BC", "#2D3A44", "#687884", "#62B0FF", "#0E1418",
    "#49D17F", "#FFB84D", "#FF6B63", "#9FB2C4", "#1C2F40", "#1A3230", "#302F2B", "#232E36", "#B3201A", "#FFFFFF",
    "#F3F6F8", "#0E1418",
)  # fmt: skip
CONTRAST = Theme(
    ThemeName.CONTRAST, "#000000", "#000000", "#000000", "#FFFFFF", "#FFFFFF", "#FFFFFF", "#FFFFFF", "#FFE600",
    "#000000", "#FFFFFF", "#FFE600", "#FFFFFF", "#FFFFFF", "#000000", "#000000", "#000000", "#000000", "#FFE600",
    "#000000", "#FFFFFF", "#000000",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}

SLOT_STICKERS = ("#D55E00", "#3AA6DD", "#E5B800", "#7B4FB5", "#DE7FB3", "#8A5A34")
"""Stickers of slots 1 to 6; colour helps, the number says it."""

_FAMILIES = ("Inter", "Noto Sans", "Noto Sans Arabic", "DejaVu Sans")


def font(size: int, *, bold: bool = False) -> QFont:
    """Return the one typeface at a pixel size of the scale."""
    made = QFont()
    known = QFontDatabase.families()
    made.setFamilies([family for family in _FAMILIES if family in known] or [made.defaultFamily()])
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return made


def unit(dpi: float = 96.0, target_mm: int = TARGET_MM) -> int:
    """Return the layout unit in pixels: an eighth of a target."""
    return int(target_mm * dpi / 25.4 / 8)
