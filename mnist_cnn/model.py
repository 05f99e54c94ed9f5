"""Builds the network of a recipe: one flat ``nn.Sequential`` whose layer names are those of the layer table."""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from mnist_cnn.recipes import Recipe

IMAGE_SIZE = 28
"""Height and width of an input image in pixels."""
CLASSES = 10


def build(settings: Recipe) -> nn.Sequential:
    """The network of ``settings`` in train mode, newly initialised from torch's global random state.

    ``net(x)`` maps standardised images, (N, 1, 28, 28) float32, to log-probabilities, (N, classes) float32. The
    first ten columns are the digits; an eleventh, where there is one, is "not a digit".
    Every layer is a named child (``conv1 bn1 relu1 … pool1 … flatten dropout fc1 log_softmax``), so that tables,
    activations and exports can iterate over ``net.named_children()`` and need no hooks.

    Raises ``ValueError`` for an unknown kind of layer, or if no pixels are left after a layer.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels, size = 1, IMAGE_SIZE
    convs = pools = 0
    for layer in settings.layers:
        if layer.kind not in {"conv", "pool", "mean"}:
            raise ValueError(f"{settings.name}: there is no layer of kind '{layer.kind}'")
        if layer.kind == "conv":
            convs += 1
            conv = nn.Conv2d(channels, layer.out_channels, layer.kernel, padding=layer.padding, bias=settings.conv_bias)
            if conv.bias is not None and settings.batch_norm:
                nn.init.zeros_(conv.bias)  # batch norm cancels it, so it stays 0
            layers[f"conv{convs}"] = conv
            channels = layer.out_channels
            size += 2 * layer.padding - layer.kernel + 1
        if layer.kind == "pool" or layer.pool:
            pools += 1
            layers[f"pool{pools}"] = nn.MaxPool2d(layer.pool or layer.kernel)
            size //= layer.pool or layer.kernel
        if layer.kind == "mean":
            layers["mean"] = nn.AvgPool2d(size)
            size = 1
        if layer.kind == "conv":
            if settings.batch_norm:
                layers[f"bn{convs}"] = nn.BatchNorm2d(channels)
            layers[f"relu{convs}"] = nn.ReLU()
        if size < 1:
            raise ValueError(f"{settings.name}: no pixels are left after layer {list(layers)[-1]}")
    layers["flatten"] = nn.Flatten()
    if settings.dropout:
        layers["dropout"] = nn.Dropout(settings.dropout)
    layers["fc1"] = nn.Linear(channels * size * size, settings.classes)
    layers["log_softmax"] = nn.LogSoftmax(dim=1)
    return nn.Sequential(layers)


def parameter_count(net: nn.Module) -> int:
    """The number of trainable parameters of ``net`` (batch norm's running statistics are not trained)."""
    return sum(parameter.numel() for parameter in net.parameters())
