"""The least of libfuse 2 that a file system for tests needs, bound with ctypes (x86-64 Linux only).

A file system is an object with the methods of `Filesystem`; it answers, or raises an `OSError` whose errno the caller
of the system call gets. Layouts are those of FUSE 2.9's `fuse.h` and of glibc's `struct stat` and `struct statvfs`.
The thing a newcomer would get wrong: any other exception in a callback is a bug of the file system, and there is
nobody to raise it to; the process ends, and every call on the mount fails until it is unmounted.
"""

import ctypes
import os
import sys
import traceback
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_size_t, c_uint, c_uint64, c_void_p
from typing import Any, Protocol

LIBRARY = "libfuse.so.2"
_BUG_EXIT = 70


class Attributes(Protocol):
    """What a stat call tells of a file or directory."""

    number: int
    mode: int
    changes: int

    @property
    def size(self) -> int:
        """Return the length in bytes."""


class Filesystem(Protocol):
    """A file system; `where` is a path, or a handle that it gave out."""

    def attributes(self, where: str | int) -> Attributes:
        """Return what a stat call tells."""

    def names(self, path: str) -> list[str]:
        """Return the names in a directory."""

    def make_directory(self, path: str, mode: int) -> None:
        """Make an empty directory."""

    def create(self, path: str, mode: int) -> int:
        """Make an empty file and return a handle."""

    def open(self, path: str) -> int:
        """Return a handle of a file."""

    def release(self, handle: int) -> None:
        """Take a handle back."""

    def read(self, handle: int, size: int, offset: int) -> bytes:
        """Return up to this many bytes."""

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all the bytes."""

    def truncate(self, where: str | int, size: int) -> None:
        """Give a file this length."""

    def remove(self, path: str) -> None:
        """Remove a file or an empty directory."""

    def rename(self, old: str, new: str) -> None:
        """Give a file or directory another path, in place of what was there."""

    def change_mode(self, path: str, mode: int) -> None:
        """Set the permissions."""

    def sync(self, where: str | int) -> None:
        """Make a file (by handle) or the entries of a directory (by path) durable."""


class _Stat(Structure):
    _fields_ = (
        ("st_dev", c_uint64),
        ("st_ino", c_uint64),
        ("st_nlink", c_uint64),
        ("st_mode", c_uint),
        ("st_uid", c_uint),
        ("st_gid", c_uint),
        ("padding", c_uint),
        ("st_rdev", c_uint64),
        ("st_size", c_int64),
        ("st_blksize", c_int64),
        ("st_blocks", c_int64),
        ("st_atim", c_int64 * 2),
        ("st_mtim", c_int64 * 2),
        ("st_ctim", c_int64 * 2),
        ("reserved", c_int64 * 3),
    )


class _StatVfs(Structure):
    _fields_ = (
        ("f_bsize", c_uint64),
        ("f_frsize", c_uint64),
        ("f_blocks", c_uint64),
        ("f_bfree", c_uint64),
        ("f_bavail", c_uint64),
        ("f_files", c_uint64),
        ("f_ffree", c_uint64),
        ("f_favail", c_uint64),
        ("f_fsid", c_uint64),
        ("f_flag", c_uint64),
        ("f_namemax", c_uint64),
        ("spare", c_int * 6),
    )


class _FileInfo(Structure):
    _fields_ = (
        ("flags", c_int),
        ("fh_old", c_uint64),
        ("writepage", c_int),
        ("bits", c_uint),
        ("fh", c_uint64),
        ("lock_owner", c_uint64),
    )


_INFO = POINTER(_FileInfo)
_FILLER = CFUNCTYPE(c_int, c_void_p, c_char_p, c_void_p, c_int64)

# The order of `struct fuse_operations`; None where we leave the default or "not supported" of the library.
_OPERATIONS: tuple[tuple[str, tuple[Any, ...] | None], ...] = (
    ("getattr", (c_char_p, POINTER(_Stat))),
    ("readlink", None),
    ("getdir", None),
    ("mknod", None),
    ("mkdir", (c_char_p, c_uint)),
    ("unlink", (c_char_p,)),
    ("rmdir", (c_char_p,)),
    ("symlink", None),
    ("rename", (c_char_p, c_char_p)),
    ("link", None),
    ("chmod", (c_char_p, c_uint)),
    ("chown", (c_char_p, c_uint, c_uint)),
    ("truncate", (c_char_p, c_int64)),
    ("utime", None),
    ("open", (c_char_p, _INFO)),
    ("read", (c_char_p, c_void_p, c_size_t, c_int64, _INFO)),
    ("write", (c_char_p, c_void_p, c_size_t, c_int64, _INFO)),
    ("statfs", (c_char_p, POINTER(_StatVfs))),
    ("flush", None),
    ("release", (c_char_p, _INFO)),
    ("fsync", (c_char_p, c_int, _INFO)),
    ("setxattr", None),
    ("getxattr", None),
    ("listxattr", None),
    ("removexattr", None),
    ("opendir", None),
    ("readdir", (c_char_p, c_void_p, _FILLER, c_int64, _INFO)),
    ("releasedir", None),
    ("fsyncdir", (c_char_p, c_int, _INFO)),
    ("init", None),
    ("destroy", None),
    ("access", None),
    ("create", (c_char_p, c_uint, _INFO)),
    ("ftruncate", (c_char_p, c_int64, _INFO)),
    ("fgetattr", (c_char_p, POINTER(_Stat), _INFO)),
    ("lock", None),
    ("utimens", (c_char_p, c_void_p)),
    ("bmap", None),
)
_AFTER_FLAGS = ("ioctl", "poll", "write_buf", "read_buf", "flock", "fallocate")
_NULL_PATH_OK = 1
"""The lowest bit of the flags: calls on a handle may come without a path, as those on an unlinked file do."""


class _Operations(Structure):
    _fields_ = (
        *((name, CFUNCTYPE(c_int, *types) if types else c_void_p) for name, types in _OPERATIONS),
        ("flags", c_uint),
        *((name, c_void_p) for name in _AFTER_FLAGS),
    )


class _Callbacks:
    """Turns the library's calls into those of a `Filesystem`, one method per operation that we answer."""

    def __init__(self, filesystem: Filesystem, owner: tuple[int, int]) -> None:
        self._fs, self._owner = filesystem, owner

    def getattr(self, path: bytes, stat: Any) -> None:
        self._fill(stat.contents, self._fs.attributes(os.fsdecode(path)))

    def fgetattr(self, path: bytes | None, stat: Any, info: Any) -> None:
        self._fill(stat.contents, self._fs.attributes(info.contents.fh))

    def mkdir(self, path: bytes, mode: int) -> None:
        self._fs.make_directory(os.fsdecode(path), mode)

    def unlink(self, path: bytes) -> None:
        self._fs.remove(os.fsdecode(path))

    def rmdir(self, path: bytes) -> None:
        self._fs.remove(os.fsdecode(path))

    def rename(self, old: bytes, new: bytes) -> None:
        self._fs.rename(os.fsdecode(old), os.fsdecode(new))

    def chmod(self, path: bytes, mode: int) -> None:
        self._fs.change_mode(os.fsdecode(path), mode)

    def chown(self, path: bytes, user: int, group: int) -> None:
        """Keep the owner: SQLite as root hands its files to the owner of the database, who is the same."""

    def utimens(self, path: bytes, times: int) -> None:
        """Keep no times: nothing here has a clock."""

    def truncate(self, path: bytes, size: int) -> None:
        self._fs.truncate(os.fsdecode(path), size)

    def ftruncate(self, path: bytes | None, size: int, info: Any) -> None:
        self._fs.truncate(info.contents.fh, size)

    def open(self, path: bytes, info: Any) -> None:
        info.contents.fh = self._fs.open(os.fsdecode(path))

    def create(self, path: bytes, mode: int, info: Any) -> None:
        info.contents.fh = self._fs.create(os.fsdecode(path), mode)

    def release(self, path: bytes | None, info: Any) -> None:
        self._fs.release(info.contents.fh)

    def read(self, path: bytes | None, buffer: int, size: int, offset: int, info: Any) -> int:
        data = self._fs.read(info.contents.fh, size, offset)
        ctypes.memmove(buffer, data, len(data))
        return len(data)

    def write(self, path: bytes | None, buffer: int, size: int, offset: int, info: Any) -> int:
        self._fs.write(info.contents.fh, ctypes.string_at(buffer, size), offset)
        return size

    def statfs(self, path: bytes, answer: Any) -> None:
        blocks = 1 << 20
        answer.contents.f_bsize = answer.contents.f_frsize = 4096
        answer.contents.f_blocks = answer.contents.f_bfree = answer.contents.f_bavail = blocks
        answer.contents.f_files = answer.contents.f_ffree = answer.contents.f_favail = blocks
        answer.contents.f_namemax = 255

    def fsync(self, path: bytes | None, data_only: int, info: Any) -> None:
        self._fs.sync(info.contents.fh)

    def fsyncdir(self, path: bytes, data_only: int, info: Any) -> None:
        self._fs.sync(os.fsdecode(path))

    def readdir(self, path: bytes, buffer: int, filler: Any, offset: int, info: Any) -> None:
        for name in (".", "..", *self._fs.names(os.fsdecode(path))):
            filler(buffer, os.fsencode(name), None, 0)

    def _fill(self, stat: _Stat, attributes: Attributes) -> None:
        ctypes.memset(ctypes.byref(stat), 0, ctypes.sizeof(stat))
        stat.st_ino, stat.st_mode, stat.st_nlink = attributes.number, attributes.mode, 1
        stat.st_uid, stat.st_gid = self._owner
        stat.st_size, stat.st_blksize, stat.st_blocks = attributes.size, 4096, -(-attributes.size // 512)
        stat.st_mtim[0] = stat.st_ctim[0] = attributes.changes


def _answering(method: Callable[..., int | None]) -> Callable[..., int]:
    def callback(*arguments: Any) -> int:
        try:
            return method(*arguments) or 0
        except OSError as error:
            return -(error.errno or 5)

    return callback


def _end_on_bug(unraisable: Any) -> None:
    traceback.print_exception(unraisable.exc_value)
    sys.stderr.flush()
    os._exit(_BUG_EXIT)


def serve(filesystem: Filesystem, mount_point: str, owner: tuple[int, int] | None = None) -> int:
    """Mount a file system and answer its calls, one at a time, until it is unmounted; return the library's verdict.

    Args:
        filesystem: what answers.
        mount_point: a folder.
        owner: user and group whose all of it is, where that is somebody else than who mounts it; both may use it.
    """
    library = ctypes.CDLL(LIBRARY)
    sys.unraisablehook = _end_on_bug
    operations = _Operations(flags=_NULL_PATH_OK)
    callbacks = _Callbacks(filesystem, owner or (os.getuid(), os.getgid()))
    for name, types in _OPERATIONS:
        if types:
            setattr(operations, name, CFUNCTYPE(c_int, *types)(_answering(getattr(callbacks, name))))
    options = "big_writes,use_ino,hard_remove,default_permissions,fsname=lossyfs" + (",allow_other" if owner else "")
    arguments = [os.fsencode(word) for word in ("lossyfs", "-f", "-s", "-o", options, mount_point)]
    vector = (c_char_p * len(arguments))(*arguments)
    verdict: int = library.fuse_main_real(
        len(arguments), vector, ctypes.byref(operations), c_size_t(ctypes.sizeof(operations)), None
    )
    return verdict
