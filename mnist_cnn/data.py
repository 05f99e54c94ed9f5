"""MNIST as tensors, and how an image becomes the input of a network."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

MEAN, STD = 0.1307, 0.3081
"""Mean and standard deviation of the pixels of MNIST's 60,000 training images, scaled to 0…1."""


class DataMissingError(RuntimeError):
    """MNIST is missing or damaged; the message says which files belong where."""


@dataclass(frozen=True)
class Dataset:
    """Images, (N, 28, 28) uint8, bright ink on 0, and their labels, (N,) int64."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice) -> Dataset:
        return Dataset(self.images[part], self.labels[part])

    def to(self, device: torch.device) -> Dataset:
        """The same digits on ``device``."""
        return Dataset(self.images.to(device), self.labels.to(device))


def standardise(images: Tensor) -> Tensor:
    """The input of a network: (N, 28, 28) uint8, bright ink on 0 -> (N, 1, 28, 28) float32, (x/255 − mean)/std."""
    return images.unsqueeze(1).float().div_(255).sub_(MEAN).div_(STD)


def default_data_dir() -> Path:
    """The folder named by the environment variable ``MNIST_DATA``, or else ``data``."""
    return Path(os.environ.get("MNIST_DATA", "data")).expanduser()


def load_mnist(data_dir: Path) -> tuple[Dataset, Dataset]:
    """MNIST's 60,000 training and 10,000 test digits, downloaded into ``data_dir`` if they are missing.

    torchvision verifies the MD5 sums of the archives; their contents are verified here. Raises ``DataMissingError``.
    """
    from torchvision.datasets import MNIST  # imported here because the page does not need torchvision

    try:
        sets = [MNIST(data_dir, train=train, download=True) for train in (True, False)]
    except (RuntimeError, OSError, ValueError, AssertionError) as error:
        files = ", ".join(name for name, _ in MNIST.resources)
        raise DataMissingError(
            f"MNIST is missing or damaged in {data_dir} and could not be downloaded ({error}). "
            f"Put the files {files} into {data_dir / 'MNIST' / 'raw'}, "
            "or name the folder that contains MNIST/raw with --data-dir or MNIST_DATA."
        ) from error
    train, test = (Dataset(mnist.data, mnist.targets.to(torch.int64)) for mnist in sets)
    for kind, dataset in (("training", train), ("test", test)):
        count = len(dataset.labels)
        fits = count > 0 and dataset.images.shape == (count, 28, 28)
        if not fits or dataset.labels.min() < 0 or dataset.labels.max() > 9:
            raise DataMissingError(
                f"MNIST's {kind} digits in {data_dir} are damaged: images and labels do not match. "
                f"Delete {data_dir / 'MNIST'} and start again."
            )
    return train, test
