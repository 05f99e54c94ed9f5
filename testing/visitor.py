"""A visitor: the app or the static page served, a real browser, and strokes drawn on the pad with the mouse."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, CDPSession, FloatRect, Page, sync_playwright

from mnist_cnn.drawing.strokes import Stroke

ROOT = Path(__file__).parents[1]
START_SECONDS = 120
POLL_SECONDS = 0.05
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def served_app() -> Iterator[str]:
    """The address of ``python app.py``, running on a free port.

    Raises ``RuntimeError`` with what it printed when it does not answer.
    """
    with running_app() as (url, _):
        yield url


@contextmanager
def running_app(folder: Path = ROOT, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Address and process of ``python app.py`` in ``folder``, on a free port, with further variables of the environment.

    Raises ``RuntimeError`` with what it printed when it does not answer.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    address = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    everything = {**os.environ, **address, **environment}
    with answering([sys.executable, "app.py"], url, environment=everything, folder=folder) as process:
        yield url, process


@contextmanager
def answering(
    command: list[str], url: str, *, environment: dict[str, str], folder: Path = ROOT, user: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """``command``, run in ``folder`` (as ``user`` and the group of that number), from its first answer at ``url`` on.

    Raises ``RuntimeError`` with what it printed when it does not answer.
    """
    with tempfile.TemporaryFile() as printed:  # a pipe that nobody reads would stop it one day
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        printed.seek(0)
                        raise RuntimeError(f"the app did not start:\n{printed.read().decode()}") from None
                    time.sleep(POLL_SECONDS)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def memory(process: subprocess.Popen[bytes], *, peak: bool = False) -> float:
    """Resident memory of ``process`` in MB (10^6 bytes), now or at its highest; Linux only."""
    field = "VmHWM" if peak else "VmRSS"
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) * 1024 / 1e6


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The address of ``folder``, served as ``python -m http.server`` does."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def browser() -> Iterator[Browser]:
    """Headless Chromium as the system has it. Raises ``RuntimeError`` when there is none."""
    executable = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if executable is None:
        raise RuntimeError("no Chromium is installed; on Debian: apt-get install chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()


def wait_for_pad(page: Page) -> None:
    """Wait until the pad can be drawn on and the answer's side stands."""
    page.wait_for_selector("#pad .pad-ready canvas", timeout=30_000)
    page.wait_for_selector("#answer .answer-empty", timeout=30_000)


def to_pad(strokes: list[Stroke], box: FloatRect, *, fill: float = 0.62) -> list[Stroke]:
    """``strokes`` moved into the middle of ``box`` (page pixels), the longer side ``fill`` of the pad's."""
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    scale = fill * box["width"] / max(max(xs) - min(xs), max(ys) - min(ys), 1e-6)
    middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return [[(left + (x - middle_x) * scale, top + (y - middle_y) * scale) for x, y in s] for s in strokes]


def draw(page: Page, strokes: list[Stroke], *, fill: float = 0.62) -> None:
    """Draw ``strokes`` on the pad with the mouse, one point after the other."""
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None, "the pad is not on the page"
    for stroke in to_pad(strokes, box, fill=fill):
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*point)
        page.mouse.up()


def answered_digit(page: Page) -> str:
    """The digit in large type, or ``?`` in the empty state."""
    return page.locator("#answer .answer-digit").inner_text()


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    """One touch event (``touchStart``, ``touchMove``, ``touchEnd``) as Chromium gets it from a screen.

    So it scrolls, zooms or draws where a finger would; ``points`` are those of all fingers.
    """
    places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
