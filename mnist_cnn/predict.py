"""From a picture to an answer: normalise, standardise, network, probabilities."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.model import CLASSES, IMAGE_SIZE


class Prediction(TypedDict):
    """What the network says of one picture; plain values that go into JSON as they are."""

    digit: int | None  # None: nothing is drawn
    probabilities: list[float]  # of the digits 0…9; all 0 when nothing is drawn
    verdict: str  # "digit" or "nothing drawn"
    seen: list[list[int]]  # the 28×28 the network saw, bright ink on 0; all 0 when nothing is drawn


def nothing_drawn() -> Prediction:
    """The answer for an empty picture."""
    return {
        "digit": None,
        "probabilities": [0.0] * CLASSES,
        "verdict": "nothing drawn",
        "seen": [[0] * IMAGE_SIZE for _ in range(IMAGE_SIZE)],
    }


def predict(net: nn.Module, image: NDArray[np.uint8]) -> Prediction:
    """What ``net``, in eval mode, says of ``image``, which is whatever ``drawing.normalise`` takes."""
    seen = normalise(image)
    return nothing_drawn() if seen is None else answer_of(net, seen)


def answer_of(net: nn.Module, seen: NDArray[np.uint8]) -> Prediction:
    """What ``net``, in eval mode, says of ``seen``, (28, 28) uint8 as MNIST would have it."""
    with torch.inference_mode():
        log_probs = net(standardise(torch.from_numpy(seen)[None]))[0]
    return {
        "digit": int(log_probs.argmax()),
        "probabilities": log_probs.exp().tolist(),
        "verdict": "digit",
        "seen": seen.tolist(),
    }
