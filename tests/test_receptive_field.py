"""The layer table against the networks: the field of a unit is where its gradient in the input is not zero."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from mnist_cnn.model import IMAGE_SIZE, build, parameter_count
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import RECIPES

IMAGES = 48
"""A max pooling passes the gradient to one pixel a window; over many random images every pixel has its turn."""


def gradient_support(net: nn.Sequential, layer: int) -> torch.Tensor:
    """(28, 28) bool: the input pixels on which the centre unit of ``layer`` depends, in any channel and image."""
    images = torch.rand(IMAGES, 1, IMAGE_SIZE, IMAGE_SIZE, requires_grad=True)
    output = net[: layer + 1](images)
    centre = output.shape[-1] // 2
    output[:, :, centre, centre].sum().backward()
    assert images.grad is not None
    return (images.grad != 0).any(dim=0)[0]


@pytest.mark.parametrize("name", RECIPES)
def test_field_is_the_support_of_the_gradient(name: str) -> None:
    torch.manual_seed(0)
    net = build(RECIPES[name]).eval()
    for parameter in net.parameters():  # positive weights: no ReLU is shut and no two paths cancel
        parameter.data.abs_().add_(0.01)
    spatial = 0
    for index, row in enumerate(trace(net)):
        if row.jump is None:
            continue
        support = gradient_support(net, index)
        height = int(support.any(dim=1).sum())
        width = int(support.any(dim=0).sum())
        assert row.middle is not None
        first, last = row.middle
        if first > 0 and last < IMAGE_SIZE - 1:  # else the border of the image may cut the field off
            assert (height, width) == (row.receptive_field, row.receptive_field), row.name
        assert (height, width) == (last - first + 1, last - first + 1), row.name
        seen = support.any(dim=1).nonzero().flatten().tolist()
        assert (seen[0], seen[-1]) == row.middle, row.name
        spatial += 1
    assert spatial >= 9


@pytest.mark.parametrize("name", RECIPES)
def test_sizes_are_those_of_the_network(name: str) -> None:
    net = build(RECIPES[name]).eval()
    x = torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE)
    rows = trace(net)
    assert sum(row.params for row in rows) == parameter_count(net)
    for row, (layer_name, layer) in zip(rows, net.named_children(), strict=True):
        assert row.name == layer_name
        assert row.in_channels == x.shape[1]
        x = layer(x)
        assert row.out_channels == x.shape[1]
        assert row.out_size == (x.shape[2] if x.ndim == 4 else 1)


@pytest.mark.parametrize("name", RECIPES)
def test_multiply_adds_are_half_the_flops_that_torch_counts(name: str) -> None:
    net = build(RECIPES[name]).eval()
    with FlopCounterMode(display=False, depth=2) as counter:
        net(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))
    counts = counter.get_flop_counts()
    for row in trace(net):
        assert 2 * row.macs == sum(counts.get(f"Sequential.{row.name}", {}).values()), row.name
    assert 2 * sum(row.macs for row in trace(net)) == counter.get_total_flops() > 1_000_000


def test_table_of_iteration_4() -> None:
    rows = {row.name: row for row in trace(build(RECIPES["4-steplr5"]))}
    fields = {name: rows[name].receptive_field for name in rows if name.startswith(("conv", "pool"))}
    assert fields == {
        "conv1": 3,
        "conv2": 5,
        "conv3": 7,
        "pool1": 8,
        "conv4": 8,
        "conv5": 12,
        "pool2": 14,
        "conv6": 14,
        "conv7": 22,
    }
    conv7 = rows["conv7"]
    assert (conv7.kernel, conv7.stride, conv7.padding, conv7.jump, conv7.out_size) == (3, 1, 0, 4, 5)
    assert rows["fc1"].receptive_field == IMAGE_SIZE


def test_dilation_and_stride_count() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3, stride=2, dilation=2), nn.AvgPool2d(3, stride=1, padding=1))
    first, second = trace(net)
    assert (first.receptive_field, first.jump, first.out_size) == (5, 2, 12)
    assert (second.receptive_field, second.jump, second.out_size) == (9, 2, 12)
    for parameter in net.parameters():
        parameter.data.abs_().add_(0.01)
    assert int(gradient_support(net, 1).any(dim=0).sum()) == 5  # dilated: every other of nine columns


@pytest.mark.parametrize(
    ("layer", "message"),
    [(nn.Conv2d(1, 1, (3, 5)), "square"), (nn.Conv2d(1, 1, 3, padding="same"), "padding"), (nn.GELU(), "GELU")],
)
def test_layers_it_cannot_describe_are_refused(layer: nn.Module, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        trace(nn.Sequential(layer))
