"""GPUs that are not there, cannot train or run out of memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import train
from mnist_cnn.training import loop
from mnist_cnn.training.resume import read_about


class FailingGpu:
    """An accelerator that is there and can hold an empty tensor, but cannot compute."""

    device = torch.device("meta")

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
        monkeypatch.setattr(torch.accelerator, "current_accelerator", lambda *_, **__: self.device)


def test_a_gpu_that_cannot_train_leaves_it_to_the_processor(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    FailingGpu(monkeypatch)
    assert train.main(["--iteration", "1", "--epochs", "1", "--data-dir", str(data_dir), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert re.search(r"^The device 'meta' cannot train this network \(.+\); the processor does\.$", said.err, re.MULTILINE)
    assert "parameters, cpu (" in said.out


def test_a_gpu_that_is_asked_for_and_cannot_train_gets_one_line(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--device", "meta", "--data-dir", str(data_dir), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    words = r"train.py: the device 'meta' failed \(.+\); the last whole epoch is kept. Train with --device cpu\n"
    assert re.fullmatch(words, said)


@pytest.mark.parametrize(("name", "words"), [("cuda:99", "--device cpu"), ("mps", "--device cpu"), ("gpu", "choose cpu")])
def test_a_device_that_is_not_there_gets_a_sentence(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--device", name, "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"there is no device '{name}'" in said
    assert words in said


def test_a_gpu_whose_memory_is_full_keeps_the_last_whole_epoch(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    step = loop.train_step
    steps = iter(range(1_000))

    def step_until_full(*arguments: Any, **options: Any) -> Any:
        if next(steps) == 20:  # 1,500 digits are 12 batches
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB")
        return step(*arguments, **options)

    monkeypatch.setattr(loop, "train_step", step_until_full)
    assert train.main(["--iteration", "1", "--epochs", "3", "--data-dir", str(data_dir), "--out", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert (
        said
        == "train.py: the device 'cpu' failed (CUDA out of memory.); the last whole epoch is kept. Train with --device cpu"
    )
    assert len(read_about(tmp_path / "unfinished-0.safetensors")["history"]) == 1
