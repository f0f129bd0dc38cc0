"""The desk of a spooler that tests of its parts share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printing.spooler_desk import Desk
from tests.support import bench


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a spooler with one job to print."""
    with bench(tmp_path) as it:
        made = Desk(it, tmp_path)
        made.put()
        yield made
