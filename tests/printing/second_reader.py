"""A second interpreter of ZPL that is not ours (zpl-renderer-js), in Node: it knows pictures, bars and Latin letters.

It is set up by `make setup` where Node is. Starting it takes as long as drawing some labels, so whoever asks draws all
labels at once.
"""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from printing.media import Media

ROOM = Path(__file__).parents[2] / "tools" / "label_readers"
_DOTS_PER_MM = {203: 8, 300: 12}
_SECONDS_A_LABEL = 20


def draw(jobs: list[tuple[bytes, Media]]) -> list[list[Image.Image]]:
    """Return the labels that come out of each job, as grey pictures; skip the test where the interpreter is not there."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the second reader of ZPL was not asked: there is no Node on this machine")
    if not (ROOM / "node_modules" / "zpl-renderer-js").exists():
        pytest.skip("the second reader of ZPL was not asked: `make setup` has not brought zpl-renderer-js")
    asked = [
        {
            "zpl": data.decode("ascii"),
            "widthMm": round(media.width_mm * media.dpi / 25.4) / _DOTS_PER_MM[media.dpi],
            "heightMm": round(media.height_mm * media.dpi / 25.4) / _DOTS_PER_MM[media.dpi],
            "dotsPerMm": _DOTS_PER_MM[media.dpi],
        }
        for data, media in jobs
    ]
    ran = subprocess.run(
        [node, str(ROOM / "draw.cjs")], input=json.dumps(asked), capture_output=True, text=True, check=False,
        timeout=60 + _SECONDS_A_LABEL * len(jobs),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-500:]
    drawn = json.loads(ran.stdout)
    assert len(drawn) == len(jobs)
    return [[_picture(label) for label in labels] if isinstance(labels, list) else _refused(labels) for labels in drawn]


def _picture(label: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(label))).convert("L")


def _refused(answer: dict[str, str]) -> list[Image.Image]:
    raise AssertionError(f"the second reader of ZPL: {answer['error']}")
