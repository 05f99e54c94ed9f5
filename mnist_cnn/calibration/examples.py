"""The images on which the score "this is a digit" is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from mnist_cnn.calibration.non_digits import non_digits
from mnist_cnn.data import Dataset
from mnist_cnn.recipes import Augmentation
from mnist_cnn.training.augment import augment, change_width, warp
from mnist_cnn.training.non_digits.paths import as_drawn, digit_strokes

SKELETONS = 12_000
"""This many digits are also redrawn along their centre line, as the pad would draw them."""


@dataclass(frozen=True)
class Examples:
    """Images of each kind, (N, 28, 28) uint8."""

    digits: dict[str, Tensor]
    non_digits: dict[str, Tensor]

    def counts(self) -> dict[str, int]:
        """How many images each kind has."""
        return {kind: len(images) for kind, images in (self.digits | self.non_digits).items()}


def build_examples(digits: Dataset, amounts: Augmentation, seed: int) -> Examples:
    """Digits and images that are not digits, both augmented by ``amounts``."""
    random = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    chosen = random.permutation(len(digits))[:SKELETONS]
    skeletons = torch.from_numpy(np.stack([as_drawn(digit_strokes(digits.images[i].numpy())) for i in chosen]))
    others = non_digits(digits, random)
    for images in others.values():
        _augment_half(images, amounts, generator)
    augmented = augment(digits.images, digits.labels, amounts, generator)
    drawn = torch.cat([skeletons, warp(skeletons, amounts, generator), warp(skeletons, amounts, generator)])
    return Examples({"digits": torch.cat([digits.images, augmented]), "drawn": drawn}, others)


def _augment_half(images: Tensor, amounts: Augmentation, generator: Generator) -> None:
    """Augment half of ``images`` in place, so that neither stroke width nor blur gives them away as non-digits."""
    half = torch.rand(len(images), generator=generator) < 0.5
    images[half] = warp(change_width(images[half], amounts, generator), amounts, generator)
