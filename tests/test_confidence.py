"""The calibration of the shipped file, its refusals, and the browser's judgement against Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import FILE, Confidence, classify, load_confidence
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, ITERATION_6, PARAMETER_BUDGET
from mnist_cnn.training.non_digits.paths import as_drawn
from mnist_cnn.training.non_digits.scribbles import SCRIBBLES
from testing.node import run_node

FOLDER = checkpoint.SHIPPED / DEFAULT
NET = checkpoint.load(FOLDER)


@pytest.fixture(scope="module")
def confidence() -> Confidence:
    loaded = load_confidence(FOLDER, NET)
    assert loaded is not None
    return loaded


def test_it_fits_the_budget_and_survives_json(confidence: Confidence) -> None:
    assert parameter_count(NET) + confidence.values < PARAMETER_BUDGET
    assert Confidence.from_json(json.loads(json.dumps(confidence.to_json()))) == confidence


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
def test_a_damaged_file_is_refused_by_name(damage: object, tmp_path: Path, confidence: Confidence) -> None:
    values = confidence.to_json()
    damage(values)  # type: ignore[operator]
    (tmp_path / FILE).write_text(json.dumps(values))
    with pytest.raises(checkpoint.WeightsError, match=r"confidence\.json is damaged"):
        load_confidence(tmp_path, NET)


def test_a_network_without_the_file_has_none(tmp_path: Path) -> None:
    assert load_confidence(tmp_path, NET) is None


def judged_in_javascript(net: nn.Sequential, confidence: Confidence, images: NDArray[np.uint8]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_node(
        "import { judge } from '@web/engine/confidence.js';",
        "return images.map((image) => judge(network.description.confidence, network.run(image)));",
        net=net,
        confidence=confidence,
        images=images,
    )
    return found


def test_the_browser_judges_as_python_does(
    confidence: Confidence,
    mnist: tuple[Dataset, Dataset],
    drawings: list[Drawing],
) -> None:
    random = np.random.default_rng(0)
    drawn = [as_drawn([np.array(stroke) for stroke in drawing.strokes]) for drawing in drawings[:500]]
    scribbles = [as_drawn(list(SCRIBBLES.values())[i % len(SCRIBBLES)](random)) for i in range(200)]
    images = np.concatenate([mnist[1].images[:500].numpy(), np.stack(drawn + scribbles)])
    expected = classify(NET, standardise(torch.from_numpy(images)), confidence)
    found = judged_in_javascript(NET, confidence, images)
    assert len({each.verdict for each in expected}) == 3
    for ours, theirs in zip(expected, found, strict=True):
        assert theirs["score"] == pytest.approx(ours.score, abs=1e-3)
        assert theirs["probabilities"] == pytest.approx(ours.probabilities, abs=1e-3)
        near = abs(ours.score - confidence.digit_from) < 1e-3
        near |= abs(max(ours.probabilities) - confidence.sure_from) < 1e-3
        assert near or (theirs["verdict"], theirs["candidates"]) == (ours.verdict, ours.candidates)


def test_the_browser_judges_a_network_with_eleven_outputs_as_python_does(
    mnist: tuple[Dataset, Dataset], drawings: list[Drawing]
) -> None:
    torch.manual_seed(0)
    net = build(ITERATION_6).train()
    images = np.concatenate(
        [mnist[1].images[:300].numpy(), np.stack([as_drawn([np.array(s) for s in each.strokes]) for each in drawings[:100]])]
    )
    net(standardise(torch.from_numpy(images)))  # gives batch norm its statistics
    net.eval()
    last = net.get_submodule("fc1")
    assert isinstance(last, nn.Linear)
    last.weight.data *= 30  # a newly initialised network hardly tells one image from another
    first = classify(net, standardise(torch.from_numpy(images)), Confidence(1.0, -100, 0, {}))
    sureness = [max(each.probabilities) / (1 + np.exp(-each.score)) for each in first]
    digit_from = float(np.quantile([each.score for each in first], 0.3))
    confidence = Confidence(1.3, digit_from, float(np.quantile(sureness, 0.6)), {})
    expected = classify(net, standardise(torch.from_numpy(images)), confidence)
    found = judged_in_javascript(net, confidence, images)
    assert len({each.verdict for each in expected}) == 3
    for ours, theirs in zip(expected, found, strict=True):
        assert theirs["score"] == pytest.approx(ours.score, abs=1e-3)
        assert theirs["probabilities"] == pytest.approx(ours.probabilities, abs=1e-3)
        assert len(theirs["probabilities"]) == 10
        sure = max(ours.probabilities) / (1 + np.exp(-ours.score))
        near = abs(ours.score - digit_from) < 1e-3 or abs(sure - confidence.sure_from) < 1e-3
        assert near or (theirs["verdict"], theirs["candidates"]) == (ours.verdict, ours.candidates)
