"""Screenshots: frames, bars and pages around the canvas or a photograph are no part of it, in both engines alike."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset
from mnist_cnn.drawing.canvas import on_canvas
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, render
from mnist_cnn.predict import number_of, predict, read_picture
from mnist_cnn.recipes import DEFAULT
from testing.node import run_node
from testing.pen_digits import BRUSH, pen_digits
from testing.photographs import CONDITIONS, photograph

Picture = NDArray[np.uint8]
SIDE, LAST = 400, 399
BLACK, GREY, WHITE = (0, 0, 0), (60, 60, 70), (255, 255, 255)


def canvas(drawing: Drawing) -> Picture:
    """A drawing in black on a white canvas, (400, 400, 3)."""
    drawn = Image.fromarray(render(drawing.strokes, size=TABLET_SIZE, brush=BRUSH)).resize((SIDE, SIDE))
    return np.asarray(drawn.convert("RGB"))


def with_lines(draw: Callable[[ImageDraw.ImageDraw], None]) -> Callable[[Picture], Picture]:
    """What draws something over a picture."""

    def over(picture: Picture) -> Picture:
        image = Image.fromarray(picture)
        draw(ImageDraw.Draw(image))
        return np.asarray(image)

    return over


def on_page(colour: tuple[int, int, int], *, inverted: bool) -> Callable[[Picture], Picture]:
    """What puts a picture, perhaps inverted, on a page of this colour."""

    def page(picture: Picture) -> Picture:
        whole = np.full((560, 640, 3), colour, np.uint8)
        whole[80:480, 120:520] = 255 - picture if inverted else picture
        return whole

    return page


def framed_on_white(picture: Picture) -> Picture:
    """A canvas that is a little darker than the page around its frame, each of its pixels by chance."""
    whole = np.full((560, 560, 3), 255, np.uint8)
    whole[76:484, 76:484] = 0
    shade = np.random.default_rng(0).integers(249, 253, (SIDE, SIDE, 1))
    whole[80:480, 80:480] = np.minimum(picture, shade)
    return whole


SURROUNDINGS: dict[str, Callable[[Picture], Picture]] = {
    "thin frame": with_lines(lambda draw: draw.rectangle((0, 0, LAST, LAST), outline=BLACK)),
    "thick frame": with_lines(lambda draw: draw.rectangle((0, 0, LAST, LAST), outline=BLACK, width=6)),
    "frame within": with_lines(lambda draw: draw.rectangle((12, 12, 387, 387), outline=BLACK, width=2)),
    "round corners": with_lines(lambda draw: draw.rounded_rectangle((6, 6, 393, 393), 12, outline=GREY, width=2)),
    "half a frame": with_lines(lambda draw: draw.line([(0, LAST), (0, 0), (LAST, 0)], fill=BLACK, width=4)),
    "title bar": with_lines(lambda draw: draw.rectangle((0, 0, LAST, 30), fill=GREY)),
    "frame on a page": framed_on_white,
    "black canvas on a page": on_page((250, 250, 250), inverted=True),
    "white canvas on a dark page": on_page((30, 30, 34), inverted=False),
    "black canvas on a dark page": on_page((60, 60, 70), inverted=True),
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_what_is_around_the_canvas_is_not_read(name: str) -> None:
    """None of these digits was read in a frame, below a bar or on a page of another colour."""
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    for drawing in pen_digits():
        plain = canvas(drawing)
        assert number_of(read_picture(net, SURROUNDINGS[name](plain))) == predict(net, plain)["number"]


def in_a_viewer(taken: Picture, colour: int) -> Picture:
    """A screenshot of a phone that shows the photograph ``taken`` between its clock and its buttons, saved as JPEG."""
    height, width, _ = taken.shape
    screen = Image.new("RGB", (width, height + 400), (colour,) * 3)
    screen.paste(Image.fromarray(taken), (0, 200))
    draw = ImageDraw.Draw(screen)
    draw.text((30, 20), "10:41", fill=(255 - colour,) * 3, font=ImageFont.load_default(size=28))
    for left in range(40, width - 40, 90):
        draw.ellipse((left, height + 300, left + 40, height + 340), outline=(255 - colour,) * 3, width=4)
    file = io.BytesIO()
    screen.save(file, "JPEG", quality=90)
    return np.asarray(Image.open(file))


def photographs() -> list[Picture]:
    """Photographs of digits in uneven light, every other one reduced to half its size."""
    light = CONDITIONS["uneven_light"]
    taken = [photograph(pen, light, np.random.default_rng([5, number])) for number, pen in enumerate(pen_digits()[:10])]
    return [np.asarray(Image.fromarray(each).reduce(2)) if i % 2 else each for i, each in enumerate(taken)]


def overexposed(drawing: Drawing) -> Picture:
    """A photograph, (400, 800, 3), whose paper is white on the left, where the drawing is, and darker to the right."""
    wide = np.pad(canvas(drawing), ((0, 0), (0, SIDE), (0, 0)), constant_values=255)
    light = np.linspace(1.6, 0.6, 2 * SIDE)[:, None]
    noise = np.random.default_rng(0).normal(0, 3, (SIDE, 2 * SIDE, 1))
    taken: Picture = np.clip(np.maximum(wide, 40) * light + noise, 0, 255).astype(np.uint8)
    return taken


@pytest.mark.parametrize("colour", [0, 255])
def test_what_is_around_a_photograph_is_not_read(colour: int) -> None:
    """The clock was read with the digit."""
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    for taken in photographs():
        assert number_of(read_picture(net, in_a_viewer(taken, colour))) == predict(net, taken)["number"]


def test_a_photograph_with_nothing_around_it_stays() -> None:
    for picture in [*photographs(), *(overexposed(drawing) for drawing in pen_digits()[:10])]:
        assert on_canvas(picture) is picture


def test_boxes_are_those_of_the_screenshot() -> None:
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    plain = canvas(pen_digits()[0])
    (alone,), (placed,) = read_picture(net, plain), read_picture(net, SURROUNDINGS["white canvas on a dark page"](plain))
    assert placed["box"] == [side + offset for side, offset in zip(alone["box"], (120, 80, 120, 80), strict=True)]


def pictures_without_a_canvas(mnist: tuple[Dataset, Dataset]) -> list[Picture]:
    """Drawings and what may look like a canvas to a program: of these nothing may be painted over."""
    plain = canvas(pen_digits()[0])
    ink = 255 - plain[:, :, 0]
    rows, columns = np.nonzero(ink)
    tight = plain[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    boxed = SURROUNDINGS["frame within"](plain)
    gradient = np.clip(np.linspace(90, 250, SIDE)[None, :] - ink / 2, 0, 255).astype(np.uint8)
    noisy = np.clip(plain * 0.8 + np.random.default_rng(0).normal(0, 8, plain.shape), 0, 255).astype(np.uint8)
    transparent = np.dstack([np.zeros_like(plain), ink])
    digits = [digit.repeat(4, axis=0).repeat(4, axis=1) for digit in mnist[1].images[:100].numpy()]
    blank = np.full((60, 60), 255, np.uint8)
    return [plain, 255 - plain, tight, np.hstack([boxed, boxed]), gradient, noisy, transparent, blank, *digits]


def test_a_picture_that_is_all_canvas_stays(mnist: tuple[Dataset, Dataset]) -> None:
    for picture in pictures_without_a_canvas(mnist):
        assert on_canvas(picture) is picture
    assert on_canvas(np.zeros((0, 0, 3), np.uint8)).size == 0
    with pytest.raises(ValueError, match="a drawing must be"):
        on_canvas(np.zeros((9, 9, 2), np.uint8))


def test_the_browser_finds_the_same_canvas(mnist: tuple[Dataset, Dataset]) -> None:
    plain = canvas(pen_digits()[3])
    pictures = [around(plain) for around in SURROUNDINGS.values()] + pictures_without_a_canvas(mnist)[:12]
    pictures += [in_a_viewer(taken, colour) for taken in photographs()[:2] for colour in (0, 255)]
    pictures += [photographs()[0], overexposed(pen_digits()[3])]
    found = run_node(
        "import { onCanvas } from '@web/engine/canvas.js';",
        """return pictures.map((picture) => {
          const { data } = onCanvas(picture);
          const sum = data.reduce((sum, value, i) => (sum + value * ((i % 991) + 1)) % 1000003, 0);
          return { same: data === picture.data, sum };
        });""",
        pictures=pictures,
    )
    for picture, theirs in zip(pictures, found, strict=True):
        ours = on_canvas(picture)
        assert theirs["same"] == (ours is picture)
        assert theirs["sum"] == checksum(ours)


def checksum(picture: Picture) -> int:
    """A sum of all values of ``picture`` as RGBA that depends on their order."""
    if picture.ndim == 2:
        picture = np.repeat(picture[:, :, None], 3, axis=2)
    if picture.shape[2] == 3:
        picture = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    values = picture.ravel().astype(np.int64)
    return int((values * (np.arange(values.size) % 991 + 1)).sum() % 1000003)
