"""From a picture to an answer: normalise, standardise, network, probabilities."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.confidence import DIGIT, NOTHING, Confidence, judge, read
from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.model import CLASSES, IMAGE_SIZE


class Prediction(TypedDict):
    """What the network says of one picture; plain values that go into JSON as they are."""

    digit: int | None  # the best guess, whatever the verdict; None: nothing is drawn
    probabilities: list[float]  # of the digits 0…9, calibrated; all 0 when nothing is drawn
    verdict: str  # "digit", "unsure", "does not look like a digit" or "nothing drawn"
    candidates: list[int]  # two digits when unsure, the likelier first; else none
    seen: list[list[int]]  # the 28×28 the network saw, bright ink on 0; all 0 when nothing is drawn


def nothing_drawn() -> Prediction:
    """The answer for an empty picture."""
    return {
        "digit": None,
        "probabilities": [0.0] * CLASSES,
        "verdict": NOTHING,
        "candidates": [],
        "seen": [[0] * IMAGE_SIZE for _ in range(IMAGE_SIZE)],
    }


def predict(net: nn.Sequential, image: NDArray[np.uint8], confidence: Confidence | None = None) -> Prediction:
    """What ``net``, in eval mode, says of ``image``, which is whatever ``drawing.normalise`` takes."""
    seen = normalise(image)
    return nothing_drawn() if seen is None else answer_of(net, seen, confidence)


def answer_of(net: nn.Sequential, seen: NDArray[np.uint8], confidence: Confidence | None = None) -> Prediction:
    """What ``net``, in eval mode, says of ``seen``, (28, 28) uint8 as MNIST would have it.

    Without a ``confidence`` the probabilities are the network's own and the verdict of anything drawn is "digit".
    """
    images = standardise(torch.from_numpy(seen)[None])
    if confidence is None:
        with torch.inference_mode():
            probabilities, verdict, candidates = net(images)[0].exp().tolist(), DIGIT, []
    else:
        judgement = judge(confidence, read(net, images, confidence.layers))[0]
        probabilities, verdict, candidates = judgement.probabilities, judgement.verdict, judgement.candidates
    return {
        "digit": int(np.argmax(probabilities)),
        "probabilities": probabilities,
        "verdict": verdict,
        "candidates": candidates,
        "seen": seen.tolist(),
    }
