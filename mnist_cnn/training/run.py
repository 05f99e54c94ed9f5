"""From data on disk to a weights folder: prepare the data, train every seed, write the files."""

from __future__ import annotations

import datetime
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset, load_mnist
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import Recipe
from mnist_cnn.snapshots import FILE, Snapshots
from mnist_cnn.test_results import answer_test_set
from mnist_cnn.training import distributed
from mnist_cnn.training.devices import describe, failure, find_device
from mnist_cnn.training.fast_forward import Precision
from mnist_cnn.training.loop import Epoch, train
from mnist_cnn.training.mixture import Extras, build_extras
from mnist_cnn.training.stroke_data import load_packed

HELD_OUT = 10_000
"""So many of MNIST's last training digits are kept for fitting a confidence: the teacher and the sibling never see them."""
Results = list[tuple[nn.Sequential, list[Epoch], Snapshots]]
"""The network, the history and the snapshots of each seed."""


@dataclass(frozen=True)
class Job:
    """What to train, and where."""

    recipe: Recipe
    folder: Path  # to write
    data_dir: Path  # holds MNIST/raw; missing files are downloaded into it
    seeds: tuple[int, ...] = (0,)  # the weights of the first are kept, the history of all
    epochs: int | None = None  # None: the recipe's
    hold_out: int = 0  # test on this many of the last training digits, and do not train on them; 0: test on the test set
    precision: Precision | Literal["auto"] = "auto"
    device: str = "auto"
    resume: bool = False


def run(job: Job) -> None:
    """Train every seed and write the folder.

    Raises ``ValueError`` or ``OSError`` for a device, a folder or a number that cannot be used, ``DeviceError`` for one that
    fails, ``DataMissingError`` without MNIST, ``StrokesError`` without the strokes of a mixture, and what ``train`` raises.
    """
    require_writable(job.folder)  # known now, not after an hour of training
    device, precision = find_device(job.device, job.recipe, job.precision)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.start(device)
    train_set, test_set = prepare_data(job)
    mixture = job.recipe.mixture
    extras = None if mixture is None else build_extras(mixture, load_packed(), train_set)
    machine = describe(device, precision)
    if distributed.is_main():
        print(f"{job.recipe.name}: {job.recipe.change}")
        print(f"{parameter_count(build(job.recipe)):,} parameters, {machine}")
    try:
        results = train_seeds(job, train_set, test_set, extras, precision=precision, device=device)
    except (torch.OutOfMemoryError, torch.AcceleratorError) as error:  # the state of the last whole epoch is on the disk
        raise failure(device, error) from error
    distributed.barrier()  # no saved state is deleted before every process has looked for it
    if distributed.is_main():
        write_folder(job, results, test_set, machine)


def require_writable(folder: Path) -> None:
    """Make ``folder`` if it does not exist. Raises ``OSError`` if no file can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise OSError(f"{folder} cannot be written ({error.strerror}); choose another folder with --out") from error


def prepare_data(job: Job) -> tuple[Dataset, Dataset]:
    """The digits to train on and those to test on. Raises ``ValueError`` if none are left to train on."""
    with distributed.first_on_each_machine():  # downloads and unpacks the files that the others then find
        train_set, test_set = load_mnist(job.data_dir)
    if not job.hold_out:
        return train_set, test_set
    if job.hold_out >= len(train_set):
        raise ValueError(f"--hold-out {job.hold_out} leaves nothing to train on: there are {len(train_set)} digits")
    return train_set[: -job.hold_out], train_set[-job.hold_out :]


def train_seeds(
    job: Job, train_set: Dataset, test_set: Dataset, extras: Extras | None, *, precision: Precision, device: torch.device
) -> Results:
    """Train one network per seed."""
    results = []
    for seed in job.seeds:
        if distributed.is_main():
            print(f"Seed {seed}")
        snapshots = Snapshots()
        net, epochs = train(
            job.recipe,
            train_set,
            test_set,
            seed=seed,
            epochs=job.epochs or job.recipe.epochs,
            precision=precision,
            device=device,
            state=_state_file(job, seed),
            resume=job.resume,
            extras=extras,
            snapshots=snapshots,
        )
        results.append((net, epochs, snapshots))
    return results


def write_folder(job: Job, results: Results, test_set: Dataset, machine: str) -> None:
    """Write the network of the first seed and the history of all, and delete the saved states."""
    history = {
        "runs": [
            {"seed": seed, "epochs": [asdict(epoch) for epoch in epochs]}
            for seed, (_, epochs, _) in zip(job.seeds, results, strict=True)
        ],
        "torch": torch.__version__,
        "device": machine,
        "date": datetime.date.today().isoformat(),
    }
    net, epochs, snapshots = results[0]
    if job.hold_out:  # an experiment, a sibling or the teacher: nothing that the page shows
        checkpoint.save(job.folder, net, job.recipe, history)
        (job.folder / FILE).unlink(missing_ok=True)
    else:
        answers = answer_test_set(net, test_set).to_json()
        checkpoint.save(job.folder, net, job.recipe, history, answers, {FILE: snapshots.pack(net, job.recipe.name)})
    for seed in job.seeds:
        _state_file(job, seed).unlink(missing_ok=True)
    kind = "held-out training" if job.hold_out else "test"
    print(f"{job.folder}: {epochs[-1].test_accuracy:.2f} % of the {kind} digits correct (seed {job.seeds[0]})")


def _state_file(job: Job, seed: int) -> Path:
    return job.folder / f"unfinished-{seed}.safetensors"
