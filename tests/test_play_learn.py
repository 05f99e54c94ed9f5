"""*Watch it learn*, as a visitor uses it: the slider, the play button, the versions, and pages without snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_axe import complaints_of

import export
from mnist_cnn import checkpoint
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.snapshots import FILE, load_snapshots
from page.seed_document import LOG_OF_4
from testing.inside import PIXELS, digit_of
from testing.visitor import Tab, Theme, draw


def open_learn(page: Page) -> None:
    page.get_by_role("tab", name="Play").click()
    page.locator("[data-part=learn] summary").click()
    expect(page.locator(".learn-filters canvas")).to_have_count(32)


@pytest.fixture
def page(app_page: Page, complaints: list[str], drawings: list[Drawing]) -> Iterator[Page]:
    draw(app_page, digit_of(drawings, 3).strokes)
    open_learn(app_page)
    yield app_page
    assert complaints == []


def test_the_slider_goes_from_untrained_to_trained(page: Page) -> None:
    moments = load_snapshots(checkpoint.SHIPPED / DEFAULT / FILE)[1]
    slider, name = page.locator(".learn-slider"), page.locator(".learn-name")
    expect(name).to_have_text("Untrained")
    filters = page.locator(".learn-filters canvas").first.evaluate(PIXELS)
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("After 30 steps")
    page.keyboard.press("End")
    expect(name).to_have_text(f"After epoch {moments[-1].epoch}")
    expect(page.locator(".learn-digit")).to_have_text("3")
    expect(page.locator(".learn-accuracy")).to_contain_text(f"{moments[-1].test_accuracy:.2f} %")
    assert page.locator(".learn-filters canvas").first.evaluate(PIXELS) != filters
    said = slider.get_attribute("aria-valuetext") or ""
    assert re.fullmatch(r"After epoch 19: 3 with >?\s?[\d.]+\s%; [\d.]+ % of the test digits right", said)


def test_it_plays_to_the_end_and_can_be_stopped(page: Page) -> None:
    page.locator(".learn-slider").evaluate("s => { s.value = 20; s.dispatchEvent(new Event('input')); }")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".learn-name")).to_have_text("After epoch 19")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("[data-part=learn] .unseen")).to_contain_text("After epoch 19: 3")
    page.get_by_role("button", name="Play", exact=True).click()  # again from the start
    expect(page.locator(".learn-name")).to_have_text("After 10 steps")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(1_200)
    expect(page.locator(".learn-name")).to_have_text("After 10 steps")


def test_it_follows_the_drawing(page: Page, drawings: list[Drawing]) -> None:
    page.locator(".learn-slider").focus()
    page.keyboard.press("End")
    page.locator(".play-clear").click()
    expect(page.locator(".learn-digit")).to_have_text("8")  # the example
    page.get_by_role("tab", name="Draw").click()
    draw(page, digit_of(drawings, 7).strokes)
    page.get_by_role("tab", name="Play").click()
    expect(page.locator(".learn-digit")).to_have_text("7")


def test_the_fourth_version_learns_beside_the_printed_log(page: Page) -> None:
    page.get_by_role("button", name="Version 4").click()
    rows = page.locator(".learn-log tr")
    expect(rows).to_have_count(3)
    assert rows.nth(1).locator("td").all_inner_texts() == [f"{accuracy:.2f}" for _, accuracy in LOG_OF_4]
    ours = [moment for moment in load_snapshots(checkpoint.SHIPPED / "4-steplr5" / FILE)[1] if moment.epoch]
    assert rows.nth(2).locator("td").all_inner_texts() == [f"{each.test_accuracy:.2f}" for each in ours[: len(LOG_OF_4)]]
    expect(page.locator(".learn-printed")).to_have_count(len(LOG_OF_4))
    box = page.locator(".learn-curve").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 16, box["y"] + 50)
    expect(page.locator(".learn-name")).to_have_text("After epoch 19")
    page.get_by_role("button", name="Version 6").click()
    expect(page.locator(".learn-log tr")).to_have_count(0)


def test_a_page_of_another_network_says_whose_training_it_shows(tab: Tab, tmp_path: Path) -> None:
    assert export.main(["--iteration", "1", "--out", str(tmp_path / "page")]) == 0
    page = tab.open((tmp_path / "page" / "index.html").as_uri())
    page.locator("[data-part=learn] summary").click()
    expect(page.locator("[data-part=learn]")).to_contain_text("this page’s own network learned was not recorded")
    expect(page.locator(".learn-name")).to_have_text("Untrained")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(tab: Tab, app_url: str, drawings: list[Drawing], width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    draw(page, digit_of(drawings, 3).strokes)
    open_learn(page)
    page.get_by_role("button", name="Version 4").click()
    expect(page.locator(".learn-log tr")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints_of(page) == []


def test_the_trained_network_says_what_the_page_says(app_page: Page) -> None:
    app_page.get_by_role("button", name=re.compile("a star")).click()
    expect(app_page.locator(".answer-probability")).to_contain_text("doesn’t look like a digit")
    open_learn(app_page)
    app_page.locator(".learn-slider").press("End")
    expect(app_page.locator(".learn-digit")).to_have_text(app_page.locator(".play-now b").inner_text())
    expect(app_page.locator(".learn-certainty")).to_have_text("This doesn’t look like a digit")
