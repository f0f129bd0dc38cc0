"""Databases of a test's own in a real PostgreSQL, a hub's command line, and hubs as processes."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.cli.commands import Shell


@pytest.fixture
def new_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Return what makes an empty database and returns its address."""
    plain = sa.make_url(postgres).set(drivername="postgresql")
    made: list[str] = []

    def make() -> str:
        name = f"hub_{len(made)}"
        with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as link:
            link.execute(f'CREATE DATABASE "{name}"')
        made.append(name)
        return plain.set(database=name).render_as_string(hide_password=False)

    yield make
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as link:
        for name in made:
            link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def hub(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return a shell on a hub's home that is not there yet."""
    return Shell(tmp_path / "hub", capsys)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """Return a home that whoever runs a database may reach: a test's own folder is its owner's alone."""
    base = Path(tempfile.mkdtemp(prefix="dockside-hub-"))
    base.chmod(0o755)
    yield base / "hub"
    shutil.rmtree(base, ignore_errors=True)
