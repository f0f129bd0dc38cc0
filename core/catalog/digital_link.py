"""GS1 Digital Link: the web address in a QR code or Data Matrix that carries the elements of a GS1 message.

`https://example.com/01/09506000134352/10/ABC?17=261231`: the last pair of the path whose identifier is a key begins
the elements; qualifiers follow it in the order of the standard (GS1 Digital Link: URI Syntax 1.6, section 4), further
elements stand in the query. The thing a newcomer would get wrong: an address that has no key is an ordinary text, not
a bad link, and a scheme in mixed case is not a Digital Link at all. Compressed links are not read.
"""

import re
from urllib.parse import unquote

from core.catalog.gs1 import Identifier, facts_of, forbidden, identifiers, value_flaw
from core.catalog.readings import Day, DigitalLinkReading, Elements, Flaw, Rejected

_SCHEMES = ("https://", "http://", "HTTPS://", "HTTP://")
_GTIN_KEYS = ("01",)
_QUERY_PAIRS = re.compile("[&;]")
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def read_digital_link(text: str, today: Day) -> DigitalLinkReading | Rejected | None:
    """Return the link in a text, why it is a bad one, or None if it does not claim to be one."""
    scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), None)
    if scheme is None:
        return None
    address, _, _ = text[len(scheme) :].partition("#")
    address, _, query = address.partition("?")
    pairs = _path_pairs(address.split("/")[1:])
    if not pairs:
        return None
    elements = _read_path(pairs)
    if not isinstance(elements, Rejected):
        elements = _with_query(elements, query)
    if isinstance(elements, Rejected):
        return elements
    wrong = forbidden(elements)
    if wrong is not None:
        return Rejected(Flaw.FORBIDDEN_COMPANION, wrong)
    reading = DigitalLinkReading(uri=text, **facts_of(elements, today))
    return Rejected(Flaw.MISSING_COMPANION, reading.lacks[0], reading) if reading.lacks else reading


def _path_pairs(segments: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of the path from its last key on; nothing if it has none."""
    if segments and segments[-1] == "":
        segments = segments[:-1]
    known = identifiers()
    for start in range(len(segments) - 2, -1, -2):
        key = known.get(segments[start])
        if key is None:
            return []
        if key.qualifiers is not None:
            return list(zip(segments[start::2], segments[start + 1 :: 2], strict=True))
    return []


def _read_path(pairs: list[tuple[str, str]]) -> Elements | Rejected:
    known = identifiers()
    key = known[pairs[0][0]]
    followers = tuple(ai for ai, _ in pairs[1:])
    if not any(_in_order(followers, way) for way in key.qualifiers or ()):
        return Rejected(Flaw.BAD_LINK, "/".join(followers))
    elements: Elements = ()
    for ai, raw in pairs:
        element = _element(known[ai], raw)
        if isinstance(element, Rejected):
            return element
        elements += (element,)
    return elements


def _in_order(followers: tuple[str, ...], way: tuple[str, ...]) -> bool:
    remaining = iter(way)
    return all(follower in remaining for follower in followers)


def _with_query(elements: Elements, query: str) -> Elements | Rejected:
    """Return the elements with those of the query; names that are not numbers are the website's own."""
    found = dict(elements)
    for pair in _QUERY_PAIRS.split(query):
        ai, _, raw = pair.partition("=")
        if not (ai.isascii() and ai.isdecimal()):
            continue
        identifier = identifiers().get(ai)
        if identifier is None:
            return Rejected(Flaw.UNKNOWN_IDENTIFIER, ai)
        if not identifier.in_query:
            return Rejected(Flaw.BAD_LINK, ai)
        element = _element(identifier, raw.replace("+", " "))
        if isinstance(element, Rejected):
            return element
        if found.setdefault(*element) != element[1]:
            return Rejected(Flaw.REPEATED_IDENTIFIER, ai)
    return tuple(found.items())


def _element(identifier: Identifier, raw: str) -> tuple[str, str] | Rejected:
    if _BAD_ESCAPE.search(raw):
        return Rejected(Flaw.BAD_CHARACTER, identifier.ai)
    value = unquote(raw)
    if identifier.ai in _GTIN_KEYS and len(value) in (8, 12, 13):
        value = value.zfill(14)
    flaw = value_flaw(identifier, value)
    return Rejected(flaw, identifier.ai) if flaw is not None else (identifier.ai, value)
