"""Batched augmentation against torchvision, one image at a time with the same parameters."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from mnist_cnn import augment
from mnist_cnn.data import Dataset


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def share_of_equal_pixels(ours: Tensor, theirs: Tensor) -> float:
    return (ours == theirs).float().mean().item()


def test_crop_and_resize_is_torchvisions(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:64]
    theirs = torch.stack(
        [functional.resize(functional.center_crop(image[None], [22, 22]), [28, 28], antialias=True)[0] for image in images]
    )
    # torchvision scales uint8 in fixed point: a pixel may round to the neighbouring grey level
    assert (augment.crop_and_resize(images).int() - theirs.int()).abs().max() <= 1


def test_rotation_is_torchvisions(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:200]
    degrees = torch.empty(200).uniform_(-45, 45, generator=generator())
    theirs = torch.stack(
        [
            functional.rotate(image[None], angle.item(), interpolation=InterpolationMode.NEAREST, fill=[0.0])[0]
            for image, angle in zip(images, degrees, strict=True)
        ]
    )
    # a source place may round to either of two pixels that are equally near
    assert share_of_equal_pixels(augment.rotate(images, degrees), theirs) > 0.9999


def test_every_image_has_its_own_parameters_and_the_seed_decides_them(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:1].expand(500, 28, 28)
    first = augment.seed_document(images, generator())
    assert torch.equal(first, augment.seed_document(images, generator()))
    assert len({tuple(image.flatten().tolist()) for image in first}) > 150
    assert torch.equal(images, mnist[0].images[:1].expand(500, 28, 28)), "the images themselves are left alone"


def test_a_tenth_is_cropped_and_angles_stay_within_ten_degrees() -> None:
    ring = torch.zeros(4_000, 28, 28, dtype=torch.uint8)
    ring[:, 1, 14] = 255  # outside the middle 22×22: gone when cropped, else moved by the rotation
    out = augment.seed_document(ring, generator())
    lost = (out.flatten(1).amax(dim=1) == 0).float().mean().item()
    assert 0.08 < lost < 0.12
    columns = out.amax(dim=1).nonzero()[:, 1]
    assert columns.min() >= 14 - 3  # 13 pixels above the centre, ten degrees: 2.3 pixels
    assert columns.max() <= 14 + 3
    assert columns.unique().numel() >= 4
