"""Where things stand on the screens that visitors have."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import FloatRect, Page, expect

from mnist_cnn.drawing.unipen import Drawing
from page.preview import PICTURE, SIZE
from testing.rows import side_by_side
from testing.visitor import Tab, draw

LANDSCAPE = [(740, 360), (844, 390)]


def place(page: Page, selector: str) -> FloatRect:
    box = page.locator(selector).first.bounding_box()
    assert box is not None, selector
    return box


def overlap(a: FloatRect, b: FloatRect) -> bool:
    across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
    return across and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]


@pytest.fixture(params=[(360, 740), (390, 844), *LANDSCAPE, (768, 1024), (834, 1112), (1366, 768), (1440, 900)])
def screen(request: pytest.FixtureRequest, tab: Tab, app_url: str) -> Page:
    width, height = request.param
    return tab.open(app_url, width=width, height=height)


def test_pad_tools_and_examples_fit_every_screen(screen: Page) -> None:
    size = screen.viewport_size
    assert size is not None
    pad = place(screen, ".pad-paper")
    assert pad["width"] == pytest.approx(pad["height"], abs=1)
    assert pad["x"] >= 0
    assert pad["y"] + pad["height"] <= size["height"], "the whole pad is in view"
    assert pad["width"] >= min(200, size["width"] - 40)
    tools = [place(screen, f".{name}") for name in ("pad-undo", "pad-eraser", "pad-brush", "pad-share", "pad-clear")]
    assert all(box["y"] + box["height"] <= size["height"] for box in tools)
    for row in (".pad-tools button", ".pad-imports button, .pad-upload"):
        tops = screen.locator(row).evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")
        assert max(tops) - min(tops) < 0.5, "on one line"
    for index, box in enumerate(tools):
        assert box["x"] + box["width"] <= size["width"]
        assert not any(overlap(box, other) for other in tools[:index])
    star, photo = place(screen, ".pad-examples button:last-child"), place(screen, ".pad-upload")
    assert not overlap(star, photo)
    if size["width"] > 1000:
        assert photo["y"] + photo["height"] <= size["height"], "Photo is above the fold"
    assert screen.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize(("width", "height"), LANDSCAPE)
def test_on_a_phone_on_its_side_there_is_room_beside_the_pad_to_scroll(
    tab: Tab, app_url: str, drawings: list[Drawing], width: int, height: int
) -> None:
    phone = tab.open(app_url, width=width, height=height)
    assert place(phone, "#pad canvas")["width"] < 0.6 * width
    for label in (8, 4):
        draw(phone, next(drawing.strokes for drawing in drawings if drawing.digit == label))
        bars = place(phone, ".bars")
        assert bars["y"] + bars["height"] <= height, "the answer is beside the pad"
        phone.locator(".pad-clear").click()


def test_ten_digits_are_large_on_a_phone(tab: Tab, static_url: str, drawings: list[Drawing]) -> None:
    phone = tab.open(static_url, width=390, height=844)
    one = next(drawing.strokes for drawing in drawings if drawing.digit == 7)
    draw(phone, side_by_side([one] * 10), fill=0.95)
    expect(phone.locator(".answer-chips button")).to_have_count(10)
    assert float(phone.locator(".answer-digit").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 28
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("size", [(1440, 900), (1024, 700), (360, 780)])
def test_a_long_number_is_shown_whole_and_in_one_line(
    tab: Tab, app_url: str, drawings: list[Drawing], size: tuple[int, int]
) -> None:
    page = tab.open(app_url, width=size[0], height=size[1])
    seven = next(drawing.strokes for drawing in drawings if drawing.digit == 7)
    shown = page.locator(".answer-digit")
    draw(page, side_by_side([seven] * 8), fill=0.95)
    expect(shown).to_have_text("7" * 8)
    tops = shown.locator("span").evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")
    assert max(tops) - min(tops) < 1
    of_size = shown.evaluate("each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).fontSize)")
    assert of_size > 0.95, "not cut off below"


def test_an_example_brings_the_pad_into_view(tab: Tab, static_url: str) -> None:
    phone = tab.open(static_url, width=360, height=740)
    button = phone.get_by_role("button", name=re.compile("Example: a star"))
    button.scroll_into_view_if_needed()
    button.click()
    expect(phone.locator("#pad canvas")).to_be_in_viewport(ratio=0.99)


RIGHT_OF_TEXT = """elements => elements.map((element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect().right; })"""
LEFT_OF_TEXT = RIGHT_OF_TEXT.replace("right", "left")


@pytest.mark.parametrize(("width", "height"), [(360, 740), (390, 844)])
def test_on_a_phone_every_table_makes_its_point_without_a_push_sideways(
    tab: Tab, app_url: str, width: int, height: int
) -> None:
    phone = tab.open(app_url, width=width, height=height)
    for name, columns in (
        ("Architecture", {".layers": ["Layer", "Receptive field", "Parameters"]}),
        (
            "Results",
            {
                ".iterations": ["Iteration", "Measured, last epoch", "Parameters"],
                ".layers:not(.iterations)": ["How many", "5 · pen", "6 · hands"],
            },
        ),
    ):
        phone.get_by_role("tab", name=name).click()
        for table, expected in columns.items():
            heads = phone.locator(f"{table} thead th:visible")
            expect(heads.first).to_be_visible()
            seen = [text.replace("\n", " ") for text in heads.all_inner_texts()[: len(expected)]]
            assert seen == expected
            for column in range(len(expected)):
                cells = phone.locator(f"{table} tr > :nth-child({column + 1}):not([colspan]):visible")
                assert max(cells.evaluate_all(RIGHT_OF_TEXT)) <= width - 16
    for terms in phone.locator(".terms:visible summary").all():
        terms.click()
    words = phone.locator(".iteration-words p")
    assert max(words.evaluate_all(RIGHT_OF_TEXT)) <= width - 16


@pytest.mark.parametrize("width", [360, 1440])
def test_names_of_stages_stand_above_those_of_their_layers(app_page: Page, width: int) -> None:
    app_page.set_viewport_size({"width": width, "height": 900})
    app_page.get_by_role("tab", name="Architecture").click()
    heads = app_page.locator("#architecture tbody th span")
    expect(heads.first).to_be_visible()
    layers = app_page.locator("#architecture tbody tr:not(.stage-head) th")
    assert len({round(left) for left in [*heads.evaluate_all(LEFT_OF_TEXT), *layers.evaluate_all(LEFT_OF_TEXT)]}) == 1


@pytest.mark.parametrize("width", [768, 834, 1000])
def test_on_a_tablet_nothing_of_inside_is_cut_off_or_covered(
    tab: Tab, app_url: str, drawings: list[Drawing], width: int
) -> None:
    tablet = tab.open(app_url, width=width, height=1024)
    draw(tablet, next(drawing.strokes for drawing in drawings if drawing.digit == 9))
    tablet.get_by_role("tab", name="Inside").click()
    texts = tablet.locator(".steps-row p")
    expect(texts).to_have_count(4)
    assert max(texts.evaluate_all(RIGHT_OF_TEXT)) <= width - 16
    assert max(texts.evaluate_all("all => all.map((text) => text.getBoundingClientRect().height)")) < 160
    words = [box for box in (text.bounding_box() for text in texts.all()) if box]
    pictures = [box for box in (frame.bounding_box() for frame in tablet.locator(".steps-row li > div").all()) if box]
    assert not any(overlap(text, picture) for text in words for picture in pictures)
    assert not overlap(place(tablet, ".strip-bars div > span:last-child"), place(tablet, ".strip-clear"))
    names = tablet.locator(".strip-item > span")
    assert names.evaluate_all("all => all.every((name) => name.scrollWidth <= name.clientWidth)"), "no name is cut off"
    tablet.locator(".softmax summary").click()
    table = tablet.locator(".why-softmax tbody tr")
    expect(table).to_have_count(10)
    assert max(table.locator("td").evaluate_all(RIGHT_OF_TEXT)) <= width - 16


def test_eraser_and_brush_show_their_size(page: Page) -> None:
    sample = page.locator(".pad-sample")
    expect(sample).to_be_hidden()
    for width in ("25", "125"):
        page.get_by_label("Brush width").fill(width)
        expect(sample).to_be_visible()
        assert place(page, ".pad-sample")["width"] == pytest.approx(
            place(page, ".pad-paper")["width"] * int(width) / 1000, abs=2
        )
    expect(sample).to_be_hidden(timeout=3_000)
    page.get_by_label("Brush width").fill("65")
    pad = place(page, "#pad canvas")
    inked = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value, i) => i % 4 === 3 && value > 0)"
    page.mouse.move(pad["x"] + 0.5 * pad["width"], pad["y"] + 0.5 * pad["height"])
    assert not page.locator("#pad canvas").evaluate(inked)
    page.get_by_role("button", name="Eraser").click()
    page.mouse.move(pad["x"] + 0.4 * pad["width"], pad["y"] + 0.4 * pad["height"], steps=3)
    page.wait_for_timeout(100)
    assert page.locator("#pad canvas").evaluate(inked), "a ring under the mouse"
    page.get_by_role("button", name="Eraser").click()


def test_a_link_to_the_page_shows_its_title_words_and_picture(app_url: str) -> None:
    html = httpx.get(app_url, headers={"x-forwarded-proto": "https", "x-forwarded-host": "digits.example"}).text
    tags = dict(re.findall(r'<meta (?:property|name)="((?:og|twitter):[\w:]+)" content="([^"]*)"', html))
    assert tags["og:title"] == "Draw a digit"
    assert re.fullmatch(r"A tiny neural network – [\d,]+ numbers – reads it as you draw\.", tags["og:description"])
    assert tags["og:url"] == "https://digits.example/"
    assert tags["og:image"] == f"https://digits.example/{PICTURE}"
    assert "radio" not in " ".join(tags.values()), "nothing of Gradio's own"
    picture = httpx.get(f"{app_url}{PICTURE}")
    assert picture.headers["content-type"] == "image/png"
    size = tuple(int.from_bytes(picture.content[at : at + 4], "big") for at in (16, 20))
    assert size == SIZE
    odd = httpx.get(app_url, headers={"x-forwarded-host": '"><script>'}).text
    assert '"><script>' not in odd


def test_the_api_drawer_opens_without_an_error(app_page: Page, complaints: list[str]) -> None:
    app_page.get_by_role("button", name=re.compile("API")).click()
    expect(app_page.get_by_text("/predict").first).to_be_attached()
    app_page.wait_for_timeout(500)
    assert complaints == []
