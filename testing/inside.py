"""What the tests of the tab *Inside* share: opening it and its stages, drawing in its strip, reading its bars."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.stages import stages
from testing.visitor import draw

PIXELS = "c => c.toDataURL()"
LEVELS = "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
STAGES = stages(trace(build(RECIPES[DEFAULT])))[:-1]


def digit_of(drawings: list[Drawing], label: int) -> Drawing:
    """The first of ``drawings`` of this digit."""
    return next(drawing for drawing in drawings if drawing.digit == label)


def open_inside(page: Page) -> None:
    """Open the tab and wait until the strip has its maps."""
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES))


def open_stage(page: Page, number: int) -> Locator:
    """The opened stage, with its first cell chosen."""
    stage = page.locator(".stage").nth(number)
    stage.locator("summary").click()
    expect(stage.locator(".cell .map-cell")).to_be_visible()
    return stage


def draw_in_strip(page: Page, drawing: Drawing, *, lift: bool = True) -> None:
    """Draw in the small pad with the mouse; without ``lift`` the pen stays down."""
    draw(page, drawing.strokes, pad=".strip-pad canvas", lift=lift)


def scroll_to(page: Page, part: str) -> None:
    """Scroll until ``part`` is at the top, and wait until the page knows that it is in view."""
    page.locator(part).evaluate(
        """element => new Promise((resolve) => {
          element.scrollIntoView();
          requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        })"""
    )


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("−", "-").replace("+", ""))


def softmax_scores(page: Page) -> list[float]:
    """The ten scores in the opened table of the softmax, which is filled when it comes into view."""
    page.locator(".softmax summary").click()
    rows = page.locator(".why-softmax tbody tr")
    expect(rows).to_have_count(10)
    return [number(row.locator("td").first.inner_text()) for row in rows.all()]


def shares(page: Page) -> list[float]:
    """The heights of the ten bars of the strip, 0 to 1."""
    found: list[float] = page.locator(".strip-bars div > span").evaluate_all(
        "all => all.map(({ style }) => Number(style.getPropertyValue('--share')))"
    )
    return found


# The strip
