"""A warehouse for every test, and a picker's station in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.picking.arrange import Arranged, arranged


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Arranged]:
    with arranged(tmp_path) as opened:
        yield opened
