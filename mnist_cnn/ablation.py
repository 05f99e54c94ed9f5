"""A network with some of its channels switched off: after its ReLU, such a channel is 0 everywhere.

``web/engine/ablation.js`` does the same in the browser. What MNIST's test digits say of a network without one of its
channels is measured once, by ``python -m mnist_cnn.play``, and stored beside the weights; for several channels the page
counts itself, on some of the test digits, which are stored too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import CLASSES
from mnist_cnn.packed import pack, to_four_bits

FILE, DIGITS_FILE = "channels.bin", "test_digits.bin"
"""How many test digits are read without each channel; some of the test digits."""
BATCH = 1000
DIGITS, SEED = 1000, 0
"""So many test digits go to the browser, drawn by lot with this seed, in the order drawn: the first are drawn by lot too."""


def switchable(net: nn.Sequential) -> dict[str, int]:
    """The layers whose channels can be switched off, every ReLU, and how many channels each has."""
    found: dict[str, int] = {}
    channels = 0
    for name, module in net.named_children():
        if isinstance(module, nn.Conv2d):
            channels = module.out_channels
        elif isinstance(module, nn.ReLU):
            found[name] = channels
    return found


def run_without(net: nn.Sequential, images: Tensor, off: Mapping[str, Sequence[int]]) -> Tensor:
    """Standardised images (N, 1, 28, 28) -> (N, classes) log-probabilities, with the channels ``off`` of each layer at 0."""
    return _run(list(net.named_children()), images, off)


def _run(layers: Sequence[tuple[str, nn.Module]], x: Tensor, off: Mapping[str, Sequence[int]]) -> Tensor:
    with torch.inference_mode():
        for name, module in layers:
            x = module(x)
            if off.get(name):
                x = x.clone()
                x[:, list(off[name])] = 0
    return x


def count_right(net: nn.Sequential, digits: Dataset, off: Mapping[str, Sequence[int]]) -> int:
    """How many of ``digits`` are read correctly without the channels ``off``; ``net`` is in eval mode."""
    return sum(
        _right(run_without(net, standardise(images), off), labels)
        for images, labels in zip(digits.images.split(BATCH), digits.labels.split(BATCH), strict=True)
    )


def count_without_each(net: nn.Sequential, digits: Dataset) -> dict[str, list[int]]:
    """How many of ``digits`` are read correctly without each channel of every layer of ``switchable``."""
    layers = list(net.named_children())
    found = {name: [0] * channels for name, channels in switchable(net).items()}
    for images, labels in zip(digits.images.split(BATCH), digits.labels.split(BATCH), strict=True):
        x = standardise(images)
        for place, (name, module) in enumerate(layers):
            with torch.inference_mode():
                x = module(x)
            for channel in range(len(found.get(name, ()))):
                without = x.clone()
                without[:, channel] = 0
                found[name][channel] += _right(_run(layers[place + 1 :], without, {}), labels)
    return found


def _right(log_probs: Tensor, labels: Tensor) -> int:
    return int((log_probs[:, :CLASSES].argmax(dim=1) == labels).sum())


def pack_channels(net: nn.Sequential, test: Dataset, about: dict[str, Any]) -> bytes:
    """The content of ``FILE``; ``about`` says which network it is."""
    right = count_right(net, test, {})
    return pack({**about, "n": len(test), "right": right, "without": count_without_each(net, test)}, {})


def pack_digits(test: Dataset, about: dict[str, Any]) -> bytes:
    """The content of ``DIGITS_FILE``: some of ``test``, in four bits a pixel."""
    count = min(DIGITS, len(test))
    chosen = torch.from_numpy(np.random.default_rng(SEED).choice(len(test), count, replace=False))
    labels = test.labels[chosen].numpy().astype(np.uint8)
    arrays = {"labels": labels, "pixels": to_four_bits(test.images[chosen].numpy())}
    return pack({**about, "n": count, "of": len(test), "seed": SEED}, arrays)
