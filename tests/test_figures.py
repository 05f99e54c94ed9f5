"""The figures show the numbers they are given."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from docs import figures

HISTORY = json.loads((Path(__file__).parents[1] / "weights" / "5-pen" / "history.json").read_text())


def test_learning_curves_draw_the_mean_of_the_seeds() -> None:
    axes = figures.learning_curves({"5-pen": HISTORY}).axes
    drawn = {axis.get_title(): np.asarray(axis.lines[0].get_ydata()) for axis in axes}
    accuracies = [[epoch["test_accuracy"] for epoch in run["epochs"]] for run in HISTORY["runs"]]
    assert np.allclose(drawn["test accuracy, %"], np.mean(accuracies, axis=0))
    assert len(drawn) == 3


def test_confusion_matrix_counts() -> None:
    counts = np.zeros((10, 10), int)
    counts[3, 3], counts[3, 5], counts[5, 5] = 2, 1, 1
    axis = figures.confusion_matrix(counts).axes[0]
    cells = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in axis.texts}
    assert cells == {(3, 3): "2", (3, 5): "1", (5, 5): "1"}
    assert axis.get_title() == "1 of 4 wrong"


def test_gallery_shows_every_image_with_its_caption() -> None:
    images = np.arange(15 * 28 * 28, dtype=np.uint32).reshape(15, 28, 28).astype(np.uint8)
    axes = figures.gallery(images, [str(number) for number in range(15)]).axes
    shown = [axis for axis in axes if axis.images]
    assert len(shown) == 15
    assert [axis.texts[0].get_text() for axis in shown] == [str(number) for number in range(15)]
