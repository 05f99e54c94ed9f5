"""Command lines on consoles of all kinds."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path


def print_everywhere() -> None:
    """Let ``print`` and error messages write a question mark where the console lacks a character, instead of failing.

    Consoles of Windows know 256 characters, and a container without a locale may know 128.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def path(text: str) -> Path:
    """A path as an argument names it; ``~`` is the home folder, which shells leave as it is in ``--out=~/mine``."""
    return Path(text).expanduser()
