"""What is wrong with a label, a list or a template, in words: sentences as whoever lays labels out says them, by what they are about.

A fault is said in English where it is found, below everything that knows languages. Its sentence is one of these with
values in it, and is known again by that.
"""

import re
from collections.abc import Mapping
from functools import cache

LABEL_FAULTS: Mapping[str, str] = {
    "missing": "is missing",
    "formula": "a formula without a result",
    "not_plain": "not a plain value",
    "no_number": "{value} is no whole number",
    "no_choice": "{value} is none of {known}",
    "check_digit": "check digit of {value} should be {digit}",
    "no_gtin": "{value} is no GTIN of 8, 12, 13 or 14 digits",
    "no_date": "{value} is no date such as {day}",
    "cannot_be": "{value} cannot be {what}: {why}",
    "symbol": "cannot be a {symbol}: {why}",
    "grams": "{grams} g is more than a label can say",
    "content_beside": "a unit that is a trade item (01) has no content (02) beside it",
    "content_count": "a content (02) needs the count of what is in it (37)",
    "count_content": "a count (37) needs the number of what is counted (02)",
    "lot_goods": "a lot or a date needs the number of the goods (02 or 01)",
    "net_goods": "a net weight (310) needs the number of the goods (02 or 01)",
    "logistic_small": "a logistic label is not smaller than A6; {wide} by {high} mm are loaded",
    "arrow": "{value} is neither up nor down",
    "slot": "{value} is no slot",
    "no_rule": "no rule about {mark} holds on {day}",
    "un_numbers": "{mark} names {allowed}, not {value}",
    "too_many": "{count} of them, at most {most} have room",
    "no_form": "{value} is no {form}, it is an {instead}",
    "no_form_at_all": "{value} is no {form}",
    "room": "does not fit: {value} in letters of {size} mm, its smallest",
    "modules": "{modules} modules do not fit in {wide} mm",
    "letters": "no font draws {letters}",
    "twice": "{value} is on two labels, at most 1 may carry it",
    "given_out": "{value} was given out on {day}: it may be used again after a year",
    "own": "{value} is one of this site's own: leave the column empty, and the next one is drawn",
    "paper": "{wide} by {high} mm needed, {width} by {height} mm loaded",
    "no_kind": "its columns are those of no label; `dockside print kinds` names them",
    "empty": "there is no label in it",
    "failed": "the program failed while it looked through it",
    "unknown_column": "this kind of label has {known}",
    "no_column": "column {column} is missing",
    "more": "and {n} more",
}
LABEL_PLACES: Mapping[str, str] = {"list": "{file}, line {line}, column {column}: {what}"}
"""Where it is wrong."""
_PLACE = re.compile(r"(?P<file>.+?), line (?P<line>\d+), column '(?P<column>[^']+)': (?P<what>.+)")
_AT = re.compile(r"(?P<at>[^:]+): (?P<what>.+)")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Those with the most words of their own first: a value may be anything.
    by_length = sorted(LABEL_FAULTS.items(), key=lambda each: len(re.sub(r"{\w+}", "", each[1])), reverse=True)
    return tuple(
        (name, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(each)), re.DOTALL))
        for name, each in by_length
    )


def sentence_of(reason: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the name of the sentence that a reason is, and the values in it; None for one of another kind."""
    for name, pattern in _patterns():
        found = pattern.fullmatch(reason)
        if found is not None:
            return name, {each: value.strip("'\"") for each, value in found.groupdict().items()}
    return None


def place_of(fault: str) -> tuple[Mapping[str, str], str]:
    """Return where in a list something is wrong, or on a label (`at`), and what is wrong there."""
    for pattern in (_PLACE, _AT):
        found = pattern.fullmatch(fault)
        if found is not None and (pattern is _PLACE or sentence_of(found["what"]) is not None):
            where = found.groupdict()
            return where, where.pop("what")
    return {}, fault
