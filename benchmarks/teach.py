"""How much a network gains from a few drawings of one person: ``python -m benchmarks.teach``.

Of each held-out UNIPEN writer (``stroke_data.is_unseen``) with at least four of every digit, one of each is taught, chosen
by chance; of what is left, the same digits are read before and after. Each writer's figures are means over several choices.
The worst fifth are those writers, a fifth of all rounded up, whose digits are read least often before. With two samples of
each digit, the same digits are tested, so that both can be compared. Nothing was chosen on these writers or on MNIST's test
digits.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.hands import on_pad, seen
from mnist_cnn import checkpoint
from mnist_cnn.confidence import ROTATIONS, is_doubtful, load_confidence, rotate
from mnist_cnn.data import Dataset, default_data_dir, load_mnist, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.features import features_of, layer_of, load_moments, with_one
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.teach import Layer, log_odds, teach, variants
from mnist_cnn.training.stroke_data import TABLET, is_unseen, load_packed

SEED = 0
MIN_OF_EACH = 4
"""Digits of each kind that a writer must have."""
MOST_TAUGHT = 2
"""Samples of each digit that are never tested, however many are taught."""
CHOICES = 10
"""Choices of the samples."""
FIFTHS = 5


@dataclass(frozen=True)
class Writer:
    """Everything one person wrote, as the last layer sees it."""

    samples: NDArray[np.float64]  # (N, variants, features + 1): the drawing itself first
    looks: NDArray[np.float64]  # (N, looks, features + 1), of ``looks_at``
    labels: NDArray[np.int64]  # (N,)


@dataclass(frozen=True)
class Reading:
    """How a person's digits, MNIST's and letters are read; shares in percent."""

    right: float
    refused: float
    letters: float  # rejected
    mnist: float  # right
    sureness: float  # the mean probability of the answers to the person's digits: as large as ``right`` if it is honest


@dataclass(frozen=True)
class Bench:
    """What does not change from writer to writer."""

    layer: Layer
    moments: Layer
    digit_from: float
    temperature: float
    letters: NDArray[np.float64]  # (N, looks, features + 1), of held-out writers
    mnist: NDArray[np.float64]  # (N, features + 1), the test digits
    mnist_labels: NDArray[np.int64]

    def read(self, layer: Layer, digits: NDArray[np.float64], labels: NDArray[np.int64]) -> Reading:
        """What ``layer`` makes of ``digits``, (N, looks, features + 1), of the letters and of MNIST's digits."""
        return Reading(
            right=_share(_answers(layer, digits[:, 0]) == labels),
            refused=_share(_scores(layer, digits) < self.digit_from),
            letters=_share(_scores(layer, self.letters) < self.digit_from),
            mnist=_share(_answers(layer, self.mnist) == self.mnist_labels),
            sureness=100 * float(_probabilities(layer, digits[:, 0], self.temperature).max(axis=1).mean()),
        )

    def taught(self, writer: Writer, each: int, number: int) -> tuple[Reading, Reading]:
        """Before and after ``each`` samples of every digit of ``writer``, the choice with this ``number``."""
        order = np.random.default_rng([SEED, number]).permutation(len(writer.labels))
        of_digit = [order[writer.labels[order] == digit] for digit in range(CLASSES)]
        chosen = np.concatenate([places[:each] for places in of_digit])
        rest = np.concatenate([places[MOST_TAUGHT:] for places in of_digit])
        samples = [writer.samples[place] for place in chosen]
        layer = teach(self.layer, samples, writer.labels[chosen].tolist(), self.moments, self.digit_from)
        digits, labels = writer.looks[rest], writer.labels[rest]
        return self.read(self.layer, digits, labels), self.read(layer, digits, labels)


def _answers(layer: Layer, features: NDArray[np.float64]) -> NDArray[np.int64]:
    answers: NDArray[np.int64] = (features @ layer.T)[:, :CLASSES].argmax(axis=1)
    return answers


def _scores(layer: Layer, looks: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, looks, features + 1) -> (N,): the log-odds of any digit, as ``confidence.classify`` computes them."""
    odds = log_odds(looks.reshape(-1, looks.shape[2]) @ layer.T).reshape(len(looks), -1)
    return np.where(is_doubtful(torch.from_numpy(odds[:, 0])).numpy(), odds.mean(axis=1), odds[:, 0])


def _probabilities(layer: Layer, features: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    scores = (features @ layer.T)[:, :CLASSES] / temperature
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = shares / shares.sum(axis=1, keepdims=True)
    return probabilities


def _share(which: NDArray[np.bool_]) -> float:
    return 100 * float(which.mean())


def seen_features(net: torch.nn.Sequential, images: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """(N, features + 1) of images, (28, 28) each."""
    return with_one(features_of(net, standardise(torch.from_numpy(np.stack(images)))).double().numpy())


def looks_at(net: torch.nn.Sequential, images: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """(N, looks, features + 1) of images, (28, 28) each: as it is, and rotated by each of ``confidence.ROTATIONS``."""
    inputs = standardise(torch.from_numpy(np.stack(images)))
    turned = [inputs, *(rotate(inputs, degrees) for degrees in ROTATIONS)]
    return np.stack([with_one(features_of(net, look).double().numpy()) for look in turned], axis=1)


def writers_of(net: torch.nn.Sequential, drawings: list[Drawing]) -> list[Writer]:
    """The writers of ``drawings``, which are digits, who wrote enough of each."""
    found = []
    for name in sorted({each.writer for each in drawings}):
        own = [each for each in drawings if each.writer == name]
        labels = np.array([each.digit for each in own])
        if np.bincount(labels, minlength=CLASSES).min() < MIN_OF_EACH:
            continue
        images = [seen(variant) for each in own for variant in variants(on_pad(each))]
        features = seen_features(net, images)
        looks = looks_at(net, [seen(on_pad(each)) for each in own])
        found.append(Writer(features.reshape(len(own), -1, features.shape[1]), looks, labels))
    return found


def measure(bench: Bench, writers: list[Writer], each: int, choices: int) -> NDArray[np.float64]:
    """(writers, 2, 5): the fields of ``Reading`` before and after, means over the choices of samples."""
    rows = [[bench.taught(writer, each, number) for number in range(choices)] for writer in writers]
    values = [[[list(vars(reading).values()) for reading in pair] for pair in row] for row in rows]
    means: NDArray[np.float64] = np.array(values).mean(axis=1)
    return means


def fifths(figures: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """``figures`` of ``measure`` in fifths of the writers, those who are read least often before first."""
    order = np.argsort(figures[:, 0, 0], kind="stable")
    worst = math.ceil(len(order) / FIFTHS)
    return [figures[part] for part in (order[:worst], *np.array_split(order[worst:], FIFTHS - 1))]


def print_table(name: str, figures: NDArray[np.float64]) -> None:
    """Print the figures of one number of samples."""
    print(f"\n{name:44}{'before':>9}{'after':>9}")
    titles = ["worst fifth", "second fifth", "third fifth", "fourth fifth", "best fifth"]
    for title, part in zip(titles, fifths(figures), strict=True):
        print(f"{f'{title} of the writers: correct':44}{part[:, 0, 0].mean():9.2f}{part[:, 1, 0].mean():9.2f}")
    rows = [
        "all writers: correct",
        "their digits rejected",
        "letters of held-out writers rejected",
        "MNIST's test digits: correct",
        "all writers: mean probability",
    ]
    for place, title in enumerate(rows):
        before, after = figures[:, :, place].mean(axis=0)
        print(f"{title:44}{before:9.2f}{after:9.2f}")
    print(f"{'MNIST, after the costliest writer':44}{'':9}{figures[:, 1, 3].min():9.2f}")


def build(folder: Path, test: Dataset) -> tuple[Bench, list[Writer], list[Writer]]:
    """The network of ``folder`` with what it is tried on; writers of UNIPEN and of the tablet. Raises ``WeightsError``."""
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    drawings = [each for each in load_packed().drawings() if is_unseen(each.writer)]
    digits = [each for each in drawings if each.label.isdigit()]
    bench = Bench(
        layer=layer_of(net),
        moments=load_moments(folder, net),
        digit_from=-math.inf if confidence is None else confidence.digit_from,
        temperature=1.0 if confidence is None else confidence.temperature,
        letters=looks_at(net, [seen(on_pad(each)) for each in drawings if each.label.isalpha()]),
        mnist=with_one(features_of(net, standardise(test.images)).double().numpy()),
        mnist_labels=test.labels.numpy(),
    )
    unipen = writers_of(net, [each for each in digits if not each.writer.startswith(TABLET)])
    return bench, unipen, writers_of(net, [each for each in digits if each.writer.startswith(TABLET)])


def main() -> None:
    """Print the tables and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    add("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw, or gets it")
    add("--choices", type=int, default=CHOICES, help="choices of the samples (default: %(default)s)")
    options = parser.parse_args()
    folder = checkpoint.SHIPPED / ITERATIONS[options.iteration].name
    bench, writers, tablet = build(folder, load_mnist(options.data_dir)[1])
    tested = [sum(len(each.labels) - MOST_TAUGHT * CLASSES for each in group) for group in (writers, tablet)]
    print(f"{folder.name}; percent, means over {options.choices} choices of the samples (seed {SEED})")
    found = [measure(bench, writers, each, options.choices) for each in (1, 2)]
    for each, figures in zip(("one sample", "two samples"), found, strict=True):
        print_table(f"{each} of each digit, {len(writers)} writers of UNIPEN, n = {tested[0]:,}", figures)
    print_table(
        f"one sample, {len(tablet)} writers of the tablet, n = {tested[1]:,}", measure(bench, tablet, 1, options.choices)
    )
    worst = fifths(found[0])[0]
    line = {
        "worst_fifth_before": worst[:, 0, 0].mean(),
        "worst_fifth_after": worst[:, 1, 0].mean(),
        "mean_before": found[0][:, 0, 0].mean(),
        "mean_after": found[0][:, 1, 0].mean(),
        "mnist_before": found[0][:, 0, 3].mean(),
        "mnist_after": found[0][:, 1, 3].mean(),
    }
    print()
    rounded = {key: round(float(value), 2) for key, value in line.items()}
    print(json.dumps({"writers": len(writers), "samples": 1, **rounded}))


if __name__ == "__main__":
    main()
