"""Random changes to a whole batch of images at once, each image with random numbers of its own.

Every function maps (N, 28, 28) uint8 to (N, 28, 28) uint8; what is random is drawn from an explicit ``torch.Generator``, so
that the same seed gives the same images. The tests hold crop, rotation and each kind of affine change against torchvision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mnist_cnn.recipes import Augmentation
from mnist_cnn.training.pen_variants import add_habits

CROP_SIZE = 22
CROP_PROBABILITY = 0.1
MAX_DEGREES = 10.0
KNOTS = 7
"""A side, of the elastic displacement."""


def crop_and_resize(images: Tensor) -> Tensor:
    """The middle 22×22 pixels of every image, enlarged to the full size (bilinear)."""
    size = images.shape[-1]
    edge = (size - CROP_SIZE) // 2
    crop = images[:, None, edge : edge + CROP_SIZE, edge : edge + CROP_SIZE].float()
    enlarged = F.interpolate(crop, size=(size, size), mode="bilinear", antialias=True)
    return enlarged.squeeze(1).round_().to(torch.uint8)


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Every image turned counter-clockwise about its centre by its own angle, degrees (N,); nearest pixel, 0 outside."""
    angle = torch.deg2rad(degrees)
    cos, sin, zero = angle.cos(), angle.sin(), torch.zeros_like(angle)
    # output -> input coordinates, hence the turn back; y points down
    theta = torch.stack([torch.stack([cos, -sin, zero], dim=1), torch.stack([sin, cos, zero], dim=1)], dim=1)  # (N, 2, 3)
    batch = images[:, None].float()
    grid = _grid(theta, images.shape[-1])
    turned = F.grid_sample(batch, grid, mode="nearest", align_corners=False)
    return turned.squeeze(1).to(torch.uint8)


def seed_transforms(images: Tensor, generator: Generator) -> Tensor:
    """The seed document's training transforms.

    ``RandomApply([CenterCrop(22)], p=0.1)``, ``Resize(28)``, ``RandomRotation(±10°, fill=0)``.
    """
    count = len(images)
    cropped = torch.rand(count, generator=generator, device=images.device) < CROP_PROBABILITY
    degrees = torch.empty(count, device=images.device).uniform_(-MAX_DEGREES, MAX_DEGREES, generator=generator)
    images = images.clone()
    images[cropped] = crop_and_resize(images[cropped])
    return rotate(images, degrees)


def warp(images: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Every image rotated, sheared, scaled, shifted and bent at random, as far as ``how`` allows."""
    count, size = len(images), images.shape[-1]
    device = images.device

    def draw(limit: float) -> Tensor:
        return torch.empty(count, device=device).uniform_(-limit, limit, generator=generator)

    degrees, shear = draw(how.degrees), draw(how.shear)
    scale = torch.stack([draw(how.log_scale).exp(), draw(how.log_scale).exp()], dim=1)
    shift = torch.stack([draw(how.shift), draw(how.shift)], dim=1)
    displacement = None
    if how.elastic:
        knots = torch.randn(count, 2, KNOTS, KNOTS, generator=generator, device=device) * how.elastic
        rise = _spline(size).to(device)
        displacement = rise @ knots @ rise.T
    return sample(images, degrees=degrees, shear=shear, scale=scale, shift=shift, displacement=displacement)


def sample(
    images: Tensor,
    *,
    degrees: Tensor,
    shear: Tensor,
    scale: Tensor,
    shift: Tensor,
    displacement: Tensor | None = None,
    mode: Literal["bilinear", "bicubic"] = "bicubic",
) -> Tensor:
    """One sampling of every image, 0 outside; a bilinear one would blur what a digit in use is not.

    The output at p, counted from the centre, is the input at R(degrees)·[[1, shear], [0, 1]]·diag(scale)·p + shift, plus
    ``displacement`` there. ``degrees`` and ``shear`` are (N,), ``scale`` and ``shift`` (N, 2) with x first, ``displacement``
    (N, 2, H, W); lengths are pixels.
    """
    size = images.shape[-1]
    angle = torch.deg2rad(degrees)
    cos, sin = angle.cos(), angle.sin()
    scale_x, scale_y = scale.unbind(dim=1)
    shift_x, shift_y = (shift * 2 / size).unbind(dim=1)  # grids count −1…1
    theta = torch.stack(
        [
            torch.stack([cos * scale_x, (cos * shear - sin) * scale_y, shift_x], dim=1),
            torch.stack([sin * scale_x, (sin * shear + cos) * scale_y, shift_y], dim=1),
        ],
        dim=1,
    )  # (N, 2, 3)
    grid = _grid(theta, size)
    if displacement is not None:
        grid = grid + (displacement * (2 / size)).permute(0, 2, 3, 1)
    moved = F.grid_sample(images[:, None].float(), grid, mode=mode, align_corners=False)
    return moved.squeeze(1).round_().clamp_(0, 255).to(torch.uint8)


def _grid(theta: Tensor, size: int) -> Tensor:
    """(N, size, size, 2): ``affine_grid`` of (N, 2, 3) without its small matrix products, in a third of the time."""
    place = (2 * torch.arange(size, device=theta.device) + 1) / size - 1  # centres of the pixels, −1…1
    across, down, shift = theta[:, :, None, None].unbind(dim=4)  # (N, 2, 1, 1)
    x, y = (across * place + down * place[:, None] + shift).unbind(dim=1)
    return torch.stack([x, y], dim=3)


def _spline(size: int) -> Tensor:
    """(size, KNOTS): a cubic B-spline's weights of evenly spaced knots; every row's squares add up to 1.

    So the displacement it makes of random knots has their standard deviation.
    """
    at = torch.linspace(0, KNOTS - 1, size)
    distance = (at[:, None] - torch.arange(KNOTS)[None]).abs()
    near, far = (4 - 6 * distance**2 + 3 * distance**3) / 6, (2 - distance).clamp(min=0) ** 3 / 6
    weights = torch.where(distance < 1, near, far)
    return weights / weights.square().sum(dim=1, keepdim=True).sqrt()


def change_width(images: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """Every image blended with its dilation or its erosion by one pixel, then brought back to its old peak."""
    amount = torch.empty(len(images), device=images.device)
    amount = amount.uniform_(-how.thinner, how.thicker, generator=generator)[:, None, None]
    x = images.float()
    thicker = torch.lerp(x, _dilate(x), amount.clamp(min=0))
    changed = torch.lerp(thicker, 255 - _dilate(255 - x), (-amount).clamp(min=0))
    peak = x.amax(dim=(1, 2), keepdim=True) / changed.amax(dim=(1, 2), keepdim=True).clamp(min=1)
    return (changed * peak).round_().clamp_(0, 255).to(torch.uint8)


def close_gaps(images: Tensor, how: Augmentation, generator: Generator) -> Tensor:
    """A share ``how.closed`` of the images blended with their closing, dilated by two pixels, then eroded by two.

    So loops and gaps fill as they do when a brush too thick for the drawing is made thin again.
    """
    chosen = torch.rand(len(images), generator=generator, device=images.device) < how.closed
    x = images[chosen].float()
    amount = torch.rand(len(x), generator=generator, device=images.device)[:, None, None]
    closing = 255 - _dilate(_dilate(255 - _dilate(_dilate(x))))
    images = images.clone()
    images[chosen] = torch.lerp(x, closing, amount).round_().to(torch.uint8)
    return images


def _dilate(x: Tensor) -> Tensor:
    """Maximum over each pixel and its four neighbours; x is (N, H, W) float."""
    padded = F.pad(x, (1, 1, 1, 1))
    across = torch.maximum(padded[:, 1:-1, :-2], padded[:, 1:-1, 2:])
    along = torch.maximum(padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    return torch.maximum(x, torch.maximum(across, along))


def augment(images: Tensor, labels: Tensor, how: Augmentation | None, generator: Generator) -> Tensor:
    """The training images of an epoch: pen habits, what a brush does, then one warp; or the seed document's transforms."""
    if how is None:
        return seed_transforms(images, generator)
    written = close_gaps(add_habits(images, labels, how, generator), how, generator)
    return warp(change_width(written, how, generator), how, generator)


def milder(how: Augmentation) -> Augmentation:
    """``how`` with half of every change that all images share; those of a share of the images stay."""
    shared = ("degrees", "shear", "log_scale", "shift", "elastic", "thicker", "thinner")
    return replace(how, **{name: getattr(how, name) / 2 for name in shared})
