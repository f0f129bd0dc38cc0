"""`make run-site`: a hub with a PostgreSQL of its own, and a cart, a bench, a dock and a desk as stations of one site, on this machine.

The sample warehouse is made at a station that is alone, the hub adopts it, the others join. With `--scripted` the cart, the bench
and the dock play a shift through their windows at once, each its part, and leave pictures and a summary.
"""

import argparse
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from core.kernel.ids import SiteId
from sync.hub.configuration import Configuration, HubHome

STATIONS = (("CART-9", "cart", ""), ("BENCH-2", "bench", "BENCH-2"), ("DOCK-1", "dock", "DOCK-1"))
"""Name, kind and place of each."""
DESK = "DESK-1"
_DOCKSIDE = (sys.executable, "-m", "desktop.cli")
_ROOT = Path(__file__).parents[1]
_LONGEST_S = 900


def main(words: Sequence[str]) -> int:
    """Set everything up, open the windows, and clear everything away once they are closed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripted", action="store_true", help="play a shift and leave pictures")
    parser.add_argument("--out", type=Path, default=Path("build/site"), help="where they go")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="dockside-site-") as made:
        folder = Path(made)
        # The hub's own PostgreSQL may run as somebody else, who must be able to pass.
        folder.chmod(0o755)
        hub, desk = folder / "hub", folder / DESK
        print("Making the sample warehouse, and a hub that adopts it …", flush=True)
        _do("sample", "--home", str(desk))
        HubHome(hub).write(Configuration(port=_free_port()))
        _do("hub", "adopt", str(desk), "--embedded", "--name", DESK, "--home", str(hub))
        with ExitStack() as stack:
            log = stack.enter_context((folder / "hub.log").open("w", encoding="utf-8"))
            serve = subprocess.Popen(
                [*_DOCKSIDE, "hub", "serve", "--home", str(hub), "--json"], stdout=subprocess.PIPE, stderr=log, text=True,
                cwd=_ROOT,
            )  # fmt: skip
            stack.callback(_end, serve)
            assert serve.stdout is not None
            address = json.loads(serve.stdout.readline())["address"]
            print(f"The hub answers at {address}; its page is there too.", flush=True)
            for name, kind, place in STATIONS:
                where = ("--place", place) if place else ()
                words = ("--name", name, "--kind", kind, "--simulated", "--home", str(folder / name))
                _do("join", address, *words, *where)
                print(f"{name} has joined.", flush=True)
            if asked.scripted:
                return _play(folder, asked.out)
            return _open(folder)


def _open(folder: Path) -> int:
    """Open four windows and wait until the last one is closed."""
    homes = [folder / name for name in (*(name for name, _, _ in STATIONS), DESK)]
    windows = [subprocess.Popen([*_DOCKSIDE, "station", "--home", str(home)], cwd=_ROOT) for home in homes]
    print(
        "Badges are in the banner: Mara picks at the cart, Aylin packs at the bench, Tom loads at the dock.", flush=True
    )
    try:
        return max(window.wait() for window in windows)
    finally:
        for window in windows:
            _end(window)


def _play(folder: Path, out: Path) -> int:
    """Let cart, bench and dock play at once, and put what they tell of it together."""
    shutil.rmtree(out, ignore_errors=True)
    windows = {
        name: subprocess.Popen(
            [*_DOCKSIDE, "station", "--scripted", "--out", str(out / name), "--home", str(folder / name)],
            stdout=subprocess.DEVNULL, cwd=_ROOT,
        )
        for name, _, _ in STATIONS
    }  # fmt: skip
    try:
        codes = {name: window.wait(_LONGEST_S) for name, window in windows.items()}
    finally:
        for window in windows.values():
            _end(window)
    told = {name: json.loads((out / name / "summary.json").read_text(encoding="utf-8")) for name in windows}
    verified = subprocess.run(
        [*_DOCKSIDE, "hub", "status", "--home", str(folder / "hub"), "--json"], capture_output=True, text=True, check=False, cwd=_ROOT
    )  # fmt: skip
    summary: dict[str, Any] = {"site": SiteId(1), "stations": told, "hub": json.loads(verified.stdout or "{}")}
    (out / "summary.json").write_text(json.dumps(summary, indent=2), encoding="utf-8")
    for name, each in told.items():
        print(f"{name}: {each['batches']} walks, {each['parcels']} parcels, {each['loaded']} loaded", flush=True)
    print(f"Pictures, labels and a summary are in {out}.", flush=True)
    return max(codes.values())


def _do(*words: str) -> None:
    done = subprocess.run([*_DOCKSIDE, *words], check=False, capture_output=True, text=True, cwd=_ROOT)
    if done.returncode:
        raise SystemExit(f"dockside {words[0]}: {done.stderr.strip() or done.stdout.strip()}")


def _end(process: "subprocess.Popen[Any]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
