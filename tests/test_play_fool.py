"""*Fool it*: pixels that make the network read another digit, found by the page and by the visitor."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from test_axe import complaints_of

from mnist_cnn import checkpoint
from mnist_cnn.confidence import DIGIT, load_confidence
from mnist_cnn.drawing.strokes import normalise_strokes
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing
from mnist_cnn.predict import answer_of
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing.node import run_node
from testing.visitor import Tab, Theme, draw

SEARCH_MS = 90_000
"""For a search and the trial of every single pixel, on a machine that is busy."""
LEVELS = "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
FOUND = re.compile(r"^Found with (\d+) pixels?")
COUNT = 5


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the static page on a disk."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_bytes(static_page(DEFAULT)["index.html"])
    return (folder / "index.html").as_uri()


def open_fool(page: Page) -> Locator:
    """The opened part, on the tab *Play* where there are tabs."""
    tab = page.get_by_role("tab", name="Play")
    if tab.count():
        tab.click()
    part = page.locator("[data-part=fool]")
    part.locator("summary").click()
    expect(part.locator(".fool-start")).to_be_visible()
    return part


def shown_image(part: Locator) -> list[int]:
    found: list[int] = part.locator("canvas").evaluate(LEVELS)
    return found


@pytest.fixture
def quiet(tab: Tab, app_url: str) -> Iterator[Page]:
    """The served app of a visitor who wants no motion."""
    yield tab.open(app_url, less_motion=True)
    assert tab.errors == []


def test_the_shipped_network_is_fooled_by_few_pixels_and_pytorch_is_fooled_too(drawings: list[Drawing]) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    confidence = load_confidence(checkpoint.SHIPPED / DEFAULT, net)
    strokes = [
        [[(x / TABLET_SIZE, y / TABLET_SIZE) for x, y in stroke] for stroke in each.strokes] for each in drawings[:COUNT]
    ]
    images = [image for each in strokes if (image := normalise_strokes(each)) is not None]
    found = run_node(
        "import { attack, differences, MAX_PIXELS } from '@web/engine/attack.js';",
        """return images.map((image) => {
          const search = attack(network, image, null);
          let step = search.next();
          while (!step.done && step.value.what !== 'checked') step = search.next(); // every single pixel takes its time
          const { answer, changed } = step.value;
          return { seen: Array.from(answer.seen), changed, differ: differences(image, answer.seen), most: MAX_PIXELS };
        });""",
        net=net,
        confidence=confidence,
        images=images,
    )
    for image, outcome in zip(images, found, strict=True):
        before = answer_of(net, image, confidence)
        fooled = np.array(outcome["seen"], np.uint8).reshape(28, 28)
        after = answer_of(net, fooled, confidence)
        assert after["verdict"] == DIGIT
        assert after["digit"] != before["digit"]
        assert sorted(outcome["changed"]) == outcome["differ"] == np.flatnonzero(image != fooled).tolist()
        assert 0 < len(outcome["changed"]) < outcome["most"] / 2
        for at in outcome["changed"]:  # none can be taken back
            less = fooled.copy().reshape(-1)
            less[at] = image.reshape(-1)[at]
            answer = answer_of(net, less.reshape(28, 28), confidence)
            assert answer["verdict"] != DIGIT or answer["digit"] == before["digit"]


def test_without_motion_the_result_is_there_at_once_and_goes_onto_the_pad(quiet: Page, drawings: list[Drawing]) -> None:
    draw(quiet, next(each.strokes for each in drawings if each.digit == 4))
    expect(quiet.locator(".answer-digit")).to_have_text("4")
    part = open_fool(quiet)
    expect(part.locator(".fool-says")).to_have_attribute("role", "status")
    before = shown_image(part)
    part.locator(".fool-start").click()
    expect(part.locator(".fool-says")).to_have_text(re.compile("ways were tried|the fewest"), timeout=SEARCH_MS)
    said = part.locator(".fool-says").inner_text()
    match = FOUND.match(said)
    assert match, said
    changed = sum(a != b for a, b in zip(before, shown_image(part), strict=True))
    assert changed == int(match[1]) == int(part.locator(".fool-count b").inner_text())
    assert part.locator(".board-added, .board-removed").count() == changed
    digit = part.locator(".play-top b").inner_text()
    assert digit != "4"
    assert f"It reads {digit}" in said
    part.locator(".fool-put").click()
    expect(quiet.locator(".play-now b")).to_have_text(digit)
    assert part.locator(".board-added, .board-removed").count() == changed, "the part still shows what was changed"
    quiet.get_by_role("tab", name="Draw").click()
    expect(quiet.locator(".answer-digit")).to_have_text(digit)
    expect(quiet.locator(".pad-message")).to_contain_text(f"{changed} pixel")


def test_pixel_by_pixel_with_step_pause_and_again_towards_a_wanted_digit(app_page: Page, complaints: list[str]) -> None:
    part = open_fool(app_page)  # the example, an 8
    expect(part.locator(".play-choice button").nth(9)).to_be_disabled()
    part.get_by_role("button", name="3", exact=True).click()
    before = shown_image(part)
    part.locator(".fool-step").click()
    expect(part.locator(".fool-count b")).to_have_text("1", timeout=SEARCH_MS)
    expect(part.locator(".fool-says")).to_have_text(re.compile("^1 pixel so far: "))
    part.locator(".fool-start").click()
    expect(part.locator(".fool-count b")).not_to_have_text("1", timeout=SEARCH_MS)
    part.get_by_role("button", name="Pause").click()
    expect(part.locator(".fool-says")).to_have_text(re.compile(r"^\d+ pixels so far: "))
    app_page.wait_for_timeout(500)
    held = part.locator(".fool-count b").inner_text()
    app_page.wait_for_timeout(700)
    assert part.locator(".fool-count b").inner_text() == held
    part.get_by_role("button", name="Again").click()
    expect(part.locator(".fool-count b")).to_have_text("0")
    assert shown_image(part) == before
    assert complaints == []


def test_the_visitor_changes_pixels_with_mouse_and_keys_and_is_told_what_it_reads(
    app_page: Page, complaints: list[str]
) -> None:
    part = open_fool(app_page)
    canvas = part.locator("canvas")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": 2.5 / 28 * box["width"], "y": 1.5 / 28 * box["height"]})
    assert shown_image(part)[28 + 2] == 255
    expect(part.locator(".fool-says")).to_have_text(re.compile("^1 pixel: It reads 8: "))
    expect(part.locator(".board-added")).to_have_count(1)
    canvas.press("ArrowRight")
    expect(part.locator(".fool-spoken")).to_have_text("Row 2, column 4: blank")
    canvas.press("Enter")
    expect(part.locator(".fool-count b")).to_have_text("2")
    canvas.press("Enter")
    expect(part.locator(".fool-count b")).to_have_text("1")  # taken back
    for row in range(3, 26):  # an eraser and noise, until it is no digit
        for column in (10, 13, 16, 19):
            canvas.click(position={"x": (column + 0.5) / 28 * box["width"], "y": (row + 0.5) / 28 * box["height"]})
        if "That is not another digit" in part.locator(".fool-says").inner_text():
            break
    assert re.search("That is not another digit|^Done with", part.locator(".fool-says").inner_text())
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_the_open_part(tab: Tab, disk: str, width: int, theme: Theme) -> None:
    page = tab.open(disk, width=width, theme=theme, less_motion=True)
    part = open_fool(page)
    part.locator("canvas").click(position={"x": 50, "y": 20})
    assert complaints_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
