"""Normalisation against MNIST itself: its digits, enlarged and pasted anywhere, come back as they were."""

from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mnist_cnn.data import Dataset
from mnist_cnn.drawing import DrawingError, decode, normalise
from mnist_cnn.drawing import picture as drawing
from mnist_cnn.drawing.picture import BOX_SIZE
from mnist_cnn.drawing.unipen import Drawing, render
from testing.strokes import stroke_width

Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def digits(mnist: tuple[Dataset, Dataset]) -> Picture:
    images: Picture = mnist[1].images[:300].numpy()
    return images


def pasted(digit: Picture, *, scale: int = 9, size: int = 400, left: int = 90, top: int = 40) -> Picture:
    """Black ink on a white canvas of ``size``: ``digit`` enlarged ``scale`` times, its corner at (left, top)."""
    canvas = np.full((size, size), 255, np.uint8)
    side = scale * 28
    canvas[top : top + side, left : left + side] -= digit.repeat(scale, axis=0).repeat(scale, axis=1)
    return canvas


def seen(image: Picture) -> Picture:
    result = normalise(image)
    assert result is not None
    return result


def test_enlarged_mnist_digits_come_back(digits: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    off = np.array([np.abs(seen(pasted(digit)).astype(int) - digit).mean() for digit in digits])
    assert np.mean(off < 1) > 0.4, "strokes of MNIST's usual width are left alone"
    assert off.mean() < 4, "the others are made a little thicker or thinner"
    monkeypatch.setattr(drawing, "STROKE_WIDTH_RANGE", (0.0, 99.0))
    off = np.array([np.abs(seen(pasted(digit)).astype(int) - digit).mean() for digit in digits])
    # almost to the pixel: the floor of the box may cut a faint edge, and ours always have one pixel of 255
    assert np.median(off) < 0.1
    # the rest has its centre of mass so near half a pixel that MNIST's rounding cannot be told
    assert np.mean(off < 1) > 0.97


def test_stroke_widths_are_those_of_mnist(digits: Picture) -> None:
    widths = [stroke_width(digit) for digit in digits]
    thin, median, thick = np.percentile(widths, [25, 50, 75])
    assert drawing.STROKE_WIDTH_RANGE[0] == pytest.approx(thin, abs=0.2)
    assert drawing.STROKE_WIDTH_RANGE[1] == pytest.approx(thick, abs=0.2)
    assert median == pytest.approx(2.3, abs=0.2)


def test_hard_edges_of_a_pen_become_soft(drawings: list[Drawing], digits: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    def softness(images: list[Picture]) -> float:
        return float(np.mean([((image > 25) & (image < 230)).sum() / (image > 25).sum() for image in images]))

    pens = [render(pen.strokes, size=500, brush=16) for pen in drawings[:50]]
    scans = [pasted(digit) for digit in digits[:50]]
    soft = softness([seen(picture) for picture in pens])
    left_alone = [seen(picture) for picture in scans]
    monkeypatch.setattr(drawing, "HARD_EDGE", 255)
    assert soft > softness([seen(picture) for picture in pens]) + 0.05
    unchanged = [np.array_equal(before, seen(picture)) for before, picture in zip(left_alone, scans, strict=True)]
    assert np.mean(unchanged) >= 0.9


@pytest.mark.parametrize("width", [1.2, 2.0, 2.8, 4.0])
def test_stroke_width_is_that_of_the_brush(drawings: list[Drawing], width: float) -> None:
    ratios = []
    for pen in drawings[:40]:
        points = np.array([point for stroke in pen.strokes for point in stroke])
        brush = width * np.ptp(points, axis=0).max() / (BOX_SIZE - width)  # so that it has `width` after scaling
        measured = stroke_width(255 - render(pen.strokes, size=500, brush=brush))
        ratios.append(measured / width)
    # crossings and loops that fill count as one stroke
    assert np.median(ratios) == pytest.approx(1, abs=0.08)


def test_the_brush_hardly_matters(drawings: list[Drawing]) -> None:
    for pen in drawings[:20]:
        thin, thick = (seen(render(pen.strokes, size=500, brush=brush)).astype(float) for brush in (8, 24))
        assert 0.6 < thin.sum() / thick.sum() < 1.4


@pytest.mark.parametrize(("left", "top"), [(0, 0), (148, 148), (10, 140)])
def test_place_does_not_matter(digits: Picture, left: int, top: int) -> None:
    for digit in digits[:20]:
        assert np.array_equal(seen(pasted(digit, left=left, top=top)), seen(pasted(digit)))


@pytest.mark.parametrize("size", [250, 400, 1000])
def test_size_hardly_matters(drawings: list[Drawing], size: int) -> None:
    differences = []
    for pen in drawings[:20]:
        scaled = [[(x * size / 500, y * size / 500) for x, y in stroke] for stroke in pen.strokes]
        small = seen(render(scaled, size=size, brush=20 * size / 500)).astype(int)
        large = seen(render(pen.strokes, size=500, brush=20)).astype(int)
        # a centre of mass near half a pixel may round either way
        shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        differences.append(min(np.abs(np.roll(small, shift, (0, 1)) - large).mean() for shift in shifts))
    assert np.median(differences) < 5
    assert max(differences) < 15


def test_dark_on_light_and_light_on_dark_are_the_same(digits: Picture) -> None:
    for digit in digits[:20]:
        assert np.array_equal(seen(255 - pasted(digit)), seen(pasted(digit)))


def test_faint_ink_is_brought_back_to_full_strength(digits: Picture) -> None:
    faint = (255 - (255 - pasted(digits[0]).astype(np.float32)) * 0.3).astype(np.uint8)
    assert np.abs(seen(faint).astype(int) - seen(pasted(digits[0]))).max() <= 4


def test_colour_and_transparency(digits: Picture) -> None:
    grey = pasted(digits[0])
    expected = seen(grey)
    assert np.array_equal(seen(np.stack([grey] * 3, axis=2)), expected)
    opaque = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    assert np.array_equal(seen(opaque), expected)
    for ink in (0, 255):  # ink in the alpha channel alone, the colour under alpha 0 arbitrary
        colour = np.where(grey < 255, ink, 77).astype(np.uint8)
        assert np.array_equal(seen(np.dstack([colour, colour, colour, 255 - grey])), expected)


def test_result_is_as_mnist_would_have_it(drawings: list[Drawing]) -> None:
    for pen in drawings[:50]:
        image = seen(render(pen.strokes, size=500, brush=16))
        assert image.shape == (28, 28)
        assert image.dtype == np.uint8
        assert image.max() == 255
        rows, columns = np.nonzero(image)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= BOX_SIZE
        assert max(np.ptp(rows), np.ptp(columns)) + 1 >= BOX_SIZE - 1
        mass = image.astype(float) / image.sum()
        assert abs((mass.sum(axis=1) * np.arange(28)).sum() - 14) <= 0.51
        assert abs((mass.sum(axis=0) * np.arange(28)).sum() - 14) <= 0.51


def test_a_bar_stays_a_bar() -> None:
    image = seen(render([[(250.0, 100.0), (250.0, 400.0)]], size=500, brush=24))
    columns = np.flatnonzero((image > 127).any(axis=0))
    assert np.ptp(columns) + 1 <= 3


@pytest.mark.parametrize(
    "image",
    [
        np.full((40, 50), 255, np.uint8),
        np.zeros((40, 50), np.uint8),
        np.zeros((280, 280, 4), np.uint8),
        np.full((1, 1, 3), 9, np.uint8),
        np.zeros((0, 0), np.uint8),
        np.random.default_rng(0).integers(240, 256, (99, 99)).astype(np.uint8),
    ],
)
def test_nothing_drawn(image: Picture) -> None:
    assert normalise(image) is None


@pytest.mark.parametrize("image", [np.zeros((5, 5)), np.zeros((5, 5, 2), np.uint8), np.zeros(5, np.uint8)])
def test_other_arrays_are_refused(image: Picture) -> None:
    with pytest.raises(ValueError, match="a drawing must be"):
        normalise(image)


def file_of(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_every_kind_of_file_shows_the_same_digit(digits: Picture) -> None:
    grey = pasted(digits[0])
    expected = seen(grey).astype(int)
    image = Image.fromarray(grey)
    sixteen = Image.fromarray(grey.astype(np.uint16) * 257)
    palette = image.convert("RGB").quantize(16)
    files = {
        "PNG": file_of(image, "PNG"),
        "16-bit PNG": file_of(sixteen, "PNG"),
        "float TIFF": file_of(Image.fromarray(grey.astype(np.float32)), "TIFF"),
        "JPEG": file_of(image, "JPEG", quality=95),
        "CMYK JPEG": file_of(image.convert("CMYK"), "JPEG", quality=95),
        "WebP": file_of(image.convert("RGB"), "WEBP", lossless=True),
        "GIF": file_of(palette, "GIF"),
        "BMP": file_of(image, "BMP"),
        "grey and alpha": file_of(image.convert("LA"), "PNG"),
        "palette with transparency": file_of(palette, "PNG", transparency=0),
    }
    for kind, content in files.items():
        difference = np.abs(seen(decode(content).picture).astype(int) - expected)
        assert difference.mean() < 3, kind


def test_a_turned_photograph_is_set_upright(digits: Picture) -> None:
    image = Image.fromarray(pasted(digits[0]))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: turn clockwise to view
    content = file_of(image.rotate(90), "PNG", exif=exif)
    assert np.array_equal(seen(decode(content).picture), seen(pasted(digits[0])))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"seven", "cannot be read as a picture"),
        (file_of(Image.new("L", (90, 90), 7), "PNG")[:60], "cannot be read as a picture"),
        (file_of(Image.new("1", (20_000, 20_000)), "PNG"), "Send a smaller one"),
        (file_of(Image.new("1", (6_000, 6_000)), "PNG"), "6000×6000 pixels"),
    ],
)
def test_files_that_cannot_be_used_get_a_sentence(content: bytes, message: str) -> None:
    with pytest.raises(DrawingError, match=message):
        decode(content)


def test_large_pictures_are_reduced(digits: Picture) -> None:
    large = Image.fromarray(pasted(digits[0])).resize((4_000, 4_000), Image.Resampling.NEAREST)
    image = decode(file_of(large, "PNG")).picture
    assert max(image.shape) <= 1_000
    assert np.abs(seen(image).astype(int) - seen(pasted(digits[0]))).mean() < 3


def test_random_noise_never_breaks_it() -> None:
    random = np.random.default_rng(0)
    for number in range(200):
        height, width = random.integers(1, 60, 2)
        shape = [(height, width), (height, width, 3), (height, width, 4)][number % 3]
        image = random.integers(0, 256, shape).astype(np.uint8)
        result = normalise(image)
        assert result is None or (result.shape == (28, 28) and result.max() == 255)
