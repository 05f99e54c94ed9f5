"""Every setting of a network and its training: each iteration is the previous recipe plus one change."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

PARAMETER_BUDGET = 20_000
"""Every network of this project has fewer parameters than this, but for the teacher, which only training needs."""


@dataclass(frozen=True)
class Layer:
    """One convolution (with its batch norm and ReLU), one max pooling, or the average over all remaining pixels."""

    kind: Literal["conv", "pool", "mean"]
    kernel: int = 0
    out_channels: int = 0  # convolutions only; pooling keeps the number of channels
    padding: int = 0
    pool: int = 0  # convolutions only: size of the max pooling between the convolution and its batch norm


@dataclass(frozen=True)
class Augmentation:
    """How much training images are changed to resemble what visitors draw.

    Each amount is drawn uniformly for each image; 0 switches a change off.
    """

    degrees: float = 0.0  # rotation, ±
    shear: float = 0.0  # of x by y, ±
    log_scale: float = 0.0  # the factors of x and y are e^±log_scale, drawn separately
    shift: float = 0.0  # of x and y, ±, in pixels
    elastic: float = 0.0  # standard deviation of the elastic displacement, in pixels
    thicker: float = 0.0  # largest weight of a dilation by one pixel
    thinner: float = 0.0  # largest weight of an erosion by one pixel
    closed: float = 0.0  # share of the images whose loops and gaps are filled in, as a thick brush would
    flags: float = 0.0  # share of the 1s that get a flag
    feet: float = 0.0  # share of the 1s that get a foot
    bars: float = 0.0  # share of the 7s that get a bar across the stem
    hooks: float = 0.0  # share of the 9s that get a hook at the bottom
    slashes: float = 0.0  # share of the 0s that get a slash
    mild_epochs: int = 0  # in the last so many epochs, the changes made to every image (not to a share) are halved


@dataclass(frozen=True)
class Rewriting:
    """How far a pen drawing is changed before it is rendered, as if another person had written it.

    Every amount is drawn uniformly and per drawing, except where noted; lengths are in heights of the drawing.
    """

    degrees: float = 5.0  # rotation, ±
    slant: float = 0.2  # of x by y, ±
    log_scale: float = 0.15  # the factors of x and y are e^±log_scale, drawn separately
    bend: float = 0.015  # standard deviation of a smooth displacement
    shorter: float = 0.06  # at most, at either end of each stroke
    longer: float = 0.06  # at most, at either end of each stroke
    joined: float = 0.02  # share of the pen lifts that become a line
    lifted: float = 0.05  # mean number of added pen lifts per drawing
    longest_gap: float = 0.2  # that an added pen lift leaves
    log_width: float = 0.3  # largest change of the logarithm of the stroke width
    sharper: float = 0.6  # share by which the soft edge of the strokes is at most narrower


@dataclass(frozen=True)
class Mixture:
    """What an epoch shows besides MNIST's digits, each of which it shows once."""

    unipen: int = 2  # how often each UNIPEN digit is shown, rewritten each time
    pendigits: int = 1  # the same for each digit of pendigits-orig.tra
    letters: int = 2  # the same for each letter and sign
    shapes: int = 120  # drawings of each kind of scribble, and twice as many of each kind of what people draw first
    spoiled: int = 2_000  # images of digits made into images that are not digits
    filled: int = 4_000  # images of filled shapes
    other_media: float = 0.2  # share of all images, digits included, that are shown as by another medium
    rewriting: Rewriting = Rewriting()


@dataclass(frozen=True)
class Distillation:
    """How much a larger network's answers count beside the labels. The network itself has been trained before."""

    teacher: str  # name of its recipe and of its weights folder
    weight: float  # of its answers in the loss; that of the labels is the rest
    temperature: float  # by which the logits of both networks are divided where their answers are compared


@dataclass(frozen=True)
class Recipe:
    """Everything that determines what is trained and how.

    ``change`` says in one sentence how this recipe differs from the one before it; the page and the command line show it.
    """

    name: str
    change: str
    # the network
    layers: tuple[Layer, ...]
    batch_norm: bool = False
    conv_bias: bool = True
    dropout: float = 0.0  # before the linear layer; 0 leaves the layer out
    classes: int = 10  # outputs; an eleventh is "not a digit"
    # the training
    epochs: int = 19
    batch_size: int = 128  # distinct images per batch
    augmentation_repeats: int = 1  # of each image in a batch, each augmented differently (Hoffer et al., 2020)
    learning_rate: float = 1e-3
    step_size: int | None = None  # epochs between two decays of the learning rate
    gamma: float = 1.0  # factor of one decay
    warmup: float = 0.0  # share of the training in which the learning rate rises from 0; then it falls to 0, both linearly
    optimizer: Literal["adam", "muon"] = "adam"  # muon: for all convolutions except the first; Adam for the rest
    beta2: float = 0.999  # of Adam
    muon_learning_rate: float = 0.0
    weight_decay: float = 0.0  # of the weights that Muon trains
    ema_decay: float = 0.0  # per step, of the exponential moving average that replaces the weights; 0: no average
    recompute_bn_stats: bool = False  # at the end, recompute batch norm's means and variances on MNIST's clean images
    augmentation: Augmentation | None = None  # None: the seed document's transforms
    mixture: Mixture | None = None  # None: MNIST's digits alone
    distillation: Distillation | None = None  # None: labels alone

    def to_json(self) -> dict[str, Any]:
        """Plain values from which ``from_json`` restores an equal recipe."""
        return {**asdict(self), "layers": [asdict(layer) for layer in self.layers]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Recipe:
        """The recipe whose ``to_json`` is ``values``.

        Raises ``TypeError`` or ``KeyError`` when fields are missing or unknown.
        """
        layers = tuple(Layer(**layer) for layer in values["layers"])
        changes = values.get("augmentation")
        augmentation = None if changes is None else Augmentation(**changes)
        mixed = values.get("mixture")
        mixture = None if mixed is None else Mixture(**{**mixed, "rewriting": Rewriting(**mixed["rewriting"])})
        taught = values.get("distillation")
        distillation = None if taught is None else Distillation(**taught)
        parts = {"layers": layers, "augmentation": augmentation, "mixture": mixture, "distillation": distillation}
        return cls(**{**values, **parts})


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
    change="Seven convolutions with ReLU, two max-pooling layers and one linear layer; Adam at a constant learning rate.",
    layers=SEED_LAYERS,
)
ITERATION_2 = replace(
    ITERATION_1,
    name="2-batchnorm-dropout",
    change="Batch normalisation after every convolution and 10 % dropout before the linear layer.",
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

PEN_AUGMENTATION = Augmentation(
    degrees=7.0,
    shear=0.09,
    log_scale=0.08,
    shift=1.3,
    elastic=0.5,
    thicker=0.4,
    thinner=0.4,
    closed=0.25,
    flags=0.25,
    feet=0.12,
    bars=0.12,
    hooks=0.15,
    mild_epochs=3,
)

ITERATION_5 = replace(
    ITERATION_4,
    name="5-pen",
    change=(
        "A new architecture with average pooling instead of a large linear layer; the Muon optimiser; a learning rate that "
        "warms up and then falls linearly to zero; averaged weights; every image twice per batch, augmented to look like "
        "people's drawings; batch-norm statistics recomputed on clean images."
    ),
    layers=(
        Layer("conv", 3, 16),
        Layer("conv", 3, 16, pool=2),
        Layer("conv", 3, 24, padding=1),
        Layer("conv", 3, 24, pool=2),
        Layer("conv", 3, 32),
        Layer("mean"),
    ),
    conv_bias=False,
    dropout=0.0,
    learning_rate=5e-3,
    augmentation_repeats=2,
    step_size=None,
    gamma=1.0,
    warmup=0.2,
    optimizer="muon",
    beta2=0.99,
    muon_learning_rate=0.05,
    weight_decay=0.01,
    ema_decay=0.998,
    recompute_bn_stats=True,
    augmentation=PEN_AUGMENTATION,
)

ITERATION_6 = replace(
    ITERATION_5,
    name="6-hands",
    change=(
        "Besides MNIST's digits, digits and letters that 131 people wrote with a pen, rewritten for every epoch; an "
        "eleventh output for what is not a digit; one in five images as another medium shows it; a sixth convolution; and a "
        "network eight times as large as a teacher."
    ),
    layers=(
        Layer("conv", 3, 16),
        Layer("conv", 3, 16, pool=2),
        Layer("conv", 3, 21, padding=1),
        Layer("conv", 3, 21, padding=1),
        Layer("conv", 3, 22, padding=1, pool=2),
        Layer("conv", 3, 29),
        Layer("mean"),
    ),
    classes=11,
    recompute_bn_stats=False,
    augmentation=replace(PEN_AUGMENTATION, slashes=0.1),
    mixture=Mixture(),
    distillation=Distillation("teacher", weight=0.9, temperature=2.0),
)

TEACHER = replace(
    ITERATION_6,
    name="teacher",
    change="Eight times as many parameters as iteration 6, in six convolutions, and 12 epochs.",
    layers=(
        Layer("conv", 3, 16),
        Layer("conv", 3, 16, pool=2),
        Layer("conv", 3, 64, padding=1),
        Layer("conv", 3, 64, padding=1),
        Layer("conv", 3, 64, padding=1, pool=2),
        Layer("conv", 3, 128),
        Layer("mean"),
    ),
    epochs=12,
    distillation=None,
)
"""The network that teaches iteration 6. It is never shown MNIST's last training digits, which calibration needs."""

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (ITERATION_1, ITERATION_2, ITERATION_3, ITERATION_4, ITERATION_5, ITERATION_6)
}
DEFAULT = ITERATION_6.name
"""The recipe that ``train.py`` trains and the page opens with unless another is chosen."""
ITERATIONS: dict[int, Recipe] = dict(enumerate(RECIPES.values(), start=1))
"""The recipes by number, as ``--iteration`` selects them."""
DEFAULT_ITERATION = list(RECIPES).index(DEFAULT) + 1


def learning_rate(recipe: Recipe, progress: float, *, epochs: int, peak: float | None = None) -> float:
    """Learning rate after ``progress`` of ``epochs`` epochs (3.5: in the middle of the fourth).

    ``peak`` replaces ``recipe.learning_rate`` for an optimiser that has its own. Without a warm-up this is the schedule of
    ``torch.optim.lr_scheduler.StepLR``; with one, that of ``OneCycleLR`` with linear annealing from 0 and back to 0.
    """
    peak = recipe.learning_rate if peak is None else peak
    if recipe.warmup:
        share = progress / epochs
        return peak * min(share / recipe.warmup, (1 - share) / (1 - recipe.warmup))
    if recipe.step_size is None:
        return peak
    return peak * recipe.gamma ** (math.floor(progress) // recipe.step_size)
