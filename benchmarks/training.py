"""Training speed: ``python -m benchmarks.training --data-dir data``.

The plain pipeline (torchvision's transforms on PIL images in a ``DataLoader``, fp32, the way a notebook does it, with 0 or 2
workers) and ours train the same network on the same batches of the same augmentation, taking turns; then ours trains from
scratch until the test set is read with 99.0 % and 99.4 %.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision.datasets import MNIST
from torchvision.transforms import v2

from mnist_cnn.data import MEAN, STD, Dataset, default_data_dir, load_mnist
from mnist_cnn.model import IMAGE_SIZE, build
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.training.fast_forward import Precision, native_precision
from mnist_cnn.training.loop import train
from mnist_cnn.training.mixture import build_extras
from mnist_cnn.training.stroke_data import load_packed

RECIPE = RECIPES["4-steplr5"]
ROUNDS = 3
IMAGES = 128 * 75
"""Images an epoch; a turn is two epochs, of which the second is timed, for the first one warms up."""
TARGETS = (99.0, 99.4)

TRANSFORMS = v2.Compose(
    [
        v2.RandomApply([v2.CenterCrop(22)], p=0.1),
        v2.Resize((IMAGE_SIZE, IMAGE_SIZE)),
        v2.RandomRotation((-10, 10), fill=0),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize((MEAN,), (STD,)),
    ]
)


def plain_images_per_s(data_dir: Path, workers: int) -> float:
    """One turn of the plain pipeline."""
    dataset = torch.utils.data.Subset(MNIST(data_dir, train=True, transform=TRANSFORMS), range(IMAGES))
    loader = DataLoader(dataset, batch_size=RECIPE.batch_size, shuffle=True, num_workers=workers)
    net = build(RECIPE)
    optimizer = torch.optim.Adam(net.parameters(), lr=RECIPE.learning_rate)
    seconds = 0.0
    for _ in range(2):
        start = time.perf_counter()
        for images, labels in loader:
            optimizer.zero_grad()
            loss = F.nll_loss(net(images), labels)
            loss.backward()
            optimizer.step()
        seconds = time.perf_counter() - start
    return IMAGES / seconds


def our_images_per_s(data_dir: Path, precision: Precision) -> float:
    """One turn of ``training.train``; the seconds are those of its history."""
    train_set, _ = load_mnist(data_dir)
    _, history = train(RECIPE, train_set[:IMAGES], train_set[:1000], seed=0, epochs=2, precision=precision)
    return IMAGES / history[1].seconds


def seconds_to(targets: tuple[float, ...], train_set: Dataset, test_set: Dataset) -> dict[float, float | None]:
    """Training seconds of the default recipe until the test accuracy first reaches each of ``targets``, seed 0."""
    recipe = RECIPES[DEFAULT]
    precision = native_precision(torch.device("cpu"))
    mixture = recipe.mixture
    extras = None if mixture is None else build_extras(mixture, load_packed(), train_set)
    _, history = train(recipe, train_set, test_set, seed=0, epochs=recipe.epochs, precision=precision, extras=extras)
    found: dict[float, float | None] = dict.fromkeys(targets)
    elapsed = 0.0
    for epoch in history:
        elapsed += epoch.seconds
        for target in targets:
            if found[target] is None and epoch.test_accuracy >= target:
                found[target] = round(elapsed, 1)
    return found


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw")
    options = parser.parse_args()
    train_set, test_set = load_mnist(options.data_dir)
    precision = native_precision(torch.device("cpu"))
    contestants = {
        "plain, 0 workers": partial(plain_images_per_s, options.data_dir, 0),
        "plain, 2 workers": partial(plain_images_per_s, options.data_dir, 2),
        "ours, fp32": partial(our_images_per_s, options.data_dir, "fp32"),
        f"ours, {precision}": partial(our_images_per_s, options.data_dir, precision),
    }
    speeds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, turn in contestants.items():
            # a process of its own: ours changes how the process keeps its memory
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                speeds[name].append(pool.submit(turn).result())
    medians = {name: statistics.median(each) for name, each in speeds.items()}
    plain = max(medians["plain, 0 workers"], medians["plain, 2 workers"])
    ours = medians[f"ours, {precision}"]
    reached = seconds_to(TARGETS, train_set, test_set)

    print(f"\n{RECIPE.name}, batch {RECIPE.batch_size}, {torch.get_num_threads()} threads, median of {ROUNDS} turns\n")
    for name, speed in medians.items():
        print(f"{name:20}{speed:8.0f} images/s{speed / plain:8.2f} ×")
    for target, seconds in reached.items():
        print(f"{DEFAULT} at {target} % of the test digits after {seconds} s of training")
    print()
    print(
        json.dumps(
            {
                "plain_images_per_s": round(plain, 1),
                "ours_images_per_s": round(ours, 1),
                "ratio": round(ours / plain, 2),
                "ratio_fp32": round(medians["ours, fp32"] / plain, 2),
                "seconds_to_99_0": reached[99.0],
                "seconds_to_99_4": reached[99.4],
            }
        )
    )


if __name__ == "__main__":
    main()
