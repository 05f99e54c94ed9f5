"""The tab Inside, as a visitor uses it: the strip, the steps, the stages and their cells, the scores, the tour."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.stages import stages
from page.static import static_page
from testing.servers import served_folder
from testing.visitor import LOAD_MS, answered_digit, draw, to_pad, touch, wait_for_pad

PIXELS = "c => c.toDataURL()"
LEVELS = "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
STAGES = stages(trace(build(RECIPES[DEFAULT])))[:-1]


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def digit_of(drawings: list[Drawing], label: int) -> Drawing:
    return next(drawing for drawing in drawings if drawing.digit == label)


def open_inside(page: Page) -> None:
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES), timeout=LOAD_MS)


def open_stage(page: Page, number: int) -> Locator:
    """The opened stage, with its first cell chosen."""
    stage = page.locator(".stage").nth(number)
    stage.locator("summary").click()
    expect(stage.locator(".cell .map-cell")).to_be_visible()
    return stage


def draw_in_strip(page: Page, drawing: Drawing, *, lift: bool = True) -> None:
    box = page.locator(".strip-pad canvas").bounding_box()
    assert box is not None
    for stroke in to_pad(drawing.strokes, box):
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*point)
        if lift:
            page.mouse.up()


def scroll_to(page: Page, part: str) -> None:
    """Scroll until ``part`` is at the top; what comes into view above it on the way is drawn and may move it."""
    for _ in range(3):
        page.locator(part).evaluate("element => element.scrollIntoView()")
        page.wait_for_timeout(300)


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", ""))


def shares(page: Page) -> list[float]:
    found: list[float] = page.locator(".strip-bars div > span").evaluate_all(
        "all => all.map(({ style }) => Number(style.getPropertyValue('--share')))"
    )
    return found


# The strip


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
    expect(page.locator(".inside-verdict")).to_have_text(re.compile(r"^Read as 3, "))
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
    chromium: Browser, app_url: str, drawings: list[Drawing], width: int, height: int, most: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto(app_url)
    wait_for_pad(page)
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
    page.close()


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
    expect(page.locator(".answer-digit")).to_have_text("2026", timeout=10_000)
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
    expect(page.locator(".answer-probability")).to_contain_text("doesn’t look like a digit", timeout=10_000)
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


def test_the_steps_have_whole_borders_and_the_theme_s_paper(
    chromium: Browser, app_url: str, drawings: list[Drawing]
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    page.goto(app_url)
    wait_for_pad(page)
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
    page.close()


@pytest.mark.parametrize(("width", "height", "most"), [(1440, 900, 2_500), (360, 740, 3_500)])
def test_the_page_is_short_while_the_stages_are_closed(
    chromium: Browser, app_url: str, drawings: list[Drawing], width: int, height: int, most: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto(app_url)
    wait_for_pad(page)
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    whole = "document.documentElement.scrollHeight"
    assert page.evaluate(whole) <= most
    for top in range(0, page.evaluate(whole), height // 2):  # everything has been in view
        page.evaluate(f"scrollTo(0, {top})")
        page.wait_for_timeout(100)
    expect(page.locator(".why figcaption").first).not_to_be_empty()
    assert page.evaluate(whole) <= most
    page.close()


def test_a_part_out_of_view_costs_nothing_and_one_in_view_is_up_to_date(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 6).strokes)
    expect(page.locator(".answer-digit")).to_have_text("6")
    page.wait_for_timeout(500)
    assert page.locator(".steps-row canvas").count() == 0, "the tab is closed"
    open_inside(page)
    page.wait_for_timeout(300)
    assert page.locator(".why figcaption").first.inner_text() == "", "far below the screen"
    assert page.locator(".map-view").count() == 0, "the stages are closed"
    assert page.locator(".why-softmax tbody tr").count() == 0, "the fold is closed"
    scroll_to(page, ".why")
    expect(page.locator(".why-digit")).to_have_text("6")


# Stages and cells


def test_a_stage_shows_every_step_under_its_name(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    expect(page.locator(".stage h3")).to_have_text([stage.name for stage in STAGES])
    second = open_stage(page, 1)
    expect(second.locator("h4")).to_have_text(
        [
            re.compile(f"{name} +{code}")
            for name, code in (("Convolution", "conv2"), ("Max pooling", "pool1"), ("Batch norm", "bn2"), ("ReLU", "relu2"))
        ]
    )
    sizes = second.locator(".map-view canvas").evaluate_all("all => all.map((c) => c.dataset.layer)")
    assert sizes == ["conv2", "pool1", "bn2", "relu2", None]  # the last is the map that holds the cell
    page.get_by_role("tab", name="Architecture").click()
    headings = page.locator("#architecture .layers .stage-head")
    assert headings.all_inner_texts() == [stage.name for stage in stages(trace(build(RECIPES[DEFAULT])))]


def test_the_first_convolution_adds_up_in_numbers(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 8).strokes)
    levels = page.locator(".answer-seen canvas").evaluate(LEVELS)
    open_inside(page)
    stage = open_stage(page, 0)
    words = stage.locator(".inside-cell").inner_text()
    found = re.fullmatch(r"conv1, map (\d+), row (\d+), column (\d+): (−?[\d.]+)", words)
    assert found, words
    row, column, value = int(found[2]) - 1, int(found[3]) - 1, number(found[4])
    ink, weights, products = (
        [number(text) for text in grid.locator("td").all_inner_texts()] for grid in stage.locator(".sum-grid").all()
    )
    pixels = [levels[28 * (row + y) + column + x] / 255 for y in range(3) for x in range(3)]
    assert ink == pytest.approx(pixels, abs=0.006), "the drawing's own pixels"
    for amount, weight, product in zip(ink, weights, products, strict=True):
        assert product == pytest.approx(amount * weight, abs=0.03)  # each is rounded to two decimals
    sentence = stage.locator(".sum-words").inner_text()
    total, bias, result = (number(text.rstrip(".")) for text in re.findall(r"[−+]?\d[\d.]*", sentence)[1:])
    assert sum(products) == pytest.approx(total, abs=1e-9)
    assert total + bias == pytest.approx(result, abs=1e-9)
    assert result == value


def test_a_later_convolution_names_its_strongest_inputs_and_adds_up(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    stage = open_stage(page, 2)
    terms = [number(text) for text in stage.locator(".sum-inputs b").all_inner_texts()]
    assert sum(terms[:-1]) == pytest.approx(terms[-1], abs=1e-9)
    assert terms[-1] == number(stage.locator(".inside-cell").inner_text().split(": ")[1])
    strongest = [abs(term) for term in terms[:4]]
    assert strongest == sorted(strongest, reverse=True)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (740, 360), (1440, 900)])
def test_the_box_of_a_cell_lies_exactly_on_the_digit(
    chromium: Browser, app_url: str, drawings: list[Drawing], width: int, height: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto(app_url)
    wait_for_pad(page)
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    stage = open_stage(page, 2)
    rows = {row.name: row for row in trace(build(RECIPES[DEFAULT]))}
    maps = stage.locator("canvas[data-layer=conv3]")
    maps.focus()
    for _ in range(rows["conv3"].out_size):
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
    expect(stage.locator(".inside-cell")).to_contain_text("row 5, column 5:")
    box, digit = page.locator(".inside-box").bounding_box(), page.locator(".inside-digit").bounding_box()
    assert box is not None
    assert digit is not None
    assert digit["width"] == pytest.approx(digit["height"], abs=0.5)
    pixel = digit["width"] / 28
    field, jump = rows["conv3"].receptive_field, rows["conv3"].jump
    assert jump is not None
    middle = rows["conv3"].middle
    assert middle is not None
    first = middle[0] - (rows["conv3"].out_size // 2 - 4) * jump
    assert box["x"] - digit["x"] == pytest.approx(first * pixel, abs=0.6)
    assert box["y"] - digit["y"] == pytest.approx(first * pixel, abs=0.6)
    assert (box["width"], box["height"]) == pytest.approx((field * pixel, field * pixel), abs=0.6)
    glow = page.locator(".inside-heat").evaluate("""c => {
        const { data } = c.getContext('2d').getImageData(0, 0, 28, 28);
        return Array.from({ length: 784 }, (_, i) => data[4 * i + 3]); }""")
    lit = {(i // 28, i % 28) for i, strength in enumerate(glow) if strength}
    inside = range(first, first + field)
    assert lit
    assert lit <= {(row, column) for row in inside for column in inside}
    page.close()


def test_a_chosen_cell_stays_chosen_and_outlined(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 8).strokes)
    open_inside(page)
    stage = open_stage(page, 1)
    maps = stage.locator("canvas[data-layer=conv2]")
    area = maps.bounding_box()
    assert area is not None
    maps.click(position={"x": area["width"] * 0.3, "y": area["height"] * 0.3})
    words = stage.locator(".inside-cell").inner_text()
    outline = stage.locator(".map-view", has=page.locator("[data-layer=conv2]")).locator(".map-cell")
    place = outline.bounding_box()
    page.mouse.move(area["x"] + area["width"] * 0.8, area["y"] + area["height"] * 0.8)
    expect(stage.locator(".inside-cell")).not_to_have_text(words)  # a look at another one
    page.mouse.move(2, 400)
    expect(stage.locator(".inside-cell")).to_have_text(words)
    assert outline.bounding_box() == place
    draw_in_strip(page, digit_of(drawings, 1))
    name = words.split(":")[0]
    expect(stage.locator(".inside-cell")).to_contain_text(f"{name}: ")
    page.keyboard.press("Escape")
    stage.locator(".cell-map canvas").focus()
    column = int(name.split("column ")[1])
    page.keyboard.press("ArrowRight")
    expect(stage.locator(".inside-cell")).to_contain_text(f"column {column + 1}: ")
    maps.focus()
    page.keyboard.press("PageDown")
    expect(stage.locator(".inside-cell")).to_contain_text(f"map {int(re.findall(r'map ([0-9]+)', name)[0]) + 1}, ")


def test_a_chosen_cell_is_in_the_address_and_restored_from_it(
    chromium: Browser, app_url: str, drawings: list[Drawing]
) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{app_url}#tab=inside&cell=conv2.3.11.7")
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES), timeout=LOAD_MS)
    stage = page.locator(".stage").nth(1)
    expect(stage.locator(".inside-cell")).to_contain_text("conv2, map 3, row 11, column 7: ")
    stage.locator("canvas[data-layer=relu2]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("location.hash.includes('cell=relu2.')")
    for cell in ("conv9.1.1.1", "conv2.900.1.1", "bn1.1.1.1", "conv2.0.0.0"):
        page.goto("about:blank")
        page.goto(f"{app_url}#tab=inside&cell={cell}")
        expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES), timeout=LOAD_MS)
        assert page.locator(".stage[open]").count() == 0
    page.close()


# Scores


def test_scores_are_sums_that_add_up_and_another_digit_can_be_compared_with(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 7).strokes)
    open_inside(page)
    scroll_to(page, ".scores")
    columns = page.locator(".score")
    expect(columns).to_have_count(2)
    page.locator(".scores-all button").nth(1).click()
    expect(columns.locator("h3")).to_have_text([re.compile("^Score of 7: "), re.compile("^Score of 1: ")])
    page.locator(".softmax summary").click()
    scores = [number(row.locator("td").first.inner_text()) for row in page.locator(".why-softmax tbody tr").all()]
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


def test_the_softmax_is_done_with_the_numbers_of_this_drawing(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 4).strokes)
    open_inside(page)
    page.locator(".softmax summary").click()
    rows = page.locator(".why-softmax tbody tr")
    expect(rows).to_have_count(10)
    scores = [number(row.locator("td").first.inner_text()) for row in rows.all()]
    temperature = page.evaluate("""async () => {
        const demo = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/demo.js')).name;
        const { onReading } = await import(demo);
        return new Promise((resolve) =>
          onReading(({ network }) => resolve(network.description.confidence.temperature))); }""")
    powers = [math.exp((score - max(scores)) / temperature) for score in scores]
    bars = page.locator(".bar").evaluate_all("all => all.map((bar) => Number(bar.style.getPropertyValue('--share')))")
    assert [power / sum(powers) for power in powers] == pytest.approx(bars, abs=2e-3)
    rows.nth(9).hover()
    expect(page.locator(".why-arithmetic")).to_have_text(re.compile(r"^9: e\^"))
    rows.nth(2).focus()
    expect(page.locator(".why-arithmetic")).to_have_text(re.compile(r"^2: e\^"))


@pytest.mark.parametrize("name", ["1-plain", "5-pen", "6-hands"])
def test_every_network_tells_its_chain(
    chromium: Browser, tmp_path: Path, drawings: list[Drawing], name: str, complaints: list[str]
) -> None:
    for path, content in static_page(name).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    with served_folder(tmp_path) as url:
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        wait_for_pad(page)
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
        page.close()
    assert complaints == []


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
        Number(style.getPropertyValue('--share')))) === JSON.stringify({whole})""",
        timeout=10_000,
    )
    page.keyboard.press("Control+z")
    expect(page.locator(".inside-verdict")).to_contain_text(
        "an example" if len(digit_of(drawings, 2).strokes) == 1 else "Read"
    )


def test_with_less_motion_nothing_is_written_step_by_step(chromium: Browser, app_url: str, drawings: list[Drawing]) -> None:
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(app_url)
    wait_for_pad(page)
    draw(page, digit_of(drawings, 2).strokes)
    open_inside(page)
    whole = shares(page)
    page.get_by_role("button", name="Write it again, slowly").click()
    for _ in range(5):
        page.wait_for_timeout(60)
        assert shares(page) == whole
    expect(page.locator(".inside-verdict")).to_contain_text("asks for less motion")
    page.close()
