"""Drawings the wrong way round: named as a question, and never taken for the answer."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.confidence import NOT_A_DIGIT, Confidence, load_confidence
from mnist_cnn.drawing.picture import views
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing, render
from mnist_cnn.orientation import WAYS, wrong_way_round
from mnist_cnn.predict import answer_of, predict
from mnist_cnn.recipes import DEFAULT
from testing.node import run_node
from testing.rows import side_by_side
from testing.visitor import draw

THREE: list[Stroke] = [
    [(0.36, 0.26), (0.5, 0.2), (0.64, 0.28), (0.62, 0.4), (0.48, 0.47), (0.64, 0.55), (0.68, 0.7), (0.54, 0.8), (0.35, 0.75)]
]
"""A 3 that is sure as it stands, and refused in a mirror."""
COUNT = 150


def mirrored(strokes: list[Stroke]) -> list[Stroke]:
    return [[(1 - x, y) for x, y in stroke] for stroke in strokes]


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(checkpoint.SHIPPED / DEFAULT)


@pytest.fixture(scope="module")
def confidence(net: nn.Sequential) -> Confidence:
    found = load_confidence(checkpoint.SHIPPED / DEFAULT, net)
    assert found is not None
    return found


def image_of(strokes: list[Stroke]) -> NDArray[np.uint8]:
    image = normalise_strokes(strokes)
    assert image is not None
    return image


def picture_of(strokes: list[Stroke], side: int = 200) -> NDArray[np.uint8]:
    return render([[(side * x, side * y) for x, y in stroke] for stroke in strokes], size=side, brush=side * 0.05)


def test_views_are_what_turned_strokes_look_like() -> None:
    def turned(strokes: list[Stroke], quarters: int) -> list[Stroke]:
        return strokes if quarters == 0 else turned([[(y, 1 - x) for x, y in stroke] for stroke in strokes], quarters - 1)

    upside_down = [[(x, 1 - y) for x, y in stroke] for stroke in THREE]
    expected = [image_of(each) for each in (mirrored(THREE), upside_down, *(turned(THREE, k) for k in (1, 2, 3)))]
    found = views(image_of(THREE))
    assert len(found) == len(WAYS)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 2


def test_a_mirrored_three_is_refused_and_named(net: nn.Sequential, confidence: Confidence) -> None:
    seen = image_of(mirrored(THREE))
    assert answer_of(net, seen, confidence)["verdict"] == NOT_A_DIGIT
    assert wrong_way_round(net, seen, confidence) == {"digit": 3, "how": "mirrored"}
    star = [[(0.5, 0.2), (0.676, 0.743), (0.215, 0.407), (0.785, 0.407), (0.324, 0.743), (0.5, 0.2)]]
    assert wrong_way_round(net, image_of(star), confidence) is None
    assert wrong_way_round(net, np.zeros((28, 28), np.uint8), confidence) is None


def test_predict_says_it_beside_the_digit_only(net: nn.Sequential, confidence: Confidence) -> None:
    found = predict(net, picture_of(mirrored(THREE)), confidence)
    assert found["verdict"] == NOT_A_DIGIT
    assert found["number"] == ""
    assert found["digits"][0].get("wrong_way_round") == {"digit": 3, "how": "mirrored"}
    assert "wrong_way_round" not in found
    assert "wrong_way_round" not in predict(net, picture_of(THREE), confidence)["digits"][0]
    assert "wrong_way_round" not in predict(net, picture_of(mirrored(THREE)))["digits"][0], "without a confidence"
    json.dumps(found)


def test_both_engines_turn_and_name_alike(net: nn.Sequential, confidence: Confidence, drawings: list[Drawing]) -> None:
    images = []
    for number, drawing in enumerate(drawings[:COUNT]):
        strokes = [[(x / TABLET_SIZE, y / TABLET_SIZE) for x, y in stroke] for stroke in drawing.strokes]
        images.append(views(image_of(strokes))[number % len(WAYS)])
    found = run_node(
        """import { wrongWayRound } from '@web/engine/orientation.js';
        import { views } from '@web/engine/picture.js';""",
        """return images.map((image) =>
          ({ views: views(image).map((view) => Array.from(view)), named: wrongWayRound(network, image) }));""",
        net=net,
        confidence=confidence,
        images=images,
    )
    for image, theirs in zip(images, found, strict=True):
        assert np.array_equal(np.array(theirs["views"], np.uint8).reshape(-1, 28, 28), views(image))
        assert theirs["named"] == wrong_way_round(net, image, confidence)
    assert sum(each["named"] is not None for each in found) > len(found) / 10


def test_the_page_asks_once_the_stroke_has_ended(app_page: Page, complaints: list[str]) -> None:
    draw(app_page, mirrored(THREE))
    expect(app_page.locator(".answer-closest")).to_have_text("A 3 the wrong way round?")
    expect(app_page.locator(".answer-digit")).to_have_text("–")
    expect(app_page.locator(".answer-probability")).to_have_text("This doesn’t look like a digit")
    expect(app_page.locator(".answer-spoken")).to_have_text(re.compile(r"A 3 the wrong way round\?$"))
    assert app_page.locator(".bar-top").count() == 0
    expect(app_page.locator(".answer-how")).to_contain_text("PyTorch on the server agrees.")
    app_page.keyboard.press("Escape")
    draw(app_page, side_by_side([THREE, mirrored(THREE)]), fill=0.85)
    expect(app_page.locator(".answer-digit")).to_have_text("3?")
    expect(app_page.locator(".answer-closest")).to_have_text("A 3 the wrong way round?")  # of the selected one, the last
    app_page.locator(".answer-chips button").first.click()
    expect(app_page.locator(".answer-closest")).to_have_text("")
    assert complaints == []


def test_while_the_pen_moves_nothing_is_asked(page: Page) -> None:
    box = page.locator("#pad canvas").bounding_box()
    assert box is not None
    (stroke,) = mirrored(THREE)
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=3)
    expect(page.locator(".answer-closest")).to_have_text(re.compile(r"^If it had to choose: \d$"))
    page.mouse.up()
    expect(page.locator(".answer-closest")).to_have_text("A 3 the wrong way round?")


def test_the_api_gives_the_field_over_http(app_url: str, tmp_path: Path) -> None:
    path = tmp_path / "three.png"
    Image.fromarray(picture_of(mirrored(THREE))).save(path)
    answer = Client(app_url, verbose=False).predict(handle_file(path), api_name="/predict")
    assert answer["digits"][0]["wrong_way_round"] == {"digit": 3, "how": "mirrored"}
