"""Images as other media show them."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from mnist_cnn.data import Dataset
from mnist_cnn.training.media import blurred, coarse, contrast, dimmed, other_media


@pytest.fixture(scope="module")
def images(mnist: tuple[Dataset, Dataset]) -> Tensor:
    return mnist[0].images[:400]


def test_only_a_share_changes_and_the_maximum_stays(images: Tensor) -> None:
    changed = other_media(images, 0.3, torch.Generator().manual_seed(0))
    share = (changed != images).flatten(1).any(dim=1).float().mean()
    assert 0.22 < share < 0.38  # more than three standard deviations of 400 draws
    touched = (changed != images).flatten(1).any(dim=1)
    assert (changed[touched].amax(dim=(1, 2)) == 255).all()


def test_blurring_keeps_the_ink_inside_the_frame(images: Tensor) -> None:
    ink = torch.nn.functional.pad(images[:, 1:-1, 1:-1].float(), (1, 1, 1, 1))
    found = blurred(ink, torch.Generator())
    torch.testing.assert_close(found.sum(dim=(1, 2)), ink.sum(dim=(1, 2)), rtol=1e-4, atol=1.0)


@pytest.mark.parametrize("medium", [coarse, dimmed, contrast])
def test_a_medium_repeats_by_its_seed_and_leaves_the_paper_empty(medium: object, images: Tensor) -> None:
    one, again, other = (medium(images.float(), torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))  # type: ignore[operator]
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert (medium(torch.zeros(3, 28, 28), torch.Generator()) == 0).all()  # type: ignore[operator]


def test_dimming_takes_away_at_most_seven_tenths(images: Tensor) -> None:
    ink = images.float()
    found = dimmed(ink, torch.Generator().manual_seed(0))
    assert (found <= ink).all()
    assert (found >= 0.3 * ink - 1e-3).all()
