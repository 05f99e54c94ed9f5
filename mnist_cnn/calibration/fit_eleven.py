"""How the confidence of a network with an eleventh output is fitted: a temperature and two thresholds.

They are chosen on real digits that the network has not seen: those of held-out writers, MNIST's, and both as other media
show them. What is not a digit plays no part here: the network has learnt that, and the thresholds only say how many real
digits may be lost.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from mnist_cnn.confidence import Confidence, scores_and_logits
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.training.media import other_media
from mnist_cnn.training.stroke_data import StrokeData
from mnist_cnn.training.strokes import PenBatch, render

BATCH = 1000
SEED = 0
MAX_REJECTED = {
    "UNIPEN": 0.018,
    "UNIPEN, other media": 0.025,
    "tablet": 0.0125,
    "tablet, other media": 0.02,
    "MNIST": 0.004,
    "MNIST, other media": 0.01,
}
"""Share of real digits of each kind that may be rejected; the threshold is the highest that keeps to all of them.
Of the digits of all held-out writers together, 1.5 % are rejected then."""
UNSURE_SHARE = 0.015
"""Share of the accepted digits that is unsure, where all kinds weigh the same."""
TEMPERATURES = torch.linspace(0.5, 2, 301)


@dataclass(frozen=True)
class Answers:
    """What a network says about digits it has not seen."""

    scores: Tensor  # (N,) log-odds of a digit
    logits: Tensor  # (N, 10) of the ten digits
    labels: Tensor  # (N,)

    @classmethod
    def of(cls, net: nn.Sequential, digits: Dataset) -> Answers:
        """The answers of ``net``, which is in eval mode."""
        batches = [scores_and_logits(net, standardise(batch), None) for batch in digits.images.split(BATCH)]
        scores, logits = (torch.cat(parts) for parts in zip(*batches, strict=True))
        return cls(scores, logits, digits.labels)


def held_out_digits(strokes: StrokeData, *, tablet: bool) -> Dataset:
    """Held-out writers' digits of ``pendigits-orig.tra`` or of UNIPEN, as the pad shows them to a network."""
    chosen = strokes.unseen & (strokes.of_tablet == tablet) & (strokes.digits >= 0)
    pens = PenBatch.of(strokes, chosen, strokes.digits)
    return Dataset(render(pens), pens.labels)


def answers_by_kind(net: nn.Sequential, sibling: nn.Sequential, strokes: StrokeData, digits: Dataset) -> dict[str, Answers]:
    """Answers of each kind in ``MAX_REJECTED``: of ``net`` to held-out writers, of ``sibling`` to held-out ``digits``."""
    generator = Generator().manual_seed(SEED)
    unipen, tablet = (held_out_digits(strokes, tablet=which) for which in (False, True))
    found = {}
    for name, of, dataset in (("UNIPEN", net, unipen), ("tablet", net, tablet), ("MNIST", sibling, digits)):
        found[name] = Answers.of(of, dataset)
        changed = Dataset(other_media(dataset.images, 1.0, generator), dataset.labels)
        found[f"{name}, other media"] = Answers.of(of, changed)
    return found


def fit_temperature(answers: list[Answers]) -> float:
    """The temperature with the smallest mean negative log-likelihood of the ten digits, where all kinds weigh the same."""
    losses = [
        sum(float(F.cross_entropy(each.logits / temperature, each.labels)) for each in answers)
        for temperature in TEMPERATURES
    ]
    return round(float(TEMPERATURES[losses.index(min(losses))]), 3)


def fit_thresholds(found: dict[str, Answers], temperature: float) -> tuple[float, float]:
    """``digit_from`` and ``sure_from``."""
    scores = {name: each.scores.double() for name, each in found.items()}
    digit_from = min(float(scores[name].quantile(share)) for name, share in MAX_REJECTED.items())
    accepted, weights = [], []
    for name, each in found.items():
        largest = (each.logits / temperature).softmax(dim=1).amax(dim=1)
        sureness = (largest * scores[name].sigmoid())[scores[name] >= digit_from]
        accepted.append(sureness)
        weights.append(torch.full_like(sureness, 1 / len(sureness)))
    return digit_from, quantile(torch.cat(accepted), torch.cat(weights), UNSURE_SHARE)


def quantile(values: Tensor, weights: Tensor, share: float) -> float:
    """The value below which ``share`` of the weight lies; (N,) both."""
    order = values.argsort()
    passed = weights[order].cumsum(dim=0) / weights.sum()
    return float(values[order][int(torch.searchsorted(passed, share))])


def fit_confidence(found: dict[str, Answers]) -> Confidence:
    """The confidence that the answers of ``answers_by_kind`` choose.

    Raises ``ValueError`` for values that are not finite.
    """
    temperature = fit_temperature(list(found.values()))
    digit_from, sure_from = fit_thresholds(found, temperature)
    fitted = {"seed": SEED, **{name: len(each.labels) for name, each in found.items()}}
    made = Confidence(temperature, round(digit_from, 4), round(sure_from, 4), fitted)
    return Confidence.from_json(made.to_json())  # which refuses values that are not finite
