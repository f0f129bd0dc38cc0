"""Sites that are made while the hub serves: its file says so, and whoever serves looks into it now and then."""

import threading
from collections.abc import Callable
from typing import Self

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.hub.opening import Hub

LOOK_S = 2.0
"""Seconds between two looks at when the file was written."""


class Newcomers:
    """Opens sites that come, on a thread of its own; a context manager."""

    def __init__(self, hub: Hub, hear: Callable[[SiteId], object] = lambda _site: None) -> None:
        """Prepare; it begins on entering.

        Args:
            hub: what serves.
            hear: hears of each site once the hub answers for it, on this thread.
        """
        self._hub = hub
        self._hear = hear
        self._seen = self._written()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dockside-newcomers")
        self.notes: tuple[str, ...] = ()
        """Why a site that the file names is not served."""

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """Stop."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            written = self._written()
            if written != self._seen or self.notes:
                self.notes = self._open()
                self._seen = written

    def _written(self) -> int:
        try:
            return self._hub.home.file.stat().st_mtime_ns
        except OSError:
            return 0

    def _open(self) -> tuple[str, ...]:
        try:
            sites = self._hub.home.read().sites
        except Fault as e:
            return (str(e),)
        notes = []
        for site, place in sorted(sites.items()):
            if site not in self._hub.databases:
                try:
                    self._hub.opens(site, place)
                    self._hear(site)
                except (sa.exc.DBAPIError, Fault) as e:
                    notes.append(f"Site {site} is not served: {str(e).splitlines()[0]}")
        return tuple(notes)


__all__ = ["Newcomers"]
