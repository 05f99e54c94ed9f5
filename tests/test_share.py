"""Sharing a drawing, restoring it from a link, and the ribbon of what the network thought on the way."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mnist_cnn.drawing.strokes import Stroke
from mnist_cnn.drawing.unipen import Drawing, render
from testing.rows import side_by_side
from testing.visitor import draw, wait_for_pad

ADDRESS_MS = 700
"""The address follows the drawing after a short pause."""
CARD = (1200, 630)
SPACE = "https://someone-digits.hf.space/"
PROTECTED = """
  const noise = (image) => (image.data.fill(255), image);
  const read = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function (...place) { return noise(read.apply(this, place)); };
  HTMLCanvasElement.prototype.toBlob = function (give) { give(new Blob([])); };
  HTMLCanvasElement.prototype.toDataURL = () => 'data:,';
"""
"""What a browser does that protects its visitors: a canvas gives other pixels than were painted."""

COUNT_WRITES = """
  const write = history.replaceState;
  window.writes = 0;
  history.replaceState = function (...entry) { window.writes += 1; return write.apply(this, entry); };
"""


def digit_of(drawings: list[Drawing], label: int) -> list[Stroke]:
    return next(drawing.strokes for drawing in drawings if drawing.digit == label)


@pytest.fixture
def context(chromium: Browser, page: Page) -> Iterator[BrowserContext]:
    """A visitor of the static page who lets it write to the clipboard."""
    context = chromium.new_context(
        viewport={"width": 1200, "height": 860}, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context
    context.close()


@pytest.fixture
def visit(context: BrowserContext, page: Page) -> Page:
    visit = context.new_page()
    visit.goto(page.url)
    wait_for_pad(visit)
    return visit


def large(page: Page) -> str:
    return page.locator(".answer-digit").inner_text()


def test_a_link_restores_the_drawing_and_the_chosen_digit(
    visit: Page, context: BrowserContext, drawings: list[Drawing]
) -> None:
    draw(visit, side_by_side([digit_of(drawings, label) for label in (2, 0, 6)]), fill=0.85)
    expect(visit.locator(".answer-digit")).to_have_text("206")
    visit.locator(".answer-chips button").nth(1).click()
    visit.locator(".pad-share").click()
    expect(visit.locator(".share-done")).to_have_text("The link has been copied.")
    link = visit.locator(".share-link input").input_value()
    assert visit.evaluate("navigator.clipboard.readText()") == link
    assert len(link) < 800
    visit.keyboard.press("Escape")
    expect(visit.locator(".share")).to_be_hidden()
    assert large(visit) == "206", "Escape closes the dialog and does not clear the pad"
    other = context.new_page()
    other.goto(link)
    expect(other.locator(".answer-digit")).to_have_text("206")
    expect(other.locator(".bar-top b")).to_have_text("0")
    expect(other.locator(".pad-boxes span")).to_have_text(["2", "0", "6"])


def test_a_reload_keeps_the_drawing_and_back_goes_back(visit: Page, drawings: list[Drawing]) -> None:
    draw(visit, digit_of(drawings, 5))
    expect(visit.locator(".answer-digit")).to_have_text("5")
    visit.wait_for_timeout(ADDRESS_MS)
    visit.reload()
    expect(visit.locator(".answer-digit")).to_have_text("5")
    five = visit.evaluate("location.hash")
    visit.evaluate("location.hash = 'draw=NsYsYAoM'")  # as a link on another page would
    expect(visit.locator(".answer-digit")).not_to_have_text("5")
    visit.go_back()
    expect(visit.locator(".answer-digit")).to_have_text("5")
    assert visit.evaluate("location.hash") == five
    visit.locator(".pad-clear").click()
    visit.wait_for_timeout(ADDRESS_MS)
    assert visit.evaluate("location.hash") == ""


def test_a_link_that_is_opened_is_not_written_again(context: BrowserContext, page: Page) -> None:
    visit = context.new_page()
    visit.add_init_script(COUNT_WRITES)
    visit.goto(f"{page.url}#draw=NsYsYAoM")
    expect(visit.locator(".answer-digit")).to_have_text("1")
    visit.wait_for_timeout(ADDRESS_MS)
    assert visit.evaluate("writes") == 0
    visit.locator(".pad-clear").click()
    visit.wait_for_timeout(ADDRESS_MS)
    assert visit.evaluate("writes") == 1


def test_back_returns_to_the_tab_before(app_page: Page, drawings: list[Drawing], complaints: list[str]) -> None:
    draw(app_page, digit_of(drawings, 3))
    expect(app_page.locator(".answer-digit")).to_have_text("3")
    for tab in ("Architecture", "Results"):
        app_page.get_by_role("tab", name=tab).click()
        expect(app_page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    assert "tab=results" in app_page.url
    app_page.go_back()
    expect(app_page.get_by_role("tab", name="Architecture")).to_have_attribute("aria-selected", "true")
    app_page.reload()
    expect(app_page.get_by_role("tab", name="Architecture")).to_have_attribute("aria-selected", "true")
    app_page.get_by_role("tab", name="Draw").click()
    expect(app_page.locator(".answer-digit")).to_have_text("3")
    assert complaints == []


def test_tabs_in_the_menu_of_a_narrow_screen_have_links_and_go_back(app_page: Page) -> None:
    app_page.set_viewport_size({"width": 320, "height": 600})
    app_page.get_by_label("More tabs").click()
    app_page.locator(".overflow-dropdown button").last.click()
    chosen = app_page.locator("#tabs [role=tab][aria-selected=true]")
    expect(chosen).to_have_text("Results")
    expect(app_page).to_have_url(re.compile("tab=results"))
    app_page.go_back()
    expect(chosen).to_have_text("Draw")
    app_page.go_forward()
    expect(chosen).to_have_text("Results")


def test_a_damaged_link_gets_a_sentence_and_an_empty_pad(visit: Page, context: BrowserContext, page: Page) -> None:
    errors: list[str] = []
    for fragment in ("draw=N", "draw=<script>", "draw=" + "N" * 20_000, "draw=NAA.", "draw=%00%ff"):
        hostile = context.new_page()
        hostile.on("pageerror", lambda error: errors.append(str(error)))
        hostile.goto(f"{page.url}#{fragment}")
        expect(hostile.locator(".pad-message")).to_contain_text("The drawing in this link is damaged")
        expect(hostile.locator(".answer-digit")).to_have_text("?")
        hostile.close()
    visit.goto(f"{page.url}#cell=../../etc&tab=nowhere&digit=99&x=y")
    visit.reload()
    wait_for_pad(visit)
    expect(visit.locator(".pad-message")).to_have_text("")
    assert errors == []


HOSTILE = """async (fragments) => {
  const said = new Set();
  for (const fragment of fragments) {
    location.hash = fragment;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    said.add(document.querySelector('.pad-message').textContent);
  }
  return [...said]; }"""


def hostile_fragments(count: int) -> list[str]:
    """Drawings, tabs, digits and cells as nobody's page writes them: cut off, with wrong signs, far too long, markup."""
    random = np.random.default_rng(0)
    signs = list("ABCZabcz019-_.%&=#<>\"'\\ é🙂")
    markup = "<img src=x onerror=window.hurt=1>"

    def text(length: int) -> str:
        return "".join(random.choice(signs, length))

    kinds = (
        lambda: f"draw={text(int(random.integers(0, 200)))}",
        lambda: f"draw=N2P2KBZ{text(int(random.integers(0, 40)))}&cell={text(12)}",
        lambda: f"draw={'N' * int(random.integers(1, 20_000))}",
        lambda: f"draw={markup}&tab={markup}&digit={markup}&cell={markup}",
        lambda: f"tab=inside&cell=conv2.{'.'.join(map(str, random.integers(-9, 999, 3)))}&digit={text(3)}",
        lambda: text(int(random.integers(0, 2_000))),
    )
    return [f"{kinds[place % len(kinds)]()}&n={place}" for place in range(count)]  # the number makes every one a change


def test_hostile_links_get_a_sentence_at_most(app_page: Page, drawings: list[Drawing], complaints: list[str]) -> None:
    said = app_page.evaluate(HOSTILE, hostile_fragments(100))
    assert len(said) <= 2
    assert all(not sentence or sentence.startswith("The drawing in this link is damaged") for sentence in said), said
    assert complaints == []
    assert app_page.evaluate("window.hurt") is None
    assert app_page.locator("img[src=x]").count() == 0
    app_page.evaluate("location.hash = ''")
    app_page.get_by_role("tab", name="Draw").click()
    draw(app_page, digit_of(drawings, 5))
    expect(app_page.locator(".answer-digit")).to_have_text("5")


def saved_card(page: Page) -> Image.Image:
    page.locator(".pad-share").click()
    expect(page.locator(".share")).to_be_visible()
    with page.expect_download() as download:
        page.locator(".share-save").click()
    page.locator(".share-close").click()
    return Image.open(io.BytesIO(download.value.path().read_bytes()))


def test_the_picture_shows_drawing_image_and_bars_although_the_canvas_is_protected(
    context: BrowserContext, page: Page, drawings: list[Drawing]
) -> None:
    context.add_init_script(PROTECTED)
    visit = context.new_page()
    visit.goto(page.url)
    wait_for_pad(visit)
    draw(visit, digit_of(drawings, 8))
    expect(visit.locator(".answer-digit")).to_have_text("8")
    card = saved_card(visit)
    assert (card.format, card.size) == ("PNG", CARD)
    pixels = np.asarray(card.convert("RGB")).astype(int)
    pad, seen, bars = pixels[50:580, 50:580], pixels[50:246, 954:1150], pixels[330:540, 640:1150]
    dark = (pad.sum(axis=2) < 200).mean()
    assert 0.02 < dark < 0.3, "the drawing is on it"
    levels = seen.mean(axis=2).reshape(28, 7, 28, 7).mean(axis=(1, 3))
    assert levels.max() > 240
    assert (levels == 0).mean() > 0.4
    accent = np.array([0xC2, 0x41, 0x0C])
    full = (np.abs(bars - accent).sum(axis=2) < 10).any(axis=0)
    step = (510 + 8) / 10
    assert {int((x + 0.5) // step) for x in np.nonzero(full)[0]} == {8}, "one bar is filled: that of the 8"


def test_a_photograph_is_not_put_into_the_link_and_the_dialog_says_so(visit: Page, drawings: list[Drawing]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(render(digit_of(drawings, 4), size=500, brush=16)).save(buffer, "PNG")
    photo = {"name": "four.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    visit.locator(".pad-upload input").set_input_files(photo)  # type: ignore[arg-type]
    expect(visit.locator(".answer-digit")).to_have_text("4")
    visit.locator(".pad-share").click()
    expect(visit.locator(".share-done")).to_contain_text("pictures stay on your device")
    assert "draw" not in visit.locator(".share-link input").input_value()


def test_on_a_phone_the_system_shares_link_and_picture(chromium: Browser, page: Page, drawings: list[Drawing]) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    context.add_init_script("""
      navigator.canShare = () => true;
      navigator.share = async ({ url, files }) => { window.shared = { url, name: files[0].name, size: files[0].size }; };
    """)
    phone = context.new_page()
    phone.goto(page.url)
    wait_for_pad(phone)
    draw(phone, digit_of(drawings, 7))
    expect(phone.locator(".answer-digit")).to_have_text("7")
    phone.locator(".pad-share").tap()
    phone.wait_for_function("window.shared")
    shared = phone.evaluate("shared")
    assert "#draw=" in shared["url"]
    assert shared["name"] == "digit.png"
    assert shared["size"] > 1_000
    expect(phone.locator(".share")).to_be_hidden()
    context.close()


def test_in_a_spaces_frame_the_hubs_address_gets_the_fragment(context: BrowserContext, page: Page) -> None:
    hub = f"""<!doctype html><iframe src="{SPACE}" width="1150" height="800"></iframe>
      <script>addEventListener('message', ({{ data }}) => {{ if ('hash' in data) location.hash = data.hash; }});</script>"""
    context.route("https://huggingface.co/**", lambda route: route.fulfill(body=hub, content_type="text/html"))
    ours = page.url
    context.route(
        f"{SPACE}**", lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace(SPACE, ours)))
    )
    framed = context.new_page()
    framed.goto("https://huggingface.co/spaces/someone/digits")
    frame = framed.frame_locator("iframe")
    canvas = frame.locator("#pad .pad-ready canvas")
    expect(canvas).to_be_visible()
    box = canvas.bounding_box()
    assert box is not None
    framed.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.2 * box["height"])
    framed.mouse.down()
    framed.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.8 * box["height"], steps=8)
    framed.mouse.up()
    expect(frame.locator(".answer-digit")).to_have_text("1")
    framed.wait_for_function("location.hash.startsWith('#draw=')")


def test_the_ribbon_tells_the_changing_mind_and_scrubs_through_it(visit: Page, drawings: list[Drawing]) -> None:
    expect(visit.locator(".pad-ribbon input")).to_be_hidden()
    expect(visit.get_by_text("It thought:")).to_be_hidden()
    draw(visit, side_by_side([digit_of(drawings, label) for label in (2, 7)]), fill=0.85)
    expect(visit.locator(".answer-digit")).to_have_text("27")
    thoughts = visit.locator(".ribbon-parts span").all_inner_texts()
    assert thoughts[-1] == "27"
    assert any(re.fullmatch(r"\d", each) for each in thoughts), thoughts
    expect(visit.get_by_text("It thought:")).to_be_visible()
    slider = visit.get_by_label("What the network thought on the way")
    slider.focus()
    visit.keyboard.press("Home")
    expect(visit.locator(".answer-digit")).to_have_text(thoughts[0])
    expect(slider).to_have_attribute("aria-valuetext", thoughts[0])
    visit.keyboard.press("End")
    expect(visit.locator(".answer-digit")).to_have_text("27")
    visit.keyboard.press("Home")
    draw(visit, [[(0.0, 0.0), (0.1, 0.0)]], fill=0.05)  # whoever draws on goes on from the whole drawing
    assert visit.locator(".answer-chips button").count() >= 2
    visit.locator(".pad-clear").click()
    expect(visit.locator(".ribbon-parts span")).to_have_count(0)
