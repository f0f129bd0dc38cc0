"""A shop for every test, whose parcels come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orders.shop import Shop
from tests.packing.arrange import packing_shop


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Shop]:
    with packing_shop(tmp_path) as opened:
        yield opened
