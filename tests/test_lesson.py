"""The links of the lesson lead to what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from testing import ROOT

LESSON = (ROOT / "docs" / "lesson.md").read_text("utf-8")
LINKS = dict(re.findall(r"\[([\w ]+)\]\(http://localhost:7860/#([^)]*)\)", LESSON))
SHOWN = {
    "Read a 5": (".answer-digit", "5"),
    "Shrink a 3": (".inside-verdict", "Read as 3"),
    "A convolution by hand": (".cell", "conv1, map 9, row 24, column 15"),
    "See further": (".cell", "conv4, map 3, row 9, column 8"),
    "In doubt": (".inside-verdict", "nsure"),
    "Not a digit": (".answer-probability", "doesn’t look like a digit"),
}
"""By the words of a link: the part of the page that shows what the lesson says, and words in it."""


def test_there_are_six_things_to_try() -> None:
    assert LINKS.keys() == SHOWN.keys()


@pytest.mark.parametrize("name", SHOWN)
def test_a_link_shows_what_it_promises(page: Page, name: str) -> None:
    part, words = SHOWN[name]
    address = page.url.partition("#")[0]
    page.goto("about:blank")  # in a page that is open, a new fragment may be lost while the page writes its own
    page.goto(f"{address}#{LINKS[name]}")
    expect(page.locator(part)).to_contain_text(words)
