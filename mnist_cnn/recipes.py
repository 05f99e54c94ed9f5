"""The iterations: every setting of a network and its training, each recipe the one before it plus its change."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

PARAMETER_BUDGET = 20_000
"""A network of this project has fewer parameters than this."""


@dataclass(frozen=True)
class Layer:
    """One convolution (with what the recipe puts around it) or one max pooling."""

    kind: Literal["conv", "pool"]
    kernel: int
    out_channels: int = 0  # convolutions only; a pooling keeps its input's
    padding: int = 0


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what is trained and how.

    ``change`` says in one sentence what this recipe does that the one before it does not; README, page and log show it.
    """

    name: str
    change: str
    # the network
    layers: tuple[Layer, ...]
    batch_norm: bool = False
    dropout: float = 0.0  # before the linear layer; 0 leaves the layer out
    # the training
    epochs: int = 19
    batch_size: int = 128
    learning_rate: float = 1e-3
    step_size: int | None = None  # epochs between two decays of the learning rate
    gamma: float = 1.0  # factor of one decay

    def to_json(self) -> dict[str, Any]:
        """Plain values that ``from_json`` turns back into an equal recipe."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Recipe:
        """The recipe that ``to_json`` wrote.

        Raises ``TypeError`` or ``KeyError`` when names are missing or unknown.
        """
        layers = tuple(Layer(**layer) for layer in values["layers"])
        return cls(**{**values, "layers": layers})


SEED_LAYERS = (
    Layer("conv", 3, 16, padding=1),
    Layer("conv", 3, 16, padding=1),
    Layer("conv", 3, 32, padding=1),
    Layer("pool", 2),
    Layer("conv", 1, 16),
    Layer("conv", 3, 32, padding=1),
    Layer("pool", 2),
    Layer("conv", 1, 16),
    Layer("conv", 3, 16),
)

ITERATION_1 = Recipe(
    name="1-plain",
    change="Seven convolutions with ReLU, two max poolings and one linear layer; Adam at a constant learning rate.",
    layers=SEED_LAYERS,
)
ITERATION_2 = replace(
    ITERATION_1,
    name="2-batchnorm-dropout",
    change="Batch normalisation after every convolution, and dropout of 10 % before the linear layer.",
    batch_norm=True,
    dropout=0.1,
)
ITERATION_3 = replace(
    ITERATION_2,
    name="3-steplr10",
    change="The learning rate is halved every 10 epochs.",
    step_size=10,
    gamma=0.5,
)
ITERATION_4 = replace(
    ITERATION_3,
    name="4-steplr5",
    change="The learning rate is halved every 5 epochs instead of every 10.",
    step_size=5,
)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (ITERATION_1, ITERATION_2, ITERATION_3, ITERATION_4)}
DEFAULT = ITERATION_4.name
"""The recipe that ``train.py`` trains and the page opens with when nothing else is asked for."""


def learning_rate(recipe: Recipe, epoch: int) -> float:
    """Learning rate of ``epoch``, counted from 0, as ``torch.optim.lr_scheduler.StepLR`` would have it."""
    if recipe.step_size is None:
        return recipe.learning_rate
    return recipe.learning_rate * recipe.gamma ** (epoch // recipe.step_size)
