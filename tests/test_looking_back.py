"""While a visitor looks back at the beginning of a drawing, all of the page speaks of that beginning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from testing.rows import side_by_side
from testing.visitor import draw, wait_for_pad

WATCH = """async () => {
  const { onReading } = await import('pad/demo.js');
  onReading((reading) => { window.reading = reading; });
}"""
POINTS = "reading.strokes.map(({ points }) => points.length)"
INK = """() => {
  const { data } = document.querySelector('#pad canvas').getContext('2d').getImageData(0, 0, 2000, 2000);
  return data.filter((alpha, i) => i % 4 === 3 && alpha > 40 && alpha < 60).length;
}"""
"""Pixels of the pale rest of the drawing, after the moment that is looked back at."""


@pytest.fixture
def visit(chromium: Browser, page: Page, drawings: list[Drawing]) -> Iterator[Page]:
    """A 2 and a 3, looked back at when the 3 had just begun."""
    context = chromium.new_context(viewport={"width": 1200, "height": 860}, permissions=["clipboard-write"])
    visit = context.new_page()
    visit.goto(page.url)
    wait_for_pad(visit)
    draw(visit, side_by_side([next(each.strokes for each in drawings if each.digit == label) for label in (2, 3)]), fill=0.8)
    expect(visit.locator(".answer-digit")).to_have_text("23")
    expect(visit.locator(".answer-how")).to_contain_text("Read in your browser")
    visit.evaluate(WATCH)
    look_back(visit)
    yield visit
    context.close()


def look_back(visit: Page) -> None:
    slider = visit.locator(".pad-ribbon input")
    slider.evaluate(
        "(input) => { input.value = String(Math.floor(0.6 * input.max)); input.dispatchEvent(new Event('input')); }"
    )


def test_a_digit_that_is_chosen_belongs_to_the_moment(visit: Page) -> None:
    points = visit.evaluate(POINTS)
    if visit.locator(".answer-chips button").count() > 1:
        visit.locator(".answer-chips button").first.click()
    else:
        visit.locator(".pad-boxes > *").first.click()
    assert visit.evaluate(POINTS) == points
    expect(visit.locator(".answer-how")).to_be_hidden()  # it speaks of the whole drawing


def test_what_is_shared_is_the_moment(visit: Page) -> None:
    shown = visit.locator(".answer-digit").inner_text()
    visit.locator(".pad-share").click()
    link = visit.locator(".share-link input").input_value()
    other = visit.context.new_page()
    other.goto(link)
    expect(other.locator(".answer-digit")).to_have_text(shown)


def test_another_network_reads_the_whole_drawing(visit: Page) -> None:
    visit.wait_for_timeout(100)
    pale = visit.evaluate(INK)
    visit.evaluate("async () => { const demo = await import('pad/demo.js'); demo.useNetwork(null); }")
    expect(visit.locator(".answer-digit")).to_have_text("23")
    visit.wait_for_timeout(100)
    assert visit.evaluate(INK) < pale / 4, "but for the edges of the lines nothing is pale"
