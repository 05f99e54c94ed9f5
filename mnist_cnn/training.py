"""The training loop and the evaluation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from tqdm import tqdm

from mnist_cnn import augment
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import Recipe, learning_rate

Precision = Literal["fp32", "bf16"]

EVALUATION_BATCH = 1000
BATCHES_A_REPORT = 25
"""The progress bar's loss is read off the device only this often: reading it makes a GPU wait."""


class DivergedError(RuntimeError):
    """The loss is no longer a number; the message names epoch and batch."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave: losses in nats per image, accuracies in percent, the training's own on augmented images."""

    epoch: int  # counted from 1
    lr: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # training alone


def native_precision() -> Precision:
    """``bf16`` where this processor multiplies bfloat16 in hardware, else ``fp32``."""
    # private, but the only places where torch tells; absent on processors they do not concern
    cpu = torch.cpu
    checks = (getattr(cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return "bf16" if any(check() for check in checks if check is not None) else "fp32"


def _epoch_generator(seed: int, epoch: int) -> Generator:
    """Random numbers that depend on seed and epoch alone, so that an epoch can be repeated without those before it."""
    return torch.Generator().manual_seed(seed * 10_000 + epoch)


def evaluate(net: nn.Module, dataset: Dataset) -> tuple[float, float]:
    """Mean loss in nats per image and accuracy in percent of ``net``, put into eval mode, on ``dataset``."""
    net.eval()
    loss, correct = 0.0, 0
    batches = zip(dataset.images.split(EVALUATION_BATCH), dataset.labels.split(EVALUATION_BATCH), strict=True)
    with torch.inference_mode():
        for images, labels in batches:
            log_probs = net(standardise(images))
            loss += F.nll_loss(log_probs, labels, reduction="sum").item()
            correct += int((log_probs.argmax(dim=1) == labels).sum())
    return loss / len(dataset), 100 * correct / len(dataset)


def train(
    recipe: Recipe,
    train_set: Dataset,
    test_set: Dataset,
    *,
    seed: int,
    epochs: int,
    precision: Precision,
) -> tuple[nn.Sequential, list[Epoch]]:
    """Train the network of ``recipe`` and return it as the last epoch left it, with one record an epoch.

    Prints a progress bar and a line of test figures an epoch. The test set is looked at, never chosen by.
    ``precision`` is that of the convolutions; weights and loss are always float32.
    Raises ``DivergedError`` when a loss is not a number.
    """
    torch.manual_seed(seed)
    net = build(recipe).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), lr=recipe.learning_rate, fused=True)
    history: list[Epoch] = []
    for epoch in range(epochs):
        lr = learning_rate(recipe, epoch)
        for group in optimizer.param_groups:
            group["lr"] = lr
        start = time.perf_counter()
        train_loss, train_accuracy = _train_epoch(
            net, optimizer, recipe, train_set, seed=seed, epoch=epoch, precision=precision
        )
        seconds = time.perf_counter() - start
        test_loss, test_accuracy = evaluate(net, test_set)
        correct = round(test_accuracy * len(test_set) / 100)
        print(
            f"Test set: average loss {test_loss:.4f} nats per image, "
            f"accuracy {correct}/{len(test_set)} ({test_accuracy:.2f} %)"
        )
        history.append(Epoch(epoch + 1, lr, train_loss, train_accuracy, test_loss, test_accuracy, round(seconds, 2)))
    return net, history


def _train_epoch(
    net: nn.Sequential,
    optimizer: torch.optim.Optimizer,
    recipe: Recipe,
    train_set: Dataset,
    *,
    seed: int,
    epoch: int,
    precision: Precision,
) -> tuple[float, float]:
    """One pass over ``train_set`` in random order: mean loss in nats per image and accuracy in percent."""
    generator = _epoch_generator(seed, epoch)
    torch.manual_seed(seed * 10_000 + epoch)  # dropout draws from the global state
    net.train()
    # bfloat16's eight bits are enough for the convolutions, not for log-probabilities
    flatten = list(dict(net.named_children())).index("flatten")
    convolutions, head = net[:flatten], net[flatten:]
    order = torch.randperm(len(train_set), generator=generator)
    loss_sum = torch.zeros(())
    correct = torch.zeros((), dtype=torch.int64)
    seen = 0
    batches: tuple[Tensor, ...] = order.split(recipe.batch_size)
    with tqdm(batches, desc=f"Epoch {epoch + 1}", unit="batch") as bar:
        for number, chosen in enumerate(bar, start=1):
            images = standardise(augment.seed_document(train_set.images[chosen], generator))
            labels = train_set.labels[chosen]
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                features = convolutions(images.contiguous(memory_format=torch.channels_last))
            log_probs = head(features.float())
            loss = F.nll_loss(log_probs, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

            seen += len(chosen)
            loss_sum += loss.detach() * len(chosen)
            correct += (log_probs.detach().argmax(dim=1) == labels).sum()
            if number % BATCHES_A_REPORT == 0 or number == len(batches):
                if not torch.isfinite(loss_sum):
                    raise DivergedError(
                        f"the loss is {loss_sum.item()} at epoch {epoch + 1}, batch {number} or shortly before: "
                        "nothing was saved; a lower learning rate may help"
                    )
                bar.set_postfix_str(f"loss {loss_sum.item() / seen:.4f}, accuracy {100 * correct.item() / seen:.2f} %")
    return loss_sum.item() / seen, 100 * correct.item() / seen
