"""What a hub holds for as long as it runs: nothing of a window, a printer or a sheet."""

import json
import subprocess
import sys

import pytest

HEAVY = ("PIL", "PySide6", "barcode", "printing", "reportlab", "zxingcpp")


@pytest.mark.parametrize("module", ["desktop.cli", "desktop.hub_service"])
def test_neither_the_command_line_nor_a_hub_loads_what_draws(module: str) -> None:
    # Each of a hub's processes begins with both, and a station's command waited a second for it.
    asked = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout

    known = set(json.loads(loaded))
    assert module in known
    assert known.isdisjoint(HEAVY)
