"""A hub's home: which database each of its sites lives in, and where it listens; a PostgreSQL of its own, where it has one.

The file is written by `dockside hub init` and may be edited; it holds passwords, so only its owner reads it.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from core.kernel.blobs import BlobStore
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.hub.cluster import Cluster, write_secret
from sync.hub.serving import LOOPBACK, PORT

EMBEDDED = "embedded/"
"""Before a database's name: it is one of the PostgreSQL in the hub's home."""
_DRIVER = "postgresql+psycopg"


class HubFault(Fault):
    """The hub's home cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the file says."""

    sites: Mapping[SiteId, str] = field(default_factory=dict)
    """Database by site: an address, or one of the hub's own."""
    host: str = LOOPBACK
    port: int = PORT
    plans: bool = True
    """Whether it promises and releases by itself; a site that releases by hand says no."""
    workers: int = 0
    """Processes that answer; 0 for as many as the machine and the sites are worth."""
    restored: bool = False
    """Whether the databases came from a backup, and nobody was told yet: stations may know more than they."""


class HubHome:
    """The folder of a hub."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which may not be there yet."""
        self.folder = folder.absolute()
        self.file = self.folder / "hub.toml"
        self.cluster = Cluster(self.folder / "postgres")
        self.blobs = BlobStore(self.folder / "blobs")

    def read(self) -> Configuration:
        """Return what the file says.

        Raises:
            HubFault: there is no hub here, or the file is none of a hub's.
        """
        if not self.file.exists():
            raise HubFault(f"there is no hub in {self.folder}: `dockside hub init` makes one")
        try:
            told = tomllib.loads(self.file.read_text(encoding="utf-8"))
            service = told.get("service", {})
            return Configuration(
                {SiteId(int(site)): address_of(str(place)) for site, place in told["sites"].items()},
                str(service.get("host", LOOPBACK)), int(service.get("port", PORT)), bool(service.get("plans", True)),
                int(service.get("workers", 0)), bool(told.get("restored", False)),
            )  # fmt: skip
        except (ValueError, KeyError, AttributeError, TypeError) as e:
            raise HubFault(f"{self.file} is no configuration of a hub: {e}") from e

    def write(self, configuration: Configuration) -> None:
        """Write the file, whole or not at all.

        Raises:
            HubFault: the folder cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise HubFault(f"{self.folder} cannot be made: {e.strerror}") from e
        lines = ["# Which database each site of this hub lives in, and where the hub listens. It holds passwords."]
        if configuration.restored:
            lines.append("restored = true")
        lines += [
            "",
            "[sites]",
            *(f"{site} = {json.dumps(each)}" for site, each in sorted(configuration.sites.items())),
        ]
        lines += ["", "[service]", f"host = {json.dumps(configuration.host)}", f"port = {configuration.port}"]
        lines += [f"plans = {json.dumps(configuration.plans)}", f"workers = {configuration.workers}", ""]
        part = self.file.with_suffix(".part")
        write_secret(part, "\n".join(lines))
        part.replace(self.file)


def address_of(place: str) -> str:
    """Return a database's address as it is used, whoever wrote it.

    Raises:
        ValueError: it is none.
    """
    if place.startswith(EMBEDDED):
        return place
    try:
        url = sa.make_url(place)
    except sa.exc.ArgumentError as e:
        raise ValueError(f"{place!r} is no address of a database, such as postgresql://user@host/name") from e
    if not url.drivername.startswith("postgres") or not url.database:
        raise ValueError(f"{place!r} is no address of a PostgreSQL database, such as postgresql://user@host/name")
    return url.set(drivername=_DRIVER).render_as_string(hide_password=False)


def shown(place: str) -> str:
    """Return a database's address without its password."""
    return place if place.startswith(EMBEDDED) else sa.make_url(place).render_as_string(hide_password=True)
