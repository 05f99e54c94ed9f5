"""The size, receptive field and jump of each layer of a network, read from its modules.

A unit of a layer with kernel k, dilation d and stride s sees ``field + d·(k − 1)·jump`` input pixels. Neighbouring units
are ``jump·s`` input pixels apart. Here field and jump are those of the previous layer (Araujo, Norris and Sim, "Computing
Receptive Fields of Convolutional Neural Networks", Distill 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from mnist_cnn.model import IMAGE_SIZE, parameter_count


@dataclass(frozen=True)
class Row:
    """One row of the layer table; sizes are in pixels (``receptive_field`` and ``jump``: pixels of the input image)."""

    name: str
    in_channels: int
    out_channels: int
    kernel: int | None  # None: the layer has no window (activation, batch norm, linear)
    stride: int | None
    padding: int | None
    out_size: int  # height and width; 1 after flatten
    receptive_field: int  # height and width; at most the image
    jump: int | None  # distance between neighbouring units; None after flatten
    params: int
    middle: tuple[int, int] | None  # first and last input row (and column) that the unit at ``out_size // 2`` sees
    macs: int  # multiply-adds per image, of convolutions and linear layers; the others are negligible


def _square(value: int | tuple[int, ...]) -> int:
    sides = {value} if isinstance(value, int) else set(value)
    if len(sides) != 1:
        raise ValueError(f"only square windows are supported, not {value}")
    return sides.pop()


def trace(net: nn.Sequential) -> list[Row]:
    """One ``Row`` per layer of ``net``, in order, for an input of 28×28 pixels.

    Raises ``ValueError`` for a window that is not square or a padding that is not a number, and ``TypeError`` for a layer of
    unknown type.
    """
    rows: list[Row] = []
    channels, size, field = 1, IMAGE_SIZE, 1
    jump: int | None = 1
    start = 0  # where the first unit's field begins; negative if it is padded
    for name, layer in net.named_children():
        in_channels = channels
        kernel = stride = padding = None
        macs = 0
        match layer:
            case nn.Conv2d() | nn.MaxPool2d() | nn.AvgPool2d():
                if isinstance(layer.padding, str):
                    raise ValueError(f"{name}: padding '{layer.padding}' is not a number")
                kernel = _square(layer.kernel_size)
                stride = _square(layer.stride)
                padding = _square(layer.padding)
                dilation = 1 if isinstance(layer, nn.AvgPool2d) else _square(layer.dilation)
                assert jump is not None, "a window needs an image"
                reach = dilation * (kernel - 1)
                field += reach * jump
                start -= padding * jump
                jump *= stride
                size = (size + 2 * padding - reach - 1) // stride + 1
                if isinstance(layer, nn.Conv2d):
                    channels = layer.out_channels
                    macs = layer.weight.numel() * size * size  # every weight is used once per output pixel
            case nn.Flatten():
                channels, size, jump = channels * size * size, 1, None
            case nn.Linear():
                channels, field, macs = layer.out_features, IMAGE_SIZE, layer.weight.numel()
            case nn.BatchNorm2d() | nn.ReLU() | nn.Dropout() | nn.LogSoftmax():
                pass
            case _:
                raise TypeError(f"{name}: layers of type {type(layer).__name__} are not supported")
        first = None if jump is None else start + size // 2 * jump
        rows.append(
            Row(
                name=name,
                in_channels=in_channels,
                out_channels=channels,
                kernel=kernel,
                stride=stride,
                padding=padding,
                out_size=size,
                receptive_field=min(field, IMAGE_SIZE),
                jump=jump,
                params=parameter_count(layer),
                middle=None if first is None else (max(first, 0), min(first + field, IMAGE_SIZE) - 1),
                macs=macs,
            )
        )
    return rows
