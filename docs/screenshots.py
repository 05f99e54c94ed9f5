"""Take the screenshots of the page in this folder: ``python -m docs.screenshots`` or ``make screenshots``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

from testing.pen_digits import pen_digits
from testing.servers import served_app
from testing.visitor import browser, draw, wait_for_pad

DOCS = Path(__file__).parent
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "phone": {"width": 360, "height": 740},
}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TABS = "Inside", "Architecture", "Results"
"""The tabs after *Draw*, in the order of the page."""
DIGIT = 8
"""The digit that is drawn on the pad."""
SETTLED_MS = 800
"""Time for the animations of the page to finish, in milliseconds."""


def take(page: Page, name: str, *, whole: bool) -> None:
    """Write ``docs/<name>.png``: the visible part of the page, or all of it when ``whole`` is true."""
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=DOCS / f"{name}.png", full_page=whole)


def main() -> None:
    """Take every tab on each screen in each theme."""
    drawings = pen_digits()
    drawing = next(drawing for drawing in drawings if drawing.digit == DIGIT)
    with served_app() as url, browser() as chromium:
        for screen, viewport in SCREENS.items():
            for theme in THEMES:
                page = chromium.new_page(viewport=viewport, color_scheme=theme)
                page.goto(url)
                wait_for_pad(page)
                draw(page, drawing.strokes)
                page.wait_for_selector("#answer .answer:not(.answer-empty)")
                page.mouse.move(2, 2)
                take(page, f"draw-{screen}-{theme}", whole=False)
                for tab in TABS:
                    page.get_by_role("tab", name=tab).click()
                    take(page, f"{tab.lower()}-{screen}-{theme}", whole=True)
                page.close()


if __name__ == "__main__":
    main()
