"""Three browsers behind one small interface: Chromium, Firefox and WebKit as the system has them, each with a mouse.

What only one of them can do, such as touch, is tested with Playwright and Chromium: ``testing/visitor.py``.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from marionette_driver.marionette import Marionette
from playwright.sync_api import Browser, Page
from selenium import webdriver
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from mnist_cnn.drawing.strokes import Stroke
from testing.servers import free_port
from testing.visitor import to_pad

WIDTH, HEIGHT = 1280, 1000
WAIT_SECONDS = 60
POLL_SECONDS = 0.1
MINI_BROWSER = "webkit2gtk-4.*/MiniBrowser"
MODULE = """
const script = document.createElement('script');
script.type = 'module';
script.textContent = `
  window.found = undefined;
  const promise = (async () => { %s })();
  promise.then((value) => { window.found = { value }; }, (error) => { window.found = { error: String(error) }; });`;
document.head.append(script);
"""


class Driver(Protocol):
    """A browser with one page."""

    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it has loaded."""

    def evaluate(self, body: str) -> Any:
        """What the body of a JavaScript function returns, as JSON values."""

    def drag(self, points: list[tuple[float, float]]) -> None:
        """Move the mouse along ``points``, in pixels of the window, with its left button down."""


class ChromiumDriver:
    """By Playwright."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str) -> None:
        """As ``Driver``."""
        self.page.goto(url)

    def evaluate(self, body: str) -> Any:
        """As ``Driver``."""
        return self.page.evaluate(f"() => {{ {body} }}")

    def drag(self, points: list[tuple[float, float]]) -> None:
        """As ``Driver``."""
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*point)
        self.page.mouse.up()


class FirefoxDriver:
    """By Marionette."""

    def __init__(self, client: Marionette) -> None:
        self.client = client

    def open(self, url: str) -> None:
        """As ``Driver``."""
        self.client.navigate(url)

    def evaluate(self, body: str) -> Any:
        """As ``Driver``."""
        return self.client.execute_script(body, sandbox=None)  # else what the page has added to objects is hidden

    def drag(self, points: list[tuple[float, float]]) -> None:
        """As ``Driver``."""
        mouse = self.client.actions.sequence("pointer", "mouse", {"pointerType": "mouse"})
        mouse.pointer_move(*_whole(points[0])).pointer_down()
        for point in points[1:]:
            mouse.pointer_move(*_whole(point))
        mouse.pointer_up().perform()


class WebKitDriver:
    """By Selenium."""

    def __init__(self, client: webdriver.WebKitGTK) -> None:
        self.client = client

    def open(self, url: str) -> None:
        """As ``Driver``."""
        self.client.get(url)

    def evaluate(self, body: str) -> Any:
        """As ``Driver``."""
        return self.client.execute_script(body)

    def drag(self, points: list[tuple[float, float]]) -> None:
        """As ``Driver``."""
        actions = ActionBuilder(self.client, duration=0)
        mouse = actions.pointer_action
        mouse.move_to_location(*_whole(points[0])).pointer_down()
        for point in points[1:]:
            mouse.move_to_location(*_whole(point))
        mouse.pointer_up()
        actions.perform()


def _whole(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0]), round(point[1])


@contextmanager
def chromium(browser: Browser) -> Iterator[Driver]:
    """A page of ``browser``, which Playwright has started."""
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    try:
        yield ChromiumDriver(page)
    finally:
        page.close()


@contextmanager
def firefox(**preferences: bool) -> Iterator[Driver]:
    """Headless Firefox with ``preferences``, dots written as ``__``. Raises ``RuntimeError`` when it is not installed."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        raise RuntimeError("Firefox is not installed; on Debian: apt-get install --no-install-recommends firefox-esr")
    prefs = {name.replace("__", "."): value for name, value in preferences.items()}
    client = Marionette(bin=program, headless=True, port=free_port(), prefs=prefs, gecko_log=os.devnull)
    try:
        client.start_session()
        client.set_window_rect(width=WIDTH, height=HEIGHT)
        yield FirefoxDriver(client)
    finally:
        client.quit(in_app=False)
        client.cleanup()


@contextmanager
def webkit() -> Iterator[Driver]:
    """WebKitGTK's small browser on a screen of its own. Raises ``RuntimeError`` when it is not installed."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    browsers = sorted(Path("/usr").glob(f"lib*/**/{MINI_BROWSER}"))
    if driver is None or screen is None or not browsers:
        raise RuntimeError(
            "WebKitGTK is not installed; on Debian: apt-get install --no-install-recommends webkit2gtk-driver xvfb"
        )
    command = [screen, "-displayfd", "1", "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            display = f":{server.stdout.readline().strip()}"
            # root may not make the namespaces of the sandbox; only the tests' own pages are opened
            variables = {"DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1", "GDK_BACKEND": "x11"}
            options = Options()
            options.binary_location = str(browsers[-1])
            options.add_argument("--automation")
            client = webdriver.WebKitGTK(options=options, service=Service(driver, env={**os.environ, **variables}))
            try:
                client.set_window_rect(0, 0, WIDTH, HEIGHT)
                yield WebKitDriver(client)
            finally:
                client.quit()
        finally:
            server.terminate()


def wait_until(driver: Driver, condition: str) -> None:
    """Wait until the JavaScript expression ``condition`` is true. Raises ``TimeoutError`` with what the page says."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not driver.evaluate(f"return Boolean({condition})"):
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"{condition} never came true; the page says: {driver.evaluate('return document.body.innerText')}"
            )
        time.sleep(POLL_SECONDS)


def in_module(driver: Driver, body: str) -> Any:
    """What the body of an asynchronous function returns, which may import the page's modules."""
    driver.evaluate(MODULE.replace("%s", body.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")))
    wait_until(driver, "window.found")
    answer = json.loads(driver.evaluate("return JSON.stringify(window.found)"))
    if "error" in answer:
        raise RuntimeError(answer["error"])
    return answer.get("value")


def draw(driver: Driver, strokes: list[Stroke]) -> None:
    """Draw ``strokes`` in the middle of the pad with the mouse."""
    driver.evaluate("document.querySelector('#pad canvas').scrollIntoView({ block: 'nearest' })")
    box = driver.evaluate("return document.querySelector('#pad canvas').getBoundingClientRect().toJSON()")
    for stroke in to_pad(strokes, box):
        driver.drag(stroke)


def bring(driver: Driver, picture: Path) -> None:
    """Choose ``picture`` as a visitor does in the dialog of the button *Photo*."""
    encoded = base64.b64encode(picture.read_bytes()).decode()
    driver.evaluate(f"""
      const bytes = Uint8Array.from(atob('{encoded}'), (letter) => letter.charCodeAt(0));
      const files = new DataTransfer();
      files.items.add(new File([bytes], '{picture.name}', {{ type: 'image/png' }}));
      const input = document.querySelector('.pad-upload input');
      input.files = files.files;
      input.dispatchEvent(new Event('change', {{ bubbles: true }}));
    """)


def read_until(read: Callable[[], str], wanted: str) -> str:
    """What ``read`` returns as soon as that is ``wanted``, or at the end of the time."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := read()) != wanted and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found
