"""How a network reads the handwriting of people it was not trained on: ``python -m benchmarks.hands``.

Drawings of the held-out writers (``stroke_data.is_unseen``) are read as on the pad: their strokes are grouped, normalised
and judged. A digit that is split into several counts as wrong. The worst tenth are those writers, a tenth of all rounded up,
whose digits are read least often. Letters and signs are by held-out writers too, each taken for one character, and the clear
letters once more as the page reads them; ``testing.first_tries`` draws the eight things that people draw first. The
thresholds were chosen on these writers (``calibrate.py``), the weights were not.
"""

from __future__ import annotations

import argparse
import collections
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import nn

from benchmarks.confidence import LOOK_LIKE_DIGITS, calibration_error
from benchmarks.drawings import SIZES, pad_picture
from mnist_cnn import checkpoint
from mnist_cnn.confidence import NOT_A_DIGIT, UNSURE, Confidence, Judgement, classify, load_confidence
from mnist_cnn.data import Dataset, default_data_dir, load_mnist, standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.segmentation import group_strokes
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.hands import (
    CLEAR,
    CLEAR_IN_PICTURES,
    CLEAR_IN_UPLOADS,
    CLEAR_ON_PAD,
    LETTERS,
    SIGNS,
    Digits,
    Hands,
    Others,
    save_hands,
)
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.predict import Digit, read_picture, read_strokes
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.stroke_data import SIDE, TABLET, is_unseen, load_packed
from testing.first_tries import EIGHT, drawn
from testing.rows import PAD_BRUSHES

BATCH = 1000
SEED = 2
FILES = {"mnist": "MNIST's test digits", "unipen": "UNIPEN, held-out writers", "tablet": "tablet, held-out writers"}
"""The groups of people, as files name them and as tables do."""
ACROSS, CAPTION_HEIGHT = 16, 16
"""Drawings in a row of the picture of what was read wrongly, and pixels below each for words."""
OF_EACH = 40
"""Drawings of each of the eight things."""


@dataclass(frozen=True)
class Readings:
    """What a network says about many drawings; a digit that was split has the judgement of its whole."""

    images: NDArray[np.uint8]  # (N, 28, 28)
    labels: NDArray[np.int64]  # (N,); −1 for what is not a digit
    writers: list[str]  # "" where the writer is not known
    judgements: list[Judgement]
    split: NDArray[np.bool_]  # (N,)

    @property
    def answers(self) -> NDArray[np.int64]:
        """The most likely digit of each."""
        return np.array([int(np.argmax(each.probabilities)) for each in self.judgements])

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which are read correctly and in one piece."""
        right: NDArray[np.bool_] = (self.answers == self.labels) & ~self.split
        return right

    def share(self, verdict: str) -> float:
        """The share with this ``verdict``, in percent."""
        return 100 * float(np.mean([each.verdict == verdict for each in self.judgements]))

    def by_writer(self) -> NDArray[np.float64]:
        """The share that is right, per writer, in percent, in ascending order."""
        names = np.array(self.writers)
        return np.sort([100 * self.right[names == name].mean() for name in np.unique(names)])

    def of_digits(self) -> Digits:
        """The figures, where all are digits."""
        error = calibration_error(np.array([each.probabilities for each in self.judgements]), self.labels)
        shares = self.by_writer()
        return Digits(
            n=len(self.labels),
            right=100 * float(self.right.mean()),
            refused=self.share(NOT_A_DIGIT),
            unsure=self.share(UNSURE),
            split=100 * float(self.split.mean()),
            calibration_error=error,
            writers=tuple(shares.tolist()) if len(shares) > 1 else (),
        )

    def of_others(self) -> Others:
        """The figures, where none is a digit."""
        return Others(len(self.labels), self.share(NOT_A_DIGIT), self.share(UNSURE))


def on_pad(drawing: Drawing) -> list[Stroke]:
    """The strokes of a packed drawing, half as large as the pad and in its middle."""
    return [[(x / (2 * SIDE) + 0.25, y / (2 * SIDE) + 0.25) for x, y in stroke] for stroke in drawing.strokes]


def judged(net: nn.Sequential, images: NDArray[np.uint8], confidence: Confidence) -> list[Judgement]:
    """(N, 28, 28) uint8 -> N judgements."""
    batches = torch.from_numpy(images).split(BATCH)
    return [each for batch in batches for each in classify(net, standardise(batch), confidence)]


def seen(strokes: list[Stroke]) -> NDArray[np.uint8]:
    """(28, 28): what the network sees; all 0 without a point."""
    image = normalise_strokes(strokes)
    return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if image is None else image


def read_drawings(net: nn.Sequential, drawings: list[Drawing], confidence: Confidence, *, grouped: bool) -> Readings:
    """``drawings`` read as on the pad; unless ``grouped``, each is taken for one character."""
    strokes = [on_pad(drawing) for drawing in drawings]
    images = np.stack([seen(each) for each in strokes])
    split = [grouped and len(each) > 1 and len(group_strokes(each, net)) != 1 for each in strokes]
    labels = [int(drawing.label) if drawing.label.isdigit() else -1 for drawing in drawings]
    writers = [drawing.writer for drawing in drawings]
    return Readings(images, np.array(labels), writers, judged(net, images, confidence), np.array(split))


def print_digits(rows: dict[str, Readings]) -> None:
    """Print the tables of the digits."""
    heads = f"{'percent':26}{'n':>7}{'right':>8}{'writers':>9}{'worst tenth':>13}"
    print(heads + f"{'refused':>9}{'unsure':>8}{'split':>7}{'ECE':>6}")
    for name, row in rows.items():
        found = row.of_digits()
        of_writers = f"{found.writers_mean:9.2f}{found.worst_tenth:13.2f}" if found.writers else f"{'–':>9}{'–':>13}"
        shares = f"{found.refused:9.2f}{found.unsure:8.2f}{found.split:7.2f}{found.calibration_error:6.2f}"
        print(f"{name:26}{found.n:7,}{found.right:8.2f}{of_writers}{shares}")
    print(f"\n{'right, per digit':26}" + "".join(f"{digit:>7}" for digit in range(CLASSES)))
    for name, row in rows.items():
        print(f"{name:26}" + "".join(f"{100 * row.right[row.labels == digit].mean():7.1f}" for digit in range(CLASSES)))
    print()
    for name, row in rows.items():
        pairs = zip(row.labels[~row.right].tolist(), row.answers[~row.right].tolist(), strict=True)
        counts = collections.Counter(
            f"{label} as {answer}" if label != answer else f"{label} split" for label, answer in pairs
        )
        print(f"{name}: " + ", ".join(f"{pair} {count}" for pair, count in counts.most_common(12)))


def print_others(rows: dict[str, Others]) -> None:
    """Print the table of what is not a digit."""
    print(f"\n{'percent':34}{'n':>7}{'refused':>9}{'unsure':>8}")
    for name, found in rows.items():
        print(f"{name:34}{found.n:7,}{found.refused:9.2f}{found.unsure:8.2f}")


def print_accepted(drawings: list[Drawing], read: Readings) -> None:
    """Print which of the signs ``drawings``, as they were ``read``, are taken for digits most often, and of how many."""
    rejected = [judgement.verdict == NOT_A_DIGIT for judgement in read.judgements]
    counts = collections.Counter(each.label for each, is_rejected in zip(drawings, rejected, strict=True) if not is_rejected)
    of = collections.Counter(each.label for each in drawings)
    print(
        "\nsigns taken for digits: " + ", ".join(f"{sign} {count} of {of[sign]}" for sign, count in counts.most_common(12))
    )


def others(net: nn.Sequential, drawings: list[Drawing], signs: Readings, confidence: Confidence) -> dict[str, Others]:
    """The letters in ``drawings``, ``signs`` as they were read, and the eight things that people draw first."""
    letters = [each for each in drawings if each.label.isalpha()]
    clear = [each for each in letters if each.label not in LOOK_LIKE_DIGITS]
    parts = {CLEAR: clear, LETTERS: letters}
    rows = {name: read_drawings(net, part, confidence, grouped=False) for name, part in parts.items()}
    rows[SIGNS] = signs
    pictures = [pad_picture(each, size=SIZES[1], brush=PAD_BRUSHES[1]) for each in clear]
    rows[CLEAR_IN_PICTURES] = not_digits(net, [in_picture(each) for each in pictures], confidence)
    found = {name: row.of_others() for name, row in rows.items()}
    found[CLEAR_ON_PAD] = of_numbers([read_strokes(net, on_pad(each), confidence) for each in clear])
    found[CLEAR_IN_UPLOADS] = of_numbers([read_picture(net, each, confidence) for each in pictures])
    random = np.random.default_rng(SEED)
    for kind in EIGHT:
        found[kind] = not_digits(net, [seen(drawn(kind, random)) for _ in range(OF_EACH)], confidence).of_others()
    return found


def of_numbers(readings: list[list[Digit]]) -> Others:
    """The figures of drawings of anything but digits, of each of which the page says a number, or that there is none."""
    read = [[digit["verdict"] for digit in digits if digit["verdict"] != NOT_A_DIGIT] for digits in readings]
    shares = np.mean([[not verdicts, verdicts == [UNSURE]] for verdicts in read], axis=0)
    return Others(len(readings), *(100 * float(share) for share in shares))


def in_picture(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(28, 28): what the network sees of ``picture``, all of whose ink is one character; all 0 without ink."""
    image = normalise(picture)
    return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if image is None else image


def not_digits(net: nn.Sequential, images: list[NDArray[np.uint8]], confidence: Confidence) -> Readings:
    """What ``net`` says about ``images`` of anything but digits."""
    labels = np.full(len(images), -1)
    stacked = np.stack(images)
    return Readings(stacked, labels, [""] * len(images), judged(net, stacked, confidence), labels > 0)


def write_confusions(path: Path, read: Readings) -> None:
    """Write a picture of all drawings that were read wrongly, sorted by digit and answer, each with both below it."""
    wrong = np.flatnonzero(~read.right)
    wrong = wrong[np.lexsort([read.answers[wrong], read.labels[wrong]])]
    side, high = 2 * IMAGE_SIZE, 2 * IMAGE_SIZE + CAPTION_HEIGHT
    sheet = Image.new("L", (ACROSS * side, math.ceil(max(len(wrong), 1) / ACROSS) * high), 255)
    for place, number in enumerate(wrong):
        left, top = place % ACROSS * side, place // ACROSS * high
        image = Image.fromarray(255 - read.images[number]).resize((side, side), Image.Resampling.BICUBIC)
        sheet.paste(image, (left, top))
        caption = f"{read.labels[number]} {'split' if read.split[number] else f'as {read.answers[number]}'}"
        ImageDraw.Draw(sheet).text((left + side / 2, top + side), caption, fill=90, anchor="mt")
    sheet.save(path)


def mnist_mean(folder: Path) -> float:
    """Accuracy on MNIST's test digits after the last epoch, mean over the seeds of ``folder``, in percent."""
    return float(np.mean([run["epochs"][-1]["test_accuracy"] for run in checkpoint.load_history(folder)["runs"]]))


def read_mnist(net: nn.Sequential, confidence: Confidence, digits: Dataset) -> Readings:
    """``digits`` of MNIST, which are shown to the network as they are."""
    images, labels = digits.images.numpy(), digits.labels.numpy()
    return Readings(images, labels, [""] * len(labels), judged(net, images, confidence), np.zeros(len(labels), bool))


def read_writers(net: nn.Sequential, confidence: Confidence, digits: list[Drawing]) -> dict[str, Readings]:
    """``digits`` of UNIPEN's writers, and of those of the tablet of ``pendigits-orig.tra``."""
    unipen = [each for each in digits if not each.writer.startswith(TABLET)]
    tablet = [each for each in digits if each.writer.startswith(TABLET)]
    return {
        FILES["unipen"]: read_drawings(net, unipen, confidence, grouped=True),
        FILES["tablet"]: read_drawings(net, tablet, confidence, grouped=True),
    }


def main() -> None:
    """Print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    add("--weights", type=Path, help="another weights folder than the iteration's")
    add("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw, or gets it")
    add("--out", type=Path, help="folder for pictures of the pen digits that were read wrongly")
    add("--save", action="store_true", help="store the figures in the weights folder, for the page")
    options = parser.parse_args()
    folder: Path = options.weights or checkpoint.SHIPPED / ITERATIONS[options.iteration].name
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    if confidence is None:
        parser.error(f"{folder} has no confidence.json; run calibrate.py")
    drawings = [each for each in load_packed().drawings() if is_unseen(each.writer)]
    digits = [each for each in drawings if each.label.isdigit()]
    rows = {FILES["mnist"]: read_mnist(net, confidence, load_mnist(options.data_dir)[1])}
    rows |= read_writers(net, confidence, digits)
    print(f"{folder.name}; {len({each.writer for each in digits})} held-out writers of digits\n")
    print_digits(rows)
    signs = [each for each in drawings if not each.label.isalnum()]
    read_signs = read_drawings(net, signs, confidence, grouped=False)
    other_rows = others(net, drawings, read_signs, confidence)
    print_others(other_rows)
    print_accepted(signs, read_signs)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for name in ("unipen", "tablet"):  # docs/figures.py draws MNIST's
            write_confusions(options.out / f"wrong-{name}.png", rows[FILES[name]])
    figures = Hands(
        digits={name: rows[key].of_digits() for name, key in FILES.items()},
        others=other_rows,
    )
    if options.save:
        save_hands(folder, figures)
    held_out = figures.digits["unipen"]
    line = {
        "writers_mean": held_out.writers_mean,
        "worst_tenth": held_out.worst_tenth,
        "refused": held_out.refused,
        "split": held_out.split,
        "mnist_mean": mnist_mean(folder),
    }
    print()
    print(json.dumps({"n": held_out.n, **{key: round(float(value), 2) for key, value in line.items()}}))


if __name__ == "__main__":
    main()
