"""How many numbers of several digits are read: ``python -m benchmarks.numbers --strokes pendigits-orig.tra``.

Two to five real digits of a UNIPEN file are written in a row on one canvas and read twice: as strokes, as the pad does, and
as a picture, as an upload is. The digits of a number are by different writers; sizes, gaps, slant and brush are random. Only
the second half of the file is used: the constants of ``mnist_cnn.drawing.segmentation`` were chosen on the first. Writers on
whom any network was trained are left out. The same for two lines of one to four digits, for two round digits that touch, and
for numbers with hyphens, plus and equals signs between some digits, by held-out writers of ``strokes/``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from scipy import ndimage
from tqdm import tqdm

from benchmarks.drawings import BRUSHES
from mnist_cnn import checkpoint
from mnist_cnn.confidence import Confidence, load_confidence
from mnist_cnn.drawing.segmentation import group_strokes
from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, read_unipen, render
from mnist_cnn.predict import number_of, read_picture, read_strokes
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.stroke_data import is_unseen, load_packed, unseen
from testing.rows import LENGTHS, LENGTHS_OF_LINES, SIGNS, NearGaps, Row, picture_of, write_rows, write_two_lines

SEED = 0
ROUND = "0689"
TOUCHING = NearGaps(share=1.0, range=(-0.05, 0.0))
TRIES = 5
"""So many pairs are written for each that is wanted: not all that are near touch."""


@dataclass(frozen=True)
class Reading:
    """What was read of one number."""

    read: str
    grouped: bool
    """Whether the digits are those that were written: their strokes, or as many as were written in a picture."""


def on_pad(number: Row) -> list[Stroke]:
    """The strokes of ``number``, points in shares of a square as large as the canvas."""
    side = max(number.width, number.height)
    return [[(x / side, y / side) for x, y in stroke] for stroke in number.strokes]


def as_strokes(net: torch.nn.Sequential, number: Row) -> Reading:
    """What the pad reads, whatever the verdicts."""
    strokes = on_pad(number)
    every = iter(range(len(strokes)))
    own = [[next(every) for _ in digit] for digit in number.digits]
    return Reading(number_of(read_strokes(net, strokes)), group_strokes(strokes, net) == own)


def as_picture(net: torch.nn.Sequential, number: Row) -> Reading:
    """What is read of an upload, whatever the verdicts."""
    read = number_of(read_picture(net, picture_of(number)))
    return Reading(read, len(read) == len(number.label))


def edits(read: str, label: str) -> int:
    """How many digits must be changed, put in or taken out to make ``label`` of ``read`` (Levenshtein's distance)."""
    row = list(range(len(label) + 1))
    for i, ours in enumerate(read, 1):
        before, row[0] = row[0], i
        for j, theirs in enumerate(label, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (ours != theirs))
    return row[-1]


@dataclass(frozen=True)
class Shares:
    """In percent."""

    numbers: float
    digits: float
    wrongly_grouped: float


def wrong_digits(read: str, label: str) -> int:
    """How many digits of ``label`` were not read: place by place where as many were read, else by ``edits``."""
    if len(read) == len(label):
        return sum(ours != theirs for ours, theirs in zip(read, label, strict=True))
    return min(edits(read, label), len(label))


def shares_of(numbers: list[Row], readings: list[Reading]) -> Shares:
    """The shares that are printed."""
    pairs = list(zip(numbers, readings, strict=True))
    wrong = sum(wrong_digits(reading.read, number.label) for number, reading in pairs)
    return Shares(
        numbers=100 * float(np.mean([reading.read == number.label for number, reading in pairs])),
        digits=100 * (1 - wrong / sum(len(number.label) for number in numbers)),
        wrongly_grouped=100 * float(np.mean([not reading.grouped for _, reading in pairs])),
    )


def share_right(numbers: list[Row], readings: list[Reading]) -> float:
    """In percent, how many numbers were read without any error."""
    return 100 * float(np.mean([reading.read == number.label for number, reading in zip(numbers, readings, strict=True)]))


def said(net: torch.nn.Sequential, numbers: list[Row], confidence: Confidence | None) -> tuple[float, float]:
    """In percent, of how many numbers the page says the right one: as strokes, and as a picture."""
    right = [
        (number_of(read_strokes(net, on_pad(each), confidence)), number_of(read_picture(net, picture_of(each), confidence)))
        for each in tqdm(numbers, desc="with verdicts")
    ]
    strokes, pictures = 100 * np.mean(
        [[read == number.label for read in pair] for pair, number in zip(right, numbers, strict=True)], axis=0
    )
    return float(strokes), float(pictures)


def print_past_signs(
    net: torch.nn.Sequential, drawings: list[Drawing], confidence: Confidence | None, count: int
) -> dict[str, float]:
    """Of ``count`` rows, print and return of how many that hold signs the page says the digits alone, and right."""
    signs = [each for each in load_packed().drawings() if is_unseen(each.writer) and each.label in SIGNS]
    rows = [row for row in write_rows(drawings, count, SEED, signs=signs) if len(row.digits) > len(row.label)]
    strokes, pictures = said(net, rows, confidence)
    print(
        f"Of {len(rows)} numbers that hold one of {' '.join(SIGNS)} between digits, it says the digits alone, right:"
        f" {strokes:.1f} % as strokes, {pictures:.1f} % as a picture.\n"
    )
    return {"signs_strokes": strokes, "signs_pictures": pictures}


def touching_pairs(drawings: list[Drawing], count: int) -> list[Row]:
    """``count`` rows, or as many as there are, of two of the ``ROUND`` digits of ``drawings`` whose ink is one component."""
    rows = write_rows([drawing for drawing in drawings if drawing.label in ROUND], TRIES * count, SEED, TOUCHING, (2, 2))
    touching = (row for row in rows if ndimage.label(picture_of(row) < 128, np.ones((3, 3)))[1] == 1)
    return list(islice(touching, count))


def whole(net: torch.nn.Sequential, drawings: list[Drawing]) -> tuple[float, float]:
    """In percent, how many single digits are left whole: as strokes, and as pictures of all of ``BRUSHES`` in turn."""
    brushes = list(BRUSHES.values())
    strokes, pictures = [], []
    for number, drawing in enumerate(tqdm(drawings, desc="single digits")):
        on_pad = [[(x / TABLET_SIZE, y / TABLET_SIZE) for x, y in stroke] for stroke in drawing.strokes]
        strokes.append(len(group_strokes(on_pad, net)) == 1)
        picture = render(drawing.strokes, size=TABLET_SIZE, brush=brushes[number % len(brushes)])
        pictures.append(len(read_picture(net, picture)) == 1)
    return 100 * float(np.mean(strokes)), 100 * float(np.mean(pictures))


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument("--count", type=int, default=2_000, help="how many numbers (default: %(default)s)")
    text = "how many drawings of two lines, and of touching digits (default: %(default)s)"
    parser.add_argument("--others", type=int, default=500, help=text)
    parser.add_argument("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    options = parser.parse_args()
    name = ITERATIONS[options.iteration].name
    net = checkpoint.load(checkpoint.SHIPPED / name)
    drawings = read_unipen(options.strokes)
    alone = unseen(drawings)
    second_half = unseen(drawings[len(drawings) // 2 :])
    numbers = write_rows(second_half, options.count, SEED)
    ways = {"strokes": ("as strokes", as_strokes), "pictures": ("as a picture", as_picture)}
    shares = {
        key: shares_of(numbers, [read(net, number) for number in tqdm(numbers, desc=title)])
        for key, (title, read) in ways.items()
    }
    print(f"\n{name}, {len(numbers):,} numbers of {LENGTHS[0]} to {LENGTHS[1]} digits; percent\n")
    print(f"{'':16}{'numbers right':>15}{'digits right':>15}{'wrongly grouped':>18}")
    for key, (title, _) in ways.items():
        each = shares[key]
        print(f"{title:16}{each.numbers:15.2f}{each.digits:15.2f}{each.wrongly_grouped:18.2f}")
    print(
        "\nA number is right when all its digits are. Digits are compared place by place where as many were read as written;"
        "\notherwise those are wrong that must be changed, put in or taken out, at most all that were written.\n"
    )
    print(
        "Of all {:,} digits alone, {:.2f} % stay whole as strokes, {:.2f} % as a picture.\n".format(
            len(alone), *whole(net, alone)
        )
    )
    confidence = load_confidence(checkpoint.SHIPPED / name, net)
    by_page = said(net, numbers, confidence)
    print(
        "The page leaves out of a number what does not look like a digit: it says {:.2f} % of the numbers right as strokes,"
        " {:.2f} % as a picture.\n".format(*by_page)
    )
    past_signs = print_past_signs(net, second_half, confidence, options.others)
    lines = write_two_lines(second_half, options.others, SEED)
    pairs = touching_pairs(second_half, options.others)
    right = {
        "lines_strokes": share_right(lines, [as_strokes(net, page) for page in tqdm(lines, desc="two lines, strokes")]),
        "lines_pictures": share_right(lines, [as_picture(net, page) for page in tqdm(lines, desc="two lines, pictures")]),
        "touching_pictures": share_right(pairs, [as_picture(net, pair) for pair in tqdm(pairs, desc="touching digits")]),
    }
    print(
        f"Wholly right of {len(lines)} drawings: two lines of {LENGTHS_OF_LINES[0]} to {LENGTHS_OF_LINES[1]} digits"
        f" {right['lines_strokes']:.1f} % as strokes, {right['lines_pictures']:.1f} % as a picture;"
        f" two of the digits {', '.join(ROUND)} that touch ({len(pairs)}) {right['touching_pictures']:.1f} % as a picture.\n"
    )
    pictures, strokes = shares["pictures"], shares["strokes"]
    line = {"digits": pictures.digits, "numbers": pictures.numbers}
    line |= {"digits_strokes": strokes.digits, "numbers_strokes": strokes.numbers}
    line |= {"said_strokes": by_page[0], "said_pictures": by_page[1]}
    line |= {**past_signs, **right}
    print(json.dumps({"n": len(numbers), **{key: round(value, 2) for key, value in line.items()}}))


if __name__ == "__main__":
    main()
