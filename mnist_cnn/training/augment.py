"""Augmentation of whole batches at once, with different random numbers for each image.

Every function maps (N, 28, 28) uint8 to (N, 28, 28) uint8. Random numbers come from an explicit ``torch.Generator``, so the
same seed gives the same images. The tests compare crop, rotation and each kind of affine change with torchvision.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mnist_cnn.data import Dataset
from mnist_cnn.recipes import Augmentation, Recipe
from mnist_cnn.training.media import other_media
from mnist_cnn.training.pen_variants import add_pen_variants

BATCHES_AT_ONCE = 4
"""This many batches are augmented together: with so many small operations, that saves a quarter to half of the time."""
CROP_SIZE = 22
CROP_PROBABILITY = 0.1
MAX_DEGREES = 10.0
KNOTS = 7
"""The elastic displacement is interpolated between this many control points per side."""


def crop_and_resize(images: Tensor) -> Tensor:
    """The central 22×22 pixels of each image, enlarged to the full size (bilinear)."""
    size = images.shape[-1]
    edge = (size - CROP_SIZE) // 2
    crop = images[:, None, edge : edge + CROP_SIZE, edge : edge + CROP_SIZE].float()
    enlarged = F.interpolate(crop, size=(size, size), mode="bilinear", antialias=True)
    return enlarged.squeeze(1).round_().to(torch.uint8)


def rotate(images: Tensor, degrees: Tensor) -> Tensor:
    """Each image rotated counter-clockwise about its centre by its own angle, ``degrees`` (N,); nearest pixel, 0 outside."""
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


def warp(images: Tensor, amounts: Augmentation, generator: Generator) -> Tensor:
    """Each image rotated, sheared, scaled, shifted and elastically distorted at random, within the limits of ``amounts``."""
    count, size = len(images), images.shape[-1]
    device = images.device

    def draw(limit: float) -> Tensor:
        return torch.empty(count, device=device).uniform_(-limit, limit, generator=generator)

    degrees, shear = draw(amounts.degrees), draw(amounts.shear)
    scale = torch.stack([draw(amounts.log_scale).exp(), draw(amounts.log_scale).exp()], dim=1)
    shift = torch.stack([draw(amounts.shift), draw(amounts.shift)], dim=1)
    displacement = None
    if amounts.elastic:
        knots = torch.randn(count, 2, KNOTS, KNOTS, generator=generator, device=device) * amounts.elastic
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
    """Each image transformed by an affine map and a displacement, resampled once; 0 outside.

    The output at p, measured from the centre, is the input at R(degrees)·[[1, shear], [0, 1]]·diag(scale)·p + shift, plus
    ``displacement`` there. ``degrees`` and ``shear`` are (N,), ``scale`` and ``shift`` (N, 2) with x first, ``displacement``
    (N, 2, H, W); lengths are in pixels. ``bilinear`` blurs more than the images that the network meets in use.
    """
    size = images.shape[-1]
    angle = torch.deg2rad(degrees)
    cos, sin = angle.cos(), angle.sin()
    scale_x, scale_y = scale.unbind(dim=1)
    shift_x, shift_y = (shift * 2 / size).unbind(dim=1)  # grid coordinates are −1…1
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
    """(N, size, size, 2): ``F.affine_grid`` for ``theta`` (N, 2, 3), in a third of its time."""
    place = (2 * torch.arange(size, device=theta.device) + 1) / size - 1  # pixel centres, −1…1
    across, down, shift = theta[:, :, None, None].unbind(dim=4)  # (N, 2, 1, 1)
    x, y = (across * place + down * place[:, None] + shift).unbind(dim=1)
    return torch.stack([x, y], dim=3)


def _spline(size: int) -> Tensor:
    """(size, KNOTS): weights of evenly spaced knots in a cubic B-spline, scaled so that each row's squares add up to 1.

    A displacement interpolated between random knots then has the knots' standard deviation.
    """
    at = torch.linspace(0, KNOTS - 1, size)
    distance = (at[:, None] - torch.arange(KNOTS)[None]).abs()
    near, far = (4 - 6 * distance**2 + 3 * distance**3) / 6, (2 - distance).clamp(min=0) ** 3 / 6
    weights = torch.where(distance < 1, near, far)
    return weights / weights.square().sum(dim=1, keepdim=True).sqrt()


def change_width(images: Tensor, amounts: Augmentation, generator: Generator) -> Tensor:
    """Each image blended with its dilation or erosion by one pixel, then scaled back to its old maximum."""
    amount = torch.empty(len(images), device=images.device)
    amount = amount.uniform_(-amounts.thinner, amounts.thicker, generator=generator)[:, None, None]
    x = images.float()
    thinner = amount < 0  # an erosion is a dilation of the negative
    grown = torch.where(thinner, 255 - x, x)
    grown = torch.lerp(grown, _dilate(grown), amount.abs())
    changed = torch.where(thinner, 255 - grown, grown)
    peak = x.amax(dim=(1, 2), keepdim=True) / changed.amax(dim=(1, 2), keepdim=True).clamp(min=1)
    return (changed * peak).round_().clamp_(0, 255).to(torch.uint8)


def close_gaps(images: Tensor, amounts: Augmentation, generator: Generator) -> Tensor:
    """A share ``amounts.closed`` of the images blended with their morphological closing by two pixels.

    Loops and gaps fill in as they do when a drawing made with too thick a brush is thinned afterwards.
    """
    chosen = torch.rand(len(images), generator=generator, device=images.device) < amounts.closed
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


def augment(images: Tensor, labels: Tensor, amounts: Augmentation | None, generator: Generator) -> Tensor:
    """The training images of a batch: pen variants, stroke width, one warp; for ``None``, ``seed_transforms``."""
    if amounts is None:
        return seed_transforms(images, generator)
    written = close_gaps(add_pen_variants(images, labels, amounts, generator), amounts, generator)
    return warp(change_width(written, amounts, generator), amounts, generator)


def augmented_batches(
    dataset: Dataset, batches: list[Tensor], amounts: Augmentation | None, media_share: float, generator: Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Augmented images and labels of each batch of indices in ``batches``; ``media_share`` of them by other media."""
    for first in range(0, len(batches), BATCHES_AT_ONCE):
        some = batches[first : first + BATCHES_AT_ONCE]
        chosen, sizes = torch.cat(some), [len(batch) for batch in some]
        labels = dataset.labels[chosen]
        images = augment(dataset.images[chosen], labels, amounts, generator)
        if media_share:
            images = other_media(images, media_share, generator)
        yield from zip(images.split(sizes), labels.split(sizes), strict=True)


def is_mild(recipe: Recipe, epoch: int, *, epochs: int) -> bool:
    """Whether the changes in ``epoch`` (from 0) of ``epochs`` are halved, as in the last ``mild_epochs``."""
    return recipe.augmentation is not None and epoch >= epochs - recipe.augmentation.mild_epochs


def milder(amounts: Augmentation) -> Augmentation:
    """``amounts`` with every change that is made to all images halved; changes to a share of the images stay."""
    to_all = ("degrees", "shear", "log_scale", "shift", "elastic", "thicker", "thinner")
    return replace(amounts, **{name: getattr(amounts, name) / 2 for name in to_all})
