"""Train one iteration on MNIST and write its weights folder: ``python train.py --iteration 4 --epochs 19 --seed 0``."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from mnist_cnn import checkpoint
from mnist_cnn.data import DataMissingError, default_data_dir, load_mnist
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.training import DivergedError, native_precision, train

WEIGHTS_DIR = Path(__file__).parent / "weights"


def positive(text: str) -> int:
    """A whole number of at least 1, or argparse's message."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    names = list(RECIPES)
    listing = "\n".join(f"  {number}  {name}: {RECIPES[name].change}" for number, name in enumerate(names, 1))
    parser = argparse.ArgumentParser(
        description="Train one iteration on MNIST and write its weights folder.",
        epilog=f"iterations:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--iteration",
        type=int,
        choices=range(1, len(names) + 1),
        default=names.index(DEFAULT) + 1,
        help="which recipe (default: %(default)s)",
    )
    parser.add_argument("--epochs", type=positive, help="passes over the training set (default: the recipe's)")
    parser.add_argument(
        "--seed",
        type=int,
        nargs="+",
        default=[0],
        help="one run a seed; the weights of the first are kept, the history of all (default: 0)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default_data_dir(),
        help="holds MNIST/raw, or gets it (default: MNIST_DATA or data)",
    )
    parser.add_argument("--out", type=Path, help="the folder to write (default: weights/NAME)")
    parser.add_argument(
        "--precision",
        choices=["auto", "fp32", "bf16"],
        default="auto",
        help="of the convolutions; auto takes bf16 where the processor has it (default: auto)",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when the weights are written, else 2."""
    options = parse_arguments(arguments)
    recipe = RECIPES[list(RECIPES)[options.iteration - 1]]
    epochs = options.epochs or recipe.epochs
    folder: Path = options.out or WEIGHTS_DIR / recipe.name
    precision = native_precision() if options.precision == "auto" else options.precision
    try:
        folder.mkdir(parents=True, exist_ok=True)  # known now, not after an hour of training
        if not os.access(folder, os.W_OK):
            raise PermissionError(f"{folder} cannot be written; choose another folder with --out")
        train_set, test_set = load_mnist(options.data_dir)
        print(f"{recipe.name}: {recipe.change}")
        print(f"{parameter_count(build(recipe)):,} parameters, {precision} on {platform.machine()}")
        results = []
        for seed in options.seed:
            print(f"Seed {seed}")
            results.append(train(recipe, train_set, test_set, seed=seed, epochs=epochs, precision=precision))
    except (DataMissingError, DivergedError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("train.py: stopped; nothing was written", file=sys.stderr)
        return 2
    history = {
        "runs": [
            {"seed": seed, "epochs": [asdict(epoch) for epoch in epochs_of_run]}
            for seed, (_, epochs_of_run) in zip(options.seed, results, strict=True)
        ],
        "torch": torch.__version__,
        "device": f"cpu ({platform.machine()}, {torch.get_num_threads()} threads, {precision})",
        "date": datetime.date.today().isoformat(),
    }
    net, epochs_of_first = results[0]
    checkpoint.save(folder, net, recipe, history)
    print(f"{folder}: {epochs_of_first[-1].test_accuracy:.2f} % of the test digits right (seed {options.seed[0]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
