"""Where the seed document gives another number than the one computed here, a sentence says so."""

from __future__ import annotations

import pytest

from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import RECIPES
from page.seed_document import PRINTED, differences


@pytest.mark.parametrize("name", PRINTED)
def test_a_sentence_says_that_conv7_differs(name: str) -> None:
    sentences = differences(PRINTED[name], trace(build(RECIPES[name])))
    fields = [sentence for sentence in sentences if "22×22" in sentence]
    assert len(fields) == 1
    assert "14 + (3 − 1) × jump 4" in fields[0]
    assert "18×18, the value for a jump of 2" in fields[0]


def test_a_sentence_says_that_parameters_differ_only_where_they_do() -> None:
    def about_parameters(name: str) -> list[str]:
        return [s for s in differences(PRINTED[name], trace(build(RECIPES[name]))) if "parameters" in s]

    assert about_parameters("1-plain") == []
    (sentence,) = about_parameters("4-steplr5")
    assert "19,434" in sentence
    assert "19,418 and 19,300" in sentence
