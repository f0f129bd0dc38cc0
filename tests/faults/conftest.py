"""One PostgreSQL for all of this: with the settings of a hub's own, since what is confirmed has to outlive a kill."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.hub.cluster import DURABLE, Cluster, ClusterFault
from tests.faults.site import Databases


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Yield databases of a server that runs as long as the tests do; skipped loudly where none can be started."""
    base = Path(tempfile.mkdtemp(prefix="dockside-faults-"))
    base.chmod(0o755)
    cluster = Cluster(base / "postgres", DURABLE | {"unix_socket_directories": f"'{base / 'postgres'}'"})
    try:
        cluster.make()
        cluster.start()
    except ClusterFault as e:
        shutil.rmtree(base, ignore_errors=True)
        pytest.skip(f"no PostgreSQL: {e}")
    try:
        yield Databases(cluster)
    finally:
        cluster.stop()
        shutil.rmtree(base, ignore_errors=True)
