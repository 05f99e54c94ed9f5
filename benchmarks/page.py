"""Real digits drawn on the page: ``python -m benchmarks.page --strokes pendigits-orig.tra``.

Serves the app, draws digits with the mouse in headless Chromium, and prints how many are recognised and how long it takes
from the end of a drawing until the bars have settled. Without ``--strokes`` it draws the digits that the tests come with.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
from pathlib import Path

from playwright.sync_api import Page
from tqdm import tqdm

from mnist_cnn.drawing.unipen import Drawing, read_unipen
from testing.pen_digits import STROKES
from testing.servers import served_app
from testing.visitor import FINE_STEP, answered_digit, browser, draw, wait_for_pad

COUNT = 40
SEED = 0
SETTLED_MS = 400
"""After the last stroke the page gets this long before its answer is read."""

# Remembers when the last stroke ended and when the bars last took another length
WATCH = """() => {
  window.stroke = { end: 0, changed: 0 };
  const bars = [...document.querySelectorAll('#answer .bar')];
  const lengths = () => bars.map((bar) => bar.style.getPropertyValue('--share')).join();
  let before = lengths();
  document.addEventListener('pointerup', () => { stroke.end = performance.now(); }, true);
  new MutationObserver(() => {
    const now = lengths();
    if (now !== before) stroke.changed = performance.now();
    before = now;
  }).observe(document.querySelector('#answer .bars'), { subtree: true, attributes: true });
}"""


def draw_all(page: Page, drawings: list[Drawing]) -> tuple[int, list[float]]:
    """How many of ``drawings`` were right, and milliseconds from the end of each until the bars had their last length.

    0 where they had it while the pen still moved.
    """
    page.evaluate(WATCH)
    right, waits = 0, []
    for drawing in tqdm(drawings, desc="digits"):
        page.evaluate("stroke.changed = 0")
        draw(page, drawing.strokes, step=FINE_STEP)
        page.wait_for_timeout(SETTLED_MS)
        right += answered_digit(page) == drawing.label
        page.wait_for_function("stroke.changed > 0")
        waits.append(page.evaluate("Math.max(0, stroke.changed - stroke.end)"))
        page.locator(".pad-clear").click()
        page.wait_for_selector("#answer .answer-empty")
    return right, waits


def main() -> None:
    """Print the figures and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=Path, default=STROKES, help="a UNIPEN file")
    options = parser.parse_args()
    found = read_unipen(options.strokes)
    drawings = random.Random(SEED).sample(found, min(COUNT, len(found)))
    with served_app() as url, browser() as chromium:
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        right, waits = draw_all(page, drawings)
    median = statistics.median(waits)
    print(f"\n{len(drawings)} digits of {options.strokes.name} drawn with the mouse (seed {SEED}): {right} right")
    print(f"end of a drawing -> bars settled: median {median:.1f} ms, slowest {max(waits):.1f} ms, n = {len(waits)}\n")
    print(json.dumps({"right": right, "of": len(drawings), "stroke_to_bars_ms_median": round(median, 1)}))


if __name__ == "__main__":
    main()
