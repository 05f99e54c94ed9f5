"""How the confidence of a network is fitted: a score that tells digits from other images, a temperature and two thresholds.

The temperature and the thresholds have to be fitted on digits that the network has not been trained on. A second network of
the same recipe, the sibling, is therefore trained without the last training digits, and answers those in its place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_cnn import checkpoint
from mnist_cnn.calibration.examples import Examples, build_examples
from mnist_cnn.calibration.paths import as_drawn
from mnist_cnn.confidence import FILE, LOGITS, Confidence, channel_means
from mnist_cnn.data import Dataset, load_mnist, standardise
from mnist_cnn.drawing.unipen import read_unipen
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import ITERATION_5, Augmentation, Recipe
from mnist_cnn.training import run

SEED = 0
HELD_OUT = 10_000
REJECTED = 0.01
"""Fraction of real digits below the score's threshold, and share of the others that counts as unsure."""
HIDDEN = 11
EPOCHS, BATCH, LEARNING_RATE = 25, 512, 4e-3
LOSS_WEIGHTS = {"digits": 2.5, "drawn": 2.5, "letters": 3.0, "spoiled": 0.5, "scribbles": 0.5, "shapes": 2.0}
"""Weight of each kind as a whole in the score's loss; ``drawn`` are digits as the pad would draw their centre lines."""


@dataclass(frozen=True)
class Job:
    """What to calibrate, and with which files."""

    recipe: Recipe  # of the shipped network
    sibling: Path  # folder of a network of the same recipe without the last ``HELD_OUT`` digits; trained if it is empty
    data_dir: Path  # holds MNIST/raw; missing files are downloaded into it
    strokes: Path  # a UNIPEN file of digits, whose first half is used
    out: Path  # folder to write


def calibrate(job: Job) -> None:
    """Fit the confidence of the shipped network and write it.

    Raises ``ValueError`` for strokes or weights that cannot be used, and what ``mnist_cnn.training.run.run`` raises.
    """
    net = checkpoint.load(checkpoint.SHIPPED / job.recipe.name)
    digits, _ = load_mnist(job.data_dir)
    pens = read_pens(job.strokes)
    sibling = load_or_train_sibling(job)
    shown, held_out = digits[:-HELD_OUT], digits[-HELD_OUT:]
    amounts = job.recipe.augmentation or ITERATION_5.augmentation or Augmentation()
    examples = build_examples(shown, amounts, SEED)
    confidence = fit_confidence(net, sibling, examples, held_out, pens)
    path = job.out / FILE
    checkpoint.write_whole({path: (json.dumps(confidence.to_json()) + "\n").encode()})
    print(
        f"{path}: temperature {confidence.temperature}, {confidence.values:,} values, "
        f"digits score at least {confidence.digit_from:.2f}"
    )


def read_pens(path: Path) -> Dataset:
    """The first half of the digits in the UNIPEN file ``path``, as the pad would show them to the network.

    Raises ``ValueError`` if there are none.
    """
    drawings = read_unipen(path)
    half = drawings[: len(drawings) // 2]
    if not half:
        raise ValueError(f"{path} contains no digits; name a UNIPEN file of digits with --strokes")
    images = [as_drawn([np.array(stroke) for stroke in drawing.strokes]) for drawing in half]
    return Dataset(torch.from_numpy(np.stack(images)), torch.tensor([drawing.label for drawing in half]))


def load_or_train_sibling(job: Job) -> nn.Sequential:
    """The network in ``job.sibling``, trained first if there is none."""
    if not (job.sibling / checkpoint.WEIGHTS_FILE).exists():
        print(f"{job.sibling}: no network here; training one without the last {HELD_OUT:,} training digits")
        run.run(run.Job(recipe=job.recipe, folder=job.sibling, data_dir=job.data_dir, hold_out=HELD_OUT))
    return checkpoint.load(job.sibling)


def fit_confidence(
    net: nn.Sequential, sibling: nn.Sequential, examples: Examples, held_out: Dataset, pens: Dataset
) -> Confidence:
    """Fit the score of ``net`` on ``examples``, its temperature and its thresholds on digits it has not seen.

    Those are ``held_out``, answered by ``sibling``, and ``pens``, answered by ``net``; each set as a whole weighs the same.
    Raises ``ValueError`` if the fit gives values that are not finite.
    """
    layers = (*(name for name, module in net.named_children() if isinstance(module, nn.ReLU)), LOGITS)
    sibling_score, score = (fit_score(each, layers, examples) for each in (sibling, net))
    features = [features_of(sibling, held_out.images, layers), features_of(net, pens.images, layers)]
    weights = torch.cat([torch.full((len(each),), 0.5 / len(each)) for each in features])
    scores = torch.cat([sibling_score.scores(features[0]), score.scores(features[1])])
    logits = torch.cat(features)[:, -CLASSES:]
    temperature = fit_temperature(logits, torch.cat([held_out.labels, pens.labels]), weights)
    largest = (logits / temperature).softmax(dim=1).amax(dim=1)
    digit_from = quantile(scores, weights, REJECTED)
    accepted = scores >= digit_from
    fitted = replace(
        score,
        temperature=temperature,
        digit_from=round(digit_from, 4),
        sure_from=round(quantile(largest[accepted], weights[accepted], REJECTED), 4),
        fitted={
            "seed": SEED,
            **examples.counts(),
            "held_out_digits": len(held_out),
            "held_out_pens": len(pens),
        },
    )
    return Confidence.from_json(fitted.to_json())  # which refuses values that are not finite


def features_of(net: nn.Sequential, images: Tensor, layers: tuple[str, ...]) -> Tensor:
    """The inputs of the score: (N, 28, 28) uint8 -> (N, inputs)."""
    return torch.cat([channel_means(net, standardise(batch), layers) for batch in images.split(500)])


def fit_score(net: nn.Sequential, layers: tuple[str, ...], examples: Examples) -> Confidence:
    """A confidence of ``net`` with fitted score, whose temperature is 1 and whose thresholds are 0."""
    torch.manual_seed(SEED)
    kinds = examples.digits | examples.non_digits
    x = features_of(net, torch.cat(list(kinds.values())), layers)
    count = sum(map(len, examples.digits.values()))
    y = torch.cat([torch.ones(count), torch.zeros(len(x) - count)])
    weights = torch.cat([torch.full((len(images),), LOSS_WEIGHTS[kind] / len(images)) for kind, images in kinds.items()])
    mean, deviation = x.mean(dim=0), x.std(dim=0) + 1e-3
    first, last = train_head((x - mean) / deviation, y, weights / weights.mean())
    weight = first.weight.detach() / deviation  # of inputs that are not standardised
    bias = first.bias.detach() - weight @ mean
    return Confidence(
        temperature=1.0,
        layers=layers,
        weight=tuple(_rounded(row) for row in weight),
        bias=_rounded(bias),
        out_weight=_rounded(last.weight[0]),
        out_bias=_rounded(last.bias)[0],
        digit_from=0.0,
        sure_from=0.0,
        fitted={},
    )


def train_head(x: Tensor, y: Tensor, weights: Tensor) -> tuple[nn.Linear, nn.Linear]:
    """Two layers whose output for ``x`` (N, inputs) is the log-odds that ``y`` (N,) is 1 rather than 0."""
    first, last = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
    head = nn.Sequential(first, nn.ReLU(), last)
    optimizer = torch.optim.AdamW(head.parameters(), weight_decay=1e-4)
    batches = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x))[: batches * BATCH].split(BATCH):
            log_odds = head(x[batch])[:, 0]
            loss = F.binary_cross_entropy_with_logits(log_odds, y[batch], weight=weights[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return first, last


def _rounded(values: Tensor) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values.tolist())


def fit_temperature(logits: Tensor, labels: Tensor, weights: Tensor) -> float:
    """The temperature with the smallest weighted negative log-likelihood; (N, 10), (N,) and (N,)."""
    grid = torch.linspace(0.3, 3, 541)
    losses = [float((F.cross_entropy(logits / t, labels, reduction="none") * weights).sum()) for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)


def quantile(values: Tensor, weights: Tensor, share: float) -> float:
    """The value below which ``share`` of the weight lies."""
    order = values.argsort()
    passed = weights[order].cumsum(dim=0) / weights.sum()
    return float(values[order][int(torch.searchsorted(passed, share))])
