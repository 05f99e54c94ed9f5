"""How certain an answer is: calibrated probabilities, and a score that tells digits from other drawings.

The score is the log-odds of "this is a digit". A network with an eleventh output gives it itself; in doubt, the score is the
mean over the drawing as it is and rotated both ways. For a network with ten outputs, a small one beside it gives the score
(``HiddenScore``). ``web/engine/confidence.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.data import MEAN, STD
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.recipes import PEN_AUGMENTATION

FILE = "confidence.json"
"""Name of the file beside a network's weights."""
ROTATIONS = -PEN_AUGMENTATION.degrees, PEN_AUGMENTATION.degrees
"""Degrees, clockwise. In doubt, a drawing is also looked at rotated by so much: as far as training rotates digits."""
LEAST_DOUBTFUL, MOST_DOUBTFUL = -4.0, 0.0
"""The log-odds of a digit, at one look, between which a drawing is in doubt. Looking at every drawing three times changes no
verdict on held-out writers' digits and letters, MNIST, Fashion-MNIST and scribbles, and takes three times as long."""
LOGITS = "fc1"
"""The layer whose values log-softmax turns into log-probabilities."""

# Verdicts on a drawing, as ``/predict`` returns them. Code compares these constants, never the literal strings.
DIGIT = "digit"
UNSURE = "unsure"
NOT_A_DIGIT = "does not look like a digit"
NUMBER = "number"
NOTHING_DRAWN = "nothing drawn"


@dataclass(frozen=True)
class HiddenScore:
    """The score for a network with ten outputs: a second network with one hidden layer.

    Its inputs are the mean of every channel after each ReLU and the ten logits, which the network computes anyway.
    """

    layers: tuple[str, ...]  # whose channel means are the inputs, in this order; the last is the logits
    weight: tuple[tuple[float, ...], ...]  # (hidden, inputs)
    bias: tuple[float, ...]  # (hidden,)
    out_weight: tuple[float, ...]  # (hidden,)
    out_bias: float

    def __post_init__(self) -> None:
        hidden = len(self.bias)
        inputs = len(self.weight[0]) if self.weight else 0
        if not hidden == len(self.weight) == len(self.out_weight) or not all(len(row) == inputs for row in self.weight):
            raise ValueError("the sizes of its weights do not match")
        if not self.layers or self.layers[-1] != LOGITS:
            raise ValueError(f"its last layer is not {LOGITS}")

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> HiddenScore:
        """The score of which ``dataclasses.asdict`` made ``values``. Raises as ``Confidence.from_json`` does."""
        tuples = {name: tuple(values[name]) for name in ("layers", "bias", "out_weight")}
        return cls(**{**values, **tuples, "weight": tuple(tuple(row) for row in values["weight"])})

    @property
    def values(self) -> list[float]:
        """All its numbers."""
        return [*(value for row in self.weight for value in row), *self.bias, *self.out_weight, self.out_bias]

    def __call__(self, means: Tensor) -> Tensor:
        """(N, inputs) of ``channel_means`` -> (N,) log-odds of a digit."""
        weight, bias, out_weight = self._tensors
        return torch.relu(means @ weight.T + bias) @ out_weight + self.out_bias

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        return torch.tensor(self.weight), torch.tensor(self.bias), torch.tensor(self.out_weight)


@dataclass(frozen=True)
class Confidence:
    """The fitted values of one network, as ``calibrate.py`` writes them."""

    temperature: float  # the logits of the ten digits are divided by it
    digit_from: float  # with a lower score a drawing does not look like a digit
    sure_from: float  # below it the answer is unsure: the largest probability, of an eleventh output times that of a digit
    fitted: dict[str, Any]  # how: n and seed
    score: HiddenScore | None = None  # None: the network has an eleventh output

    @property
    def values(self) -> int:
        """How many numbers were fitted."""
        return 3 + (0 if self.score is None else len(self.score.values))  # temperature, two thresholds

    def to_json(self) -> dict[str, Any]:
        """Plain values from which ``from_json`` restores an equal confidence."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Confidence:
        """The confidence that ``to_json`` wrote. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for other values."""
        score = None if values["score"] is None else HiddenScore.from_json(values["score"])
        made = cls(**{**values, "score": score})
        numbers = [made.temperature, made.digit_from, made.sure_from, *([] if score is None else score.values)]
        if not torch.tensor(numbers, dtype=torch.float64).isfinite().all() or made.temperature <= 0:
            raise ValueError("it holds values that are not finite, or a temperature that is not above 0")
        return made


@dataclass(frozen=True)
class Judgement:
    """The verdict on one drawing, and the numbers behind it."""

    verdict: str  # DIGIT, UNSURE or NOT_A_DIGIT
    candidates: list[int]  # when unsure two digits, the more likely first; otherwise empty
    probabilities: list[float]  # of the digits 0…9, calibrated
    score: float  # log-odds of a digit


def classify(net: nn.Sequential, images: Tensor, confidence: Confidence) -> list[Judgement]:
    """One judgement for each of the standardised ``images``, (N, 1, 28, 28); ``net`` is in eval mode."""
    return judge(confidence, *scores_and_logits(net, images, confidence.score))


def scores_and_logits(net: nn.Sequential, images: Tensor, score: HiddenScore | None) -> tuple[Tensor, Tensor]:
    """Standardised images (N, 1, 28, 28) -> log-odds of a digit (N,), and the logits of the ten digits (N, 10).

    ``score``: that of a network with ten outputs; ``None`` for one with eleven.
    """
    if score is None:
        logits = channel_means(net, images, (LOGITS,))
        odds = digit_log_odds(logits)
        doubtful = is_doubtful(odds)
        if doubtful.any():
            rotated = torch.cat([rotate(images[doubtful], degrees) for degrees in ROTATIONS])
            others = digit_log_odds(channel_means(net, rotated, (LOGITS,))).view(len(ROTATIONS), -1)
            odds[doubtful] = torch.cat([odds[None, doubtful], others]).mean(dim=0)
        return odds, logits[:, :CLASSES]
    means = channel_means(net, images, score.layers)
    return score(means), means[:, -CLASSES:]


def is_doubtful(odds: Tensor) -> Tensor:
    """(N,) log-odds of a digit at one look -> (N,) bool: whether the drawing is looked at again."""
    return (odds >= LEAST_DOUBTFUL) & (odds < MOST_DOUBTFUL)


def rotate(images: Tensor, degrees: float) -> Tensor:
    """Standardised ``images``, (N, 1, 28, 28), rotated clockwise around their centre, bilinearly.

    What comes in at the edges is background.
    """
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    matrix = torch.tensor([[cos, sin, 0.0], [-sin, cos, 0.0]]).expand(len(images), 2, 3)
    grid = F.affine_grid(matrix, list(images.shape), align_corners=False)
    background = -MEAN / STD
    return F.grid_sample(images - background, grid, align_corners=False) + background


def channel_means(net: nn.Sequential, images: Tensor, layers: tuple[str, ...]) -> Tensor:
    """Standardised images (N, 1, 28, 28) -> (N, inputs): the mean of every channel of ``layers``."""
    means = []
    x = images
    with torch.inference_mode():
        for name, module in net.named_children():
            x = module(x)
            if name in layers:
                means.append(x.flatten(2).mean(dim=2) if x.ndim == 4 else x)
    return torch.cat(means, dim=1)


def digit_log_odds(logits: Tensor) -> Tensor:
    """(N, 11) logits or log-probabilities -> (N,): the log-odds of any digit against the eleventh output."""
    return logits[:, :CLASSES].logsumexp(dim=1) - logits[:, CLASSES]


def digit_probabilities(log_probs: Tensor) -> Tensor:
    """(N, 10 or 11) log-probabilities -> (N, 10): the probabilities of the digits, were there nothing else."""
    probabilities = log_probs[:, :CLASSES].exp()
    return probabilities if log_probs.shape[1] == CLASSES else probabilities / probabilities.sum(dim=1, keepdim=True)


def judge(confidence: Confidence, scores: Tensor, logits: Tensor) -> list[Judgement]:
    """(N,) and (N, 10) of ``scores_and_logits`` -> N judgements."""
    probabilities = (logits / confidence.temperature).softmax(dim=1)
    sureness = probabilities.amax(dim=1)
    if confidence.score is None:
        sureness = sureness * scores.sigmoid()
    judged = []
    for score, sure, shares in zip(scores.tolist(), sureness.tolist(), probabilities, strict=True):
        verdict, candidates = DIGIT, []
        if score < confidence.digit_from:
            verdict = NOT_A_DIGIT
        elif sure < confidence.sure_from:
            verdict, candidates = UNSURE, shares.topk(2).indices.tolist()
        judged.append(Judgement(verdict, candidates, shares.tolist(), score))
    return judged


def load_confidence(folder: Path | str, net: nn.Sequential) -> Confidence | None:
    """What ``calibrate.py`` wrote for ``net`` into ``folder``; ``None`` without a file.

    Raises ``WeightsError`` when the file is damaged, cannot be read or belongs to another network.
    """
    path = Path(folder) / FILE
    try:
        confidence = Confidence.from_json(json.loads(path.read_text("utf-8")))
        image = torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE)
        outputs = channel_means(net, image, (LOGITS,)).shape[1]
        if (confidence.score is None) != (outputs > CLASSES):
            raise ValueError(f"it does not belong to a network with {outputs} outputs")
        scores_and_logits(net, image, confidence.score)  # which fails if the sizes do not match
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); fetch it again or run calibrate.py") from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, RecursionError) as error:
        raise WeightsError(f"{path} is damaged ({error}); fetch it again or run calibrate.py") from error
    return confidence
