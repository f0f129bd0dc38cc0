"""How the interpreter shares one processor among the threads of a station or a hub, and how often it looks for cycles of objects.

Rows, states and events are frozen and make no cycles, so it looks seldom. The one thing a newcomer would get wrong: whoever
scans waits for the interpreter's lock at every statement, and a thread that only computes gives it up when it is asked to.
"""

import gc
import sys

_TURN_S = 0.000_5
"""Seconds a thread computes on while another wants to. The interpreter's own 5 ms are waited for at each of a scan's statements
while a page of the feed is read on another thread, and at each of a push's while the hub plans."""


def collect_seldom() -> None:
    """Let more objects come before each look, in this process: an import, or a push at the hub, makes many that live for milliseconds."""
    gc.set_threshold(50_000, 20, 50)


def answer_soon() -> None:
    """Let whoever waits come to their turn soon: threads take short turns, and what is loaded by now is not looked through.

    A look through all that a station loads takes a tenth of a second. Calling it again changes nothing.
    """
    sys.setswitchinterval(_TURN_S)
    if not gc.get_freeze_count():
        gc.freeze()
