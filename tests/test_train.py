"""``train.py`` as a user runs it, on a small MNIST of the tests' own making."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

import train
from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset
from mnist_cnn.recipes import RECIPES

ROOT = Path(__file__).parents[1]


def write_idx(path: Path, kind: str, dataset: Dataset) -> None:
    """The two unpacked files that torchvision reads (http://yann.lecun.com/exdb/mnist gives the format)."""
    images, labels = dataset.images.numpy(), dataset.labels.numpy().astype("u1")
    path.mkdir(parents=True, exist_ok=True)
    (path / f"{kind}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, *images.shape) + images.tobytes())
    (path / f"{kind}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, len(labels)) + labels.tobytes())


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, mnist: tuple[Dataset, Dataset]) -> Path:
    folder = tmp_path_factory.mktemp("small")
    for kind, dataset, count in (("train", mnist[0], 1_500), ("t10k", mnist[1], 500)):
        write_idx(folder / "MNIST" / "raw", kind, Dataset(dataset.images[:count], dataset.labels[:count]))
    return folder


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "train.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_training_writes_a_folder_that_loads(data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "net"
    done = run("--iteration", 4, "--epochs", 2, "--seed", 3, 4, "--data-dir", data_dir, "--out", out)
    assert done.returncode == 0, done.stderr
    assert RECIPES["4-steplr5"].change in done.stdout
    assert "Epoch 2" in done.stderr, "the progress bar"
    assert done.stdout.count("Test set: average loss") == 4
    assert done.stdout.splitlines()[-1].startswith(str(out))
    assert not checkpoint.load(out).training
    history = json.loads((out / "history.json").read_text())
    assert [run["seed"] for run in history["runs"]] == [3, 4]
    assert [epoch["epoch"] for epoch in history["runs"][0]["epochs"]] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iteration", "9"], "--iteration"),
        (["--epochs", "0"], "0 is not at least 1"),
        (["--epochs", "many"], "--epochs"),
        (["--precision", "fp8"], "--precision"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_wrong_arguments_end_with_2_and_a_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        train.main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_missing_data_and_a_folder_in_the_way(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])  # no network in tests
    assert train.main(["--data-dir", str(tmp_path / "none"), "--out", str(tmp_path / "net")]) == 2
    assert "Put the files" in capsys.readouterr().err
    in_the_way = tmp_path / "file"
    in_the_way.write_text("kept")
    assert train.main(["--data-dir", str(data_dir), "--out", str(in_the_way)]) == 2
    assert str(in_the_way) in capsys.readouterr().err
    assert in_the_way.read_text() == "kept"
