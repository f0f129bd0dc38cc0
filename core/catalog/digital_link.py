"""GS1 Digital Link: the web address in a QR code or Data Matrix that carries the elements of a GS1 message.

`https://example.com/01/09506000134352/10/ABC?17=261231`: the last pair of the path whose identifier is a key begins
the elements; qualifiers follow it in the order of the standard (GS1 Digital Link: URI Syntax 1.6, section 4), further
elements stand in the query. It is as strict as GS1's own engine (`gs1-syntax-engine`): a trade item has 14 digits, what
belongs in the path is not in the query, nothing stands twice. The thing a newcomer would get wrong: an address that has
no key is an ordinary text, not a bad link, and a scheme in mixed case is not a Digital Link at all. A part
or all of it may be compressed (`packed_link`).
"""

import re
from urllib.parse import unquote

from core.catalog.gs1 import Identifier, facts_of, forbidden, identifiers, value_flaw
from core.catalog.packed_link import unpacked
from core.catalog.readings import Day, DigitalLinkReading, Elements, Flaw, Rejected

_SCHEMES = ("https://", "http://", "HTTPS://", "HTTP://")
_NOT_IN_ADDRESSES = re.compile("[^A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=%-]")
_NOT_IN_HOSTS = re.compile("[_~@!$&'()*+,;=%]")
_NO_HOST = "//"
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def read_digital_link(text: str, today: Day) -> DigitalLinkReading | Rejected | None:
    """Return the link in a text, why it is a bad one, or None if it does not claim to be one."""
    scheme = next((scheme for scheme in _SCHEMES if text.startswith(scheme)), None)
    if scheme is None:
        return None
    address, _, _ = text[len(scheme) :].partition("#")
    address, _, query = address.partition("?")
    host, *segments = address.split("/")
    pairs = _path_pairs(segments)
    elements = _read_path(pairs) if pairs else _read_packed(segments)
    if elements is None:
        return _not_read(segments)
    wrong_at = _flaw_of_address(text, host)
    if wrong_at is not None:
        return Rejected(Flaw.BAD_LINK, wrong_at)
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
    """Return why an address that says no elements is none although it was meant to be a link, or None."""
    if not segments or segments[-1] != "":
        return None
    pairs = _path_pairs(segments[:-1])
    read = _read_path(pairs) if pairs else _read_packed(segments[:-1])
    return None if read is None or isinstance(read, Rejected) else Rejected(Flaw.BAD_LINK, "/")


def _read_packed(segments: list[str]) -> Elements | Rejected | None:
    """Return what the compressed end of a path says, with the key that may stand before it; None if it is not compressed."""
    if not segments:
        return None
    wrong = None
    for sets_in_order_of_number in (False, True):
        packed = unpacked(segments[-1], sets_in_order_of_number=sets_in_order_of_number) or ()
        key = _key_before(segments[:-1]) or _first_key(packed)
        if not packed or not key:
            continue
        read = _first_flaw(packed) or _arranged(key, packed)
        if not isinstance(read, Rejected):
            return read
        wrong = wrong or read
    return wrong


def _key_before(segments: list[str]) -> Elements:
    """Return the key that ends a path; nothing if there is none."""
    return _first_key(((segments[-2], segments[-1]),)) if len(segments) >= 2 else ()


def _first_key(elements: Elements) -> Elements:
    known = identifiers()
    return next(((each,) for each in elements if each[0] in known and known[each[0]].qualifiers is not None), ())


def _first_flaw(elements: Elements) -> Rejected | None:
    known = identifiers()
    flaws = ((ai, value_flaw(known[ai], value)) for ai, value in elements)
    return next((Rejected(flaw, ai) for ai, flaw in flaws if flaw is not None), None)


def _arranged(key: Elements, packed: Elements) -> Elements | Rejected:
    """Return the elements in the order of a link that is not compressed: the key, what may follow it, all others."""
    path = _read_path(list(key))
    if isinstance(path, Rejected):
        return path
    known = identifiers()
    rest = tuple(each for each in packed if each not in key)
    present = {ai for ai, _ in rest}
    way = max(known[key[0][0]].qualifiers or (), key=lambda each: len(present.intersection(each)), default=())
    following = tuple((ai, value) for place in way for ai, value in rest if ai == place)
    others = tuple(each for each in rest if each not in following)
    stray = next((ai for ai, _ in others if not known[ai].in_query or ai == key[0][0]), None)
    return path + following + others if stray is None else Rejected(Flaw.BAD_LINK, stray)


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
    key = path[0][0]
    followers = [each for each, _ in path[1:] if any(each in way for way in identifiers()[key].qualifiers or ())]
    places = ((*followers[:at], ai, *followers[at:]) for at in range(len(followers) + 1))
    return any(_may_follow(identifiers()[key], place) for place in places)


def _element(identifier: Identifier, raw: str) -> tuple[str, str] | Rejected:
    if _BAD_ESCAPE.search(raw):
        return Rejected(Flaw.BAD_CHARACTER, identifier.ai)
    value = unquote(raw)
    flaw = value_flaw(identifier, value)
    return Rejected(flaw, identifier.ai) if flaw is not None else (identifier.ai, value)
