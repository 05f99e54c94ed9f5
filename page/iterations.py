"""What the tabs *Architecture* and *Results* show of the iterations: titles, accuracies, sentences about damaged files."""

from __future__ import annotations

from html import escape
from typing import Any

from mnist_cnn import checkpoint
from mnist_cnn.recipes import ITERATIONS, RECIPES

NUMBERS = {recipe.name: number for number, recipe in ITERATIONS.items()}
PLAIN = {
    "1-plain": "The first try: seven layers of filters, and a last layer that weighs what they found.",
    "2-batchnorm-dropout": "All maps are kept about equally strong. In training, some numbers are left out at random, so "
    "that it relies on none of them alone.",
    "3-steplr10": "It learns in smaller steps as it gets better: half as large after every 10 rounds through the digits.",
    "4-steplr5": "Its steps become smaller twice as often: half as large after every 5 rounds.",
    "5-pen": "A network built anew. It learns from digits that are turned, bent, thickened or thinned, as people draw.",
    "6-hands": "It also learns from digits and letters that 131 people wrote with a pen, so it can say that something is "
    "not a digit.",
}
"""What an iteration changes, in words for visitors; ``Recipe.change`` has the terms."""
LEARNT_FROM = {name: "MNIST and people’s strokes" if recipe.mixture else "MNIST alone" for name, recipe in RECIPES.items()}
"""The data of an iteration, in words for visitors."""
TITLES = {name: f"{number} · {name.removeprefix(f'{number}-')}" for name, number in NUMBERS.items()}


def accuracies(history: dict[str, Any]) -> list[list[float]]:
    """Accuracy on the test digits in percent, by run and epoch."""
    return [[epoch["test_accuracy"] for epoch in run["epochs"]] for run in history["runs"]]


def fold(name: str) -> str:
    """HTML: the terms for what ``PLAIN`` says about an iteration, to be unfolded."""
    return f'<details class="terms"><summary>In technical terms</summary><p>{escape(RECIPES[name].change)}</p></details>'


def sentence_about(error: checkpoint.WeightsError) -> str:
    """The error as a sentence for visitors, without the path of the project on this machine."""
    return str(error).replace(f"{checkpoint.SHIPPED.parent}/", "") + "."
