"""How often the interpreter looks for cycles of objects: seldom, since rows, states and events are frozen and make none."""

import gc


def collect_seldom() -> None:
    """Let more objects come before each look, in this process: an import makes millions that live for milliseconds."""
    gc.set_threshold(50_000, 20, 50)
