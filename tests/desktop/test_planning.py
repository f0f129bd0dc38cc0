"""What `dockside plan` releases: everything that may go, in as many waves as that takes."""

from pathlib import Path

import pytest

from core.waves.release import Filters
from desktop.assembly import assembled
from desktop.cli import main
from desktop.planning import plan_day

FILES = {
    "items": "sku,description\nMUG,Mug\n",
    "locations": "code,zone,role\nA-01,A,pick\nB-1,BENCH,pack\n",
    "stock": "sku,location,quantity\nMUG,A-01,9\n",
    "orders": "channel,order,sku,quantity,payment\n"
    + "".join(f"web,{n},MUG,1,{'unpaid' if n == 3 else 'paid'}\n" for n in range(1, 6)),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with four orders that may go and one that may not."""
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
        assert main(["import", kind, str(tmp_path / f"{kind}.csv"), "--home", str(tmp_path / "home")]) == 0
    return tmp_path / "home"


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_what_one_wave_cannot_hold_goes_with_the_next(home: Path, limit: int) -> None:
    with assembled(home) as assembly:
        done = plan_day(assembly, filters=Filters(limit=limit))
        again = plan_day(assembly, filters=Filters(limit=limit))

    assert done.released_orders == 4
    assert (again.released_orders, again.batches) == (0, 0)
