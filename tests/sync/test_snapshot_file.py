"""A site in a file: a PC joins with it, gets over the wire only what came since, and takes nothing of a file that is no good."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import select

from core.kernel.ids import SiteId
from core.kernel.tables import rows_of, sql_of
from core.orders.model import Order
from desktop.assembly import assembled
from desktop.joining import JoinFault, Wanted, begin, load_site
from sync.hub.center import Center
from sync.hub.snapshots import whole
from sync.protocol import Load, Loaded, Refused
from sync.snapshot_file import SnapshotFault, read_head, read_parts, write_snapshot
from tests.support import NOON, SITE
from tests.sync.members import Site, shared_site


@pytest.fixture
def site(tmp_path: Path, asked: list[Load]) -> Iterator[Site]:
    with shared_site(tmp_path) as made:
        made.world.office.released("o1", [("MUG", 2)])
        yield made


@pytest.fixture
def file(site: Site, tmp_path: Path) -> Path:
    """Return the site in a file."""
    made = tmp_path / "site.snapshot"
    with site.world.hub.reading() as connection:
        write_snapshot(made, SITE, whole(connection, SITE, NOON))
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Load]:
    """Return what stations have asked the hub's loading for; a hub that begins to serve afterwards notes it there."""
    questions: list[Load] = []
    answer = Center.load

    def load(center: Center, question: Load) -> Loaded | Refused:
        questions.append(question)
        return answer(center, question)

    monkeypatch.setattr(Center, "load", load)
    return questions


def orders_of(home: Path) -> list[str]:
    with assembled(home) as assembly, assembly.database.reading() as connection:
        return sorted(each.number for each in rows_of(Order, connection.execute(select(sql_of(Order)))))


def test_a_pc_joins_with_a_file_and_asks_the_hub_only_for_what_came_since(
    site: Site, file: Path, tmp_path: Path, asked: list[Load]
) -> None:
    site.world.office.released("o2", [("MUG", 1)])
    home = tmp_path / "desk"
    begin(home, Wanted(site.address, "DESK-7", "desk"))
    reached = load_site(home, lambda _: None, snapshot=file)
    assert len(asked) == 1, "the last part says how far the feed goes now"
    assert reached > read_head(file).seq
    assert orders_of(home) == ["o1", "o2"]


def test_it_holds_what_the_wire_would_bring(site: Site, file: Path, tmp_path: Path) -> None:
    for name, snapshot in (("wire", None), ("file", file)):
        begin(tmp_path / name, Wanted(site.address, name, "desk"))
        load_site(tmp_path / name, lambda _: None, snapshot=snapshot)
    shown = []
    for name in ("wire", "file"):
        with assembled(tmp_path / name) as assembly, assembly.database.reading() as connection:
            tables = (
                each
                for each in sorted(sql_of(Order).metadata.tables)
                if each.startswith(("order", "sales", "bal", "fulf"))
            )
            shown.append([
                sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{each}"')) for each in tables
            ])  # fmt: skip
    assert shown[0] == shown[1]
    assert any(shown[0])


def test_what_a_file_began_goes_on_over_the_wire_and_the_other_way_round(
    site: Site, file: Path, tmp_path: Path, asked: list[Load]
) -> None:
    parts = [part for _, part in read_parts(file)]
    assert len(parts) > 4
    short = tmp_path / "short.snapshot"
    write_snapshot(short, SITE, parts[:3])
    home = tmp_path / "desk"
    begin(home, Wanted(site.address, "DESK-7", "desk"))
    load_site(home, lambda _: None, snapshot=short)
    assert len(asked) == len(parts) - 3
    assert orders_of(home) == ["o1"]
    before = len(asked)
    load_site(home, lambda _: None, snapshot=file)
    assert len(asked) == before, "a site that is here is not taken again"


def test_a_file_of_another_site_is_not_taken(site: Site, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.snapshot"
    write_snapshot(other, SiteId(SITE + 1), [part for _, part in read_parts(file)])
    home = tmp_path / "desk"
    begin(home, Wanted(site.address, "DESK-7", "desk"))
    with pytest.raises(JoinFault, match=f"is of site {SITE + 1}"):
        load_site(home, lambda _: None, snapshot=other)
    assert orders_of(home) == []


def test_a_file_that_was_cut_changed_or_is_none_is_named_and_nothing_of_it_is_taken(
    site: Site, file: Path, tmp_path: Path
) -> None:
    home = tmp_path / "desk"
    begin(home, Wanted(site.address, "DESK-7", "desk"))
    content = file.read_bytes()
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(content)
    lines = plain.splitlines(keepends=True)
    bad = tmp_path / "bad.snapshot"
    broken = {
        "cut": content[:-20],
        "no end": zstandard.compress(b"".join(lines[:-1])),
        "a part less": zstandard.compress(b"".join([*lines[:2], *lines[3:]])),
        "changed": zstandard.compress(plain.replace(b"MUG", b"MUX", 1)),
        "text": b"MUG;2\n",
        "empty": b"",
        "newer": zstandard.compress(plain.replace(b'"proto":1', b'"proto":9')),
    }
    for words, made in broken.items():
        bad.write_bytes(made)
        with pytest.raises(SnapshotFault, match=r"bad\.snapshot"):
            load_site(home, lambda _: None, snapshot=bad)
            pytest.fail(words)
    with pytest.raises(OSError, match="none"):
        load_site(home, lambda _: None, snapshot=tmp_path / "none.snapshot")
    assert orders_of(home) == []


def test_a_disk_that_refuses_leaves_no_half_file(site: Site, file: Path, tmp_path: Path) -> None:
    before = file.read_bytes()

    def breaks_off() -> Iterator[Loaded]:
        yield next(part for _, part in read_parts(file))
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_snapshot(file, SITE, breaks_off())
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.glob("*.snapshot*")] == [file.name]
    assert list(tmp_path.glob(".*.part")) == []
