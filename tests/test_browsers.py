"""The page in three browsers: it draws, reads, takes a picture, opens every tab and calculates as PyTorch does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser

from mnist_cnn import checkpoint
from mnist_cnn.data import standardise
from mnist_cnn.drawing.strokes import normalise_strokes
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing import browsers
from testing.browsers import Driver, bring, draw, in_module, read_until, wait_until
from testing.pen_digits import pen_digits, save_picture

NAMES = ("chromium", "firefox", "webkit")
TOLERANCE = 1e-4
READY = "document.querySelector('#pad .pad-ready canvas') && document.querySelector('#answer .answer-empty')"


@pytest.fixture(scope="module", params=NAMES)
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    if request.param == "chromium":
        chromium: Browser = request.getfixturevalue("chromium")
        with browsers.chromium(chromium) as found:
            yield found
    else:
        with {"firefox": browsers.firefox, "webkit": browsers.webkit}[request.param]() as found:
            yield found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the static page on the disk."""
    folder = tmp_path_factory.mktemp("page")
    checkpoint.write_whole({folder / name: content for name, content in static_page(DEFAULT).items()})
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "seven.png"
    save_picture(digit(7), path)
    return path


def digit(label: int) -> Drawing:
    return next(drawing for drawing in pen_digits() if drawing.digit == label)


def answer(driver: Driver, wanted: str) -> str:
    return read_until(lambda: str(driver.evaluate("return document.querySelector('.answer-digit').innerText")), wanted)


def clear(driver: Driver) -> None:
    wait_until(driver, "!document.querySelector('.pad-clear').disabled")  # at the next frame
    driver.evaluate("document.querySelector('.pad-clear').click()")
    wait_until(driver, "document.querySelector('.answer-empty')")


def test_digits_are_drawn_and_read(driver: Driver, file: str) -> None:
    driver.open(file)
    wait_until(driver, READY)
    for label in (0, 2, 3, 7):
        draw(driver, digit(label).strokes)
        assert answer(driver, str(label)) == str(label)
        clear(driver)


def test_a_picture_is_read(driver: Driver, file: str, picture: Path) -> None:
    driver.open(file)
    wait_until(driver, READY)
    bring(driver, picture)
    assert answer(driver, "7") == "7"


def test_every_part_of_play_opens_from_a_disk(driver: Driver, file: str) -> None:
    driver.open(file)
    wait_until(driver, READY)
    draw(driver, digit(3).strokes)
    assert answer(driver, "3") == "3"
    for name in ("learn", "ablate", "fool", "challenge"):
        part = f"document.querySelector('.play-part[data-part={name}]')"
        driver.evaluate(f"{part}.querySelector('summary').click()")
        wait_until(driver, f"{part}.querySelector('.play-body > *') && !{part}.querySelector('.play-wait')")
        assert driver.evaluate(f"return {part}.querySelector('.play-trouble').innerText") == ""
    for name in ("teach", "versions"):
        driver.evaluate(f"document.querySelector('.play-{name}').click()")
        wait_until(driver, "document.querySelector('.play-panel .play-body > *')")


def test_every_layer_has_the_values_of_pytorch(driver: Driver, file: str) -> None:
    seen = normalise_strokes(digit(8).strokes)
    assert seen is not None
    driver.open(file)
    wait_until(driver, READY)
    found = in_module(
        driver,
        f"""
        const {{ onReading }} = await import('pad/demo.js');
        const network = await new Promise((ready) => onReading((reading) => ready(reading.network)));
        const {{ activations }} = network.run({seen.flatten().tolist()});
        return Object.fromEntries([...activations].map(([name, maps]) => [name, Array.from(maps.data)]));
        """,
    )
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    values = standardise(torch.from_numpy(seen)[None])
    compared = 0
    with torch.inference_mode():
        for name, layer in net.named_children():
            values = layer(values)
            if name in found and not name.startswith("conv"):  # the browser's convolutions have batch norm folded in
                largest = max(1.0, float(values.abs().max()))
                difference = np.abs(np.array(found[name]) - values.flatten().numpy()).max()
                assert difference <= TOLERANCE * largest, name
                compared += 1
    assert compared > 8


def test_every_tab_of_the_served_page_opens(driver: Driver, app_url: str) -> None:
    driver.open(app_url)
    wait_until(driver, READY)
    draw(driver, digit(3).strokes)
    assert answer(driver, "3") == "3"
    wait_until(driver, "document.querySelector('.answer-how').innerText.includes('PyTorch on the server agrees.')")
    for tab, content in (
        ("Inside", ".inside canvas"),
        ("Play", ".play-part"),
        ("Architecture", "#architecture .layers tbody tr"),
        ("Results", "#results .gallery li"),
        ("Draw", "#pad canvas"),
    ):
        driver.evaluate(
            f"[...document.querySelectorAll('[role=tab]')].find((tab) => tab.innerText.trim() === '{tab}').click()"
        )
        wait_until(
            driver, f"document.querySelector('{content}') && document.querySelector('{content}').getClientRects().length"
        )
    assert answer(driver, "3") == "3"


def test_firefox_that_resists_fingerprinting_reads_strokes_and_refuses_pictures(file: str, picture: Path) -> None:
    with browsers.firefox(privacy__resistFingerprinting=True) as driver:
        driver.open(file)
        wait_until(driver, READY)
        draw(driver, digit(3).strokes)
        assert answer(driver, "3") == "3"
        assert " 0 ms" not in driver.evaluate("return document.querySelector('.answer-how').innerText")
        clear(driver)
        bring(driver, picture)
        wait_until(driver, "document.body.innerText.includes('protection against fingerprinting')")
        assert answer(driver, "?") == "?"
