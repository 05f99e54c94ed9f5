"""Draw the figures in this folder: ``python -m docs.figures``.

The learning curves come from the committed training histories. The confusion matrix and the wrong digits come from the
default network's committed answers to MNIST's test digits, so no data set is needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mnist_cnn import checkpoint
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import load_answers

DOCS = Path(__file__).parent
DPI = 110
QUIET = "#6a675f"
COLOURS = dict(zip(RECIPES, ("#b9b5aa", "#8d897f", "#5f8aa8", "#2f5d7c", "#b0508a", "#c2410c"), strict=True))
"""One colour per iteration; the newest has the accent colour of the page."""


def learning_curves(histories: dict[str, dict[str, Any]]) -> Figure:
    """Test loss, test accuracy and learning rate per epoch: one line per network, the range of its seeds shaded.

    ``histories`` maps the name of a recipe to its training history, as ``checkpoint.load_history`` returns it.
    """
    figure = Figure(figsize=(12, 4), layout="constrained")
    axes = figure.subplots(1, 3)
    panels = (
        ("test_loss", "test loss, nats per image", "log"),
        ("test_accuracy", "test accuracy, %", "linear"),
        ("lr", "learning rate", "log"),
    )
    for axis, (key, title, scale) in zip(axes, panels, strict=True):
        for name, history in histories.items():
            colour = COLOURS[name]
            values = np.array([[epoch[key] for epoch in run["epochs"]] for run in history["runs"]])  # (seeds, epochs)
            epochs = np.arange(1, values.shape[1] + 1)
            label = f"{name} ({len(values)} seed{'s' if len(values) > 1 else ''})"
            axis.plot(epochs, values.mean(axis=0), color=colour, label=label)
            axis.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.2, linewidth=0)
        axis.set(title=title, xlabel="epoch", yscale=scale, xticks=range(1, 20, 3))
        axis.spines[["top", "right"]].set_visible(False)
    axes[1].set_ylim(98.4, 99.8)
    axes[1].legend(frameon=False, loc="lower right", fontsize=8)
    return figure


def confusion_matrix(counts: NDArray[np.int64]) -> Figure:
    """A confusion matrix. ``counts[i, j]``, (10, 10), is how often digit i was read as j; only errors are coloured."""
    wrong = counts * (1 - np.eye(CLASSES, dtype=int))
    figure = Figure(figsize=(5.4, 5), layout="constrained")
    axis = figure.subplots()
    axis.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(4, wrong.max()))
    for row, column in np.ndindex(counts.shape):
        if counts[row, column]:
            right = row == column
            axis.text(column, row, counts[row, column], ha="center", va="center", fontsize=8, color=QUIET if right else "k")
    axis.set(xticks=range(CLASSES), yticks=range(CLASSES), xlabel="read as", ylabel="digit")
    axis.set_title(f"{wrong.sum()} of {counts.sum():,} wrong", fontsize=10)
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    return figure


def gallery(images: NDArray[np.uint8], captions: list[str], *, columns: int = 12) -> Figure:
    """``images``, (N, H, W), in rows of ``columns``, each with its caption below."""
    rows = max(1, -(-len(images) // columns))
    figure = Figure(figsize=(columns * 0.8, rows * 1.05), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for axis in axes:
        axis.set_axis_off()
    for axis, image, caption in zip(axes, images, captions, strict=False):
        axis.imshow(image, cmap="gray_r")
        axis.text(0.5, -0.14, caption, transform=axis.transAxes, ha="center", fontsize=7)
    return figure


def main() -> None:
    """Write the three figures."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    shipped = [name for name in RECIPES if (checkpoint.SHIPPED / name / checkpoint.HISTORY_FILE).exists()]
    histories = {name: checkpoint.load_history(checkpoint.SHIPPED / name) for name in shipped}
    learning_curves(histories).savefig(DOCS / "learning-curves.png", dpi=DPI)

    answers = load_answers(checkpoint.SHIPPED / DEFAULT)
    confusion_matrix(np.array(answers.counts)).savefig(DOCS / "confusion.png", dpi=DPI)
    images = np.stack([np.frombuffer(digit.levels, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE) for digit in answers.wrong])
    captions = [f"{digit.label} read as {digit.answer}" for digit in answers.wrong]
    gallery(images, captions).savefig(DOCS / "wrong-digits.png", dpi=DPI)


if __name__ == "__main__":
    main()
