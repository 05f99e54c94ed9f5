"""Numbers, examples, pictures and the tab Inside, as a visitor uses them in a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing, render
from testing.visitor import answered_digit, draw


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def digit_of(drawings: list[Drawing], label: int) -> Drawing:
    return next(drawing for drawing in drawings if drawing.digit == label)


def row_of(drawings: list[Drawing], labels: list[int]) -> list[Stroke]:
    """The digits side by side, equally high."""
    strokes: list[Stroke] = []
    for place, label in enumerate(labels):
        points = np.concatenate([np.array(stroke) for stroke in digit_of(drawings, label).strokes])
        low, extent = points.min(axis=0), np.ptp(points, axis=0)
        for stroke in digit_of(drawings, label).strokes:
            moved = (np.array(stroke) - low) / extent[1] * 100
            strokes.append([(float(x) + 110 * place, float(y)) for x, y in moved])
    return strokes


def open_inside(page: Page) -> None:
    page.get_by_role("tab", name="Inside").click()
    expect(page.locator(".strip-map canvas").first).to_be_visible()


def open_stage(page: Page, name: str) -> Locator:
    """The opened stage ``name``."""
    stage = page.locator(".stage", has=page.get_by_role("heading", name=name, exact=True))
    stage.locator("summary").click()
    expect(stage.locator(".map-view canvas").first).to_be_visible()
    return stage


def test_several_digits_are_read_as_one_number_and_one_by_one(page: Page, drawings: list[Drawing]) -> None:
    draw(page, row_of(drawings, [2, 0, 6]), fill=0.8)
    expect(page.locator(".answer-digit")).to_have_text("206")
    expect(page.locator(".pad-boxes span")).to_have_text(["2", "0", "6"])
    boxes = [box.bounding_box() for box in page.locator(".pad-boxes span").all()]
    lefts = [box["x"] for box in boxes if box]
    assert lefts == sorted(lefts)
    assert len(lefts) == 3
    expect(page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees.")
    chips = page.locator(".answer-chips button")
    expect(chips).to_have_text(["2", "0", "6"])
    expect(page.locator(".bar-top b")).to_have_text("6")
    chips.nth(0).click()
    expect(page.locator(".bar-top b")).to_have_text("2")
    expect(chips.nth(0)).to_have_attribute("aria-pressed", "true")
    open_inside(page)
    expect(page.locator(".why-digit")).to_have_text("2")
    page.get_by_role("tab", name="Draw").click()
    page.locator(".pad-clear").click()
    expect(page.locator(".answer-digit")).to_have_text("?")
    expect(page.locator(".answer-chips button")).to_have_count(0)
    expect(page.locator(".pad-boxes span")).to_have_count(0)


def test_examples_are_written_on_the_pad_and_can_be_taken_back(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 3).strokes)
    expect(page.locator(".answer-digit")).to_have_text("3")
    page.get_by_role("button", name="Example: 2026").click()
    expect(page.locator(".answer-digit")).to_have_text("2026")
    page.locator(".pad-undo").click()
    expect(page.locator(".answer-digit")).to_have_text("3")
    page.get_by_role("button", name="Example: a 4").click()
    page.wait_for_timeout(120)  # in the middle of being written
    page.locator(".pad-clear").click()
    expect(page.locator(".answer-digit")).to_have_text("?")
    page.wait_for_timeout(900)
    assert answered_digit(page) == "?"


def test_a_star_is_not_taken_for_a_digit(page: Page) -> None:
    page.get_by_role("button", name=re.compile("a star")).click()
    expect(page.locator(".answer-probability")).to_have_text("This doesn’t look like a digit")


def test_a_picture_can_be_imported_and_undone(page: Page, drawings: list[Drawing], tmp_path: Path) -> None:
    picture = render(digit_of(drawings, 5).strokes, size=500, brush=16)
    path = tmp_path / "five.png"
    Image.fromarray(np.stack([picture, picture // 2 + 90, picture], axis=2)).save(path)
    upload = page.locator(".pad-upload input")
    upload.set_input_files(path)
    expect(page.locator(".answer-digit")).to_have_text("5")
    expect(page.locator(".pad-boxes span")).to_have_count(1)
    # a file that is not a picture takes the old one and its answer away, and says why
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    upload.set_input_files(broken)
    expect(page.locator(".pad-message")).to_contain_text("cannot be read as a picture")
    expect(page.locator(".answer-digit")).to_have_text("?")
    page.locator(".pad-undo").click()
    expect(page.locator(".answer-digit")).to_have_text("5")
    page.locator(".pad-undo").click()
    expect(page.locator(".answer-digit")).to_have_text("?")
    heic = {"name": "IMG_1.HEIC", "mimeType": "", "buffer": b"\0\0\0\x18ftypheic"}
    upload.set_input_files(heic)  # type: ignore[arg-type]
    expect(page.locator(".pad-message")).to_contain_text("This is a HEIC photo")


def test_a_picture_without_ink_gets_a_sentence(page: Page) -> None:
    buffer = io.BytesIO()
    Image.new("L", (300, 200), 230).save(buffer, "PNG")
    page.locator(".pad-upload input").set_input_files(
        {"name": "empty.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    )
    expect(page.locator(".pad-message")).to_contain_text("No digit was found in this picture")


def test_a_test_digit_on_the_pad_is_seen_as_it_is_and_can_be_drawn_over(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    page.locator(".gallery button").first.click()
    expect(page.locator("#pad canvas")).to_be_visible()
    expect(page.locator(".answer-digit")).to_have_text(re.compile(r"^\d$"))
    ink = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length"
    page.wait_for_timeout(200)
    before = page.locator("#pad canvas").evaluate(ink)
    assert before > 1_000
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.1 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], middle, steps=5)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert page.locator("#pad canvas").evaluate(ink) > before
    expect(page.locator(".answer-digit")).to_have_text(re.compile(r"^\d+$"))
    open_inside(page)
    expect(page.locator(".steps-row canvas")).to_have_count(4)
