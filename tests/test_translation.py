"""A page that the browser translates, and one in a browser that runs no scripts."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from testing.pen_digits import pen_digits
from testing.visitor import draw

TRANSLATE = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode;
    if (data.trim() && !parentElement.closest('script, style, [translate=no]')) texts.push(walker.currentNode);
  }
  for (const text of texts) {
    const [outer, inner] = [document.createElement('font'), document.createElement('font')];
    text.replaceWith(outer);
    outer.append(inner);
    inner.append(`Ü${text.data.trim()}`);
  }
}"""
"""What Chrome's translation does: every text becomes another one, in two elements ``<font>``."""


def selected(page: Page) -> str:
    name = page.locator("#tabs [role=tab][aria-selected=true] >> visible=true").get_attribute("data-tab-id")
    assert name is not None
    return name


def test_a_translated_page_answers_and_goes_back_to_its_tabs(app_page: Page, complaints: list[str]) -> None:
    seven = next(each for each in pen_digits() if each.digit == 7)
    app_page.evaluate(TRANSLATE)
    tabs = app_page.locator("#tabs [role=tab] >> visible=true")
    assert tabs.all_inner_texts() == ["ÜDraw", "ÜInside", "ÜPlay", "ÜArchitecture", "ÜResults"]
    draw(app_page, seven.strokes)
    expect(app_page.locator(".answer-digit")).to_have_text("7")
    app_page.evaluate(TRANSLATE)
    expect(app_page.locator(".answer-digit")).to_have_text("7")
    assert app_page.locator(".bar b").all_inner_texts() == [str(digit) for digit in range(10)]
    app_page.keyboard.press("Escape")
    draw(app_page, seven.strokes)
    expect(app_page.locator(".answer-digit")).to_have_text("7")
    expect(app_page.locator(".answer-probability")).not_to_contain_text("Ü")
    tabs.nth(3).click()
    expect(app_page.locator("#architecture code").first).to_be_visible()
    app_page.evaluate(TRANSLATE)
    expect(app_page.locator("#architecture code").first).to_have_text("input")
    tabs.nth(4).click()
    app_page.wait_for_url("**tab=results")
    app_page.go_back()
    app_page.wait_for_url("**tab=architecture")
    assert selected(app_page) == "architecture"
    app_page.reload()
    expect(app_page.get_by_role("tab", name="Architecture")).to_have_attribute("aria-selected", "true")
    assert complaints == []


def test_without_javascript_the_page_says_that_it_needs_it(chromium: Browser, app_url: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(app_url)
    expect(page.locator("noscript p")).to_be_visible()
    context.close()
