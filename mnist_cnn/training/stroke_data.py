"""The pen strokes that the project ships for training, in one compact file, and how that file is made.

It is an ``npz`` of whole numbers without pickles. Each drawing is scaled so that its longer side runs from 0 to 255, and
each stroke is simplified to the corners of its path. ``strokes/README.md`` names the sources.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_cnn.drawing.unipen import Drawing

PACKED = Path(__file__).parents[2] / "strokes" / "strokes.npz"
"""The file that a fresh clone has."""
SIDE = 255
"""The longer side of a packed drawing, in its units."""
HELD_OUT_PERCENT = 20
"""About this share of the writers is never trained on."""
STRAIGHT = 0.1
"""A line is straight if no point is farther than this share of its length from the line between its ends."""
TABLET = "pendigits:"
"""The names of the writers of ``pendigits-orig.tra`` begin with this; all others are UNIPEN's."""
COPIED = frozenset({"ibm:r01-04", "ibm:r03-13"})
"""Held-out writers of UNIPEN on whom nothing is measured: 68 and 67 of their drawings are, point by point, also those of the
training writers ibm:r04-04 and ibm:r01-13, as UNIPEN has them."""


class StrokesError(ValueError):
    """A file of strokes cannot be used; the message names it and says what is wrong."""


@dataclass(frozen=True)
class StrokeData:
    """Many drawings in flat arrays: each has the next ``lengths`` strokes, each stroke the next ``sizes`` points."""

    points: NDArray[np.uint8]  # (points, 2), x to the right, y down, 0…SIDE
    sizes: NDArray[np.uint16]  # (strokes,): number of points of each
    lengths: NDArray[np.uint8]  # (drawings,): number of strokes of each
    labels: NDArray[np.uint8]  # (drawings,): ASCII codes
    writers: NDArray[np.uint16]  # (drawings,): index into ``names``
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def digits(self) -> NDArray[np.int64]:
        """(drawings,): the digit of each, −1 for letters and signs."""
        values = self.labels.astype(np.int64) - ord("0")
        return np.where((values >= 0) & (values <= 9), values, -1)

    @property
    def held_out(self) -> NDArray[np.bool_]:
        """(drawings,): whether the writer of each is held out."""
        return np.array([is_held_out(name) for name in self.names])[self.writers]

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """(drawings,): whether no network was trained on anything by the writer of each."""
        return np.array([is_unseen(name) for name in self.names])[self.writers]

    @property
    def of_tablet(self) -> NDArray[np.bool_]:
        """(drawings,): whether each is from ``pendigits-orig.tra``."""
        return np.array([name.startswith(TABLET) for name in self.names])[self.writers]

    @property
    def cut_off(self) -> NDArray[np.bool_]:
        """(drawings,): whether each is a straight line labelled as a digit other than 1: a part of a digit, cut off."""
        found: NDArray[np.bool_] = (self.digits >= 0) & (self.digits != 1) & (self.lengths == 1)
        found[found] = [len(simplify(path.astype(np.float64), STRAIGHT * SIDE)) == 2 for [path] in self.paths(found)]
        return found

    def paths(self, chosen: NDArray[np.bool_]) -> list[list[NDArray[np.float32]]]:
        """The strokes of the ``chosen`` drawings, (points, 2) each."""
        paths = np.split(self.points.astype(np.float32), np.cumsum(self.sizes)[:-1])
        ends = np.cumsum(self.lengths, dtype=np.int64)
        return [paths[ends[i] - self.lengths[i] : ends[i]] for i in np.flatnonzero(chosen)]

    def drawings(self) -> list[Drawing]:
        """All drawings as objects."""
        everything = self.paths(np.ones(len(self), bool))
        return [
            Drawing(chr(label), [[(float(x), float(y)) for x, y in path] for path in paths], self.names[writer])
            for label, writer, paths in zip(self.labels, self.writers, everything, strict=True)
        ]


def is_held_out(writer: str) -> bool:
    """Whether nothing is ever trained on ``writer``: true for about a fifth, by a hash of the name."""
    return int(hashlib.sha256(writer.encode()).hexdigest(), 16) % 100 < HELD_OUT_PERCENT


def is_unseen(writer: str) -> bool:
    """Whether ``writer`` is held out, and no drawings of theirs are also a training writer's."""
    return is_held_out(writer) and writer not in COPIED


def unseen(drawings: list[Drawing]) -> list[Drawing]:
    """Those digits of ``pendigits-orig.tra`` whose writers no network was trained on."""
    return [drawing for drawing in drawings if is_held_out(TABLET + drawing.writer)]


def read_json_lines(path: Path) -> list[Drawing]:
    """The drawings of a gzipped file of JSON lines: label, writer and strokes, y pointing down.

    Raises ``StrokesError`` when a line has another form, and ``OSError`` when the file cannot be read.
    """
    drawings = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                values = json.loads(line)
                strokes = [[(float(x), float(y)) for x, y in stroke] for stroke in values["strokes"] if stroke]
                drawings.append(Drawing(str(values["label"]), strokes, str(values["writer"])))
            except (ValueError, TypeError, KeyError) as error:
                raise StrokesError(f"{path}, line {number} is not a drawing ({error})") from error
    return drawings


def simplify(path: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """``path``, (N, 2), without the points that are at most ``tolerance`` from the straight line between those kept.

    The algorithm of Douglas and Peucker, 1973; both ends are kept.
    """
    keep = np.zeros(len(path), bool)
    keep[[0, -1]] = True
    parts = [(0, len(path) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        start, along = path[first], path[last] - path[first]
        inner = path[first + 1 : last] - start
        share = (inner @ along / max(float(along @ along), 1e-12)).clip(0, 1)
        distance = np.hypot(*(inner - share[:, None] * along).T)
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return path[keep]


def pack(drawings: list[Drawing], tolerance: float) -> StrokeData:
    """``drawings``, in any unit, in compact form; those without a point are left out.

    ``tolerance`` is that of ``simplify``, in units of the result.
    """
    drawings = [drawing for drawing in drawings if any(drawing.strokes)]
    names = tuple(sorted({drawing.writer for drawing in drawings}))
    index = {name: number for number, name in enumerate(names)}
    paths, sizes, lengths = [], [], []
    for drawing in drawings:
        strokes = [np.array(stroke, float) for stroke in drawing.strokes if stroke]
        points = np.concatenate(strokes)
        low, extent = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-9)
        lengths.append(len(strokes))
        for stroke in strokes:
            path = simplify((stroke - low) * (SIDE / extent), tolerance).round().astype(np.uint8)
            paths.append(path)
            sizes.append(len(path))
    return StrokeData(
        points=np.concatenate(paths),
        sizes=np.array(sizes, np.uint16),
        lengths=np.array(lengths, np.uint8),
        labels=np.array([ord(drawing.label) for drawing in drawings], np.uint8),
        writers=np.array([index[drawing.writer] for drawing in drawings], np.uint16),
        names=names,
    )


def save_packed(path: Path, strokes: StrokeData) -> None:
    """Write the compact file. It holds the steps from each point to the next, which compress to two thirds."""
    steps = np.diff(strokes.points, axis=0, prepend=np.zeros((1, 2), np.uint8))  # modulo 256
    names = np.frombuffer("\n".join(strokes.names).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        steps=steps,
        names=names,
        sizes=strokes.sizes,
        lengths=strokes.lengths,
        labels=strokes.labels,
        writers=strokes.writers,
    )


def load_packed(path: Path = PACKED) -> StrokeData:
    """What ``save_packed`` wrote. Raises ``StrokesError`` when the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            steps, names = file["steps"], bytes(file["names"]).decode().split("\n")
            rest = {name: file[name] for name in ("sizes", "lengths", "labels", "writers")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StrokesError(f"{path} cannot be read ({error}); fetch it again") from error
    if steps.ndim != 2 or steps.shape[1] != 2 or any(each.ndim != 1 for each in rest.values()):
        raise StrokesError(f"{path} is damaged: an array has the wrong number of dimensions; fetch it again")
    found = StrokeData(points=np.cumsum(steps, axis=0, dtype=np.uint8), names=tuple(names), **rest)
    count = len(found)
    fits = (
        count > 0
        and len(found.lengths) == len(found.writers) == count
        and int(found.sizes.sum(dtype=np.int64)) == len(found.points)
        and int(found.lengths.sum(dtype=np.int64)) == len(found.sizes)
        and int(found.sizes.min()) > 0
        and int(found.lengths.min()) > 0
        and int(found.writers.max()) < len(names)
    )
    if not fits:
        raise StrokesError(f"{path} is damaged: its arrays do not match; fetch it again")
    return found
