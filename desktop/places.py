"""How this site's location codes are built, where it says so: `aisle-bay-level` reads A-12-03 as aisle, bay and level.

The one thing a newcomer would get wrong: nobody guesses. A code of another shape, or a site that never said, is a name
and no more; what is drawn of a walk or a bay then is the order of the places, and no plan.
"""

from collections.abc import Mapping
from enum import StrEnum


class Part(StrEnum):
    """What a part of a code says."""

    AISLE = "aisle"
    BAY = "bay"
    LEVEL = "level"
    """Counted from the floor."""
    BIN = "bin"
    """Counted along the shelf."""


class _Now:
    parts: tuple[Part, ...] = ()


_DASH = "-"


def read_shape(shape: str) -> tuple[Part, ...]:
    """Return the parts that a shape such as ``aisle-bay-level`` names; none for an empty one.

    Raises:
        ValueError: it names something else, or something twice.
    """
    parts = tuple(Part(each) for each in shape.split(_DASH)) if shape else ()
    if len(set(parts)) != len(parts):
        raise ValueError(f"{shape!r} names a part twice")
    return parts


def shape_places(shape: str) -> None:
    """Read codes in this shape from now on."""
    _Now.parts = read_shape(shape)


def parts_of(code: str) -> Mapping[Part, str]:
    """Return a code's parts by what they say; none where it is of another shape."""
    said = code.split(_DASH)
    if not _Now.parts or len(said) != len(_Now.parts) or not all(said):
        return {}
    return dict(zip(_Now.parts, said, strict=True))
