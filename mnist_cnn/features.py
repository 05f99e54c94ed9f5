"""The numbers that the last layer of a network weighs, for the page's *Teach it*.

``pack_test_features`` holds them for all of MNIST's test digits, so that the page can tell what teaching costs there.
``pack_pull`` holds how strongly they move together on MNIST's training digits and on letters, which tells how far the last
layer may change without changing what it says of them.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mnist_cnn.browser_format import export
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.confidence import LOGITS
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import CLASSES
from mnist_cnn.packed import PackedError, pack, to_bytes, unpack

TEST_FILE = "test_features.bin"
"""Name of the file of MNIST's test digits beside a network's weights."""
PULL_FILE = "pull.bin"
"""Name of the other file."""
BATCH = 1000


def features_of(net: nn.Sequential, images: Tensor) -> Tensor:
    """Standardised images (N, 1, 28, 28) -> (N, features): the inputs of the last layer; ``net`` is in eval mode."""
    found = []
    with torch.inference_mode():
        for batch in images.split(BATCH):
            x = batch
            for name, module in net.named_children():
                if name == LOGITS:
                    break
                x = module(x)
            found.append(x)
    return torch.cat(found)


def with_one(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, features) -> (N, features + 1): a 1 in the last column, which the biases weigh."""
    return np.column_stack([features, np.ones(len(features))])


def pack_test_features(net: nn.Sequential, dataset: Dataset, about: dict[str, Any]) -> bytes:
    """The features of ``dataset``, its labels and the answers of ``net`` as one file, which says ``about`` of itself.

    Features, which are never below 0, are whole numbers, to be multiplied by the scale of their column.
    """
    features = features_of(net, standardise(dataset.images))
    answers = last_layer(net)(features)[:, :CLASSES].argmax(dim=1)
    levels, scales = to_bytes(features.double().numpy())
    arrays = {
        "features": levels,
        "scales": scales,
        "labels": dataset.labels.numpy().astype(np.uint8),
        "answers": answers.numpy().astype(np.uint8),
    }
    return pack(about, arrays)


def pack_pull(net: nn.Sequential, digits: Tensor, letters: Tensor, about: dict[str, Any]) -> bytes:
    """The mean product of each pair of features as one file, which says ``about`` of itself.

    ``digits`` and ``letters`` are images, (N, 28, 28) uint8; both groups count alike.
    """
    groups = [with_one(features_of(net, standardise(images)).double().numpy()) for images in (digits, letters)]
    moments = np.mean([group.T @ group / len(group) for group in groups], axis=0)
    return pack(about, {"moments": moments.astype(np.float32)})


def load_moments(folder: Path, net: nn.Sequential) -> NDArray[np.float64]:
    """(features + 1, features + 1): what ``pack_pull`` wrote for ``net``. Raises ``WeightsError``."""
    path = folder / PULL_FILE
    try:
        about, arrays = unpack(path.read_bytes())
    except (OSError, PackedError) as error:
        raise WeightsError(f"{path} cannot be read ({error}); create it with python -m mnist_cnn.play") from error
    if about.get("crc32") != checksum(net) or "moments" not in arrays:
        raise WeightsError(f"{path} belongs to another network; create it anew with python -m mnist_cnn.play")
    return arrays["moments"].astype(np.float64)


def last_layer(net: nn.Sequential) -> nn.Module:
    """The layer that weighs the features."""
    return dict(net.named_children())[LOGITS]


def layer_of(net: nn.Sequential) -> NDArray[np.float64]:
    """(outputs, features + 1): the weights of the last layer, the biases in the last column."""
    weight, bias = (parameter.detach().double().numpy() for parameter in last_layer(net).parameters())
    return np.column_stack([weight, bias])


def checksum(net: nn.Sequential) -> int:
    """The checksum of the weights that the browser runs, which says whether a file belongs to them."""
    return zlib.crc32(export(net, "").weights)
