"""How certain an answer is: calibrated probabilities, and a score that tells digits from other drawings.

The score is a small network's log-odds of "this is a digit". Its inputs are the mean of every channel after each ReLU and
the ten logits, all of which the digit's own network computes anyway. ``web/engine/confidence.js`` is the
JavaScript counterpart.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.model import CLASSES, IMAGE_SIZE

FILE = "confidence.json"
"""Name of the file beside a network's weights."""
LOGITS = "fc1"
"""The layer whose values log-softmax turns into log-probabilities."""

# Verdicts on a drawing, as ``/predict`` returns them. Code compares these constants, never the literal strings.
DIGIT = "digit"
UNSURE = "unsure"
NOT_A_DIGIT = "does not look like a digit"
NUMBER = "number"
NOTHING_DRAWN = "nothing drawn"


@dataclass(frozen=True)
class Confidence:
    """The fitted values of one network, as ``calibrate.py`` writes them."""

    temperature: float  # logits are divided by it
    layers: tuple[str, ...]  # whose channel means are the score's inputs, in this order; the last is the logits
    weight: tuple[tuple[float, ...], ...]  # (hidden, inputs)
    bias: tuple[float, ...]  # (hidden,)
    out_weight: tuple[float, ...]  # (hidden,)
    out_bias: float
    digit_from: float  # with a lower score a drawing does not look like a digit
    sure_from: float  # with a lower largest probability the answer is unsure
    fitted: dict[str, Any]  # how it was fitted: n and seed

    @property
    def values(self) -> int:
        """How many numbers were fitted."""
        return len(self.bias) * (len(self.weight[0]) + 2) + 4  # output's bias, temperature, two thresholds

    def to_json(self) -> dict[str, Any]:
        """Plain values from which ``from_json`` restores an equal confidence."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Confidence:
        """The confidence that ``to_json`` wrote. Raises ``ValueError``, ``TypeError`` or ``KeyError`` for other values."""
        made = cls(
            **{
                **values,
                "layers": tuple(values["layers"]),
                "weight": tuple(tuple(row) for row in values["weight"]),
                "bias": tuple(values["bias"]),
                "out_weight": tuple(values["out_weight"]),
            }
        )
        hidden = len(made.bias)
        inputs = len(made.weight[0]) if made.weight else 0
        if not hidden == len(made.weight) == len(made.out_weight) or not all(len(row) == inputs for row in made.weight):
            raise ValueError("the sizes of its weights do not match")
        numbers = [*(value for row in made.weight for value in row), *made.bias, *made.out_weight]
        numbers += [made.out_bias, made.temperature, made.digit_from, made.sure_from]
        if not torch.tensor(numbers, dtype=torch.float64).isfinite().all() or made.temperature <= 0:
            raise ValueError("it holds values that are not finite, or a temperature that is not above 0")
        if not made.layers or made.layers[-1] != LOGITS:
            raise ValueError(f"its last layer is not {LOGITS}")
        return made

    def scores(self, means: Tensor) -> Tensor:
        """(N, inputs) of ``channel_means`` -> (N,) log-odds of a digit."""
        weight, bias, out_weight = self._tensors
        return torch.relu(means @ weight.T + bias) @ out_weight + self.out_bias

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        return torch.tensor(self.weight), torch.tensor(self.bias), torch.tensor(self.out_weight)

    def probabilities(self, means: Tensor) -> Tensor:
        """(N, inputs) of ``channel_means`` -> (N, 10) calibrated probabilities."""
        return (means[:, -CLASSES:] / self.temperature).softmax(dim=1)


@dataclass(frozen=True)
class Judgement:
    """The verdict on one drawing, and the numbers behind it."""

    verdict: str  # DIGIT, UNSURE or NOT_A_DIGIT
    candidates: list[int]  # when unsure two digits, the more likely first; otherwise empty
    probabilities: list[float]  # of the digits 0…9, calibrated
    score: float  # log-odds of a digit


def classify(net: nn.Sequential, images: Tensor, confidence: Confidence) -> list[Judgement]:
    """One judgement for each of the standardised ``images``, (N, 1, 28, 28); ``net`` is in eval mode."""
    return judge(confidence, channel_means(net, images, confidence.layers))


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


def judge(confidence: Confidence, means: Tensor) -> list[Judgement]:
    """(N, inputs) of ``channel_means`` -> N judgements."""
    judged = []
    for score, probabilities in zip(confidence.scores(means), confidence.probabilities(means), strict=True):
        first, second = probabilities.topk(2).indices.tolist()
        verdict, candidates = DIGIT, []
        if score < confidence.digit_from:
            verdict = NOT_A_DIGIT
        elif probabilities[first] < confidence.sure_from:
            verdict, candidates = UNSURE, [first, second]
        judged.append(Judgement(verdict, candidates, probabilities.tolist(), float(score)))
    return judged


def load_confidence(folder: Path | str, net: nn.Sequential) -> Confidence | None:
    """What ``calibrate.py`` wrote for ``net`` into ``folder``; ``None`` without a file.

    Raises ``WeightsError`` when the file is damaged, cannot be read or belongs to another network.
    """
    path = Path(folder) / FILE
    try:
        confidence = Confidence.from_json(json.loads(path.read_text("utf-8")))
        inputs = channel_means(net, torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE), confidence.layers).shape[1]
        if inputs != len(confidence.weight[0]):
            raise ValueError(f"it belongs to a network with {len(confidence.weight[0])} inputs, not {inputs}")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); fetch it again or run calibrate.py") from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, RecursionError) as error:
        raise WeightsError(f"{path} is damaged ({error}); fetch it again or run calibrate.py") from error
    return confidence
