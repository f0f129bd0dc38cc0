"""How a simulated device says that it is none: by the size of the window behind its terminal, which a real port has not.

A pseudo-terminal carries that size beside its bytes, so that nothing a device says is changed by it. The one thing a
newcomer would get wrong: a pseudo-terminal as such may be a real device, brought here over the network.
"""

import sys

_MARK = (0x5349, 0x4D21)
"""Rows and columns that nobody has."""


def mark(terminal: int) -> None:
    """Say of an open pseudo-terminal that what is behind it is simulated."""
    if sys.platform != "win32":
        import termios

        termios.tcsetwinsize(terminal, _MARK)


def is_marked(terminal: int) -> bool:
    """Return whether a terminal says so."""
    if sys.platform == "win32":
        return False
    import termios

    try:
        return termios.tcgetwinsize(terminal) == _MARK
    except termios.error:
        return False  # a port that has no window
