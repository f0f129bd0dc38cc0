"""A whole shift, played with mistakes, ends at the van; and everything adds up, said by three who do not know each other."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

import core.everything  # noqa: F401
from core.exchange.verify import verify_all
from core.kernel.database import open_station
from core.kernel.executor import Identity, write_identity
from core.kernel.home import Home
from core.kernel.operations import Operation
from core.kernel.rebuild import rebuild
from core.kernel.tablehash import table_hashes
from core.kernel.tables import sql_of
from desktop.cli import main
from tests.homes import Played, copy_home
from tests.proof.lives import private_rows
from tests.proof.outside import check


@pytest.fixture(scope="module")
def played(played_shift: Played, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return Played(copy_home(played_shift.home, tmp_path_factory.mktemp("played") / "home"), played_shift.told)


def test_the_shift_ends_at_the_van_with_every_unit_accounted_for(played) -> None:
    _, told = played
    end = told[-1]

    assert end["shipped"] + end["short"] + end["cancelled"] == end["units"] == 127
    assert end["unloaded_parcels"] == 0
    assert end["parcels"] == end["loaded"]
    assert end["mistakes"]["wrong"] > 0
    assert sum(end["refusals"].values()) > 0


def test_everything_recomputed_is_what_is_stored(played) -> None:
    folder, _ = played
    home = Home(folder)
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        differences = verify_all(connection)
    database.dispose()

    assert [str(each) for each in differences] == []


def test_an_outside_checker_finds_no_contradiction(played) -> None:
    folder, _ = played
    out = folder.parent / "exports"
    out.mkdir(exist_ok=True)
    for what in ("orders", "stock", "movements", "parcels"):
        assert main(["export", what, str(out / f"{what}.csv"), "--home", str(folder)]) == 0

    assert check(out) == []


def test_a_second_database_fed_with_the_log_alone_is_the_same(played, tmp_path: Path) -> None:
    folder, _ = played
    home = Home(folder)
    first = open_station(home.database, home.key())
    second = open_station(tmp_path / "second.db", bytes(32))
    second.prepare()
    with second.connect() as connection:
        write_identity(connection, Identity(1, bytes(16)))  # type: ignore[arg-type]
    with first.reading() as source:
        applied = rebuild(source, second)
        with second.reading() as target:
            assert table_hashes(target) == table_hashes(source)
            assert private_rows(target) == private_rows(source)
            assert any(private_rows(target).values())
    first.dispose()
    second.dispose()
    assert applied > 200


def test_every_blob_that_the_log_names_is_there(played) -> None:
    folder, _ = played
    home = Home(folder)
    database = open_station(home.database, home.key())
    with database.reading() as connection:
        log = sql_of(Operation)
        bodies = connection.execute(sa.select(log.c.body).where(log.c.kind == "print.move")).scalars().all()
    database.dispose()
    named = {json.loads(body)["rendering"] for body in bodies} - {""}

    assert len(named) >= 36
    for digest in named:
        # Read back whole: a damaged one raises.
        assert home.blobs.get(digest)


def test_every_parcel_has_exactly_one_label_on_paper(played) -> None:
    folder, told = played
    journal = [
        json.loads(line) for line in (folder / "printed" / "printed.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    jobs = [each["job"] for each in journal if each["job"]]

    assert len(jobs) == len(set(jobs))
    labels = [code for each in journal if each["file"].endswith(".zpl") for code in each["codes"]]
    ssccs = {each["facts"]["parcel"]["sscc"] for each in told[:-1] if each["state"] == "StickLabel"}
    for sscc in ssccs:
        assert sum(sscc in code for code in labels) == 1, sscc
