"""What the parts of *Play* cost in the visitor's browser: ``python -m benchmarks.play``.

Opens the static page in headless Chromium. One stroke is drawn in about a second, as in ``benchmarks.browser``: first with
everything closed, then with the answers of all iterations shown, and it is counted how often the bars changed on the way.
Then it times a step of the slider of *Watch it learn*; a fit of the last layer to one, and to two, drawings of every digit;
the search for the nearest training digits; and a channel that is switched off. The times are those of the page's own code,
without the browser's painting.
"""

from __future__ import annotations

import argparse
import json
import statistics

from playwright.sync_api import Page

from benchmarks.browser import BARS, DIGIT, updates
from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing.pen_digits import pen_digits
from testing.servers import served_files
from testing.visitor import FINE_STEP, browser, draw, wait_for_pad

ROUNDS = 30
VERSIONS = """[...document.querySelectorAll('.play-panel i')]
  .map((bar) => bar.parentElement.style.cssText + bar.style.cssText).join()"""
SLIDER_JS = """async (rounds) => {
  const slider = document.querySelector('.play-part[data-part=learn] input[type=range]');
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    slider.value = String(round % (Number(slider.max) + 1));
    const start = performance.now();
    slider.dispatchEvent(new Event('input'));
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""
FIT_JS = """async ({ drawings, rounds }) => {
  const { ownNetwork } = await import('pad/demo.js');
  const { dataOf } = await import('pad/data.js');
  const { encodeStrokes } = await import('pad/fragment.js');
  const { Teacher } = await import('play/hand.js');
  const teacher = new Teacher(ownNetwork(), await dataOf('pull'));
  const encoded = (strokes) => encodeStrokes(strokes.map((points) => ({ points, width: 0.065 })));
  const kept = drawings.map(({ digit, strokes }) => ({ digit, draw: encoded(strokes) }));
  const times = [];
  for (let round = 0; round < rounds + 3; round += 1) { // the first ones compile
    const start = performance.now();
    teacher.fit(kept);
    if (round >= 3) times.push(performance.now() - start);
  }
  return times;
}"""
NEAREST_JS = """async (rounds) => {
  const { dataOf } = await import('pad/data.js');
  const { nearest } = await import('engine/neighbours.js');
  const { features, scales } = (await dataOf('neighbours')).arrays;
  const size = scales.values.length;
  const known = Float32Array.from(features.values, (level, i) => level * scales.values[i % size]);
  const times = [];
  for (let round = 0; round < rounds + 3; round += 1) {
    const start = performance.now();
    nearest(known.subarray(size * round, size * (round + 1)), known, 6);
    if (round >= 3) times.push(performance.now() - start);
  }
  return times;
}"""
CHANNEL_JS = """async (rounds) => {
  const tiles = [...document.querySelectorAll('.play-part[data-part=ablate] .wall-tile')];
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    tiles[round % tiles.length].click();
    times.push(performance.now() - start);
    await new Promise(requestAnimationFrame);
  }
  return times;
}"""


def on_pad(drawings: list[Drawing], each: int) -> list[dict[str, object]]:
    """``each`` drawings of every digit with points in fractions of the pad."""
    chosen = [drawing for digit in range(10) for drawing in [d for d in drawings if d.digit == digit][:each]]
    return [
        {
            "digit": drawing.digit,
            "strokes": [[{"x": x / TABLET_SIZE, "y": y / TABLET_SIZE} for x, y in stroke] for stroke in drawing.strokes],
        }
        for drawing in chosen
    ]


def open_part(page: Page, name: str) -> None:
    """Open a part of *Play* and wait for it."""
    part = page.locator(f".play-part[data-part={name}]")
    part.locator("summary").first.click()
    part.locator(".play-body > :not(.play-wait)").first.wait_for()
    page.wait_for_timeout(500)


def main() -> None:
    """Print the figures and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    drawings = pen_digits()
    longest = max((each for each in drawings if each.digit == DIGIT), key=lambda each: len(each.strokes[0]))
    times: dict[str, list[float]] = {}
    with served_files(static_page(DEFAULT)) as url, browser() as chromium:
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        closed, seconds = updates(page, longest, "#pad canvas", BARS)
        page.locator(".play-versions").click()
        page.locator(".play-panel .play-body > :not(.play-wait)").first.wait_for()
        page.wait_for_timeout(1_000)
        page.keyboard.press("Escape")
        shown, shown_seconds = updates(page, longest, "#pad canvas", VERSIONS)
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        draw(page, longest.strokes, step=FINE_STEP)
        open_part(page, "learn")
        times["slider_ms"] = page.evaluate(SLIDER_JS, ROUNDS)
        open_part(page, "ablate")
        times["channel_ms"] = page.evaluate(CHANNEL_JS, ROUNDS)
        for each in (1, 2):
            given = {"drawings": on_pad(drawings, each), "rounds": ROUNDS}
            times[f"fit_{10 * each}_ms"] = page.evaluate(FIT_JS, given)
        times["nearest_ms"] = page.evaluate(NEAREST_JS, ROUNDS)
    figures = {"bar_updates_per_s": round(closed / seconds, 1), "versions_updates_per_s": round(shown / shown_seconds, 1)}
    print(f"\n{DEFAULT} in headless Chromium, one stroke of {len(longest.strokes[0])} points in about a second")
    print(f"the bars changed {figures['bar_updates_per_s']:.0f} times a second with everything closed,")
    print(f"the answers of all iterations {figures['versions_updates_per_s']:.0f} times a second when shown")
    print(f"\n{'':12} {'median':>8} {'95th':>8}  n = {ROUNDS}")
    for name, found in times.items():
        median, slow = statistics.median(found), statistics.quantiles(found, n=20)[-1]
        print(f"{name:12} {median:8.1f} {slow:8.1f}")
        figures[name] = round(median, 1)
    print(f"\n{json.dumps(figures)}")


if __name__ == "__main__":
    main()
