"""A browser that protects its visitor from fingerprinting: a canvas that is read back answers with noise."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from testing.pen_digits import pen_digits, save_picture
from testing.visitor import draw, wait_for_pad

NOISE = """
  const read = CanvasRenderingContext2D.prototype.getImageData;
  window.trulyRead = (canvas) => Array.from(read.call(canvas.getContext('2d'), 0, 0, canvas.width, canvas.height).data);
  if (window.noise !== false) CanvasRenderingContext2D.prototype.getImageData = function (...place) {
    const image = read.apply(this, place);
    image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : 256 * Math.random()));
    return image;
  };
"""
PICTURES = """() => [...document.querySelectorAll('.inside canvas')].filter((c) => c.clientWidth).map((canvas) => {
  let sum = 0;
  window.trulyRead(canvas).forEach((value, i) => (sum = (sum * 31 + value * (i + 1)) % 1e9));
  return [canvas.width, canvas.height, sum];
})"""


def opened(chromium: Browser, url: str, script: str) -> Page:
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    page.add_init_script(script)
    page.goto(url)
    wait_for_pad(page)
    return page


def test_strokes_are_read_and_inside_shows_no_noise(chromium: Browser, static_url: str) -> None:
    found = []
    for script in (NOISE, f"window.noise = false;{NOISE}"):
        page = opened(chromium, static_url, script)
        draw(page, next(drawing for drawing in pen_digits() if drawing.digit == 3).strokes)
        expect(page.locator(".answer-digit")).to_have_text("3")
        page.locator(".inside").scroll_into_view_if_needed()
        page.wait_for_function("document.querySelectorAll('.inside canvas').length > 12")
        page.wait_for_timeout(500)
        found.append(page.evaluate(PICTURES))
        page.close()
    assert len(found[0]) > 12
    assert found[0] == found[1]


def test_a_picture_is_refused_with_a_sentence_rather_than_read_wrongly(
    chromium: Browser, static_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "seven.png"
    save_picture(next(drawing for drawing in pen_digits() if drawing.digit == 7), path)
    page = opened(chromium, static_url, NOISE)
    page.locator(".pad-upload input").set_input_files(path)
    expect(page.locator(".pad-message")).to_contain_text("protection against fingerprinting hides the pixels")
    expect(page.locator(".answer-digit")).to_have_text("?")
    page.close()
