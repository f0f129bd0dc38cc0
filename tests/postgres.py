"""A PostgreSQL of a test's own, on loopback: from the embedded wheel, or Debian's where PGBIN says so."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.hub.cluster import ClusterFault, free_port, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Yield the address of an empty PostgreSQL; skipped loudly where none can be started."""
    import tempfile

    try:
        tools = programs()
    except ClusterFault as e:
        pytest.skip(f"no PostgreSQL: {e}")
    # Not under the test's own folder: the server's user must be able to reach it.
    base = Path(tempfile.mkdtemp(prefix="dockside-pg-"))
    base.chmod(0o755)
    options: dict[str, str] = {}
    root = base / "cluster"
    root.mkdir()
    if os.geteuid() == 0:
        options = {"user": "nobody", "group": "nogroup"}
        shutil.chown(root, "nobody", "nogroup")
    data, port = root / "data", free_port()

    def run(*words: object) -> None:
        subprocess.run(
            [str(tools / str(words[0])), *map(str, words[1:])], check=True, capture_output=True, cwd=root, **options
        )

    try:
        run("initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "-N", "--auth=trust")
        # fsync=off is for tests only: nothing of this outlives them.
        run("pg_ctl", "-D", data, "-w", "-l", root / "log", "-o", f"-h 127.0.0.1 -p {port} -k {root} -F", "start")
    except (subprocess.CalledProcessError, PermissionError, FileNotFoundError) as e:
        shutil.rmtree(base, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {e}")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "fast", "stop")
        shutil.rmtree(base, ignore_errors=True)
