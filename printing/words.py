"""Numbers and codes as people read them on paper."""

import re

_GRAMS_PER_KG = 1000
_TEN_GRAMS = 10
_GROUP = 4
_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""Letters of the scripts that are read from the right: Hebrew, Arabic and theirs."""


def weight(grams: int) -> str:
    """Return a weight in kilograms with two decimals, half a unit away from zero (`1.91 kg`)."""
    hundredths = (grams + _TEN_GRAMS // 2) // _TEN_GRAMS
    return f"{hundredths // 100}.{hundredths % 100:02} kg"


def fours(code: str) -> str:
    """Return a long number in groups of four, as it is read aloud."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def there(*facts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the facts that say something, each with its words."""
    return tuple(each for each in facts if each[1])


def said(facts: tuple[tuple[str, str], ...], by: str = "   ") -> str:
    """Return the words of facts, joined."""
    return joined(*(words for _, words in facts), by=by)


def joined(*parts: str, by: str = "  ·  ") -> str:
    """Return the parts that say something, joined.

    Where one of them reads from the right all behind the first are kept together: else a number of the next would be read into it.
    The first says from which side the line is read.
    """
    kept = [part for part in parts if part]
    if len(kept) > 1 and any(map(_FROM_THE_RIGHT.search, kept)):
        kept[1:] = [f"\u2068{part}\u2069" for part in kept[1:]]
    return by.join(kept)
