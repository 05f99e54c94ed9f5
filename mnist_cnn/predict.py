"""From a picture or from strokes to digits, and to the answer of ``/predict``.

Photograph -> ink -> segments -> 28×28 -> network -> confidence. ``web/engine/predict.js`` is the
JavaScript counterpart; only this module builds the JSON of ``/predict``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn.confidence import DIGIT, NOT_A_DIGIT, NOTHING_DRAWN, NUMBER, Confidence, classify, digit_probabilities
from mnist_cnn.data import standardise
from mnist_cnn.drawing.background import MIN_PHOTO_SIZE
from mnist_cnn.drawing.canvas import on_canvas
from mnist_cnn.drawing.lines import Box
from mnist_cnn.drawing.photo import CLOSING_SIZE, MIN_CLOSING_SIZE, clean, is_photo
from mnist_cnn.drawing.picture import Ink, ink_of, normalise_ink, views
from mnist_cnn.drawing.raster import brightness, foreground
from mnist_cnn.drawing.rows import MIN_LETTERS, SHORT_COST, USUAL_HEIGHT
from mnist_cnn.drawing.segmentation import group_lines, split_ink
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.orientation import WrongWayRound, wrong_way_round

MIN_TURNED = 3
"""A page is read from another side only if it then shows at least so many digits; one digit on its side may be another."""
MIN_GAIN = 2
"""By so many more digits another side must be better."""
MANY_PIECES = 30
"""With so many pieces, a page is read from another side only if some look like digits when each is turned alone. With fewer,
reading takes little time, and that says little: on its side, digits of several lines are often taken for one."""
MIN_SHARE_TURNED = 0.15
"""This share of them must. On the right side of full pages by training writers it is at least .24, on the sides of a page of
text about .1; dashes there would become a column of 1s (``weights/LOG.md``, *Pages of letters*)."""
NUMBER_LOG_ODDS = 1.0
"""In a line where most pieces look like digits, another is likelier to be one, so the threshold of its score is lower by so
much (``weights/LOG.md``, *Digits among digits*)."""

TURNED_LOG_ODDS, MIN_SHARE_SURE = 5.0, 0.6
"""This share of what is seen from another side must pass a threshold that is higher by so much. Of training writers' digits
at least .67 do, of printed letters that stand on their heads at most .56 (``weights/LOG.md``, *Lines of letters*)."""
WORD_LOG_ODDS = 10.0
"""In a line of letters, what stands in a word is hardly a digit, so the threshold of its score is higher by so much."""
WORD_GAP = 0.25
"""What stands in one word is no further apart, in heights of the tallest piece of the line (the same part of the log)."""


class Answer(TypedDict):
    """What the network says about one 28×28 image; plain values that go into JSON as they are."""

    digit: int | None  # the best guess, whatever the verdict; None when there is not exactly one digit
    probabilities: list[float]  # of the digits 0…9, calibrated; all 0 when there is not exactly one digit
    verdict: str  # one of those in ``confidence``
    candidates: list[int]  # when unsure two digits, the more likely first; otherwise empty
    seen: list[list[int]]  # the 28×28 image the network saw, bright ink on 0; see ``docs/api.md``


class Turned(TypedDict, total=False):
    """A field that only some digits have."""

    wrong_way_round: WrongWayRound  # of what does not look like a digit as it stands


class Digit(Answer, Turned):
    """What the network says about one digit of several, and where the digit is."""

    line: int  # 0 at the top
    # left, top, right, bottom: whole pixels of a picture, the last two exclusive; for strokes, fractions of the pad's side
    box: list[float]


class Prediction(Answer):
    """What the network says about one picture."""

    number: str  # all digits that look like one, lines joined with "\n"; "" when there are none
    digits: list[Digit]  # line by line from left to right, what does not look like a digit among them


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
    ink, digits = _look(net, picture, confidence, size or (picture.shape[1], picture.shape[0]))
    for digit in digits:
        if digit["verdict"] == NOT_A_DIGIT and confidence is not None:
            found = wrong_way_round(net, np.array(digit["seen"], np.uint8), confidence)
            if found is not None:
                digit["wrong_way_round"] = found
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
    """The digits of ``picture``, uint8 (H, W), (H, W, 3) or (H, W, 4), line by line. ``net`` is in eval mode.

    Raises ``ValueError`` for another shape or type.
    """
    return _look(net, picture, confidence, (picture.shape[1], picture.shape[0]))[1]


def _look(
    net: nn.Sequential, picture: NDArray[np.uint8], confidence: Confidence | None, size: tuple[int, int]
) -> tuple[Ink, list[Digit]]:
    """The ink of ``picture`` and its digits, boxes in pixels of the original of ``size``.

    Where most of what was found does not look like a digit, the picture is looked at again: a photograph for strokes on
    something dark, such as a card on a table, another picture as if it were a photograph, and both from the other sides.
    """
    ink = ink_of(picture)
    digits = read_ink(net, ink, confidence, size=size)
    if digits and _sure(digits) <= 0 and min(picture.shape[:2]) >= MIN_PHOTO_SIZE:
        canvas = on_canvas(picture)
        closing_size = MIN_CLOSING_SIZE if is_photo(canvas) else CLOSING_SIZE
        cleaned = foreground(brightness(clean(canvas, closing_size)))
        found = read_ink(net, cleaned, confidence, size=size)
        if _sure(found) > max(0, _sure(digits)):
            ink, digits = cleaned, found
    if len(digits) >= MIN_TURNED and _sure(digits) <= len(digits) / 2:
        for turns in _likely_sides(net, digits, confidence):
            found = read_ink(net, np.ascontiguousarray(np.rot90(ink, turns)), confidence, size=size, turns=turns)
            if _sure(found) >= max(MIN_TURNED, _sure(digits) + MIN_GAIN) and _are_no_letters(net, found, confidence):
                digits = found
    return ink, digits


def _likely_sides(net: nn.Sequential, digits: list[Digit], confidence: Confidence | None) -> list[int]:
    """By how many quarters a page on which ``digits`` were found is worth turning to the left: some of 1, 2 and 3."""
    if len(digits) < MANY_PIECES:
        return [1, 2, 3]
    turned = [views(np.array(digit["seen"], np.uint8))[2:] for digit in digits]
    is_digit = [[answer_of(net, seen, confidence)["verdict"] == DIGIT for seen in sides] for sides in turned]
    shares = [sum(side) / len(digits) for side in zip(*is_digit, strict=True)]
    return [turns for turns, share in enumerate(shares, 1) if share >= MIN_SHARE_TURNED]


def _are_no_letters(net: nn.Sequential, digits: list[Digit], confidence: Confidence | None) -> bool:
    """Whether enough of ``digits``, seen from another side, are surely digits: letters look a little like some there."""
    stricter = _stricter(confidence, TURNED_LOG_ODDS)
    found = [answer_of(net, np.array(digit["seen"], np.uint8), stricter)["verdict"] for digit in digits]
    return found.count(NOT_A_DIGIT) <= (1 - MIN_SHARE_SURE) * len(digits)


def _stricter(confidence: Confidence | None, log_odds: float) -> Confidence | None:
    """``confidence`` with a threshold for digits that is higher by ``log_odds``."""
    return None if confidence is None else replace(confidence, digit_from=confidence.digit_from + log_odds)


def _sure(digits: list[Digit]) -> int:
    """How many of ``digits`` look like one, less those that do not."""
    return sum(-1 if digit["verdict"] == NOT_A_DIGIT else digit["verdict"] == DIGIT for digit in digits)


def read_ink(
    net: nn.Sequential, ink: Ink, confidence: Confidence | None = None, *, size: tuple[int, int], turns: int = 0
) -> list[Digit]:
    """The digits of ``ink``, (H, W) as ``picture.ink_of`` gives it, line by line. ``net`` is in eval mode.

    ``size``: width and height of the picture the ink is from, which may be larger than the ink; boxes are in its pixels.
    ``turns``: by how many quarters the ink was turned to the left against that picture.
    """
    if ink.size == 0:
        return []
    digits: list[Digit] = []
    places: list[Box] = []
    for box, own, line in split_ink(ink, net):
        seen = normalise_ink(own)
        if seen is not None:
            shares = box[0] / ink.shape[1], box[1] / ink.shape[0], box[2] / ink.shape[1], box[3] / ink.shape[0]
            left, top, right, bottom = _turned_back(shares, turns)
            pixels: list[float] = [math.floor(left * size[0] + 1e-6), math.floor(top * size[1] + 1e-6)]
            pixels += [math.ceil(right * size[0] - 1e-6), math.ceil(bottom * size[1] - 1e-6)]
            digits.append(_placed(answer_of(net, seen, confidence), line, pixels))
            places.append(box)
    return in_lines(net, digits, places, confidence)


def _turned_back(box: Box, turns: int) -> Box:
    """A box in shares of a picture that was turned to the left by so many quarters -> in shares of the picture itself."""
    left, top, right, bottom = box
    return box if turns == 0 else _turned_back((1 - bottom, left, 1 - top, right), turns - 1)


def read_strokes(net: nn.Sequential, strokes: list[Stroke], confidence: Confidence | None = None) -> list[Digit]:
    """The digits of ``strokes``, points in fractions of the pad's side, from left to right. ``net`` is in eval mode."""
    digits: list[Digit] = []
    for line, groups in enumerate(group_lines(strokes, net)):
        for group in groups:
            own = [strokes[i] for i in group]
            seen = normalise_strokes(own)
            if seen is not None:
                box = box_of([point for stroke in own for point in stroke])
                digits.append(_placed(answer_of(net, seen, confidence), line, box))
    return in_lines(net, digits, [digit["box"] for digit in digits], confidence)


def in_lines(
    net: nn.Sequential, digits: list[Digit], places: Sequence[Sequence[float]], confidence: Confidence | None
) -> list[Digit]:
    """``digits``, those judged once more about which their line says something.

    Where most of it looks like digits, another is likelier one, and something short, such as a hyphen, is less likely one.
    In one of letters, what stands in a word with one is hardly a digit. ``places`` are the boxes of the digits as they are
    read, in any unit.
    """
    if confidence is None:
        return digits
    refused = [digit["verdict"] == NOT_A_DIGIT for digit in digits]
    heights = [bottom - top for _, top, _, bottom in places]
    judged = []
    for number, digit in enumerate(digits):
        line = [i for i, other in enumerate(digits) if other["line"] == digit["line"]]
        read = [heights[i] for i in line if not refused[i]]
        log_odds = 0.0
        if 2 * len(read) > len(line):
            tallest = max(read)
            missing = max(0.0, USUAL_HEIGHT - heights[number] / tallest) if tallest > 0 else 0.0
            if refused[number] or missing > 0:
                log_odds = SHORT_COST * missing - NUMBER_LOG_ODDS
        elif not refused[number] and len(line) - len(read) >= MIN_LETTERS:
            word = _word_of(number, line, places, WORD_GAP * max(heights[i] for i in line))
            if any(refused[i] for i in word):
                log_odds = WORD_LOG_ODDS
        if log_odds:
            seen = np.array(digit["seen"], np.uint8)
            digit = _placed(answer_of(net, seen, _stricter(confidence, log_odds)), digit["line"], digit["box"])
        judged.append(digit)
    return judged


def _word_of(number: int, line: list[int], places: Sequence[Sequence[float]], gap: float) -> list[int]:
    """Those of ``line`` in one word with ``number``: no two neighbours are further apart than ``gap``."""
    word: list[int] = []
    end = -math.inf
    for i in sorted(line, key=lambda other: places[other][0]):
        if places[i][0] - end > gap:
            if number in word:
                break
            word = []
        word.append(i)
        end = max(end, places[i][2])
    return word


def _placed(answer: Answer, line: int, box: list[float]) -> Digit:
    return {
        "digit": answer["digit"],
        "probabilities": answer["probabilities"],
        "verdict": answer["verdict"],
        "candidates": answer["candidates"],
        "seen": answer["seen"],
        "line": line,
        "box": box,
    }


def box_of(points: Stroke) -> list[float]:
    """The box around ``points``, of which there is at least one: left, top, right, bottom."""
    xs, ys = zip(*points, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


def number_of(digits: list[Digit]) -> str:
    """All digits that look like one, lines joined with a newline; "" when there are none."""
    written = [digit for digit in digits if digit["verdict"] != NOT_A_DIGIT]
    lines = sorted({digit["line"] for digit in written})
    return "\n".join("".join(str(digit["digit"]) for digit in written if digit["line"] == line) for line in lines)


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
