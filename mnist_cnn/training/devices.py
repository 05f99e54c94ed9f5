"""Where to train: the processor or an accelerator, which is tried out before anything depends on it."""

from __future__ import annotations

import contextlib
import io
import platform
import sys
from typing import Literal

import torch

from mnist_cnn.data import Dataset
from mnist_cnn.model import CLASSES, IMAGE_SIZE
from mnist_cnn.recipes import Recipe
from mnist_cnn.training import distributed
from mnist_cnn.training.evaluation import evaluate
from mnist_cnn.training.fast_forward import Precision, native_precision
from mnist_cnn.training.loop import Learner, Settings, train_epoch

CPU = torch.device("cpu")


class DeviceError(RuntimeError):
    """A device failed; the message says which and what to do."""


def choose_device(name: str) -> torch.device:
    """The device called ``name``; ``auto`` is a GPU if there is one. Raises ``ValueError`` if this machine lacks it."""
    if name == "auto":
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        # several processes exchange gradients only between GPUs that NCCL knows, or between processors
        usable = accelerator is not None and (accelerator.type == "cuda" or not distributed.is_started_by_torchrun())
        name = accelerator.type if accelerator is not None and usable else "cpu"
    if name == "cuda":
        name = f"cuda:{distributed.local_rank()}"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise ValueError(f"there is no device '{name}'; choose cpu, cuda, cuda:N or mps") from None
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"there is no device '{name}' here ({first_line(error)}); try --device cpu") from error
    return device


def find_device(name: str, recipe: Recipe, precision: Precision | Literal["auto"]) -> tuple[torch.device, Precision]:
    """The device called ``name``, which has made a step of training, and the precision of its convolutions.

    Where ``auto`` finds an accelerator that cannot, the processor trains, and a sentence says so. Raises ``ValueError`` as
    ``choose_device`` does and ``DeviceError`` if the device named cannot train.
    """
    device = choose_device(name)
    chosen = native_precision(device) if precision == "auto" else precision
    if device.type == "cpu":
        return device, chosen
    try:
        try_step(device, recipe, chosen)
    except (RuntimeError, TypeError) as error:  # a type it lacks is a TypeError on MPS
        if name != "auto":
            raise failure(device, error) from error
        print(f"The device '{device}' cannot train this network ({first_line(error)}); the processor does.", file=sys.stderr)
        return CPU, native_precision(CPU) if precision == "auto" else precision
    return device, chosen


def try_step(device: torch.device, recipe: Recipe, precision: Precision) -> None:
    """A step of training on random pixels, then an evaluation. Raises what the device does."""
    count = recipe.batch_size
    images = torch.randint(0, 256, (count, IMAGE_SIZE, IMAGE_SIZE), dtype=torch.uint8)
    digits = Dataset(images, torch.arange(count) % CLASSES).to(device)
    settings = Settings(recipe, seed=0, epochs=1, precision=precision)
    learner = Learner.new(settings, device)
    with contextlib.redirect_stderr(io.StringIO()):  # no progress bar
        train_epoch(learner, digits, None, settings, epoch=0)
    evaluate(learner.net, digits)


def failure(device: torch.device, error: Exception) -> DeviceError:
    """``error`` of ``device`` as a sentence."""
    return DeviceError(
        f"the device '{device}' failed ({first_line(error)}); the last whole epoch is kept. Train with --device cpu"
    )


def first_line(error: Exception) -> str:
    """What ``error`` says first; those of GPUs say much more."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def describe(device: torch.device, precision: Precision) -> str:
    """The machine as a history names it."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({precision})"
    if device.type != "cpu":
        return f"{device.type} ({platform.machine()}, {precision})"
    return f"cpu ({platform.machine()}, {torch.get_num_threads()} threads, {precision})"
