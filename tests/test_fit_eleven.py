"""How the confidence of a network with an eleventh output is fitted."""

from __future__ import annotations

import pytest
import torch

from mnist_cnn.calibration.fit_eleven import MAX_REJECTED, Answers, fit_confidence, fit_temperature
from mnist_cnn.confidence import Confidence, digit_log_odds
from mnist_cnn.model import CLASSES


def answers(count: int, strength: float, doubt: float, generator: torch.Generator) -> Answers:
    """Those of a calibrated network: labels are drawn from its own probabilities; ``doubt`` raises the eleventh output."""
    logits = strength * torch.randn(count, CLASSES + 1, generator=generator)
    labels = torch.multinomial(logits[:, :CLASSES].softmax(dim=1), 1, generator=generator)[:, 0]
    logits[:, CLASSES] += doubt - 8
    return Answers(digit_log_odds(logits), logits[:, :CLASSES], labels)


def test_thresholds_reject_as_many_real_digits_as_they_may() -> None:
    generator = torch.Generator().manual_seed(0)
    found = {name: answers(4000, 2.0, number, generator) for number, name in enumerate(MAX_REJECTED)}
    confidence = fit_confidence(found)
    rejected = {name: float((each.scores < confidence.digit_from).float().mean()) for name, each in found.items()}
    assert all(rejected[name] <= allowed + 1e-3 for name, allowed in MAX_REJECTED.items())
    assert any(rejected[name] >= allowed - 1e-3 for name, allowed in MAX_REJECTED.items())
    assert Confidence.from_json(confidence.to_json()) == confidence


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_the_temperature_of_a_calibrated_network_is_found_again(temperature: float) -> None:
    made = answers(20_000, 2.0, 0.0, torch.Generator().manual_seed(1))
    scaled = Answers(made.scores, made.logits * temperature, made.labels)
    assert fit_temperature([scaled]) == pytest.approx(temperature, abs=0.05)
