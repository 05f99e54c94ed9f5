"""Images that are not digits, on which the score is fitted: spoiled digits, letters, scribbles and filled shapes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mnist_cnn.calibration.letters import glyphs
from mnist_cnn.data import Dataset
from mnist_cnn.training.non_digits.paths import Images, as_drawn, by_hand
from mnist_cnn.training.non_digits.scribbles import SCRIBBLES
from mnist_cnn.training.non_digits.shapes import SHAPES, filled_shape
from mnist_cnn.training.non_digits.spoiled_digits import spoil

SPOILED = 12_000
LETTER_ROUNDS = 10
"""Each glyph is written this many times."""
PER_SCRIBBLE, PER_SHAPE = 400, 600
WRITTEN_TWICE = 0.4
"""Fraction of the letters to which ``by_hand`` is applied a second time."""


def non_digits(digits: Dataset, random: np.random.Generator) -> dict[str, Tensor]:
    """Spoiled digits of ``digits``, letters, scribbles and filled shapes; (N, 28, 28) uint8 each."""
    all_glyphs = glyphs()

    def letter(number: int) -> Images:
        strokes = by_hand(all_glyphs[number % len(all_glyphs)], random)
        return as_drawn(by_hand(strokes, random) if random.random() < WRITTEN_TWICE else strokes)

    images = {
        "spoiled": spoil(digits.images.numpy(), digits.labels.numpy(), SPOILED, random),
        "letters": np.stack([letter(number) for number in range(LETTER_ROUNDS * len(all_glyphs))]),
        "scribbles": np.stack([as_drawn(kind(random)) for _ in range(PER_SCRIBBLE) for kind in SCRIBBLES.values()]),
        "shapes": np.stack([filled_shape(kind, random) for _ in range(PER_SHAPE) for kind in SHAPES.values()]),
    }
    return {kind: torch.from_numpy(each) for kind, each in images.items()}
