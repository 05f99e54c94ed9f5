"""How many pictures by strangers are read: ``python -m benchmarks.pictures --folder ../shared/data/pictures``.

The folder holds pictures and ``labels.csv``: file, label, kind, source, note. Every picture is read as ``/predict`` reads
an upload, by one network. Right is a number that is the label, line by line; of letters before the digits nothing may be
read. Digits are compared by the edit distance over lines, those whose note says *scattered* as a multiset. *Clear* is what
is right of the pictures whose label nobody could dispute. ``--out`` writes contact sheets of the pictures that were not
read right, with their boxes. ``--try photo.MIN_DEVIATIONS 5 3 4`` reads the pictures of every source with that value of a
constant that reads most pictures of all other sources right.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageOps
from tqdm import tqdm

from benchmarks.numbers import edits
from mnist_cnn import checkpoint
from mnist_cnn.confidence import NOT_A_DIGIT, load_confidence
from mnist_cnn.drawing import DrawingError, decode
from mnist_cnn.predict import Prediction, predict
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS

NO_DIGIT = "none"
"""The label of a picture without digits."""
KINDS = {
    "drawn": "drawn with mouse or tablet",
    "small": "about 28×28 already",
    "photo": "photograph, one digit",
    "rows": "photograph, one row of digits",
    "sheets": "sheet: several lines, or scattered",
    "none": "no digit in it",
    "other": "other",
}
SINGLE = "drawn", "small", "photo"
PHOTOGRAPHS = "photo", "rows", "sheets"
TILE = 240
"""Pixels of the longer side of a picture on a contact sheet."""
TILES_ACROSS, TILES_DOWN = 6, 5


@dataclass(frozen=True)
class Labelled:
    """One row of ``labels.csv``."""

    path: Path
    label: str  # "none", or the digits; lines are separated by "/"
    kind: str  # a key of ``KINDS``
    source: str
    note: str

    @property
    def number(self) -> str:
        """What ``/predict`` should return as ``number``."""
        return "" if self.label == NO_DIGIT else re.sub("[A-Z]", "", self.label).replace("/", "\n")

    @property
    def is_scattered(self) -> bool:
        """Whether the order of the digits is open."""
        return "scattered" in self.note.lower()

    @property
    def is_disputed(self) -> bool:
        """Whether people could read it differently."""
        return "HARD" in self.note or "AMBIGUOUS" in self.note


@dataclass(frozen=True)
class Reading:
    """What was read in one picture."""

    number: str
    refused: bool  # one digit was found, and it did not look like one
    boxes: list[tuple[str, list[float]]]  # what stands at the box, "" where it was left out; left, top, right, bottom
    seconds: float


def read_labels(folder: Path) -> list[Labelled]:
    """The pictures of ``folder`` in the order of ``labels.csv``. Raises ``FileNotFoundError`` without that file."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Labelled(folder / row["file"], row["label"], kind_of(row["kind"], row["label"]), row["source"], row["note"])
        for row in rows
    ]


def kind_of(kind: str, label: str) -> str:
    """The key of ``KINDS`` of a picture whose row in ``labels.csv`` has ``kind`` and ``label``."""
    if label == NO_DIGIT:
        return "none"
    if kind == "photo":
        return "photo" if len(label) == 1 else "rows"
    return {"paint": "drawn", "mnist28": "small", "sheet": "sheets"}.get(kind, "other")


@cache
def network(iteration: int) -> Callable[[bytes], Prediction]:
    """``/predict`` with the weights of ``iteration``, once per process."""
    torch.set_num_threads(1)
    folder = checkpoint.SHIPPED / ITERATIONS[iteration].name
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)

    def answer(content: bytes) -> Prediction:
        picture, size = decode(content)
        return predict(net, picture, confidence, size=size)

    return answer


def read(each: Labelled, *, iteration: int, constant: tuple[str, float] | None = None) -> Reading:
    """What ``/predict`` answers to a picture; nothing where it refuses the file.

    ``constant``: one of a module of ``mnist_cnn.drawing``, such as ``photo.MIN_DEVIATIONS``, and its value from now on.
    """
    if constant:
        module, name = constant[0].split(".")
        setattr(import_module(f"mnist_cnn.drawing.{module}"), name, constant[1])
    start = time.perf_counter()
    try:
        found = network(iteration)(each.path.read_bytes())
    except DrawingError:
        return Reading("", refused=True, boxes=[], seconds=time.perf_counter() - start)
    seconds = time.perf_counter() - start
    boxes = [("" if d["verdict"] == NOT_A_DIGIT else str(d["digit"]), d["box"]) for d in found["digits"]]
    return Reading(found["number"], found["verdict"] == NOT_A_DIGIT, boxes, seconds)


def is_right(each: Labelled, reading: Reading) -> bool:
    """Whether all of a picture was read right."""
    return wrong_digits(each, reading) == 0


def wrong_digits(each: Labelled, reading: Reading) -> int:
    """How many digits must be changed, put in or taken out."""
    if not each.is_scattered:
        return edits_of_lines(reading.number.split("\n"), each.number.split("\n"))
    found, written = (Counter(number.replace("\n", "")) for number in (reading.number, each.number))
    return max((found - written).total(), (written - found).total())


def edits_of_lines(found: Sequence[str], written: Sequence[str]) -> int:
    """The edit distance of two lists of lines: a line without a partner costs as many edits as it has digits."""
    costs = np.zeros((len(found) + 1, len(written) + 1), int)
    costs[1:, 0] = np.cumsum([len(line) for line in found])
    costs[0, 1:] = np.cumsum([len(line) for line in written])
    for i, ours in enumerate(found, 1):
        for j, theirs in enumerate(written, 1):
            alone = costs[i - 1, j] + len(ours), costs[i, j - 1] + len(theirs)
            costs[i, j] = min(*alone, costs[i - 1, j - 1] + edits(ours, theirs))
    return int(costs[-1, -1])


def shares(pictures: Sequence[tuple[Labelled, Reading]]) -> tuple[float, float, float]:
    """In percent: pictures wholly right, their digits right, and pictures in which the one shape found is no digit."""
    if not pictures:
        return 0.0, 0.0, 0.0
    digits = sum(len(each.number.replace("\n", "")) for each, _ in pictures)
    wrong = sum(wrong_digits(*pair) for pair in pictures)
    right = 100 * float(np.mean([is_right(*pair) for pair in pictures]))
    refused = 100 * float(np.mean([reading.refused for _, reading in pictures]))
    return right, 100 * max(0.0, 1 - wrong / digits) if digits else 0.0, refused


def with_the_best_elsewhere(readings: dict[float, list[tuple[Labelled, Reading]]]) -> list[tuple[Labelled, Reading]]:
    """Of the same pictures read with several values, each with the value that reads most pictures of other sources right.

    Where several do, the first of them counts.
    """
    right = {value: [is_right(*pair) for pair in pairs] for value, pairs in readings.items()}
    result = []
    for place, (each, _) in enumerate(next(iter(readings.values()))):
        others = [i for i, (other, _) in enumerate(next(iter(readings.values()))) if other.source != each.source]
        best = max(readings, key=lambda value: sum(right[value][i] for i in others))
        result.append(readings[best][place])
    return result


def contact_sheets(failed: Sequence[tuple[Labelled, Reading]], folder: Path) -> None:
    """Write pictures, their boxes, labels and what was read to ``folder`` as ``failed-1.png`` and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    step = TILES_ACROSS * TILES_DOWN
    for number, start in enumerate(range(0, len(failed), step), 1):
        sheet = Image.new("RGB", (TILES_ACROSS * (TILE + 8), TILES_DOWN * (TILE + 44)), "white")
        draw = ImageDraw.Draw(sheet)
        for place, (each, reading) in enumerate(failed[start : start + step]):
            x, y = place % TILES_ACROSS * (TILE + 8), place // TILES_ACROSS * (TILE + 44)
            sheet.paste(_tile(each, reading), (x, y + 30))
            words = f"{each.path.name} source {each.source}\n{each.label} read as {reading.number or 'nothing'}"
            draw.text((x, y), words.replace("\n", "/").replace(f"{each.source}/", f"{each.source}\n"), fill="black")
        sheet.save(folder / f"failed-{number}.png")


def _tile(each: Labelled, reading: Reading) -> Image.Image:
    with Image.open(each.path) as file:
        image = ImageOps.exif_transpose(file).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    scale = TILE / max(picture.size)
    picture = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    draw = ImageDraw.Draw(picture)
    for digit, (left, top, right, bottom) in reading.boxes:
        draw.rectangle([left * scale, top * scale, right * scale, bottom * scale], outline="red" if digit else "grey")
        draw.text((left * scale + 2, top * scale), digit, fill="red")
    return picture


def main() -> None:
    """Print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="pictures and labels.csv")
    parser.add_argument("--out", type=Path, help="folder for contact sheets of what was not read right")
    parser.add_argument(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="whose weights (default: %(default)s)",
    )
    text = "a constant and its values, the present one first; pictures that are no photographs are left out"
    parser.add_argument("--try", nargs="+", dest="tried", metavar=("MODULE.NAME", "VALUE"), help=text)
    options = parser.parse_args()
    pictures = read_labels(options.folder)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:

        def all_read(
            chosen: Sequence[Labelled], constant: tuple[str, float] | None = None
        ) -> list[tuple[Labelled, Reading]]:
            mapped = pool.map(partial(read, iteration=options.iteration, constant=constant), chosen, chunksize=8)
            return list(zip(chosen, tqdm(mapped, total=len(chosen)), strict=True))

        if options.tried:
            photographs = [each for each in pictures if each.kind in PHOTOGRAPHS]
            name, *values = options.tried
            _print_tried(name, {float(value): all_read(photographs, (name, float(value))) for value in values})
            return
        pairs = all_read(pictures)
    by_kind = {kind: [pair for pair in pairs if pair[0].kind == kind] for kind in KINDS}
    print(f"\niteration {options.iteration}, {len(pairs)} pictures; percent\n")
    print(f"{'kind':38}{'n':>5}{'right':>8}{'digits':>8}{'refused':>9}{'clear':>8}{'slowest':>9}")
    measured = {kind: shares(chosen) for kind, chosen in by_kind.items()}
    for kind, chosen in by_kind.items():
        right, digits, refused = measured[kind]
        clear = shares([pair for pair in chosen if not pair[0].is_disputed])[0]
        slowest = max((reading.seconds for _, reading in chosen), default=0)
        print(f"{KINDS[kind]:38}{len(chosen):5}{right:8.1f}{digits:8.1f}{refused:9.1f}{clear:8.1f}{slowest:8.2f}s")
    disputed = [pair for pair in pairs if pair[0].is_disputed]
    print(f"{'of these, people could dispute':38}{len(disputed):5}{shares(disputed)[0]:8.1f}")
    _print_sources(by_kind)
    if options.out:
        contact_sheets([pair for pair in pairs if not is_right(*pair)], options.out)
    line = {kind: measured[kind][0] for kind in KINDS if kind != "other"}
    line |= {"row_digits": measured["rows"][1], "sheet_digits": measured["sheets"][1]}
    line["refused"] = max(measured[kind][2] for kind in SINGLE)  # of the kind with the most
    print(json.dumps({"n": len(pairs), **{key: round(value, 2) for key, value in line.items()}}))


def _print_tried(name: str, readings: dict[float, list[tuple[Labelled, Reading]]]) -> None:
    """The shares of the photographs with each value, and with the one that is best on the other sources."""
    print(f"\n{name}, photographs; percent right, in brackets of the digits\n")
    ways = {f"{value:g}": pairs for value, pairs in readings.items()}
    for words, pairs in {**ways, "the best on the other sources": with_the_best_elsewhere(readings)}.items():
        parts = []
        for kind in PHOTOGRAPHS:
            right, digits, _ = shares([pair for pair in pairs if pair[0].kind == kind])
            parts.append(f"{kind} {right:.1f} ({digits:.1f})")
        print(f"{words:32}{'   '.join(parts)}")


def _print_sources(by_kind: dict[str, list[tuple[Labelled, Reading]]]) -> None:
    """The sources of every kind, those with errors one by one."""
    print("\nSources with errors: right of all, digits right")
    for kind, chosen in by_kind.items():
        perfect = 0
        for source in sorted({each.source for each, _ in chosen}, key=int):
            own = [pair for pair in chosen if pair[0].source == source]
            right = sum(is_right(*pair) for pair in own)
            perfect += right == len(own)
            if right < len(own):
                print(f"  {kind:8} source {source:>3}  {right:3} of {len(own):3}  {shares(own)[1]:6.1f}")
        print(f"  {kind:8} {perfect} other sources without any")
    print()


if __name__ == "__main__":
    main()
