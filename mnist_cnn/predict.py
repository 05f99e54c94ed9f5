"""From a picture or from strokes to digits, and to the answer of ``/predict``.

Photograph -> ink -> segments -> 28×28 -> network -> confidence. ``web/engine/predict.js`` is the
JavaScript counterpart; only this module builds the JSON of ``/predict``.
"""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.confidence import DIGIT, NOT_A_DIGIT, NOTHING_DRAWN, NUMBER, Confidence, classify, digit_probabilities
from mnist_cnn.data import standardise
from mnist_cnn.drawing.picture import Ink, ink_of, normalise_ink
from mnist_cnn.drawing.segmentation import group_strokes, split_ink
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import CLASSES, IMAGE_SIZE


class Answer(TypedDict):
    """What the network says about one 28×28 image; plain values that go into JSON as they are."""

    digit: int | None  # the best guess, whatever the verdict; None when there is not exactly one digit
    probabilities: list[float]  # of the digits 0…9, calibrated; all 0 when there is not exactly one digit
    verdict: str  # one of those in ``confidence``
    candidates: list[int]  # when unsure two digits, the more likely first; otherwise empty
    seen: list[list[int]]  # the 28×28 image the network saw, bright ink on 0; see ``docs/api.md``


class Digit(Answer):
    """What the network says about one digit of several, and where the digit is."""

    # left, top, right, bottom: whole pixels of a picture, the last two exclusive; for strokes, fractions of the pad's side
    box: list[float]


class Prediction(Answer):
    """What the network says about one picture."""

    number: str  # all digits in a row; "" when nothing is drawn
    digits: list[Digit]  # from left to right


def predict(
    net: nn.Sequential,
    picture: NDArray[np.uint8],
    confidence: Confidence | None = None,
    *,
    size: tuple[int, int] | None = None,
) -> Prediction:
    """The answer of ``/predict`` to ``picture``: uint8, (H, W), (H, W, 3) or (H, W, 4). ``net`` is in eval mode.

    ``size``: width and height of the original if ``picture`` is a reduced copy; boxes are in pixels of the original.
    Raises ``ValueError`` for another shape or type.
    """
    ink = ink_of(picture)
    digits = read_ink(net, ink, confidence, size=size or (picture.shape[1], picture.shape[0]))
    if not digits:
        answer = _no_digit(NOTHING_DRAWN, None)
    elif len(digits) == 1:
        only = digits[0]
        answer = {
            "digit": only["digit"],
            "probabilities": only["probabilities"],
            "verdict": only["verdict"],
            "candidates": only["candidates"],
            "seen": only["seen"],
        }
    else:
        none = all(digit["verdict"] == NOT_A_DIGIT for digit in digits)
        answer = _no_digit(NOT_A_DIGIT if none else NUMBER, normalise_ink(ink))
    return {**answer, "number": number_of(digits), "digits": digits}


def read_picture(net: nn.Sequential, picture: NDArray[np.uint8], confidence: Confidence | None = None) -> list[Digit]:
    """The digits of ``picture``, uint8 (H, W), (H, W, 3) or (H, W, 4), from left to right. ``net`` is in eval mode.

    Raises ``ValueError`` for another shape or type.
    """
    return read_ink(net, ink_of(picture), confidence, size=(picture.shape[1], picture.shape[0]))


def read_ink(net: nn.Sequential, ink: Ink, confidence: Confidence | None = None, *, size: tuple[int, int]) -> list[Digit]:
    """The digits of ``ink``, (H, W) as ``picture.ink_of`` gives it, from left to right. ``net`` is in eval mode.

    ``size``: width and height of the picture the ink is from, which may be larger than the ink; boxes are in its pixels.
    """
    if ink.size == 0:
        return []
    across, down = size[0] / ink.shape[1], size[1] / ink.shape[0]
    digits: list[Digit] = []
    for (left, top, right, bottom), own in split_ink(ink, net):
        seen = normalise_ink(own)
        if seen is not None:
            box: list[float] = [math.floor(left * across), math.floor(top * down)]
            box += [math.ceil(right * across), math.ceil(bottom * down)]
            digits.append({**answer_of(net, seen, confidence), "box": box})
    return digits


def read_strokes(net: nn.Sequential, strokes: list[Stroke], confidence: Confidence | None = None) -> list[Digit]:
    """The digits of ``strokes``, points in fractions of the pad's side, from left to right. ``net`` is in eval mode."""
    digits: list[Digit] = []
    for group in group_strokes(strokes, net):
        own = [strokes[i] for i in group]
        seen = normalise_strokes(own)
        if seen is not None:
            points = np.concatenate(own)
            box = [*points.min(axis=0).tolist(), *points.max(axis=0).tolist()]
            digits.append({**answer_of(net, seen, confidence), "box": box})
    return digits


def number_of(digits: list[Digit]) -> str:
    """All digits in a row; "" when there are none."""
    return "".join(str(digit["digit"]) for digit in digits)


def answer_of(net: nn.Sequential, seen: NDArray[np.uint8], confidence: Confidence | None = None) -> Answer:
    """What ``net``, in eval mode, says about ``seen``, (28, 28) uint8 as MNIST would have it.

    Without a ``confidence`` the probabilities are the network's own, of the ten digits alone, and the verdict on anything
    drawn is ``DIGIT``.
    """
    images = standardise(torch.from_numpy(seen)[None])
    if confidence is None:
        with torch.inference_mode():
            probabilities, verdict, candidates = digit_probabilities(net(images))[0].tolist(), DIGIT, []
    else:
        judgement = classify(net, images, confidence)[0]
        probabilities, verdict, candidates = judgement.probabilities, judgement.verdict, judgement.candidates
    return {
        "digit": int(np.argmax(probabilities)),
        "probabilities": probabilities,
        "verdict": verdict,
        "candidates": candidates,
        "seen": seen.tolist(),
    }


def _no_digit(verdict: str, seen: NDArray[np.uint8] | None) -> Answer:
    """The answer when there is not exactly one digit."""
    shown = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8) if seen is None else seen
    return {
        "digit": None,
        "probabilities": [0.0] * CLASSES,
        "verdict": verdict,
        "candidates": [],
        "seen": shown.tolist(),
    }
