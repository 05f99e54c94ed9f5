"""A network at several moments of its training, for the page's slider from untrained to trained.

The weights are those that the browser runs, batch norm folded in. Of every moment, only what has changed since the moment
before, as it is stored, is kept: whole numbers, in steps that are a share of the output channel's largest weight at that
moment. So errors do not add up. ``web/engine/snapshots.js`` reads the same file.
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
EARLY_LEVELS = 2047
"""Steps from 0 to a channel's largest weight within the first epoch: what the network says there hangs by little."""
LEVELS = 255, 191, 127
"""The same after whole epochs: the first with which the file has at most ``MOST_BYTES``, else the last."""
MOST_BYTES = 449_000
"""A page loads the file in base64, which makes 600 KB of this."""
NOT_KEPT = "table", "stages", "steps", "confidence"
"""Parts of a description without which a network runs: words that may be worded anew, and what is fitted later."""


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
        description = {part: value for part, value in export(net, name).description.items() if part not in NOT_KEPT}
        for levels in LEVELS:
            content = self._pack(description, levels)
            if len(content) <= MOST_BYTES:
                break
        return content

    def _pack(self, description: dict[str, Any], late_levels: int) -> bytes:
        owners = channels(description)
        before = np.zeros(len(owners))
        scales: list[np.ndarray] = []
        changes: dict[str, list[np.ndarray]] = {"early": [], "late": []}
        for moment, weights in zip(self.moments, self.weights, strict=True):
            part, levels, kind = ("late", late_levels, np.int8) if moment.epoch else ("early", EARLY_LEVELS, np.int16)
            most = np.iinfo(kind).max - 1  # rounding adds less than one
            steps = np.maximum(_largest(weights, owners) / levels, _largest(weights - before, owners) / most)
            scales.append(np.where(steps > 0, steps, 1).astype(np.float32))
            scale = scales[-1].astype(np.float64)[owners]
            changes[part].append(_rounded((weights - before) / scale, owners).astype(kind))
            before += changes[part][-1] * scale
        about = {"description": description, "moments": [asdict(moment) for moment in self.moments]}
        arrays = {part: np.reshape(found, (-1, len(owners))) for part, found in changes.items()}
        early, late = arrays["early"].astype(np.int16), arrays["late"].astype(np.int8)  # none is an array of float64
        return pack(about, {"scales": np.stack(scales), "early": early, "late": late})


def channels(description: dict[str, Any]) -> np.ndarray:
    """For every weight, the number of the output channel it belongs to; biases are channels of their own."""
    counts: list[int] = []
    places = [layer[kind] for layer in description["layers"] for kind in ("weight", "bias") if kind in layer]
    outs = [layer.get("outChannels", 0) for layer in description["layers"] for kind in ("weight", "bias") if kind in layer]
    for start, end, out in zip(places, [*places[1:], description["values"]], outs, strict=True):
        count = out or end - start  # batch norm that could not be folded has one value per channel
        counts += [(end - start) // count] * count
    return np.repeat(np.arange(len(counts)), counts)


def _rounded(values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """Whole numbers whose sums over the first weights of a channel, however many, are off by half at most.

    A filter lies on pixels that are much alike, so what it finds is nearly its sum times a pixel.
    """
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    sums = np.cumsum(values)
    within = np.rint(sums - (sums[starts] - values[starts])[owners])
    whole: np.ndarray = np.diff(within, prepend=0)
    whole[starts] = within[starts]
    return whole


def _largest(values: np.ndarray, owners: np.ndarray) -> np.ndarray:
    """The largest absolute value of each channel."""
    largest = np.zeros(owners.max() + 1)
    np.maximum.at(largest, owners, np.abs(values))
    return largest


def load_snapshots(path: Path) -> tuple[dict[str, Any], list[Moment], np.ndarray]:
    """The network's description without ``NOT_KEPT``, the moments, and the float32 weights at each, (moments, values).

    Raises ``WeightsError`` if the file is missing or damaged.
    """
    try:
        about, arrays = unpack(path.read_bytes())
        moments = [Moment(**moment) for moment in about["moments"]]
        scales = arrays["scales"].astype(np.float64)[:, channels(about["description"])]
        changes = np.concatenate([arrays["early"], arrays["late"]])
        return about["description"], moments, np.cumsum(changes * scales, axis=0).astype(np.float32)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); train the network again") from error
    except (PackedError, KeyError, IndexError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: {error}; train the network again") from error
