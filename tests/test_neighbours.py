"""The training digits most like a drawing: how they are found, and the fold of *Inside* that shows them."""

from __future__ import annotations

import base64
import re

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from test_axe import complaints_of

from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.features import features_of
from mnist_cnn.neighbours import FILE, nearest, share_nearer
from mnist_cnn.packed import from_four_bits, unpack
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.training.exemplars import exemplars
from page.static import script
from testing.inside import digit_of, open_inside, scroll_to
from testing.node import run_node
from testing.visitor import Tab, Theme, draw

CONTENT = (checkpoint.SHIPPED / DEFAULT / FILE).read_bytes()
MAX_BYTES = 400_000
ENGINE_JS = "import { nearest, shareNearer } from '@web/engine/neighbours.js';"


def test_the_shipped_digits_are_read_as_their_labels_and_their_numbers_are_the_networks() -> None:
    about, arrays = unpack(CONTENT)
    known = arrays["features"] * arrays["scales"]
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    images = from_four_bits(arrays["pixels"])[::20]
    found = features_of(net, standardise(torch.from_numpy(images))).numpy()
    assert np.abs(found - known[::20]).max() < 0.5  # the images have 16 levels of grey
    assert np.median(np.abs(found - known[::20])) < 0.02
    assert np.bincount(arrays["labels"]).min() >= 190
    assert set(arrays["sources"]) == {0, 1, 2}
    assert about["of"] == 60_000 + 13_400
    assert (len(arrays["usual"]), about["writers"]) == (3_625, 37)
    assert (np.diff(arrays["usual"]) >= 0).all()


def test_it_is_small_in_the_form_that_is_shipped() -> None:
    assert len(script("neighbours", CONTENT)) <= MAX_BYTES
    assert len(base64.b64encode(CONTENT)) <= MAX_BYTES


def test_exemplars_cover_every_group_of_a_digit() -> None:
    random = np.random.default_rng(0)
    centres = random.normal(size=(10, 3, 5)) * 50  # three ways to write each digit
    features = (centres[:, :, None] + random.normal(size=(10, 3, 40, 5))).reshape(-1, 5).astype(np.float32)
    labels = np.repeat(np.arange(10), 120)
    chosen = exemplars(features, labels, 3)
    assert sorted(chosen // 40) == list(range(30))


def test_both_languages_find_the_same(mnist: tuple[Dataset, Dataset]) -> None:
    _, arrays = unpack(CONTENT)
    known = arrays["features"] * arrays["scales"]
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    drawings = features_of(net, standardise(mnist[1].images[:5])).numpy()
    found = run_node(
        ENGINE_JS,
        """
        const found = given.drawings.map((features) => nearest(features, given.known, 6));
        const shares = found.map(([{ distance }]) => shareNearer(distance, given.usual));
        return { found, shares };
        """,
        known=known.ravel().tolist(),
        drawings=drawings.tolist(),
        usual=arrays["usual"].tolist(),
    )
    for features, theirs, share in zip(drawings, found["found"], found["shares"], strict=True):
        places, distances = nearest(features, known, 6)
        assert [each["place"] for each in theirs] == places
        assert [each["distance"] for each in theirs] == pytest.approx(distances, abs=1e-4)
        assert share == share_nearer(theirs[0]["distance"], arrays["usual"])


def test_a_digit_of_the_training_set_finds_itself() -> None:
    _, arrays = unpack(CONTENT)
    known = arrays["features"] * arrays["scales"]
    places, distances = nearest(known[77], known, 3)
    assert (places[0], distances[0]) == (77, 0)
    assert share_nearer(0, arrays["usual"]) == 0
    assert share_nearer(1e9, arrays["usual"]) == 1


# A visitor


def open_near(page: Page) -> None:
    open_inside(page)
    scroll_to(page, ".why")
    page.get_by_role("button", name="Training digits most like yours").click()
    expect(page.locator(".near-list li")).to_have_count(6)


def test_the_nearest_training_digits_are_those_of_the_drawing(
    tab: Tab, app_page: Page, complaints: list[str], drawings: list[Drawing]
) -> None:
    draw(app_page, digit_of(drawings, 6).strokes)
    open_inside(app_page)
    scroll_to(app_page, ".why")
    assert not [url for url in tab.asked if "neighbours" in url], "it is loaded when it is opened"
    open_near(app_page)
    assert app_page.locator(".near-list b").all_inner_texts().count("6") >= 5
    expect(app_page.locator(".near-words")).to_contain_text(re.compile("Your drawing is (nearer|farther) .* 37 people"))
    expect(app_page.locator(".near-note")).to_contain_text("trained on 73,400 digits")
    app_page.get_by_role("button", name="Training digits most like yours").click()
    expect(app_page.locator(".near")).to_be_hidden()
    assert complaints == []


def test_a_refused_drawing_is_far_from_all_of_them(app_page: Page) -> None:
    app_page.get_by_role("button", name=re.compile("a star")).click()
    expect(app_page.locator(".answer-probability")).to_contain_text("doesn’t look like a digit")
    open_near(app_page)
    words = re.compile("farther from every training digit than .* it was refused")
    expect(app_page.locator(".near-words")).to_have_text(words)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_the_open_fold(tab: Tab, app_url: str, width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    open_near(page)
    assert complaints_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
