"""The layers of a network in stages that people can name, and what each kind of layer does, in words.

A stage is a convolution with what follows it up to the next one; the last stage makes scores of the maps. Its name says what
fits into the receptive field of one unit at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from mnist_cnn.receptive_field import Row

NAMES = (
    (4, "Edges", "the edge of a line"),
    (8, "Lines and bends", "a line, a bend or an end"),
    (12, "Parts", "a crossing, a corner or a small loop"),
    (16, "Bigger parts", "a loop, or half of a digit"),
    (20, "Large parts", "most of a digit"),
    (28, "Whole digit", "the whole digit, or most of it"),
)
"""By the largest receptive field, in pixels a side: the name of a stage, and what fits into the field.

They were chosen by looking at the patches of MNIST's test digits that excite the maps of iterations 5 and 6 most.
"""
SCORES = "Scores"
"""The name of the last stage."""

STEPS = {
    "conv": (
        "Convolution",
        "A filter, a small square of learnt numbers, slides over the picture, or over all maps of the stage before. At "
        "every place, the numbers under it are multiplied by its own, and the products are added up. So one filter makes "
        "one map, which is large where the picture looks like the filter.",
    ),
    "pool": (
        "Max pooling",
        "Of every 2×2 numbers only the largest is kept. The map becomes half as wide and half as high, and it matters less "
        "where exactly something was found.",
    ),
    "bn": (
        "Batch norm",
        "Every map is multiplied by one learnt number and shifted by another, so that all maps are about equally strong.",
    ),
    "relu": ("ReLU", "Negative numbers become 0, positive ones stay: what was found is passed on, what was not is dropped."),
    "mean": ("Average", "Of every map only its average is kept: how much of something there is, not where."),
    "flatten": ("Flatten", "All numbers are put in one row."),
    "dropout": ("Dropout", "In training, some of the numbers are set to 0 at random. Here it does nothing."),
    "fc": (
        "Weighted sum",
        "Every number is multiplied by a learnt weight. The sum of the products is the score of one digit.",
    ),
    "log_softmax": ("Softmax", "Turns scores into probabilities that add up to 100 %."),
}
"""By the kind of layer, which its name begins with: what it is called, and what it does."""


@dataclass(frozen=True)
class Stage:
    """Some consecutive layers: ``name`` is for people, ``fits`` says what fits into the receptive field."""

    name: str
    fits: str  # "" for the last stage, whose units see the whole image
    layers: tuple[str, ...]


def kind_of(layer: str) -> str:
    """The key of ``STEPS`` for a layer: ``conv1`` -> ``conv``."""
    return layer.rstrip("0123456789")


def stages(rows: Sequence[Row]) -> list[Stage]:
    """The stages of the network whose layer table is ``rows``; every layer is in one of them."""
    starts = [place for place, row in enumerate(rows) if kind_of(row.name) == "conv"]
    after = {place + 1 for place, row in enumerate(rows) if kind_of(row.name) in ("conv", "pool", "bn", "relu")}
    ends = [*starts[1:], max(after)]
    found: list[Stage] = []
    for start, end in zip(starts, ends, strict=True):
        field = rows[end - 1].receptive_field
        name, fits = next((name, fits) for most, name, fits in NAMES if field <= most)
        taken = {stage.name for stage in found}
        name = next(each for number in count(1) if (each := name if number == 1 else f"{name} {number}") not in taken)
        found.append(Stage(name, fits, tuple(row.name for row in rows[start:end])))
    return [*found, Stage(SCORES, "", tuple(row.name for row in rows[ends[-1] :]))]
