"""What glibc's ``malloc`` does with memory that is freed, in the whole process; without glibc, nothing happens."""

from __future__ import annotations

import ctypes
import platform

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


def keep_freed_memory() -> None:
    """Keep large blocks of memory when they are freed.

    By default they return to the system at once, and the next step of a training gets them back page by page, which takes up
    to a third of its time.
    """
    _set(M_MMAP_THRESHOLD, 2**30)
    _set(M_TRIM_THRESHOLD, 2**31 - 1)


def return_freed_memory() -> None:
    """Return every block from 128 KiB on when it is freed.

    By default glibc raises that limit when it sees larger blocks; a server that has just started then keeps 10 MB more.
    """
    _set(M_MMAP_THRESHOLD, 128 * 1024)


def _set(parameter: int, value: int) -> None:
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(parameter, value)
