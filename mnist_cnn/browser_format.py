"""A trained network for the browser: a list of layers in plain JSON, and all weights as one array of float32.

``web/engine/cnn.js`` reads it. Batch norm is folded into the convolution before it. With a pooling in between it becomes a
scale and a shift per channel, because a maximum does not commute with a negative scale. Dropout does nothing in eval mode
and is left out.
"""

from __future__ import annotations

import zlib
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from mnist_cnn.confidence import Confidence
from mnist_cnn.data import MEAN, STD
from mnist_cnn.model import parameter_count
from mnist_cnn.receptive_field import trace
from mnist_cnn.stages import STEPS, stages


class Exported(NamedTuple):
    """What a browser needs to run a network."""

    description: dict[str, Any]  # layers, standardisation, checksum; plain values for JSON
    weights: bytes  # little-endian float32

    @property
    def values(self) -> np.ndarray:
        """The weights as an array of float32."""
        return np.frombuffer(self.weights, "<f4").astype(np.float32)


def export(net: nn.Sequential, name: str, confidence: Confidence | None = None) -> Exported:
    """``net``, called ``name``, and its ``confidence``, if one was fitted, as ``web/engine/cnn.js`` reads them.

    Raises ``TypeError`` for a layer that the browser cannot run.
    """
    values: list[Tensor] = []
    layers: list[dict[str, Any]] = []
    folded = _folded(net)

    def keep(tensor: Tensor) -> int:
        start = sum(each.numel() for each in values)
        values.append(tensor.detach().flatten().to(torch.float32))
        return start

    for layer_name, module in net.named_children():
        layer: dict[str, Any] = {"name": layer_name}
        if isinstance(module, nn.Conv2d):
            weight, bias = folded[layer_name]
            layer |= {"kind": "conv", "outChannels": module.out_channels, "kernel": module.kernel_size[0]}
            layer |= {"padding": int(module.padding[0]), "weight": keep(weight), "bias": keep(bias)}
        elif isinstance(module, nn.BatchNorm2d):
            if layer_name not in folded:
                continue
            weight, bias = folded[layer_name]
            layer |= {"kind": "affine", "weight": keep(weight), "bias": keep(bias)}
        elif isinstance(module, nn.ReLU):
            layer["kind"] = "relu"
        elif isinstance(module, nn.MaxPool2d):
            layer |= {"kind": "maxpool", "kernel": module.kernel_size}
        elif isinstance(module, nn.AvgPool2d):
            layer |= {"kind": "avgpool", "kernel": module.kernel_size}
        elif isinstance(module, nn.Flatten):
            layer["kind"] = "flatten"
        elif isinstance(module, nn.Linear):
            layer |= {"kind": "linear", "outChannels": module.out_features}
            layer |= {"weight": keep(module.weight), "bias": keep(module.bias)}
        elif isinstance(module, nn.LogSoftmax):
            layer["kind"] = "log_softmax"
        elif isinstance(module, nn.Dropout):
            continue
        else:
            raise TypeError(f"{layer_name}: a browser cannot run a {type(module).__name__}")
        layers.append(layer)

    table = trace(net)
    weights = torch.cat(values).numpy().astype("<f4").tobytes()
    description = {
        "name": name,
        "parameters": parameter_count(net),
        "mean": MEAN,
        "std": STD,
        "values": len(weights) // 4,
        "crc32": zlib.crc32(weights),
        "layers": layers,
        "table": [asdict(row) for row in table],
        "stages": [asdict(stage) for stage in stages(table)],
        "steps": {kind: {"name": name, "about": about} for kind, (name, about) in STEPS.items()},
        "confidence": None if confidence is None else confidence.to_json(),
    }
    return Exported(description, weights)


def _folded(net: nn.Sequential) -> dict[str, tuple[Tensor, Tensor]]:
    """Weight and bias of every convolution, and scale and shift of every batch norm that cannot be folded into one."""
    found: dict[str, tuple[Tensor, Tensor]] = {}
    before: tuple[str, nn.Module] | None = None
    for name, module in net.named_children():
        if isinstance(module, nn.Conv2d):
            bias = torch.zeros(module.out_channels) if module.bias is None else module.bias
            found[name] = module.weight.double(), bias.double()
        elif isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            scale = module.weight.double() / (module.running_var.double() + module.eps).sqrt()
            shift = module.bias.double() - module.running_mean.double() * scale
            if before is not None and isinstance(before[1], nn.Conv2d):
                weight, bias = found[before[0]]
                found[before[0]] = weight * scale[:, None, None, None], bias * scale + shift
            else:
                found[name] = scale, shift
        before = name, module
    return found
