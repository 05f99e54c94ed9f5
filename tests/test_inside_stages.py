"""The stages of *Inside* and their cells, as a visitor uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.stages import stages
from testing.inside import LEVELS, STAGES, digit_of, draw_in_strip, number, open_inside, open_stage
from testing.visitor import Tab, draw


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


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
    tab: Tab, app_url: str, drawings: list[Drawing], width: int, height: int
) -> None:
    page = tab.open(app_url, width=width, height=height)
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


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        ("conv5.1.6.6", "18×18 pixels; after the pooling that follows, 20×20."),
        ("pool2.1.3.3", "20×20 pixels."),
        ("conv3.1.1.1", "8×8 pixels (the rest of 10×10 lies outside the picture)."),
    ],
)
def test_a_cell_says_why_its_field_is_not_that_of_its_stage(tab: Tab, app_url: str, cell: str, field: str) -> None:
    page = tab.blank()
    page.goto(f"{app_url}#tab=inside&cell={cell}")
    words = page.locator(".cell-field")
    expect(words).to_contain_text(f"The square on the drawing is its receptive field: {field}")


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


def test_a_chosen_cell_is_in_the_address_and_restored_from_it(tab: Tab, app_url: str, drawings: list[Drawing]) -> None:
    page = tab.blank()
    page.goto(f"{app_url}#tab=inside&cell=conv2.3.11.7")
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES))
    stage = page.locator(".stage").nth(1)
    expect(stage.locator(".inside-cell")).to_contain_text("conv2, map 3, row 11, column 7: ")
    stage.locator("canvas[data-layer=relu2]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("location.hash.includes('cell=relu2.')")
    for cell in ("conv9.1.1.1", "conv2.900.1.1", "bn1.1.1.1", "conv2.0.0.0"):
        page.goto("about:blank")
        page.goto(f"{app_url}#tab=inside&cell={cell}")
        expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES))
        assert page.locator(".stage[open]").count() == 0


# Scores
