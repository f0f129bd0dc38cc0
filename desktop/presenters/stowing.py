"""Where units might lie in a carton: a simple filling, flat and the widest first, for the drawing and nothing else."""

from collections.abc import Sequence


def arranged(
    inside: tuple[int, int, int], units: Sequence[tuple[str, int, int, int]]
) -> tuple[tuple[int, int, int, int, int, int], ...] | None:
    """Return where units lie in a carton: x, y, z, length, width, height each, in the order given; None if they do not.

    Args:
        inside: length, width and height of the carton, the longer side first.
        units: a name and three measures each.
    """
    order = sorted(range(len(units)), key=lambda n: (-_flat(units[n])[0] * _flat(units[n])[1], units[n][0], n))
    found: dict[int, tuple[int, int, int, int, int, int]] = {}
    x = y = z = row = layer = 0
    for n in order:
        long, wide, high = _flat(units[n])
        if wide > inside[1] and long <= inside[1]:
            long, wide = wide, long
        if x + long > inside[0]:
            x, y, row = 0, y + row, 0
        if y + wide > inside[1]:
            x, y, z, row, layer = 0, 0, z + layer, 0, 0
        if long > inside[0] or wide > inside[1] or z + high > inside[2]:
            return None
        found[n] = (x, y, z, long, wide, high)
        x, row, layer = x + long, max(row, wide), max(layer, high)
    return tuple(found[n] for n in range(len(units)))


def _flat(unit: tuple[str, int, int, int]) -> tuple[int, int, int]:
    high, wide, long = sorted(unit[1:])
    return long, wide, high
