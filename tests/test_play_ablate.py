"""Channels that are switched off: the engine, what was measured of them, and *Break it* as a visitor uses it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mnist_cnn import ablation, checkpoint
from mnist_cnn import play as command
from mnist_cnn.browser_format import export
from mnist_cnn.data import Dataset
from mnist_cnn.packed import unpack
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import load_answers
from page.play import OWN_FILES

FOLDER = checkpoint.SHIPPED / DEFAULT
SOME_CHANNELS = ("relu1", 3), ("relu3", 20), ("relu5", 7)


# What was measured


@pytest.mark.parametrize("file", [file for file in command.FILES if (FOLDER / file).exists()])
def test_a_measured_file_belongs_to_the_network_and_goes_to_the_page(file: str) -> None:
    about, _ = unpack((FOLDER / file).read_bytes())
    assert about["crc32"] == export(checkpoint.load(FOLDER), DEFAULT).description["crc32"], (
        f"{file} was measured on another network: python -m mnist_cnn.play"
    )
    assert file in OWN_FILES


def test_the_command_measures_what_is_shipped(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    about, _ = unpack((FOLDER / ablation.FILE).read_bytes())
    net = checkpoint.load(FOLDER)
    assert {name: len(counts) for name, counts in about["without"].items()} == ablation.switchable(net)
    answers = load_answers(FOLDER)
    assert (about["n"], about["right"]) == (answers.digits, answers.digits - len(answers.wrong))
    if official_mnist is None:
        return
    for name, channel in SOME_CHANNELS:
        found = ablation.count_right(net, official_mnist[1], {name: [channel]})
        assert found == about["without"][name][channel], f"{name}, channel {channel}"


def test_the_test_digits_for_the_browser_are_those_of_mnist(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    about, arrays = unpack((FOLDER / ablation.DIGITS_FILE).read_bytes())
    images = ablation.from_four_bits(arrays["pixels"])
    assert (about["n"], about["of"]) == (len(images), 10_000) == (1_000, 10_000)
    if official_mnist is None:
        return
    chosen = np.sort(np.random.default_rng(about["seed"]).choice(10_000, 1_000, replace=False))
    test = official_mnist[1]
    assert (test.labels[chosen].numpy() == arrays["labels"]).all()
    assert np.abs(test.images[chosen].numpy().astype(int) - images).max() <= 9


def test_counting_every_channel_is_counting_each(mnist: tuple[Dataset, Dataset]) -> None:
    digits, net = mnist[1][:40], checkpoint.load(FOLDER)
    counts = ablation.count_without_each(net, digits)
    for name, channel in SOME_CHANNELS:
        assert counts[name][channel] == ablation.count_right(net, digits, {name: [channel]})


@pytest.mark.parametrize("name", RECIPES)
def test_a_channel_is_off_after_its_relu(name: str) -> None:
    """Against weights: what reads the channels of the last ReLU no longer finds one whose filter and shift are 0."""
    net = checkpoint.load(checkpoint.SHIPPED / name)
    images = torch.randn(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    last = list(ablation.switchable(net))[-1]
    found = ablation.run_without(net, images, {last: [2]})
    number = last.removeprefix("relu")
    with torch.no_grad():
        norm = getattr(net, f"bn{number}", None)
        for module in [getattr(net, f"conv{number}")] if norm is None else [norm]:
            module.weight[2] = 0
            module.bias[2] = 0
    assert torch.allclose(found, net(images), atol=1e-5)
    assert torch.equal(net(images), ablation.run_without(net, images, {}))
