"""The accessibility checker axe-core finds nothing on any tab, theme and width."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing
from testing import ROOT
from testing.rows import side_by_side
from testing.visitor import Tab, Theme, draw

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
"""``npm install`` puts it there."""
RUN = """async () => {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const rules = isDark ? { runOnly: ['color-contrast', 'link-in-text-block'] } : {};
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...rules });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}"""
"""The dark theme changes nothing but colours."""
TABS = "Inside", "Play", "Architecture", "Results"
SETTLED_MS = 1_000
"""Time for a tab to draw itself and for animations to finish, in milliseconds."""
SCREENS = (360, "light"), (768, "light"), (1440, "light"), (360, "dark"), (1440, "dark")
CROSS: list[Stroke] = [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]]


def complaints_of(page: Page) -> list[str]:
    """What axe-core finds on the page as it is."""
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN)
    return found


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_axe_finds_nothing_on_any_tab(tab: Tab, app_url: str, drawings: list[Drawing], width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    assert complaints_of(page) == [], "the empty pad"
    two, seven = (next(each.strokes for each in drawings if each.digit == digit) for digit in (2, 7))
    draw(page, side_by_side([two, CROSS, seven]), fill=0.85)
    expect(page.locator(".answer-chips button")).to_have_count(3)
    assert complaints_of(page) == [], "Draw"
    page.locator(".pad-share").click()
    expect(page.locator(".share")).to_be_visible()
    assert complaints_of(page) == [], "the dialog of Share"
    page.locator(".share-close").click()
    for name in TABS:
        page.get_by_role("tab", name=name).click()
        assert complaints_of(page) == [], name


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_on_the_static_page(
    tab: Tab, static_url: str, drawings: list[Drawing], width: int, theme: Theme
) -> None:
    page = tab.open(static_url, width=width, theme=theme, less_motion=True)
    draw(page, next(each.strokes for each in drawings if each.digit == 8))
    assert complaints_of(page) == []
