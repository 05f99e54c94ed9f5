"""*Challenge it*: 0 to 9 against the clock, a digit that only the visitor reads, and the cards."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from test_axe import complaints_of

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing.pen_digits import pen_digits
from testing.visitor import Tab, Theme, draw, wait_for_pad

ONE: list[Stroke] = [[(0.5, 0.1), (0.48, 0.9)]]
CROSS: list[Stroke] = [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]]
KEY = "draw-a-digit-scores"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the static page on a disk."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "index.html").write_bytes(static_page(DEFAULT)["index.html"])
    return (folder / "index.html").as_uri()


@pytest.fixture
def part(app_page: Page) -> Locator:
    app_page.get_by_role("tab", name="Play").click()
    return opened(app_page)


def opened(page: Page) -> Locator:
    part = page.locator("[data-part=challenge]")
    part.locator("summary").click()
    expect(part.locator(".challenge-pad canvas")).to_be_visible()
    return part


def write(part: Locator, strokes: list[Stroke]) -> None:
    """Draw on the larger pad with the mouse."""
    draw(part.page, strokes, pad=".challenge-pad canvas")


def asked(part: Locator) -> Locator:
    return part.locator(".challenge-asked b")


def race(part: Locator) -> None:
    """Write each digit as it is asked for, until it has been read."""
    for digit in range(10):
        for drawing in [each for each in pen_digits() if each.digit == digit]:
            write(part, drawing.strokes)
            part.page.wait_for_timeout(600)
            if asked(part).inner_text() != str(digit):
                break
            part.locator(".challenge-clear").click()
        expect(asked(part)).to_have_text(str(digit + 1) if digit < 9 else "")


def saved_card(part: Locator) -> Image.Image:
    part.locator(".challenge-card").click()
    dialog = part.locator(".share")
    expect(dialog).to_be_visible()
    with part.page.expect_download() as download:
        dialog.locator(".share-save").click()
    dialog.locator(".share-close").click()
    return Image.open(io.BytesIO(download.value.path().read_bytes()))


def test_a_whole_race_gives_a_time_that_is_kept_and_a_card(app_page: Page, part: Locator, complaints: list[str]) -> None:
    expect(part.locator(".challenge-time")).to_have_text(re.compile("^0.0"))
    app_page.wait_for_timeout(300)
    expect(part.locator(".challenge-time")).to_have_text(re.compile("^0.0"))  # it starts with the first stroke
    race(part)
    expect(part.locator(".challenge-says")).to_have_text(re.compile(r"^0 to 9 in [\d.]+\xa0s: your best time\.$"))
    time = part.locator(".challenge-time").inner_text()
    assert time in part.locator(".challenge-says").inner_text()
    app_page.wait_for_timeout(300)
    assert part.locator(".challenge-time").inner_text() == time, "the clock has stopped"
    expect(part.locator(".challenge-row .done")).to_have_count(10)
    card = saved_card(part)
    assert (card.format, card.size) == ("PNG", (1200, 630))
    expect(part.locator(".challenge-best")).to_have_text(f"Your best time: {time}")
    app_page.reload()
    wait_for_pad_or_answer(app_page)
    part = opened(app_page)
    expect(part.locator(".challenge-best")).to_have_text(f"Your best time: {time}")
    assert complaints == []


def wait_for_pad_or_answer(page: Page) -> None:
    """After a reload the drawing is there again, and so is the tab."""
    expect(page.locator(".play-now b")).to_be_visible()


def test_wrong_digits_do_not_count_and_one_can_skip_undo_and_start_again(part: Locator, complaints: list[str]) -> None:
    write(part, ONE)
    expect(part.locator(".challenge-says")).to_have_text("It reads 1. Go on, or clear the pad.")
    expect(asked(part)).to_have_text("0")
    part.locator(".challenge-undo").click()
    expect(part.locator(".challenge-pad .small-pad-hint")).to_have_text("Write a 0 here")
    write(part, CROSS)
    expect(part.locator(".challenge-says")).to_have_text("It reads no digit yet.")
    part.locator(".challenge-clear").click()
    part.locator(".challenge-skip").click()
    expect(asked(part)).to_have_text("1")
    expect(part.locator(".challenge-row .skipped")).to_have_count(1)
    for _ in range(9):
        part.locator(".challenge-skip").click()
    expect(part.locator(".challenge-says")).to_contain_text("10 skipped")
    expect(part.locator(".challenge-card")).to_be_hidden()
    expect(part.locator(".challenge-best")).to_have_text("")
    part.locator(".challenge-again").click()
    expect(asked(part)).to_have_text("0")
    expect(part.locator(".challenge-time")).to_have_text(re.compile("^0.0"))
    assert complaints == []


def test_the_visitor_judges_whether_it_is_a_seven_and_gets_a_card(
    app_page: Page, part: Locator, complaints: list[str]
) -> None:
    part.get_by_role("button", name="You say 7").click()
    write(part, next(each.strokes for each in pen_digits() if each.digit == 7))
    expect(part.locator(".challenge-says")).to_have_text(re.compile("^It says 7, too: "))
    expect(part.locator(".challenge-yes")).to_be_hidden()
    part.locator(".challenge-clear").click()
    write(part, CROSS)
    expect(part.locator(".challenge-says")).to_have_text("This doesn’t look like a digit. That does not count.")
    part.locator(".challenge-clear").click()
    write(part, ONE)
    expect(part.locator(".challenge-says")).to_have_text(
        re.compile(r"^It says 1: .* Is it a 7\? Only you can judge that\.$")
    )
    part.locator(".challenge-no").click()
    expect(part.locator(".challenge-says")).to_have_text("Then it does not count. Try another one.")
    write(part, ONE)
    part.get_by_role("button", name="Yes, it is a 7").click()
    expect(part.locator(".challenge-says")).to_have_text("You call it a 7. It says 1. You win.")
    expect(part.locator(".challenge-best")).to_have_text("Digits that you have won with: 1 of 10")
    part.locator(".challenge-card").click()
    expect(part.locator(".share-card")).to_have_attribute("alt", "A drawing. I call it a 7. It says 1.")
    assert "draw=" in part.locator(".share-link input").input_value()
    part.locator(".share-close").click()
    assert saved_card(part).size == (1200, 630)
    assert app_page.evaluate(f"localStorage.getItem('{KEY}')") == '{"best":null,"won":[7]}'
    assert complaints == []


@pytest.mark.parametrize("kept", ["{", '{"best":-5,"won":[]}', "<img src=x onerror=window.hurt=1>"])
def test_damaged_scores_get_a_sentence(app_page: Page, kept: str, complaints: list[str]) -> None:
    app_page.evaluate("([key, kept]) => localStorage.setItem(key, kept)", [KEY, kept])
    app_page.get_by_role("tab", name="Play").click()
    part = opened(app_page)
    expect(part.locator(".challenge-kept")).to_contain_text("are damaged, so they start anew")
    assert app_page.evaluate("window.hurt") is None
    assert complaints == []


def test_a_part_that_was_opened_before_its_module_came_is_filled(tab: Tab, disk: str, tmp_path: Path) -> None:
    early = tmp_path / "index.html"
    content = Path(disk.removeprefix("file://")).read_text("utf-8")
    assert 'data-part="challenge"' in content
    early.write_text(content.replace('data-part="challenge"', 'data-part="challenge" open'), "utf-8")
    page = tab.blank()
    page.goto(early.as_uri())
    expect(page.locator(".challenge-pad canvas")).to_be_visible()


def test_without_a_store_and_from_a_disk_it_works_all_the_same(chromium: Browser, disk: str) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('not allowed'); } });")
    page.goto(disk)
    wait_for_pad(page)
    part = opened(page)
    write(part, next(each.strokes for each in pen_digits() if each.digit == 0))
    expect(asked(part)).to_have_text("1")
    part.get_by_role("button", name="You say 7").click()
    write(part, ONE)
    part.get_by_role("button", name="Yes, it is a 7").click()
    expect(part.locator(".challenge-best")).to_have_text("Digits that you have won with: 1 of 10")
    pad, width = part.locator(".challenge-pad").bounding_box(), 390
    assert pad is not None
    assert pad["width"] > 0.8 * width, "comfortable on a phone"
    assert errors == []
    page.close()


def test_the_larger_pad_is_drawn_on_from_the_keyboard(part: Locator) -> None:
    part.get_by_role("button", name="You say 7").click()
    canvas = part.locator(".challenge-pad canvas")
    canvas.focus()
    canvas.press("Space")
    for _ in range(12):
        canvas.press("ArrowDown")
    canvas.press("Space")
    expect(part.locator(".challenge-says")).to_have_text(re.compile("^It says 1"))
    canvas.press("Control+z")
    expect(part.locator(".challenge-says")).to_have_text("")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_in_the_open_part(tab: Tab, disk: str, width: int, theme: Theme) -> None:
    page = tab.open(disk, width=width, theme=theme, less_motion=True)
    part = opened(page)
    assert complaints_of(page) == [], "against the clock"
    part.get_by_role("button", name="You say 7").click()
    write(part, ONE)
    expect(part.locator(".challenge-yes")).to_be_visible()
    assert complaints_of(page) == [], "a digit in dispute"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
