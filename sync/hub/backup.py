"""Backups of a hub and putting them back: a verified copy of its PostgreSQL, and the write-ahead log from there on.

Of a PostgreSQL in the hub's home every finished piece of the log goes to the backup's folder too, within a minute, so that what came
after the copy is there as well. Another's server has an administrator, whose archive that is; of it the copy alone is made.
What is put back knows less than its stations do: it is marked, and a hub begins a new epoch before it answers.
"""

import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from core.kernel.blobs import BlobStore
from core.kernel.ids import SiteId
from core.kernel.refusal import Fault
from sync.hub.cluster import DURABLE, LOOPBACK, USER, Cluster, run_program, write_secret
from sync.hub.configuration import EMBEDDED, Configuration, HubHome

_WAL, _TOLD, _PASSWORD, _BLOBS = "wal", "backup.json", "password", "blobs"
_NAMED = re.compile(r"base-(\d{8}-\d{6})(-\d+)?")
_ARCHIVED_S = 60.0
_PROMOTED_S = 600.0
_FORMAT = "%Y%m%d-%H%M%S"
_SAFE = re.compile(r"[\w./:+@,=-]+")


class BackupFault(Fault):
    """A backup could not be made or put back."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    copies: tuple[str, ...]
    """A folder each: one a server."""
    archived: bool
    """Whether the write-ahead log goes on to be kept there."""


def back_up(home: HubHome, configuration: Configuration, folder: Path, at: int) -> BackedUp:
    """Copy every server behind a hub into a folder, and verify the copies.

    Args:
        home: the hub's; its own PostgreSQL runs, where it has one.
        configuration: what it says.
        folder: where backups are kept; earlier ones stay.
        at: now, UTC milliseconds.

    Raises:
        BackupFault: the folder's name cannot stand in a command.
        ClusterFault: PostgreSQL said no.
    """
    folder = folder.absolute()
    if not _SAFE.fullmatch(str(folder)):
        raise BackupFault(
            f"{folder}: letters, digits and . _ - / : + @ , = alone can stand in what PostgreSQL runs to keep its log"
        )
    folder.mkdir(parents=True, exist_ok=True)
    name = datetime.fromtimestamp(at / 1000, UTC).strftime(_FORMAT)
    own = any(place.startswith(EMBEDDED) for place in configuration.sites.values())
    copies: list[str] = []
    if own:
        with _keeping_log(home.cluster, folder / _WAL):
            copies.append(_copied(folder, f"base-{name}", home.cluster))
        write_secret(folder / _PASSWORD, home.cluster.password)
    servers = {_server(place): place for place in configuration.sites.values() if not place.startswith(EMBEDDED)}
    for number, place in enumerate(servers.values(), start=1):
        url = sa.make_url(place)
        part = _copy(folder, f"base-{name}-{number}", _server(place), str(url.password or ""))
        copies.append(_named(part))
    told = {"sites": {str(site): place for site, place in configuration.sites.items() if place.startswith(EMBEDDED)}}
    # Afterwards: what a copied row names is among them.
    home.blobs.copy_to(BlobStore(folder / _BLOBS))
    write_secret(folder / _TOLD, json.dumps(told, indent=1) + "\n")
    return BackedUp(tuple(copies), archived=own)


def _arguments(cluster: Cluster) -> tuple[str, ...]:
    return ("-h", LOOPBACK, "-p", str(cluster.port), "-U", USER)


def _server(place: str) -> tuple[str, ...]:
    url = sa.make_url(place)
    said = (("-h", url.host), ("-p", url.port), ("-U", url.username))
    return tuple(word for option, value in said if value is not None for word in (option, str(value)))


def _copied(folder: Path, name: str, cluster: Cluster) -> str:
    """Copy the hub's own server, and give the copy its name once it was read through and its log is kept."""
    part = _copy(folder, name, _arguments(cluster), cluster.password)
    try:
        _wait_for_log(cluster)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return _named(part)


def _copy(folder: Path, name: str, server: tuple[str, ...], password: str) -> Path:
    """Copy a server, and read the copy through."""
    part = folder / f"{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        run_program("pg_basebackup", *server, "-D", part, "-X", "stream", "-c", "fast", "-w", password=password)
        run_program("pg_verifybackup", part, password=password)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return part


def _named(part: Path) -> str:
    return part.rename(part.with_suffix("")).name


@contextmanager
def _keeping_log(cluster: Cluster, folder: Path) -> Iterator[None]:
    """Let the server keep every finished piece of its log in a folder from now on; as before where what is done meanwhile fails."""
    folder.mkdir(parents=True, exist_ok=True)
    cluster.give(folder)
    before = _log_settings(cluster)
    kept = _KEPT_IN.search(before.get("archive_command", ""))
    earlier = None if kept is None else Path(kept[1])
    if earlier is not None:
        # As it is said today: whoever is asked twice for the same piece has it.
        before["archive_command"] = _keep(earlier)
    # Meanwhile in both places, where the earlier one still works: nothing may be missing there, whatever becomes of this backup.
    both = earlier not in (None, folder) and not _is_stuck(cluster)
    commands = (_keep(folder), before["archive_command"]) if both else (_keep(folder),)
    _set_log(cluster, {"archive_command": " && ".join(commands), "archive_timeout": "60"})
    try:
        yield
    except BaseException:
        _set_log(cluster, {name: before.get(name) for name in _LOG_SETTINGS})
        raise
    _set_log(cluster, {"archive_command": _keep(folder)})


_LOG_SETTINGS = ("archive_command", "archive_timeout")
_KEPT_IN = re.compile(r"cp %p (\S+)/%f\.part")


def _keep(folder: Path) -> str:
    """Return what keeps a finished piece of the log in a folder; another piece of that name is somebody else's and stays."""
    piece = f"{folder}/%f"
    return f"( cmp -s %p {piece} || ( test ! -f {piece} && cp %p {piece}.part && mv {piece}.part {piece} ) )"


def _is_stuck(cluster: Cluster) -> bool:
    """Return whether the log is not kept where it should be: that folder may be gone for good."""
    with cluster.asked() as connection:
        query = "SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver"
        return bool(connection.exec_driver_sql(query).scalar_one())


def log_trouble(connection: sa.Connection) -> str:
    """Return why nothing can be put back that comes now, in words for IT: the server is to keep its log, and cannot.

    Args:
        connection: a reader of the hub's own PostgreSQL.

    Returns:
        Nothing where all is well.
    """
    row = connection.exec_driver_sql(
        "SELECT current_setting('archive_command'), extract(epoch FROM last_archived_time) FROM pg_stat_archiver"
        " WHERE last_failed_time > coalesce(last_archived_time, '-infinity')"
    ).one_or_none()
    kept = None if row is None else _KEPT_IN.search(row[0])
    if row is None or kept is None:
        return ""
    since = "" if row[1] is None else f" since {datetime.fromtimestamp(float(row[1]), UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"PostgreSQL cannot keep its log in {kept[1]}: what was done{since} cannot be put back, and fills the hub's disk."
        " Where that folder comes back it goes on by itself; `dockside hub backup FOLDER` keeps it elsewhere."
    )


def _log_settings(cluster: Cluster) -> dict[str, str]:
    """Return what a backup said of the log: what stands in the server's own file its administrator says."""
    with cluster.asked() as connection:
        found = connection.exec_driver_sql(
            "SELECT name, setting FROM pg_file_settings WHERE applied AND sourcefile LIKE '%%postgresql.auto.conf'"
        )
        return {str(name): str(said) for name, said in found if name in _LOG_SETTINGS}


def _set_log(cluster: Cluster, settings: Mapping[str, str | None]) -> None:
    """Set what is said of the log; None for what the server's own file says."""
    with cluster.asked() as connection:
        for name, value in settings.items():
            # No parameters are taken here; a folder's name was looked at.
            said = "DEFAULT" if value is None else "'" + value.replace("'", "''").replace("%", "%%") + "'"
            connection.exec_driver_sql(f"ALTER SYSTEM SET {name} = {said}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def _wait_for_log(cluster: Cluster) -> None:
    """Wait until the log up to now was kept.

    Raises:
        BackupFault: it was not.
    """
    pause = threading.Event()
    with cluster.asked() as connection:
        # Something of this moment: a piece with nothing in it does not end, and the one before may have been kept elsewhere.
        connection.exec_driver_sql("SELECT pg_create_restore_point('backup')")
        piece = str(connection.exec_driver_sql("SELECT pg_walfile_name(pg_switch_wal() - 1)").scalar_one())
        for _ in range(int(_ARCHIVED_S / 0.1)):
            kept = connection.exec_driver_sql("SELECT last_archived_wal FROM pg_stat_archiver").scalar_one_or_none()
            if kept is not None and str(kept)[:24] >= piece:
                return
            pause.wait(0.1)
    raise BackupFault(
        "PostgreSQL does not keep its log in the backup's folder, or not in that of the one before: it must be able to write there"
    )


def restore(home: HubHome, folder: Path, until: datetime | None) -> str:
    """Put a hub's own PostgreSQL back into a home that has none, and mark that a new epoch must begin.

    Args:
        home: where to.
        folder: that of the backups.
        until: as it was at that moment; None for as late as there is.

    Returns:
        The copy that was taken.

    Raises:
        BackupFault: there is no fitting copy.
        ClusterFault: the home has a PostgreSQL already, or it does not come up.
    """
    folder = folder.absolute()
    if home.cluster.exists or home.file.exists():
        raise BackupFault(f"{home.folder} holds a hub already: put the backup into a home of its own")
    told = folder / _TOLD
    if not told.exists() or not (folder / _PASSWORD).exists():
        raise BackupFault(f"there is no backup of a hub's own PostgreSQL in {folder}")
    copy = _copy_of(folder, until)
    sites = {int(site): str(place) for site, place in json.loads(told.read_text(encoding="utf-8"))["sites"].items()}
    BlobStore(folder / _BLOBS).copy_to(home.blobs)
    home.cluster.take_over(copy)
    write_secret(home.cluster.folder / _PASSWORD, (folder / _PASSWORD).read_text(encoding="ascii"))
    lines = {"archive_command": DURABLE["archive_command"], "restore_command": f"'cp {folder}/{_WAL}/%f %p'"}
    if until is not None:
        lines |= {"recovery_target_time": f"'{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'"}
        lines |= {"recovery_target_action": "promote"}
    with (home.cluster.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = {value}\n" for name, value in lines.items())
    (home.cluster.data / "recovery.signal").touch()
    home.cluster.give(home.cluster.data / "recovery.signal")
    # Before anything of it can be asked: whoever serves this home begins new epochs first.
    home.write(Configuration({SiteId(site): place for site, place in sites.items()}, restored=True))
    _come_up(home.cluster, lines)
    return copy.name


def _copy_of(folder: Path, until: datetime | None) -> Path:
    """Return the newest copy that is not younger than what is wanted."""
    found = []
    for path in folder.iterdir():
        named = _NAMED.fullmatch(path.name)
        if named is not None and named[2] is None:
            found.append((datetime.strptime(named[1], _FORMAT).replace(tzinfo=UTC), path))
    fit = [(made, path) for made, path in found if until is None or made <= until]
    if not fit:
        raise BackupFault(f"{folder} has no copy" + ("" if until is None else " that is as old as that"))
    return max(fit)[1]


def _come_up(cluster: Cluster, lines: dict[str, str]) -> None:
    """Start a server that is put back, wait until it has taken in its log, and let it forget where that came from."""
    cluster.start()
    pause = threading.Event()
    try:
        with cluster.asked() as connection:
            for _ in range(int(_PROMOTED_S / 0.2)):
                if not connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one():
                    break
                pause.wait(0.2)
            else:
                raise BackupFault("PostgreSQL does not come to the end of its log")
            for name in lines.keys() - {"archive_command"}:
                connection.exec_driver_sql(f"ALTER SYSTEM RESET {name}")
    finally:
        cluster.stop()


__all__ = ["BackedUp", "BackupFault", "back_up", "log_trouble", "restore"]
