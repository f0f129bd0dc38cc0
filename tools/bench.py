"""`make bench`: measures, as a table and as JSON in build/bench.json, with the machine's raw fsync beside them.

The station is the real one, without a window and without printers. What a figure was taken on stands beside it.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.station.replay import Line
from desktop.assembly import assembled
from desktop.cli import main as dockside
from desktop.headless import headless
from desktop.planning import stamp

IMPORT_LINES = 20_000
ORDERS_A_DAY = 2_000


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def quiet(*words: str) -> None:
    """Run a command of ours without its output."""
    with contextlib.redirect_stdout(io.StringIO()):
        assert dockside(list(words)) == 0, words


def raw_fsync(folder: Path) -> dict[str, float]:
    """Measure 200 appends of 4 KiB with fsync."""
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(200):
            begun = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - begun) * 1000)
    return {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99)}


def scans(home: Path) -> Iterator[dict[str, Any]]:
    """Play the sample without mistakes and yield every event."""
    with headless(home, printer=False) as (_, replay):
        told = replay.start()
        tote = 0
        for badge, flow in (("BADGE-MARA", "pick"), ("BADGE-AYLIN", "pack"), ("BADGE-TOM", "dispatch")):
            if told["flow"] != "sign_in":
                replay.perform(Line(0, "key", "LOGOUT"))
            replay.perform(Line(0, "badge", badge))
            told = replay.perform(Line(0, "open", flow))
            for _step in range(2000):
                wanted = next((each for each in told["expects"] if each["meaning"] in ("next", "close")), None)
                if wanted is None or told["state"] == "NoWork":
                    break
                code = wanted["code"]
                if wanted["kind"] == "tote" and not code:
                    tote += 1
                    code = f"TOTE-{tote:04d}"
                told = replay.perform(Line(0, "key" if wanted["kind"] == "key" else "scan", code))
                yield told


def measure_scans(home: Path) -> dict[str, Any]:
    """Measure from the scan to its feedback, commit included."""
    took = [float(told["ms"]) for told in scans(home)]
    return {"scans": len(took), "p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "on": "36 orders"}


def measure_import(folder: Path, home: Path, lines_per_order: int) -> dict[str, Any]:
    """Measure the import of orders, reading, checking and writing."""
    path = folder / f"orders-{lines_per_order}.csv"
    skus = ["SOAP-OLIV", "SOAP-ROSE", "CARD-BIRT", "CARD-THAN", "MUG-350-BLUE", "MUG-350-RED"]
    first = datetime(2025, 1, 6, 8, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        file.write("channel,order,line,sku,quantity,unit_price,currency,ordered_at,name,city,postcode,country\n")
        for n in range(IMPORT_LINES):
            order, line = divmod(n, lines_per_order)
            at = first + timedelta(days=order // ORDERS_A_DAY, seconds=15 * (order % ORDERS_A_DAY))
            file.write(
                f"b{lines_per_order},{order},{line + 1},{skus[n % 6]},1,4.50,GBP,{at:%Y-%m-%dT%H:%M:%S},A B,Leeds,LS1,GB\n"
            )
    begun = time.perf_counter()
    quiet("import", "orders", str(path), "--home", str(home), "--json")
    took = time.perf_counter() - begun
    return {"lines": IMPORT_LINES, "lines_per_second": IMPORT_LINES / took, "lines_per_order": lines_per_order}


def measure_allocation(home: Path) -> dict[str, Any]:
    """Measure deciding and committing promises over every open line."""
    from core.allocation.promise import plan_promises
    from core.allocation.queries import open_lines
    from core.allocation.run import promise_commands
    from core.kernel.executor import Work

    with assembled(home) as assembly:
        with assembly.database.reading() as connection:
            lines = open_lines(connection, assembly.identity.site)
        free = {(line.owner, line.item): 1_000_000 for line in lines}
        begun = time.perf_counter()
        plan = plan_promises(lines, free)
        decided = time.perf_counter() - begun
        begun = time.perf_counter()
        for command in promise_commands(plan, stamp(assembly)):
            assembly.writer.submit_background(Work(command=command)).result()
        committed = time.perf_counter() - begun
    count = len(lines)
    return {"lines": count, "decided_per_second": count / decided, "committed_per_second": count / committed}


def measure_start(home: Path) -> dict[str, Any]:
    """Measure a cold process from its start to the first prompt, without a window."""
    command = [sys.executable, "-m", "desktop.cli", "replay", "--script", os.devnull, "--home", str(home)]
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return {"runs": 5, "median_s": percentile(took, 0.5)}


def main() -> int:
    """Measure everything and write the table and the JSON."""
    with tempfile.TemporaryDirectory(prefix="dockside-bench-") as name:
        folder = Path(name)
        home = folder / "home"
        quiet("sample", "--home", str(home), "--json")
        figures = {
            "raw_fsync": raw_fsync(folder),
            "scan_to_feedback": measure_scans(home),
            "import_one_line_orders": measure_import(folder, home, 1),
            "import_four_line_orders": measure_import(folder, home, 4),
            "allocation": measure_allocation(home),
            "start_to_first_prompt": measure_start(home),
        }
    out = Path("build")
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    for what, values in figures.items():
        words = ", ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        print(f"{what:<26} {words}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
