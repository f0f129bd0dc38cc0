"""Numbers and codes as people read them on paper."""

_GRAMS_PER_KG = 1000
_TEN_GRAMS = 10
_GROUP = 4


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
    return by.join(words for _, words in facts)


def joined(*parts: str, by: str = "  ·  ") -> str:
    """Return the parts that say something, joined."""
    return by.join(part for part in parts if part)
