"""From a picture to an answer: its digits, and for each normalise, standardise, network, probabilities."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.confidence import DIGIT, NO_DIGIT, NOTHING, Confidence, judge, read
from mnist_cnn.data import standardise
from mnist_cnn.drawing.photo import clean, is_photo
from mnist_cnn.drawing.picture import ink_of, normalise_ink
from mnist_cnn.drawing.segmentation import split_picture
from mnist_cnn.model import CLASSES, IMAGE_SIZE


class Answer(TypedDict):
    """What the network says of one 28×28; plain values that go into JSON as they are."""

    digit: int | None  # the best guess, whatever the verdict; None: nothing is drawn, or more than one digit
    probabilities: list[float]  # of the digits 0…9, calibrated; all 0 when there is not one digit
    verdict: str  # "digit", "unsure", "does not look like a digit", "number" or "nothing drawn"
    candidates: list[int]  # two digits when unsure, the likelier first; else none
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
    return {
        "digit": None,
        "probabilities": [0.0] * CLASSES,
        "verdict": verdict,
        "candidates": [],
        "seen": shown.tolist(),
    }


def predict(
    net: nn.Sequential,
    image: NDArray[np.uint8],
    confidence: Confidence | None = None,
    *,
    size: tuple[int, int] | None = None,
) -> Prediction:
    """What ``net``, in eval mode, says of ``image``, which is whatever ``drawing.normalise`` takes.

    ``size``: width and height of the picture of which ``image`` is a reduced copy; the boxes are in its pixels.
    """
    height, width = image.shape[:2]
    sent = size or (width, height)
    if image.size and is_photo(image):
        image = clean(image)
        height, width = image.shape[:2]
    across, down = (sent[0] / width, sent[1] / height) if image.size else (1.0, 1.0)
    found: list[tuple[Answer, list[int]]] = []
    for (left, top, right, bottom), ink in split_picture(image, net):
        seen = normalise_ink(ink)
        if seen is not None:
            box = [math.floor(left * across), math.floor(top * down), math.ceil(right * across), math.ceil(bottom * down)]
            found.append((answer_of(net, seen, confidence), box))
    if not found:
        answer = no_digit(NOTHING)
    elif len(found) == 1:
        answer = found[0][0]
    else:
        verdicts = {each["verdict"] for each, _ in found}
        answer = no_digit(NO_DIGIT if verdicts == {NO_DIGIT} else "number", normalise_ink(ink_of(image)))
    digits: list[DigitAnswer] = [{**each, "box": box} for each, box in found]
    return {**answer, "number": "".join(str(each["digit"]) for each in digits), "digits": digits}


def answer_of(net: nn.Sequential, seen: NDArray[np.uint8], confidence: Confidence | None = None) -> Answer:
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
