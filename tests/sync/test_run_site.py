"""A whole site on this machine: hub, cart, bench and dock as processes of their own, a shift played through their windows."""

import json
from pathlib import Path

import pytest

from tools.run_site import main

pytestmark = [pytest.mark.nightly, pytest.mark.postgres, pytest.mark.timeout(1_200)]


def test_what_the_cart_picks_the_bench_packs_and_the_dock_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert main(["--scripted", "--out", str(tmp_path / "site")]) == 0
    told = json.loads((tmp_path / "site" / "summary.json").read_text(encoding="utf-8"))
    cart, bench, dock = (told["stations"][name] for name in ("CART-9", "BENCH-2", "DOCK-1"))
    assert cart["batches"] > 0
    assert bench["parcels"] == dock["loaded"] > 0
    assert len(list((tmp_path / "site").glob("*/*.png"))) > 10
