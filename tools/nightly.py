"""`make nightly`: the long tests in named shards; a shard that passed on this commit is not run again.

`--soak` runs every shard whatever was done before.
"""

import json
import subprocess
import sys
from pathlib import Path

SHARDS = {
    "kills": ["tests/proof/test_kills.py", "-m", "nightly"],
    "power-cuts": ["tests/simulation", "-m", "fuse or nightly"],
    "random": ["tests/kernel", "tests/catalog", "tests/printing", "-m", "not hardware"],
}
"""Name and what pytest is given."""
DONE = Path("build/nightly.json")


def main(arguments: list[str]) -> int:
    """Run what has not passed yet; return 1 if anything failed."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    done: dict[str, str] = json.loads(DONE.read_text(encoding="utf-8")) if DONE.exists() else {}
    failed = []
    for name, words in SHARDS.items():
        if done.get(name) == commit and "--soak" not in arguments:
            print(f"{name}: passed already")
            continue
        environment = ["env", "DOCKSIDE_HYPOTHESIS=nightly"]
        code = subprocess.run([*environment, sys.executable, "-m", "pytest", "-q", *words], check=False).returncode
        if code == 0:
            done[name] = commit
            DONE.parent.mkdir(exist_ok=True)
            DONE.write_text(json.dumps(done), encoding="utf-8")
        else:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all shards passed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
