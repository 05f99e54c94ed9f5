"""The calibration of the shipped file, its refusals, and the browser's judgement against Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import (
    FILE,
    ROTATIONS,
    Confidence,
    classify,
    digit_log_odds,
    is_doubtful,
    load_confidence,
)
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.model import parameter_count
from mnist_cnn.recipes import ITERATION_5, ITERATION_6, PARAMETER_BUDGET
from mnist_cnn.training.non_digits.paths import as_drawn
from mnist_cnn.training.non_digits.scribbles import SCRIBBLES
from testing.node import run_node

HIDDEN, ELEVEN = (checkpoint.load(checkpoint.SHIPPED / recipe.name) for recipe in (ITERATION_5, ITERATION_6))
"""A network with ten outputs, whose score is a hidden layer beside it, and one with eleven."""


def confidence_of(name: str, net: nn.Sequential) -> Confidence:
    loaded = load_confidence(checkpoint.SHIPPED / name, net)
    assert loaded is not None
    return loaded


@pytest.fixture(scope="module")
def hidden() -> Confidence:
    return confidence_of(ITERATION_5.name, HIDDEN)


@pytest.fixture(scope="module")
def eleven() -> Confidence:
    return confidence_of(ITERATION_6.name, ELEVEN)


def test_it_fits_the_budget_and_survives_json(hidden: Confidence, eleven: Confidence) -> None:
    for net, confidence in ((HIDDEN, hidden), (ELEVEN, eleven)):
        assert parameter_count(net) + confidence.values < PARAMETER_BUDGET
        assert Confidence.from_json(json.loads(json.dumps(confidence.to_json()))) == confidence


def refused_by_name(values: dict[str, Any], net: nn.Sequential, folder: Path) -> None:
    (folder / FILE).write_text(json.dumps(values))
    with pytest.raises(checkpoint.WeightsError, match=r"confidence\.json is damaged"):
        load_confidence(folder, net)


@pytest.mark.parametrize(
    "damage",
    [
        lambda values: values.update(temperature=float("nan")),
        lambda values: values["score"].update(out_bias=None),
        lambda values: values["score"]["weight"].pop(),
        lambda values: [row.pop() for row in values["score"]["weight"]],
        lambda values: values["score"].pop("layers"),
        lambda values: values["score"].update(weight=[]),
        lambda values: values.update(score=None),  # as of a network with an eleventh output
    ],
)
def test_a_damaged_hidden_score_is_refused_by_name(damage: object, tmp_path: Path, hidden: Confidence) -> None:
    values = hidden.to_json()
    damage(values)  # type: ignore[operator]
    refused_by_name(values, HIDDEN, tmp_path)


@pytest.mark.parametrize("damage", [{"temperature": 0}, {"digit_from": None}, {"sure_from": "0.9"}, {"more": 1}])
def test_damaged_thresholds_are_refused_by_name(damage: dict[str, Any], tmp_path: Path, eleven: Confidence) -> None:
    refused_by_name({**eleven.to_json(), **damage}, ELEVEN, tmp_path)


def test_a_score_of_another_network_is_refused_by_name(tmp_path: Path, hidden: Confidence) -> None:
    refused_by_name(hidden.to_json(), ELEVEN, tmp_path)


def test_a_network_without_the_file_has_none(tmp_path: Path) -> None:
    assert load_confidence(tmp_path, ELEVEN) is None


def judged_in_javascript(net: nn.Sequential, confidence: Confidence, images: NDArray[np.uint8]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_node(
        "import { answerOf } from '@web/engine/predict.js';",
        "return images.map((image) => answerOf(network, image).judgement);",
        net=net,
        confidence=confidence,
        images=images,
    )
    return found


def test_what_is_in_doubt_is_looked_at_three_times(mnist: tuple[Dataset, Dataset]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / ITERATION_6.name)
    images = torch.cat([mnist[1].images[:50], mnist[1].images[:50].rot90(1, (1, 2))])  # half of these lie on their side
    levels = images.float().numpy()
    turned = [ndimage.rotate(levels, -each, (1, 2), reshape=False, order=1, mode="grid-constant") for each in ROTATIONS]
    looks = torch.stack([digit_log_odds(net(standardise(torch.from_numpy(look)))) for look in (levels.copy(), *turned)])
    doubtful = is_doubtful(looks[0])
    expected = torch.where(doubtful, looks.mean(dim=0), looks[0])
    found = [each.score for each in classify(net, standardise(images), confidence_of(ITERATION_6.name, net))]
    assert found == pytest.approx(expected.tolist(), abs=1e-3)
    assert 5 < int(doubtful.sum()) < 90


@pytest.mark.parametrize("name", [ITERATION_5.name, ITERATION_6.name])
def test_the_browser_judges_as_python_does(
    name: str,
    mnist: tuple[Dataset, Dataset],
    drawings: list[Drawing],
) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / name)
    confidence = confidence_of(name, net)
    random = np.random.default_rng(0)
    drawn = [as_drawn([np.array(stroke) for stroke in drawing.strokes]) for drawing in drawings[:500]]
    scribbles = [as_drawn(list(SCRIBBLES.values())[i % len(SCRIBBLES)](random)) for i in range(200)]
    images = np.concatenate([mnist[1].images[:500].numpy(), np.stack(drawn + scribbles)])
    expected = classify(net, standardise(torch.from_numpy(images)), confidence)
    found = judged_in_javascript(net, confidence, images)
    assert len({each.verdict for each in expected}) == 3
    for ours, theirs in zip(expected, found, strict=True):
        assert theirs["score"] == pytest.approx(ours.score, abs=1e-3)
        assert theirs["probabilities"] == pytest.approx(ours.probabilities, abs=1e-3)
        near = abs(ours.score - confidence.digit_from) < 1e-3
        sure = max(ours.probabilities) / (1 if confidence.score else 1 + np.exp(-ours.score))
        near |= abs(sure - confidence.sure_from) < 1e-3
        assert len(theirs["probabilities"]) == 10
        assert near or (theirs["verdict"], theirs["candidates"]) == (ours.verdict, ours.candidates)
