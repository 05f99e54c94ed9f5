"""The engine in the visitor's browser: ``python -m benchmarks.browser``.

Opens the static page in headless Chromium and times predictions (strokes -> digits -> 28×28 -> probabilities and verdict) of
the tests' own digits; then draws one of them with the mouse in about a second and counts how often the bars changed on the
way, and, drawing in the strip of *Inside*, how often the strip did. Last, it draws them all with the whole of *Inside*
in view, its stages closed and then open, and times from the end of a drawing until all of it is up to date.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

from playwright.sync_api import Page, ViewportSize

from mnist_cnn.drawing.unipen import TABLET_SIZE, Drawing
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing.pen_digits import pen_digits
from testing.rows import write_rows
from testing.servers import served_files
from testing.visitor import FINE_STEP, browser, draw, to_pad, wait_for_pad

ROUNDS = 20
WARM_UP_ROUNDS = 2
STROKE_SECONDS = 1.0
DIGIT = 8
"""Written in one long stroke."""

TIME_JS = """async ({ drawings, rounds, warmUp }) => {
  const { loadNetwork, networkOf } = await import('engine/cnn.js');
  const { readDigits } = await import('pad/read.js');
  const { description, weights } = await loadNetwork('network.json', 'network.bin');
  const times = [];
  for (let round = 0; round < rounds + warmUp; round += 1) {
    for (const strokes of drawings) {
      const network = networkOf(description, weights); // one that remembers nothing
      const start = performance.now();
      readDigits(network, strokes.map((points) => ({ points, width: 0.065 })), true);
      if (round >= warmUp) times.push(performance.now() - start);
    }
  }
  return times;
}"""
# While the last stroke of a number grows: with the network as it is, and with one that remembers nothing
FRAME_JS = """async ({ strokes }) => {
  const { loadNetwork, networkOf } = await import('engine/cnn.js');
  const { readDigits } = await import('pad/read.js');
  const network = await loadNetwork('network.json', 'network.bin');
  const { description, weights } = network;
  const forgetful = { ...network, run: (image) => networkOf(description, weights).run(image) };
  const last = strokes[strokes.length - 1];
  const times = { network: [], forgetful: [] };
  for (let count = 2; count <= last.length; count += 1) {
    const drawn = [...strokes.slice(0, -1), last.slice(0, count)].map((points) => ({ points, width: 0.065 }));
    for (const [key, each] of Object.entries({ network, forgetful })) {
      const start = performance.now();
      readDigits(each, drawn, false);
      times[key].push(performance.now() - start);
    }
  }
  return [times.network, times.forgetful];
}"""
LONG_NUMBER = (8, 8)
"""Fewest and most digits of the numbers for ``frame_times_ms``."""
LONG_NUMBERS = 10
BARS = "[...document.querySelectorAll('.bar')].map((bar) => bar.style.getPropertyValue('--share')).join()"
MAPS = "[...document.querySelectorAll('.strip-item canvas')].map((canvas) => canvas.toDataURL()).join()"
# It is looked at once a frame, as often as a screen could show it
WATCH_JS = """() => {
  window.changes = 0;
  let before = '';
  const look = () => {
    const now = @value;
    if (now !== before) changes += 1;
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

# From the pen's lifting to the second frame after: the first one paints what was computed
INSIDE_JS = """() => {
  const first = !window.insideTimes;
  window.insideTimes = [];
  if (first) addEventListener('pointerup', () => {
    const start = performance.now();
    requestAnimationFrame(() => requestAnimationFrame(() => insideTimes.push(performance.now() - start)));
  }, true);
}"""
TALL: ViewportSize = {"width": 1440, "height": 10_000}


def predict_times_ms(page: Page, drawings: list[Drawing]) -> list[float]:
    """Milliseconds of every prediction."""
    strokes = [[[{"x": x / TABLET_SIZE, "y": y / TABLET_SIZE} for x, y in s] for s in each.strokes] for each in drawings]
    times: list[float] = page.evaluate(TIME_JS, {"drawings": strokes, "rounds": ROUNDS, "warmUp": WARM_UP_ROUNDS})
    return times


def frame_times_ms(page: Page, drawings: list[Drawing]) -> tuple[list[float], list[float]]:
    """Milliseconds of every reading while the last stroke of a long number grows, and without what the network remembers."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in write_rows(drawings, LONG_NUMBERS, 0, lengths=LONG_NUMBER):
        side = max(number.width, number.height)
        strokes = [[{"x": x / side, "y": y / side} for x, y in stroke] for stroke in number.strokes]
        for mine, found in zip(times, page.evaluate(FRAME_JS, {"strokes": strokes}), strict=True):
            mine.extend(found)
    return times


def updates(page: Page, drawing: Drawing, pad: str, value: str) -> tuple[int, float]:
    """How often ``value`` (JavaScript) changed in the first stroke of ``drawing`` on ``pad``, and how long that took."""
    box = page.locator(pad).bounding_box()
    assert box is not None
    points = to_pad(drawing.strokes, box)[0]
    page.evaluate(WATCH_JS.replace("@value", value))
    page.wait_for_timeout(100)
    before: int = page.evaluate("changes")
    page.mouse.move(*points[0])
    page.mouse.down()
    start = time.perf_counter()
    for number, point in enumerate(points):
        page.mouse.move(*point)
        ahead = start + STROKE_SECONDS * number / (len(points) - 1) - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
    seconds = time.perf_counter() - start
    changes: int = page.evaluate("changes") - before
    page.mouse.up()
    return changes, seconds


def inside_times_ms(page: Page, drawings: list[Drawing]) -> list[float]:
    """Milliseconds from the end of each drawing until everything on the page, all in view, shows it."""
    page.evaluate(INSIDE_JS)
    for drawing in drawings:
        draw(page, drawing.strokes, step=FINE_STEP)
        page.wait_for_timeout(600)
        assert page.locator(".why-digit").inner_text() == page.locator(".answer-digit").inner_text(), (
            "Inside shows the drawing"
        )
        page.keyboard.press("Escape")
        page.wait_for_timeout(200)
    times: list[float] = page.evaluate("insideTimes")
    return times


def main() -> None:
    """Print the figures and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    drawings = pen_digits()
    longest = max((each for each in drawings if each.digit == DIGIT), key=lambda each: len(each.strokes[0]))
    with served_files(static_page(DEFAULT)) as url, browser() as chromium:
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        times = predict_times_ms(page, drawings)
        frames, forgetful = (statistics.median(each) for each in frame_times_ms(page, drawings))
        changes, seconds = updates(page, longest, "#pad canvas", BARS)
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        page.locator(".stages").scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        strip_changes, strip_seconds = updates(page, longest, ".strip-pad canvas", MAPS)
        page = chromium.new_page(viewport=TALL)
        page.goto(url)
        wait_for_pad(page)
        inside = inside_times_ms(page, drawings)
        page.locator(".stage").evaluate_all("all => all.forEach((stage) => { stage.open = true; })")
        opened = inside_times_ms(page, drawings)
    median = statistics.median(times)
    slow = statistics.quantiles(times, n=20)[-1]
    print(f"\n{DEFAULT}, one prediction in headless Chromium, n = {len(times)}")
    print(f"median {median:.1f} ms, 95th percentile {slow:.1f} ms")
    print(
        f"a number of {LONG_NUMBER[0]} digits while its last stroke grows: median {frames:.1f} ms a frame; {forgetful:.1f}"
        f" ms, {forgetful / frames:.1f} times as long, without remembering results"
    )
    print(f"one stroke of {len(longest.strokes[0])} points in {seconds:.2f} s: the bars changed {changes} times")
    print(f"the same stroke in the strip of Inside in {strip_seconds:.2f} s: the strip changed {strip_changes} times")
    for words, found in (("closed", inside), ("open", opened)):
        print(
            f"all of Inside, stages {words}, up to date after a drawing: median {statistics.median(found):.0f} ms, "
            f"95th percentile {statistics.quantiles(found, n=20)[-1]:.0f} ms, n = {len(found)}"
        )
    figures = {
        "predict_ms_median": round(median, 2),
        "frame_ms_median": round(frames, 2),
        "frame_ratio": round(forgetful / frames, 1),
        "bar_updates_per_s": round(changes / seconds, 1),
        "strip_updates_per_s": round(strip_changes / strip_seconds, 1),
        "inside_ms_median": round(statistics.median(inside)),
        "inside_open_ms_median": round(statistics.median(opened)),
    }
    print(f"\n{json.dumps(figures)}")


if __name__ == "__main__":
    main()
