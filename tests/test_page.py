"""The page as a visitor uses it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.visitor import answered_digit, draw, to_pad, wait_for_pad
from mnist_cnn.strokes import Drawing

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, app_url: str, complaints: list[str]) -> Iterator[Page]:
    page = chromium.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def only_ours(url: str) -> None:
        if not url.startswith((app_url, "data:", "blob:")):
            complaints.append(f"asked {url}")

    page.on("request", lambda request: only_ours(request.url))
    page.goto(app_url)
    wait_for_pad(page)
    yield page
    page.close()


def one_of_each(drawings: list[Drawing]) -> list[Drawing]:
    return [next(drawing for drawing in drawings if drawing.label == digit) for digit in range(10)]


def wait_for_digit(page: Page, digit: int) -> None:
    expect(page.locator("#answer .answer-digit")).to_have_text(str(digit), timeout=15_000)


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#answer .answer-digit")).to_have_text("?", timeout=15_000)


def test_digits_drawn_with_the_mouse_are_recognised(page: Page, drawings: list[Drawing], complaints: list[str]) -> None:
    right = 0
    for drawing in one_of_each(drawings):
        draw(page, drawing.strokes)
        page.wait_for_selector("#answer .answer:not(.answer-empty)")
        page.wait_for_timeout(600)
        right += answered_digit(page) == str(drawing.label)
        clear(page)
    assert right >= 9
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
    ink = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length"
    draw(page, one_of_each(drawings)[5].strokes)
    wait_for_digit(page, 5)
    before = page.locator("#pad canvas").evaluate(ink)
    page.get_by_role("tab", name="Architecture").click()
    page.get_by_role("tab", name="Draw").click()
    page.wait_for_timeout(300)
    assert page.locator("#pad canvas").evaluate(ink) == pytest.approx(before, rel=0.02)
    assert before > 1_000
    assert answered_digit(page) == "5"


def test_clear_works_and_nothing_stale_stays_without_the_server(page: Page, drawings: list[Drawing]) -> None:
    draw(page, one_of_each(drawings)[2].strokes)
    wait_for_digit(page, 2)
    page.context.set_offline(True)
    draw(page, one_of_each(drawings)[2].strokes)
    expect(page.locator("#answer .answer-waiting")).to_be_visible()
    clear(page)
    page.context.set_offline(False)


def test_a_tap_on_ink_leaves_the_answer_standing(page: Page, drawings: list[Drawing]) -> None:
    draw(page, one_of_each(drawings)[2].strokes)
    wait_for_digit(page, 2)
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    start = to_pad(one_of_each(drawings)[2].strokes, box)[0][0]
    page.mouse.click(*start)
    page.wait_for_timeout(800)
    assert page.locator("#answer .answer-waiting").count() == 0
    assert answered_digit(page) == "2"


def test_the_mouse_without_a_button_does_not_draw(page: Page) -> None:
    ink = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length"
    canvas = page.locator("#pad canvas")
    canvas.focus()
    page.keyboard.press("Space")  # the keyboard's pen is down
    page.wait_for_timeout(200)
    before = canvas.evaluate(ink)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 60, steps=8)
    page.wait_for_timeout(200)
    assert canvas.evaluate(ink) == before > 0


def test_keyboard_alone_draws_and_clears(page: Page) -> None:
    page.locator("#pad canvas").focus()
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    wait_for_digit(page, 1)
    assert "1" in page.locator(".answer-spoken").inner_text(), "what a screen reader says"
    page.keyboard.press("Escape")
    expect(page.locator("#answer .answer-digit")).to_have_text("?", timeout=15_000)


def test_architecture_shows_the_table_of_the_chosen_iteration(page: Page, complaints: list[str]) -> None:
    page.get_by_role("tab", name="Architecture").click()
    panel = page.locator("#architecture")
    page.get_by_label("4 · steplr5").click()
    expect(panel).to_contain_text("19,434", timeout=15_000)
    conv7 = panel.locator("tr", has=page.locator("th", has_text="conv7")).locator("td")
    assert conv7.all_inner_texts() == ["16", "16", "3×3", "1", "0", "5×5", "22×22", "4", "2,320"]
    expect(panel).to_contain_text("The seed document prints 18×18")
    page.get_by_label("1 · plain").click()
    expect(panel).to_contain_text("19,146", timeout=15_000)
    assert complaints == []


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
    for tab in ("Architecture", "Draw"):
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    draw(page, one_of_each(drawings)[7].strokes)
    wait_for_digit(page, 7)
    bars = page.locator(".bars").bounding_box()
    assert bars is not None
    assert bars["y"] + bars["height"] <= PHONE["height"], "the answer is on the first screen"
    context.close()
