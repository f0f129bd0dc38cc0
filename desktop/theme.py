"""Colours, sizes and type: the only place with either. Values from the screens' design; sizes follow the real screen.

A theme is a value; widgets take it and paint. Everything is laid out in pixels of a 96 dpi screen and painted enlarged
by `zoom`, so that a millimetre is a millimetre. Type is a scale of ratio √2 from 18 px: 16 arc minutes at 70 cm.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QFontDatabase

SCALE = (18, 25, 36, 50, 72, 102, 144, 204)
"""Type sizes in pixels at 96 dpi; nothing is smaller than the first."""
FITTING = (18, 20, 22, 25, 30, 36, 42, 50, 60, 72, 86, 102, 122, 144, 172, 204)
"""Sizes at which a text that must fit is tried: the scale with steps between."""
TARGET_MM = 20
"""What is touched is this large; 25 with gloves."""
DPI = 96.0


@dataclass(frozen=True, slots=True)
class Touch:
    """How large what is touched is, and how far apart, in pixels at 96 dpi."""

    target: int
    gap: int


BARE, GLOVED = Touch(76, 9), Touch(94, 19)
"""20 mm and a unit; with gloves 25 mm, 5 mm apart."""
CORNER = 10.0
FOCUS = 3
"""Width of the ring round what has the keyboard."""
USUAL = (1366, 768)
"""A window larger than this has larger type: a large screen stands further away."""
SMALLEST = (900, 520)
"""A window is never laid out as if it were smaller: rather than cut something off, everything shrinks."""
ROOM = (1024, 600)
"""Larger text does not make a window smaller than this: the smallest in which every screen has its place."""
_TABULAR_UP_TO = 25
_TIGHT_FROM = 72
_TIGHTER_FROM = 102


class ThemeName(StrEnum):
    """The three themes."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True, kw_only=True)
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
    on_outcome: str
    """Signs and words on a filled outcome."""
    accent_tint: str
    accept_tint: str
    caution_tint: str
    info_tint: str
    stop: str
    on_stop: str
    block: str
    on_block: str
    face_top: str
    """The three faces of a drawn solid, and of one that is lit."""
    face_left: str
    face_right: str
    lit_top: str
    lit_left: str
    lit_right: str
    parked: str
    """Parcels in a cage that is not the one being filled."""
    stage_1: str
    """Stages, most done first."""
    stage_2: str
    stage_3: str
    stage_4: str
    outline: str
    """Round drawn surfaces where fills alone do not tell; empty for none."""

    def colour(self, token: str) -> QColor:
        """Return a token as a colour."""
        return QColor(getattr(self, token))


LIGHT = Theme(
    name=ThemeName.LIGHT, ground="#F4F6F8", surface="#FFFFFF", raised="#FFFFFF", ink="#10181E", quiet="#4D5B66",
    hairline="#D5DBE1", edge="#8795A1", accent="#0B5FBF", on_accent="#FFFFFF", accept="#0A7A3D", caution="#A65A00",
    refuse="#B3201A", info="#46586A", on_outcome="#FFFFFF", accent_tint="#E7EFF9", accept_tint="#E6F2EB",
    caution_tint="#FAF1E6", info_tint="#EAEDEF", stop="#B3201A", on_stop="#FFFFFF", block="#10181E",
    on_block="#FFFFFF", face_top="#FFFFFF", face_left="#E4E9ED", face_right="#CBD3DA", lit_top="#0B5FBF",
    lit_left="#094F9F", lit_right="#073F80", parked="#CBD3DA", stage_1="#0B5FBF", stage_2="#4A88D0",
    stage_3="#8FB5E3", stage_4="#C9DCF2", outline="",
)  # fmt: skip
DARK = Theme(
    name=ThemeName.DARK, ground="#0E1418", surface="#172027", raised="#1E2931", ink="#F3F6F8", quiet="#A3B1BC",
    hairline="#2D3A44", edge="#687884", accent="#62B0FF", on_accent="#0E1418", accept="#49D17F", caution="#FFB84D",
    refuse="#FF6B63", info="#9FB2C4", on_outcome="#0E1418", accent_tint="#1C2F40", accept_tint="#1A3230",
    caution_tint="#302F2B", info_tint="#232E36", stop="#B3201A", on_stop="#FFFFFF", block="#F3F6F8",
    on_block="#0E1418", face_top="#33424D", face_left="#2C3A45", face_right="#1E2931", lit_top="#62B0FF",
    lit_left="#4A94DE", lit_right="#387ABD", parked="#46565F", stage_1="#62B0FF", stage_2="#4684C2",
    stage_3="#2F5F90", stage_4="#22425F", outline="",
)  # fmt: skip
CONTRAST = Theme(
    name=ThemeName.CONTRAST, ground="#000000", surface="#000000", raised="#000000", ink="#FFFFFF", quiet="#FFFFFF",
    hairline="#FFFFFF", edge="#FFFFFF", accent="#FFE600", on_accent="#000000", accept="#FFFFFF", caution="#FFE600",
    refuse="#FFFFFF", info="#FFFFFF", on_outcome="#000000", accent_tint="#000000", accept_tint="#000000",
    caution_tint="#000000", info_tint="#000000", stop="#FFE600", on_stop="#000000", block="#FFFFFF",
    on_block="#000000", face_top="#000000", face_left="#000000", face_right="#000000", lit_top="#FFE600",
    lit_left="#FFE600", lit_right="#B3A100", parked="#000000", stage_1="#FFE600", stage_2="#FFFFFF",
    stage_3="#8C8C8C", stage_4="#4D4D4D", outline="#FFFFFF",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}

SLOT_STICKERS = ("#D55E00", "#3AA6DD", "#E5B800", "#7B4FB5", "#DE7FB3", "#8A5A34")
"""Stickers of slots 1 to 6; colour helps, the number says it."""
PAPER, PRINT = "#FFFFFF", "#000000"
"""Labels and codes to scan are black on white in every theme."""

_FAMILIES = ("Inter", "Noto Sans", "Noto Sans Arabic", "DejaVu Sans")
_SHIPPED = Path(__file__).resolve().parents[1] / "resources" / "fonts"


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    """Return the one typeface and what stands in for scripts it lacks; the shipped files where nothing is installed."""
    if "Inter" not in QFontDatabase.families():
        for file in ("Inter-Regular.ttf", "Inter-SemiBold.ttf", "DejaVuSans.ttf"):
            QFontDatabase.addApplicationFont(str(_SHIPPED / file))
    known = set(QFontDatabase.families())
    return tuple(each for each in _FAMILIES if each in known) or (QFont().defaultFamily(),)


@lru_cache(maxsize=128)
def font(size: int, *, bold: bool = False, tight: bool = False) -> QFont:
    """Return the one typeface at a pixel size; `tight` draws large Latin letters closer together."""
    made = QFont()
    made.setFamilies(list(_families()))
    made.setPixelSize(size)
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    if size <= _TABULAR_UP_TO:
        made.setFeature(QFont.Tag("tnum"), 1)
    if tight and size >= _TIGHT_FROM:
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 97 if size >= _TIGHTER_FROM else 98.5)
    return made


def unit(dpi: float = DPI, target_mm: int = TARGET_MM) -> int:
    """Return the layout unit in pixels: an eighth of a target."""
    return int(target_mm * dpi / 25.4 / 8)


def zoom_for(dpi: float, width: int, height: int, *, text: float = 1.0) -> float:
    """Return how much larger than on a 96 dpi screen everything is painted.

    Args:
        dpi: real pixels per inch of the screen.
        width: the window's, in pixels.
        height: the window's, in pixels.
        text: the operator's own factor: as much of it as leaves the layout room.
    """
    filling = min(width / USUAL[0], height / USUAL[1])
    usual = max(0.5, min(max(dpi / DPI, filling), width / SMALLEST[0], height / SMALLEST[1]))
    return max(usual, min(usual * text, width / ROOM[0], height / ROOM[1]))
