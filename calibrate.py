"""Fit the confidence of a network and write ``confidence.json``: ``python calibrate.py --iteration 6``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mnist_cnn import checkpoint
from mnist_cnn.calibration.fit import Job, calibrate
from mnist_cnn.console import path, print_everywhere
from mnist_cnn.data import DataMissingError, default_data_dir
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.devices import DeviceError
from mnist_cnn.training.loop import DivergedError


def parse_arguments(arguments: list[str] | None) -> Job:
    """The job that the command line describes."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="iteration whose network is calibrated (default: %(default)s)",
    )
    add(
        "--sibling",
        type=path,
        default=Path("sibling"),
        help="folder of a network of the same recipe, trained without the last training digits; "
        "trained first if the folder has no network (default: %(default)s)",
    )
    add(
        "--data-dir",
        type=path,
        default=default_data_dir(),
        help="folder that holds MNIST/raw; missing files are downloaded into it (default: MNIST_DATA or data)",
    )
    add("--strokes", type=path, help="for a network with ten outputs: a UNIPEN file of digits, whose first half is used")
    add("--weights", type=path, help="folder of the network (default: weights/NAME)")
    add("--out", type=path, help="the folder to write (default: that of the network)")
    options = parser.parse_args(arguments)
    recipe = ITERATIONS[options.iteration]
    weights = options.weights or checkpoint.SHIPPED / recipe.name
    return Job(
        recipe=recipe,
        weights=weights,
        sibling=options.sibling,
        data_dir=options.data_dir,
        strokes=options.strokes,
        out=options.out or weights,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 if the file is written, else 2."""
    print_everywhere()
    job = parse_arguments(arguments)
    try:
        calibrate(job)
    except (DataMissingError, DeviceError, DivergedError, OSError, ValueError) as error:
        print(f"calibrate.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("calibrate.py: stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
