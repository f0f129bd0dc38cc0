"""How long a new station of a large site takes from its first word to its first prompt, against a real hub and PostgreSQL.

The site is a sample that was adopted, with some thousand orders open; the orders that are over are copies of one, written
straight into the central tables, since working a million takes weeks. `dockside hub verify` would rightly object.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.kernel.ids import SiteId
from core.kernel.tables import Row, sql_of
from core.orders.model import Fulfilment, FulfilmentLine, Order, OrderLine
from core.packing.model import Parcel, ParcelContent
from core.shipping.model import Manifest
from core.station.replay import Line
from desktop.headless import headless
from desktop.system import SystemClock, SystemIds
from sync.hub.configuration import HubHome
from sync.hub.opening import opened

ORDERS, OPEN = 1_000_000, 5_000
_OF_A_DAY = 2_000
_PAST: tuple[type[Row], ...] = (Order, OrderLine, Fulfilment, FulfilmentLine, Parcel, ParcelContent)
_LINKS = {
    "id": {Order: "o", OrderLine: "l", Fulfilment: "f", FulfilmentLine: "k", Parcel: "p", ParcelContent: "c"},
    "order": "o", "order_line": "l", "fulfilment": "f", "line": "k", "parcel": "p",
}  # fmt: skip
"""Columns that name a document of the same order: the letter that its made-up id begins with."""
_DONE = {"open": "0", "held": "0", "loaded_at": "1735000000000"}


def measure_first_start(folder: Path, write_orders: Callable[..., None], orders: int = ORDERS) -> dict[str, Any]:
    """Measure `dockside join`, then a badge and the first step of picking, each by what a person would wait for."""
    home, hub = folder / "adopted", folder / "big-hub"
    _quiet("sample", "--home", str(home))
    write_orders(folder / "open.csv", OPEN, 1, "open")
    _quiet("import", "orders", str(folder / "open.csv"), "--home", str(home))
    _quiet("plan", "--home", str(home))
    # The hub's own PostgreSQL may run as somebody else, who must be able to pass.
    folder.chmod(folder.stat().st_mode | 0o111)
    _quiet("hub", "adopt", str(home), "--embedded", "--home", str(hub))
    _add_past(hub, orders)
    words = [sys.executable, "-m", "desktop.cli"]
    serve = subprocess.Popen(
        [*words, "hub", "serve", "--port", "0", "--home", str(hub), "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert serve.stdout is not None
        address = json.loads(serve.stdout.readline())["address"]
        begun = time.perf_counter()
        station = folder / "cart"
        join = ["join", address, "--name", "CART-9", "--kind", "cart", "--simulated", "--home", str(station), "--json"]
        subprocess.run([*words, *join], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        loaded = time.perf_counter() - begun
        first = _first_prompt(station, begun)
    finally:
        serve.terminate()
        serve.wait(30)
    return {
        "orders": orders, "loaded_s": loaded, "first_prompt_s": first,
        "file_mb": sum(each.stat().st_size for each in station.glob("station.db*")) / 1e6,
    }  # fmt: skip


def _first_prompt(station: Path, begun: float) -> float:
    """Return how long it took until a picker is told which cart to take."""
    with headless(station, printer=False) as (_, replay):
        replay.start()
        while True:
            told = replay.perform(Line(0, "badge", "BADGE-MARA"))
            told = replay.perform(Line(0, "open", "pick")) if told["flow"] == "home" else told
            if told["state"] == "ScanCart":
                return time.perf_counter() - begun
            if told["flow"] != "sign_in":
                replay.perform(Line(0, "key", "LOGOUT"))
            time.sleep(0.1)


def _add_past(hub: Path, orders: int) -> None:
    """Write orders that are over, each with its line, its parts and its parcel on a list that was closed long ago."""
    home = HubHome(hub)
    with opened(home, home.read(), SystemClock(), SystemIds()) as running:
        site, database = next(iter(running.databases.items()))
        with database.connect() as connection:
            with connection.begin():
                template = _template(connection, site)
            for cls in (*_PAST, Manifest):
                made = orders // _OF_A_DAY if cls is Manifest else orders
                with connection.begin():
                    connection.exec_driver_sql(_copies(cls, template[cls], made))
            with connection.begin():
                connection.exec_driver_sql("ANALYZE")


def _template(connection: sa.Connection, site: SiteId) -> dict[type[Row], dict[str, str]]:
    """Return a row of each table as SQL literals; of parcels, which nobody packed yet, one that is made up."""
    found: dict[type[Row], dict[str, str]] = {}
    for cls in (*_PAST, Manifest):
        table = sql_of(cls)
        row = connection.execute(sa.select(table).where(table.c.site == site).limit(1)).first()
        found[cls] = {
            column.name: _literal(column, None if row is None else row[n]) for n, column in enumerate(table.columns)
        } | {"site": str(site)}
    found[Parcel]["state"], found[Manifest]["state"] = "'closed'", "'closed'"
    return found


def _literal(column: sa.Column[Any], value: Any) -> str:
    if isinstance(column.type, sa.LargeBinary):
        return f"'\\x{bytes(value or bytes(16)).hex()}'::bytea"
    if isinstance(column.type, sa.Text):
        return "'" + str(value or "").replace("'", "''") + "'"
    return str(int(value or 0))


def _copies(cls: type[Row], values: dict[str, str], count: int) -> str:
    said = dict(values)
    for name in said:
        letter = _LINKS.get(name)
        if isinstance(letter, dict):
            letter = letter.get(cls, "m")
        if isinstance(letter, str):
            said[name] = f"decode(md5('{letter}' || g), 'hex')"
        elif name in _DONE:
            said[name] = _DONE[name]
    if "manifest" in said:
        said["manifest"] = f"decode(md5('m' || (g / {_OF_A_DAY})), 'hex')"
    if "first" in said:
        said["first"] = said["quantity"] = "1"
    if "sscc" in said:
        said["sscc"] = "'9' || g"
    if "external_id" in said:
        said["external_id"] = said["number"] = "'P' || g"
    if cls is Manifest:
        said["number"] = "1000000 + g"
    columns = ",".join(f'"{name}"' for name in said)
    return f'INSERT INTO "{cls.TABLE.name}" ({columns}) SELECT {",".join(said.values())} FROM generate_series(1, {count}) AS g'


def _quiet(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "desktop.cli", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, (words, done.stderr)
