"""Take pictures of every tab on every screen in both themes: ``python -m docs.screenshots`` or ``make screenshots``.

All of them go to ``screenshots/``, to be looked at; those of a desktop and of a phone also to ``docs/``, and the picture
that link previews show to ``web/``.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Page, ViewportSize

from testing import ROOT
from testing.pen_digits import pen_digits
from testing.servers import served_app
from testing.visitor import FINE_STEP, browser, draw, wait_for_pad

DOCS = Path(__file__).parent
PREVIEW = ROOT / "web" / "preview.png"
"""The picture that link previews show."""
SCREENS: dict[str, ViewportSize] = {
    "desktop": {"width": 1440, "height": 900},
    "laptop": {"width": 1366, "height": 768},
    "tablet": {"width": 768, "height": 1024},
    "phone": {"width": 360, "height": 740},
    "large-phone": {"width": 390, "height": 844},
    "phone-landscape": {"width": 740, "height": 360},
    "large-phone-landscape": {"width": 844, "height": 390},
}
IN_DOCS = "desktop", "phone"
"""The screens whose pictures are in ``docs/``."""
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TABS = {"Inside": ".stage", "Play": ".play-part", "Architecture": ".versus", "Results": ".gallery li"}
"""The tabs after *Draw*, in the order of the page, and what is there as soon as a tab is."""
PARTS = ("learn", "ablate", "fool", "challenge")
"""The parts of the tab *Play*, each in a picture of its own."""
PANELS = ("teach", "versions")
"""What the line under the answer opens below the pad."""
DIGIT = 8
"""The digit that is drawn on the pad."""
SETTLED_MS = 800
"""Time for the animations of the page to finish, in milliseconds."""
PREVIEW_COLOURS = 32
"""Of the picture for link previews, which is served with every copy of the page."""


def take(page: Page, path: Path, *, whole: bool) -> None:
    """Write the visible part of the page to ``path``, or all of it when ``whole`` is true."""
    page.wait_for_timeout(SETTLED_MS)
    if whole:
        page.evaluate("dispatchEvent(new Event('beforeprint'))")  # else parts are computed when they come into view
    page.screenshot(path=path, full_page=whole)


def take_parts(page: Page, out: Path, suffix: str) -> None:
    """Write a picture of every part of the open tab *Play*, one part opened at a time."""
    for name in PARTS:
        part = page.locator(f".play-part[data-part={name}]")
        part.locator("summary").click()
        part.locator(".play-body > :not(.play-wait)").first.wait_for()
        part.scroll_into_view_if_needed()
        take(page, out / f"play-{name}-{suffix}.png", whole=True)
        part.locator("summary").click()


def take_panels(page: Page, out: Path, suffix: str) -> None:
    """Write a picture of every panel of the tab *Draw*."""
    for name in PANELS:
        page.locator(f".play-{name}").click()
        page.locator(".play-panel .play-body > *").first.wait_for()
        take(page, out / f"draw-{name}-{suffix}.png", whole=True)
        page.locator(f".play-{name}").click()


def take_preview(page: Page, path: Path) -> None:
    """Write the picture of the drawing that *Share* makes, in few colours, to ``path``."""
    page.locator(".pad-share").click()
    with page.expect_download() as download:
        page.locator(".share-save").click()
    page.locator(".share-close").click()
    Image.open(download.value.path()).convert("RGB").quantize(PREVIEW_COLOURS).save(path, optimize=True)


def main() -> None:
    """Take every tab on each screen in each theme."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots", help="default: screenshots/")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    drawing = next(drawing for drawing in pen_digits() if drawing.digit == DIGIT)
    with served_app() as url, browser() as chromium:
        for screen, viewport in SCREENS.items():
            for theme in THEMES:
                page = chromium.new_page(viewport=viewport, color_scheme=theme)
                page.goto(url)
                wait_for_pad(page)
                draw(page, drawing.strokes, step=FINE_STEP)
                page.wait_for_selector("#answer .answer:not(.answer-empty)")
                page.mouse.move(2, 2)
                take(page, out / f"draw-{screen}-{theme}.png", whole=False)
                if screen == IN_DOCS[0] and theme == THEMES[0]:
                    take_preview(page, PREVIEW)
                take_panels(page, out, f"{screen}-{theme}")
                for tab, ready in TABS.items():
                    page.get_by_role("tab", name=tab).click()
                    page.locator(ready).first.wait_for()
                    take(page, out / f"{tab.lower()}-{screen}-{theme}.png", whole=True)
                    if tab == "Play":
                        take_parts(page, out, f"{screen}-{theme}")
                page.close()
    for tab in ("draw", "inside", "play-learn", "play-ablate", "architecture", "results"):
        for screen in IN_DOCS:
            for theme in THEMES:
                shutil.copy(out / f"{tab}-{screen}-{theme}.png", DOCS)


if __name__ == "__main__":
    main()
