"""The stages of every network: names, layers, and the words of the steps."""

from __future__ import annotations

import pytest

from mnist_cnn.browser_format import export
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import RECIPES
from mnist_cnn.stages import NAMES, SCORES, STEPS, kind_of, stages


@pytest.mark.parametrize("name", RECIPES)
def test_every_layer_is_in_one_stage_and_has_words(name: str) -> None:
    rows = trace(build(RECIPES[name]))
    found = stages(rows)
    assert [layer for stage in found for layer in stage.layers] == [row.name for row in rows]
    assert len({stage.name for stage in found}) == len(found)
    assert all(kind_of(row.name) in STEPS for row in rows)


@pytest.mark.parametrize("name", RECIPES)
def test_a_stage_is_one_convolution_named_by_its_receptive_field(name: str) -> None:
    rows = trace(build(RECIPES[name]))
    fields = {row.name: row.receptive_field for row in rows}
    *convolutions, last = stages(rows)
    assert last.name == SCORES
    assert last.layers[-2:] == ("fc1", "log_softmax")
    for stage in convolutions:
        assert [kind_of(layer) for layer in stage.layers].count("conv") == 1
        assert kind_of(stage.layers[0]) == "conv"
        largest = next(most for most, words, _ in NAMES if stage.name.startswith(words))
        smaller = max((most for most, _, _ in NAMES if most < largest), default=0)
        assert smaller < fields[stage.layers[-1]] <= largest


def test_the_browser_is_told_the_stages() -> None:
    net = build(RECIPES["5-pen"]).eval()
    description = export(net, "test").description
    assert [stage["name"] for stage in description["stages"]] == [stage.name for stage in stages(trace(net))]
    assert description["steps"]["conv"]["name"] == "Convolution"
