"""A file system that forgets on a power cut what was not synced, tears it and reorders it: the disk that IT fears.

`python -m tests.simulation.lossyfs MOUNT STORE --seed N` mounts it; STORE is what it starts with and, after a cut or
a clean unmount, what is on the platter. Writing to `MOUNT/.lossyfs` cuts the power: an empty line now, `K` after K
further changes; `refuse K N` lets N changes from the K-th on fail with EIO, as a disk with bad blocks does. From a cut on every call fails with EIO, and STORE holds, per file, everything that was synced and a
random choice of the rest; `STORE-numbers.json` beside it has the files' numbers. Creating, renaming and removing last when the directory or the file itself is synced; what
is left of them is kept up to a random point, in order, as a journal would.

The thing a newcomer would get wrong: `Disk` is a pure model and needs neither FUSE nor root; the process around it is
only for programs, such as SQLite, that insist on real files.
"""

import argparse
import errno
import json
import os
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from platform import machine

from tests.simulation.fuse2 import LIBRARY, serve

SECTOR_BYTES = 512
CONTROL = "/.lossyfs"
_CAP_SYS_ADMIN = 21
_START_SECONDS, _STOP_SECONDS = 20, 20


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes handed to the disk and not yet synced."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    """A new length, not yet synced."""

    size: int


Change = Write | Truncate


def apply_change(content: bytearray, change: Change) -> None:
    """Carry out a change; a hole reads as zeros."""
    size = change.size if isinstance(change, Truncate) else max(len(content), change.offset + len(change.data))
    content.extend(bytes(max(0, size - len(content))))
    if isinstance(change, Truncate):
        del content[change.size :]
    else:
        content[change.offset : change.offset + len(change.data)] = change.data


def sectors(write: Write) -> list[Write]:
    """Return a write in the pieces that a disk writes whole."""
    end = write.offset + len(write.data)
    edges = [write.offset, *range(-(-(write.offset + 1) // SECTOR_BYTES) * SECTOR_BYTES, end, SECTOR_BYTES), end]
    return [
        Write(low, write.data[low - write.offset : high - write.offset]) for low, high in pairwise(edges) if low < high
    ]


def surviving(pending: list[Change], chance: random.Random) -> list[Change]:
    """Return which unsynced changes of a file reach the platter, in which order, the last of them perhaps torn."""
    if chance.random() < 0.5:
        kept = [change for change in pending if chance.random() < 0.5]
        chance.shuffle(kept)
    else:
        kept = pending[: chance.randint(0, len(pending))]
    last = kept[-1] if kept else None
    if isinstance(last, Write) and chance.random() < 0.5:
        kept[-1:] = [piece for piece in sectors(last) if chance.random() < 0.5]
    return kept


@dataclass(slots=True, eq=False)
class Node:
    """A file or directory: what a program sees of it, and what the platter has."""

    number: int
    mode: int
    live: bytearray = field(default_factory=bytearray)
    synced: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)
    changes: int = 0

    @property
    def size(self) -> int:
        """Return the length that a program sees, in bytes."""
        return len(self.live)

    @property
    def is_directory(self) -> bool:
        """Return whether this is a directory."""
        return stat.S_ISDIR(self.mode)

    def change(self, change: Change) -> None:
        """Let programs see a change that the platter does not have yet."""
        apply_change(self.live, change)
        self.pending.append(change)
        self.changes += 1

    def sync(self) -> None:
        """Put everything on the platter."""
        for change in self.pending:
            apply_change(self.synced, change)
        self.pending.clear()


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of the journal of names: `node` gets the name `new` (or none) and gives up `old` (or none)."""

    node: Node
    old: str | None
    new: str | None

    def carry_out(self, names: dict[str, Node]) -> None:
        """Change the names; a directory takes what is in it along."""
        if self.old is None and self.new is not None:
            names[self.new] = self.node
        elif self.old is not None and self.new is None:
            del names[self.old]
        elif self.old is not None and self.new is not None:
            for path in [path for path in names if path == self.old or path.startswith(self.old + "/")]:
                names[self.new + path[len(self.old) :]] = names.pop(path)

    def is_in(self, directory: str) -> bool:
        """Return whether this step changes the entries of a directory."""
        return any(path is not None and parent(path) == directory for path in (self.old, self.new))


def parent(path: str) -> str:
    """Return the directory that a path is in."""
    return path.rpartition("/")[0] or "/"


class Disk:
    """The model: files by path, each change pending until it is synced, and the cut."""

    def __init__(self, store: Path, seed: int, *, lying: bool = False) -> None:
        """Start with what the store holds.

        Args:
            store: The directory with what is on the platter.
            seed: Decides what survives a cut.
            lying: Say that everything asked for is synced, and sync nothing.
        """
        self._store, self._seed, self._lying = store, seed, lying
        self._known = store.with_name(f"{store.name}-numbers.json")
        self._live: dict[str, Node] = {}
        self._journal: list[Entry] = []
        self._open: dict[int, Node] = {}
        self._numbers = 0
        self._changes_left: int | None = None
        self._until_refused, self._to_refuse = 0, 0
        self.is_cut = False
        self._control = self._node(stat.S_IFREG | 0o600)
        self._live["/"] = self._node(stat.S_IFDIR | 0o755)
        self._load()
        self._platter = dict(self._live)

    def _load(self) -> None:
        # A file is the same file after its power went, by its number too.
        known = json.loads(self._known.read_text(encoding="utf-8")) if self._known.exists() else {}
        self._numbers = max((self._numbers, *known.values()))
        for found in sorted(self._store.rglob("*")):
            path = "/" + found.relative_to(self._store).as_posix()
            node = self._node(found.stat().st_mode)
            node.number = known.get(path, node.number)
            if found.is_file():
                node.live[:] = node.synced[:] = found.read_bytes()
            self._live[path] = node

    def _node(self, mode: int) -> Node:
        self._numbers += 1
        return Node(self._numbers, mode)

    # What programs ask

    def attributes(self, where: str | int) -> Node:
        """Return what a file or directory is; the root and the control file can be asked even without power."""
        if where == "/":
            return self._live["/"]
        return self._control if where == CONTROL else self._node_at(where)

    def names(self, path: str) -> list[str]:
        """Return the names in a directory."""
        self._node_at(path)
        return sorted(other.rpartition("/")[2] for other in self._live if other != "/" and parent(other) == path)

    def open(self, path: str) -> int:
        """Return a handle of a file."""
        return self._opened(self._control if path == CONTROL else self._node_at(path))

    def release(self, handle: int) -> None:
        """Take a handle back."""
        del self._open[handle]

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to this many bytes as programs see them."""
        return bytes(self._node_at(handle).live[offset : offset + size])

    # What programs change

    def create(self, path: str, mode: int) -> int:
        """Make an empty file and return a handle."""
        node = self._node(stat.S_IFREG | stat.S_IMODE(mode))
        self._step(Entry(node, None, path))
        return self._opened(node)

    def make_directory(self, path: str, mode: int) -> None:
        """Make an empty directory."""
        self._step(Entry(self._node(stat.S_IFDIR | stat.S_IMODE(mode)), None, path))

    def remove(self, path: str) -> None:
        """Remove a file or an empty directory; who holds it open keeps it."""
        self._must_be_empty(path)
        self._step(Entry(self._node_at(path), path, None))

    def rename(self, old: str, new: str) -> None:
        """Give a file or directory another path, in place of what was there."""
        if new in self._live:
            self._must_be_empty(new)
        self._step(Entry(self._node_at(old), old, new))

    def change_mode(self, path: str, mode: int) -> None:
        """Set the permissions; they are durable at once."""
        node = self._node_at(path)
        node.mode = stat.S_IFMT(node.mode) | stat.S_IMODE(mode)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all the bytes, or take a command for the power."""
        node = self._node_at(handle)
        if node is self._control:
            self._command(data)
        else:
            self._change(node, Write(offset, data))

    def truncate(self, where: str | int, size: int) -> None:
        """Give a file this length."""
        node = self._control if where == CONTROL else self._node_at(where)
        if node is not self._control:
            self._change(node, Truncate(size))

    def sync(self, where: str | int) -> None:
        """Put a file with its name (by handle), or the entries of a directory (by path), on the platter."""
        node = self._node_at(where)
        self._take()
        self._count()
        if self._lying or node is self._control:
            return
        if isinstance(where, int):
            node.sync()
            self._settle([step.node is node for step in self._journal])
        else:
            self._settle([step.is_in(where) for step in self._journal])

    # The power

    def cut(self) -> None:
        """Take the power away and leave in the store what the platter has; a second cut changes nothing."""
        if self.is_cut:
            return
        self.is_cut = True
        chance = random.Random(self._seed)
        for step in self._journal[: chance.randint(0, len(self._journal))]:
            step.carry_out(self._platter)
        for path in sorted(self._platter):
            node = self._platter[path]
            for change in surviving(node.pending, chance):
                apply_change(node.synced, change)
        self._write_store()

    def shut_down(self) -> None:
        """Sync everything and leave it in the store, unless the power was cut before."""
        if self.is_cut:
            return
        self.is_cut = True
        self._settle([True for _ in self._journal])
        for node in self._platter.values():
            node.sync()
        self._write_store()

    def _write_store(self) -> None:
        for old in self._store.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        for path in sorted(self._platter):
            node, place = self._platter[path], self._store / path[1:]
            if node.is_directory:
                place.mkdir(exist_ok=True)
            else:
                place.write_bytes(node.synced)
            place.chmod(stat.S_IMODE(node.mode))
        numbers = {path: node.number for path, node in self._platter.items()}
        self._known.write_text(json.dumps(numbers), encoding="utf-8")

    def _command(self, data: bytes) -> None:
        words = data.split()
        if words[:1] == [b"refuse"]:
            self._until_refused, self._to_refuse = int(words[1]), int(words[2])
            return
        self._changes_left = int(words[0]) if words else 0
        if self._changes_left == 0:
            self.cut()

    def _count(self) -> None:
        """Count a change that has reached the disk's queue, and fail the call if the power goes with it."""
        if self._changes_left is not None:
            self._changes_left -= 1
            if self._changes_left == 0:
                self.cut()
        if self.is_cut:
            raise OSError(errno.EIO, "no power")

    def _take(self) -> None:
        """Refuse a change that the disk cannot write: nothing of it is done."""
        self._until_refused = max(0, self._until_refused - 1)
        if self._to_refuse and not self._until_refused:
            self._to_refuse -= 1
            raise OSError(errno.EIO, "a bad block")

    # Inside

    def _node_at(self, where: str | int) -> Node:
        node = self._open.get(where) if isinstance(where, int) else self._live.get(where)
        if self.is_cut and node is not self._control:
            raise OSError(errno.EIO, "no power")
        if node is None:
            raise OSError(errno.ENOENT, str(where))
        return node

    def _must_be_empty(self, path: str) -> None:
        if self._node_at(path).is_directory and self.names(path):
            raise OSError(errno.ENOTEMPTY, path)

    def _opened(self, node: Node) -> int:
        self._numbers += 1
        self._open[self._numbers] = node
        return self._numbers

    def _change(self, node: Node, change: Change) -> None:
        self._take()
        node.change(change)
        self._count()

    def _step(self, step: Entry) -> None:
        if self.is_cut:
            raise OSError(errno.EIO, "no power")
        self._take()
        step.carry_out(self._live)
        self._journal.append(step)
        self._count()

    def _settle(self, asked_for: list[bool]) -> None:
        """Put the journal of names on the platter, up to the last step that was asked for."""
        until = max((at + 1 for at, asked in enumerate(asked_for) if asked), default=0)
        for step in self._journal[:until]:
            step.carry_out(self._platter)
        del self._journal[:until]


def unavailable() -> str | None:
    """Return why this machine cannot mount it, or None."""
    if sys.platform != "linux" or machine() != "x86_64":
        return "the FUSE binding is for x86-64 Linux"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse cannot be opened: {error.strerror}"
    if not _may_mount():
        return "mounting needs root (CAP_SYS_ADMIN)"
    try:
        CDLL(LIBRARY)
    except OSError:
        return f"{LIBRARY} is not installed (Debian: libfuse2)"
    return None


def _may_mount() -> bool:
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    capabilities = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff:"))
    return bool(int(capabilities, 16) >> _CAP_SYS_ADMIN & 1)


@dataclass(frozen=True, slots=True)
class LossyMount:
    """A mounted lossy file system, from the outside."""

    path: Path
    store: Path

    def cut(self) -> None:
        """Cut the power now; when this returns the store is complete."""
        self._control("\n")

    def cut_after(self, changes: int) -> None:
        """Cut the power with the given further write, truncation, sync or change of a name (1 is the next one)."""
        self._control(f"{changes}\n")

    def refuse(self, after: int, times: int) -> None:
        """Let so many changes fail, from the given further one on (1 is the next one)."""
        self._control(f"refuse {after} {times}\n")

    def _control(self, command: str) -> None:
        with (self.path / CONTROL[1:]).open("w", encoding="ascii") as control:
            control.write(command)


@contextmanager
def mounted(folder: Path, *, seed: int, lying: bool = False, owner: str = "") -> Iterator[LossyMount]:
    """Mount a lossy file system in a folder of the test's own, over its store if it has one; unmount at the end.

    Args:
        folder: where.
        seed: decides what survives a cut.
        lying: say that everything asked for is synced, and sync nothing.
        owner: user and group of all that is on it, `0:0`, where that is somebody else.

    Raises:
        RuntimeError: It could not be mounted.
    """
    mount = LossyMount(folder / "mount", folder / "store")
    mount.path.mkdir(exist_ok=True)
    mount.store.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.simulation.lossyfs", str(mount.path), str(mount.store), "--seed", str(seed)]
    root = Path(__file__).parents[2]
    command += [*(["--lying"] if lying else []), *(["--owner", owner] if owner else [])]
    with (folder / "lossyfs.log").open("ab") as log:
        server = subprocess.Popen(command, cwd=root, stdout=log, stderr=log)
    try:
        _await_mount(server, mount, folder / "lossyfs.log")
        yield mount
    finally:
        _unmount(server, mount)


def _await_mount(server: "subprocess.Popen[bytes]", mount: LossyMount, log: Path) -> None:
    """Wait until the mount answers; the wait is for another process, so it is a real one."""
    for _ in range(_START_SECONDS * 50):
        if os.path.ismount(mount.path):
            return
        try:
            server.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue
        break
    raise RuntimeError(f"lossyfs did not mount: {log.read_text(errors='replace')}")


def _unmount(server: "subprocess.Popen[bytes]", mount: LossyMount) -> None:
    # Lazily (-l), so that a child which still holds a file open cannot keep the mount of a failed test alive; by the
    # administrator's own umount, since the package with fusermount would drive the newer FUSE off a desktop.
    subprocess.run(["umount", "-l", str(mount.path)], check=False, capture_output=True, timeout=_STOP_SECONDS)
    try:
        server.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(timeout=_STOP_SECONDS)


def main() -> int:
    """Mount and serve until unmounted."""
    parser = argparse.ArgumentParser(description="A file system that forgets what was not synced.")
    parser.add_argument("mount", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--lying", action="store_true", help="report syncs as done and do none")
    parser.add_argument("--owner", default="", help="user and group of all that is on it, as numbers: 0:0")
    options = parser.parse_args()
    disk = Disk(options.store.resolve(), options.seed, lying=options.lying)
    user, _, group = options.owner.partition(":")
    verdict = serve(disk, str(options.mount.resolve()), (int(user), int(group)) if user else None)
    disk.shut_down()
    return verdict


if __name__ == "__main__":
    sys.exit(main())
