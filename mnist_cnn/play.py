"""Measure a finished network for the parts of the page that play with it: ``python -m mnist_cnn.play --iteration 6``.

Each file of ``FILES`` is written beside the network's weights. It has the checksum of the weights, as the browser gets them,
so that the page does not use a file of an earlier network.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from mnist_cnn import ablation, checkpoint, features, neighbours
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.console import path, print_everywhere
from mnist_cnn.data import DataMissingError, Dataset, default_data_dir, load_mnist
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training import exemplars
from mnist_cnn.training.mixture import AMBIGUOUS_SIGNS
from mnist_cnn.training.stroke_data import load_packed
from mnist_cnn.training.strokes import PenBatch, render


@dataclass(frozen=True)
class Finished:
    """A trained network and MNIST."""

    net: nn.Sequential  # in eval mode
    train: Dataset
    test: Dataset
    about: dict[str, Any]  # the name of the network and the checksum of its weights; every file has them


def letters() -> Tensor:
    """(N, 28, 28) uint8: the letters and signs of the training writers, without those that look like digits."""
    strokes = load_packed()
    unclear = np.isin(strokes.labels, [ord(sign) for sign in AMBIGUOUS_SIGNS])
    return render(PenBatch.of(strokes, ~strokes.held_out & (strokes.digits < 0) & ~unclear, strokes.digits))


FILES: dict[str, Callable[[Finished], bytes]] = {
    ablation.FILE: lambda given: ablation.pack_channels(given.net, given.test, given.about),
    ablation.DIGITS_FILE: lambda given: ablation.pack_digits(given.test, given.about),
    neighbours.FILE: lambda given: exemplars.pack_neighbours(given.net, given.train, given.about),
    features.TEST_FILE: lambda given: features.pack_test_features(given.net, given.test, given.about),
    features.PULL_FILE: lambda given: features.pack_pull(given.net, given.train.images, letters(), given.about),
}
"""What is written, and how it is made, by the name of the file, which stands in the module that knows its form.
``OWN_FILES`` in ``page/play.py`` hands it to the page."""


def finished(folder: Path, data_dir: Path) -> Finished:
    """The network of ``folder`` with MNIST. Raises ``WeightsError`` or ``DataMissingError``."""
    net = checkpoint.load(folder)
    name = checkpoint.load_recipe(folder).name
    about = {"name": name, "crc32": features.checksum(net)}
    return Finished(net, *load_mnist(data_dir), about)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 if all files are written, 2 if a folder or the data cannot be used."""
    print_everywhere()
    parser = argparse.ArgumentParser(description="Measure a finished network for the tabs Play and Inside.")
    add = parser.add_argument
    add(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="iteration whose network is measured (default: %(default)s)",
    )
    add("--weights", type=path, help="folder of the network, into which the files are written (default: weights/NAME)")
    add(
        "--data-dir",
        type=path,
        default=default_data_dir(),
        help="folder that holds MNIST/raw; missing files are downloaded into it (default: MNIST_DATA or data)",
    )
    add("--only", choices=FILES, nargs="+", default=list(FILES), help="write these files only")
    options = parser.parse_args(arguments)
    folder = options.weights or checkpoint.SHIPPED / ITERATIONS[options.iteration].name
    try:
        given = finished(folder, options.data_dir)
        for name in options.only:
            start = time.perf_counter()
            content = FILES[name](given)
            checkpoint.write_whole({folder / name: content})
            print(f"{folder / name}: {len(content):,} bytes, {time.perf_counter() - start:.0f} s")
    except (DataMissingError, WeightsError, OSError, ValueError) as error:
        print(f"mnist_cnn.play: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
