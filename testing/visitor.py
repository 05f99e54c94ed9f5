"""A visitor of the page: a real browser, a mouse and fingers that draw on the pad."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from math import dist
from typing import Literal

from playwright.sync_api import Browser, CDPSession, FloatRect, Page, sync_playwright

from mnist_cnn.drawing.strokes import Stroke

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
"""The names under which systems install Chromium."""
LOAD_MS = 30_000
STEP, FINE_STEP = 1 / 12, 1 / 90
"""Of the drawing's height, from one mouse event to the next at least: the browser takes a frame for each. With the larger
step a digit has corners, but is read as before; with the fine one it looks as a hand drew it."""
Theme = Literal["light", "dark"]


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless Chromium as the system has it. Raises ``RuntimeError`` when it is not installed."""
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        raise RuntimeError("Chromium is not installed; on Debian: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()


class Tab:
    """A tab of ``browser`` that one visitor uses after another, each as if nobody had been there.

    The browser compiles the scripts of a page once for a tab, which takes most of the time that a first visit takes.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None
        self.errors: list[str] = []
        """What scripts did not catch and what the console calls an error, since the visitor came."""
        self.asked: list[str] = []
        """The addresses that the page has asked for since then."""

    def open(
        self, url: str, *, width: int = 1440, height: int = 900, theme: Theme = "light", less_motion: bool = False
    ) -> Page:
        """The page at ``url``, ready to be drawn on, ``width`` times ``height`` pixels large."""
        page = self.blank(width=width, height=height, theme=theme, less_motion=less_motion)
        page.goto(url)
        wait_for_pad(page)
        return page

    def blank(self, *, width: int = 1440, height: int = 900, theme: Theme = "light", less_motion: bool = False) -> Page:
        """The empty tab."""
        if self._page is None or self._page.is_closed():
            self._page = self._browser.new_page()
            self._page.on("pageerror", lambda error: self.errors.append(str(error)))
            self._page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
            self._page.on("request", lambda request: self.asked.append(request.url))
        self._page.set_viewport_size({"width": width, "height": height})
        self._page.emulate_media(color_scheme=theme, reduced_motion="reduce" if less_motion else "no-preference")
        return self._page

    def leave(self) -> None:
        """Leave the page, and forget what it stored and where the tab has been."""
        page = self._page
        if page is None or page.is_closed():
            return
        page.unroute_all(behavior="ignoreErrors")
        origin = page.evaluate("location.origin")
        page.goto("about:blank")
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        session.send("Page.resetNavigationHistory")
        session.detach()
        self.errors.clear()
        self.asked.clear()


def wait_for_pad(page: Page) -> None:
    """Wait until the pad can be drawn on and the empty answer is shown."""
    page.wait_for_selector("#pad .pad-ready canvas", timeout=LOAD_MS)
    page.wait_for_selector("#answer .answer-empty", timeout=LOAD_MS)


def to_pad(strokes: list[Stroke], box: FloatRect, *, fill: float = 0.62) -> list[Stroke]:
    """``strokes`` moved to the middle of ``box`` (in pixels of the page), the longer side ``fill`` of the pad's."""
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    scale = fill * box["width"] / max(max(xs) - min(xs), max(ys) - min(ys), 1e-6)
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return [[(left + (x - middle_x) * scale, top + (y - middle_y) * scale) for x, y in s] for s in strokes]


def draw(
    page: Page,
    strokes: list[Stroke],
    *,
    fill: float = 0.62,
    pad: str = "#pad canvas",
    lift: bool = True,
    step: float = STEP,
) -> None:
    """Draw ``strokes`` on ``pad`` with the mouse, point by point; ``fill`` as in ``to_pad``, ``step`` as in ``STEP``.

    Without ``lift`` the pen stays down.
    """
    canvas = page.locator(pad)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None, "the pad is not on the page"
    placed = to_pad(strokes, box, fill=fill)
    ys = [y for stroke in placed for _, y in stroke]
    least = step * (max(ys) - min(ys))
    for stroke in placed:
        last = stroke[0]
        page.mouse.move(*last)
        page.mouse.down()
        for point in stroke[1:]:
            if dist(last, point) >= least or point is stroke[-1]:
                page.mouse.move(*point)
                last = point
        if lift:
            page.mouse.up()


def answered_digit(page: Page) -> str:
    """The digit in large type, or ``?`` when nothing is drawn."""
    return page.locator("#answer .answer-digit").inner_text()


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """Send one touch event (``touchStart``, ``touchMove`` or ``touchEnd``) as a touch screen would.

    It scrolls, zooms or draws as a real touch does; ``points`` has one place for each finger.
    """
    places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
