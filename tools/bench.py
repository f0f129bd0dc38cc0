"""`make bench`: measures, as a table and as JSON in build/bench.json, with the machine's raw fsync beside them.

`python -m tools.bench NAME…` measures some alone. The station is the real one, without printers where printing is not measured, and without a window
but where painting is measured. `TARGETS` says what is wanted of each figure; a target that is missed is marked, and
fails nothing: what a machine can do is its own.
"""

import contextlib
import io
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core.exchange.imports import Importer
from core.station.replay import Line, Pump
from core.station.station import Feedback
from desktop.assembly import SIMULATED, assembled
from desktop.cli import main as dockside
from desktop.headless import headless
from desktop.membership import write_profile
from desktop.planning import promise, stamp
from tools.device_bench import measure_scale_bytes, measure_scan_bytes, measure_scanner_burst
from tools.first_start import measure_first_start
from tools.hub_bench import measure_hub
from tools.importing import import_alone
from tools.label_bench import measure_labels_rendered
from tools.line_bench import measure_lines
from tools.outage import measure_hub_dead
from tools.print_bench import measure_first_byte
from tools.returning import measure_returning
from tools.shift import measure_shift
from tools.years import add_years

IMPORT_LINES = 500_000
ALLOCATION_LINES = 20_000
ORDERS_A_DAY = 2_000
DAY_SCANS = 6_000
"""About what one bench scans in two shifts."""


TARGETS = (
    ("scanner's last byte to the scan, p99 ms", "scan_bytes", "p99_ms", "<=", 2),
    ("200 scans at 20/s by a scanner, hub of 500 ms", "scanner_burst", "outcomes", ">=", 200),
    ("  in order", "scanner_burst", "in_order", ">=", 1),
    ("  last byte to feedback, p99 ms", "scanner_burst", "p99_ms", "<=", 100),
    ("40 scans, two and two 10 ms apart, are as many", "scanner_burst", "pair_scans", ">=", 40),
    ("  last byte to the scan, slowest, ms", "scanner_burst", "pair_scan_max_ms", "<=", 20),
    ("  to feedback, slower of two, p50 ms", "scanner_burst", "pair_feedback_p50_ms", "<=", 20),
    ("  to feedback, slowest, ms", "scanner_burst", "pair_feedback_max_ms", "<=", 100),
    ("labels rendered in ZPL, labels/s", "labels_rendered", "zpl_per_second", ">=", 300),
    ("scan to feedback, p50 ms", "scan_to_feedback", "p50_ms", "<=", 6),
    ("scan to feedback, p99 ms", "scan_to_feedback", "p99_ms", "<=", 25),
    ("its CPU against 1,000 orders", "scan_to_feedback", "cpu_ratio", "<=", 1.5),
    ("the same during import and allocation, p99 ms", "scan_during_import", "p99_ms", "<=", 50),
    ("scan to painted screen, p99 ms", "scan_to_paint", "p99_ms", "<=", 60),
    ("outcomes of 200 scans at 20 a second", "burst", "outcomes", ">=", 200),
    ("  in order", "burst", "in_order", ">=", 1),
    ("label data to first byte, p99 ms", "label_to_first_byte", "p99_ms", "<=", 20),
    ("  first byte to the printer's word, p99 ms", "label_to_first_byte", "known_p99_ms", "<=", 4_000),
    ("scale's last byte to the weight, p99 ms", "scale_bytes", "p99_ms", "<=", 100),
    ("cold start to first prompt, s", "start_to_first_prompt", "median_s", "<=", 1.2),
    ("import, one line an order, lines/s", "import_one_line_orders", "lines_per_second", ">=", 15_000),
    ("import, four lines an order, lines/s", "import_four_line_orders", "lines_per_second", ">=", 25_000),
    ("  memory, MB", "import_four_line_orders", "memory_mb", "<=", 400),
    ("allocation decided, lines/s", "allocation", "decided_per_second", ">=", 50_000),
    ("allocation committed between scans, lines/s", "allocation", "committed_per_second", ">=", 3_000),
    ("station memory after a day, MB", "station_memory", "end_mb", "<=", 300),
    ("  of it since noon, MB", "station_memory", "grown_mb", "<=", 10),
    ("new station of a site of 1,000,000 orders, s", "first_start", "first_prompt_s", "<=", 60),
    ("hub, one site, ops/s", "hub", "ops_per_second", ">=", 800),
    ("  of the driver alone", "hub", "of_driver_alone", ">=", 0.6),
    ("  the same served, with the load beside it", "hub", "served_of_driver_alone", ">=", 0.6),
    ("hub, four sites, ops/s", "hub", "ops_per_second_of_four_sites", ">=", 1_500),
    ("  of the driver alone over four connections", "hub", "four_sites_of_drivers_alone", ">=", 0.6),
    ("stations back at once, ops/s: 834 are 500 x 1,000 in 10 min", "returning", "ops_per_second", ">=", 834),
    ("  lost or twice", "returning", "lost_or_twice", "<=", 0),
    ("  hub's memory, MB", "returning", "memory_mb", "<=", 400),
    ("scan while the feed is pulled, p99 ms", "line", "p99_ms", "<=", 50),
    ("shown at another station, p99 ms", "line", "shown_p99_ms", "<=", 500),
    ("parcels of an hour without the hub, share", "hub_dead", "share", ">=", 0.9),
    ("  doubles and open differences", "hub_dead", "differences", "<=", 0),
    ("40 stations offline a third of a shift: at work", "shift_offline", "utilisation", ">=", 0.95),
    ("  doubles and differences", "shift_offline", "differences", "<=", 0),
    ("gestures: cluster line", "gestures", "cluster_line", "<=", 3),
    ("gestures: single-unit order", "gestures", "single_unit_order", "<=", 2),
    ("gestures: packed order beyond its units", "gestures", "packed_order_beyond_its_units", "<=", 3),
    ("gestures: short", "gestures", "short", "<=", 2),
    ("gestures: damaged", "gestures", "damaged", "<=", 3),
    ("gestures: sign-in", "gestures", "sign_in", "<=", 1),
    ("gestures: resume", "gestures", "resume", "<=", 0),
)
"""What, where its figure stands, and what is wanted."""


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


def measure_scans(home: Path, on: str) -> dict[str, Any]:
    """Measure from the scan to its feedback, commit included, and the processor's time for it."""
    begun = time.process_time()
    took = [float(told["ms"]) for told in scans(home)]
    cpu = (time.process_time() - begun) * 1000
    return {
        "scans": len(took), "p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99),
        "cpu_ms": cpu / len(took), "on": on,
    }  # fmt: skip


def measure_scans_meanwhile(home: Path, orders: Path) -> dict[str, Any]:
    """Measure scans while an import runs and, after it, an allocation."""
    took: list[float] = []
    with headless(home, printer=False) as (assembly, replay):
        over = threading.Event()
        done: list[int] = []

        def work() -> None:
            with assembly.database.reading() as reader:
                importer = Importer(
                    site=assembly.identity.site, reader=reader, submit=assembly.writer.submit_background,
                    clock=assembly.clock, ids=assembly.ids,
                )  # fmt: skip
                done.append(importer.run("orders", orders, "dockside").imported)
            done.append(promise(assembly)[1])
            over.set()

        thread = threading.Thread(target=work)
        replay.start()
        replay.perform(Line(0, "badge", "BADGE-MARA"))
        replay.perform(Line(0, "open", "pick"))
        thread.start()
        codes = ("SOAP-OLIV", "NO-SUCH-CODE", "MUG-350-RED", "A-01-01")
        for code in itertools.cycle(codes):
            if over.is_set():
                break
            took.append(float(replay.perform(Line(0, "scan", code))["ms"]))
            time.sleep(0.02)
        thread.join()
    return {
        "scans": len(took), "p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99),
        "orders_imported_meanwhile": done[0], "lines_allocated_meanwhile": done[1],
    }  # fmt: skip


def measure_burst(home: Path) -> dict[str, Any]:
    """Scan 200 codes at 20 a second, neighbours different, without waiting for an answer."""
    codes = [("MUG-350-BLUE", "MUG-350-RED")[n % 2] for n in range(200)]
    heard: list[Feedback] = []
    pump = Pump()

    def hear(feedback: Feedback) -> None:
        heard.append(feedback)
        station.painted()

    with assembled(home) as assembly:
        station, reader = assembly.station(pump.deliver, hear)
        station.start()
        pump.run_until(lambda: station.idle)
        station.scan("BADGE-MARA")
        pump.run_until(lambda: station.idle)
        heard.clear()
        begun = time.perf_counter()
        for n, code in enumerate(codes, start=1):
            station.scan(code)
            while time.perf_counter() < begun + n * 0.05:
                pump.idle(0.005)
        pump.run_until(lambda: station.idle)
        reader.close()
    outcomes = [each.input.text for each in heard if each.input is not None]
    return {"scans": len(codes), "outcomes": len(outcomes), "in_order": int(outcomes == codes)}


def write_orders(path: Path, lines: int, lines_per_order: int, channel: str) -> None:
    """Write a file of orders of the sample's items, 2,000 a day."""
    skus = ["SOAP-OLIV", "SOAP-ROSE", "CARD-BIRT", "CARD-THAN", "MUG-350-BLUE", "MUG-350-RED"]
    first = datetime(2025, 1, 6, 8, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        file.write("channel,order,line,sku,quantity,unit_price,currency,ordered_at,name,city,postcode,country\n")
        for n in range(lines):
            order, line = divmod(n, lines_per_order)
            at = first + timedelta(days=order // ORDERS_A_DAY, seconds=15 * (order % ORDERS_A_DAY))
            file.write(
                f"{channel},{order},{line + 1},{skus[n % 6]},1,4.50,GBP,{at:%Y-%m-%dT%H:%M:%S},A B,Leeds,LS1,GB\n"
            )


def measure_import(folder: Path, lines: int, lines_per_order: int) -> dict[str, Any]:
    """Measure an import of orders by a process of its own: its start, reading, checking, writing, and its memory.

    Beside it what the driver alone takes for the same rows: nothing that is written through it can be faster.
    """
    home, path = folder / f"import-{lines_per_order}", folder / f"orders-{lines_per_order}.csv"
    quiet("sample", "--home", str(home), "--json")
    write_orders(path, lines, lines_per_order, f"b{lines_per_order}")
    words = [sys.executable, "-m", "tools.importing", str(home)]
    begun = time.perf_counter()
    process = subprocess.Popen([*words, str(path)], stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, resident_kb(process.pid))
        time.sleep(0.2)
    took = time.perf_counter() - begun
    assert process.returncode == 0, words
    floor = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {
        "lines": lines, "lines_per_order": lines_per_order, "lines_per_second": lines / took,
        "memory_mb": most / 1024, "driver_alone_lines_per_second": floor["lines_per_second"],
        "of_driver_alone": lines / took / floor["lines_per_second"],
    }  # fmt: skip


def resident_kb(pid: int) -> int:
    """Return the memory a process and its children hold, in KiB."""
    total = 0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            total += int(line.split()[1])
    return total + sum(resident_kb(int(child)) for child in children)


def measure_day(home: Path) -> dict[str, Any]:
    """Measure the memory of a station after its first hundred scans and after thousands."""
    with headless(home, printer=False) as (_, replay):
        replay.start()
        replay.perform(Line(0, "badge", "BADGE-MARA"))
        held = []
        codes = itertools.cycle(("SOAP-OLIV", "NO-SUCH-CODE", "MUG-350-RED", "A-01-01", "CARD-BIRT"))
        for n, code in enumerate(itertools.islice(codes, DAY_SCANS)):
            replay.perform(Line(n, "scan", code))
            if n in (100, DAY_SCANS // 2, DAY_SCANS - 1):
                held.append(resident_kb(os.getpid()) / 1024)
    first, half, end = held
    return {"scans": DAY_SCANS, "first_mb": first, "half_mb": half, "end_mb": end, "grown_mb": end - half}


def measure_paint(home: Path) -> dict[str, Any]:
    """Measure from the scan to the painted screen, in the real window under a virtual display."""
    command = ["xvfb-run", "-a", "-s", "-screen 0 1366x768x24", sys.executable, "-m", "tools.painted", str(home)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    took = json.loads(done.stdout.splitlines()[-1])
    return {"scans": len(took), "p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99)}


def measure_gestures(folder: Path) -> dict[str, Any]:
    """Let the player work a sample's day with mistakes, cut it once, and count what a person would have had to do."""
    home = folder / "gestures"
    quiet("sample", "--home", str(home), "--json")
    play = [sys.executable, "-m", "desktop.cli", "replay", "--play", "--mistakes", "5", "--home", str(home), "--json"]
    with subprocess.Popen(play, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        for _line in itertools.islice(process.stdout, 60):
            pass
        os.killpg(process.pid, signal.SIGKILL)
    done = subprocess.run(play, check=True, capture_output=True, text=True)
    table = json.loads(done.stdout.splitlines()[-1])["gesture_table"]
    return {name: row["most"] for name, row in table.items()}


def measure_allocation(folder: Path) -> dict[str, Any]:
    """Measure deciding and committing promises over 20,000 open lines."""
    from core.allocation.promise import plan_promises
    from core.allocation.queries import open_fulfilments, open_lines
    from core.allocation.run import promise_commands
    from core.kernel.executor import Work

    home, path = folder / "allocation", folder / "allocation.csv"
    quiet("sample", "--home", str(home), "--json")
    write_orders(path, ALLOCATION_LINES, 1, "allocation")
    quiet("import", "orders", str(path), "--home", str(home), "--json")
    with headless(home, printer=False) as (assembly, replay):
        with assembly.database.reading() as connection:
            site = assembly.identity.site
            lines = list(open_lines(connection, site, list(open_fulfilments(connection, site))))
        free = {(line.owner, line.item): 1_000_000 for line in lines}
        begun = time.perf_counter()
        plan = plan_promises(lines, free)
        decided = time.perf_counter() - begun
        replay.start()
        replay.perform(Line(0, "badge", "BADGE-MARA"))
        took: list[float] = []

        def commit() -> None:
            begun = time.perf_counter()
            for command in promise_commands(plan, stamp(assembly)):
                assembly.writer.submit_background(Work(command=command)).result()
            took.append(time.perf_counter() - begun)

        thread = threading.Thread(target=commit)
        thread.start()
        for code in itertools.cycle(("SOAP-OLIV", "NO-SUCH-CODE", "MUG-350-RED")):
            if not thread.is_alive():
                break
            replay.perform(Line(0, "scan", code))
            time.sleep(0.2)
        thread.join()
    count = len(lines)
    return {"lines": count, "decided_per_second": count / decided, "committed_per_second": count / took[0]}


def measure_start(home: Path) -> dict[str, Any]:
    """Measure a cold process from its start to the first prompt, without a window and without simulated devices."""
    with assembled(home) as assembly:
        write_profile(assembly, **{SIMULATED: "0"})
    # As an installation leaves it: where bytecode is not written on the way, each start would compile every module.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "core", "desktop", "printing", "resources"], check=True)
    command = [sys.executable, "-m", "desktop.cli", "replay", "--script", os.devnull, "--json", "--home", str(home)]
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            took.append(time.perf_counter() - begun)
            assert told["prompt"], told
    return {"runs": 5, "median_s": percentile(took, 0.5)}


def measures(folder: Path) -> dict[str, Callable[[], dict[str, Any]]]:
    """Return every measure by its name, each on a home of its own; what several need is made when it is first needed."""

    @cache
    def grown(name: str, orders: int, entries: int) -> Path:
        home = folder / name
        quiet("sample", "--home", str(home), "--json")
        write_orders(folder / "past.csv", orders, 1, "past")
        import_alone(home, folder / "past.csv")
        add_years(home, entries=entries, gestures=entries // 4)
        return home

    def first(name: str) -> Path:
        return Path(shutil.copytree(grown("first", 1_000, 10_000), folder / name))

    def years(name: str) -> Path:
        return Path(shutil.copytree(grown("years", 100_000, 1_000_000), folder / name))

    def scans() -> dict[str, Any]:
        small = measure_scans(first("few"), "1,000 orders, 10,000 ledger entries")
        large = measure_scans(years("many"), "100,000 orders, 1,000,000 ledger entries")
        return large | {"cpu_ratio": large["cpu_ms"] / small["cpu_ms"], "cpu_ms_at_1000_orders": small["cpu_ms"]}

    def meanwhile() -> dict[str, Any]:
        write_orders(folder / "more.csv", 40_000, 1, "more")
        return measure_scans_meanwhile(years("meanwhile"), folder / "more.csv")

    def line() -> dict[str, Any]:
        write_orders(folder / "others.csv", 20_000, 1, "others")
        return measure_lines(folder / "line", folder / "others.csv")

    return {
        "raw_fsync": lambda: raw_fsync(folder),
        "scan_bytes": measure_scan_bytes,
        "scale_bytes": measure_scale_bytes,
        "labels_rendered": measure_labels_rendered,
        "scan_to_feedback": scans,
        "scan_during_import": meanwhile,
        "scan_to_paint": lambda: measure_paint(years("paint")),
        "burst": lambda: measure_burst(years("burst")),
        "scanner_burst": lambda: measure_scanner_burst(first("scanner")),
        "label_to_first_byte": lambda: measure_first_byte(first("print")),
        "start_to_first_prompt": lambda: measure_start(years("start")),
        "station_memory": lambda: measure_day(first("day")),
        "import_one_line_orders": lambda: measure_import(folder, IMPORT_LINES, 1),
        "import_four_line_orders": lambda: measure_import(folder, IMPORT_LINES, 4),
        "allocation": lambda: measure_allocation(folder),
        "hub": lambda: measure_hub(folder),
        "returning": lambda: measure_returning(folder / "returning"),
        "line": line,
        "hub_dead": measure_hub_dead,
        "shift_offline": measure_shift,
        "first_start": lambda: measure_first_start(folder, write_orders),
        "gestures": lambda: measure_gestures(folder),
    }


def main(names: list[str]) -> int:
    """Measure everything, or what is named, and write the table and the JSON."""
    figures: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="dockside-bench-") as folder:
        for what, measure in measures(Path(folder)).items():
            if names and what not in names and what != "raw_fsync":
                continue
            values = figures[what] = measure()
            words = ", ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
            print(f"{what:<26} {words}", flush=True)
    if not names:
        out = Path("build")
        out.mkdir(exist_ok=True)
        (out / "bench.json").write_text(json.dumps(figures | {"targets": judged(figures)}, indent=2), encoding="utf-8")
    fsync = figures["raw_fsync"]
    print(f"\nraw fsync of 4 KiB here: p50 {fsync['p50_ms']:.2f} ms, p99 {fsync['p99_ms']:.2f} ms\n")
    for each in judged(figures):
        mark = "" if each["met"] else "  MISSED"
        print(f"{each['what']:<46} {each['value']:>12,.2f}  {each['wanted']:>10}{mark}")
    return 0


def judged(figures: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every target beside its figure."""
    rows = []
    for what, section, name, sign, limit in TARGETS:
        if section not in figures:
            continue
        value = figures[section][name]
        met = value <= limit if sign == "<=" else value >= limit
        rows.append({"what": what, "value": value, "wanted": f"{sign} {limit:,}", "met": met})
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
