"""A hub's own PostgreSQL is copied, its log kept, and put back into another home, where a new epoch begins."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sync.hub import backup
from sync.hub.backup import BackupFault, restore
from sync.hub.configuration import HubHome
from tests.cli.commands import Shell
from tests.sync.hub.processes import serving

pytestmark = pytest.mark.postgres


def stations(hub: Shell) -> list[str]:
    said = hub("hub", "status", "--json")
    return [each["name"] for each in said.data["sites"][0]["stations"]]


@pytest.mark.nightly
def test_what_was_done_after_the_copy_is_put_back_too_and_a_new_epoch_begins(
    reachable: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One server for all of it: making one takes seconds."""
    # Less than the minute after which the server ends a piece of its log by itself: nothing is waited for that is not there yet.
    monkeypatch.setattr(backup, "_ARCHIVED_S", 40.0)
    reachable.mkdir()
    kept = reachable / "kept"
    hub = Shell(reachable / "hub", capsys)
    assert hub("hub", "init", "--embedded").code == 0
    picture = HubHome(hub.home).blobs.put(b"a picture")
    with HubHome(hub.home).cluster.running():
        assert hub("hub", "station", "add", "Cart 1", "--kind", "cart").code == 0
        said = hub("hub", "backup", kept, "--json")
        assert (said.code, said.data["archived"], len(said.data["copies"])) == (0, True, 1), said
        assert hub("hub", "station", "add", "Cart 2", "--kind", "cart").code == 0
        between = datetime.now(UTC).isoformat()
        time.sleep(0.1)
        assert hub("hub", "station", "add", "Cart 3", "--kind", "cart").code == 0
        with HubHome(hub.home).cluster.asked() as connection:
            # Within a minute the server does so itself.
            piece = connection.exec_driver_sql("SELECT pg_walfile_name(pg_switch_wal() - 1)").scalar_one()
        wait_for(lambda: (kept / "wal" / str(piece)).exists())
        # A backup that cannot keep the log changes nothing: the one before goes on to.
        with monkeypatch.context() as full:
            full.setattr(backup, "_ARCHIVED_S", 3.0)
            full.setattr(HubHome(hub.home).cluster.__class__, "give", lambda *_: None)
            (reachable / "barred").mkdir(mode=0o700)
            said = hub("hub", "backup", reachable / "barred")
        assert (said.code, "does not keep its log" in said.err) == (2, True)
        assert [each.name for each in (reachable / "barred").iterdir()] == ["wal"]
        with HubHome(hub.home).cluster.asked() as connection:
            assert str(kept / "wal") in connection.exec_driver_sql("SHOW archive_command").scalar_one()
        # As an older program said it, which refuses a piece that is there; and a folder that is there no more.
        older = f"test ! -f {kept}/wal/%f && cp %p {kept}/wal/%f.part && mv {kept}/wal/%f.part {kept}/wal/%f"
        backup._set_log(HubHome(hub.home).cluster, {"archive_command": older})
        assert hub("hub", "backup", kept).code == 0
        elsewhere = reachable / "elsewhere"
        kept.rename(reachable / "gone")
        with monkeypatch.context() as quick:
            quick.setattr(backup, "_ARCHIVED_S", 5.0)
            assert hub("hub", "backup", elsewhere).code == 2, "what is to be kept there is not"
            said = hub("hub", "status", "--json")
            assert (said.code, said.data["well"]) == (1, False)
            assert f"cannot keep its log in {kept}/wal: what was done since 20" in said.data["notes"][0]
            assert hub("hub", "backup", elsewhere).code == 0, "by then it is known that it cannot be"
        assert hub("hub", "status", "--json").data["notes"] == []
        (reachable / "gone").rename(kept)
    assert (kept / "password").stat().st_mode & 0o077 == 0
    assert hub("hub", "restore", kept).code == 2, "there is a hub here"

    late, other = (Shell(reachable / name, capsys) for name in ("late", "other"))
    for shell, until, found in (
        (late, (), ["Cart 1", "Cart 2", "Cart 3"]), (other, ("--until", between), ["Cart 1", "Cart 2"]),
    ):  # fmt: skip
        said = shell("hub", "restore", kept, *until)
        assert said.code == 0, said.err
        assert HubHome(shell.home).blobs.get(picture) == b"a picture"
        with HubHome(shell.home).cluster.running():
            assert stations(shell) == found
            said = shell("hub", "verify", "--json")
            assert (said.code, said.data) == (0, {"differences": []})
    assert other("hub", "status", "--json").data["notes"] != []

    with serving(other.home) as told:
        assert told["notes"] == [], "it began an epoch before it answered"
        (site,) = httpx.get(f"{told['address']}/v1/status", trust_env=False).json()["sites"]
    assert site["epoch"] > 1
    assert (site["recovering"], site["missing"]) == (True, ["Cart 1", "Cart 2"])
    assert HubHome(other.home).read().restored is False


def test_a_server_of_somebody_elses_is_copied_and_verified(
    hub: Shell, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    said = hub("hub", "backup", tmp_path / "kept", "--json")
    assert (said.code, said.data["archived"]) == (0, False)
    (copy,) = said.data["copies"]
    assert (tmp_path / "kept" / copy / "backup_manifest").exists()
    with pytest.raises(BackupFault, match="no backup of a hub's own PostgreSQL"):
        restore(HubHome(tmp_path / "new"), tmp_path / "kept", None)
    assert not (tmp_path / "new").exists()

    assert hub("hub", "station", "add", "Cart 1", "--kind", "cart").code == 0
    assert hub("hub", "recover").out.strip() == "No site is recovering."
    assert hub("hub", "recover", "--begin").code == 0, "its administrator puts it back, and says so"
    said = hub("hub", "recover", "--json")
    assert (said.code, said.data["recovering"]["1"]["missing"]) == (1, ["Cart 1"])
    assert "until it has heard Cart 1" in hub("hub", "status").out


def test_a_folder_whose_name_cannot_stand_in_a_command_is_refused(
    hub: Shell, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    assert hub("hub", "init", "--database", new_database()).code == 0
    for name in ("it's; here", "it is here"):
        assert hub("hub", "backup", tmp_path / name).code == 2
        assert not (tmp_path / name).exists()


def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
