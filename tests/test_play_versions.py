"""*Do all versions agree?*, as a visitor uses it; the whole page with another version, and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from test_axe import complaints_of

import export
from mnist_cnn.drawing.unipen import Drawing, render
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import RECIPES
from mnist_cnn.stages import stages
from page.iterations import TITLES
from testing.inside import PIXELS, STAGES, digit_of, open_inside, open_stage, scroll_to, softmax_scores
from testing.pen_digits import save_picture
from testing.visitor import Tab, Theme, draw, to_pad

FOURTH = "4-steplr5"
STAGES_OF_4 = stages(trace(build(RECIPES[FOURTH])))[:-1]


def open_versions(page: Page) -> None:
    page.locator(".play-versions").click()
    expect(page.locator(".versions-row")).to_have_count(len(RECIPES))


@pytest.fixture
def page(app_page: Page, complaints: list[str], drawings: list[Drawing]) -> Iterator[Page]:
    draw(app_page, digit_of(drawings, 3).strokes)
    open_versions(app_page)
    yield app_page
    assert complaints == []


def row(page: Page, name: str) -> int:
    return list(RECIPES).index(name)


def test_every_version_answers_and_the_line_counts(page: Page) -> None:
    expect(page.locator(".versions-line")).to_have_text(re.compile(r"^(All|[2-5] of) 6 versions agree: it is a 3\.$"))
    assert page.locator(".versions-row b:first-child").first.inner_text() == TITLES["1-plain"]
    expect(page.locator(".versions-row").nth(5)).to_contain_text("MNIST and people’s strokes")
    expect(page.locator(".versions-row[aria-pressed=true] .versions-words-of b")).to_have_text(TITLES["6-hands"])
    page.locator(".versions-fold summary").click()
    expect(page.locator(".versions-row").first).to_be_hidden()


def test_it_follows_the_pen_and_the_plain_resize(page: Page, drawings: list[Drawing]) -> None:
    page.locator(".pad-clear").click()
    expect(page.locator(".versions-line")).to_contain_text("Draw a digit")
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    stroke = to_pad(digit_of(drawings, 1).strokes[:1], box)[0]
    page.mouse.move(*stroke[0])
    page.mouse.down()
    for point in stroke[1:]:
        page.mouse.move(*point)
    expect(page.locator(".versions-line")).to_contain_text("agree")  # the pen is still down
    page.mouse.up()
    page.keyboard.press("Escape")
    corner = {**box, "width": box["width"] / 4, "height": box["height"] / 4}
    for stroke in to_pad(digit_of(drawings, 2).strokes, corner):  # type: ignore[arg-type]
        page.mouse.move(*stroke[0])
        page.mouse.down()
        for point in stroke[1:]:
            page.mouse.move(*point)
        page.mouse.up()
    before = page.locator(".versions-sign").all_inner_texts()
    page.get_by_role("switch", name="just shrink").last.check()
    expect(page.locator(".play-panel .versions-words")).to_contain_text("just shrunk")
    assert page.locator(".versions-sign").all_inner_texts() != before


def test_the_whole_page_reads_with_another_version_and_back(page: Page, drawings: list[Drawing]) -> None:
    open_inside(page)
    open_stage(page, 4)  # of maps that the other version does not have
    page.get_by_role("tab", name="Draw").click()
    page.locator(".versions-row").nth(row(page, FOURTH)).click()
    expect(page.locator(".answer-how")).to_contain_text("Read with version 4 · steplr5.")
    expect(page.locator(".versions-row[aria-pressed=true] .versions-words-of b")).to_have_text(TITLES[FOURTH])

    page.get_by_role("tab", name="Inside").click()
    expect(page.locator(".inside-verdict")).to_contain_text("Read with version 4")
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES_OF_4))
    expect(page.locator(".stage")).to_have_count(len(STAGES_OF_4))
    stage = open_stage(page, 2)
    maps = stage.locator(".map-view canvas").first
    assert maps.evaluate("c => c.width") == 8 * 29 - 1, "28×28 pixels, with a padding"
    before = maps.evaluate(PIXELS)
    page.locator(".strip-clear").click()
    expect(page.locator(".inside-verdict")).to_contain_text("an example")
    assert maps.evaluate(PIXELS) != before
    scroll_to(page, ".scores")
    assert len(softmax_scores(page)) == 10
    expect(page.locator(".scores-lead")).to_contain_text("5×5 numbers")

    page.get_by_role("tab", name="Draw").click()
    draw(page, digit_of(drawings, 3).strokes)
    page.get_by_role("button", name="Back to version 6").click()
    expect(page.locator(".answer-how")).not_to_contain_text("Read with version")
    expect(page.get_by_role("button", name="Back to version 6")).to_be_hidden()
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES))
    expect(page.locator(".stage")).to_have_count(len(STAGES))
    open_stage(page, 1)
    expect(page.locator(".inside-verdict")).not_to_contain_text("Read with version")


def test_a_picture_is_read_with_the_chosen_version(page: Page, drawings: list[Drawing], tmp_path: Path) -> None:
    save_picture(digit_of(drawings, 7), tmp_path / "seven.png")
    page.locator(".versions-row").nth(row(page, FOURTH)).click()
    with page.expect_worker():
        page.locator(".pad-upload input").set_input_files(tmp_path / "seven.png")
    expect(page.locator(".answer-digit")).to_have_text("7")
    expect(page.locator(".answer-how")).to_contain_text("Read with version 4")
    expect(page.locator(".versions-line")).to_contain_text("7")


def test_the_page_on_a_disk_asks_its_other_versions(tab: Tab, drawings: list[Drawing], tmp_path: Path) -> None:
    assert export.main(["--out", str(tmp_path / "page")]) == 0
    page = tab.open((tmp_path / "page" / "index.html").as_uri())
    draw(page, digit_of(drawings, 3).strokes)
    open_versions(page)
    page.locator(".versions-row").nth(row(page, FOURTH)).click()
    expect(page.locator(".answer-how")).to_contain_text("Read with version 4")
    page.locator(".inside").scroll_into_view_if_needed()
    expect(page.locator(".strip-map canvas")).to_have_count(len(STAGES_OF_4))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(tab: Tab, app_url: str, drawings: list[Drawing], width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    draw(page, digit_of(drawings, 3).strokes)
    open_versions(page)
    page.locator(".versions-row").nth(3).click()
    page.get_by_role("switch", name="just shrink").last.check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints_of(page) == []


def test_a_photograph_is_read_with_the_version_that_is_chosen(page: Page, tmp_path: Path) -> None:
    letter = [[(200.0, 850.0), (200.0, 150.0), (500.0, 600.0), (800.0, 150.0), (800.0, 850.0)]]  # a capital M
    Image.fromarray(render(letter, size=1000, brush=60)).save(tmp_path / "letter.png")
    page.locator(".pad-upload input").set_input_files(tmp_path / "letter.png")
    certainty = page.locator(".answer-probability")
    expect(certainty).to_have_text("This doesn’t look like a digit")
    page.locator(".versions-row").nth(row(page, FOURTH)).click()
    expect(certainty).to_contain_text("%")  # it has no eleventh output and always answers
    page.locator(".versions-row").nth(row(page, "6-hands")).click()
    expect(certainty).to_have_text("This doesn’t look like a digit")
