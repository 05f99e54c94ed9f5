"""Pen strokes in batches: rendering against the pad's own, and rewriting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mnist_cnn.drawing.picture import measure_strokes
from mnist_cnn.drawing.strokes import normalise_strokes
from mnist_cnn.recipes import Rewriting
from mnist_cnn.training.stroke_data import SIDE, load_packed
from mnist_cnn.training.strokes import SMALLEST, PenBatch, render, rewrite

STILL = Rewriting(degrees=0, slant=0, log_scale=0, bend=0, shorter=0, longer=0, joined=0, lifted=0)
"""Only the pen differs."""


@pytest.fixture(scope="module")
def drawn() -> list[list[np.ndarray]]:
    return [[np.array(stroke) for stroke in each.strokes] for each in load_packed().drawings()[::211]]


@pytest.fixture(scope="module")
def pens(drawn: list[list[np.ndarray]]) -> PenBatch:
    return PenBatch.of_paths(drawn, np.arange(len(drawn)))


def test_a_batch_is_rendered_as_the_pad_renders_each_drawing(drawn: list[list[np.ndarray]], pens: PenBatch) -> None:
    for image, number in zip(render(pens), pens.labels.tolist(), strict=True):
        strokes = [[(float(x), float(y)) for x, y in stroke / (2 * SIDE)] for stroke in drawn[number]]
        alone = normalise_strokes(strokes)
        assert alone is not None
        assert np.abs(image.numpy().astype(int) - alone).max() <= 1  # float32 against float64


def test_rewriting_by_nothing_changes_nothing(pens: PenBatch) -> None:
    still = replace(STILL, log_width=0, sharper=0)
    same = render(rewrite(pens, still, torch.Generator().manual_seed(0)))
    assert (same.int() - render(pens).int()).abs().max() <= 1


def test_pens_are_as_wide_and_as_sharp_as_those_in_pictures(pens: PenBatch) -> None:
    """The network must not learn that only the pad's own pen writes letters."""
    changed = render(rewrite(pens, replace(STILL, log_width=0.3, sharper=0.7), torch.Generator().manual_seed(0)))
    heavier = changed.sum(dim=(1, 2)) / render(pens).sum(dim=(1, 2))
    assert heavier.log().std() > 0.12
    before, after = (
        np.array([measure_strokes(image.numpy().astype(np.float32))[1] for image in images])
        for images in (render(pens), changed)
    )
    assert np.percentile(after / before, 90) > 1.15


def test_rewriting_depends_on_its_seed_alone(pens: PenBatch) -> None:
    one, again, other = (rewrite(pens, Rewriting(), torch.Generator().manual_seed(seed)).points for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_rotation_keeps_lengths(pens: PenBatch) -> None:
    rotated = replace(STILL, degrees=90)
    points = rewrite(pens, rotated, torch.Generator().manual_seed(0)).points
    extent = (pens.points.amax(dim=1) - pens.points.amin(dim=1)).amax(dim=1)
    scaled = pens.points * (SIDE / extent.clamp(min=SMALLEST))[:, None, None]
    before, after = (each[:, 1:] - each[:, :-1] for each in (scaled, points))
    torch.testing.assert_close(after.norm(dim=2), before.norm(dim=2), atol=0.01, rtol=1e-3)
    assert not torch.allclose(after, before, atol=1.0)
