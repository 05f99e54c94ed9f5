"""Photographs against the drawings on them: the same digit comes out, whatever the light and the paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from mnist_cnn import checkpoint
from mnist_cnn.confidence import digit_probabilities
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.photo import PHOTO_SIZE, clean, is_photo
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, render
from mnist_cnn.recipes import DEFAULT
from testing.node import run_node
from testing.photographs import CONDITIONS, photograph

ROOT = Path(__file__).parents[1]
Picture = NDArray[np.uint8]
COUNT = 60
IN_BROWSER = 20


@pytest.fixture(scope="module")
def taken(drawings: list[Drawing]) -> list[tuple[Drawing, Picture]]:
    """Photographs under every condition in turn."""
    conditions = list(CONDITIONS.values())
    found = []
    for number in range(COUNT):
        pen = drawings[number % len(drawings)]
        found.append((pen, photograph(pen, conditions[number % len(conditions)], np.random.default_rng([1, number]))))
    return found


def seen(image: Picture) -> Picture:
    result = normalise(image)
    return np.zeros((28, 28), np.uint8) if result is None else result


def answers(images: list[Picture]) -> NDArray[np.int64]:
    net = checkpoint.load(ROOT / "weights" / DEFAULT)
    with torch.inference_mode():
        found: NDArray[np.int64] = (
            digit_probabilities(net(standardise(torch.from_numpy(np.stack(images))))).argmax(dim=1).numpy()
        )
    return found


def test_photographs_show_the_digit_that_was_written(taken: list[tuple[Drawing, Picture]]) -> None:
    canvases = answers([seen(render(pen.strokes, size=TABLET_SIZE, brush=16)) for pen, _ in taken])
    assert np.mean(answers([seen(image) for _, image in taken]) == canvases) >= 0.95


def test_clean_pictures_are_no_photographs(drawings: list[Drawing], mnist: tuple[Dataset, Dataset]) -> None:
    for pen in drawings[:40]:
        for brush in (8, 24, 40):
            canvas = render(pen.strokes, size=TABLET_SIZE, brush=brush)
            assert not is_photo(canvas)
            assert not is_photo(255 - canvas)
            rows, columns = np.nonzero(canvas < 255)
            assert not is_photo(canvas[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    for digit in mnist[1].images[:100].numpy():
        assert not is_photo(digit)
        assert not is_photo(255 - digit.repeat(9, axis=0).repeat(9, axis=1))


@pytest.mark.parametrize("name", ["uneven_light", "ruled", "squared", "all"])
def test_uneven_grounds_are_photographs(name: str, drawings: list[Drawing]) -> None:
    for number, pen in enumerate(drawings[:20]):
        assert is_photo(photograph(pen, CONDITIONS[name], np.random.default_rng([2, number])))


@pytest.mark.parametrize(("name", "least"), [("flat_light", 0.9), ("ruled", 0.8), ("squared", 0.7), ("uneven_light", 0.7)])
def test_on_an_empty_sheet_nothing_is_drawn(name: str, least: float, drawings: list[Drawing]) -> None:
    blank = replace(CONDITIONS[name], blank=True)
    sheets = [photograph(drawings[0], blank, np.random.default_rng([3, number])) for number in range(20)]
    assert np.mean([normalise(sheet) is None for sheet in sheets]) >= least


def paper(height: int = 400, width: int = 300) -> NDArray[np.float64]:
    """A sheet, (H, W) grey levels, whose light falls off to the right."""
    light = np.linspace(230, 110, width)[None, :]
    noisy: NDArray[np.float64] = light + np.random.default_rng(0).normal(0, 2, (height, width))
    return noisy


def ink_of(image: NDArray[np.float64]) -> NDArray[np.bool_]:
    cleaned = clean(image.clip(0, 255).astype(np.uint8))
    assert cleaned.shape == image.shape
    return cleaned < 128


def test_light_does_not_matter_to_the_ink() -> None:
    image = paper()
    written = np.zeros(image.shape, bool)
    written[100:300, 140:152] = written[100:112, 80:240] = True
    found = ink_of(np.where(written, 0.5 * image, image))
    assert np.mean(found[written]) > 0.95
    assert np.mean(found[~written]) < 0.01


def test_a_line_across_the_page_goes_and_the_stroke_that_crosses_it_stays_whole() -> None:
    image = paper()
    image[np.arange(30, 400, 40)] *= 0.75
    written = np.zeros(image.shape, bool)
    written[80:330, 150:160] = True
    found = ink_of(np.where(written, 0.4 * image, image))
    assert np.mean(found[written]) > 0.95
    assert np.mean(found[~written]) < 0.01


def test_the_table_and_specks_go_but_a_digit_alone_at_the_border_stays() -> None:
    image = paper()
    written = np.zeros(image.shape, bool)
    written[100:300, 140:152] = True
    touching = np.where(written, 0.4 * image, image)
    touching[:12] = 30
    touching[350:354, 40:44] = 40
    found = ink_of(touching)
    assert np.mean(found[written]) > 0.95
    assert not found[:20].any()
    assert not found[345:360, 35:50].any()
    written[:240, 140:152], written[240:] = True, False
    found = ink_of(np.where(written, 0.4 * image, image))
    assert np.mean(found[written]) > 0.95


def test_pictures_are_reduced_and_all_forms_are_taken(taken: list[tuple[Drawing, Picture]]) -> None:
    image = taken[1][1]
    large = image.repeat(2, axis=0).repeat(2, axis=1)
    assert max(large.shape[:2]) > PHOTO_SIZE == max(clean(large).shape)
    opaque = np.dstack([image, np.full(image.shape[:2], 255, np.uint8)])
    assert np.array_equal(clean(opaque), clean(image))
    with pytest.raises(ValueError, match="a drawing must be"):
        clean(image[:, :, :2])


def test_the_browser_cleans_alike(taken: list[tuple[Drawing, Picture]]) -> None:
    pictures = [image for _, image in taken[:IN_BROWSER]]
    found = run_node(
        """import { isPhoto } from '@web/engine/photo.js';
        import { inkOf, normaliseInk } from '@web/engine/picture.js';""",
        """return pictures.map((picture) =>
          ({ photo: isPhoto(picture), seen: Array.from(normaliseInk(inkOf(picture)) ?? new Uint8Array(784)) }));""",
        pictures=pictures,
    )
    theirs = [np.array(each["seen"], np.uint8).reshape(28, 28) for each in found]
    ours = [seen(image) for image in pictures]
    assert [each["photo"] for each in found] == [is_photo(image) for image in pictures]
    off = np.array([np.abs(a.astype(int) - b).mean() for a, b in zip(ours, theirs, strict=True)])
    assert off.mean() < 1
    assert np.mean(off < 1) >= 0.98
    assert np.mean(answers(ours) == answers(theirs)) >= 0.98


def test_printed_lines_that_leave_the_picture_go_too() -> None:
    rows, columns = np.mgrid[:480, :640]
    page = np.full((480, 640), 235, np.uint8)
    page[np.abs((columns - 0.1 * rows + 20) % 60 - 30) < 1.5] = 190
    page[200:320, 300:316] = 60
    ink = 255 - clean(page)
    assert (ink[202:318, 302:314] > 128).all()
    assert not ink[:, :250].any()
    assert not ink[:, 390:].any()


def test_noise_in_the_shade_is_not_ink() -> None:
    light = np.where(np.arange(640) < 320, 230.0, 60.0)[None, :].repeat(480, axis=0)
    light += 8 * np.random.default_rng(0).standard_normal(light.shape)
    light[150:330, 100:116] -= 120
    ink = 255 - clean(light.clip(0, 255).astype(np.uint8))
    assert (ink[150:330, 102:114] > 128).all()
    assert not ink[:, 340:].any()
