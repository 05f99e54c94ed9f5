"""What the tabs *Architecture* and *Results* show of the iterations: titles, accuracies, sentences about damaged files."""

from __future__ import annotations

from typing import Any

from mnist_cnn import checkpoint
from mnist_cnn.recipes import ITERATIONS

NUMBERS = {recipe.name: number for number, recipe in ITERATIONS.items()}
TITLES = {name: f"{number} · {name.removeprefix(f'{number}-')}" for name, number in NUMBERS.items()}


def accuracies(history: dict[str, Any]) -> list[list[float]]:
    """Accuracy on the test digits in percent, by run and epoch."""
    return [[epoch["test_accuracy"] for epoch in run["epochs"]] for run in history["runs"]]


def sentence_about(error: checkpoint.WeightsError) -> str:
    """The error as a sentence for visitors, without the path of the project on this machine."""
    return str(error).replace(f"{checkpoint.SHIPPED.parent}/", "") + "."
