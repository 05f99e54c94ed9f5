"""The scores, the softmax, the tour and the play button of *Inside*, as a visitor uses them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import RECIPES
from page.static import static_page
from testing.inside import (
    PIXELS,
    digit_of,
    draw_in_strip,
    number,
    open_inside,
    open_stage,
    scroll_to,
    shares,
    softmax_scores,
)
from testing.servers import served_files
from testing.visitor import Tab, answered_digit, draw

CARD_COVERS_NO_SUM = """() => {
  const [sum, card] = ['.sum-grids', '.tour'].map((part) => document.querySelector(part).getBoundingClientRect());
  return sum.bottom <= card.top; }"""


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def test_scores_are_sums_that_add_up_and_another_digit_can_be_compared_with(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 7).strokes)
    open_inside(page)
    scroll_to(page, ".scores")
    columns = page.locator(".score")
    expect(columns).to_have_count(2)
    page.locator(".scores-all button").nth(1).click()
    expect(columns.locator("h3")).to_have_text([re.compile("^Score of 7: "), re.compile("^Score of 1: ")])
    scores = softmax_scores(page)
    for column, digit in zip(columns.all(), (7, 1), strict=True):
        total = number(column.locator("h3 b").inner_text())
        terms = [number(text) for text in column.locator("li b").all_inner_texts()]
        assert sum(terms) == pytest.approx(total, abs=1e-9)
        assert total == pytest.approx(scores[digit], abs=0.011)
        for product, term in zip(column.locator(".term-product").all_inner_texts()[:5], terms, strict=False):
            mean, weight = (number(text) for text in product.split(" × "))
            assert mean * weight == pytest.approx(term, rel=0.03, abs=0.03)
        strongest = [abs(term) for term in terms[:5]]
        assert strongest == sorted(strongest, reverse=True)
    scroll_to(page, ".why")
    caption = page.locator(".why-contrast + figcaption")
    expect(caption).to_contain_text("Why 7 and not 1")
    first = page.locator(".why-contrast").evaluate(PIXELS)
    page.locator(".why-others button").nth(2).click()
    expect(caption).to_contain_text("Why 7 and not 2")
    expect(columns.nth(1).locator("h3")).to_contain_text("Score of 2")
    assert page.locator(".why-contrast").evaluate(PIXELS) != first
    expect(page.locator(".why-others button").nth(7)).to_be_disabled()


def test_the_ink_for_and_against_adds_up_to_the_difference_of_the_scores(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 7).strokes)
    open_inside(page)
    scroll_to(page, ".scores")
    printed = [number(text) for text in page.locator(".score h3 b").all_inner_texts()]
    scroll_to(page, ".why")
    caption = page.locator(".why-contrast + figcaption")
    expect(caption).to_contain_text("Together")
    orange, blue, paper, total = (number(text) for text in re.findall(r"[−+]\d+\.\d\d", caption.inner_text()))
    assert orange > 0 > blue
    assert orange + blue + paper == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(printed[0] - printed[1], abs=1e-9)


def test_the_two_percentages_are_told_apart(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 7).strokes)
    answered = re.findall(r"(?:>\s)?[\d.]+\s%", page.locator(".answer-probability").inner_text())
    open_inside(page)
    scroll_to(page, ".scores")
    expect(page.locator(".scores-refusal")).to_contain_text(f"if it is a digit, which? 7: {answered[0]}")
    expect(page.locator(".scores-refusal")).to_contain_text("is it a digit at all?")


def test_the_softmax_is_done_with_the_numbers_of_this_drawing(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 4).strokes)
    open_inside(page)
    scores = softmax_scores(page)
    temperature = page.evaluate("""async () => {
        const demo = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/demo.js')).name;
        const { onReading } = await import(demo);
        return new Promise((resolve) =>
          onReading(({ network }) => resolve(network.description.confidence.temperature))); }""")
    powers = [math.exp((score - max(scores)) / temperature) for score in scores]
    bars = page.locator(".bar").evaluate_all("all => all.map((bar) => Number(bar.style.getPropertyValue('--share')))")
    assert [power / sum(powers) for power in powers] == pytest.approx(bars, abs=2e-3)
    rows = page.locator(".why-softmax tbody tr")
    rows.nth(9).hover()
    expect(page.locator(".why-arithmetic")).to_have_text(re.compile(r"^9: e\^"))
    rows.nth(2).focus()
    expect(page.locator(".why-arithmetic")).to_have_text(re.compile(r"^2: e\^"))


@pytest.mark.parametrize("name", ["1-plain", "5-pen", "6-hands"])
def test_every_network_tells_its_chain(tab: Tab, drawings: list[Drawing], name: str) -> None:
    with served_files(static_page(name)) as url:
        page = tab.open(url)
        draw(page, digit_of(drawings, 3).strokes)
        assert answered_digit(page) == "3"
        scroll_to(page, ".scores")
        expect(page.locator(".score h3").first).to_contain_text("Score of 3: ")
        for number_ in range(page.locator(".stage").count()):
            open_stage(page, number_)
        if RECIPES[name].classes == 11:
            expect(page.locator(".scores-refusal")).to_contain_text("an eleventh score, for “not a digit”")
            page.get_by_role("button", name=re.compile("a star")).click()
            page.wait_for_timeout(1_500)
            scroll_to(page, ".scores")
            expect(page.locator(".score h3").first).to_contain_text("Score of “not a digit”: ")
            terms = [number(text) for text in page.locator(".score").first.locator("li b").all_inner_texts()]
            total = number(page.locator(".score h3 b").first.inner_text())
            assert sum(terms) == pytest.approx(total, abs=1e-9)
            expect(page.locator(".scores-refusal")).to_contain_text("this one is refused")
    assert tab.errors == []


# The tour and the play button


def test_the_tour_has_six_steps_on_the_example_or_on_the_drawing(page: Page, drawings: list[Drawing]) -> None:
    open_inside(page)
    for label in (8, 7):  # the example, then a drawing
        if label == 7:
            draw_in_strip(page, digit_of(drawings, 7))
        page.get_by_role("button", name="Understand it in six steps").click()
        card = page.locator(".tour")
        titles = set()
        for step in range(1, 7):
            expect(card.locator(".tour-count")).to_have_text(f"Step {step} of 6")
            titles.add(card.locator("h3").inner_text())
            expect(page.locator(".tour-here")).to_be_in_viewport()
            expect(card).to_be_in_viewport()
            if step == 2:
                expect(page.locator(".sum-grid").first).to_be_visible()
                page.wait_for_function(CARD_COVERS_NO_SUM)
            if step == 5:
                expect(card.locator(".tour-words")).to_contain_text(f"For {label}, map ")
            assert page.locator(".tour-next").evaluate("button => button === document.activeElement")
            page.keyboard.press("Enter")
        assert len(titles) == 6
        expect(card).to_be_hidden()
    page.get_by_role("button", name="Understand it in six steps").click()
    page.keyboard.press("Escape")
    expect(page.locator(".tour")).to_be_hidden()
    expect(page.locator(".inside-verdict")).to_contain_text("Read as 7")  # Escape has ended the tour and cleared nothing


def test_play_writes_the_drawing_again_and_leaves_it_as_it_was(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 2).strokes)
    open_inside(page)
    whole = shares(page)
    page.get_by_role("button", name="Write it again, slowly").click()
    page.wait_for_timeout(250)
    assert shares(page) != whole, "only the beginning is there"
    page.wait_for_function(
        f"""() => JSON.stringify([...document.querySelectorAll('.strip-bars div > span')].map(({{ style }}) =>
        Number(style.getPropertyValue('--share')))) === JSON.stringify({whole})"""
    )
    page.keyboard.press("Control+z")
    expect(page.locator(".inside-verdict")).to_contain_text(
        "an example" if len(digit_of(drawings, 2).strokes) == 1 else "Read"
    )


def test_with_less_motion_nothing_is_written_step_by_step(tab: Tab, app_url: str, drawings: list[Drawing]) -> None:
    page = tab.open(app_url, less_motion=True)
    draw(page, digit_of(drawings, 2).strokes)
    open_inside(page)
    whole = shares(page)
    page.get_by_role("button", name="Write it again, slowly").click()
    for _ in range(5):
        page.wait_for_timeout(60)
        assert shares(page) == whole
    expect(page.locator(".inside-verdict")).to_contain_text("asks for less motion")
