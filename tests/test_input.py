"""What reaches the pad from pens, palms, fingers, other keyboards, drops and screens, by a browser's trusted events."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from testing.pen_digits import pen_digits, save_picture

Place = tuple[float, float]
"""In shares of the pad's side."""

CONTROL = 2
"""The modifier of CDP's key events."""


class Hand:
    """Trusted events of a pen and of fingers on the pad, by a clock of their own: how long a call takes does not matter."""

    def __init__(self, page: Page, session: CDPSession, seconds: float) -> None:
        self.page, self.session, self.seconds = page, session, seconds

    def pen(self, kind: str, place: Place) -> None:
        """``kind`` is ``mousePressed``, ``mouseMoved`` or ``mouseReleased``."""
        x, y = at(self.page, place)
        held = {"button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
        self._send("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, "pointerType": "pen", **held})

    def fingers(self, kind: str, *places: Place) -> None:
        """``kind`` is ``touchStart``, ``touchMove`` or ``touchEnd``; one place for each finger that is down."""
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(at(self.page, each) for each in places)]
        self._send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def wait(self, seconds: float) -> None:
        """The next event comes so much later."""
        self.seconds += seconds

    def _send(self, command: str, event: dict[str, object]) -> None:
        self.wait(0.02)
        self.session.send(command, {**event, "timestamp": self.seconds})


CLOCK = itertools.count(time.time() + 1_000, 1_000)
"""Tests are a long time apart, and after the page has been opened."""


@pytest.fixture
def session(page: Page) -> Iterator[CDPSession]:
    """Of ``page``, whose pad is empty."""
    page.keyboard.press("Escape")
    session = page.context.new_cdp_session(page)
    yield session
    session.detach()


@pytest.fixture
def hand(page: Page, session: CDPSession) -> Hand:
    return Hand(page, session, next(CLOCK))


def at(page: Page, place: Place) -> Place:
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]


def strokes_drawn(page: Page) -> int:
    """As many as can be undone."""
    count = 0
    undo = page.get_by_role("button", name="Undo")
    page.wait_for_timeout(100)
    while undo.is_enabled():
        undo.click()
        page.wait_for_timeout(100)
        count += 1
    return count


INKED = """canvas => {
  const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const columns = data.reduce((all, v, i) => (i % 4 === 3 && v > 0 ? all.add(((i >> 2) % width) / width) : all), new Set());
  return columns.size ? [Math.min(...columns), Math.max(...columns)] : [];
}"""


def inked_columns(page: Page) -> list[float]:
    """The leftmost and the rightmost ink, in shares of the pad's side."""
    page.wait_for_timeout(100)
    columns: list[float] = page.locator("#pad canvas").evaluate(INKED)
    return columns


def test_a_palm_beside_a_pen_neither_draws_nor_cuts_its_stroke(page: Page, hand: Hand) -> None:
    hand.pen("mousePressed", (0.3, 0.2))
    hand.pen("mouseMoved", (0.3, 0.4))
    hand.fingers("touchStart", (0.8, 0.8))
    hand.fingers("touchMove", (0.9, 0.9))
    hand.pen("mouseMoved", (0.3, 0.8))
    hand.pen("mouseReleased", (0.3, 0.8))
    hand.fingers("touchMove", (0.7, 0.9))
    hand.fingers("touchEnd")
    expect(page.locator(".answer-digit")).to_have_text("1")
    assert inked_columns(page)[1] < 0.4
    assert strokes_drawn(page) == 1


def test_a_pen_takes_over_from_a_palm_that_came_first(page: Page, hand: Hand) -> None:
    hand.fingers("touchStart", (0.8, 0.8))
    hand.fingers("touchMove", (0.9, 0.9))
    hand.pen("mousePressed", (0.3, 0.2))
    hand.fingers("touchMove", (0.8, 0.7))
    hand.pen("mouseMoved", (0.3, 0.8))
    hand.pen("mouseReleased", (0.3, 0.8))
    hand.fingers("touchEnd")
    assert inked_columns(page)[1] < 0.4
    assert strokes_drawn(page) == 1


def test_a_palm_between_two_strokes_of_a_pen_does_not_draw_but_a_finger_later_does(page: Page, hand: Hand) -> None:
    hand.pen("mousePressed", (0.3, 0.2))
    hand.pen("mouseMoved", (0.3, 0.8))
    hand.pen("mouseReleased", (0.3, 0.8))
    hand.fingers("touchStart", (0.8, 0.8))
    hand.fingers("touchMove", (0.9, 0.6))
    hand.fingers("touchEnd")
    assert inked_columns(page)[1] < 0.4
    hand.wait(3)
    hand.fingers("touchStart", (0.8, 0.8))
    hand.fingers("touchMove", (0.8, 0.2))
    hand.fingers("touchEnd")
    assert inked_columns(page)[1] > 0.75
    assert strokes_drawn(page) == 2


def test_two_fingers_that_rest_on_the_pad_draw_nothing(page: Page, hand: Hand) -> None:
    hand.fingers("touchStart", (0.4, 0.5))
    hand.fingers("touchStart", (0.4, 0.5), (0.6, 0.5))
    hand.fingers("touchEnd")
    assert inked_columns(page) == []
    assert strokes_drawn(page) == 0


def test_one_finger_is_prevented_and_two_are_not(page: Page, hand: Hand) -> None:
    """What is prevented cannot be turned into text by the system."""
    page.evaluate("""() => {
      window.moves = [];
      document.addEventListener('touchmove', (event) => window.moves.push([event.touches.length, event.defaultPrevented]));
    }""")
    hand.fingers("touchStart", (0.4, 0.5))
    hand.fingers("touchMove", (0.4, 0.6))
    hand.fingers("touchStart", (0.4, 0.6), (0.6, 0.6))
    hand.fingers("touchMove", (0.4, 0.7), (0.6, 0.7))
    hand.fingers("touchEnd")
    page.wait_for_timeout(100)
    assert page.evaluate("window.moves") == [[1, True], [2, False]]


@pytest.mark.parametrize(
    ("key", "code", "undoes"),
    [
        ("я", "KeyZ", True),  # Russian
        ("ζ", "KeyZ", True),  # Greek
        ("ז", "KeyZ", True),  # Hebrew
        ("ئ", "KeyZ", True),  # Arabic
        ("z", "KeyY", True),  # German
        ("z", "Slash", True),  # Dvorak
        ("y", "KeyZ", False),  # German: this key writes a y
        (";", "KeyZ", False),  # Dvorak: the key in the place of z
    ],
)
def test_undo_on_the_keyboards_of_the_world(page: Page, session: CDPSession, key: str, code: str, undoes: bool) -> None:
    page.mouse.move(*at(page, (0.5, 0.2)))
    page.mouse.down()
    page.mouse.move(*at(page, (0.5, 0.8)))
    page.mouse.up()
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", "modifiers": CONTROL, "key": key, "code": code})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code})
    assert (inked_columns(page) == []) is undoes


def drop(session: CDPSession, place: Place, files: list[str], items: list[dict[str, str]]) -> None:
    data = {"items": items, "files": files, "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": place[0], "y": place[1], "data": data})


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "seven.png"
    save_picture(next(drawing for drawing in pen_digits() if drawing.digit == 7), path)
    return path


def test_a_picture_dropped_beside_the_pad_is_read(page: Page, session: CDPSession, picture: Path) -> None:
    address = page.url.partition("#")[0]
    drop(session, (5, 5), [str(picture)], [])
    expect(page.locator(".answer-digit")).to_have_text("7")
    assert page.url.partition("#")[0] == address


@pytest.mark.parametrize(
    ("items", "sentence"),
    [
        ([{"mimeType": "text/plain", "data": "seven"}], "There is no picture in what you dropped."),
        (
            [
                {"mimeType": "text/uri-list", "data": "https://example.org/7.png"},
                {"mimeType": "text/html", "data": '<img src="https://example.org/7.png">'},
            ],
            "A picture of another website can only be read from there.",
        ),
    ],
    ids=["text", "a picture of another page"],
)
def test_what_cannot_be_read_gets_a_sentence(
    page: Page, session: CDPSession, items: list[dict[str, str]], sentence: str
) -> None:
    address = page.url.partition("#")[0]
    drop(session, at(page, (0.5, 0.5)), [], items)
    expect(page.locator(".pad-message")).to_contain_text(sentence)
    assert page.url.partition("#")[0] == address


def test_of_several_files_the_first_picture_is_read(page: Page, session: CDPSession, picture: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("not a picture")
    drop(session, at(page, (0.5, 0.5)), [str(tmp_path / "a.txt"), str(picture)], [])
    expect(page.locator(".answer-digit")).to_have_text("7")
    expect(page.locator(".pad-message")).to_contain_text("one fits on the pad")


def test_a_folder_gets_a_sentence(page: Page, session: CDPSession, picture: Path) -> None:
    drop(session, at(page, (0.5, 0.5)), [str(picture.parent)], [])
    expect(page.locator(".pad-message")).to_contain_text("This is a folder.")


def test_a_picture_within_the_dragged_text_is_read(page: Page, session: CDPSession, picture: Path) -> None:
    encoded = page.evaluate("bytes => btoa(String.fromCharCode(...bytes))", list(picture.read_bytes()))
    html = {"mimeType": "text/html", "data": f'<img src="data:image/png;base64,{encoded}">'}
    drop(session, at(page, (0.5, 0.5)), [], [html])
    expect(page.locator(".answer-digit")).to_have_text("7")


def test_the_pad_is_as_sharp_as_the_screen_it_comes_to(page: Page, session: CDPSession) -> None:
    size = page.viewport_size
    assert size is not None
    for ratio in (3, 1.25, 1):
        metrics = {**size, "deviceScaleFactor": ratio, "mobile": False}
        session.send("Emulation.setDeviceMetricsOverride", metrics)
        page.mouse.click(*at(page, (0.5, 0.5)))  # the emulation itself sends no event, as a real change of screen does
        sharp = f"canvas => canvas.width === Math.round({ratio} * canvas.clientWidth)"
        page.wait_for_function(f"({sharp})(document.querySelector('#pad canvas'))")
