"""How often the page asks "a 3 the wrong way round?", and how often that is right: ``python -m benchmarks.orientation``.

Digits are mirrored and turned in each of ``orientation.WAYS``; of those that are then refused, how many get the question,
and how often it names the digit: MNIST's training digits, and digits of the held-out writers (``stroke_data.is_unseen``).
Letters of held-out writers that are refused: how many get the question. The threshold was chosen on these figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.hands import judged, on_pad, seen
from mnist_cnn import checkpoint
from mnist_cnn.confidence import DIGIT, NOT_A_DIGIT, Confidence, load_confidence
from mnist_cnn.data import default_data_dir, load_mnist
from mnist_cnn.drawing.picture import views
from mnist_cnn.orientation import MIN_SURENESS, WAYS, sureness_of
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.training.stroke_data import is_unseen, load_packed

SEED = 0
MNIST_COUNT = 4_000
THRESHOLDS = 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999

Images = NDArray[np.uint8]
Questions = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]
"""Of each refused drawing: how sure its surest view is, the digit of that view, and the drawing's label."""


def questions(net: nn.Sequential, confidence: Confidence, images: Images, labels: NDArray[np.int64]) -> Questions:
    """What could be asked of those of ``images``, (N, 28, 28), that are refused."""
    refused = np.array([each.verdict == NOT_A_DIGIT for each in judged(net, images, confidence)])
    turned = judged(net, np.concatenate([views(image) for image in images[refused]]), confidence)
    sure = [sureness_of(max(each.probabilities), each.score) if each.verdict == DIGIT else 0.0 for each in turned]
    digits = np.array([int(np.argmax(each.probabilities)) for each in turned]).reshape(-1, len(WAYS))
    sureness = np.array(sure).reshape(-1, len(WAYS))
    best = sureness.argmax(axis=1)
    row = np.arange(len(best))
    return sureness[row, best], digits[row, best], labels[refused]


def of_turned(net: nn.Sequential, confidence: Confidence, images: Images, labels: NDArray[np.int64]) -> Questions:
    """The same for ``images`` in each of ``WAYS``."""
    all_views = np.stack([views(image) for image in images])
    parts = [questions(net, confidence, all_views[:, way], labels) for way in range(len(WAYS))]
    sureness, digits, truth = (np.concatenate(column) for column in zip(*parts, strict=True))
    return sureness, digits, truth


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw, or gets it")
    options = parser.parse_args(arguments)
    folder = checkpoint.SHIPPED / DEFAULT
    net = checkpoint.load(folder)
    confidence = load_confidence(folder, net)
    assert confidence is not None
    train = load_mnist(options.data_dir)[0]
    chosen = torch.from_numpy(np.random.default_rng(SEED).choice(len(train.labels), MNIST_COUNT, replace=False))
    drawings = [each for each in load_packed().drawings() if is_unseen(each.writer)]
    digits = [each for each in drawings if each.label.isdigit()]
    letters = [each for each in drawings if each.label.isalpha()]
    of_digits = np.stack([seen(on_pad(each)) for each in digits])
    of_letters = np.stack([seen(on_pad(each)) for each in letters])
    mnist = of_turned(net, confidence, train.images[chosen].numpy(), train.labels[chosen].numpy())
    people = of_turned(net, confidence, of_digits, np.array([int(each.label) for each in digits]))
    other = questions(net, confidence, of_letters, np.full(len(letters), -1))
    print(f"{folder.name}; refused: {len(mnist[0]):,} of MNIST's training digits, {len(people[0]):,} of held-out writers,")
    print(f"mirrored or turned; {len(other[0]):,} of {len(letters):,} letters of held-out writers\n")
    print(f"{'percent':>10}{'MNIST':>16}{'people':>20}{'letters':>12}")
    print(f"{'from':>10}{'asked':>8}{'right':>8}{'asked':>12}{'right':>8}{'asked':>12}")
    line = {}
    for threshold in THRESHOLDS:
        shares = []
        for sureness, digit, truth in (mnist, people):
            asked = sureness >= threshold
            shares += [100 * float(asked.mean()), 100 * float((digit == truth)[asked].mean())]
        shares.append(100 * float((other[0] >= threshold).mean()))
        print(f"{threshold:10}{shares[0]:8.1f}{shares[1]:8.1f}{shares[2]:12.1f}{shares[3]:8.1f}{shares[4]:12.1f}")
        if threshold == MIN_SURENESS:
            names = "mnist_asked", "mnist_right", "people_asked", "people_right", "letters_asked"
            line = dict(zip(names, (round(share, 1) for share in shares), strict=True))
    print()
    print(json.dumps({"n_mnist": len(mnist[0]), "n_people": len(people[0]), "n_letters": len(other[0]), **line}))


if __name__ == "__main__":
    main()
