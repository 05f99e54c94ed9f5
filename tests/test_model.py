"""Networks have the seed document's layers, names and sizes, and return log-probabilities."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import RECIPES, Layer

SEED_PATTERN = [
    *("conv1", "conv2", "conv3", "pool1", "conv4", "conv5", "pool2", "conv6", "conv7"),
    *("flatten", "dropout", "fc1", "log_softmax"),
]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("1-plain", 19_146), ("2-batchnorm-dropout", 19_434), ("3-steplr10", 19_434), ("4-steplr5", 19_434)],
)
def test_parameter_count(name: str, parameters: int) -> None:
    assert parameter_count(build(RECIPES[name])) == parameters


def test_layer_names_are_the_seeds() -> None:
    names = [name for name, _ in build(RECIPES["4-steplr5"]).named_children()]
    assert [name for name in names if not name.startswith(("bn", "relu"))] == SEED_PATTERN
    assert names[:6] == ["conv1", "bn1", "relu1", "conv2", "bn2", "relu2"]
    plain = [name for name, _ in build(RECIPES["1-plain"]).named_children()]
    assert "dropout" not in plain
    assert not any(name.startswith("bn") for name in plain)


@pytest.mark.parametrize("name", RECIPES)
def test_network_returns_log_probabilities(name: str) -> None:
    net = build(RECIPES[name])
    assert net.training
    log_probs = net(torch.randn(5, 1, 28, 28))
    assert log_probs.shape == (5, RECIPES[name].classes)
    assert torch.allclose(log_probs.exp().sum(dim=1), torch.ones(5), atol=1e-5)


def test_too_many_poolings_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="pool5"):
        build(replace(RECIPES["1-plain"], layers=(Layer("pool", 2),) * 5))
