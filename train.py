"""Train one iteration on MNIST and write its weights folder: ``python train.py --iteration 4 --epochs 19 --seed 0``."""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

import torch
import torch.distributed as dist

from mnist_cnn import checkpoint
from mnist_cnn.data import DataMissingError, default_data_dir, load_mnist
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.test_results import answer_test_set
from mnist_cnn.training.loop import DivergedError, Epoch, native_precision, train
from mnist_cnn.training.resume import StateError


def positive(text: str) -> int:
    """A whole number of at least 1, or argparse's message."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def seed(text: str) -> int:
    """A whole number that leaves room for the random numbers of every epoch and process, or argparse's message."""
    number = int(text)
    if not 0 <= number < 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 99999")
    return number


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    listing = "\n".join(f"  {number}  {recipe.name}: {recipe.change}" for number, recipe in ITERATIONS.items())
    parser = argparse.ArgumentParser(
        description="Train one iteration on MNIST and write its weights folder.",
        epilog=f"iterations:\n{listing}\n\nseveral processes: torchrun --nproc-per-node 2 train.py …",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="which recipe (default: %(default)s)",
    )
    add("--epochs", type=positive, help="passes over the training set (default: the recipe's)")
    add(
        "--seed",
        type=seed,
        nargs="+",
        default=[0],
        help="one run a seed; the weights of the first are kept, the history of all (default: 0)",
    )
    add(
        "--data-dir",
        type=Path,
        default=default_data_dir(),
        help="holds MNIST/raw, or gets it (default: MNIST_DATA or data)",
    )
    add("--out", type=Path, help="the folder to write (default: weights/NAME)")
    add("--resume", action="store_true", help="go on where an interrupted training with these arguments stopped")
    add(
        "--hold-out",
        type=positive,
        metavar="N",
        help="test on the last N training digits instead of the test set, and do not train on them; needs --out",
    )
    add(
        "--precision",
        choices=["auto", "fp32", "bf16"],
        default="auto",
        help="of the convolutions; auto takes bf16 where the hardware has it (default: auto)",
    )
    add("--device", default="auto", help="cpu, cuda, cuda:1, …; auto takes a GPU when there is one (default: auto)")
    options = parser.parse_args(arguments)
    if options.hold_out and options.out is None:
        parser.error("--hold-out is for trying things out: name a folder with --out")
    return options


def choose_device(name: str) -> torch.device:
    """The device called ``name``. Raises ``ValueError`` when this machine does not have it."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda":
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    if name.split(":")[0] not in {"cpu", "cuda"}:
        raise ValueError(f"there is no device '{name}'; choose cpu, cuda or cuda:N")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"there is no device '{name}' here ({str(error).splitlines()[0]})") from error
    return device


def describe(device: torch.device, precision: str) -> str:
    """The machine as histories name it."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ({precision})"
    return f"cpu ({platform.machine()}, {torch.get_num_threads()} threads, {precision})"


def run(options: argparse.Namespace) -> None:
    """Train every seed and write the folder."""
    recipe = ITERATIONS[options.iteration]
    epochs = options.epochs or recipe.epochs
    folder: Path = options.out or checkpoint.SHIPPED / recipe.name
    try:  # known now, not after an hour of training
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"{folder} cannot be written ({error.strerror}); choose another folder with --out") from error
    device = choose_device(options.device)
    precision = native_precision(device) if options.precision == "auto" else options.precision
    first = "RANK" not in os.environ or os.environ["RANK"] == "0"
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if "RANK" in os.environ:  # started by torchrun
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    alone = os.environ.get("LOCAL_RANK", "0") == "0"
    if not alone:
        dist.barrier()  # one process a machine downloads and unpacks, the others find the files
    train_set, test_set = load_mnist(options.data_dir)
    if alone and dist.is_initialized():
        dist.barrier()
    if options.hold_out and options.hold_out >= len(train_set):
        raise ValueError(f"--hold-out {options.hold_out} leaves nothing to train on: there are {len(train_set)} digits")
    if options.hold_out:
        train_set, test_set = train_set[: -options.hold_out], train_set[-options.hold_out :]
    if first:
        print(f"{recipe.name}: {recipe.change}")
        print(f"{parameter_count(build(recipe)):,} parameters, {describe(device, precision)}")

    results: list[tuple[torch.nn.Sequential, list[Epoch]]] = []
    states = [folder / f"unfinished-{seed}.safetensors" for seed in options.seed]
    for seed, state in zip(options.seed, states, strict=True):
        if first:
            print(f"Seed {seed}")
        results.append(
            train(
                recipe,
                train_set,
                test_set,
                seed=seed,
                epochs=epochs,
                precision=precision,
                device=device,
                state=state,
                resume=options.resume,
            )
        )
    if dist.is_initialized():
        dist.barrier()  # no state is taken away before every process has looked at it
    if not first:
        return
    history = {
        "runs": [
            {"seed": seed, "epochs": [asdict(epoch) for epoch in run_history]}
            for seed, (_, run_history) in zip(options.seed, results, strict=True)
        ],
        "torch": torch.__version__,
        "device": describe(device, precision),
        "date": datetime.date.today().isoformat(),
    }
    net, history_of_first = results[0]
    answers = None if options.hold_out else answer_test_set(net, test_set).to_json()
    checkpoint.save(folder, net, recipe, history, answers)
    for state in states:
        state.unlink(missing_ok=True)
    kind = "held-out training" if options.hold_out else "test"
    accuracy = f"{history_of_first[-1].test_accuracy:.2f} %"
    print(f"{folder}: {accuracy} of the {kind} digits right (seed {options.seed[0]})")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when the weights are written, else 2."""
    options = parse_arguments(arguments)
    try:
        run(options)
    except (DataMissingError, DivergedError, StateError, OSError, ValueError) as error:
        if os.environ.get("LOCAL_RANK", "0") == "0":  # of several processes, one a machine speaks
            print(f"train.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ntrain.py: stopped; the same command with --resume goes on after the last whole epoch", file=sys.stderr)
        return 2
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    sys.exit(main())
