"""How the confidence of a network with ten outputs is fitted: a score of its own, a temperature and two thresholds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_cnn.calibration.examples import Examples
from mnist_cnn.calibration.fit_eleven import quantile
from mnist_cnn.confidence import LOGITS, Confidence, HiddenScore, channel_means
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import read_unipen
from mnist_cnn.model import CLASSES
from mnist_cnn.training.non_digits.paths import as_drawn

SEED = 0
REJECTED = 0.01
"""Fraction of real digits below the score's threshold, and share of the others that counts as unsure."""
HIDDEN = 11
EPOCHS, BATCH, LEARNING_RATE = 25, 512, 4e-3
LOSS_WEIGHTS = {"digits": 2.5, "drawn": 2.5, "letters": 3.0, "spoiled": 0.5, "scribbles": 0.5, "shapes": 2.0}
"""Weight of each kind as a whole in the score's loss; ``drawn`` are digits as the pad would draw their centre lines."""


def read_pens(path: Path) -> Dataset:
    """The first half of the digits in the UNIPEN file ``path``, as the pad would show them to the network.

    Raises ``ValueError`` if there are none.
    """
    drawings = read_unipen(path)
    half = drawings[: len(drawings) // 2]
    if not half:
        raise ValueError(f"{path} contains no digits; name a UNIPEN file of digits with --strokes")
    images = [as_drawn([np.array(stroke) for stroke in drawing.strokes]) for drawing in half]
    return Dataset(torch.from_numpy(np.stack(images)), torch.tensor([drawing.digit for drawing in half]))


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
    scores = torch.cat([sibling_score(features[0]), score(features[1])])
    logits = torch.cat(features)[:, -CLASSES:]
    temperature = fit_temperature(logits, torch.cat([held_out.labels, pens.labels]), weights)
    largest = (logits / temperature).softmax(dim=1).amax(dim=1)
    digit_from = quantile(scores, weights, REJECTED)
    accepted = scores >= digit_from
    made = Confidence(
        temperature=temperature,
        digit_from=round(digit_from, 4),
        sure_from=round(quantile(largest[accepted], weights[accepted], REJECTED), 4),
        fitted={
            "seed": SEED,
            **examples.counts(),
            "held_out_digits": len(held_out),
            "held_out_pens": len(pens),
        },
        score=score,
    )
    return Confidence.from_json(made.to_json())  # which refuses values that are not finite


def features_of(net: nn.Sequential, images: Tensor, layers: tuple[str, ...]) -> Tensor:
    """The inputs of the score: (N, 28, 28) uint8 -> (N, inputs)."""
    return torch.cat([channel_means(net, standardise(batch), layers) for batch in images.split(500)])


def fit_score(net: nn.Sequential, layers: tuple[str, ...], examples: Examples) -> HiddenScore:
    """The score of ``net``, fitted on ``examples``."""
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
    return HiddenScore(
        layers=layers,
        weight=tuple(_rounded(row) for row in weight),
        bias=_rounded(bias),
        out_weight=_rounded(last.weight[0]),
        out_bias=_rounded(last.bias)[0],
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
