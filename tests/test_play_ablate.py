"""Channels that are switched off: the engine, what was measured of them, and *Break it* as a visitor uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect
from test_axe import complaints_of

from mnist_cnn import ablation, checkpoint
from mnist_cnn import play as command
from mnist_cnn.browser_format import export
from mnist_cnn.confidence import digit_probabilities
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.packed import from_four_bits, to_four_bits, unpack
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import load_answers
from page.play import OWN_FILES
from page.static import static_page
from testing.inside import digit_of
from testing.node import run_node
from testing.visitor import Tab, Theme, draw

FOLDER = checkpoint.SHIPPED / DEFAULT
CHANNELS = sum(layer.out_channels for layer in RECIPES[DEFAULT].layers)
SOME_CHANNELS = ("relu1", 3), ("relu3", 20), ("relu5", 7)


# What was measured


@pytest.mark.parametrize("file", [file for file in command.FILES if (FOLDER / file).exists()])
def test_a_measured_file_belongs_to_the_network_and_goes_to_the_page(file: str) -> None:
    about, _ = unpack((FOLDER / file).read_bytes())
    assert about["crc32"] == export(checkpoint.load(FOLDER), DEFAULT).description["crc32"], (
        f"{file} was measured on another network: python -m mnist_cnn.play"
    )
    assert file in OWN_FILES


def test_the_command_measures_what_is_shipped(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    about, _ = unpack((FOLDER / ablation.FILE).read_bytes())
    net = checkpoint.load(FOLDER)
    assert {name: len(counts) for name, counts in about["without"].items()} == ablation.switchable(net)
    answers = load_answers(FOLDER)
    assert (about["n"], about["right"]) == (answers.digits, answers.digits - len(answers.wrong))
    if official_mnist is None:
        return
    for name, channel in SOME_CHANNELS[::2]:  # a pass over all test digits each
        found = ablation.count_right(net, official_mnist[1], {name: [channel]})
        assert found == about["without"][name][channel], f"{name}, channel {channel}"


def test_the_test_digits_for_the_browser_are_those_of_mnist(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    about, arrays = unpack((FOLDER / ablation.DIGITS_FILE).read_bytes())
    images = from_four_bits(arrays["pixels"])
    assert (about["n"], about["of"]) == (len(images), 10_000) == (1_000, 10_000)
    if official_mnist is None:
        return
    chosen = np.random.default_rng(about["seed"]).choice(10_000, 1_000, replace=False)
    test = official_mnist[1]
    assert (test.labels[chosen].numpy() == arrays["labels"]).all()
    assert np.abs(test.images[chosen].numpy().astype(int) - images).max() <= 9


def test_counting_every_channel_is_counting_each(mnist: tuple[Dataset, Dataset]) -> None:
    digits, net = mnist[1][:40], checkpoint.load(FOLDER)
    counts = ablation.count_without_each(net, digits)
    for name, channel in SOME_CHANNELS:
        assert counts[name][channel] == ablation.count_right(net, digits, {name: [channel]})


@pytest.mark.parametrize("name", RECIPES)
def test_a_channel_is_off_after_its_relu(name: str) -> None:
    """Against weights: what reads the channels of the last ReLU no longer finds one whose filter and shift are 0."""
    net = checkpoint.load(checkpoint.SHIPPED / name)
    images = torch.randn(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    last = list(ablation.switchable(net))[-1]
    found = ablation.run_without(net, images, {last: [2]})
    number = last.removeprefix("relu")
    with torch.no_grad():
        norm = getattr(net, f"bn{number}", None)
        for module in [getattr(net, f"conv{number}")] if norm is None else [norm]:
            module.weight[2] = 0
            module.bias[2] = 0
    assert torch.allclose(found, net(images), atol=1e-5)
    assert torch.equal(net(images), ablation.run_without(net, images, {}))


# The browser


FOUR_BITS_JS = "import { fromFourBits } from '@web/engine/fourbits.js';"
ENGINE_JS = "import { countRight, interval, runWithout, switchable } from '@web/engine/ablation.js';"


@pytest.mark.parametrize("name", RECIPES)
def test_the_browser_switches_off_what_python_does(name: str, mnist: tuple[Dataset, Dataset]) -> None:
    net, digits = checkpoint.load(checkpoint.SHIPPED / name), mnist[1][:12]
    layers = list(ablation.switchable(net))
    offs = [{}, {layers[0]: [3]}, {layers[2]: [0, 7, 9]}, {layers[-1]: [1, 5], layers[1]: [0, 2, 15]}]
    found = run_node(
        ENGINE_JS,
        """
        const entries = (off) => Object.entries(off).map(([name, channels]) => [name, new Set(channels)]);
        const offs = given.offs.map((off) => new Map(entries(off)));
        const without = (image, off) => Array.from(runWithout(network, network.run(image), off).logProbs);
        return {
          switchable: Object.fromEntries(switchable(network.description)),
          logProbs: offs.map((off) => images.map((image) => without(image, off))),
          right: offs.map((off) => countRight(network, images, given.labels, off)),
        };
        """,
        net=net,
        images=digits.images.numpy(),
        offs=offs,
        labels=digits.labels.tolist(),
    )
    assert found["switchable"] == ablation.switchable(net)
    for off, log_probs, right in zip(offs, found["logProbs"], found["right"], strict=True):
        ours = ablation.run_without(net, standardise(digits.images), off)
        assert np.allclose(log_probs, ours, atol=2e-3), off
        assert right == ablation.count_right(net, digits, off)
        assert digit_probabilities(ours).argmax(dim=1).eq(digits.labels).sum() == right


def test_the_browser_unpacks_what_python_packs() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 28, 28), np.uint8)
    packed = to_four_bits(images)
    found = run_node(
        FOUR_BITS_JS, "return fromFourBits(given.pixels).map((image) => Array.from(image));", pixels=packed.ravel().tolist()
    )
    assert found == from_four_bits(packed).reshape(3, -1).tolist()


def test_the_interval_is_wilsons() -> None:
    """Values of statsmodels' ``proportion_confint(method="wilson")``."""
    found = run_node(ENGINE_JS, "return [[993, 1000], [0, 50], [50, 50]].map(([right, n]) => interval(right, n));")
    expected = [(0.98563, 0.99661), (0.0, 0.07135), (0.92865, 1.0)]
    assert [(each["low"], each["high"]) for each in found] == [pytest.approx(pair, abs=2e-5) for pair in expected]


@pytest.fixture
def part(app_page: Page, complaints: list[str], drawings: list[Drawing]) -> Iterator[Page]:
    """The page with a 4 on the pad and *Break it* open."""
    draw(app_page, digit_of(drawings, 4).strokes)
    app_page.get_by_role("tab", name="Play").click()
    open_part(app_page)
    yield app_page
    assert complaints == []


def open_part(page: Page) -> None:
    page.locator(".play-part[data-part=ablate] summary").click()
    expect(page.locator(".wall-tile")).to_have_count(CHANNELS)


HEIGHTS = """all => all.map((bar) => [[bar, '--share'], [bar.querySelector('.play-before'), '--before']].map(
  ([{ style }, name]) => Number(style.getPropertyValue(name))))"""
PAINTED = "all => all.map((canvas) => canvas.toDataURL())"


def test_a_click_switches_a_channel_off_and_everything_behind_it_changes(part: Page) -> None:
    canvases = part.locator(".wall-tile canvas")
    before, bars = canvases.evaluate_all(PAINTED), part.locator(".play-bars > span")
    heights = bars.evaluate_all(HEIGHTS)
    assert [now for now, _ in heights] == [then for _, then in heights]
    about, _ = unpack((FOLDER / ablation.FILE).read_bytes())
    all_on, without = about["right"] / 100, about["without"]["relu2"][8] / 100
    expect(part.locator(".ablate-count")).to_contain_text(f"{all_on:.2f}\u00a0% of MNIST’s 10,000 test digits")
    tile = part.locator(".wall-row").nth(1).locator(".wall-tile").nth(8)
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    expect(part.locator(".ablate-count")).to_contain_text(f"{without:.2f}\u00a0% instead of {all_on:.2f}\u00a0%")
    after = canvases.evaluate_all(PAINTED)
    assert after[:16] == before[:16], "the stage before it stays"
    assert sum(old != new for old, new in zip(before[32:], after[32:], strict=True)) > 60, "all later stages change"
    changed = bars.evaluate_all(HEIGHTS)
    assert [then for _, then in changed] == [then for _, then in heights]
    assert changed != heights
    tile.click()
    assert canvases.evaluate_all(PAINTED) == before
    assert bars.evaluate_all(HEIGHTS) == heights


def test_several_channels_are_counted_on_test_digits_beside_the_page(part: Page) -> None:
    net = checkpoint.load(FOLDER)
    _, arrays = unpack((FOLDER / ablation.DIGITS_FILE).read_bytes())
    images, labels = from_four_bits(arrays["pixels"]), arrays["labels"].astype(np.int64)
    right = ablation.count_right(
        net, Dataset(torch.from_numpy(images), torch.from_numpy(labels)), {"relu1": [0, 3], "relu5": [1]}
    )
    before_relu5 = sum(list(ablation.switchable(net).values())[:4])
    for place in (0, 3, before_relu5 + 1):
        part.locator(".wall-tile").nth(place).click()
    expect(part.locator(".ablate-count")).to_contain_text("test digits so far")
    words = rf"reads {right / 10:.1f}\s% of 1,000 test digits; of all 10,000, .* \(95\s% interval\)"
    expect(part.locator(".ablate-count")).to_have_text(re.compile(f"Without these 3 channels it {words}"), timeout=60_000)


def test_what_the_answer_needs_most_is_found_and_marked(part: Page) -> None:
    part.locator(".ablate-most").click()
    expect(part.locator(".ablate-most-words")).to_contain_text(f"Of {CHANNELS} channels")
    ranks = part.locator(".wall-tile").evaluate_all(
        "all => all.map(({ dataset }) => dataset.rank ?? '').filter(Boolean).sort()"
    )
    assert ranks == ["1", "2", "3", "4", "5"]
    part.locator("[data-rank='1']").click()
    expect(part.locator("[data-rank]")).to_have_count(0)  # with one off, other channels matter


def test_all_but_one_of_a_row_are_switched_off_and_all_on_again(part: Page) -> None:
    but, on, off = part.locator(".ablate-but"), part.locator(".ablate-on"), part.locator(".wall-tile[aria-pressed=true]")
    expect(but).to_be_disabled()
    expect(on).to_be_disabled()
    part.locator(".wall-tile").nth(5).click()
    but.click()
    expect(off).to_have_count(15)
    expect(part.locator(".wall-tile").nth(5)).to_have_attribute("aria-pressed", "false")
    on.click()
    expect(off).to_have_count(0)


def test_the_keys_move_between_tiles_and_switch_them(part: Page) -> None:
    tiles = part.locator(".wall-tile")
    assert tiles.evaluate_all("all => all.filter(({ tabIndex }) => tabIndex === 0).length") == 1
    tiles.first.focus()
    for key in ("ArrowRight", "ArrowDown", "Space"):
        part.keyboard.press(key)
    expect(tiles.nth(17)).to_have_attribute("aria-pressed", "true")
    part.keyboard.press("Enter")
    expect(tiles.nth(17)).to_have_attribute("aria-pressed", "false")
    part.keyboard.press("End")
    expect(tiles.last).to_be_focused()


def test_a_new_drawing_is_read_by_the_broken_network(part: Page, drawings: list[Drawing]) -> None:
    part.locator(".wall-tile").nth(3).click()
    canvas = part.locator(".wall-tile canvas").first
    before = canvas.evaluate("c => c.toDataURL()")
    part.locator(".play-clear").click()
    expect(part.locator(".ablate-was")).to_contain_text("With all channels on: 8")
    assert canvas.evaluate("c => c.toDataURL()") != before
    expect(part.locator(".wall-tile[aria-pressed=true]")).to_have_count(1)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(tab: Tab, app_url: str, width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    page.get_by_role("tab", name="Play").click()
    open_part(page)
    page.locator(".wall-tile").nth(3).click()
    page.locator(".ablate-most").click()
    expect(page.locator("[data-rank='1']")).to_be_visible()
    assert complaints_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator(".ablate button").all()[::10]:
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def test_from_a_disk_the_test_digits_are_counted_too(tab: Tab, tmp_path: Path) -> None:
    for name, content in static_page(DEFAULT).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    page = tab.open((tmp_path / "index.html").as_uri())
    open_part(page)
    for place in (0, 3):
        page.locator(".wall-tile").nth(place).click()
    expect(page.locator(".ablate-count")).to_contain_text("test digits so far")


def test_without_what_was_measured_the_wall_works(tab: Tab, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(static_page(DEFAULT)["index.html"])
    page = tab.open((tmp_path / "index.html").as_uri())
    open_part(page)
    page.locator(".wall-tile").nth(3).click()
    expect(page.locator(".ablate-count")).to_contain_text("is not known: the data could not be loaded")
