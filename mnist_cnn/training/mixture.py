"""What an epoch shows besides MNIST's digits: pen-written characters, scribbles, shapes and spoiled digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from mnist_cnn.data import Dataset
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import Mixture
from mnist_cnn.training.non_digits.first_tries import FIRST_TRIES, draw_first_try
from mnist_cnn.training.non_digits.paths import Points
from mnist_cnn.training.non_digits.scribbles import SCRIBBLES
from mnist_cnn.training.non_digits.shapes import SHAPES, filled_shape
from mnist_cnn.training.non_digits.spoiled_digits import spoil
from mnist_cnn.training.stroke_data import SIDE, StrokeData, simplify
from mnist_cnn.training.strokes import PenBatch, milder, render, rewrite

NON_DIGIT = CLASSES
"""The label of what is not a digit, and the column of its log-probability."""
AMBIGUOUS_SIGNS = "OoIl|/\\"
"""Letters and signs that look like digits in any handwriting. They are left out: the network is not told what they are."""
SEED = 0
"""Of the shapes and spoiled digits, which are the same in every training."""
TOLERANCE = 2.0
"""Of ``simplify``, for scribbles and shapes."""


@dataclass(frozen=True)
class Extras:
    """Everything an epoch shows besides MNIST's digits."""

    pens: tuple[PenBatch, ...]
    times: tuple[int, ...]  # how often an epoch shows each of ``pens``
    pictures: Dataset
    mixture: Mixture

    @property
    def labels(self) -> list[Tensor]:
        """The labels of every part."""
        return [*(pens.labels for pens in self.pens), self.pictures.labels]

    def epoch(self, digits: Dataset, seed: int, *, mild: bool = False) -> Dataset:
        """``digits`` and everything else, on the device of ``digits``; pen drawings are rewritten, or mildly so."""
        generator = Generator().manual_seed(seed)
        amounts = milder(self.mixture.rewriting) if mild else self.mixture.rewriting
        drawn = [
            (render(rewrite(pens, amounts, generator)), pens.labels)
            for pens, times in zip(self.pens, self.times, strict=True)
            for _ in range(times)
        ]
        device = digits.labels.device
        parts = [(digits.images, digits.labels), *drawn, (self.pictures.images, self.pictures.labels)]
        return Dataset(*(torch.cat([part[i].to(device) for part in parts]) for i in (0, 1)))


def build_extras(mixture: Mixture, strokes: StrokeData, digits: Dataset) -> Extras:
    """What ``mixture`` asks for: strokes of the training writers, and what is not a digit, part of it made of ``digits``."""
    trained, is_digit = ~strokes.held_out & ~strokes.cut_off, strokes.digits >= 0
    unclear = np.isin(strokes.labels, [ord(sign) for sign in AMBIGUOUS_SIGNS])
    labels = np.where(is_digit, strokes.digits, NON_DIGIT)
    random = np.random.default_rng(SEED)
    pens = (
        PenBatch.of(strokes, trained & is_digit & ~strokes.of_tablet, labels),
        PenBatch.of(strokes, trained & is_digit & strokes.of_tablet, labels),
        PenBatch.of(strokes, trained & ~is_digit & ~unclear, labels),
        draw_shapes(mixture.shapes, random),
    )
    times = (mixture.unipen, mixture.pendigits, mixture.letters, 1)
    spoiled = spoil(digits.images.cpu().numpy(), digits.labels.cpu().numpy(), mixture.spoiled, random)
    kinds = list(SHAPES.values())
    filled = np.stack([filled_shape(kinds[number % len(kinds)], random) for number in range(mixture.filled)])
    images = torch.from_numpy(np.concatenate([spoiled, filled]))
    return Extras(pens, times, Dataset(images, torch.full((len(images),), NON_DIGIT)), mixture)


def draw_shapes(each: int, random: np.random.Generator) -> PenBatch:
    """``each`` of every kind of scribble, and twice as many of every kind of what people draw first."""
    drawings = [_fit(make(random)) for make in SCRIBBLES.values() for _ in range(each)]
    for kind in FIRST_TRIES:
        for _ in range(2 * each):
            strokes = draw_first_try(kind, random)
            drawings.append([path * (SIDE / 2) for path in strokes] if kind == "dot" else _fit(strokes))
    return PenBatch.of_paths(drawings, np.full(len(drawings), NON_DIGIT))


def _fit(strokes: list[Points]) -> list[Points]:
    """``strokes`` with their longer side 0…SIDE, and no more points than they need."""
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), max(float(np.ptp(points, axis=0).max()), 1e-6)
    return [simplify((path - low) * (SIDE / extent), TOLERANCE) for path in strokes]
