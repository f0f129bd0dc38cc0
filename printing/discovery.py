"""Printers that announce themselves on the network: a suggestion, never an assignment (Bonjour Printing Specification)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import zeroconf

SERVICES: Mapping[str, str] = {
    "_pdl-datastream._tcp.local.": "tcp",
    "_ipp._tcp.local.": "ipp",
    "_printer._tcp.local.": "lpd",
}
"""What printers announce, and how each is spoken to; a print queue of the old kind (lpd) is only named."""
_ANSWER_MS = 2_000
_LABEL_LANGUAGES = (("zpl", "zpl"), ("epl", "epl2"), ("tspl", "tspl"), ("escpos", "escpos"), ("pdf", "pdf"))
"""What `pdl` may contain, and what we call that language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrinter:
    """What a printer says of itself."""

    name: str
    address: str
    """As a printer's row would write it; empty where nothing of ours speaks to it."""
    model: str
    languages: tuple[str, ...]
    place: str


class PrinterDiscovery(zeroconf.ServiceListener):
    """Listens for printers; a context manager. Where there is no network it hears nothing."""

    def __init__(
        self, heard: Callable[[tuple[FoundPrinter, ...]], None], interfaces: Sequence[str] | None = None
    ) -> None:
        """Prepare to listen.

        Args:
            heard: is told all printers there are, on a thread of its own, each time one comes or goes.
            interfaces: addresses to listen at; all of this machine's without.
        """
        self._heard = heard
        self._interfaces: Any = zeroconf.InterfaceChoice.All if interfaces is None else list(interfaces)
        self._found: dict[tuple[str, str], FoundPrinter] = {}
        self._link: zeroconf.Zeroconf | None = None

    def __enter__(self) -> Self:
        """Begin to listen."""
        try:
            self._link = zeroconf.Zeroconf(interfaces=self._interfaces)
        except OSError:
            return self
        zeroconf.ServiceBrowser(self._link, list(SERVICES), self)
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop listening."""
        if self._link is not None:
            self._link.close()

    def add_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear of a printer."""
        info = zc.get_service_info(type_, name, timeout=_ANSWER_MS)
        if info is None or not info.port:
            return
        hosts = info.parsed_addresses(zeroconf.IPVersion.V4Only) or [f"[{each}]" for each in info.parsed_addresses()]
        if hosts:
            plain = name.removesuffix(f".{type_}")
            self._found[type_, name] = found_printer(SERVICES[type_], plain, hosts[0], info.port, info.properties)
            self._heard(tuple(self._found.values()))

    def update_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear that a printer says something else now."""
        self.add_service(zc, type_, name)

    def remove_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear that a printer is gone."""
        if self._found.pop((type_, name), None) is not None:
            self._heard(tuple(self._found.values()))


def found_printer(
    kind: str, name: str, host: str, port: int, properties: Mapping[bytes, bytes | None]
) -> FoundPrinter:  # fmt: skip
    """Return a printer by its announcement; its TXT record is whatever somebody wrote there."""
    said = {
        key.decode("utf-8", "replace").lower(): (value or b"").decode("utf-8", "replace")
        for key, value in properties.items()
    }
    address = {"tcp": f"tcp:{host}:{port}", "ipp": f"ipp://{host}:{port}/{said.get('rp', 'ipp/print').lstrip('/')}"}
    return FoundPrinter(
        name=name,
        address=address.get(kind, ""),
        model=said.get("ty") or " ".join(filter(None, (said.get("usb_mfg", ""), said.get("usb_mdl", "")))),
        languages=languages_in(said.get("pdl", "")),
        place=said.get("note", ""),
    )


def languages_in(said: str) -> tuple[str, ...]:
    """Return the languages of ours that are named in a printer's own list of what it speaks."""
    said = said.lower()
    return tuple(ours for theirs, ours in _LABEL_LANGUAGES if theirs in said)
