"""What is wrong with a label, a list or a template, in words: sentences as whoever lays labels out says them, by what they are about.

A fault is said in English where it is found, below everything that knows languages. Its sentence is one of these with
values in it, and is known again by that.
"""

import re
from collections.abc import Mapping
from functools import cache

from desktop.zpl_words import ZPL_FAULTS

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
    **ZPL_FAULTS,
    "more": "and {n} more",
    "shortened": "shortened to {there} of {of} characters",
    "letters_small": "letters of {high} mm are too small to read, at least {least} needed",
    "join": "its letters join, and the library that joins them (FriBiDi) is not installed",
    "needs_another": "({ai}) needs another identifier beside it that is not on the label",
    "must_not_beside": "({ai}) must not stand beside what else is on the label",
    "not_right": "({ai}) {why}",
    "stands_twice": "stands on the label {count} times, at most 1 may",
    "two_values": "({ai}) is {value} here and {other} elsewhere on the label",
    "unsaid": "nothing on the label says {value} for people",
    "outside": "reaches {far} mm outside the printable area, {margin} mm from the edges",
    "over_edge": "reaches {far} mm over the edge of the paper",
    "out_of_block": "reaches {far} mm out of its black block",
    "whole_dots": "its modules are {dots} dots, whole ones are needed",
    "module_small": "modules of {module} mm, at least {least} needed",
    "module_large": "modules of {module} mm, at most {most} allowed",
    "low": "{high} mm high, at least {least} needed",
    "wide": "{wide} mm wide, at most {most} allowed",
    "characters": "{count} characters, at most {most} allowed",
    "quiet_zone": "its quiet zone is overlapped by {other}, by {deep} mm",
    "overlaps": "overlaps {other} by {deep} mm",
    "no_picture": "the picture cannot be read: {why}",
    "bytes_gone": "its bytes {bytes} are not here any more, and it is nobody's to draw",
    "other_content": "content is a {kind}",
    "no_layout": "no layout for this kind of content",
    "no_darkness": "{value} has no darkness to try out",
    "darkness_none": "{language} has none, {darkness} is set",
    "between": "{value} is not between {least} and {most}",
    "speed": "{speed} inches a second is not between 1 and {most}",
    "gap": "{gap} mm between labels of {high} mm",
    "loaded_listed": "{loaded} were loaded, {listed} are listed",
    "total": "total is {total} g, the rows add up to {listed} g",
    "other_head": "made for {dpi} dpi, the printer has {head}: fetch the label for {wanted} dpi, or as PDF or PNG",
    "picture_head": "is made for {dpi} dpi, the printer has {head}: fetch the label for {wanted} dpi, or as PDF or PNG",
    "no_code": "no code on it reads as it would be printed: look at it",
    "number_unread": "no code on it says {value}, the number of its parcel: look at it",
    "bars_unread": "has bars {left} mm from the left and {top} mm from the top that no code reads from: look at it",
    "square_broken": "has a square code {left} mm from the left and {top} mm from the top that is broken: look at it",
    "page_empty": "is empty",
    "beyond_label": "reaches {far} mm beyond the label",
    "code_lost": "the code {value} does not read at {dpi} dpi: fetch the label as {language}",
    "other_size": "is {wide} x {high} mm, the label {width} x {height} mm: fetch it in the size of the label",
    "cut_off": "is cut off: its end is missing",
    "slow": "takes more than {seconds} seconds to draw",
    "heavy": "takes more memory or time than a label, or is broken",
    "locked": "is locked by a password",
    "no_pdf": "is no whole PDF",
    "pages": "has {count} pages, a label has at most {most}",
    "no_page": "has no page",
    "no_dpi": "does not say for how many dpi it was made, the printer has {head}",
    "no_png": "is no whole PNG: {why}",
    "template_name": "a template is called by its kind ({known}), @CUSTOMER and .LANGUAGE",
    "template_whose": "nobody's paper looks there: write {value} for whom it is",
    "not_read": "cannot be read: {why}",
    "value_not_read": "{value} cannot be read: {why}",
    "no_key": "no such key; there are {known}",
    "version": "is a whole number from 1 on, raised with each change",
    "no_paper": "{value} is none of {known}, and no size in mm such as 100x150",
    "texts": "is a list of texts",
    "most_lines": "has at most {lines} lines of {characters} characters",
    "has_none": "this kind of paper has none",
    "no_room": "this kind of paper has no room for it",
    "png_name": "is the name of a PNG file in the same folder",
    "png_size": "{value} is no PNG of at most {size} kB",
    "names": "is a list of names",
    "named_twice": "names something twice",
    "needed": "{value} cannot be left out",
    "sizes": "is a table of millimetres by text",
    "no_text": "there is no such text; there are {known}",
    "no_height": "{value} is no height between {least} and {most} mm",
    "places": "is a table of places by element",
    "no_element": "no such element may stand elsewhere; {known} may",
    "no_place": "{value} is neither [left, top] nor [left, top, width, height] in mm",
    "place_size": "{value}: from 0 to {most} mm, and at least {least} mm large",
    "texts_by_fact": "is a table of texts by fact",
    "text_long": "is a text of at most {characters} characters",
    "brace": "has a brace that opens or closes nothing",
    "not_filled": "{value} cannot be filled in; {known} can",
    "words": "is a table of our words and those that are to stand in their place",
    "no_word": "is no word of ours",
}
LABEL_PLACES: Mapping[str, str] = {
    "list": "{file}, line {line}, column {column}: {what}",
    "template": "{file}, line {line}: {what}",
    "page": "page {page}",
    "byte": "byte {byte}",
}
"""Where it is wrong."""
LABEL_VALUES: Mapping[str, str] = {
    "paper": "Paper",
    **{each: each for each in (
        "none", "caret", "tilde", "delimiter", "the PDF", "the picture", "empty", "unreadable", "unknown identifier", "bad length", "too long", "bad character",
        "bad check digit", "bad date", "bad value", "repeated identifier", "missing companion", "forbidden companion",
        "lost separator",
    )},
}  # fmt: skip
"""Words of ours that are said within such a sentence, or in front of it."""
PAGE, BYTE = re.compile(r"page (\d+)"), re.compile(r"byte (\d+)")
MEASURE = re.compile(r"\d+\.\d+")
_COLUMN = re.compile(r"(?P<file>.+?), line (?P<line>\d+), column '(?P<column>[^']+)': (?P<what>.+)", re.DOTALL)
_PAGE_OF = re.compile(r"(?:(?P<kind>[a-z_]+): )?(?P<at>page \d+|the PDF|the picture) (?P<what>.+)", re.DOTALL)
"""An objection to a page, said as a sentence; the kind of paper in front of it where a job says it."""
_COMMAND_AT = re.compile(
    r"(?:(?P<kind>[a-z_]+): )?(?P<at>byte \d+): (?P<command>! U1 \S+|byte [0-9A-F]{2}|\S+) (?P<what>.+)", re.DOTALL
)
"""An objection to a command, said as a sentence behind its byte."""
_LINE = re.compile(r"(?P<file>[^:]+\.toml), line (?P<line>\d+): (?P<what>.+)", re.DOTALL)


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


def place_of(fault: str) -> tuple[Mapping[str, str], tuple[str, ...], str]:
    """Return where something is wrong in a list or a template (`file`, `line`), of what of a label, and what is wrong with it."""
    found = _COLUMN.fullmatch(fault) or _LINE.fullmatch(fault)
    where = {} if found is None else found.groupdict()
    what = where.pop("what", fault)
    page = _PAGE_OF.fullmatch(what)
    if page is not None and sentence_of(page["what"]) is not None:
        return where, tuple(filter(None, (page["kind"], page["at"]))), page["what"]
    command = _COMMAND_AT.fullmatch(what)
    if command is not None and sentence_of(command["what"]) is not None and sentence_of(what.split(": ", 1)[1]) is None:
        return where, tuple(filter(None, (command["kind"], command["at"], command["command"]))), command["what"]
    parts = what.split(": ")
    # The last words that are a sentence: what stands in front of them names what they are about.
    for n in range(len(parts) - 1, 0, -1):
        said = ": ".join(parts[n:])
        if sentence_of(said) is not None:
            return where, tuple(parts[:n]), said
    return where, (), what
