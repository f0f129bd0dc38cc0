"""What a station may be called: one line that a screen, a list and a label can show."""

import unicodedata

NAME_MOST = 40
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of whatever is written beside it; joiners within words stay."""
_NOTHING = frozenset({"Cc", "Cs", "Co", "Cn"})
_BLANKS = frozenset({"Zs", "Zl", "Zp"})


def station_name(said: str) -> str:
    """Return a name as it is kept, with single blanks; empty where it is none, or longer than a screen shows."""
    signs = (
        " " if unicodedata.category(sign) in _BLANKS or sign.isspace()
        else "" if unicodedata.category(sign) in _NOTHING or sign in _DIRECTIONS
        else sign
        for sign in said
    )  # fmt: skip
    name = " ".join("".join(signs).split())
    return name if len(name) <= NAME_MOST else ""
