"""Contrast themes, which take a page's own colours away: every state can still be told, by what is seen."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from testing.pen_digits import pen_digits
from testing.visitor import draw, wait_for_pad

MOVED = 0.03
"""Share of an element's pixels that differ between two of its states."""


@pytest.fixture(scope="module")
def contrast(chromium: Browser, app_url: str) -> Iterator[Page]:
    """The app in a contrast theme, with an 8 on the pad."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1000}, forced_colors="active", color_scheme="dark")
    page.goto(app_url)
    wait_for_pad(page)
    draw(page, next(drawing for drawing in pen_digits() if drawing.digit == 8).strokes)
    expect(page.locator(".answer-digit")).to_have_text("8")
    yield page
    page.close()


def seen(locator: Locator) -> NDArray[np.int16]:
    """(H, W, 3) as on the screen."""
    locator.scroll_into_view_if_needed()
    locator.page.mouse.move(0, 0)
    locator.page.wait_for_timeout(300)
    return np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("RGB"), np.int16)


def difference(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """Share of the pixels that differ clearly; pictures of almost equal size."""
    height, width = np.minimum(one.shape, other.shape)[:2]
    return float((np.abs(one[:height, :width] - other[:height, :width]).max(axis=2) > 60).mean())


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    page.wait_for_timeout(300)


def test_the_bars_are_seen(contrast: Page) -> None:
    open_tab(contrast, "Draw")
    rails = contrast.locator(".bar-rail")
    assert difference(seen(rails.nth(8)), seen(rails.nth(1))) > 0.5


def test_the_ink_is_seen(contrast: Page) -> None:
    open_tab(contrast, "Draw")
    pad = seen(contrast.locator("#pad canvas"))
    assert pad.max() - pad.min() > 200


@pytest.mark.parametrize(("tab", "button"), [("Draw", ".pad-eraser"), ("Inside", ".why-others button:not(:disabled)")])
def test_a_pressed_button_is_told_from_others(contrast: Page, tab: str, button: str) -> None:
    open_tab(contrast, tab)
    element = contrast.locator(button).last
    element.scroll_into_view_if_needed()
    contrast.wait_for_timeout(1_000)  # what comes into view is computed, and says itself which button is pressed
    pictures = {}
    for pressed in ("true", "false"):
        element.evaluate("(button, pressed) => button.setAttribute('aria-pressed', pressed)", pressed)
        pictures[pressed] = seen(element)
    assert difference(pictures["true"], pictures["false"]) > 0.2


def test_the_open_tab_is_told_from_others(contrast: Page) -> None:
    tab = contrast.get_by_role("tab", name="Draw")
    pictures = []
    for name in ("Draw", "Inside"):
        open_tab(contrast, name)
        tab.evaluate("tab => tab.blur()")
        pictures.append(seen(tab))
    assert difference(*pictures) > MOVED


def test_chosen_iterations_and_networks_are_told_from_others(contrast: Page) -> None:
    for tab, labels in (("Architecture", "#iteration label"), ("Results", ".curves .chips label")):
        open_tab(contrast, tab)
        pictures = []
        for number in (0, 1):
            contrast.locator(labels).nth(number).click()
            pictures.append(seen(contrast.locator(labels).nth(0)))
        assert difference(*pictures) > MOVED, tab


def test_the_shares_of_the_layers_are_seen(contrast: Page) -> None:
    open_tab(contrast, "Architecture")
    strip = contrast.locator(".budget").first
    expect(strip).to_be_visible()
    middle = seen(strip)
    row = middle[middle.shape[0] // 4].max(axis=1)
    assert (np.abs(np.diff(row)) > 60).sum() > 8, "edges of the parts"


def test_the_curves_of_the_iterations_keep_the_colours_of_their_legend(contrast: Page) -> None:
    open_tab(contrast, "Results")
    lines = contrast.locator(".curves-legend li")
    colours = {tuple(seen(lines.nth(number))[1, 10]) for number in range(lines.count())}
    assert len(colours) == lines.count()
