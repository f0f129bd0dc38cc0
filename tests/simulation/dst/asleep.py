"""A site that is put away in a folder, and goes on from there, in another process as well, as if nothing had been."""

import pickle
from pathlib import Path
from typing import Any

from tests.simulation.dst.hub import InAFile
from tests.simulation.dst.machine import copy_database
from tests.simulation.dst.site import Site

_WHO = "who-does-what"


def put_away(site: Site, whole: Any, folder: Path) -> None:
    """Close a site and keep it in a folder, with what holds it.

    Args:
        site: nobody of whom waits for an answer; its hub's data are a file.
        whole: what `wake` returns again: it has the site.
        folder: an empty one.
    """
    for machine in site.machines.values():
        assert machine.on and not machine.running, f"{machine.name} is dark, or waits for an answer"
        machine.stop()
        copy_database(machine.file, folder / machine.file.name)
    site.hub.stop()
    storage = site.hub.storage
    assert isinstance(storage, InAFile)
    copy_database(storage.path, folder / storage.path.name)
    (folder / _WHO).write_bytes(pickle.dumps((site, whole)))


def wake(kept: Path, folder: Path) -> Any:
    """Let a site go on in another folder, and return what was put away with it.

    Args:
        kept: where it was put away; stays as it is.
        folder: an empty one, which it works in.
    """
    site: Site
    site, whole = pickle.loads((kept / _WHO).read_bytes())  # noqa: S301  our own
    storage = site.hub.storage
    assert isinstance(storage, InAFile)
    copy_database(kept / storage.path.name, folder / storage.path.name)
    storage.path = folder / storage.path.name
    site.hub.start()
    for machine in site.machines.values():
        copy_database(kept / machine.file.name, folder / machine.file.name)
        machine.file = folder / machine.file.name
        machine.wake()
    return whole
