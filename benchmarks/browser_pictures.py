"""Pictures in the visitor's browser: ``python -m benchmarks.browser_pictures --folder ../shared/data/pictures``.

Reads 300 of the files in headless Chromium, as the page reads them, and compares digits and boxes with Python's; then
brings a photograph of 12 megapixels to the page and times its answer and the longest frame on the way; last, how long
``/predict`` takes for the same file and for a JPEG of 48 megapixels, without the network between.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page
from tqdm import tqdm

from benchmarks.pictures import read_labels
from mnist_cnn import checkpoint
from mnist_cnn.confidence import load_confidence
from mnist_cnn.drawing import decode
from mnist_cnn.drawing.image_file import WORKING_SIZE
from mnist_cnn.predict import Prediction, predict
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing.pen_digits import pen_digits
from testing.photographs import Conditions, photograph
from testing.servers import served_files
from testing.visitor import browser, wait_for_pad

SEED = 0
COUNT = 300
TIMES = 5
LARGE = {"12 megapixels": (4_000, 3_000), "48 megapixels": (8_000, 6_000)}
SENSOR_NOISE = 6.0
"""Standard deviation in grey levels, which makes the files of 12 megapixels as large as a telephone's."""

READ_JS = """async (encoded) => {
  const { decode } = await import('pad/decode.js');
  const { loadNetwork } = await import('engine/cnn.js');
  const { readPicture, numberOf } = await import('engine/predict.js');
  window.network ??= await loadNetwork('network.json', 'network.bin');
  const blob = await (await fetch('data:application/octet-stream;base64,' + encoded)).blob();
  const pixels = await decode(blob);
  const digits = readPicture(window.network, pixels);
  return {
    number: numberOf(digits),
    boxes: digits.map(({ box: { left, top, right, bottom } }) => [left, top, right, bottom]),
  };
}"""
# From the file's arrival: what a test sends it with takes time too
WATCH_JS = """() => {
  const input = document.querySelector('.pad-upload input');
  let before, longest, start;
  const look = (now) => {
    longest = Math.max(longest, now - before);
    before = now;
    if (/[0-9]/.test(document.querySelector('.answer-digit')?.textContent)) {
      window.times = [(performance.now() - start) / 1000, longest];
    } else {
      requestAnimationFrame(look);
    }
  };
  window.times = null;
  input.addEventListener('change', () => {
    [before, longest, start] = [performance.now(), 0, performance.now()];
    requestAnimationFrame(look);
  }, { capture: true, once: true });
}"""


def answers(content: bytes, predicted: Callable[..., Prediction]) -> Prediction:
    """The answer of ``/predict`` to the bytes of a file."""
    picture, size = decode(content)
    return predicted(picture, size=size)


def furthest(found: list[list[float]], prediction: Prediction, size: tuple[int, int]) -> float:
    """By how many pixels, of the picture as it is read, the sides of the boxes differ at most; rounded outwards."""
    ours = np.array([digit["box"] for digit in prediction["digits"]], float).reshape(-1, 4)
    sides = np.array(found, float).reshape(-1, 4) * [*size, *size]
    theirs = np.hstack([np.floor(sides[:, :2] + 1e-6), np.ceil(sides[:, 2:] - 1e-6)])
    scale = min(1.0, WORKING_SIZE / max(size))
    return float(np.abs(ours - theirs).max(initial=0.0) * scale)


def large_photograph(size: tuple[int, int]) -> bytes:
    """A JPEG of a digit on ruled paper, of ``size``."""
    random = np.random.default_rng(SEED)
    small = Image.fromarray(photograph(pen_digits()[0], Conditions(uneven=True, paper="ruled"), random))
    pixels = np.asarray(small.resize(size, Image.Resampling.BICUBIC), np.float32)
    pixels = pixels + SENSOR_NOISE * random.standard_normal(pixels.shape, np.float32)
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=85)
    return file.getvalue()


def time_page(page: Page, content: bytes) -> tuple[float, float]:
    """Seconds from a photograph's choice to its answer, and the longest time between two frames in milliseconds."""
    page.keyboard.press("Escape")  # clears the pad
    page.wait_for_selector("#answer .answer-empty")
    page.evaluate(WATCH_JS)
    file: FilePayload = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.locator(".pad-upload input").set_input_files(file)
    page.wait_for_function("times")
    seconds, longest = page.evaluate("times")
    return seconds, longest


def main() -> None:
    """Print the figures and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="pictures and labels.csv")
    options = parser.parse_args()
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    predicted = partial(predict, net, confidence=load_confidence(checkpoint.SHIPPED / DEFAULT, net))
    pictures = read_labels(options.folder)
    chosen = np.random.default_rng(SEED).choice(len(pictures), min(COUNT, len(pictures)), replace=False)
    large = {words: large_photograph(size) for words, size in LARGE.items()}
    differ: list[str] = []
    distances: list[float] = []
    with served_files(static_page(DEFAULT)) as url, browser() as chromium:
        page = chromium.new_page()
        page.goto(url)
        wait_for_pad(page)
        for each in tqdm([pictures[i] for i in sorted(chosen)], desc="pictures"):
            content = each.path.read_bytes()
            found: dict[str, Any] = page.evaluate(READ_JS, base64.b64encode(content).decode())
            ours = answers(content, predicted)
            if found["number"] == ours["number"] and len(found["boxes"]) == len(ours["digits"]):
                distances.append(furthest(found["boxes"], ours, decode(content).size))
            else:
                differ.append(f"{each.path.name}: {ours['number']!r} in Python, {found['number']!r} in the browser")
        waits = [time_page(page, large["12 megapixels"]) for _ in range(TIMES)]
    print(f"\n{len(chosen)} pictures: {len(differ)} read otherwise than by Python")
    for line in differ:
        print(f"  {line}")
    far = sum(distance > 1 for distance in distances)
    print(f"boxes of the others: {max(distances):.2f} pixels apart at most, more than 1 in {far} pictures")
    seconds, frames = (statistics.median(part) for part in zip(*waits, strict=True))
    print(f"12 megapixels in the page: {seconds:.2f} s (median of {TIMES}), longest frame {frames:.0f} ms")
    figures: dict[str, float] = {"n": len(chosen), "differ": len(differ), "far": far, "page_s": round(seconds, 2)}
    figures["longest_frame_ms"] = round(frames)
    for words, content in large.items():
        times = []
        for _ in range(TIMES):
            start = time.perf_counter()
            answers(content, predicted)
            times.append(time.perf_counter() - start)
        print(f"{words} ({len(content) / 1e6:.1f} MB) in /predict: {statistics.median(times):.2f} s (median of {TIMES})")
        figures[f"predict_{words.split()[0]}mp_s"] = round(statistics.median(times), 2)
    print(f"\n{json.dumps(figures)}")


if __name__ == "__main__":
    main()
