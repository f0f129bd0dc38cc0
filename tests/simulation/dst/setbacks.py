"""The hub goes back to what it was: its data alone, or its whole machine with the witness that lies beside them."""

from collections.abc import Callable

from core.rights.queries import LISTENS_MS
from tests.simulation.dst.books import Books
from tests.simulation.dst.site import Site


class Setbacks:
    """What happens to the hub's machine."""

    def __init__(self, site: Site, books: Callable[[], Books], happens: Callable[..., str]) -> None:
        """Act in a site.

        Args:
            site: whose hub.
            books: all databases that can be read.
            happens: lets another event of the day happen, by its name.
        """
        self.site, self._books, self._happens = site, books, happens

    def on_backup(self) -> str:
        self.site.hub.backup()
        return str(len(self.site.hub.backups))

    def on_restore(self, which: int, quiet: int) -> str:
        """Set the hub back to a backup; quietly: nobody tells it but its own witness."""
        hub = self.site.hub
        if not hub.backups:
            return "no backup"
        self._remember()
        hub.set_back(which % len(hub.backups), quiet=bool(quiet))
        return ""

    def on_restore_again(self, which: int, quiet: int) -> str:
        """Set the hub back, and once more before anybody has told it anything."""
        self.on_restore(which, quiet)
        return self.on_restore(which + 1, quiet)

    def on_restore_whole(self, which: int, first: str) -> str:
        """Put a picture of the hub's whole machine back: its witness saw no more than it has itself.

        Args:
            which: of the pictures.
            first: who asks, and works, before anybody else has spoken.
        """
        hub = self.site.hub
        if not hub.backups:
            return "no backup"
        self._remember()
        self.site.hall.put_back_whole = True
        hub.put_back_whole(which % len(hub.backups))
        before = hub.epoch
        # It asks, hears what it is given, and goes to work.
        said = [self._happens("round", first), self._happens("round", first), self._happens("work", first, 4, which)]
        for name in self.site.machines:
            self._happens("sync", name, "push", 400, "")
        # Every station that is on the network has spoken by then.
        self.site.time.at += LISTENS_MS
        if hub.epoch == before:
            # Whoever knew more is not there: what was done is given out again. That none of it leaves twice is the docks'.
            self.site.hall.sent_again = True
        return f"{said} {'nobody knew more' if hub.epoch == before else ''}"

    def _remember(self) -> None:
        with self._books() as books:
            for name in books.stations:
                self.site.hall.remembered |= {row["number"] for row in books.of(name).rows("sales_order")}
        self.site.hall.forgotten = True
