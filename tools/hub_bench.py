"""Measures of the hub: a real process over a real PostgreSQL, sharing this machine's processors with whoever pushes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import psycopg
import sqlalchemy as sa

from core.kernel.database import open_postgres
from core.kernel.ids import SiteId
from desktop.system import SystemClock, SystemIds
from sync.hub.center import Center
from sync.hub.cluster import Cluster
from sync.hub.configuration import Configuration, HubHome
from sync.protocol import Push, Pushed
from tools.hub_load import read

SITES, ORDERS = 4, 720
"""Orders of each site: so many that the hub, which was just started, is warm for most of what is pushed."""

Recorded = list[tuple[str, Any] | str]
"""Statements with their parameters; or the word of a transaction."""


@dataclass(frozen=True, slots=True)
class Load:
    """Sites that are planned, and what their stations will push."""

    cluster: Cluster
    folder: Path
    files: dict[SiteId, Path]

    def fresh(self, name: str) -> dict[SiteId, str]:
        """Return addresses of databases in which nothing was pushed yet, by site."""
        made = {}
        for site in self.files:
            with self.cluster.asked() as connection:
                connection.exec_driver_sql(f'CREATE DATABASE "{name}_{site}" TEMPLATE "planned_{site}"')
            made[site] = self.cluster.address(f"{name}_{site}")
        return made


@contextmanager
def loaded(folder: Path, sites: int, orders: int) -> Iterator[Load]:
    """Run a PostgreSQL with some planned sites."""
    folder.mkdir()
    # Its server may run as somebody else, who must be able to pass.
    for each in (folder, folder.parent):
        each.chmod(each.stat().st_mode | 0o111)
    cluster = Cluster(folder / "postgres")
    cluster.make()
    with cluster.running():
        files = {}
        for number in range(1, sites + 1):
            cluster.create(f"made_{number}")
            files[SiteId(number)] = folder / f"pushes-{number}.json"
            words = [
                "make",
                cluster.address(f"made_{number}"),
                f"planned_{number}",
                str(files[SiteId(number)]),
                str(orders),
            ]
            environment = os.environ | {"DOCKSIDE_TEST_SITE": str(number)}
            subprocess.run([sys.executable, "-m", "tools.hub_load", *words], check=True, env=environment)
        yield Load(cluster, folder, files)


def measure_hub(folder: Path) -> dict[str, Any]:
    """Measure a hub with one site and with four, and beside it what the driver alone does with the same statements."""
    with loaded(folder / "hub", SITES, ORDERS) as load:
        one, four = measure_pushes(load, 1), measure_pushes(load, SITES)
        return one | {"ops_per_second_of_four_sites": four["ops_per_second"]} | measure_against_driver(load)


@contextmanager
def serving(folder: Path, places: dict[SiteId, str]) -> Iterator[tuple[str, int]]:
    """Run a hub over databases; yield its address and its process."""
    HubHome(folder).write(Configuration(places, port=0))
    words = [sys.executable, "-m", "desktop.cli", "hub", "serve", "--json", "--home", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield str(told["address"]), process.pid
        finally:
            process.terminate()


def measure_pushes(load: Load, sites: int) -> dict[str, Any]:
    """Measure operations a second of a hub with real commands in pushes of fifty, and its memory."""
    name = f"pushed_{sites}"
    places = dict(list(load.fresh(name).items())[:sites])
    with serving(load.folder / name, places) as (address, process):
        files = [str(load.files[site]) for site in places]
        words = [sys.executable, "-m", "tools.hub_load", "send", address, *files]
        told = json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout)
        memory = resident_mb(process)
    return {
        "operations": told["operations"], "not_applied": told["not_applied"],
        "ops_per_second": told["operations"] / told["seconds"], "memory_mb": memory,
    }  # fmt: skip


def resident_mb(process: int) -> float:
    """Return the memory a process and those it has started hold, in MiB."""
    place, held = Path(f"/proc/{process}"), 0.0
    for line in (place / "status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            held = int(line.split()[1]) / 1024
    children = " ".join(each.read_text(encoding="ascii") for each in place.glob("task/*/children")).split()
    return held + sum(resident_mb(int(each)) for each in children)


def measure_against_driver(load: Load) -> dict[str, Any]:
    """Measure the hub in this process against the driver alone, which sends the same statements in the same transactions."""
    site = SiteId(1)
    pushes = [push for some in read(load.files[site]) for push in some]
    operations = sum(len(push.operations) for push in pushes)
    recorded: Recorded = []
    _pushed(load.fresh("recorded")[site], site, pushes, recorded)
    took = _pushed(load.fresh("alone")[site], site, pushes, None)
    driver = _sent(load.fresh("driver")[site], recorded)
    return {
        "statements": len(recorded), "in_one_process_per_second": operations / took, "driver_ops_per_second": operations / driver, "of_driver_alone": driver / took,
    }  # fmt: skip


def _pushed(address: str, site: SiteId, pushes: Sequence[Push], recorded: Recorded | None) -> float:
    database = open_postgres(address, connections=1)
    center = Center(lambda asked: database if asked == site else None, SystemClock(), SystemIds())
    center.head(site)
    with database.connect() as connection:
        engine = connection.engine
        if recorded is not None:
            # The hub holds one connection, which is given back and taken again.
            cast("psycopg.Connection[Any]", connection.connection.driver_connection).cursor_factory = _writing_to(
                recorded
            )
    if recorded is not None:
        sa.event.listen(engine, "commit", lambda _c: recorded.append("COMMIT"))
    begun = time.perf_counter()
    for push in pushes:
        assert isinstance(center.push(push), Pushed)
    took = time.perf_counter() - begun
    database.dispose()
    return took


def _writing_to(recorded: Recorded) -> type[psycopg.Cursor[Any]]:
    class Writing(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **given: Any) -> Self:
            recorded.append((query, params))
            return super().execute(query, params, **given)

    return Writing


def _sent(address: str, recorded: Recorded) -> float:
    plain = sa.make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, prepare_threshold=1) as connection:
        begun = time.perf_counter()
        for each in recorded:
            if isinstance(each, str):
                connection.commit()
                continue
            cursor = connection.execute(*each)
            if cursor.description is not None:
                cursor.fetchall()
        return time.perf_counter() - begun
