"""The forward pass of a training step, in the layout and the precision in which the processor is fastest."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

Precision = Literal["fp32", "bf16"]

BLOCKED_LAYERS = nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d
"""The layers that oneDNN can train in its blocked layout."""
BLOCK = 16
"""That layout keeps channels in blocks of this many. In an unfilled one, batch norm is slow, so zeros fill it up."""


def native_precision(device: torch.device) -> Precision:
    """``bf16`` where ``device`` multiplies bfloat16 in hardware, else ``fp32``."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type != "cpu":
        return "fp32"
    # private, but the only functions in torch that tell; absent on processors without these instructions
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    checks = (getattr(torch.cpu, name, None) for name in names)
    return "bf16" if any(check() for check in checks if check is not None) else "fp32"


def fast_forward(net: nn.Sequential, precision: Precision, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The fastest differentiable function from standardised images to the log-probabilities of ``net``.

    (N, 1, 28, 28) float32 -> (N, 10) float32. On x86-64 the convolutional part runs in oneDNN's blocked layout; elsewhere in
    channels_last. bfloat16 is precise enough for the convolutions but not for log-probabilities, so the head is float32.
    """
    flatten = list(dict(net.named_children())).index("flatten")
    body, head = net[:flatten], net[flatten:]
    if _onednn_can_train(body, precision, device):
        return _blocked(_relu_after_pooling(body), head, precision)
    return _channels_last(body, head, precision, device)


def _channels_last(
    body: nn.Sequential, head: nn.Sequential, precision: Precision, device: torch.device
) -> Callable[[Tensor], Tensor]:
    def forward(inputs: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            features = body(inputs.contiguous(memory_format=torch.channels_last))
        log_probs: Tensor = head(features.float())
        return log_probs

    return forward


def _blocked(layers: list[nn.Module], head: nn.Sequential, precision: Precision) -> Callable[[Tensor], Tensor]:
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32

    def forward(inputs: Tensor) -> Tensor:
        features = inputs.to(dtype).to_mkldnn()
        channels = inputs.shape[1]
        for layer in layers:
            if isinstance(layer, nn.Conv2d):
                channels = layer.out_channels
                weight = _fill(_fill(layer.weight, dim=1, size=features.shape[1]))
                # in bfloat16, oneDNN requires float32 weights and no bias
                bias = None if precision == "bf16" or layer.bias is None else _fill(layer.bias)
                features = F.conv2d(features, weight, bias, layer.stride, layer.padding)
            elif isinstance(layer, nn.BatchNorm2d):
                features = _batch_norm(layer, features)
            else:
                features = layer(features)
        log_probs: Tensor = head(features.to_dense()[:, :channels].float())
        return log_probs

    return forward


def _fill(values: Tensor, *, dim: int = 0, size: int | None = None) -> Tensor:
    """``values`` with zeros appended along ``dim`` up to ``size``, or to a whole number of blocks."""
    missing = -values.shape[dim] % BLOCK if size is None else size - values.shape[dim]
    return F.pad(values, [0, 0] * (values.ndim - 1 - dim) + [0, missing]) if missing else values


def _batch_norm(layer: nn.BatchNorm2d, features: Tensor) -> Tensor:
    """What ``layer`` makes of ``features`` with filled blocks; in training, its running statistics are updated."""
    if features.shape[1] == layer.num_features:
        unfilled: Tensor = layer(features)
        return unfilled
    state = {name: _fill(values) for name, values in [*layer.named_parameters(), *layer.named_buffers()] if values.ndim}
    normalised: Tensor = functional_call(layer, state, (features,))
    for name, values in layer.named_buffers():
        if name in state:
            values.copy_(state[name][: len(values)])
    return normalised


def _onednn_can_train(body: nn.Sequential, precision: Precision, device: torch.device) -> bool:
    if device.type != "cpu" or platform.machine() not in {"x86_64", "AMD64"} or not torch.backends.mkldnn.is_available():
        return False
    if not all(isinstance(layer, BLOCKED_LAYERS) for layer in body):
        return False
    if precision == "fp32":
        return True
    biases = [layer.bias for layer in body if isinstance(layer, nn.Conv2d) and layer.bias is not None]
    learned = any(bias.any() for bias in biases)  # before batch norm, biases are 0 and stay 0
    return native_precision(device) == "bf16" and not learned


def _relu_after_pooling(body: nn.Sequential) -> list[nn.Module]:
    """The layers of ``body``, every ReLU after the max pooling that follows it: the same values from fewer operations."""
    layers = list(body)
    for number in range(1, len(layers)):
        if isinstance(layers[number - 1], nn.ReLU) and isinstance(layers[number], nn.MaxPool2d):
            layers[number - 1 : number + 1] = layers[number], layers[number - 1]
    return layers
