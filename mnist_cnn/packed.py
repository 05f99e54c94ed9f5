"""Arrays in one compressed file, which the page reads too: ``web/pad/data.js``.

A line of JSON describes the file; the arrays' bytes follow, and all of it is compressed by gzip. An array's first bytes come
first, then its second ones, and so on: equal ones are then neighbours, which compress better.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import numpy as np

DTYPES = ("uint8", "int8", "int16", "float32")
"""The types of arrays that both languages read; all are stored with the low byte first."""

FOUR_BITS = 15
"""The largest level of a pixel in an image of four bits, of which a byte holds two."""


class PackedError(ValueError):
    """A packed file is damaged; the message says why."""


def pack(about: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """``about`` (plain values for JSON) and ``arrays`` as one file. Raises ``TypeError`` for an array of another type."""
    shapes: dict[str, Any] = {}
    parts: list[bytes] = []
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise TypeError(f"{name} is {array.dtype}, but a packed array is one of {', '.join(DTYPES)}")
        shapes[name] = {"dtype": array.dtype.name, "shape": list(array.shape)}
        values = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        parts.append(values.view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes())
    head = json.dumps({"about": about, "arrays": shapes}).encode() + b"\n"
    return gzip.compress(head + b"".join(parts), mtime=0)


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What ``pack`` was given. Raises ``PackedError`` if ``content`` is damaged."""
    try:
        head, body = gzip.decompress(content).split(b"\n", 1)
        described = json.loads(head)
        arrays = {}
        for name, kind in described["arrays"].items():
            if kind["dtype"] not in DTYPES:
                raise TypeError(f"{name} has an unknown type")
            dtype = np.dtype(kind["dtype"])
            count = int(np.prod(kind["shape"])) * dtype.itemsize
            planes = np.frombuffer(body[:count], np.uint8).reshape(dtype.itemsize, -1)
            values = np.ascontiguousarray(planes.T).view(dtype.newbyteorder("<"))
            arrays[name] = values.astype(dtype).reshape(kind["shape"])
            body = body[count:]
        return described["about"], arrays
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PackedError(f"it is damaged ({error})") from error


def to_bytes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, columns), none below 0 -> the same as uint8, and the float32 (columns,) by which to multiply each column."""
    scales = (np.maximum(values.max(axis=0), np.finfo(np.float32).tiny) / 255).astype(np.float32)
    return np.rint(values / scales).astype(np.uint8), scales


def to_four_bits(images: np.ndarray) -> np.ndarray:
    """(N, 28, 28) uint8 -> (N, 392) uint8: two neighbouring pixels in a byte, the first in its upper half."""
    levels = np.rint(images.reshape(len(images), -1) / (255 / FOUR_BITS)).astype(np.uint8)
    return levels[:, ::2] << 4 | levels[:, 1::2]


def from_four_bits(pixels: np.ndarray) -> np.ndarray:
    """(N, 392) uint8 of ``to_four_bits`` -> (N, 28, 28) uint8, 0…255."""
    levels = np.stack([pixels >> 4, pixels & FOUR_BITS], axis=2).reshape(len(pixels), 28, 28)
    return (levels * (255 // FOUR_BITS)).astype(np.uint8)
