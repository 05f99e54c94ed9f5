"""The server's word on a drawing, as a visitor gets it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from testing.pen_digits import pen_digits
from testing.visitor import draw


@pytest.fixture
def page(app_page: Page) -> Page:
    return app_page


def test_the_server_reads_the_same_strokes_and_agrees(page: Page) -> None:
    for drawing in pen_digits()[:4]:
        draw(page, drawing.strokes)
        expect(page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees")
        page.keyboard.press("Escape")
        expect(page.locator(".answer-how")).to_have_text("")


MOUSE_OF_8000_HZ = """canvas => {
  const box = canvas.getBoundingClientRect();
  const send = (type, t, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
    pointerId: 1, pointerType: 'mouse', isPrimary: true, buttons, bubbles: true,
    clientX: box.left + box.width * (0.5 + 0.25 * Math.sin(t)), clientY: box.top + box.height * (0.5 - 0.35 * Math.cos(t)),
  }));
  send('pointerdown', 0, 1);
  for (let i = 0; i <= 8000; i += 1) send('pointermove', (2 * Math.PI * i) / 8000, 1);
  send('pointerup', 0, 0);
}"""


def test_a_fast_mouse_draws_a_slow_digit_and_the_server_agrees(page: Page) -> None:
    page.locator("#pad canvas").evaluate(MOUSE_OF_8000_HZ)
    expect(page.locator(".answer-digit")).to_have_text("0")
    expect(page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees.")


def test_a_drawing_that_is_too_long_for_the_server_is_read_here_without_a_word_of_it(page: Page) -> None:
    for _ in range(6):  # nearly a thousand visible points each
        page.locator("#pad canvas").evaluate(MOUSE_OF_8000_HZ)
    expect(page.locator(".answer-how")).to_contain_text("Read in your browser")
    page.wait_for_timeout(1_000)
    assert "server" not in page.locator(".answer-how").inner_text()
