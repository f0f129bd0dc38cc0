"""A real X server with a real layout, keys pressed by XTEST, and Qt's own window on it that reads them (`qt_keys.py`).

The server is Xvfb, the layout setxkbmap's. Where one of them, or what Qt's plug-in for X needs, is not installed `missing`
says which.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

PROGRAMS = ("Xvfb", "setxkbmap")
LIBRARIES = ("libX11.so.6", "libXtst.so.6", "libxcb-cursor.so.0", "libxkbcommon-x11.so.0")
_OFFSET = 8
"""X counts keys from here on."""
_ENTER, _LEARN = 28, 67


def missing() -> str:
    """Return what is not here, empty where all is."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            absent.append(name)
    return ", ".join(absent)


@contextmanager
def server() -> Iterator[str]:
    """Run a server of its own, on a display that it chooses itself; a key that is held down is not repeated there."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [shutil.which("Xvfb") or "", "-displayfd", str(write), "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset", "-r"],
        pass_fds=(write,), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as said:
            number = said.readline().strip()
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)


class Window:
    """Qt's window on a display, that has the keyboard."""

    def __init__(self, display: str) -> None:
        self._name = display
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.qt_keys"], stdout=subprocess.PIPE, text=True,
            env={**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        pointer, number = ctypes.c_void_p, ctypes.c_ulong
        self._x.XOpenDisplay.restype, self._x.XOpenDisplay.argtypes = pointer, (ctypes.c_char_p,)
        self._x.XSetInputFocus.argtypes = (pointer, number, ctypes.c_int, number)
        self._x.XSync.argtypes, self._x.XCloseDisplay.argtypes = (pointer, ctypes.c_int), (pointer,)
        self._test.XTestFakeKeyEvent.argtypes = (pointer, ctypes.c_uint, ctypes.c_int, number)
        self._display = self._x.XOpenDisplay(display.encode())
        assert self._display, display
        there = self.said()
        assert there["platform"] == "xcb", there
        self._x.XSetInputFocus(self._display, there["window"], 1, 0)
        self._x.XSync(self._display, 0)
        assert self.said() == {"focus": True}

    def learn(self, layout: str) -> None:
        """Give the keyboard a layout, and let the next scans be the sheet."""
        wanted = [shutil.which("setxkbmap") or "", "-display", self._name, layout]
        subprocess.run(wanted, check=True, stderr=subprocess.DEVNULL)
        assert self.press(((_LEARN, 1), (_LEARN, 0))) == {"learning": True}

    def scan(self, strokes: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Press keys by the kernel's codes, and Enter, and return what the window says of them."""
        return self.press((*strokes, (_ENTER, 1), (_ENTER, 0)))

    def press(self, strokes: Sequence[tuple[int, int]]) -> dict[str, Any]:
        """Press keys, and return what the window says of them."""
        for code, down in strokes:
            self._test.XTestFakeKeyEvent(self._display, code + _OFFSET, down, 0)
        self._x.XSync(self._display, 0)
        return self.said()

    def said(self) -> dict[str, Any]:
        """Return the next thing that the window says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the window ended with {self._process.wait(10)}"
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """Let window and display go."""
        self._process.kill()
        self._process.communicate()
        self._x.XCloseDisplay(self._display)
