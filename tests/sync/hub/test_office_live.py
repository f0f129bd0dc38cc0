"""The office's word about an order in the window of a desk, and what its hub makes of it: over a PostgreSQL, by a real line."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.station.amending import ConfirmWish
from core.station.home import ShowOrder
from desktop.languages import plain
from desktop.membership import in_step
from desktop.present import present
from sync.station import running
from tests.cli.commands import Shell
from tests.desktop.bench import Bench
from tests.sync.hub.processes import serving

pytestmark = pytest.mark.postgres

FILES = {
    "items": "sku,description\nMUG,Mug\n",
    "locations": "code,zone,role\nA-01,A,pick\nB-1,BENCH,pack\n",
    "stock": "sku,location,quantity\nMUG,A-01,9\n",
    "orders": "channel,order,sku,quantity\nweb,W-1,MUG,9\nweb,W-2,MUG,4\n",
}


def test_a_cancel_in_a_window_is_final_once_the_docks_answered_and_its_goods_go_to_others(
    hub: Shell, tmp_path: Path, capsys: pytest.CaptureFixture[str], new_database: Callable[[], str], qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # Who has nothing to send says nothing by itself here: a dock that hears of a cancel does.
    monkeypatch.setattr(running, "LOOK_S", 3_600.0)
    lead = hub("hub", "init", "--database", new_database(), "--name", "Nord", "--json").data["lead"]
    desk = Shell(tmp_path / "desk", capsys)
    with serving(hub.home) as told:
        assert desk("join", told["address"], "--name", "Desk 1", "--kind", "desk", "--simulated").code == 0
        for kind, text in FILES.items():
            (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
            assert desk("import", kind, tmp_path / f"{kind}.csv").code == 0
        with (
            closing(Bench(qtbot, desk.home)) as it,
            in_step(it.assembly, lambda changes: it.main.post(lambda: it.window.station.hear(changes))),
        ):
            it.scan(lead["badge"])
            it.window.type(lead["pin"])
            it.settle()

            def stands(order: str, stage: str) -> None:
                it.scan(order)
                qtbot.waitUntil(lambda: said(it).startswith(stage), timeout=30_000)

            stands("W-1", "Released")
            stands("W-2", "Waiting")
            it.scan("W-1")
            for key in ("QTY-2", "QTY-1"):
                it.press(key)
            assert isinstance(it.window.station.state, ConfirmWish)
            assert "It is a request until every dock has answered." in present(it.window.station.state).detail
            it.press("YES")
            assert said(it).startswith("Cancel asked")
            qtbot.waitUntil(lambda: said(it).startswith("Cancelled"), timeout=30_000)
            stands("W-2", "Released")
            for key in ("QTY-3", "QTY-1", "YES"):
                it.press(key)
            assert said(it).startswith("Held")
            it.press("QTY-3")
            it.press("YES")
            assert said(it).startswith("Released")


def said(it: Bench) -> str:
    """Return how an order stands, as its screen says it."""
    it.settle()
    state = it.window.station.state
    return plain(present(state).detail) if isinstance(state, ShowOrder) else ""
