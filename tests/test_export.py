"""The static page, served by a plain file server and used as a visitor would; and the command that writes it."""

from __future__ import annotations

import base64
import io
import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from torch import nn

import export
from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export as export_net
from mnist_cnn.drawing import decode
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT
from page.play import play_data
from testing.pen_digits import pen_digits, save_picture
from testing.servers import served_folder
from testing.visitor import Tab, answered_digit, draw, touch, wait_for_pad

DECODE_JS = """async (encoded) => {
  const { decode } = await import('pad/decode.js');
  const { data, width, height } = await decode(await (await fetch('data:image/png;base64,' + encoded)).blob());
  let text = '';
  for (let i = 0; i < data.length; i += 10_000) text += String.fromCharCode(...data.subarray(i, i + 10_000));
  return { width, height, data: btoa(text) };
}"""
PHONE = {"width": 360, "height": 640}
MAX_BYTES = 300_000
MAX_ADDRESS = 2 * 1024 * 1024
"""Chromium takes no address of more characters."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "page"
    assert export.main(["--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with served_folder(folder) as url:
        yield url


def test_the_page_is_small_and_complete(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    play = {f"play/{name}.js" for name in play_data(checkpoint.SHIPPED / DEFAULT)}
    assert files.keys() == {"index.html", "preview.png", "README.md", "network.json", "network.bin", *play}
    assert files["index.html"] < MAX_BYTES  # the whole page; the other files are for programs and for previews of links
    head = yaml.safe_load((folder / "README.md").read_text("utf-8").split("---")[1])
    assert (head["sdk"], head["app_file"]) == ("static", "index.html")
    assert len(head["short_description"]) <= 60
    parameters = f"{json.loads((folder / 'network.json').read_text())['parameters']:,}"
    assert parameters in head["short_description"]
    headline = f"A tiny neural network – {parameters} numbers – reads it as you draw."
    assert headline in (folder / "index.html").read_text("utf-8")


def test_every_iteration_can_be_exported_over_an_older_page(tmp_path: Path) -> None:
    for number, name in ((5, "5-pen"), (1, "1-plain")):
        assert export.main(["--iteration", str(number), "--out", str(tmp_path)]) == 0
        assert json.loads((tmp_path / "network.json").read_text())["name"] == name


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file of the user's")
    assert export.main(["--out", str(taken)]) == 2
    assert "choose another folder with --out" in capsys.readouterr().err
    assert taken.read_text() == "a file of the user's"
    assert list(tmp_path.iterdir()) == [taken]
    assert export.main(["--out", str(tmp_path)]) == 2
    assert "it holds other files" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [taken]


def test_a_layer_without_a_form_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="odd: a browser cannot run a Tanh"):
        export_net(nn.Sequential(OrderedDict(odd=nn.Tanh())), "test")


def test_the_page_opened_from_a_disk_draws_reads_and_looks_inside(tab: Tab, folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "USB-Stick Übung 7"
    away.mkdir()
    (away / "index.html").write_bytes((folder / "index.html").read_bytes())  # as it comes by mail: nothing beside it
    page = tab.open((away / "index.html").as_uri())
    seven = next(drawing for drawing in pen_digits() if drawing.digit == 7)
    draw(page, seven.strokes)
    expect(page.locator(".answer-digit")).to_have_text("7")
    page.locator(".inside").scroll_into_view_if_needed()
    expect(page.locator(".inside canvas >> visible=true").first).to_be_visible()
    page.keyboard.press("Escape")
    save_picture(seven, tmp_path / "seven.png")
    with page.expect_worker():
        page.locator(".pad-upload input").set_input_files(tmp_path / "seven.png")
    expect(page.locator(".answer-digit")).to_have_text("7")
    assert page.workers, "the picture was read beside the page"  # a worker that cannot load its modules is gone again
    address = page.evaluate("window.makeWorkerUrl('pad/worker.js').length")
    assert address < MAX_ADDRESS / 2, "there is room for more modules"


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_large_picture_is_reduced_as_python_does(tab: Tab, url: str, mode: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (700, 1_730, len(mode)), np.uint8)
    noise[:, :, 3:] |= 128  # a canvas keeps few levels of the colours of pixels that are hardly there
    file = io.BytesIO()
    Image.fromarray(noise.squeeze()).save(file, "PNG")
    page = tab.open(url)
    found = page.evaluate(DECODE_JS, base64.b64encode(file.getvalue()).decode())
    ours = decode(file.getvalue()).picture
    theirs = np.frombuffer(base64.b64decode(found["data"]), np.uint8).reshape(found["height"], found["width"], 4)
    expected = np.asarray(Image.fromarray(ours).convert("RGBA"))
    assert theirs.shape == expected.shape
    assert np.abs(theirs.astype(int) - expected).max() <= (4 if mode == "RGBA" else 0)


def test_a_network_of_the_users_is_exported_from_its_folder(tab: Tab, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    net = checkpoint.load(checkpoint.SHIPPED / "2-batchnorm-dropout")
    recipe = replace(checkpoint.load_recipe(checkpoint.SHIPPED / "2-batchnorm-dropout"), name="my own")
    checkpoint.save(mine, net, recipe, {"runs": []})
    assert export.main(["--weights", str(mine), "--out", str(tmp_path / "page")]) == 0
    assert json.loads((tmp_path / "page" / "network.json").read_text())["name"] == "my own"
    page = tab.open((tmp_path / "page" / "index.html").as_uri())
    draw(page, next(drawing for drawing in pen_digits() if drawing.digit == 0).strokes)
    expect(page.locator(".answer-digit")).to_have_text("0")


def test_a_folder_without_a_network_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export.main(["--weights", str(tmp_path), "--out", str(tmp_path / "page")]) == 2
    assert "config.json cannot be read" in capsys.readouterr().err


def test_digits_are_recognised_with_the_network_off_and_no_other_host_is_asked(
    chromium: Browser, url: str, drawings: list[Drawing]
) -> None:
    asked: list[str] = []
    page = chromium.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    wait_for_pad(page)
    page.context.set_offline(True)
    chosen = drawings[:: max(1, len(drawings) // 10)][:10]
    right = 0
    for drawing in chosen:
        draw(page, drawing.strokes)
        page.wait_for_timeout(80)
        right += answered_digit(page) == drawing.label
        page.keyboard.press("Escape")
        expect(page.locator(".answer-digit")).to_have_text("?")
    assert right >= 9
    assert [each for each in asked if not each.startswith("data:")] == [url], "one request, so no server's types matter"
    page.close()


@pytest.fixture
def phone(chromium: Browser, url: str) -> Iterator[Page]:
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    wait_for_pad(page)
    yield page
    context.close()


def scrolled(page: Page) -> float:
    page.wait_for_timeout(300)
    pixels: float = page.evaluate("scrollY")
    return pixels


def test_one_finger_draws_and_does_not_scroll(phone: Page) -> None:
    assert phone.evaluate("document.documentElement.scrollHeight > innerHeight"), "there is something to scroll"
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    session = phone.context.new_cdp_session(phone)
    box = phone.locator("#pad canvas").bounding_box()
    assert box is not None
    x, bottom, length = box["x"] + box["width"] / 2, box["y"] + 0.9 * box["height"], 0.8 * box["height"]
    touch(session, "touchStart", (x, bottom))
    for step in range(1, 16):
        touch(session, "touchMove", (x, bottom - length * step / 15))
    touch(session, "touchEnd")
    expect(phone.locator(".answer-digit")).to_have_text("1")
    assert scrolled(phone) == 0


def test_two_fingers_scroll_and_do_not_draw(phone: Page) -> None:
    session = phone.context.new_cdp_session(phone)
    box = phone.locator("#pad canvas").bounding_box()
    assert box is not None
    left, right, bottom = box["x"] + 0.4 * box["width"], box["x"] + 0.6 * box["width"], box["y"] + 0.9 * box["height"]
    touch(session, "touchStart", (left, bottom))
    touch(session, "touchStart", (left, bottom), (right, bottom))
    for step in range(1, 21):
        y = bottom - 0.7 * box["height"] * step / 20
        touch(session, "touchMove", (left, y), (right, y))
        phone.wait_for_timeout(16)
    touch(session, "touchEnd")
    assert scrolled(phone) > 20
    expect(phone.locator(".answer-digit")).to_have_text("?")


DOUBLE_TAP_ZOOMS = """() => [...document.querySelectorAll('button, label, canvas, input[type=range]')]
  .filter((element) => element.checkVisibility() && getComputedStyle(element).touchAction === 'auto')
  .map((element) => element.outerHTML)"""


def test_two_quick_taps_on_a_button_do_not_zoom_the_page(phone: Page) -> None:
    """Safari zooms after two taps, on *Undo* for example, whatever the page says about its width."""
    draw(phone, next(drawing for drawing in pen_digits() if drawing.digit == 3).strokes)
    phone.locator(".inside").scroll_into_view_if_needed()
    expect(phone.locator(".inside canvas >> visible=true").first).to_be_visible()
    assert phone.evaluate(DOUBLE_TAP_ZOOMS) == []


def test_a_damaged_network_leaves_a_pad_that_says_so(chromium: Browser, url: str) -> None:
    page = chromium.new_page()
    page.add_init_script("window.fetch = async () => new Response(new Uint8Array(100));")
    page.goto(url)
    expect(page.locator(".answer-how")).to_contain_text("No answers: ")
    page.close()


def test_what_is_drawn_before_the_network_has_come_is_read_when_it_has(
    chromium: Browser, url: str, drawings: list[Drawing]
) -> None:
    page = chromium.new_page()
    page.add_init_script("""
      const { fetch } = window;
      const wait = new Promise((ready) => (window.networkComes = ready));
      window.fetch = async (...request) => (await wait, fetch(...request));
    """)
    page.goto(url)
    wait_for_pad(page)
    drawing = next(drawing for drawing in drawings if drawing.digit == 3)
    draw(page, drawing.strokes)
    assert answered_digit(page) == "?"
    page.evaluate("window.networkComes()")
    expect(page.locator(".answer-digit")).to_have_text("3")
    page.close()
