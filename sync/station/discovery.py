"""Looks on the network for hubs that announce themselves, for a PC that is about to join: a suggestion, never an assignment."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import zeroconf

from sync.announcements import SERVICE, FoundHub, from_txt

_ANSWER_MS = 2_000


class Discovery(zeroconf.ServiceListener):
    """Listens for hubs; a context manager. Where there is no network it hears nothing."""

    def __init__(self, heard: Callable[[tuple[FoundHub, ...]], None], interfaces: Sequence[str] | None = None) -> None:
        """Prepare to listen.

        Args:
            heard: is told all hubs there are, on a thread of its own, each time one comes or goes.
            interfaces: addresses to listen at; all of this machine's without.
        """
        self._heard = heard
        self._interfaces: Any = zeroconf.InterfaceChoice.All if interfaces is None else list(interfaces)
        self._found: dict[str, FoundHub] = {}
        self._link: zeroconf.Zeroconf | None = None

    def __enter__(self) -> Self:
        """Begin to listen."""
        try:
            self._link = zeroconf.Zeroconf(interfaces=self._interfaces)
        except OSError:
            return self
        zeroconf.ServiceBrowser(self._link, SERVICE, self)
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop listening."""
        if self._link is not None:
            self._link.close()

    def add_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear of a hub."""
        info = zc.get_service_info(type_, name, timeout=_ANSWER_MS)
        if info is None or not info.port:
            return
        hosts = info.parsed_addresses(zeroconf.IPVersion.V4Only) or [f"[{each}]" for each in info.parsed_addresses()]
        if hosts:
            self._found[name] = FoundHub(f"http://{hosts[0]}:{info.port}", from_txt(info.properties))
            self._heard(tuple(self._found.values()))

    def update_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear that a hub says something else now."""
        self.add_service(zc, type_, name)

    def remove_service(self, zc: zeroconf.Zeroconf, type_: str, name: str) -> None:
        """Hear that a hub is gone."""
        if self._found.pop(name, None) is not None:
            self._heard(tuple(self._found.values()))
