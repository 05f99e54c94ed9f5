"""How well calibrated a network is: ``python -m benchmarks.confidence --strokes pendigits-orig.tra``.

Expected calibration error: the answers are put into 15 bins of equal width by their largest probability; the error is the
mean over the answers of |share of right answers − mean largest probability| of their bin (Guo et al., 2017). Letters are of
fonts, and scribbles of kinds, that ``calibrate.py`` does not use; only the way a hand bends letters is shared. Pens: the
second half of the file, without the writers on whom any network was trained.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_cnn import checkpoint
from mnist_cnn.calibration.letters import LETTERS, hershey
from mnist_cnn.confidence import DIGIT, NOT_A_DIGIT, UNSURE, classify, load_confidence
from mnist_cnn.data import Dataset, default_data_dir, load_mnist, standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.unipen import Drawing, read_unipen
from mnist_cnn.model import parameter_count
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.non_digits.paths import Points, as_drawn, by_hand
from mnist_cnn.training.non_digits.scribbles import Outline
from mnist_cnn.training.stroke_data import unseen

FASHION = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")
BINS = 15
SEED = 1
FONTS = ("rowmans", "scripts", "timesi")
LOOK_LIKE_DIGITS = "OoIlSsZzqbB"
HANDS, SCRIBBLED, PICTURES = 20, 300, 2_000


def calibration_error(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Expected calibration error, in percent, of (N, 10) and (N,)."""
    top, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    gaps = [abs(float((right[bins == b] - top[bins == b]).sum())) for b in range(BINS)]
    return 100 * sum(gaps) / len(labels)


def _zigzag(random: Generator) -> list[Points]:
    count = int(random.integers(6, 16))
    x, y = np.linspace(0, random.uniform(0.5, 2), count), np.arange(count) % 2 + random.normal(0, 0.1, count)
    return [np.stack([x, y] if random.random() < 0.5 else [y, x], axis=1)]


def _spiral(random: Generator) -> list[Points]:
    t = np.linspace(0, 1, 150)
    angle = 2 * np.pi * random.uniform(2.5, 5) * t
    return [np.stack([t * np.cos(angle), t * np.sin(angle)], axis=1)]


def _walk(random: Generator) -> list[Points]:
    return [np.cumsum(random.normal(0, 1, (random.integers(15, 80), 2)), axis=0)]


def _hatching(random: Generator) -> list[Points]:
    starts = np.linspace(0, 1, random.integers(4, 10))
    lean = random.uniform(-0.5, 0.5)
    return [np.array([[x, 0], [x + lean, 1]]) + random.normal(0, 0.04, (2, 2)) for x in starts]


def _crosses(random: Generator) -> list[Points]:
    angles = np.arange(count := int(random.integers(3, 7))) * np.pi / count + random.normal(0, 0.1, count)
    return [np.array([[-np.cos(a), -np.sin(a)], [np.cos(a), np.sin(a)]]) for a in angles]


def _blob(random: Generator) -> list[Points]:
    angle = np.linspace(0, 2 * np.pi, 60)
    radius = 1 + 0.3 * np.sin(random.integers(3, 6) * angle + random.uniform(0, 6))
    around = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return [around * size for size in np.linspace(1, 0.05, 10)]


def _dots(random: Generator) -> list[Points]:
    return [*random.uniform(-1, 1, (random.integers(1, 10), 1, 2))]


SCRIBBLES: dict[str, Outline] = {
    "zigzag": _zigzag,
    "spiral": _spiral,
    "walk": _walk,
    "hatching": _hatching,
    "crosses": _crosses,
    "blob": _blob,
    "dots": _dots,
}


def image_sets(test: Dataset, pens: list[Drawing]) -> dict[str, NDArray[np.uint8]]:
    """The images to judge, (N, 28, 28) each, by name: two sets of digits first, then what is not a digit."""
    random = np.random.default_rng(SEED)
    names = [(font, letter) for _ in range(HANDS) for font in FONTS for letter in LETTERS]
    fashion = np.frombuffer(gzip.decompress(FASHION.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28)
    normal = [image for picture in fashion[:PICTURES] if (image := normalise(picture)) is not None]
    clear = np.array([letter not in LOOK_LIKE_DIGITS for _, letter in names])
    letters = np.stack([as_drawn(by_hand(hershey(font, letter), random)) for font, letter in names])
    sets: dict[str, NDArray[np.uint8]] = {
        "MNIST's test digits": test.images.numpy(),
        "pen digits, second half": np.stack([as_drawn([np.array(s) for s in each.strokes]) for each in pens]),
        "letters A-Z, a-z": letters,
        f"  without {LOOK_LIKE_DIGITS}": letters[clear],
        **{f"  of {font}": letters[[name[0] == font for name in names]] for font in FONTS},
    }
    drawn = {kind: np.stack([as_drawn(make(random)) for _ in range(SCRIBBLED)]) for kind, make in SCRIBBLES.items()}
    sets |= {"scribbles": np.concatenate([*drawn.values()]), **{f"  {kind}": images for kind, images in drawn.items()}}
    sets |= {"Fashion-MNIST as it is": fashion, "Fashion-MNIST, normalised": np.stack(normal)}
    return sets


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, required=True, help="a UNIPEN file of digits")
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw, or gets it")
    parser.add_argument("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    options = parser.parse_args()
    recipe = ITERATIONS[options.iteration]
    folder = checkpoint.SHIPPED / recipe.name
    if not FASHION.exists():
        parser.error(f"{FASHION} is missing; on Debian: apt-get install dataset-fashion-mnist")
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    if confidence is None:
        parser.error(f"{folder} has no confidence.json; run calibrate.py")
    test = load_mnist(options.data_dir)[1]
    drawings = read_unipen(options.strokes)
    pens = unseen(drawings[len(drawings) // 2 :])
    sets = image_sets(test, pens)
    print(
        f"{recipe.name}: {parameter_count(net):,} parameters and {confidence.values:,} values of confidence; seed {SEED}\n"
    )
    print(f"{'percent':28}{'n':>8}{'refused':>9}{'unsure':>8}{'digit':>8}")
    refused: dict[str, float] = {}
    errors: list[float] = []
    for name, images in sets.items():
        batches = torch.tensor(images).split(500)
        judgements = [each for batch in batches for each in classify(net, standardise(batch), confidence)]
        verdicts = [each.verdict for each in judgements]
        shares = [100 * verdicts.count(verdict) / len(verdicts) for verdict in (NOT_A_DIGIT, UNSURE, DIGIT)]
        refused[name] = shares[0]
        print(f"{name:28}{len(images):8,}{shares[0]:9.2f}{shares[1]:8.2f}{shares[2]:8.2f}")
        if len(errors) < 2:
            labels = np.array([each.digit for each in pens]) if errors else test.labels.numpy()
            errors.append(calibration_error(np.array([each.probabilities for each in judgements]), labels))
    print(f"\nexpected calibration error, {BINS} bins: test {errors[0]:.2f} %, pens {errors[1]:.2f} %\n")
    answer = {
        "ece_test": errors[0],
        "ece_pen": errors[1],
        "refused_digits": (refused["MNIST's test digits"] + refused["pen digits, second half"]) / 2,
        "refused_letters": refused["letters A-Z, a-z"],
        "refused_scribbles": refused["scribbles"],
        "refused_fashion": refused["Fashion-MNIST as it is"],
    }
    print(json.dumps({key: round(value, 2) for key, value in answer.items()}))


if __name__ == "__main__":
    main()
