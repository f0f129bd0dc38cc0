"""The data folder: its key, its lock, and where it may lie."""

import stat
from pathlib import Path

import pytest

from core.kernel.blobs import BlobFault, BlobStore, Copied
from core.kernel.home import Home, HomeBusy, HomeFault


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    key = home.key()

    assert len(key) == 32
    assert Home(tmp_path / "home").key() == key
    assert stat.S_IMODE((tmp_path / "home" / "station.key").stat().st_mode) == 0o600


def test_a_database_without_its_key_is_not_given_a_new_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.database.write_bytes(b"x")

    with pytest.raises(HomeFault, match="missing"):
        home.key()
    assert not (tmp_path / "station.key").exists()


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "station.key").write_bytes(b"short")

    with pytest.raises(HomeFault, match="5 bytes"):
        Home(tmp_path).key()


def test_one_process_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock(), pytest.raises(HomeBusy, match="in use"), home.lock():
        pass
    with home.lock():
        pass


def test_a_file_is_not_a_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    with pytest.raises(HomeFault, match="not a folder"):
        Home(tmp_path / "file")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr("core.kernel.home._file_system", lambda _folder: kind)

    with pytest.raises(HomeFault, match="local disk"):
        Home(tmp_path)


def test_a_user_space_drive_passes_only_with_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.kernel.home._file_system", lambda _folder: "fuse.lossy")

    assert Home(tmp_path, allow_fuse=True).folder == tmp_path
    with pytest.raises(HomeFault):
        Home(tmp_path)


def test_a_blob_is_named_by_what_it_holds(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "blobs")

    digest = store.put(b"label")

    assert store.put(b"label") == digest
    assert store.get(digest) == b"label"
    assert [path.name for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == [digest[2:]]


def test_bytes_that_were_laid_are_read_at_once_and_what_an_end_left_of_them_is_mended_by_keeping_them_again(
    tmp_path: Path,
) -> None:
    store = BlobStore(tmp_path)
    digest = store.lay(b"label")
    assert store.get(digest) == b"label"
    store.settle(digest)

    (tmp_path / digest[:2] / digest[2:]).write_bytes(b"")
    assert store.put(b"label") == store.lay(b"label") == digest
    assert store.get(digest) == b"label"


def test_a_damaged_blob_is_told(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    digest = store.put(b"label")
    (tmp_path / digest[:2] / digest[2:]).write_bytes(b"labes")

    with pytest.raises(BlobFault, match="damaged"):
        store.get(digest)
    with pytest.raises(BlobFault, match="missing"):
        store.get("0" * 64)


def test_everything_is_copied_once_and_what_is_damaged_is_named_and_left(tmp_path: Path) -> None:
    here, there = BlobStore(tmp_path / "here"), BlobStore(tmp_path / "there")
    assert here.copy_to(there) == Copied(0, ()), "a folder that is not there is an empty one"
    label, photo, torn = (here.put(each) for each in (b"label", b"photo", b"torn"))
    there.put(b"photo")
    (tmp_path / "here" / torn[:2] / torn[2:]).write_bytes(b"to")
    (tmp_path / "here" / torn[:2] / "half.part").write_bytes(b"half")

    assert here.copy_to(there) == Copied(1, (torn,))
    assert set(there.names()) == {label, photo}
    assert here.copy_to(there) == Copied(0, (torn,))
