"""The committed test answers are those of the shipped networks, and damaged ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset
from mnist_cnn.model import build
from mnist_cnn.predict import answer_of
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import Answers, answer_test_set, load_answers


@pytest.mark.parametrize("name", RECIPES)
def test_as_many_are_wrong_as_the_history_says(name: str) -> None:
    answers = load_answers(checkpoint.SHIPPED / name)
    assert answers.digits == 10_000
    last = checkpoint.load_history(checkpoint.SHIPPED / name)["runs"][0]["epochs"][-1]
    assert len(answers.wrong) == pytest.approx(100 * (100 - last["test_accuracy"]), abs=2.5)


@pytest.mark.parametrize("name", RECIPES)
def test_kept_pictures_are_answered_as_kept(name: str) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / name)
    for digit in load_answers(checkpoint.SHIPPED / name).wrong:
        seen = torch.frombuffer(bytearray(digit.levels), dtype=torch.uint8).view(28, 28).numpy()
        probabilities = answer_of(net, seen)["probabilities"]
        assert probabilities[digit.answer] == pytest.approx(digit.answer_probability, abs=1e-3)
        assert probabilities[digit.label] == pytest.approx(digit.label_probability, abs=1e-3)


@pytest.mark.parametrize("name", RECIPES)
def test_shipped_answers_are_those_of_the_shipped_network(name: str, official_mnist: tuple[Dataset, Dataset] | None) -> None:
    if official_mnist is None:
        pytest.skip("the official MNIST files are not on this machine")
    kept, now = (
        load_answers(checkpoint.SHIPPED / name),
        answer_test_set(checkpoint.load(checkpoint.SHIPPED / name), official_mnist[1]),
    )
    # another machine adds up in another order: a digit or two on the border may change sides
    assert len({digit.index for digit in kept.wrong} ^ {digit.index for digit in now.wrong}) <= 2
    labels = official_mnist[1].labels
    assert [sum(row) for row in kept.counts] == torch.bincount(labels).tolist()
    for digit in kept.wrong:
        assert digit.label == labels[digit.index]
        assert digit.levels == official_mnist[1].images[digit.index].numpy().tobytes()


def damaged(change: str) -> Any:
    values = load_answers(checkpoint.SHIPPED / DEFAULT).to_json()
    digit = values["wrong"][0]
    match change:
        case "count":
            values["counts"][0][1] += 1
        case "shape":
            values["counts"].pop()
        case "label":
            digit["label"] = 10
        case "negative":
            digit["answer"] = -1
        case "probability":
            digit["answer_probability"] = 1.5
        case "nan":
            digit["label_probability"] = float("nan")
        case "picture":
            digit["levels"] = digit["levels"][4:]
        case "letters":
            digit["levels"] = "?" + digit["levels"][1:]
        case "twice":
            values["wrong"].append(digit)
        case "name":
            digit["colour"] = "red"
    return values


CHANGES = ["count", "shape", "label", "negative", "probability", "nan", "picture", "letters", "twice", "name"]


@pytest.mark.parametrize("change", CHANGES)
def test_damaged_answers_are_refused(change: str, tmp_path: Path) -> None:
    (tmp_path / "test_answers.json").write_text(json.dumps(damaged(change)))
    with pytest.raises(checkpoint.WeightsError, match=r"test_answers\.json is damaged"):
        load_answers(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "[" * 100_000, '{"counts": 3, "wrong": []}'])
def test_what_is_not_answers_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "test_answers.json").write_text(content)
    with pytest.raises(checkpoint.WeightsError, match=r"test_answers\.json"):
        load_answers(tmp_path)


def test_answers_go_with_the_network_they_are_of(tmp_path: Path) -> None:
    torch.manual_seed(0)
    recipe = RECIPES["1-plain"]
    net = build(recipe)
    digits = Dataset(torch.randint(0, 256, (30, 28, 28), dtype=torch.uint8), torch.arange(30) % 10)
    answers = answer_test_set(net, digits)
    checkpoint.save(tmp_path, net, recipe, {"runs": []}, answers.to_json())
    assert load_answers(tmp_path) == answers == Answers.from_json(answers.to_json())
    checkpoint.save(tmp_path, net, recipe, {"runs": []})
    assert not (tmp_path / checkpoint.TEST_ANSWERS_FILE).exists()
