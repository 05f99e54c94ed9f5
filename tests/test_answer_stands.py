"""What changes nothing takes nothing away: the answer stands, and a photograph that is being read is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from numpy.random import default_rng
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_cnn.drawing.unipen import Drawing
from testing.pen_digits import pen_digits
from testing.photographs import CONDITIONS, photograph
from testing.rows import write_rows
from testing.visitor import Tab, draw

TOUCH = """(type) => {
  const canvas = document.querySelector('#pad canvas');
  const { left, top } = canvas.getBoundingClientRect();
  const place = { clientX: left + 40, clientY: top + 40, pointerId: 7, pointerType: 'touch', isPrimary: true, buttons: 1 };
  canvas.dispatchEvent(new PointerEvent(type, { ...place, bubbles: true, cancelable: true }));
}"""


def tap(visit: Page) -> None:
    """Press for some frames on paper without ink."""
    box = visit.locator("#pad canvas").bounding_box()
    assert box is not None
    visit.mouse.move(box["x"] + 12, box["y"] + 12)
    visit.mouse.down()
    visit.wait_for_timeout(120)
    visit.mouse.up()


@pytest.fixture
def visit(tab: Tab, static_url: str) -> Page:
    """A page of its own, with nothing on the pad."""
    return tab.open(static_url)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = Image.fromarray(photograph(pen_digits()[0], next(iter(CONDITIONS.values())), default_rng(0)))
    path = tmp_path / "photo.jpg"
    picture.resize((2400, 2400 * picture.height // picture.width)).save(path)
    return path


def test_an_eraser_that_hits_nothing_leaves_the_answer(visit: Page, drawings: list[Drawing]) -> None:
    draw(visit, drawings[5].strokes)
    note = visit.locator(".answer-how")
    expect(note).to_contain_text("Read in your browser")
    before = note.inner_text()
    visit.locator(".pad-eraser").click()
    tap(visit)
    visit.wait_for_timeout(200)
    assert note.inner_text() == before


def test_the_eraser_of_the_pad_does_not_reach_the_small_pads(visit: Page, drawings: list[Drawing]) -> None:
    visit.locator(".pad-eraser").click()
    draw(visit, drawings[5].strokes, pad=".strip-pad canvas")
    expect(visit.locator(".answer-digit")).to_have_text(str(drawings[5].digit))


@pytest.mark.parametrize("gesture", ["two fingers", "eraser"])
def test_a_touch_that_draws_nothing_does_not_stop_the_reading(visit: Page, photo: Path, gesture: str) -> None:
    if gesture == "eraser":
        visit.locator(".pad-eraser").click()
    visit.locator(".pad-upload input").set_input_files(photo)
    expect(visit.locator(".answer-how")).to_have_text("Reading the picture …")
    if gesture == "eraser":
        tap(visit)
    else:
        visit.evaluate(TOUCH, "pointerdown")
        visit.wait_for_timeout(60)
        visit.evaluate(TOUCH, "pointercancel")
    expect(visit.locator(".answer-how")).to_contain_text("Read in your browser")
    expect(visit.locator(".answer-digit")).to_have_text(str(pen_digits()[0].digit))


def test_an_empty_small_pad_says_where_to_draw(visit: Page) -> None:
    visit.locator(".strip-pad").scroll_into_view_if_needed()
    expect(visit.locator(".strip-pad .small-pad-hint")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (740, 360)])
def test_the_digits_of_a_long_number_lie_above_the_bars(visit: Page, width: int, height: int) -> None:
    visit.set_viewport_size({"width": width, "height": height})
    number = write_rows(pen_digits(), 1, 0, lengths=(16, 17))[0]
    visit.locator(".pad-brush").first.click()
    draw(visit, number.strokes, fill=0.95)
    expect(visit.locator(".answer-long .answer-chips button").nth(11)).to_be_visible()
    bars = visit.locator(".bars").bounding_box()
    last = visit.locator(".answer-chips button").last.bounding_box()
    assert bars
    assert last
    assert last["y"] + last["height"] <= bars["y"] + 1
