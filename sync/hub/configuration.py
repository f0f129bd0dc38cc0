"""A hub's home: which database each of its sites lives in, and where it listens; a PostgreSQL of its own, where it has one.

The file is written by `dockside hub init` and may be edited; it holds passwords, so only its owner reads it.
"""

import json
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.kernel.blobs import BlobStore
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.hub.cluster import Cluster, write_secret
from sync.hub.serving import EVERYWHERE, LOOPBACK, PORT, web_address

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

    @property
    def address(self) -> str:
        """Return where stations ask, as far as the file says it: by this machine's name where it listens at every address."""
        return web_address(socket.gethostname() if self.host in EVERYWHERE else self.host, self.port)


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
            HubFault: there is no hub here, the file is none of a hub's, or it names no site.
        """
        known = self.begun()
        if not known.sites:
            what = f"{self.file} names no site" if self.file.exists() else f"there is no hub in {self.folder}"
            raise HubFault(f"{what}: `dockside hub init` makes one")
        return known

    def begun(self) -> Configuration:
        """Return what the file says, also before the first site is made: nothing where there is none yet.

        Raises:
            HubFault: the file is none of a hub's.
        """
        if not self.file.exists():
            return Configuration()
        try:
            return _read(tomllib.loads(self.file.read_text(encoding="utf-8")))
        except ValueError as e:
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


_PORT_MAX = 65_535
_WORKERS_MAX = 64
"""Processes that answer that somebody may ask for."""


def _read(told: Mapping[str, Any]) -> Configuration:
    """Return what a file says.

    Raises:
        ValueError: it says what it cannot, or what nobody would heed.
    """
    known = _of(told, {"sites": dict, "service": dict, "restored": bool}, "")
    sites = known.get("sites", {})
    strange = [name for name in sites if not (name.isascii() and name.isdigit() and int(name) > 0)]
    if strange:
        raise ValueError(f"[sites] {strange[0]}: a site is a number from 1 on")
    places = {site: place for site, place in sites.items() if not isinstance(place, str)}
    if places:
        raise ValueError(f"[sites] {next(iter(places))}: the address of a database is wanted, in quotes")
    service = _of(known.get("service", {}), {"host": str, "port": int, "plans": bool, "workers": int}, "[service] ")
    for name, most in (("port", _PORT_MAX), ("workers", _WORKERS_MAX)):
        if not 0 <= service.get(name, 0) <= most:
            raise ValueError(f"[service] {name} = {service[name]}: from 0 to {most}")
    return Configuration(
        {SiteId(int(site)): address_of(place) for site, place in sites.items()},
        **service,
        restored=known.get("restored", False),
    )


_KINDS: Mapping[type, str] = {dict: "a table", bool: "true or false", int: "a number", str: "text in quotes"}


def _of(told: Mapping[str, Any], kinds: Mapping[str, type], where: str) -> Mapping[str, Any]:
    """Return a part of a file, every name and value of which is of those that are known.

    Raises:
        ValueError: one is not.
    """
    for name, value in told.items():
        if name not in kinds:
            raise ValueError(f"{where}{name} is not known: {', '.join(kinds)} are")
        if type(value) is not kinds[name]:
            raise ValueError(f"{where}{name} = {json.dumps(value, default=str)}: {_KINDS[kinds[name]]} is wanted")
    return told


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
