"""From a trained network to its ``confidence.json``: prepare what it is fitted on, fit, write the file.

The temperature and the thresholds have to be fitted on digits that the network has not been trained on. A second network of
the same recipe, the sibling, is therefore trained without the last training digits, and answers those in its place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.calibration import fit_eleven, fit_hidden_score
from mnist_cnn.calibration.examples import build_examples
from mnist_cnn.confidence import FILE, Confidence
from mnist_cnn.data import Dataset, load_mnist
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import ITERATION_5, Augmentation, Recipe
from mnist_cnn.training import run
from mnist_cnn.training.run import HELD_OUT
from mnist_cnn.training.stroke_data import load_packed


@dataclass(frozen=True)
class Job:
    """What to calibrate, and with which files."""

    recipe: Recipe  # of the network
    weights: Path  # folder of the network
    sibling: Path  # folder of a network of the same recipe without the last ``HELD_OUT`` digits; trained if it is empty
    data_dir: Path  # holds MNIST/raw; missing files are downloaded into it
    strokes: Path | None  # for a network with ten outputs: a UNIPEN file of digits, whose first half is used
    out: Path  # folder to write


def calibrate(job: Job) -> None:
    """Fit the confidence of a network and write it.

    Raises ``ValueError`` for strokes or weights that cannot be used, and what ``mnist_cnn.training.run.run`` raises.
    """
    recipe = checkpoint.load_recipe(job.weights)
    if recipe != job.recipe:
        raise ValueError(f"{job.weights} holds {recipe.name}, not {job.recipe.name}; choose its --iteration")
    net = checkpoint.load(job.weights)
    digits, _ = load_mnist(job.data_dir)
    if job.recipe.classes > CLASSES:
        answers = fit_eleven.answers_by_kind(net, load_or_train_sibling(job), load_packed(), digits[-HELD_OUT:])
        confidence = fit_eleven.fit_confidence(answers)
    else:
        confidence = fit_with_hidden_score(job, net, digits)
    path = job.out / FILE
    checkpoint.write_whole({path: (json.dumps(confidence.to_json()) + "\n").encode()})
    print(
        f"{path}: temperature {confidence.temperature}, {confidence.values:,} values, "
        f"digits score at least {confidence.digit_from:.2f}"
    )


def fit_with_hidden_score(job: Job, net: nn.Sequential, digits: Dataset) -> Confidence:
    """The confidence of ``net``, which has ten outputs. Raises ``ValueError`` without strokes."""
    if job.strokes is None:
        raise ValueError("name a UNIPEN file of digits with --strokes")
    pens = fit_hidden_score.read_pens(job.strokes)
    sibling = load_or_train_sibling(job)
    amounts = job.recipe.augmentation or ITERATION_5.augmentation or Augmentation()
    examples = build_examples(digits[:-HELD_OUT], amounts, fit_hidden_score.SEED)
    return fit_hidden_score.fit_confidence(net, sibling, examples, digits[-HELD_OUT:], pens)


def load_or_train_sibling(job: Job) -> nn.Sequential:
    """The network in ``job.sibling``, trained first if there is none."""
    if not (job.sibling / checkpoint.WEIGHTS_FILE).exists():
        print(f"{job.sibling}: no network here; training one without the last {HELD_OUT:,} training digits")
        run.run(run.Job(recipe=job.recipe, folder=job.sibling, data_dir=job.data_dir, hold_out=HELD_OUT))
    return checkpoint.load(job.sibling)
