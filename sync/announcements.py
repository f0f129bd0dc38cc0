"""What a hub says of itself on its network (DNS-SD), and what a PC that looks for one reads from that.

A hint and no more: anybody on the network may announce anything, so it fills in an address and decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.kernel.ids import SiteId
from sync.protocol import PROTO

SERVICE = "_dockside-hub._tcp.local."
_SITE = "site"
_SITES_MAX = 16
"""So many sites fit into one packet; who wants another one types the address."""
_NAME_MAX = 40
_TXT_MAX = 255
"""Bytes of one entry, by RFC 6763."""


@dataclass(frozen=True, slots=True)
class FoundHub:
    """A hub that announces itself."""

    address: str
    sites: tuple[tuple[int, str], ...]
    """Numbers and names, as it says them."""


def to_txt(sites: Mapping[SiteId, str]) -> dict[str, str]:
    """Return what a hub with these sites announces."""
    named = {f"{_SITE}{site}": _shortened(name) for site, name in sorted(sites.items())[:_SITES_MAX]}
    return {"proto": str(PROTO), **named}


def from_txt(txt: Mapping[bytes, bytes | None]) -> tuple[tuple[int, str], ...]:
    """Return the sites that somebody announces, whatever else is in there."""
    found: dict[int, str] = {}
    for key, value in txt.items():
        number = key.decode("ascii", "replace").removeprefix(_SITE)
        if key.startswith(_SITE.encode()) and number.isdecimal() and number.isascii() and len(number) < _NAME_MAX:
            name = (value or b"").decode("utf-8", "replace")
            found[int(number)] = "".join(each for each in name if each.isprintable())[:_NAME_MAX]
    return tuple(sorted(found.items()))[:_SITES_MAX]


def _shortened(name: str) -> str:
    return name[:_NAME_MAX].encode()[: _TXT_MAX - 32].decode("utf-8", "ignore")
