"""A network at several moments of its training, for the page's slider from untrained to trained.

The weights are those that the browser runs, batch norm folded in. They are whole numbers, scaled by the largest weight that
the output channel ever has; of every moment but the first, only the differences to the moment before are stored.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from mnist_cnn.browser_format import export
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.packed import PackedError, pack, unpack

FILE = "snapshots.bin"
STEPS = (0, 10, 30, 100, 300)
"""Steps of the optimiser in the first epoch after which the network is kept: most of what it learns, it learns there."""
LEVELS = 1023
"""The largest whole number of a weight."""


@dataclass(frozen=True)
class Moment:
    """When a network was kept, and what it was worth then."""

    steps: int  # of the optimiser so far
    epoch: int  # whole epochs so far
    test_loss: float  # in nats per image
    test_accuracy: float  # in percent


@dataclass
class Snapshots:
    """The moments so far and the network's float32 weights at each, as ``browser_format.export`` gives them."""

    moments: list[Moment] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)

    def add(self, net: nn.Sequential, moment: Moment) -> None:
        """Keep the weights of ``net``."""
        self.moments.append(moment)
        self.weights.append(export(net, "").values)

    def pack(self, net: nn.Sequential, name: str) -> bytes:
        """The content of the file; ``net``, called ``name``, is the network as it is now."""
        description = export(net, name).description
        weights = np.stack(self.weights).astype(np.float64)
        owners = channels(description)
        largest = np.zeros(owners.max() + 1)
        np.maximum.at(largest, owners, np.abs(weights).max(axis=0))
        scales = (np.maximum(largest, np.finfo(np.float32).tiny) / LEVELS).astype(np.float32)
        levels = np.rint(weights / scales[owners]).astype(np.int16)
        differences = np.diff(levels, axis=0, prepend=0).astype(np.int16)
        about = {"description": description, "moments": [asdict(moment) for moment in self.moments]}
        return pack(about, {"differences": differences, "scales": scales})


def channels(description: dict[str, Any]) -> np.ndarray:
    """For every weight, the number of the output channel it belongs to; biases are channels of their own."""
    counts: list[int] = []
    places = [layer[kind] for layer in description["layers"] for kind in ("weight", "bias") if kind in layer]
    outs = [layer.get("outChannels", 0) for layer in description["layers"] for kind in ("weight", "bias") if kind in layer]
    for start, end, out in zip(places, [*places[1:], description["values"]], outs, strict=True):
        count = out or end - start  # batch norm that could not be folded has one value per channel
        counts += [(end - start) // count] * count
    return np.repeat(np.arange(len(counts)), counts)


def load_snapshots(path: Path) -> tuple[dict[str, Any], list[Moment], np.ndarray]:
    """The network's description, the moments, and the float32 weights at each (moments, values).

    Raises ``WeightsError`` if the file is missing or damaged.
    """
    try:
        about, arrays = unpack(path.read_bytes())
        moments = [Moment(**moment) for moment in about["moments"]]
        levels = np.cumsum(arrays["differences"], axis=0)
        return about["description"], moments, (levels * arrays["scales"][channels(about["description"])]).astype(np.float32)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); train the network again") from error
    except (PackedError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: {error}; train the network again") from error
