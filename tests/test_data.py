"""Standardisation against torchvision, and what happens without the files."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import torch
from torchvision.transforms import v2

from mnist_cnn.data import DataMissingError, Dataset, load_mnist, standardise


def test_standardise_is_torchvisions_normalize() -> None:
    images = torch.randint(0, 256, (7, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    theirs = v2.Compose([v2.ToDtype(torch.float32, scale=True), v2.Normalize((0.1307,), (0.3081,))])(images[:, None])
    ours = standardise(images)
    assert ours.dtype == torch.float32
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_official_files_are_read_whole(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    if official_mnist is None:
        pytest.skip("the official MNIST files are not on this machine")
    train_set, test_set = official_mnist
    assert (len(train_set), len(test_set)) == (60_000, 10_000)
    pixels = train_set.images.float() / 255
    assert pixels.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert pixels.std().item() == pytest.approx(0.3081, abs=1e-4)


def test_missing_files_are_told_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])  # no network in tests
    with pytest.raises(DataMissingError) as error:
        load_mnist(tmp_path)
    assert "train-images-idx3-ubyte.gz" in str(error.value)
    assert str(tmp_path / "MNIST" / "raw") in str(error.value)
    assert "--data-dir" in str(error.value)


@pytest.mark.parametrize("damage", ["truncated", "a label of 77", "fewer labels than images"])
def test_damaged_files_are_refused_with_a_sentence(
    damage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mnist: tuple[Dataset, Dataset]
) -> None:
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])  # no network in tests
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    images, labels = mnist[0].images[:20].numpy().tobytes(), bytes(range(10)) * 2
    for kind in ("train", "t10k"):
        (raw / f"{kind}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, 20, 28, 28) + images)
        (raw / f"{kind}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 20) + labels)
    assert len(load_mnist(tmp_path)[0]) == 20
    if damage == "truncated":
        (raw / "train-images-idx3-ubyte").write_bytes(b"abc")
    elif damage == "a label of 77":
        (raw / "t10k-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 20) + b"\x4d" * 20)
    else:
        (raw / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, 15) + labels[:15])
    with pytest.raises(DataMissingError, match="damaged"):
        load_mnist(tmp_path)
