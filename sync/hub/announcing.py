"""A hub announces itself on its network while it serves, with the names of its sites: a suggestion to PCs that join.

It runs on a thread of its own, since asking whether a name is free takes a second and a half. What the network does not let it
say is a note for IT; stations that know the address need none of it.
"""

import socket
import threading
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import ifaddr
import zeroconf

from core.kernel.ids import SiteId
from sync.announcements import SERVICE, to_txt
from sync.hub.serving import EVERYWHERE

_NAME_MAX = 40


class Announcer:
    """Announces a hub once it is told where it listens, until it ends; a context manager."""

    def __init__(self, sites: Mapping[SiteId, str]) -> None:
        """Prepare to announce these sites."""
        self._sites = sites
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.notes: tuple[str, ...] = ()
        """Why nobody hears of it; nothing where all is well."""

    def __enter__(self) -> Self:
        """Announce nothing yet."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Take it back."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def begin(self, address: str) -> None:
        """Announce the hub at an address such as `http://10.0.0.4:8700`."""
        self._thread = threading.Thread(target=self._run, args=(address,), name="dockside-announcing")
        self._thread.start()

    def _run(self, address: str) -> None:
        where = urlsplit(address)
        host, port = where.hostname or "", where.port or 0
        everywhere = host in EVERYWHERE
        heard: Any = zeroconf.InterfaceChoice.All if everywhere else [host]
        name = f"{socket.gethostname()[:_NAME_MAX]} {port}"
        try:
            with zeroconf.Zeroconf(interfaces=heard) as link:
                info = zeroconf.ServiceInfo(
                    SERVICE, f"{name}.{SERVICE}", port=port, properties=to_txt(self._sites),
                    parsed_addresses=_own() if everywhere else [host],
                )  # fmt: skip
                link.register_service(info, allow_name_change=True)
                self._over.wait()
                link.unregister_service(info)
        except (OSError, zeroconf.Error) as e:
            self.notes = (f"The hub cannot announce itself on its network: {e}",)


def _own() -> list[str]:
    """Return this machine's addresses that others can reach."""
    found = [str(each.ip) for adapter in ifaddr.get_adapters() for each in adapter.ips if each.is_IPv4]
    return [each for each in found if not each.startswith("127.")] or found
