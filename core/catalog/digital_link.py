"""GS1 Digital Link: the web address in a QR code or Data Matrix that carries the elements of a GS1 message.

`https://example.com/01/09506000134352/10/ABC?17=261231`: the last pair of the path whose identifier is a key begins
the elements; qualifiers follow it in the order of the standard (GS1 Digital Link: URI Syntax 1.6, section 4), further
elements stand in the query. It is as strict as GS1's own engine (`gs1-syntax-engine`): a trade item has 14 digits, what
belongs in the path is not in the query, nothing stands twice. The thing a newcomer would get wrong: an address that has
no key is an ordinary text, not a bad link, and a scheme in mixed case is not a Digital Link at all. Compressed links are
known and not read.
"""

import re
from urllib.parse import unquote

from core.catalog.gs1 import Identifier, facts_of, forbidden, identifiers, value_flaw
from core.catalog.readings import Day, DigitalLinkReading, Elements, Flaw, Rejected

_SCHEMES = ("https://", "http://", "HTTPS://", "HTTP://")
_NOT_IN_ADDRESSES = re.compile("[^A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]")
_NOT_IN_HOSTS = re.compile("[_~@!$&'()*+,;=%]")
_NO_HOST = "//"
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")

_COMPRESSED = re.compile("[A-Za-z0-9_-]{10,}")
_SIX_BITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_COMPRESSED_KEYS = (("01", re.compile("01|[0-3][A-F]")), ("00", re.compile("00")))
"""How a compressed link may begin: with its key, or with the number of a usual set of elements whose first is the item."""


def read_digital_link(text: str, today: Day) -> DigitalLinkReading | Rejected | None:
    """Return the link in a text, why it is a bad one, or None if it does not claim to be one."""
    scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), None)
    if scheme is None:
        return None
    address, _, _ = text[len(scheme) :].partition("#")
    address, _, query = address.partition("?")
    host, *segments = address.split("/")
    pairs = _path_pairs(segments)
    if not pairs:
        return _not_read(segments)
    wrong_at = _flaw_of_address(text, host)
    if wrong_at is not None:
        return Rejected(Flaw.BAD_LINK, wrong_at)
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
    known = identifiers()
    for start in range(len(segments) - 2, -1, -2):
        key = known.get(segments[start])
        if key is None:
            return []
        if key.qualifiers is not None:
            return list(zip(segments[start::2], segments[start + 1 :: 2], strict=True))
    return []


def _not_read(segments: list[str]) -> Rejected | None:
    """Return why an address without a key is none although it was meant to be a link, or None."""
    if segments and segments[-1] == "":
        pairs = _path_pairs(segments[:-1])
        return Rejected(Flaw.BAD_LINK, "/") if pairs and not isinstance(_read_path(pairs), Rejected) else None
    return Rejected(Flaw.COMPRESSED_LINK) if segments and _is_compressed(segments[-1]) else None


def _is_compressed(segment: str) -> bool:
    """Return whether a part of a path is a compressed link: base64url that begins with a key whose check digit is right.

    Source: GS1 Digital Link standard, compression: eight bits for the key, then its digits as one binary number.
    """
    if not _COMPRESSED.fullmatch(segment):
        return False
    bits = "".join(f"{_SIX_BITS.index(character):06b}" for character in segment)
    begins = f"{int(bits[:8], 2):02X}"
    for ai, numbers in _COMPRESSED_KEYS:
        key = identifiers()[ai]
        size = (10**key.longest - 1).bit_length()
        if numbers.fullmatch(begins) and len(bits) >= 8 + size:
            return value_flaw(key, str(int(bits[8 : 8 + size], 2)).zfill(key.longest)) is None
    return False


def _flaw_of_address(text: str, host: str) -> str | None:
    """Return what no web address may have, None if there is nothing of it."""
    odd = _NOT_IN_ADDRESSES.search(text)
    if odd is not None:
        return odd[0]
    return (host or _NO_HOST) if host == "" or _NOT_IN_HOSTS.search(host) else None


def _read_path(pairs: list[tuple[str, str]]) -> Elements | Rejected:
    known = identifiers()
    key = known[pairs[0][0]]
    followers = tuple(ai for ai, _ in pairs[1:])
    if not _may_follow(key, followers):
        return Rejected(Flaw.BAD_LINK, "/".join(followers))
    elements: Elements = ()
    for ai, raw in pairs:
        element = _element(known[ai], raw)
        if isinstance(element, Rejected):
            return element
        elements += (element,)
    return elements


def _may_follow(key: Identifier, followers: tuple[str, ...]) -> bool:
    """Return whether these identifiers may follow the key in the path, in this order."""
    return any(_in_order(followers, way) for way in key.qualifiers or ())


def _in_order(followers: tuple[str, ...], way: tuple[str, ...]) -> bool:
    remaining = iter(way)
    return all(follower in remaining for follower in followers)


def _with_query(elements: Elements, query: str) -> Elements | Rejected:
    """Return the elements with those of the query; names that are not numbers are the website's own."""
    found = dict(elements)
    for pair in query.split("&"):
        ai, equals, raw = pair.partition("=")
        if not (equals and ai.isascii() and ai.isdecimal()):
            continue
        identifier = identifiers().get(ai)
        if identifier is None:
            return Rejected(Flaw.UNKNOWN_IDENTIFIER, ai)
        if ai in found:
            return Rejected(Flaw.REPEATED_IDENTIFIER, ai)
        if not identifier.in_query or _belongs_in_path(elements, ai):
            return Rejected(Flaw.BAD_LINK, ai)
        element = _element(identifier, raw.replace("+", " "))
        if isinstance(element, Rejected):
            return element
        found[ai] = element[1]
    return tuple(found.items())


def _belongs_in_path(path: Elements, ai: str) -> bool:
    """Return whether the path could take an identifier among those it has."""
    key, *followers = (each for each, _ in path)
    places = ((*followers[:at], ai, *followers[at:]) for at in range(len(followers) + 1))
    return any(_may_follow(identifiers()[key], place) for place in places)


def _element(identifier: Identifier, raw: str) -> tuple[str, str] | Rejected:
    if _BAD_ESCAPE.search(raw):
        return Rejected(Flaw.BAD_CHARACTER, identifier.ai)
    value = unquote(raw)
    flaw = value_flaw(identifier, value)
    return Rejected(flaw, identifier.ai) if flaw is not None else (identifier.ai, value)
