"""The page as a visitor uses it, in a real browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from testing.visitor import FINE_STEP, Tab, answered_digit, draw, to_pad, touch, wait_for_pad

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def page(app_page: Page) -> Page:
    return app_page


def one_of_each(drawings: list[Drawing]) -> list[Drawing]:
    return [next(drawing for drawing in drawings if drawing.digit == digit) for digit in range(10)]


def wait_for_digit(page: Page, digit: int) -> None:
    expect(page.locator("#answer .answer-digit")).to_have_text(str(digit))


INK = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length"


SEEN = "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data)"


def ink(page: Page) -> int:
    page.wait_for_timeout(100)  # at least one frame
    pixels: int = page.locator("#pad canvas").evaluate(INK)
    return pixels


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#answer .answer-digit")).to_have_text("?")


def test_digits_drawn_with_the_mouse_are_recognised(page: Page, drawings: list[Drawing], complaints: list[str]) -> None:
    """And the largest bar says what the answer says."""
    right = compared = 0
    for drawing in one_of_each(drawings):
        draw(page, drawing.strokes, step=FINE_STEP)
        page.wait_for_selector("#answer .answer:not(.answer-empty)")
        page.wait_for_timeout(100)  # at least one frame
        right += answered_digit(page) == drawing.label
        said = re.search(r"(> )?([\d.]+)\s%", page.locator(".answer-probability").inner_text().replace("\xa0", " "))
        over = page.locator(".bar-top .bar-value").inner_text()
        if said:  # else it is unsure
            compared += 1
            exact = f"{'>' if said[1] else ''}{said[2]}"
            assert over == (exact if float(said[2]) >= 99.5 else f"{float(said[2]):.0f}")
        clear(page)
    assert right >= 9
    assert compared >= 5
    assert complaints == []


def test_first_stroke_draws_at_once_and_again_after_clear(page: Page, drawings: list[Drawing]) -> None:
    first, second = one_of_each(drawings)[2], one_of_each(drawings)[6]
    draw(page, first.strokes)
    wait_for_digit(page, 2)
    clear(page)
    assert page.locator(".pad-hint").is_visible()
    draw(page, second.strokes)
    wait_for_digit(page, 6)
    assert not page.locator(".pad-hint").is_visible()


def test_clear_leaves_nothing_of_the_answer(page: Page, drawings: list[Drawing]) -> None:
    draw(page, one_of_each(drawings)[0].strokes)
    wait_for_digit(page, 0)
    assert page.locator(".bar-top").count() == 1
    clear(page)
    assert page.locator(".bar-top").count() == 0
    assert set(page.locator(".bar").evaluate_all("bars => bars.map(b => b.style.getPropertyValue('--share'))")) == {"0"}
    brightest = "c => Math.max(...c.getContext('2d').getImageData(0, 0, 28, 28).data.filter((_, i) => i % 4 < 3))"
    assert page.locator(".answer-seen canvas").evaluate(brightest) == 0


def test_bars_are_in_the_order_of_the_digits(page: Page, drawings: list[Drawing]) -> None:
    draw(page, one_of_each(drawings)[3].strokes)
    wait_for_digit(page, 3)
    assert page.locator(".bar b").all_inner_texts() == [str(digit) for digit in range(10)]
    assert "bar-top" in (page.locator(".bar").nth(3).get_attribute("class") or "")
    shares = page.locator(".bar").evaluate_all("bars => bars.map(b => Number(b.style.getPropertyValue('--share')))")
    assert sum(shares) == pytest.approx(1, abs=1e-4)


def test_the_drawing_survives_another_tab(page: Page, drawings: list[Drawing]) -> None:
    draw(page, one_of_each(drawings)[5].strokes)
    wait_for_digit(page, 5)
    before = ink(page)
    page.get_by_role("tab", name="Architecture").click()
    page.get_by_role("tab", name="Draw").click()
    page.wait_for_timeout(300)
    assert ink(page) == pytest.approx(before, rel=0.02)
    assert before > 1_000
    assert answered_digit(page) == "5"


def press_mouse_along(page: Page, points: list[tuple[float, float]]) -> None:
    """Straight lines with the button down; points in shares of the pad's side."""
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(points):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8 if number else 1)
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def test_the_answer_changes_while_the_pen_still_moves(page: Page) -> None:
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.85 * box["height"], steps=10)
    expect(page.locator("#answer .answer-digit")).to_have_text("1")
    assert page.locator(".answer-spoken").inner_text() == "", "a screen reader waits for the end of the stroke"
    page.mouse.up()
    expect(page.locator(".answer-spoken")).to_contain_text("1, ")


def test_the_pad_reads_on_without_the_server(page: Page, drawings: list[Drawing]) -> None:
    page.context.set_offline(True)
    for digit in (2, 7):
        draw(page, one_of_each(drawings)[digit].strokes)
        wait_for_digit(page, digit)
        page.wait_for_timeout(300)
        assert re.fullmatch(r"Read in your browser in \d+ ms\.", page.locator(".answer-how").inner_text())
        clear(page)
    page.context.set_offline(False)


def test_undo_redo_and_their_keys(page: Page) -> None:
    levels = [ink(page)]
    for x in (0.3, 0.5, 0.7):
        press_mouse_along(page, [(x, 0.2), (x, 0.8)])
        levels.append(ink(page))
    assert levels == sorted(set(levels))
    undo, redo = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Redo")
    undo.click()
    assert ink(page) == levels[2]
    page.keyboard.press("Control+z")
    assert ink(page) == levels[1]
    page.keyboard.press("Control+y")
    page.keyboard.press("Control+Shift+Z")
    assert ink(page) == levels[3]
    assert redo.is_disabled()
    page.keyboard.press("Escape")
    assert ink(page) == 0
    undo.click()
    assert ink(page) == levels[3], "clearing can be undone"
    undo.click()
    press_mouse_along(page, [(0.1, 0.2), (0.1, 0.8)])
    assert redo.is_disabled(), "a new stroke leaves nothing to redo"


def test_the_eraser_cuts_strokes_and_its_brush_is_wider(page: Page) -> None:
    press_mouse_along(page, [(0.5, 0.1), (0.5, 0.9)])
    whole = ink(page)
    eraser = page.get_by_role("button", name="Eraser")
    eraser.click()
    assert eraser.get_attribute("aria-pressed") == "true"
    press_mouse_along(page, [(0.1, 0.1), (0.2, 0.9)])
    page.mouse.move(2, 2)  # takes the ring along that shows the eraser's size
    assert ink(page) == whole, "beside the stroke"
    press_mouse_along(page, [(0.2, 0.5), (0.8, 0.5)])
    page.mouse.move(2, 2)
    assert 0.7 * whole < ink(page) < 0.9 * whole
    page.keyboard.press("Control+z")
    assert ink(page) == whole
    press_mouse_along(page, [(0.5, 0.05), (0.5, 0.95)])
    page.mouse.move(2, 2)
    assert ink(page) == 0
    expect(page.locator("#answer .answer-digit")).to_have_text("?")
    eraser.click()
    press_mouse_along(page, [(0.5, 0.1), (0.5, 0.9)])
    assert ink(page) == whole


def test_the_brush_changes_the_ink_and_not_the_answer(page: Page, drawings: list[Drawing]) -> None:
    inks, images = [], []
    for width in ("25", "65", "125"):
        page.get_by_label("Brush width").fill(width)
        draw(page, one_of_each(drawings)[5].strokes)
        wait_for_digit(page, 5)
        inks.append(ink(page))
        images.append(page.locator(".answer-seen canvas").evaluate(SEEN))
        clear(page)
    assert inks[0] < 0.6 * inks[1] < 0.6 * inks[2]
    assert images[0] == images[1] == images[2]


def test_a_stroke_that_leaves_the_pad_stays_on_it(page: Page) -> None:
    images = []
    for far in (0.998, 2.2):
        press_mouse_along(page, [(0.3, 0.2), (0.3, 0.8), (far, 0.8)])
        page.wait_for_timeout(200)
        images.append(np.array(page.locator(".answer-seen canvas").evaluate(SEEN)))
        clear(page)
    assert images[0].max() == 255
    assert np.abs(images[0] - images[1]).mean() < 1


def test_a_pointer_whose_end_never_came_does_not_hold_the_pad(page: Page, drawings: list[Drawing]) -> None:
    lost = "new PointerEvent('pointerdown', { pointerId: 77, isPrimary: true, clientX: 300, clientY: 300 })"
    page.locator("#pad canvas").evaluate(f"canvas => canvas.dispatchEvent({lost})")
    draw(page, one_of_each(drawings)[3].strokes)
    clear(page)
    draw(page, one_of_each(drawings)[3].strokes)
    wait_for_digit(page, 3)


def test_the_eraser_works_from_the_keyboard(page: Page) -> None:
    canvas = page.locator("#pad canvas")
    canvas.focus()
    page.keyboard.press("Space")
    for _ in range(10):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    whole = ink(page)
    page.get_by_role("button", name="Eraser").click()
    canvas.focus()
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    canvas.blur()
    assert 0 < ink(page) < 0.8 * whole


def test_without_its_modules_the_pad_says_so(tab: Tab, app_url: str) -> None:
    page = tab.blank()
    page.route("**/demo.js", lambda route: route.abort())
    page.goto(app_url)
    expect(page.locator(".pad-wait")).to_contain_text("could not be loaded. Reload")


def test_the_mouse_without_a_button_does_not_draw(page: Page) -> None:
    canvas = page.locator("#pad canvas")
    canvas.focus()
    page.keyboard.press("Space")  # the keyboard's pen is down
    page.wait_for_timeout(200)
    before = ink(page)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 60, steps=8)
    page.wait_for_timeout(200)
    assert ink(page) == before > 0


def test_keyboard_alone_draws_and_clears(page: Page) -> None:
    page.locator("#pad canvas").focus()
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for_digit(page, 1)
    assert "1" in page.locator(".answer-spoken").inner_text(), "what a screen reader says"
    page.keyboard.press("Escape")
    expect(page.locator("#answer .answer-digit")).to_have_text("?")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_phone_has_no_sideways_scroll_and_draws_by_touch(
    chromium: Browser, app_url: str, drawings: list[Drawing], theme: str
) -> None:
    context = chromium.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
        color_scheme=theme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(app_url)
    wait_for_pad(page)
    for tab in ("Inside", "Architecture", "Results", "Draw"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.evaluate("scrollTo(0, 0)")
    session = context.new_cdp_session(page)
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    for stroke in to_pad(one_of_each(drawings)[7].strokes, box):
        touch(session, "touchStart", stroke[0])
        for point in stroke[1:]:
            touch(session, "touchMove", point)
        touch(session, "touchEnd")
    wait_for_digit(page, 7)
    assert page.evaluate("scrollY") == 0
    bars = page.locator(".bars").bounding_box()
    assert bars is not None
    assert bars["y"] + bars["height"] <= PHONE["height"], "the answer is on the first screen"
    context.close()
