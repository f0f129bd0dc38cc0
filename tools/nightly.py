"""`make nightly`: the long tests in named shards; a shard that passed on this commit is not run again.

`--soak` runs every shard whatever was done before, and what the night has minutes for in part as a whole; a shard's name as an
argument runs that one alone.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

SHARDS = {
    "kills": ["tests/proof/test_kills.py", "-m", "nightly or not nightly"],
    "power-cuts": ["tests/proof/test_power_cuts.py", "tests/faults/test_power.py", "-m", "nightly or not nightly"],
    "disk": ["tests/simulation/test_lossyfs.py", "-m", "nightly or not nightly"],
    "simulation": [
        *(f"tests/simulation/test_{name}.py" for name in ("days", "rules", "outside", "revoked")),
        "-m",
        "nightly or not nightly",
    ],
    "outage": ["tests/simulation/test_outage.py", "-m", "nightly"],
    "machines": [
        "tests/proof/test_machine.py",
        "tests/waves/test_machine.py",
        "tests/picking/test_undo.py",
        "tests/packing/test_undo.py",
    ],
    "totality": ["tests/orders", "tests/amending", "tests/allocation", "tests/stock", "tests/waves/test_release.py"],
    "codes": ["tests/catalog", "tests/printing", "-m", "nightly or not nightly"],
    "print-jobs": ["tests/acceptance", "tests/printers", "-m", "nightly or not nightly"],
    "kernel": ["tests/kernel", "tests/exchange"],
    "forged": ["tests/proof/test_forged.py", "tests/kernel/test_bit_flips.py", "-m", "nightly or not nightly"],
    "hub": ["tests/sync/hub", "-m", "nightly or not nightly"],
    "line": ["tests/faults/test_poor_line.py", "tests/faults/test_partitions.py", "-m", "nightly or not nightly"],
    "ends": ["tests/faults/test_ends.py", "tests/faults/test_copies.py", "-m", "nightly or not nightly"],
    "clocks-and-disks": [
        "tests/faults/test_clocks.py",
        "tests/faults/test_full_disks.py",
        "-m",
        "nightly or not nightly",
    ],
    "returning": ["tests/faults/test_returning.py", "-m", "nightly"],
    "run-site": ["tests/sync/test_run_site.py", "-m", "nightly or not nightly"],
    "screens": ["tests/desktop/test_layout.py", "-m", "nightly or not nightly"],
    "shifts": [
        "tests/proof/test_shift.py",
        "tests/proof/test_postgres.py",
        "tests/proof/test_gift_shop.py",
        "-m",
        "nightly or not nightly",
    ],
}
"""Name and what pytest is given; Hypothesis draws at random and more."""
DONE = Path("build/nightly.json")
MINUTES_MAX = 75


def main(arguments: list[str]) -> int:
    """Run what has not passed yet; return 1 if anything failed, 2 where no such shard is."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    done: dict[str, str] = json.loads(DONE.read_text(encoding="utf-8")) if DONE.exists() else {}
    named, soak = [each for each in arguments if each != "--soak"], "--soak" in arguments
    unknown = [each for each in named if each not in SHARDS]
    if unknown:
        sys.stderr.write(f"no shard is called {', '.join(unknown)}; there are: {', '.join(SHARDS)}\n")
        return 2
    failed = []
    begun = time.monotonic()
    for name in named or SHARDS:
        if done.get(name) == commit and not soak:
            print(f"{name}: passed already")
            continue
        if run(name, soak=soak) == 0:
            done[name] = commit
            DONE.parent.mkdir(exist_ok=True)
            DONE.write_text(json.dumps(done), encoding="utf-8")
        else:
            failed.append(name)
    minutes = (time.monotonic() - begun) / 60
    print(
        f"failed: {', '.join(failed)}" if failed else "all shards passed", f"in {minutes:.0f} of {MINUTES_MAX} minutes"
    )
    return int(bool(failed))


def run(name: str, *, soak: bool = False) -> int:
    """Run one shard on two processors and say how long it took; return pytest's exit code."""
    begun = time.monotonic()
    how = ["DOCKSIDE_HYPOTHESIS=nightly", "QT_QPA_PLATFORM=offscreen", *(["DOCKSIDE_SOAK=1"] if soak else [])]
    words = ["env", *how, sys.executable, "-m", "pytest", "-q"]
    # Whoever is done takes of what is left: two tests of a quarter of an hour each had come to one processor.
    among = ["-n", "2", "--dist", "worksteal", "--timeout", "1800"]
    code = subprocess.run([*words, *among, *SHARDS[name]], check=False).returncode
    print(f"{name}: {'passed' if code == 0 else 'failed'} in {time.monotonic() - begun:.0f} s", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
