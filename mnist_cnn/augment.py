"""Random changes to a whole batch of images at once, each image with random numbers of its own.

Every function maps (N, 28, 28) uint8 to (N, 28, 28) uint8 and draws from an explicit ``torch.Generator``, so that the same
seed gives the same images. The arithmetic is torchvision's; the tests hold each one against it image by image.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

CROP_SIZE = 22
CROP_PROBABILITY = 0.1
MAX_DEGREES = 10.0


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
    grid = F.affine_grid(theta, list(batch.shape), align_corners=False)
    turned = F.grid_sample(batch, grid, mode="nearest", align_corners=False)
    return turned.squeeze(1).to(torch.uint8)


def seed_document(images: Tensor, generator: Generator) -> Tensor:
    """The seed document's training transforms.

    ``RandomApply([CenterCrop(22)], p=0.1)``, ``Resize(28)``, ``RandomRotation(±10°, fill=0)``.
    """
    count = len(images)
    cropped = torch.rand(count, generator=generator) < CROP_PROBABILITY
    degrees = torch.empty(count).uniform_(-MAX_DEGREES, MAX_DEGREES, generator=generator)
    images = images.clone()
    images[cropped] = crop_and_resize(images[cropped])
    return rotate(images, degrees)
