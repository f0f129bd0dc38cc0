"""The hub as IT runs it: made, served, asked how it is; over one database or several, alone or beside another."""

import asyncio
import json
import os
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from core.cases.commands import OpenCase
from core.cases.model import CaseKind
from core.kernel.database import open_postgres
from core.kernel.executor import Executor, Identity, Work, write_identity
from core.kernel.ids import NO_SESSION, SYSTEM, CommandId, SiteId
from core.kernel.operations import Operation
from core.kernel.tables import rows_of, sql_of
from core.kernel.uow import Role
from core.rights.model import HubPresence
from sync.hub.configuration import Configuration, HubFault, HubHome, address_of, shown
from sync.hub.serving import listening
from sync.protocol import Push, sent_operation
from sync.snapshot_file import read_head
from sync.station.engines import Me
from sync.station.http import HttpLink
from tests.cli.commands import Shell, started
from tests.quick import open_new
from tests.support import NOON, FakeClock, FakeIds, open_gate
from tests.sync.hub.processes import me_of, serving

pytestmark = pytest.mark.postgres


def test_a_hub_that_nobody_made_is_told_and_not_made(hub: Shell) -> None:
    for words in (("status",), ("serve",), ("station", "add", "Cart 1", "--kind", "cart")):
        said = hub("hub", *words)
        assert (said.code, "`dockside hub init` makes one" in said.err) == (2, True)
    assert not hub.home.exists()


@pytest.mark.parametrize("words", [(), ("--embedded", "--database", "postgresql://x/y")])
def test_where_the_data_go_is_said_once(hub: Shell, words: tuple[str, ...]) -> None:
    said = hub("hub", "init", *words)

    assert said.code == 2
    assert "say where the site's data go" in said.err
    assert not hub.home.exists()


@pytest.mark.parametrize("place", ["mysql://x/y", "no address", "postgresql://host", "sqlite:///x.db"])
def test_what_is_no_address_of_a_postgresql_is_told(hub: Shell, place: str) -> None:
    said = hub("hub", "init", "--database", place)

    assert said.code == 2
    assert "no address of" in said.err
    assert not hub.home.exists()


def test_a_database_that_does_not_answer_leaves_no_hub(hub: Shell) -> None:
    said = hub("hub", "init", "--database", "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1")

    assert said.code == 2
    assert not hub.home.exists()


def test_passwords_are_kept_to_their_owner_and_never_shown(tmp_path: Path) -> None:
    home = HubHome(tmp_path / "hub")
    place = address_of("postgresql://dock:secret@db.example/floor")
    home.write(
        Configuration(
            {SiteId(1): place, SiteId(2): "embedded/dockside"}, "127.0.0.1", 8701, plans=False, workers=3, restored=True
        )
    )

    assert home.file.stat().st_mode & 0o077 == 0
    assert home.read() == Configuration(
        {SiteId(1): place, SiteId(2): "embedded/dockside"}, "127.0.0.1", 8701, plans=False, workers=3, restored=True
    )
    assert "secret" in place
    assert "secret" not in shown(place)


_SITE = "[sites]\n1 = 'postgresql://a/b'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sites = 3", "sites = 3: a table is wanted"),
        ("[sites]\nx = 'postgresql://a/b'", r"\[sites\] x: a site is a number from 1 on"),
        ("[sites]\n-1 = 'postgresql://a/b'", r"\[sites\] -1: a site is a number from 1 on"),
        ("[sites]\n1 = 'nowhere'", "'nowhere' is no address of a database"),
        ("[sites]\n1 = 5", r"\[sites\] 1: the address of a database is wanted, in quotes"),
        ("}{", "Invalid statement"),
        (_SITE + "[servce]\nport = 1", "servce is not known: sites, service, restored are"),
        (_SITE + "[service]\nprot = 8700", r"\[service\] prot is not known: host, port, plans, workers are"),
        (_SITE + "[service]\nport = 99999", r"\[service\] port = 99999: from 0 to 65535"),
        (_SITE + "[service]\nport = 'abc'", r'\[service\] port = "abc": a number is wanted'),
        (_SITE + "[service]\nplans = 'no'", r'\[service\] plans = "no": true or false is wanted'),
        (_SITE + "[service]\nworkers = -3", r"\[service\] workers = -3: from 0 to 64"),
        (_SITE + "[service]\nhost = 5", r"\[service\] host = 5: text in quotes is wanted"),
    ],
)
def test_a_configuration_that_is_none_is_told(tmp_path: Path, text: str, words: str) -> None:
    home = HubHome(tmp_path)
    home.file.write_text(text)
    with pytest.raises(HubFault, match=rf"hub\.toml is no configuration of a hub: {words}"):
        home.read()


@pytest.mark.parametrize("text", ["", "[service]\nport = 8701\n", "[sites]\n"])
def test_what_a_hub_is_told_before_its_first_site_is_kept(
    hub: Shell, new_database: Callable[[], str], text: str
) -> None:
    home = HubHome(hub.home)
    with pytest.raises(HubFault, match="there is no hub in .*: `dockside hub init` makes one"):
        home.read()
    hub.home.mkdir(parents=True)
    home.file.write_text(text)
    said = hub("hub", "status")
    assert (said.code, "hub.toml names no site: `dockside hub init` makes one" in said.err) == (2, True)

    assert hub("hub", "init", "--database", new_database()).code == 0

    assert (list(home.read().sites), home.read().port) == ([1], 8701 if "port" in text else 8700)


@pytest.mark.parametrize(
    ("host", "asked"), [("::1", "[::1]"), ("0.0.0.0", socket.gethostname()), ("10.0.0.4", "10.0.0.4")]
)
def test_stations_are_told_an_address_that_can_be_asked(host: str, asked: str) -> None:
    assert Configuration(host=host).address == f"http://{asked}:8700"


def pushed(address: str, me: Me, operations: list[Operation]) -> int:
    """Push operations and return how far the hub has them."""

    async def once() -> int:
        link = HttpLink(address, me)
        try:
            answer = await link.push(
                Push(
                    epoch=1, site=me.site, station=me.station, incarnation=1, start=me.start,
                    log_length=len(operations), log_head=b"", operations=tuple(map(sent_operation, operations)),
                )
            )  # fmt: skip
            await link.pull(0, 0, 1)
            return answer.applied_through
        finally:
            await link.close()

    return asyncio.run(once())


def log_of(folder: Path, me: Me, count: int) -> list[Operation]:
    """Return operations that a station has done."""
    database = open_new(folder / f"{me.station.hex()}.db", Role.REPLICA)
    with database.connect() as connection:
        identity = Identity(me.site, me.station)
        write_identity(connection, identity)
        executor = Executor(connection, identity, FakeClock(), open_gate, role=Role.REPLICA)
        ids = FakeIds(start=int.from_bytes(me.station[-4:], "big"))
        for n in range(count):
            base = {"id": CommandId(ids.new()), "site": me.site, "at": NOON, "actor": SYSTEM, "session": NO_SESSION}
            executor.perform(Work(command=OpenCase(**base, kind=CaseKind.CALL, subject=bytes([n]))))
        with connection.begin():
            found = list(rows_of(Operation, connection.execute(sql_of(Operation).select())))
    database.dispose()
    return found


def test_two_hubs_over_two_databases_answer_for_the_same_sites(
    hub: Shell, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    """Each site lives in a database of its own; whichever hub a station asks, it is the same hub."""
    for site, name in ((1, "Nord"), (2, "Süd")):
        said = hub("hub", "init", "--database", new_database(), "--site", site, "--name", name, "--json")
        assert (said.code, said.data["made"]) == (0, True)
    assert hub("hub", "station", "add", "Cart 1", "--kind", "cart").code == 2, "which site was not said"
    joined = [
        hub("hub", "station", "add", "Cart 1", "--kind", "cart", "--site", site, "--json").data for site in (1, 2)
    ]
    one, two = map(me_of, joined)
    assert hub("hub", "station", "add", "Cart 1", "--kind", "dock", "--site", 1).code == 1, "the name is taken"
    for name in ("", " \n", "x" * 41):
        assert hub("hub", "station", "add", name, "--kind", "dock", "--site", 1).code == 2, name
    for name, kept in (("a\nb", "a b"), ("Cart \u202e2", "Cart 2"), ("棚　1", "棚 1"), ("می‌خواهم", "می‌خواهم")):
        said = hub("hub", "station", "add", name, "--kind", "dock", "--site", 1, "--json")
        assert (said.code, said.data["name"]) == (0, kept)

    file = tmp_path / "two.snapshot"
    assert hub("hub", "snapshot", file).code == 2, "which site was not said"
    assert not file.exists()
    told = hub("hub", "snapshot", file, "--site", 2, "--json").data
    assert (told["site"], told["feed"], told["bytes"]) == (2, read_head(file).seq, file.stat().st_size)

    log, other = log_of(tmp_path, one, 4), log_of(tmp_path, two, 1)
    with serving(hub.home, "--workers", 2) as first, serving(hub.home, "--workers", 1) as second:
        assert first["sites"] == second["sites"] == [1, 2]
        assert first["notes"] == [], "on loopback there is nothing to warn of"
        assert pushed(first["address"], one, log[:2]) == 2
        assert pushed(second["address"], one, log) == 4, "what one has, the other knows"
        assert pushed(second["address"], two, other) == 1
        told = httpx.get(f"{first['address']}/v1/status", trust_env=False).json()
        page = httpx.get(first["address"], trust_env=False)

    assert [(each["name"], each["stations"][0]["applied"], each["cases"]) for each in told["sites"]] == [
        ("Nord", 4, 4), ("Süd", 1, 1),
    ]  # fmt: skip
    assert all(each["stations"][0]["heard_at"] > 0 for each in told["sites"])
    assert all(words in page.text for words in ("Nord", "Süd", "Cart 1", "connected", "4 open cases"))
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    said = hub("hub", "status")
    assert said.code == 0
    assert "Cart 1 (cart): heard" in said.out


def test_a_hub_beyond_this_machine_says_so_and_a_port_that_is_taken_is_told(
    hub: Shell, new_database: Callable[[], str]
) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    with serving(hub.home, "--host", "0.0.0.0") as told:
        assert "listens beyond this machine" in told["notes"][0]
        port = told["address"].rpartition(":")[2]
        said = hub("hub", "serve", "--host", "0.0.0.0", "--port", port)
    assert (said.code, f"does not listen on 0.0.0.0:{port}: Address already in use" in said.err) == (2, True)
    assert said.err.count("\n") == 1, "in one sentence of ours, none of its server's"
    folder = hub("hub", "snapshot", hub.home)
    assert (folder.code, f"{hub.home} is a folder: say the name of a file" in folder.err) == (2, True)


def test_a_postgresql_that_is_not_there_leaves_nothing_and_is_named(
    hub: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PGBIN", str(tmp_path / "nonexistent"))
    tmp_path.chmod(0o755)
    said = hub("hub", "init", "--embedded")

    assert (said.code, f"PGBIN says {tmp_path / 'nonexistent'}" in said.err) == (2, True)
    assert not hub.home.exists()


def test_whoever_writes_at_a_hub_that_was_put_back_begins_its_epoch_first(
    hub: Shell, new_database: Callable[[], str]
) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    home = HubHome(hub.home)
    database = open_postgres(home.read().sites[SiteId(1)])
    with database.reading() as connection:
        assert rows_of(HubPresence, connection.execute(sa.select(sql_of(HubPresence)))) == ()
    assert hub("hub", "station", "add", "Dock 1", "--kind", "dock").code == 0
    with database.reading() as connection:
        assert len(rows_of(HubPresence, connection.execute(sa.select(sql_of(HubPresence))))) == 1, "it looked first"
    database.dispose()
    home.write(replace(home.read(), restored=True))
    assert hub("hub", "status", "--json").data["sites"][0]["epoch"] == 1, "whoever looks writes nothing"
    assert hub("hub", "lost", "Dock 1", "--reason", "burnt", "--switched-off").code == 0

    (site,) = hub("hub", "status", "--json").data["sites"]
    assert site["epoch"] > 1
    assert not home.read().restored


@pytest.mark.nightly
def test_for_a_first_try_a_hub_brings_its_own_database(reachable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = Shell(reachable, capsys)
    with listening("127.0.0.1", 0) as taken:
        said = hub("hub", "serve", "--embedded", "--port", taken.getsockname()[1])
    assert (said.code, "does not listen" in said.err) == (2, True)
    assert "signs in there with badge" in said.out, "it is said this once, whatever comes of the rest"
    with serving(hub.home, "--embedded") as told:
        (site,) = httpx.get(f"{told['address']}/v1/status", trust_env=False).json()["sites"]
        assert (site["name"], site["fault"]) == ("Warehouse", "")
        assert hub("hub", "station", "add", "Cart 1", "--kind", "cart").code == 0, "beside the hub that runs"
    server = hub.home / "postgres" / "data" / "postmaster.pid"
    assert not server.exists(), "it ended with the hub"

    process = started(["hub", "serve", "--port", "0"], hub.home)
    assert process.stdout is not None
    assert "The hub answers" in process.stdout.readline()
    process.kill()
    process.communicate()
    assert server.exists(), "nobody was there to stop it"
    said = hub("hub", "status", "--json")
    assert [each["name"] for each in said.data["sites"][0]["stations"]] == ["Cart 1"]
    assert not server.exists(), "the last who used it stopped it"
    assert json.loads(json.dumps(told))["sites"] == [1]
    settings = (hub.home / "postgres" / "data" / "postgresql.conf").read_text()
    assert "fsync = on" in settings
    hub.home.joinpath("hub.toml").write_text('[sites]\n1 = "embedded/nosuch"\n')
    said = hub("hub", "status")
    assert (said.code, "has no database nosuch, which" in said.err) == (2, True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives its database to another")
def test_root_is_told_where_its_database_cannot_be_reached(hub: Shell) -> None:
    hub.home.parent.chmod(0o700)
    said = hub("hub", "init", "--embedded")

    assert said.code == 2
    assert "may not pass through" in said.err


def test_a_site_begun_at_a_hub_is_worked_at_from_its_first_day(
    hub: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str], new_database: Callable[[], str]
) -> None:
    """A second site too: somebody leads it, and people come in at its first desk; nobody's secrets are said twice."""
    place = new_database()
    assert hub("hub", "init", "--database", place, "--name", "Nord", "--badge", "LEAD", "--pin", "12").code == 2
    first = hub("hub", "init", "--database", place, "--name", "Nord", "--badge", "LEAD-NORD", "--pin", "4711")
    assert "badge LEAD-NORD and PIN 4711" in first.out
    assert f"dockside hub serve --home {hub.home}" in first.out
    again = hub("hub", "init", "--database", place, "--badge", "LEAD-OTHER", "--pin", "4711")
    assert ("LEAD-OTHER" in again.out, "Somebody works there already" in again.out) == (False, True)
    lead = hub("hub", "init", "--database", place, "--name", "Süd", "--site", 2, "--json").data["lead"]

    desk = Shell(tmp_path / "desk", capsys)
    with serving(hub.home) as told:
        joined = ("join", told["address"], "--name", "Desk 1", "--kind", "desk", "--site", 2, "--simulated")
        assert desk(*joined).code == 0
        people = tmp_path / "people.csv"
        people.write_text("name,badge,roles\nAnn Pick,BADGE-ANN,picker packer\n", encoding="utf-8")
        assert desk("import", "people", people).code == 0
        script = tmp_path / "signs-in"
        script.write_text(
            f"badge {lead['badge']}\npin {lead['pin']}\nkey LOGOUT\nbadge BADGE-ANN\nkey LOGOUT\nbadge LEAD-NORD\n"
        )
        said = desk("replay", "--script", script, "--json").out.splitlines()
        states = [json.loads(line)["state"] for line in said]
        assert states == ["ScanBadge", "EnterPin", "Home", "ScanBadge", "Home", "ScanBadge", "ScanBadge"]
        assert lead["badge"] not in hub.home.joinpath("hub.toml").read_text()
