"""The tab *Play* and the line under the answer: parts that load when they are opened, and nothing before."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import export
from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export as export_net
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.packed import unpack
from page.draw import load_data
from testing.inside import digit_of
from testing.servers import served_folder
from testing.visitor import Tab, draw, wait_for_pad

PARTS = ["learn", "ablate", "fool", "challenge"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("play") / "page"
    assert export.main(["--out", str(folder)]) == 0
    return folder


def test_what_is_closed_loads_nothing(tab: Tab, app_url: str, drawings: list[Drawing]) -> None:
    page = tab.open(app_url)
    draw(page, digit_of(drawings, 3).strokes)
    page.get_by_role("tab", name="Play").click()
    expect(page.locator(".play-now b")).to_have_text("3")
    loaded = {Path(url).stem for url in tab.asked if "/web/play/" in url}
    assert loaded == {"line", "play"}
    for name in PARTS:
        page.locator(f".play-part[data-part={name}] summary").click()
        expect(page.locator(f".play-part[data-part={name}] .play-body > :not(.play-wait)").first).to_be_visible()
    assert {Path(url).stem for url in tab.asked if "/web/play/" in url} >= {*loaded, *PARTS}


def test_the_small_pad_draws_and_clears(app_page: Page, drawings: list[Drawing]) -> None:
    draw(app_page, digit_of(drawings, 7).strokes)
    app_page.get_by_role("tab", name="Play").click()
    expect(app_page.locator(".play-now")).to_contain_text("7")
    app_page.locator(".play-clear").click()
    expect(app_page.locator(".play-now")).to_contain_text("An example")
    expect(app_page.locator(".play-clear")).to_be_disabled()


def test_one_panel_is_open_at_a_time(app_page: Page, drawings: list[Drawing]) -> None:
    expect(app_page.locator(".play-line")).to_be_hidden()
    draw(app_page, digit_of(drawings, 2).strokes)
    teach, versions, panel = (app_page.locator(f".play-{name}") for name in ("teach", "versions", "panel"))
    expect(panel).to_be_hidden()
    teach.click()
    expect(panel).to_be_visible()
    versions.click()
    expect(teach).to_have_attribute("aria-expanded", "false")
    expect(versions).to_have_attribute("aria-expanded", "true")
    versions.click()
    expect(panel).to_be_hidden()


def test_without_the_folder_beside_it_the_page_in_one_file_says_what_is_missing(
    tab: Tab, folder: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "index.html"
    alone.write_bytes((folder / "index.html").read_bytes())
    page = tab.open(alone.as_uri())
    part = page.locator(".play-part[data-part=learn]")
    for _ in range(2):  # it can be tried again
        part.locator("summary").click()
        expect(part.locator(".play-trouble")).to_have_text(re.compile("could not be loaded"))
        expect(part).not_to_have_attribute("open", "")


def test_a_part_whose_data_did_not_come_opens_the_next_time(tab: Tab, folder: Path) -> None:
    with served_folder(folder) as url:
        page = tab.blank()
        page.route("**/play/snapshots.js", lambda route: route.abort())
        page.goto(url)
        wait_for_pad(page)
        part = page.locator(".play-part[data-part=learn]")
        part.locator("summary").click()
        expect(part.locator(".play-trouble")).to_have_text(re.compile("could not be loaded"))
        page.unroute("**/play/snapshots.js")
        part.locator("summary").click()
        expect(part.locator("input[type=range]")).to_be_visible()
        expect(part.locator(".play-trouble")).to_be_empty()


def test_from_a_disk_every_part_opens(tab: Tab, folder: Path) -> None:
    page = tab.open((folder / "index.html").as_uri())
    for name in PARTS:
        part = page.locator(f".play-part[data-part={name}]")
        part.locator("summary").click()
        expect(part.locator(".play-body > :not(.play-wait)").first).to_be_visible()
        expect(part.locator(".play-trouble")).to_be_empty()


@pytest.mark.parametrize("name", ["", "../1-plain/model.safetensors", "network-6-hands", 3, None, {"path": "x"}])
def test_the_server_gives_what_parts_ask_for_and_nothing_else(name: object) -> None:
    assert load_data(name) == ""


def test_the_server_gives_the_other_networks_as_they_are_shipped() -> None:
    about, arrays = unpack(base64.b64decode(load_data("network-1-plain")))
    exported = export_net(checkpoint.load(checkpoint.SHIPPED / "1-plain"), "1-plain")
    assert about["layers"] == exported.description["layers"]
    assert arrays["weights"].astype("<f4").tobytes() == exported.weights
