"""A real X server with a real layout: keys pressed by XTEST, read as a window reads them. Only what a test needs.

The server is Xvfb, the layout setxkbmap's, dead keys are composed by the X library. Where one of them is not installed
`missing` says which.
"""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PROGRAMS = ("Xvfb", "setxkbmap")
LIBRARIES = ("libX11.so.6", "libXtst.so.6")
_OFFSET = 8
"""X counts keys from here on."""
_KEY_PRESS, _KEY_PRESS_MASK, _EXPOSURE = 2, 1, 1 << 15
_NOTHING_MORE = 0x0408
"""The input method is none but the library's own: it composes and shows nothing (XIMPreeditNothing, XIMStatusNothing)."""
_LOOKUP_CHARS, _LOOKUP_BOTH = 2, 4


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
    """Run a server of its own, on a display that it chooses itself."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [shutil.which("Xvfb") or "", "-displayfd", str(write), "-screen", "0", "64x64x24", "-nolisten", "tcp", "-noreset"],
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
    """One window that has the keyboard."""

    def __init__(self, display: str, layout: str) -> None:
        subprocess.run(
            [shutil.which("setxkbmap") or "", "-display", display, layout], check=True, stderr=subprocess.DEVNULL
        )
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        pointer, number, text = ctypes.c_void_p, ctypes.c_ulong, ctypes.c_char_p
        for name, answer, takes in (
            ("XOpenDisplay", pointer, (text,)), ("XDefaultRootWindow", number, (pointer,)),
            ("XCreateSimpleWindow", number, (pointer, number, *(ctypes.c_int,) * 2, *(ctypes.c_uint,) * 3, number, number)),
            ("XOpenIM", pointer, (pointer, pointer, pointer, pointer)), ("XPending", ctypes.c_int, (pointer,)),
            ("XCreateIC", pointer, None), ("XSetLocaleModifiers", text, (text,)),
            ("XNextEvent", ctypes.c_int, (pointer, pointer)), ("XFilterEvent", ctypes.c_int, (pointer, number)),
            ("XSelectInput", ctypes.c_int, (pointer, number, ctypes.c_long)), ("XMapWindow", ctypes.c_int, (pointer, number)),
            ("XSetInputFocus", ctypes.c_int, (pointer, number, ctypes.c_int, number)),
            ("XSync", ctypes.c_int, (pointer, ctypes.c_int)), ("XCloseDisplay", ctypes.c_int, (pointer,)),
            ("Xutf8LookupString", ctypes.c_int, (pointer, pointer, text, ctypes.c_int, pointer, pointer)),
        ):  # fmt: skip
            function = getattr(self._x, name)
            function.restype = answer
            if takes is not None:
                function.argtypes = takes
        self._test.XTestFakeKeyEvent.argtypes = (pointer, ctypes.c_uint, ctypes.c_int, number)
        self._x.XSetLocaleModifiers(b"@im=none")
        self._display = self._x.XOpenDisplay(display.encode())
        assert self._display, display
        root = self._x.XDefaultRootWindow(self._display)
        self._window = self._x.XCreateSimpleWindow(self._display, root, 0, 0, 32, 32, 0, 0, 0)
        method = self._x.XOpenIM(self._display, None, None, None)
        assert method, "no input method: the locale is not known to X"
        self._context = self._x.XCreateIC(
            pointer(method), b"inputStyle", ctypes.c_long(_NOTHING_MORE), b"clientWindow", number(self._window),
            b"focusWindow", number(self._window), None,
        )  # fmt: skip
        assert self._context
        self._x.XSelectInput(self._display, self._window, _KEY_PRESS_MASK | _EXPOSURE)
        self._x.XMapWindow(self._display, self._window)
        self._x.XSync(self._display, 0)
        self._event = (ctypes.c_long * 24)()
        self._x.XNextEvent(self._display, self._event)  # it is there
        self._x.XSetInputFocus(self._display, self._window, 1, 0)
        self._x.XSync(self._display, 0)

    def press(self, strokes: Sequence[tuple[int, int]]) -> str:
        """Press keys by the kernel's codes, and return what a window is given to read."""
        for code, down in strokes:
            self._test.XTestFakeKeyEvent(self._display, code + _OFFSET, down, 0)
        self._x.XSync(self._display, 0)
        said, room = "", ctypes.create_string_buffer(64)
        status, symbol = ctypes.c_int(), ctypes.c_ulong()
        while self._x.XPending(self._display):
            self._x.XNextEvent(self._display, self._event)
            kind = ctypes.c_int.from_buffer(self._event).value
            if self._x.XFilterEvent(self._event, 0) or kind != _KEY_PRESS:
                continue
            count = self._x.Xutf8LookupString(
                self._context, self._event, room, 63, ctypes.byref(symbol), ctypes.byref(status)
            )
            if status.value in (_LOOKUP_CHARS, _LOOKUP_BOTH):
                said += room.raw[:count].decode()
        return said

    def close(self) -> None:
        """Let the display go."""
        self._x.XCloseDisplay(self._display)
