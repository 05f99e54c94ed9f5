"""Train one iteration on MNIST and write its weights folder: ``python train.py --iteration 4 --epochs 19 --seed 0``."""

from __future__ import annotations

import argparse
import sys

from mnist_cnn import checkpoint
from mnist_cnn.console import path, print_everywhere
from mnist_cnn.data import DataMissingError, default_data_dir
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS, TEACHER
from mnist_cnn.training import distributed
from mnist_cnn.training.devices import DeviceError
from mnist_cnn.training.loop import DivergedError
from mnist_cnn.training.resume import StateError
from mnist_cnn.training.run import HELD_OUT, Job, run


def positive(text: str) -> int:
    """An integer of at least 1, or argparse's message."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def seed(text: str) -> int:
    """An integer small enough for every epoch and process to get its own random numbers, or argparse's message."""
    number = int(text)
    if not 0 <= number < 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 99999")
    return number


def parse_arguments(arguments: list[str] | None) -> Job:
    """The job that the command line describes."""
    listing = "\n".join(f"  {number}  {recipe.name}: {recipe.change}" for number, recipe in ITERATIONS.items())
    parser = argparse.ArgumentParser(
        description="Train one iteration on MNIST and write its weights folder.",
        epilog=f"iterations:\n{listing}\n\nseveral processes: torchrun --nproc-per-node 2 train.py ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="the recipe to train (default: %(default)s)",
    )
    text = f"train the network that teaches iteration {DEFAULT_ITERATION}, without the last {HELD_OUT:,} training digits"
    chosen.add_argument("--teacher", action="store_true", help=text)
    add("--epochs", type=positive, help="passes over the training set (default: the recipe's)")
    text = "one run per seed; the weights of the first and the history of all are saved (default: 0)"
    add("--seed", type=seed, nargs="+", default=[0], help=text)
    add(
        "--data-dir",
        type=path,
        default=default_data_dir(),
        help="folder that holds MNIST/raw; missing files are downloaded into it (default: MNIST_DATA or data)",
    )
    add("--out", type=path, help="the folder to write (default: weights/NAME)")
    add("--resume", action="store_true", help="continue an interrupted run that was started with the same arguments")
    add(
        "--hold-out",
        type=positive,
        metavar="N",
        help="do not train on the last N training digits, and test on them instead of the test set; needs --out",
    )
    add(
        "--precision",
        choices=["auto", "fp32", "bf16"],
        default="auto",
        help="precision of the convolutions; auto means bf16 where the hardware supports it (default: auto)",
    )
    text = "cpu, cuda, cuda:1, mps (Apple), ...; auto means a GPU if there is one (default: auto)"
    add("--device", default="auto", help=text)
    options = parser.parse_args(arguments)
    if options.hold_out and options.out is None:
        parser.error("--hold-out is for experiments: name a folder with --out")
    recipe = TEACHER if options.teacher else ITERATIONS[options.iteration]
    return Job(
        recipe=recipe,
        folder=options.out or checkpoint.SHIPPED / recipe.name,
        data_dir=options.data_dir,
        seeds=tuple(options.seed),
        epochs=options.epochs,
        hold_out=options.hold_out or (HELD_OUT if options.teacher else 0),
        precision=options.precision,
        device=options.device,
        resume=options.resume,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 if the weights are written, else 2."""
    print_everywhere()
    job = parse_arguments(arguments)
    try:
        run(job)
    except (DataMissingError, DeviceError, DivergedError, StateError, OSError, ValueError) as error:
        if distributed.local_rank() == 0:  # one message per machine
            print(f"train.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ntrain.py: stopped; add --resume to continue after the last complete epoch", file=sys.stderr)
        return 2
    finally:
        distributed.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
