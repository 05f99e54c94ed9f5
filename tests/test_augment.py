"""Batched augmentation against torchvision, one image at a time with the same parameters."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from mnist_cnn.data import Dataset
from mnist_cnn.recipes import RECIPES, Augmentation
from mnist_cnn.training import augment
from mnist_cnn.training.pen_variants import add_pen_variants


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
    first = augment.seed_transforms(images, generator())
    assert torch.equal(first, augment.seed_transforms(images, generator()))
    assert len({tuple(image.flatten().tolist()) for image in first}) > 150
    assert torch.equal(images, mnist[0].images[:1].expand(500, 28, 28)), "the images themselves are left alone"


def test_a_tenth_is_cropped_and_angles_stay_within_ten_degrees() -> None:
    ring = torch.zeros(4_000, 28, 28, dtype=torch.uint8)
    ring[:, 1, 14] = 255  # outside the middle 22×22: gone when cropped, else moved by the rotation
    out = augment.seed_transforms(ring, generator())
    lost = (out.flatten(1).amax(dim=1) == 0).float().mean().item()
    assert 0.08 < lost < 0.12
    columns = out.amax(dim=1).nonzero()[:, 1]
    assert columns.min() >= 14 - 3  # 13 pixels above the centre, ten degrees: 2.3 pixels
    assert columns.max() <= 14 + 3
    assert columns.unique().numel() >= 4


@pytest.mark.parametrize("change", ["degrees", "shear", "scale", "shift"])
def test_affine_changes_are_torchvisions(mnist: tuple[Dataset, Dataset], change: str) -> None:
    images = mnist[0].images[:100]
    amount = torch.empty(100).uniform_(-1, 1, generator=generator())
    still = {
        "degrees": torch.zeros(100),
        "shear": torch.zeros(100),
        "scale": torch.ones(100, 2),
        "shift": torch.zeros(100, 2),
    }
    limit = {"degrees": 30.0, "shear": 0.3, "scale": 0.3, "shift": 4.0}[change]
    value = amount * limit
    ours_value = {
        "degrees": value,
        "shear": value,
        "scale": value.exp()[:, None].expand(100, 2),
        "shift": torch.stack([value, -value], dim=1),
    }[change]
    ours = augment.sample(images, **{**still, change: ours_value}, mode="bilinear")
    theirs = []
    for image, x in zip(images, value.tolist(), strict=True):  # torchvision's go from input to output
        moved = functional.affine(
            image[None],
            angle=-x if change == "degrees" else 0.0,
            translate=[-x, x] if change == "shift" else [0.0, 0.0],
            scale=math.exp(-x) if change == "scale" else 1.0,
            shear=[math.degrees(math.atan(x)), 0.0] if change == "shear" else [0.0, 0.0],
            interpolation=InterpolationMode.BILINEAR,
            fill=[0.0],
        )
        theirs.append(moved[0])
    # both round to whole grey levels; at the frame's edge torchvision mixes in its fill colour differently
    near = (ours.int() - torch.stack(theirs).int()).abs() <= 1
    assert near.float().mean() > 0.999


def test_no_warp_changes_nothing(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:50]
    assert torch.equal(augment.warp(images, Augmentation(), generator()), images)
    assert torch.equal(augment.change_width(images, Augmentation(), generator()), images)
    assert torch.equal(augment.close_gaps(images, Augmentation(), generator()), images)
    assert torch.equal(add_pen_variants(images, mnist[0].labels[:50], Augmentation(), generator()), images)


def test_warped_strokes_stay_about_as_sharp(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:200]
    moved = augment.warp(images, Augmentation(shift=1.0), generator()).float()
    assert moved.var() == pytest.approx(images.float().var().item(), rel=0.06)
    assert moved.mean() == pytest.approx(images.float().mean().item(), rel=0.02)


def test_elastic_displacement_has_the_deviation_it_says() -> None:
    ramp = torch.arange(28, dtype=torch.float32).mul(9).to(torch.uint8).expand(3_000, 28, 28)  # 9 levels a pixel
    bent = augment.warp(ramp, Augmentation(elastic=0.5), generator()).float()
    inside = bent[:, 6:-6, 6:-6] - ramp[:, 6:-6, 6:-6].float()
    assert inside.std().item() / 9 == pytest.approx(0.5, rel=0.1)


def test_strokes_become_thicker_and_thinner(mnist: tuple[Dataset, Dataset]) -> None:
    images = mnist[0].images[:300]
    ink = images.float().mean()
    thick = augment.change_width(images, Augmentation(thicker=1.0), generator()).float().mean()
    thin = augment.change_width(images, Augmentation(thinner=1.0), generator()).float().mean()
    assert thin < 0.9 * ink < 1.1 * ink < thick


def test_a_share_of_the_images_has_its_gaps_closed_and_no_ink_taken() -> None:
    bars = torch.zeros(400, 28, 28, dtype=torch.uint8)
    bars[:, 8:20, 10] = bars[:, 8:20, 13] = 200  # two stems with two empty columns between them
    closed = augment.close_gaps(bars, Augmentation(closed=0.25), generator())
    changed = (closed != bars).flatten(1).any(dim=1)
    assert changed.float().mean() == pytest.approx(0.25, abs=0.06)
    assert (closed >= bars).all()
    assert (closed[changed][:, 10:18, 11:13] > 0).float().mean() > 0.95, "filled between the stems"
    assert not closed[:, :, :9].any(), "nothing grows outwards"
    assert not closed[:, :, 15:].any()
    assert len(closed[changed].amax(dim=(1, 2)).unique()) == 1
    assert len(closed[changed][:, 14, 11].unique()) > 20, "each by an amount of its own"


@pytest.mark.parametrize(("digit", "variant"), [(1, "flags"), (1, "feet"), (7, "bars"), (9, "hooks")])
def test_pen_variants_are_added_to_their_digits_alone(mnist: tuple[Dataset, Dataset], digit: int, variant: str) -> None:
    images, labels = mnist[0].images[:1_500], mnist[0].labels[:1_500]
    how = replace(Augmentation(), **{variant: 1.0})  # type: ignore[arg-type]
    out = add_pen_variants(images, labels, how, generator())
    changed = (out != images).flatten(1).any(dim=1)
    assert not changed[labels != digit].any()
    assert changed[labels == digit].float().mean() > 0.6
    assert out[changed].float().mean() > images[changed].float().mean(), "strokes are added, not taken away"
    mass = out[changed].float()
    rows = mass.sum(dim=2) @ torch.arange(28.0) / mass.sum(dim=(1, 2))
    assert ((rows - 14).abs() < 0.75).float().mean() > 0.97, "centred again"


def test_training_images_are_repeatable_and_milder_at_the_end(mnist: tuple[Dataset, Dataset]) -> None:
    images, labels = mnist[0].images[:200], mnist[0].labels[:200]
    how = RECIPES["5-pen"].augmentation
    assert how is not None
    first = augment.augment(images, labels, how, generator())
    assert torch.equal(first, augment.augment(images, labels, how, generator()))
    mild = augment.milder(how)
    assert (mild.degrees, mild.elastic) == (how.degrees / 2, how.elastic / 2)
    assert (mild.flags, mild.hooks) == (how.flags, how.hooks)
