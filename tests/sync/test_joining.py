"""A PC becomes a station: by the name it was added under or as a new one, once, and again where it was interrupted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select

from core.catalog.commands import location_id
from core.kernel.ids import NO_ID
from core.kernel.refusal import Fault
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Order
from core.rights.model import SiteStation, StationKind, StationStart
from desktop import sample
from desktop.assembly import BENCH, assembled
from desktop.cli import main
from desktop.founding import Founder, found
from desktop.joining import JoinFault, Wanted, address_of, begin, load_site
from desktop.shift import play
from tests.cli.commands import contents
from tests.homes import make_sample
from tests.sync.members import Site, at_work, shared_site, sign_in, until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with shared_site(tmp_path) as made:
        yield made


def test_a_joined_station_stands_at_its_place_and_is_offered_work(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.world.office.released("o1", [("MUG", 2)])
    home = tmp_path / "bench"
    assert main(["join", site.address, "--name", "DESK-7", "--kind", "desk", "--home", str(home), "--json"]) == 0
    told = capsys.readouterr()
    assert '"name": "DESK-7"' in told.out
    assert "does not answer" not in told.err, "it was not asked before"
    with at_work(home) as (assembly, replay):
        assert assembly.profile[BENCH] == location_id("BENCH-1").hex()
        sign_in(replay)
        until(replay, lambda: getattr(replay._station.state.view.job, "flow", "") == "pick")
        with assembly.database.reading() as connection:
            assert len(rows_of(Order, connection.execute(select(sql_of(Order))))) == 1


def test_it_is_the_station_that_it_added_at_the_hub_and_nobody_else_is(site: Site, tmp_path: Path) -> None:
    added = site.station("CART-7", StationKind.CART)
    begin(tmp_path / "one", Wanted(site.address, "CART-7"))
    begin(tmp_path / "one", Wanted(site.address, "CART-7"))
    load_site(tmp_path / "one", lambda _: None)
    with assembled(tmp_path / "one") as assembly:
        assert assembly.identity.station == added
        assert assembly.membership is not None
        assert assembly.membership.kind is StationKind.CART
        assert assembly.profile[BENCH] == NO_ID.hex(), "a cart stands nowhere"
    with pytest.raises(JoinFault, match="Another PC is CART-7 there"):
        begin(tmp_path / "two", Wanted(site.address, "CART-7"))
    with pytest.raises(JoinFault, match="say what it is there for"):
        begin(tmp_path / "two", Wanted(site.address, "CART-8"))
    begin(tmp_path / "two", Wanted(site.address, "CART-8", "cart"))
    assert {each.name for each in site.world.office.it.all(SiteStation)} == {"CART-7", "CART-8"}
    with pytest.raises(JoinFault, match="This PC is CART-8 already"):
        begin(tmp_path / "two", Wanted(site.address, "CART-9", "cart"))


def test_a_hub_that_does_not_answer_is_asked_again_by_the_same_pc(site: Site, tmp_path: Path) -> None:
    with pytest.raises(JoinFault, match="Nothing answers at"):
        begin(tmp_path / "one", Wanted("http://127.0.0.1:9", "CART-7", "cart"))
    assert not (tmp_path / "one").exists()
    begin(tmp_path / "one", Wanted(site.address, "CART-7", "cart"))
    with pytest.raises(JoinFault, match="no location NOWHERE"):
        load_site(tmp_path / "one", lambda _: None, place="NOWHERE")
    assert load_site(tmp_path / "one", lambda _: None, place="DOCK-1") > 0
    with assembled(tmp_path / "one") as assembly:
        assert assembly.profile[BENCH] == location_id("DOCK-1").hex()


def test_a_warehouse_of_its_own_does_not_join(site: Site, tmp_path: Path) -> None:
    home = make_sample(tmp_path / "alone")
    with pytest.raises(JoinFault, match="dockside hub adopt"):
        begin(home, Wanted(site.address, "CART-7", "cart"))
    assert site.world.office.it.all(SiteStation) == []


def test_the_sample_is_made_in_no_home_that_follows_a_hub_or_where_somebody_works(site: Site, tmp_path: Path) -> None:
    """It renames its site, lets anybody sign in whose badge is published, and plays with the goods."""
    begin(tmp_path / "one", Wanted(site.address, "CART-7", "cart"))
    load_site(tmp_path / "one", lambda _: None)
    found(tmp_path / "two", Founder("Kim", "BADGE-KIM", "4711", "en"))
    for home, words in ((tmp_path / "one", "is CART-7 of the hub"), (tmp_path / "two", "holds a station already")):
        before = contents(home)
        with pytest.raises(Fault, match=words):
            sample.make_sample(home, None, "dockside")
        with pytest.raises(Fault, match="holds no sample"):
            sample.refuse_no_sample(home)
        assert contents(home) == before
        with pytest.raises(Fault, match="is played at a sample"):
            play(home, seed=1, mistakes=0, as_json=True)


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("hub", "http://hub:8700"),
        ("hub:9000", "http://hub:9000"),
        (" https://hub/ ", "https://hub:8700"),
        ("[::1]", "http://[::1]:8700"),
        ("http://10.0.0.4:80", "http://10.0.0.4:80"),
    ],
)
def test_an_address_may_be_said_short(words: str, address: str) -> None:
    assert address_of(words) == address


@contextmanager
def _answering(body: bytes) -> Iterator[str]:
    """Something on loopback that answers every question with the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>It works!</html>", "That is no hub"),
        (b"[1]", "That is no hub"),
        (b'{"proto": 4, "sites": [{"site": 1, "name": "Nord"}]}', "The hub is newer"),
        (b'{"proto": 0, "sites": [{"site": 1, "name": "Nord"}]}', "The hub is older"),
        (b'{"proto": 1, "sites": [{"site": 2, "name": "Nord"}]}', "does not have site 1. It has 2 .Nord."),
        (b'{"proto": 1, "sites": [{"site": 1, "name": "A"}, {"site": 2, "name": "B"}]}', "say which, 1 .A., 2 .B."),
    ],
)
def test_what_is_no_hub_for_this_pc_is_told_and_nothing_is_made(body: bytes, words: str, tmp_path: Path) -> None:
    site = 0 if b'"A"' in body else 1
    with _answering(body) as address, pytest.raises(JoinFault, match=words) as refused:
        begin(tmp_path / "one", Wanted(address, "CART-7", "cart", site))
    assert address in str(refused.value)
    assert not (tmp_path / "one").exists()


def test_a_pc_that_was_cut_off_while_it_joined_is_still_the_same(site: Site, tmp_path: Path) -> None:
    begin(tmp_path / "one", Wanted(site.address, "CART-7", "cart"))
    with assembled(tmp_path / "one") as assembly:
        before = assembly.identity
        token = next(iter(site.world.office.it.all(StationStart))).start
    # As the plug would leave it: the hub knows of it, the file does not yet.
    (tmp_path / "one" / "station.db").unlink()
    (tmp_path / "one" / "join.token").write_text(token.hex())
    begin(tmp_path / "one", Wanted(site.address, "CART-7", "cart"))
    with assembled(tmp_path / "one") as assembly:
        assert assembly.identity == before


@pytest.mark.parametrize("words", ["", "http://", "ftp://hub", "hub hub", "hub/x", "hub:99999", "hub:x", "a\x07b"])
def test_what_is_no_address_is_told(words: str) -> None:
    with pytest.raises(JoinFault, match="No address of a hub"):
        address_of(words)
