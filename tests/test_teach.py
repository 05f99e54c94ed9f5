"""Teaching in Python: what a fit must do; and that JavaScript does the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import load_confidence
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.features import checksum, features_of, layer_of, load_moments, pack_test_features, with_one
from mnist_cnn.packed import unpack
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.teach import Layer, knows, log_odds, teach, variants
from testing.node import run_node
from testing.pen_digits import pen_digits

FOLDER = checkpoint.SHIPPED / DEFAULT
SLASHED: list[Stroke] = [
    [(0.5 + 0.2 * np.sin(t), 0.5 - 0.3 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 40)],
    [(0.85, 0.1), (0.15, 0.9)],
]
CROSS: list[Stroke] = [[(0.2, 0.2), (0.8, 0.8)], [(0.8, 0.2), (0.2, 0.8)]]


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(FOLDER)


@pytest.fixture(scope="module")
def digit_from(net: nn.Sequential) -> float:
    confidence = load_confidence(FOLDER, net)
    assert confidence is not None
    return confidence.digit_from


def sample_of(net: nn.Sequential, strokes: list[Stroke]) -> Layer:
    images = [image for each in variants(strokes) if (image := normalise_strokes(each)) is not None]
    return with_one(features_of(net, standardise(torch.from_numpy(np.stack(images)))).double().numpy())


def scaled(strokes: list[Stroke]) -> list[Stroke]:
    return [[(x / 1000 + 0.2, y / 1000 + 0.2) for x, y in stroke] for stroke in strokes]


def test_what_was_refused_is_a_digit_afterwards_and_other_digits_stay(net: nn.Sequential, digit_from: float) -> None:
    layer, moments = layer_of(net), load_moments(FOLDER, net)
    others = [(sample_of(net, scaled(each.strokes))[0], each.digit) for each in pen_digits()]
    before = sum(knows(layer, features, label, digit_from) for features, label in others)
    for strokes, label in ((CROSS, 4), (SLASHED, 0), (CROSS, 8)):
        sample = sample_of(net, strokes)
        taught = teach(layer, [sample], [label], moments, digit_from)
        assert knows(taught, sample[0], label, digit_from)
        assert sum(knows(taught, features, digit, digit_from) for features, digit in others) >= before - 2
    assert not knows(layer, sample_of(net, CROSS)[0], 4, digit_from), "the cross was no digit"


def test_nothing_taught_changes_nothing_much(net: nn.Sequential, digit_from: float) -> None:
    layer = layer_of(net)
    sure = sample_of(net, scaled(pen_digits()[0].strokes))
    taught = teach(layer, [sure], [pen_digits()[0].digit], load_moments(FOLDER, net), digit_from)
    assert np.abs(taught - layer).max() < 0.1


def test_javascript_teaches_the_same(net: nn.Sequential, digit_from: float) -> None:
    layer, moments = layer_of(net), load_moments(FOLDER, net)
    drawings = [(CROSS, 4), (SLASHED, 0), *((scaled(each.strokes), each.digit) for each in pen_digits()[:6])]
    samples = [sample_of(net, strokes) for strokes, _ in drawings]
    labels = [label for _, label in drawings]
    found = run_node(
        "import { logOdds, teach, variants } from '@web/engine/teach.js';",
        """
        const rows = (matrix) => matrix.map((row) => Float64Array.from(row));
        const { layer, samples, labels, moments, digitFrom, strokes } = given;
        const taught = teach(rows(layer), samples.map(rows), labels, rows(moments), digitFrom);
        const odds = samples.map(([first]) => logOdds(rows(layer).reduce((sums, row, o) => {
          sums[o] = row.reduce((sum, value, i) => sum + value * first[i], 0);
          return sums;
        }, new Float64Array(layer.length))));
        return { taught: taught.map((row) => [...row]), odds, variants: variants(strokes) };
        """,
        layer=layer.tolist(),
        samples=[sample.tolist() for sample in samples],
        labels=labels,
        moments=moments.tolist(),
        digitFrom=digit_from,
        strokes=[[{"x": x, "y": y} for x, y in stroke] for stroke in CROSS],
    )
    expected = teach(layer, samples, labels, moments, digit_from)
    assert np.array(found["taught"]) == pytest.approx(expected, abs=1e-8)
    assert found["odds"] == pytest.approx([log_odds(sample[:1] @ layer.T)[0] for sample in samples])
    ours = [[[{"x": x, "y": y} for x, y in stroke] for stroke in strokes] for strokes in variants(CROSS)]
    assert found["variants"] == ours


def test_packed_test_digits_are_answered_as_before(net: nn.Sequential, mnist: tuple[Dataset, Dataset]) -> None:
    digits = Dataset(mnist[1].images[:500], mnist[1].labels[:500])
    about, arrays = unpack(pack_test_features(net, digits, {}))
    features = with_one(arrays["features"].astype(float) * arrays["scales"])
    answers = (features @ layer_of(net).T)[:, :10].argmax(axis=1)
    assert about == {}
    assert (answers == arrays["answers"]).mean() >= 0.998
    assert arrays["labels"].tolist() == digits.labels.tolist()


def test_the_shipped_files_belong_to_the_network(net: nn.Sequential) -> None:
    about, arrays = unpack((FOLDER / "test_features.bin").read_bytes())
    assert about["crc32"] == checksum(net)
    channels = layer_of(net).shape[1] - 1
    assert arrays["features"].shape == (10_000, channels)
    wrong = int((arrays["answers"] != arrays["labels"]).sum())
    assert 100 - wrong / 100 == pytest.approx(checkpoint.load_history(FOLDER)["runs"][0]["epochs"][-1]["test_accuracy"])
    assert load_moments(FOLDER, net).shape == (channels + 1, channels + 1)
