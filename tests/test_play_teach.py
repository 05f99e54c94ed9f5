"""Teach it: a visitor teaches the page a hand, which is kept, undone, forgotten, saved and loaded; and damaged hands."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_axe import complaints_of

from mnist_cnn import checkpoint
from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.test_results import load_answers
from page.static import static_page
from testing.inside import digit_of
from testing.pen_digits import pen_digits
from testing.rows import side_by_side
from testing.visitor import Tab, Theme, draw, wait_for_pad

CROSS: list[Stroke] = [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]]
ANSWERS = load_answers(checkpoint.SHIPPED / DEFAULT)
ACCURACY = 100 * (1 - len(ANSWERS.wrong) / ANSWERS.digits)
UNKNOWN = "This is not a hand that this page saved."
ONE = {"digit": 4, "draw": "NwHwHwWwW.NgewHvWwW"}
IMAGE = base64.b64encode(bytes(400) + bytes([255]) * 384).decode()


@pytest.fixture
def page(tab: Tab, static_url: str) -> Iterator[Page]:
    """The static page of a visitor who has never been there."""
    yield tab.open(static_url)
    assert tab.errors == []


def open_teach(page: Page) -> None:
    page.locator(".play-teach").click()
    expect(page.locator(".teach-card h2")).to_be_visible()


def teach(page: Page, digit: int) -> None:
    page.get_by_role("button", name=f"It is {digit}", exact=True).click()


def teach_cross(page: Page) -> None:
    draw(page, CROSS)
    open_teach(page)
    teach(page, 4)
    expect(page.locator(".answer-digit")).to_have_text("4")


def write(page: Page, drawing: Drawing) -> None:
    """Draw on the pad of the guided minute."""
    draw(page, drawing.strokes, pad=".teach-guide canvas")


def test_what_was_refused_is_taught_and_the_server_is_not_asked(app_page: Page, complaints: list[str]) -> None:
    page, how = app_page, app_page.locator(".answer-how")
    draw(page, CROSS)
    expect(page.locator(".answer-digit")).to_have_text("–")
    open_teach(page)
    expect(page.locator(".teach-ask p")).to_contain_text("does not take this for a digit")
    teach(page, 4)
    expect(page.locator(".answer-digit")).to_have_text("4")
    expect(page.locator(".teach-card h2")).to_have_text("Learned from 1 of yours")
    expect(page.locator(".teach-bars figcaption").first).to_contain_text("doesn’t look like a digit")
    expect(page.locator(".teach-bars figcaption b").last).to_have_text("4")
    expect(page.locator(".teach-price dd")).to_contain_text(f"{ACCURACY:.2f} % →")
    expect(how).to_contain_text("Taught by you: learned from 1 of your drawings.")
    page.wait_for_timeout(1_000)
    assert "PyTorch" not in how.inner_text()
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.locator(".answer-digit")).to_have_text("–")
    expect(page.locator(".teach-card h2")).to_have_text("It has learned nothing of you yet")
    expect(how).not_to_contain_text("Taught by you")
    assert complaints == []


def test_what_was_taught_is_used_at_the_next_visit_until_it_is_forgotten(page: Page) -> None:
    teach_cross(page)
    page.wait_for_url("**/#draw=*")  # the address follows the drawing a little later
    page.reload()
    expect(page.locator(".answer-how")).to_contain_text("Taught by you: learned from 1 of your drawings.")
    expect(page.locator(".answer-digit")).to_have_text("4")  # the drawing is in the address
    open_teach(page)
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator(".answer-digit")).to_have_text("–")
    assert page.evaluate("localStorage.length") == 0
    page.reload()
    expect(page.locator(".answer-digit")).to_have_text("–")
    expect(page.locator(".answer-how")).not_to_contain_text("Taught")


def test_zero_to_nine_are_written_once(page: Page, drawings: list[Drawing]) -> None:
    draw(page, CROSS)
    open_teach(page)
    page.get_by_role("button", name="Write 0 to 9 once").click()
    for digit in range(10):
        expect(page.locator(".teach-title")).to_have_text(f"Write a {digit}")
        write(page, digit_of(drawings, digit))
        page.get_by_role("button", name=f"That is my {digit}").click()
    expect(page.locator(".teach-say")).to_contain_text("each of your digits once")
    expect(page.locator(".teach-card h2")).to_have_text("Learned from 10 of yours")
    expect(page.locator(".teach-price dd").first).to_contain_text("of 10")
    expect(page.locator(".teach-price dd").last).to_contain_text("→")
    page.get_by_role("button", name="Forget this 3").click()
    expect(page.locator(".teach-card h2")).to_have_text("Learned from 9 of yours")


def test_the_selected_one_of_several_digits_is_taught_alone(page: Page, drawings: list[Drawing]) -> None:
    draw(page, side_by_side([digit_of(drawings, 2).strokes, digit_of(drawings, 7).strokes]), fill=0.85)
    expect(page.locator(".answer-digit")).to_have_text("27")
    open_teach(page)
    page.locator(".answer-chips button").first.click()
    expect(page.locator(".teach-ask p")).to_contain_text("reads this as 2")
    teach(page, 2)
    expect(page.locator(".answer-digit")).to_have_text("27")
    (kept,) = json.loads(page.evaluate("localStorage.hand"))["drawings"]
    strokes = page.evaluate("async (text) => (await import('pad/fragment.js')).decodeStrokes(text)", kept["draw"])
    assert kept["digit"] == 2
    assert len(strokes) == len(digit_of(drawings, 2).strokes)
    assert max(point["x"] for stroke in strokes for point in stroke["points"]) < 0.6


def test_a_hand_is_saved_to_a_file_and_loaded_again(page: Page, tmp_path: Path) -> None:
    teach_cross(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    download.value.save_as(tmp_path / "hand.json")
    page.get_by_role("button", name="Forget everything").click()
    expect(page.locator(".answer-digit")).to_have_text("–")
    page.locator(".teach-load input").set_input_files(tmp_path / "hand.json")
    expect(page.locator(".answer-digit")).to_have_text("4")
    expect(page.locator(".teach-say")).to_have_text("One drawing loaded.")


DAMAGED = [
    *("", "not JSON", "null", "7", "[]", '{"drawings": 3}', '{"drawings": [null, {"digit": NaN}]}', "x" * 2_000_000),
    *(
        json.dumps({"drawings": [{**ONE, **change}]})
        for change in ({"digit": 10}, {"digit": "4"}, {"digit": 1.5}, {"draw": ""})
    ),
    *(
        json.dumps({"drawings": [{"digit": 4, "image": image}]})
        for image in ("AAAA", "%%%", base64.b64encode(bytes(784)).decode())
    ),
]


def test_a_file_that_is_no_hand_gets_a_sentence(page: Page, tmp_path: Path) -> None:
    teach_cross(page)
    for number, text in enumerate(DAMAGED):
        page.locator(".teach-say").evaluate("element => element.replaceChildren()")
        (tmp_path / f"{number}.json").write_text(text)
        page.locator(".teach-load input").set_input_files(tmp_path / f"{number}.json")
        expect(page.locator(".teach-say")).to_have_text(UNKNOWN)
        expect(page.locator(".answer-digit")).to_have_text("4")  # what was taught stays


def test_of_a_thousand_drawings_a_hundred_are_loaded(page: Page, tmp_path: Path) -> None:
    teach_cross(page)
    (tmp_path / "many.json").write_text(json.dumps({"drawings": [{"digit": 9, "image": IMAGE}] + [ONE] * 999}))
    page.locator(".teach-load input").set_input_files(tmp_path / "many.json")
    expect(page.locator(".teach-say")).to_have_text("100 drawings loaded. 900 drawings could not be used.")
    teach(page, 4)
    expect(page.locator(".teach-say")).to_contain_text("at most 100 drawings")


@pytest.mark.parametrize("text", ["not JSON", '{"drawings": [{"digit": 4, "draw": "N!"}]}', "y" * 1_500_000])
def test_a_damaged_hand_in_this_browser_costs_a_sentence(page: Page, text: str) -> None:
    page.evaluate("(text) => localStorage.setItem('hand', text)", text)
    page.reload()
    wait_for_pad(page)
    draw(page, pen_digits()[0].strokes)
    expect(page.locator(".answer-digit")).to_have_text(str(pen_digits()[0].digit))
    expect(page.locator(".answer-how")).not_to_contain_text("Taught")
    open_teach(page)
    expect(page.locator(".teach-say")).to_contain_text("is damaged, so it starts anew")


@pytest.mark.parametrize(
    "script",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });",
        "Object.defineProperty(window, 'localStorage', { value: null });",
    ],
)
def test_without_local_storage_it_is_taught_all_the_same(chromium: Browser, static_url: str, script: str) -> None:
    page = chromium.new_page()
    page.add_init_script(script)
    page.goto(static_url)
    wait_for_pad(page)
    teach_cross(page)
    expect(page.locator(".teach-say")).to_contain_text("keeps nothing for this page")
    page.close()


def test_a_digit_of_a_picture_is_taught_by_its_image(page: Page) -> None:
    page.evaluate("async () => (await import('pad/demo.js')).putOnPad(new Uint8Array(784).fill(200, 300, 500), 'a bar')")
    open_teach(page)
    teach(page, 1)
    (kept,) = json.loads(page.evaluate("localStorage.hand"))["drawings"]
    assert len(base64.b64decode(kept["image"])) == 784
    expect(page.locator(".answer-digit")).to_have_text("1")


def test_another_network_takes_its_place_until_it_is_asked_for_again(page: Page) -> None:
    teach_cross(page)
    expect(page.get_by_role("button", name="Read with it again")).to_be_hidden()
    page.evaluate("async () => (await import('pad/demo.js')).useNetwork(null)")
    expect(page.locator(".answer-digit")).to_have_text("–")
    page.get_by_role("button", name="Read with it again").click()
    expect(page.locator(".answer-digit")).to_have_text("4")


def test_from_a_disk_it_is_taught_as_well(tab: Tab, tmp_path: Path) -> None:
    for name, content in static_page(DEFAULT).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    page = tab.open((tmp_path / "index.html").as_uri())
    teach_cross(page)
    expect(page.locator(".teach-price dd")).to_contain_text(f"{ACCURACY:.2f} % →")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(tab: Tab, app_url: str, width: int, theme: Theme) -> None:
    page = tab.open(app_url, width=width, theme=theme, less_motion=True)
    draw(page, CROSS)
    open_teach(page)
    assert complaints_of(page) == [], "nothing taught"
    teach(page, 4)
    expect(page.locator(".teach-bars")).to_be_visible()
    assert complaints_of(page) == [], "something taught"
    page.get_by_role("button", name="Write 0 to 9 once").click()
    assert complaints_of(page) == [], "guided"
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_digits_that_were_skipped_are_not_said_to_be_seen(page: Page, drawings: list[Drawing]) -> None:
    draw(page, digit_of(drawings, 8).strokes)
    open_teach(page)
    page.get_by_role("button", name="Write 0 to 9 once").click()
    draw(page, digit_of(drawings, 0).strokes)
    page.get_by_role("button", name="That is my 0").click()
    for _ in range(9):
        page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text("Done: it has seen 1 of your ten digits.")).to_be_visible()
    page.get_by_role("button", name="Write 0 to 9 once").click()
    for _ in range(10):
        page.get_by_role("button", name="Skip").click()
    expect(page.get_by_text("Done:")).to_have_count(0)


def test_a_part_that_cannot_be_loaded_says_what_to_do(
    app_page: Page, complaints: list[str], drawings: list[Drawing]
) -> None:
    app_page.route("**/teach.js", lambda route: route.abort())
    draw(app_page, digit_of(drawings, 3).strokes)
    app_page.locator(".play-teach").click()
    expect(app_page.locator(".play-panel")).to_contain_text("Check the connection, then open it again.")
    complaints.clear()  # the browser's own, about the file that did not come
