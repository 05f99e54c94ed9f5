"""From a picture to an answer: its digits, and for each normalise, standardise, network, probabilities."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.data import standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.numbers import split_picture


class Answer(TypedDict):
    """What the network says of one 28×28; plain values that go into JSON as they are."""

    digit: int | None  # None: nothing is drawn, or more than one digit
    probabilities: list[float]  # of the digits 0…9; all 0 when there is no digit
    verdict: str  # "digit", "number" or "nothing drawn"
    seen: list[list[int]]  # the 28×28 the network saw, bright ink on 0; of a number the whole picture; all 0 of nothing


class DigitAnswer(Answer):
    """…and where that digit is."""

    box: list[int]  # left, top, right, bottom in pixels of the picture that was sent; the last two are the first beyond


class Prediction(Answer):
    """What the network says of one picture."""

    number: str  # all digits in a row; "" when nothing is drawn
    digits: list[DigitAnswer]  # from left to right


def no_digit(verdict: str, seen: NDArray[np.uint8] | None = None) -> Answer:
    """The answer where there is not one digit."""
    shown = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if seen is None else seen
    return {"digit": None, "probabilities": [0.0] * CLASSES, "verdict": verdict, "seen": shown.tolist()}


def predict(net: nn.Module, image: NDArray[np.uint8], *, size: tuple[int, int] | None = None) -> Prediction:
    """What ``net``, in eval mode, says of ``image``, which is whatever ``drawing.normalise`` takes.

    ``size``: width and height of the picture of which ``image`` is a reduced copy; the boxes are in its pixels.
    """
    height, width = image.shape[:2]
    across, down = (size[0] / width, size[1] / height) if size and image.size else (1.0, 1.0)
    found: list[tuple[Answer, list[int]]] = []
    for (left, top, right, bottom), picture in split_picture(image, net):
        seen = normalise(picture)
        if seen is not None:
            box = [math.floor(left * across), math.floor(top * down), math.ceil(right * across), math.ceil(bottom * down)]
            found.append((answer_of(net, seen), box))
    if not found:
        answer = no_digit("nothing drawn")
    elif len(found) == 1:
        answer = found[0][0]
    else:
        answer = no_digit("number", normalise(image))
    digits: list[DigitAnswer] = [{**each, "box": box} for each, box in found]
    return {**answer, "number": "".join(str(each["digit"]) for each in digits), "digits": digits}


def answer_of(net: nn.Module, seen: NDArray[np.uint8]) -> Answer:
    """What ``net``, in eval mode, says of ``seen``, (28, 28) uint8 as MNIST would have it."""
    with torch.inference_mode():
        log_probs = net(standardise(torch.from_numpy(seen)[None]))[0]
    return {
        "digit": int(log_probs.argmax()),
        "probabilities": log_probs.exp().tolist(),
        "verdict": "digit",
        "seen": seen.tolist(),
    }
