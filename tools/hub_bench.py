"""Measures of the hub: a real process over a real PostgreSQL, sharing this machine's processors with whoever pushes."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Self, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.kernel.database import Database, open_postgres
from core.kernel.ids import SiteId
from core.kernel.postgres import Talk
from desktop.system import SystemClock, SystemIds
from sync.hub.center import Center
from sync.hub.cluster import Cluster
from sync.hub.configuration import Configuration, HubHome
from sync.protocol import Push, Pushed
from tools.hub_load import WARMING, read

SITES, ORDERS = 4, 720
"""Orders of each site: so many that the hub, which was just started, is warm for most of what is pushed."""

ROUNDS = 5
"""In which the hub is measured against the driver."""
SERVED_ROUNDS = 3
"""In which a served hub and the driver alone take turns, with one site and with several; of each figure the median counts."""

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
                connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}_{site}" WITH (FORCE)')
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
        _settle(cluster, sites)
        yield Load(cluster, folder, files)


def _settle(cluster: Cluster, sites: int) -> None:
    """Let the server do what it would do by itself in the next minutes: whoever is measured first would wait for it."""
    for number in range(1, sites + 1):
        engine = sa.create_engine(
            cluster.address(f"planned_{number}"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )  # fmt: skip
        with engine.connect() as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
        engine.dispose()
    with cluster.asked() as connection:
        connection.exec_driver_sql("CHECKPOINT")


def measure_hub(folder: Path) -> dict[str, Any]:
    """Measure a hub with one site and with four, and beside it what the driver alone does with the same statements."""
    with loaded(folder / "hub", SITES, ORDERS) as load:
        against = measure_against_driver(load)
        rounds = [
            [(measure_pushes(load, sites), measure_drivers(load, sites)) for sites in (1, SITES)]
            for _ in range(SERVED_ROUNDS)
        ]
        one, four = zip(*rounds, strict=True)
        told: dict[str, Any] = one[-1][0] | against | {
            "not_applied": sum(served["not_applied"] for served, _ in (*one, *four)),
            "ops_per_second": median(served["ops_per_second"] for served, _ in one),
            "ops_per_second_of_four_sites": median(served["ops_per_second"] for served, _ in four),
            "drivers_ops_per_second": median(driven for _, driven in four),
            "served_of_driver_alone": _of_driver(one), "four_sites_of_drivers_alone": _of_driver(four),
        }  # fmt: skip
        return told


def _of_driver(rounds: Sequence[tuple[dict[str, Any], float]]) -> float:
    """Return what a served hub does of what the driver does right behind it: a machine is not as quick a minute later."""
    return median(float(served["ops_per_second"]) / driven for served, driven in rounds)


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
    # A home of its own each time: its witness has seen nothing of other databases.
    with serving(Path(tempfile.mkdtemp(prefix=name, dir=load.folder)), places) as (address, process):
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
    """Measure the hub in this process against the driver alone, which sends the same statements in the same transactions.

    They take turns, a push each, several times over, and the quickest of each push counts: what else this machine does takes
    its seconds from one or the other by chance.
    """
    site = SiteId(1)
    pushes = [push for some in read(load.files[site]) for push in some]
    recorded = _recorded(load, site, pushes)
    rounds = [_take_turns(load, pushes, recorded) for _ in range(ROUNDS)]
    hub, driver = (sum(map(min, zip(*some, strict=True))) for some in zip(*rounds, strict=True))
    operations = sum(len(each.operations) for each in pushes[WARMING:])
    return {
        "statements": sum(map(len, recorded)), "in_one_process_per_second": operations / hub,
        "driver_ops_per_second": operations / driver, "of_driver_alone": driver / hub,
    }  # fmt: skip


def measure_drivers(load: Load, count: int) -> float:
    """Measure the driver alone over a connection a site, all of them at once; return operations a second.

    Each sends what the hub says for its site, and begins with what a hub that was just started plans by.

    Args:
        load: planned sites.
        count: of how many of them.
    """
    files = list(load.files.items())[:count]
    sites = {site: [push for some in read(file) for push in some] for site, file in files}
    recorded = {site: _recorded(load, site, pushes) for site, pushes in sites.items()}
    places, begin = load.fresh("drivers"), threading.Barrier(len(sites) + 1)

    def drive(site: SiteId) -> None:
        with _sending(places[site]) as send:
            for each in recorded[site][:WARMING]:
                send(each)
            begin.wait()
            for each in recorded[site][WARMING:]:
                send(each)

    with ThreadPoolExecutor(len(sites)) as threads:
        driven = [threads.submit(drive, site) for site in sites]
        begin.wait()
        begun = time.perf_counter()
        for each in driven:
            each.result()
        took = time.perf_counter() - begun
    return sum(len(push.operations) for pushes in sites.values() for push in pushes[WARMING:]) / took


def _recorded(load: Load, site: SiteId, pushes: Sequence[Push]) -> list[Recorded]:
    """Return what a hub says to its database for each of some pushes."""
    recorded: list[Recorded] = []
    with _pushing(load.fresh("recorded")[site], site) as push, _recording(push, recorded):
        for each in pushes:
            recorded.append([])
            push(each)
    return recorded


def _take_turns(load: Load, pushes: Sequence[Push], recorded: Sequence[Recorded]) -> tuple[list[float], list[float]]:
    """Let the hub and the driver alone take pushes in turns, each on a database of its own.

    Returns:
        Seconds of each push after the first ones, by the hub and by the driver.
    """
    site = SiteId(1)
    hub: list[float] = []
    driver: list[float] = []
    with _pushing(load.fresh("alone")[site], site) as push, _sending(load.fresh("driver")[site]) as send:
        for number, (each, statements) in enumerate(zip(pushes, recorded, strict=True)):
            turns = (hub, partial(push, each)), (driver, partial(send, statements))
            for took, turn in turns[:: 1 if number % 2 else -1]:
                begun = time.perf_counter()
                turn()
                took.append(time.perf_counter() - begun)
    return hub[WARMING:], driver[WARMING:]


@contextmanager
def _pushing(address: str, site: SiteId) -> Iterator["Pusher"]:
    """Give a hub in this process over one connection, which is given back and taken again."""
    database = open_postgres(address, connections=1)
    center = Center(lambda asked: database if asked == site else None, SystemClock(), SystemIds())
    center.head(site)
    yield Pusher(center, database)
    database.dispose()


@dataclass(frozen=True, slots=True)
class Pusher:
    """A hub in this process."""

    center: Center
    database: Database

    def __call__(self, push: Push) -> None:
        """Let it take a push."""
        assert isinstance(self.center.push(push), Pushed)


@contextmanager
def _recording(hub: Pusher, recorded: list[Recorded]) -> Iterator[None]:
    """Write down every statement, whoever sends it, and the ends of transactions."""
    say, later = Talk.say, Talk.later

    def say_it(talk: Talk, sql: str, values: Sequence[Any] = ()) -> None:
        recorded[-1].append((sql, values))
        say(talk, sql, values)

    def say_it_later(talk: Talk, words: str) -> None:
        recorded[-1].append((words, None))
        later(talk, words)

    with hub.database.connect() as connection:
        engine = connection.engine
        cast("psycopg.Connection[Any]", connection.connection.driver_connection).cursor_factory = _writing_to(recorded)
    sa.event.listen(engine, "commit", lambda _c: recorded[-1].append("COMMIT"))
    for name, heard in (("say", say_it), ("later", say_it_later)):
        setattr(Talk, name, heard)
    try:
        yield
    finally:
        for name, was in (("say", say), ("later", later)):
            setattr(Talk, name, was)


def _writing_to(recorded: list[Recorded]) -> type[psycopg.Cursor[Any]]:
    class Writing(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **given: Any) -> Self:
            recorded[-1].append((query, params))
            return super().execute(query, params, **given)

    return Writing


@contextmanager
def _sending(address: str) -> Iterator[Callable[[Recorded], None]]:
    """Give the driver alone, over a connection of its own."""
    plain = sa.make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, prepare_threshold=1) as connection:

        def send(statements: Recorded) -> None:
            for each in statements:
                if isinstance(each, str):
                    connection.commit()
                    continue
                cursor = connection.execute(*each)
                if cursor.description is not None:
                    cursor.fetchall()

        yield send
