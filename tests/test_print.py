"""The page on paper: what has never been in view is printed too."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from mnist_cnn.drawing.unipen import Drawing
from testing.inside import digit_of, open_inside
from testing.visitor import draw

BLANK = """all => all.filter((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.every((value, i) => value === data[i % 4]); }).map((canvas) => canvas.className)"""


def test_no_picture_is_blank_on_paper(app_page: Page, drawings: list[Drawing], complaints: list[str]) -> None:
    draw(app_page, digit_of(drawings, 8).strokes)
    open_inside(app_page)
    app_page.wait_for_timeout(300)
    pictures = app_page.locator(".inside canvas:visible")
    assert pictures.evaluate_all(BLANK), "not all have been in view"
    assert app_page.locator(".steps-row canvas, .why figcaption:not(:empty)").count() < 6
    app_page.pdf()
    assert pictures.evaluate_all(BLANK) == []
    expect(app_page.locator(".steps-row canvas")).to_have_count(4)
    expect(app_page.locator(".why figcaption").first).to_contain_text("Why 8")
    assert complaints == []
