"""The accessibility checker axe-core finds nothing on any tab, theme and width."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing
from testing import ROOT
from testing.rows import side_by_side
from testing.visitor import draw, wait_for_pad

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
"""``npm install`` puts it there."""
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}"""
TABS = "Inside", "Play", "Architecture", "Results"
SETTLED_MS = 1_000
"""Time for a tab to draw itself and for animations to finish, in milliseconds."""
CROSS: list[Stroke] = [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]]
Theme = Literal["light", "dark"]


def complaints_of(page: Page) -> list[str]:
    """What axe-core finds on the page as it is."""
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found


def open_page(chromium: Browser, url: str, width: int, theme: Theme) -> Page:
    """The page, on which a 2, a cross and a 7 have been drawn."""
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce")
    page.goto(url)
    wait_for_pad(page)
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_axe_finds_nothing_on_any_tab(
    chromium: Browser, app_url: str, drawings: list[Drawing], width: int, theme: Theme
) -> None:
    page = open_page(chromium, app_url, width, theme)
    assert complaints_of(page) == [], "the empty pad"
    two, seven = (next(each.strokes for each in drawings if each.digit == digit) for digit in (2, 7))
    draw(page, side_by_side([two, CROSS, seven]), fill=0.85)
    expect(page.locator(".answer-chips button")).to_have_count(3)
    assert complaints_of(page) == [], "Draw"
    page.locator(".pad-share").click()
    expect(page.locator(".share")).to_be_visible()
    assert complaints_of(page) == [], "the dialog of Share"
    page.locator(".share-close").click()
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        assert complaints_of(page) == [], tab
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_on_the_static_page(
    chromium: Browser, page: Page, drawings: list[Drawing], width: int, theme: Theme
) -> None:
    visit = open_page(chromium, page.url, width, theme)
    draw(visit, next(each.strokes for each in drawings if each.digit == 8))
    assert complaints_of(visit) == []
    visit.close()
