"""Where the real data of other people's warehouses lies: beside the project, read by tests and never copied into it.

The thing a newcomer would get wrong: the data may be absent, as in a fresh clone. Then the tests over it are skipped,
and say so.
"""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"


def shared(name: str) -> Path:
    """Return the folder or file of this name in the shared data, or skip the test (or module) that asks for it."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"shared data {name!r} is not beside this project", allow_module_level=True)
    return path
