"""Whether a drawing that does not look like a digit would be one the other way round.

``web/engine/orientation.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.confidence import DIGIT, Confidence, classify
from mnist_cnn.data import standardise
from mnist_cnn.drawing.picture import views

WAYS = "mirrored", "flipped", "turned left", "turned round", "turned right"
"""What ``picture.views`` does with a drawing, in its order."""
MIN_SURENESS = 0.99
"""How sure the network must be of the turned drawing: the largest probability times that of any digit. At .99 the question
is put for 7 % of the refused letters of held-out writers, many of which are that digit turned (w, M, F), and for 93 % of
MNIST's training digits that are refused when mirrored or turned; at .9 for 18 and 99 %, at .999 for 1.5 and 75 %
(``python -m benchmarks.orientation``)."""


class WrongWayRound(TypedDict):
    """A drawing that would surely be a digit if it were mirrored or turned."""

    digit: int
    how: str  # what makes it that digit: one of ``WAYS``, the first of several


def wrong_way_round(net: nn.Sequential, seen: NDArray[np.uint8], confidence: Confidence) -> WrongWayRound | None:
    """What a refused drawing would surely be the other way round, or ``None``; ``net`` is in eval mode.

    ``seen``: (28, 28) uint8 as MNIST would have it, of which the verdict is ``NOT_A_DIGIT``.
    """
    if not seen.any():
        return None
    judgements = classify(net, standardise(torch.from_numpy(views(seen))), confidence)
    sureness = [sureness_of(max(each.probabilities), each.score) for each in judgements]
    digits = [int(np.argmax(each.probabilities)) for each in judgements]
    best = int(np.argmax(sureness))
    if judgements[best].verdict != DIGIT or sureness[best] < MIN_SURENESS:
        return None
    surely = [way for way in range(len(WAYS)) if digits[way] == digits[best] and sureness[way] >= MIN_SURENESS]
    return {"digit": digits[best], "how": WAYS[surely[0]]}


def sureness_of(probability: float, score: float) -> float:
    """The probability of the most likely digit times that of any digit, of which ``score`` is the log-odds."""
    return probability / (1 + float(np.exp(-score)))
