"""The training loop and the evaluation.

When torchrun has started several processes, each trains on its share of every batch. The gradients are averaged over all of
them, so that all processes hold the same weights throughout.
"""

from __future__ import annotations

import copy
import hashlib
import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.malloc import keep_freed_memory
from mnist_cnn.model import build
from mnist_cnn.recipes import Recipe, learning_rate
from mnist_cnn.snapshots import STEPS, Moment, Snapshots
from mnist_cnn.training import distributed
from mnist_cnn.training.augment import augmented_batches, is_mild, milder
from mnist_cnn.training.distillation import Teacher
from mnist_cnn.training.evaluation import evaluate, recompute_bn_stats
from mnist_cnn.training.fast_forward import Precision, fast_forward
from mnist_cnn.training.mixture import Extras
from mnist_cnn.training.optimizers import BATCHES_PER_AVERAGE, build_average, build_optimizers, set_learning_rates
from mnist_cnn.training.resume import StateError, check_state, load_state, save_state

BATCHES_PER_REPORT = 25
"""The loss is read from the device for the progress bar only this often: reading it makes a GPU wait."""


class DivergedError(RuntimeError):
    """The loss is no longer a finite number; the message names the epoch and the batch."""


@dataclass(frozen=True)
class Epoch:
    """The results of one epoch: losses in nats per image, accuracies in percent; in training, of augmented images."""

    epoch: int  # counted from 1
    lr: float  # in the middle of the epoch
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # of training, without evaluation


@dataclass(frozen=True)
class Settings:
    """The settings of one training run. ``precision`` is that of the convolutions; weights and loss are always float32."""

    recipe: Recipe
    seed: int
    epochs: int
    precision: Precision


@dataclass(frozen=True)
class Learner:
    """Everything that a training step changes, and the teacher that it may have."""

    net: nn.Sequential
    average: AveragedModel | None  # of the weights
    optimizers: list[torch.optim.Optimizer]
    teacher: Teacher | None

    @classmethod
    def new(cls, settings: Settings, device: torch.device) -> Learner:
        """A newly initialised one, the same in all processes. Raises ``WeightsError`` for a teacher that is missing."""
        torch.manual_seed(settings.seed)
        net = build(settings.recipe).to(device).to(memory_format=torch.channels_last)
        distributed.broadcast_parameters(net)
        optimizers = build_optimizers(net, settings.recipe)
        distillation = settings.recipe.distillation
        teacher = None if distillation is None else Teacher.load(distillation, settings.precision, device)
        return cls(net, build_average(net, settings.recipe), optimizers, teacher)

    @property
    def modules(self) -> list[nn.Module]:
        """The network and, if there is one, its average."""
        return [self.net] if self.average is None else [self.net, self.average]

    @property
    def trained(self) -> nn.Sequential:
        """The network to keep: the average if there is one."""
        found: Any = self.net if self.average is None else self.average.module
        return found  # type: ignore[no-any-return]


class Metrics:
    """Mean loss and accuracy of an epoch so far. What is added stays on the device until ``read``."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.batches = self.right = self.seen = 0
        self.loss_sum = 0.0
        self._unread: list[tuple[Tensor, Tensor, Tensor]] = []

    def add(self, loss: Tensor, log_probs: Tensor, labels: Tensor) -> None:
        """Add one batch: its loss summed over the images, log-probabilities (N, classes) and labels (N,)."""
        self._unread.append((loss.detach(), log_probs.detach(), labels))

    def read(self) -> None:
        """Count what has been added. Raises ``DivergedError`` if a loss is not a finite number."""
        losses, log_probs, labels = zip(*self._unread, strict=True)
        values = torch.stack(losses).tolist()
        for number, value in enumerate(values, start=self.batches + 1):
            if not math.isfinite(value):
                raise DivergedError(
                    f"the loss is not a number at epoch {self.epoch + 1}, batch {number}; a lower learning rate may help"
                )
        truth = torch.cat(labels)
        self.batches += len(values)
        self.loss_sum += sum(values)
        self.right += int((torch.cat(log_probs).argmax(dim=1) == truth).sum())
        self.seen += len(truth)
        self._unread = []

    def sum_over_processes(self, device: torch.device) -> None:
        """Make the metrics those of the images of all processes."""
        self.loss_sum, right, seen = distributed.total([self.loss_sum, self.right, self.seen], device)
        self.right, self.seen = int(right), int(seen)

    @property
    def loss(self) -> float:
        """In nats per image."""
        return self.loss_sum / self.seen

    @property
    def accuracy(self) -> float:
        """In percent."""
        return 100 * self.right / self.seen


def train(
    recipe: Recipe,
    train_set: Dataset,
    test_set: Dataset,
    *,
    seed: int,
    epochs: int,
    precision: Precision,
    device: torch.device | None = None,
    state: Path | None = None,
    resume: bool = False,
    extras: Extras | None = None,
    snapshots: Snapshots | None = None,
) -> tuple[nn.Sequential, list[Epoch]]:
    """Train the network of ``recipe`` and return it as it is after the last epoch, with one record per epoch.

    Prints one line of results per epoch and, on a terminal, a progress bar. The test set is only reported; nothing is chosen
    by it. The file ``state``, if given, holds the training after each epoch; with ``resume``, training continues from it if
    it exists. ``extras``, for a recipe with a mixture, are shown besides ``train_set``. ``snapshots`` get the network after
    some of the first steps and after every epoch. Raises ``DivergedError`` if a loss is not a finite number and
    ``StateError`` if ``state`` cannot be used.
    """
    device = device or torch.device("cpu")
    settings = Settings(recipe, seed, epochs, precision)
    keep_freed_memory()
    about = _describe(settings, train_set, test_set, extras, device)
    train_set, test_set = train_set.to(device), test_set.to(device)
    learner = Learner.new(settings, device)
    history: list[Epoch] = []
    if state is not None and resume and state.exists():
        history = _resume(state, learner, about, snapshots)
    if state is not None and not distributed.all_equal(len(history), device):
        raise StateError(f"not every machine has {state}; copy it to all of them, or delete it to start again")

    watch = _watch(learner, test_set, snapshots)
    for epoch in range(len(history), epochs):
        history.append(_epoch(learner, train_set, test_set, extras, settings, epoch, watch))
        if distributed.is_main():
            _print(history[-1], len(test_set))
            if state is not None:
                records = {"history": [asdict(each) for each in history]}
                save_state(state, learner.modules, learner.optimizers, {**about, **records}, snapshots)
    return learner.trained, history


def _describe(
    settings: Settings, train_set: Dataset, test_set: Dataset, extras: Extras | None, device: torch.device
) -> dict[str, Any]:
    """What must be equal for a training to be resumed, as plain JSON values."""
    others = [] if extras is None else extras.labels
    labels = torch.cat([train_set.labels.cpu(), test_set.labels.cpu(), *others]).numpy().tobytes()
    return {
        "recipe": settings.recipe.to_json(),
        "seed": settings.seed,
        "epochs": settings.epochs,
        "precision": settings.precision,
        "device": device.type,
        "processes": distributed.world_size(),
        "data": hashlib.sha256(labels).hexdigest(),
    }


def _resume(state: Path, learner: Learner, about: dict[str, Any], snapshots: Snapshots | None) -> list[Epoch]:
    """Load ``state`` into ``learner`` and ``snapshots``, and return the history so far."""
    found = check_state(state, about)
    load_state(state, learner.modules, learner.optimizers, snapshots)
    history = [Epoch(**epoch) for epoch in found["history"]]
    if distributed.is_main():
        print(f"Resuming after epoch {len(history)} of {about['epochs']}")
    return history


Watch = Callable[[int, Epoch | None], None]
"""Gets the number of steps so far, and the epoch if one has just ended."""


def _watch(learner: Learner, test_set: Dataset, snapshots: Snapshots | None) -> Watch:
    """Adds what ``learner`` has learnt to ``snapshots``: within the first epoch its network, afterwards the one to keep."""

    def watch(steps: int, epoch: Epoch | None) -> None:
        if snapshots is None or not distributed.is_main():
            return
        if epoch is not None:
            snapshots.add(learner.trained, Moment(steps, epoch.epoch, epoch.test_loss, epoch.test_accuracy))
        elif steps in STEPS:
            net = copy.deepcopy(learner.net)  # evaluation changes its mode
            snapshots.add(net, Moment(steps, 0, *evaluate(net, test_set)))

    return watch


def _epoch(
    learner: Learner,
    train_set: Dataset,
    test_set: Dataset,
    extras: Extras | None,
    settings: Settings,
    epoch: int,
    watch: Watch,
) -> Epoch:
    """Train for one epoch, then evaluate."""
    recipe, epochs = settings.recipe, settings.epochs
    start = time.perf_counter()
    metrics = train_epoch(learner, train_set, extras, settings, epoch, watch)
    seconds = round(time.perf_counter() - start, 2)
    if recipe.recompute_bn_stats and epoch == epochs - 1:
        recompute_bn_stats(learner.trained, train_set)
    test_loss, test_accuracy = evaluate(learner.trained, test_set)
    if not math.isfinite(test_loss):
        raise DivergedError(f"the test loss is {test_loss} after epoch {epoch + 1}; a lower learning rate may help")
    lr = learning_rate(recipe, epoch + 0.5, epochs=epochs)
    result = Epoch(epoch + 1, lr, metrics.loss, metrics.accuracy, test_loss, test_accuracy, seconds)
    watch((epoch + 1) * metrics.batches, result)
    return result


def _print(epoch: Epoch, test_digits: int) -> None:
    correct = round(epoch.test_accuracy * test_digits / 100)
    training = (
        f"Epoch {epoch.epoch}: loss {epoch.train_loss:.4f}, accuracy {epoch.train_accuracy:.2f} %, {epoch.seconds:.0f} s. "
    )
    print(
        f"{'' if sys.stderr.isatty() else training}Test set: average loss {epoch.test_loss:.4f} nats per image, "
        f"accuracy {correct}/{test_digits} ({epoch.test_accuracy:.2f} %)",
        flush=True,
    )


def train_epoch(
    learner: Learner,
    digits: Dataset,
    extras: Extras | None,
    settings: Settings,
    epoch: int,
    watch: Watch = lambda steps, epoch: None,
) -> Metrics:
    """One pass over ``digits`` and ``extras`` in random order; ``epoch`` counts from 0."""
    recipe, device = settings.recipe, digits.labels.device
    rank, processes = distributed.rank(), distributed.world_size()
    # Random numbers depend on seed, epoch and process alone, so that an epoch can be repeated without those before it
    seed = settings.seed * 10_000 + epoch
    generator = Generator(device).manual_seed(seed)
    mild = is_mild(recipe, epoch, epochs=settings.epochs)
    train_set = digits if extras is None else extras.epoch(digits, seed, mild=mild)
    order = torch.randperm(len(train_set), generator=generator, device=device)  # the same in all processes
    torch.manual_seed(seed + rank * 1_000_000_000)  # dropout draws from the global state
    if rank > 0:
        generator.manual_seed(seed + rank * 1_000_000_000)

    learner.net.train()
    forward = fast_forward(learner.net, settings.precision, device)
    batches = [batch.repeat(recipe.augmentation_repeats) for batch in order.split(recipe.batch_size)]
    amounts = milder(recipe.augmentation) if mild and recipe.augmentation is not None else recipe.augmentation
    media_share = 0.0 if recipe.mixture is None else recipe.mixture.other_media / (2 if mild else 1)
    pairs = augmented_batches(train_set, [batch[rank::processes] for batch in batches], amounts, media_share, generator)
    metrics = Metrics(epoch)
    silent = True if rank > 0 else None  # None: where the output is not a terminal
    with tqdm(pairs, total=len(batches), desc=f"Epoch {epoch + 1}", unit="batch", disable=silent) as bar:
        for number, (images, labels) in enumerate(bar):
            if epoch == 0:
                watch(number, None)
            progress = epoch + (number + 0.5) / len(batches)
            set_learning_rates(learner.optimizers, recipe, progress, epochs=settings.epochs)
            loss, log_probs = train_step(learner, forward, images, labels, batch_size=len(batches[number]))
            if learner.average is not None and (number + 1) % BATCHES_PER_AVERAGE == 0:
                learner.average.update_parameters(learner.net)
            metrics.add(loss, log_probs, labels)
            if number % BATCHES_PER_REPORT == 0 or number == len(batches) - 1:
                metrics.read()
                bar.set_postfix_str(f"loss {metrics.loss:.4f}, accuracy {metrics.accuracy:.2f} %")
    metrics.sum_over_processes(device)
    distributed.average_buffers(learner.modules)
    return metrics


def train_step(
    learner: Learner, forward: Callable[[Tensor], Tensor], images: Tensor, labels: Tensor, *, batch_size: int
) -> tuple[Tensor, Tensor]:
    """One step of the optimisers on this process's share of a batch of ``batch_size`` images.

    (N, 28, 28) uint8 and (N,) -> the loss without that of a teacher, summed over the share, and its log-probabilities
    (N, classes).
    """
    for optimizer in learner.optimizers:
        optimizer.zero_grad(set_to_none=False)
    inputs = standardise(images)
    log_probs = forward(inputs)
    loss = F.nll_loss(log_probs, labels, reduction="sum")
    to_minimise = loss if learner.teacher is None else learner.teacher.loss(inputs, log_probs, labels)
    (to_minimise * (distributed.world_size() / batch_size)).backward()
    distributed.average_gradients(learner.net)
    for optimizer in learner.optimizers:
        optimizer.step()
    return loss, log_probs
