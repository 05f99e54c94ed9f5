"""How long the app takes to start and how much memory it keeps: ``python -m benchmarks.start``.

Starts ``python app.py`` five times and prints the median from the start of the process to its first answer over HTTP; then
its resident memory after 1,000 pictures sent to ``/predict``; and which packages' imports the time goes into.
PyTorch's builds with CUDA, which come from PyPI, take 300 MB more than those without, though the page uses none of it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from gradio_client import Client, handle_file
from tqdm import tqdm

from testing import ROOT
from testing.pen_digits import pen_digits, save_picture
from testing.servers import answering, free_port, memory

STARTS = 5
PREDICTIONS = 1_000
PACKAGES = 10


def import_seconds() -> dict[str, float]:
    """Seconds that the top-level packages spend in their own lines while ``app`` is imported."""
    command = [sys.executable, "-X", "importtime", "-c", "import app"]
    report = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stderr
    seconds: defaultdict[str, float] = defaultdict(float)
    for own, module in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", report, re.MULTILINE):
        seconds[module.partition(".")[0]] += int(own) / 1e6
    return seconds


def main() -> None:
    """Print the figures and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    drawings = pen_digits()
    seconds = []
    for number in range(STARTS):
        port = free_port()
        url = f"http://127.0.0.1:{port}/"
        environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
        began = time.perf_counter()
        with answering([sys.executable, "app.py"], url, environment=environment) as process:
            seconds.append(time.perf_counter() - began)
            if number < STARTS - 1:
                continue
            first_mb = memory(process)
            with tempfile.TemporaryDirectory() as folder:
                pictures = [Path(folder) / f"{i}.png" for i in range(len(drawings))]
                for path, drawing in zip(pictures, drawings, strict=True):
                    save_picture(drawing, path)
                client = Client(url, verbose=False)
                for i in tqdm(range(PREDICTIONS), desc="predictions"):
                    client.predict(handle_file(pictures[i % len(pictures)]), api_name="/predict")
            last_mb = memory(process)
    imports = import_seconds()
    total = sum(imports.values())
    first_answer = statistics.median(seconds)
    print(f"start of the process -> first answer: median {first_answer:.1f} s of {STARTS}, slowest {max(seconds):.1f} s")
    print(f"torch {version('torch')} on {os.cpu_count()} cores, {os.getloadavg()[0]:.1f} of them busy")
    print(f"resident memory: {first_mb:.0f} MB at the first answer, {last_mb:.0f} MB after {PREDICTIONS:,} predictions")
    print(f"imports: {total:.1f} s, timed by Python, which makes them slower; the share of each package's own lines:")
    for package, own in sorted(imports.items(), key=lambda item: -item[1])[:PACKAGES]:
        print(f"  {package:<16} {own:5.2f} s  {100 * own / total:4.1f} %")
    print(json.dumps({"first_answer_s": round(first_answer, 2), "rss_mb": round(last_mb)}))


if __name__ == "__main__":
    main()
