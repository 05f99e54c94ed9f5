"""How sure an answer is: calibrated probabilities, and a score that tells digits from what is none.

The score is a small network's log-odds of "this is a digit": its inputs are the means of every channel after each ReLU and
the ten logits, all of which the digit's own network gives anyway. ``web/confidence.js`` computes the same.
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
from mnist_cnn.model import CLASSES

FILE = "confidence.json"
DIGIT, UNSURE, NO_DIGIT, NOTHING = "digit", "unsure", "does not look like a digit", "nothing drawn"
LOGITS = "fc1"


@dataclass(frozen=True)
class Confidence:
    """The fitted values of one network; ``calibrate.py`` makes them."""

    temperature: float  # logits are divided by it
    layers: tuple[str, ...]  # whose channels' means are the score's inputs, in this order; the last is the logits
    weight: tuple[tuple[float, ...], ...]  # (hidden, inputs)
    bias: tuple[float, ...]  # (hidden,)
    out_weight: tuple[float, ...]  # (hidden,)
    out_bias: float
    digit_from: float  # a score below this does not look like a digit
    sure_from: float  # a largest probability below this is unsure
    fitted: dict[str, Any]  # how: n and seed

    @property
    def values(self) -> int:
        """How many numbers were fitted."""
        return len(self.bias) * (len(self.weight[0]) + 2) + 4  # output's bias, temperature, two thresholds

    def to_json(self) -> dict[str, Any]:
        """Plain values that ``from_json`` turns back into an equal confidence."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Confidence:
        """The confidence that ``to_json`` wrote. Raises ``ValueError``, ``TypeError`` or ``KeyError`` when it is none."""
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
            raise ValueError("its weights do not fit each other")
        numbers = [*(value for row in made.weight for value in row), *made.bias, *made.out_weight]
        numbers += [made.out_bias, made.temperature, made.digit_from, made.sure_from]
        if not torch.tensor(numbers, dtype=torch.float64).isfinite().all() or made.temperature <= 0:
            raise ValueError("it holds values that are not finite, or a temperature that is not above 0")
        if not made.layers or made.layers[-1] != LOGITS:
            raise ValueError(f"its last layer is not {LOGITS}")
        return made

    def scores(self, features: Tensor) -> Tensor:
        """(N, inputs) of ``read`` -> (N,) log-odds of a digit."""
        weight, bias, out_weight = self._tensors
        return torch.relu(features @ weight.T + bias) @ out_weight + self.out_bias

    @cached_property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        return torch.tensor(self.weight), torch.tensor(self.bias), torch.tensor(self.out_weight)

    def probabilities(self, features: Tensor) -> Tensor:
        """(N, inputs) of ``read`` -> (N, 10) calibrated."""
        return (features[:, -CLASSES:] / self.temperature).softmax(dim=1)


@dataclass(frozen=True)
class Judgement:
    """What is said of one drawing."""

    verdict: str
    candidates: list[int]  # two digits when unsure, the likelier first; else none
    probabilities: list[float]
    score: float


def read(net: nn.Sequential, images: Tensor, layers: tuple[str, ...]) -> Tensor:
    """Standardised images (N, 1, 28, 28) -> (N, inputs): the channels' means of ``layers``."""
    found = []
    x = images
    with torch.inference_mode():
        for name, module in net.named_children():
            x = module(x)
            if name in layers:
                found.append(x.flatten(2).mean(dim=2) if x.ndim == 4 else x)
    return torch.cat(found, dim=1)


def judge(confidence: Confidence, features: Tensor) -> list[Judgement]:
    """(N, inputs) of ``read`` -> a judgement each."""
    judged = []
    for score, probabilities in zip(confidence.scores(features), confidence.probabilities(features), strict=True):
        first, second = probabilities.topk(2).indices.tolist()
        verdict, candidates = DIGIT, []
        if score < confidence.digit_from:
            verdict = NO_DIGIT
        elif probabilities[first] < confidence.sure_from:
            verdict, candidates = UNSURE, [first, second]
        judged.append(Judgement(verdict, candidates, probabilities.tolist(), float(score)))
    return judged


def load_confidence(folder: Path | str, net: nn.Sequential) -> Confidence | None:
    """What ``calibrate.py`` wrote for ``net`` of ``folder``; ``None`` when there is none. Raises ``WeightsError``."""
    path = Path(folder) / FILE
    try:
        confidence = Confidence.from_json(json.loads(path.read_text("utf-8")))
        inputs = read(net, torch.zeros(1, 1, 28, 28), confidence.layers).shape[1]
        if inputs != len(confidence.weight[0]):
            raise ValueError(f"it is of a network of {len(confidence.weight[0])} inputs, not of {inputs}")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); fetch it again or run calibrate.py") from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, RecursionError) as error:
        raise WeightsError(f"{path} is damaged ({error}); fetch it again or run calibrate.py") from error
    return confidence
