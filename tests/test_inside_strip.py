"""The strip of *Inside* and the steps, as a visitor uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from testing.inside import LEVELS, PIXELS, digit_of, draw_in_strip, open_inside, scroll_to, shares
from testing.visitor import Tab, draw, to_pad, touch, wait_for_pad


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def test_what_is_drawn_in_the_strip_moves_everything_while_the_pen_moves(page: Page, drawings: list[Drawing]) -> None:
    open_inside(page)
    thumbnails = page.locator(".strip canvas")
    before = [canvas.evaluate(PIXELS) for canvas in thumbnails.all()]
    stage = page.locator(".stage summary canvas").first
    stage.scroll_into_view_if_needed()
    maps = stage.evaluate(PIXELS)
    draw_in_strip(page, digit_of(drawings, 3), lift=False)
    page.wait_for_timeout(200)
    assert all(canvas.evaluate(PIXELS) != old for canvas, old in zip(thumbnails.all(), before, strict=True))
    assert stage.evaluate(PIXELS) != maps
    assert shares(page).index(max(shares(page))) == 3
    expect(page.locator(".inside-verdict")).to_contain_text("an example")  # a screen reader waits for the end of the stroke
    page.mouse.up()
    expect(page.locator(".inside-verdict")).to_have_text(re.compile(r"^Read as 3: "))
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator("#answer .answer-digit")).to_have_text("3")
    assert page.locator(".bar").evaluate_all(
        "all => all.map((bar) => Number(bar.style.getPropertyValue('--share')))"
    ) == shares(page)


def test_the_strip_is_drawn_in_from_the_keyboard(page: Page) -> None:
    open_inside(page)
    page.locator(".strip-pad canvas").focus()
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".inside-verdict")).to_contain_text("Read as 1")
    page.keyboard.press("Control+z")
    expect(page.locator(".inside-verdict")).to_contain_text("an example")
    page.keyboard.press("Control+y")
    expect(page.locator(".inside-verdict")).to_contain_text("Read as 1")
    page.get_by_role("button", name="Clear the pad").click()
    expect(page.locator(".inside-verdict")).to_contain_text("an example")
    assert page.locator(".strip-pad canvas").evaluate("canvas => canvas === document.activeElement")


@pytest.mark.parametrize(("width", "height", "most"), [(360, 740, 98), (390, 844, 98), (740, 360, 98), (1440, 900, 140)])
def test_the_strip_stays_in_view_and_is_one_row(
    tab: Tab, app_url: str, drawings: list[Drawing], width: int, height: int, most: int
) -> None:
    page = tab.open(app_url, width=width, height=height)
    draw(page, digit_of(drawings, 5).strokes)
    open_inside(page)
    page.evaluate("scrollTo(0, 1500)")
    page.wait_for_timeout(200)
    strip = page.locator(".strip").bounding_box()
    assert strip is not None
    assert strip["y"] == pytest.approx(0, abs=1)
    assert strip["height"] <= most
    for part in page.locator(".strip canvas, .strip-bars div").all():
        box = part.bounding_box()
        assert box is not None
        assert strip["y"] <= box["y"]
        assert box["y"] + box["height"] <= strip["y"] + strip["height"] + 1
        assert strip["x"] <= box["x"]
        assert box["x"] + box["width"] <= strip["x"] + strip["width"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_finger_draws_in_the_strip_and_does_not_scroll(chromium: Browser, app_url: str, drawings: list[Drawing]) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(app_url)
    wait_for_pad(page)
    open_inside(page)
    page.evaluate("scrollTo(0, 600)")
    page.wait_for_timeout(200)
    session = context.new_cdp_session(page)
    box = page.locator(".strip-pad canvas").bounding_box()
    assert box is not None
    before = page.locator(".stages").bounding_box()
    for stroke in to_pad(digit_of(drawings, 7).strokes, box):
        touch(session, "touchStart", stroke[0])
        for point in stroke[1:]:
            touch(session, "touchMove", point)
        touch(session, "touchEnd")
    page.wait_for_timeout(300)
    assert shares(page).index(max(shares(page))) == 7
    after = page.locator(".stages").bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == pytest.approx(before["y"], abs=2)
    context.close()


def test_a_thumbnail_leads_to_its_stage(page: Page) -> None:
    open_inside(page)
    page.locator(".strip-map").nth(3).click()
    page.wait_for_timeout(800)
    strip, stage = page.locator(".strip").bounding_box(), page.locator(".stage").nth(3).bounding_box()
    assert strip is not None
    assert stage is not None
    assert strip["height"] <= stage["y"] <= strip["height"] + 40


# What is shown


def test_an_empty_pad_shows_an_example_and_says_so(page: Page, drawings: list[Drawing]) -> None:
    open_inside(page)
    expect(page.locator(".inside-verdict")).to_contain_text("this is an example")
    expect(page.locator(".why-digit")).to_have_text("8")
    expect(page.locator(".steps-row p").first).to_contain_text("The example")
    draw_in_strip(page, digit_of(drawings, 7))
    expect(page.locator(".why-digit")).to_have_text("7")
    expect(page.locator(".steps-row p").first).to_contain_text("Your drawing")


def test_a_digit_of_a_number_is_chosen_here_too(page: Page) -> None:
    page.get_by_role("button", name="Example: 2026").click()
    expect(page.locator(".answer-digit")).to_have_text("2026")
    open_inside(page)
    expect(page.locator(".inside-verdict")).to_contain_text("4 digits")
    chips = page.locator(".inside-digits button")
    expect(chips).to_have_text(["2", "0", "2", "6"])
    expect(chips.nth(3)).to_have_attribute("aria-pressed", "true")
    chips.nth(1).click()
    expect(page.locator(".why-digit")).to_have_text("0")
    expect(chips.nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("tab", name="Draw").click()
    expect(page.locator(".answer-chips button").nth(1)).to_have_attribute("aria-pressed", "true")


def test_a_refused_drawing_is_said_to_be_refused(page: Page) -> None:
    page.get_by_role("button", name=re.compile("a star")).click()
    expect(page.locator(".answer-probability")).to_contain_text("doesn’t look like a digit")
    open_inside(page)
    expect(page.locator(".inside-verdict")).to_contain_text("doesn’t look like a digit. If it had to choose: ")
    expect(page.locator(".strip-top")).to_have_count(0)
    scroll_to(page, ".scores")
    expect(page.locator(".scores-refusal")).to_contain_text("this one is refused")


def test_the_steps_from_drawing_to_network_and_what_happens_without(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 1).strokes, fill=0.3)
    seen = page.locator(".answer-seen canvas").evaluate(LEVELS)
    open_inside(page)
    steps = page.locator(".steps-row canvas")
    expect(steps).to_have_count(4)
    assert len({step.evaluate(PIXELS) for step in steps.all()}) == 4, "every step shows something else"
    sizes = steps.evaluate_all("all => all.map(({ width, height }) => Math.max(width, height))")
    assert 20 <= sizes[2] <= 22  # with the soft edge around 20
    assert sizes[3] == 28
    assert steps.nth(3).evaluate(LEVELS) == seen
    page.get_by_role("switch", name="just shrink").check()
    expect(page.locator(".steps-row canvas")).to_have_count(2)
    expect(page.locator(".steps-words")).to_contain_text("Just shrunk, it")
    resized = page.locator(".steps-row canvas").nth(1).evaluate(LEVELS)
    rows = [i // 28 for i, level in enumerate(resized) if level > 60]
    assert 5 <= max(rows) - min(rows) + 1 <= 14  # still a third of the pad


def test_the_steps_have_whole_borders_and_the_theme_s_paper(tab: Tab, app_url: str, drawings: list[Drawing]) -> None:
    page = tab.open(app_url, theme="dark")
    draw(page, digit_of(drawings, 4).strokes)
    open_inside(page)
    frames = page.locator(".steps-row div")
    expect(frames).to_have_count(4)
    paper = page.locator(".strip-pad canvas").evaluate("e => getComputedStyle(e).backgroundColor")
    for place, frame in enumerate(frames.all()):
        box, picture = frame.bounding_box(), frame.locator("canvas").bounding_box()
        assert box is not None
        assert picture is not None
        assert frame.evaluate("e => parseFloat(getComputedStyle(e).borderTopWidth)") >= 1
        assert picture["width"] <= box["width"] - 2
        assert picture["height"] <= box["height"] - 2
        if place < 2:
            assert frame.evaluate("e => getComputedStyle(e).backgroundColor") == paper
            assert frame.locator("canvas").evaluate("c => c.getContext('2d').getImageData(0, 0, 1, 1).data[3]") == 0


@pytest.mark.parametrize(("width", "height", "most"), [(1440, 900, 2_600), (360, 740, 3_650)])
def test_the_page_is_short_while_the_stages_are_closed(
    tab: Tab, app_url: str, drawings: list[Drawing], width: int, height: int, most: int
) -> None:
    page = tab.open(app_url, width=width, height=height)
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    expect(page.locator(".why figcaption").first).not_to_be_empty()  # every part has been filled
    whole = "document.documentElement.scrollHeight"
    tall = page.evaluate(whole)
    assert tall <= most
    for top in range(0, tall, height // 2):
        page.evaluate(f"scrollTo(0, {top})")
        page.wait_for_timeout(100)
    assert page.evaluate(whole) == tall, "nothing grows when it comes into view"


def test_a_part_out_of_view_costs_nothing_and_one_in_view_is_up_to_date(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 6).strokes)
    expect(page.locator(".answer-digit")).to_have_text("6")
    page.wait_for_timeout(500)
    assert page.locator(".steps-row canvas").count() == 0, "the tab is closed"
    open_inside(page)
    caption = page.locator(".why figcaption").first
    expect(caption).to_contain_text("Why 6")
    assert page.locator(".map-view").count() == 0, "the stages are closed"
    assert page.locator(".why-softmax tbody tr").count() == 0, "the fold is closed"
    page.locator(".strip-clear").click()
    draw_in_strip(page, digit_of(drawings, 3))
    expect(page.locator(".strip-top")).to_have_text("3")
    page.wait_for_timeout(300)
    expect(caption).to_contain_text("Why 6")  # far below the screen
    scroll_to(page, ".why")
    expect(caption).to_contain_text("Why 3")


# Stages and cells
