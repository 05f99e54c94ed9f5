"""Drawings that are not digits, alone and among digits: nothing on the page takes them for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing
from testing.rows import side_by_side
from testing.visitor import draw

STAR: list[Stroke] = [[(50, 20), (67.6, 74.3), (21.5, 40.7), (78.5, 40.7), (32.4, 74.3), (50, 20)]]

INKED = """canvas => {
  const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const isInk = (x, y) => data[4 * (y * width + x) + 3] > 128;
  return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => isInk(x, y)));
}"""


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def digit_of(drawings: list[Drawing], label: int) -> list[Stroke]:
    return next(drawing.strokes for drawing in drawings if drawing.digit == label)


def colour(page: Page, selector: str, prop: str = "color") -> str:
    value: str = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{prop}")
    return value


def test_a_star_alone_gets_no_large_digit_and_grey_bars_without_numbers(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 3))
    expect(page.locator(".answer-digit")).to_have_text("3")
    accent = colour(page, ".answer-digit span")
    page.keyboard.press("Escape")
    draw(page, STAR)
    expect(page.locator(".answer-digit")).to_have_text("–")
    assert colour(page, ".answer-digit span") != accent
    expect(page.locator(".answer-probability")).to_have_text("This doesn’t look like a digit")
    expect(page.locator(".answer-closest")).to_have_text(re.compile(r"If it had to choose: \d"))
    assert page.locator(".bar-top").count() == 0
    assert set(page.locator(".bar-value").all_inner_texts()) == {""}
    expect(page.locator(".answer-spoken")).to_contain_text("This doesn’t look like a digit")
    expect(page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees.")


def test_among_digits_large_type_chips_and_boxes_show_what_is_not_one(page: Page, drawings: list[Drawing]) -> None:
    draw(page, side_by_side([digit_of(drawings, 2), STAR, digit_of(drawings, 3)]), fill=0.85)
    expect(page.locator(".answer-digit")).to_have_text("2?3")
    expect(page.locator(".answer-chips button")).to_have_text(["2", "?", "3"])
    expect(page.locator(".pad-boxes span")).to_have_text(["2", "?", "3"])
    for places in (".answer-digit span", ".answer-chips button", ".pad-boxes span"):
        assert [("refused" in (each.get_attribute("class") or "")) for each in page.locator(places).all()] == [
            False,
            True,
            False,
        ]
    assert colour(page, ".pad-boxes .refused", "borderColor") != colour(page, ".pad-boxes .sure", "borderColor")
    expect(page.locator(".answer-spoken")).to_contain_text("2, not a digit, 3")
    expect(page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees.")
    page.locator(".answer-chips button").nth(1).click()
    expect(page.locator(".answer-probability")).to_have_text("?: This doesn’t look like a digit")


def test_boxes_hold_the_brush_and_stay_on_the_pad(page: Page, drawings: list[Drawing]) -> None:
    draw(page, side_by_side([digit_of(drawings, 0), digit_of(drawings, 8)], step=1.4), fill=0.97)
    expect(page.locator(".pad-boxes span")).to_have_count(2)
    pixels = np.array(page.locator("#pad canvas").evaluate(INKED))
    ys, xs = np.nonzero(pixels)
    size = pixels.shape[0]
    pad = page.locator(".pad-paper").bounding_box()
    assert pad is not None
    boxes = [box for each in page.locator(".pad-boxes span").all() if (box := each.bounding_box())]
    for box in boxes:
        assert box["x"] >= pad["x"] - 1
        assert box["x"] + box["width"] <= pad["x"] + pad["width"] + 1
    scale = pad["width"] / size
    assert min(box["x"] for box in boxes) <= pad["x"] + xs.min() * scale + 1
    assert min(box["y"] for box in boxes) <= pad["y"] + ys.min() * scale + 1
    assert max(box["y"] + box["height"] for box in boxes) >= pad["y"] + ys.max() * scale - 1


def test_a_dot_between_digits_does_not_vanish_without_a_word(page: Page, drawings: list[Drawing]) -> None:
    three, one, four = (digit_of(drawings, label) for label in (3, 1, 4))
    row = side_by_side([three, one, four], step=1.5)
    right = max(x for stroke in row for x, _ in stroke if x < 1.2)
    draw(page, [*row, [(right + 0.15, 0.97), (right + 0.17, 0.98)]], fill=0.85)
    expect(page.locator(".pad-message")).to_have_text("The network knows digits only: the dot is not read.")
    marks = page.locator(".answer-digit span").evaluate_all("all => all.map((each) => each.dataset.before)")
    assert marks == ["", ".", ""]
    page.locator(".pad-undo").click()
    expect(page.locator(".pad-message")).to_have_text("")
    expect(page.locator(".answer-digit")).to_have_text("314")
