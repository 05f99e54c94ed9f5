"""``train.py`` as a user runs it, on a small MNIST of the tests' own making."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import pty
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import torch

import train
from mnist_cnn import checkpoint
from mnist_cnn.data import load_mnist
from mnist_cnn.recipes import RECIPES
from mnist_cnn.test_results import load_answers
from mnist_cnn.training import augment, loop
from mnist_cnn.training.resume import read_about

ROOT = Path(__file__).parents[1]
KILLS = 6
SEED = 0


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "train.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1"},
    )


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_training_writes_a_folder_that_loads(data_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "net"
    done = run("--iteration", 4, "--epochs", 2, "--seed", 3, 4, "--data-dir", data_dir, "--out", out)
    assert done.returncode == 0, done.stderr
    assert RECIPES["4-steplr5"].change in done.stdout
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Epoch ")]
    assert [line.split(":")[0] for line in lines] == ["Epoch 1", "Epoch 2"] * 2
    assert all("Test set: average loss" in line for line in lines)
    assert "\r" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith(str(out))
    assert not checkpoint.load(out).training
    answers = load_answers(out)
    history = json.loads((out / "history.json").read_text())
    right = history["runs"][0]["epochs"][-1]["test_accuracy"] * answers.digits / 100
    assert answers.digits == 500
    assert 500 - len(answers.wrong) == pytest.approx(right, abs=1.01)
    assert [run["seed"] for run in history["runs"]] == [3, 4]
    assert [epoch["epoch"] for epoch in history["runs"][0]["epochs"]] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--iteration", "9"], "--iteration"),
        (["--epochs", "0"], "0 is not at least 1"),
        (["--epochs", "many"], "--epochs"),
        (["--precision", "fp8"], "--precision"),
        (["--seed", "-1"], "-1 is not between 0 and 99999"),
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


@pytest.mark.parametrize("program", ["train", "calibrate", "export", "app"])
@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_help_and_messages_are_printed_on_every_console(
    program: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    with pytest.raises(SystemExit) as stop:
        import_module(program).main(["--help"])
    print("a 5×5 kernel")
    console.flush()
    assert stop.value.code == 0
    assert b"usage: " in console.buffer.getvalue()
    assert b"a 5?5 kernel" in console.buffer.getvalue()


def test_on_a_terminal_there_is_a_progress_bar(data_dir: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = [sys.executable, "train.py", "--iteration", "1", "--epochs", "1", "--data-dir", data_dir, "--out", tmp_path]
    subprocess.run([*map(str, command)], cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=theirs, timeout=300)
    os.close(theirs)
    written = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while part := os.read(ours, 100_000):
            written += part
    os.close(ours)
    assert b"\rEpoch 1: " in written


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


def test_kills_at_random_moments_change_nothing(data_dir: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    common = [
        "--iteration",
        "5",
        "--epochs",
        "18",
        "--hold-out",
        "1200",
        "--data-dir",
        str(data_dir),
        "--out",
    ]  # 300 digits to train on
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    state = folder / "unfinished-0.safetensors"
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["train"])  # a process then starts in no time
    kept, moments = [0], []
    for _ in range(KILLS):
        process = processes.Process(target=train.main, args=([*common, str(folder), "--resume"],))
        process.start()
        written = chance.choice(["nothing", "one state", "two states"])
        for _ in range(["nothing", "one state", "two states"].index(written)):
            before = state.stat().st_ino if state.exists() else 0
            while not (state.exists() and state.stat().st_ino != before):
                assert process.is_alive()
                time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.3))  # while it starts, or in an epoch
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it ended before it could be killed"
        kept.append(len(read_about(state)["history"]) if state.exists() else 0)
        moments.append(written)
        assert not (folder / "model.safetensors").exists()
    assert kept == sorted(kept), "no epoch is lost"
    assert len(set(kept)) > KILLS / 3
    assert len(set(moments)) == 3
    for arguments in ([*common, str(whole)], [*common, str(folder), "--resume"]):
        process = processes.Process(target=train.main, args=(arguments,))
        process.start()
        process.join()
    for name in ("model.safetensors", "config.json"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes()
    assert names(folder) == names(whole) == {"model.safetensors", "config.json", "history.json"}


def test_a_full_disk_costs_nothing_that_was_there(data_dir: Path, tmp_path: Path) -> None:
    def fill_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))  # the nearest to a full disk that any user can have

    command = [sys.executable, "train.py", "--iteration", 4, "--epochs", 1, "--data-dir", data_dir, "--out", tmp_path]
    (tmp_path / "model.safetensors").write_text("kept")
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True, preexec_fn=fill_disk)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"train.py: {tmp_path / 'unfinished-0.safetensors'} cannot be written")
    assert "Traceback" not in done.stderr
    assert names(tmp_path) == {"model.safetensors"}
    assert (tmp_path / "model.safetensors").read_text() == "kept"


def test_a_folder_that_cannot_be_written_is_told_before_the_training(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--data-dir", str(data_dir), "--out", "/proc/self"]) == 2  # not even for root
    said = capsys.readouterr()
    assert re.fullmatch(r"train.py: /proc/self cannot be written \(.+\); choose another folder with --out\n", said.err)
    assert not said.out


@pytest.mark.parametrize("damage", ["cut", "wrong head", "label 17"])
def test_damaged_data_is_told_in_one_line(
    damage: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])  # no network in tests
    shutil.copytree(data_dir, tmp_path / "data")
    labels = tmp_path / "data" / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    content = bytearray(labels.read_bytes())
    if damage == "cut":
        content = content[:700]
    elif damage == "wrong head":
        content[:4] = b"\x1f\x8b\x08\x00"
    else:
        content[1_000] = 17
    labels.write_bytes(content)
    assert train.main(["--data-dir", str(tmp_path / "data"), "--out", str(tmp_path / "net")]) == 2
    said = capsys.readouterr().err
    assert re.match(r"train.py: MNIST.* damaged", said)
    assert len(said.splitlines()) == 1
    assert not list((tmp_path / "net").iterdir())


def test_a_state_of_another_training_or_damaged_is_refused(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--iteration", "1", "--data-dir", str(data_dir), "--out", str(tmp_path), "--resume"]
    process = subprocess.Popen(
        [sys.executable, "train.py", *common, "--epochs", "50"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    state = tmp_path / "unfinished-0.safetensors"
    while not state.exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "add --resume to continue" in complaint
    assert "Traceback" not in complaint
    assert train.main([*common, "--epochs", "2"]) == 2
    assert "different epochs" in capsys.readouterr().err
    state.write_bytes(state.read_bytes()[:1000])
    assert train.main([*common, "--epochs", "50"]) == 2
    assert "is damaged" in capsys.readouterr().err


def test_of_two_processes_one_prints_and_writes(data_dir: Path, tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "train.py"]
    arguments = ["--iteration", "4", "--epochs", "1", "--data-dir", str(data_dir), "--out", str(tmp_path)]
    done = subprocess.run([*torchrun, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Test set") == 1
    assert len(checkpoint.load_history(tmp_path)["runs"][0]["epochs"]) == 1
    assert load_answers(tmp_path).digits == 500


IN_EACH_PROCESS = """
import os, sys, torch, torch.distributed as dist
from pathlib import Path
from mnist_cnn.data import load_mnist
from mnist_cnn.recipes import RECIPES
from mnist_cnn.training import augment
from mnist_cnn.training.loop import train
from mnist_cnn.training.resume import StateError

augment.augment = lambda images, labels, amounts, generator: images  # then the shares of a batch add up to the batch
dist.init_process_group("gloo")
train_set, test_set = load_mnist(Path(sys.argv[1]))
own = Path(sys.argv[2], os.environ["RANK"])
own.mkdir()
options = dict(seed=0, epochs=1, precision="fp32", state=own / "state")  # written by rank 0 alone
net, _ = train(RECIPES["1-plain"], train_set[:512], test_set[:100], **options)
(own / "weights").write_bytes(torch.cat([p.flatten() for p in net.parameters()]).detach().numpy().tobytes())
try:
    train(RECIPES["1-plain"], train_set[:512], test_set[:100], **options, resume=True)
except StateError as error:
    (own / "refused").write_text(str(error))
"""


def test_gradients_of_two_processes_add_up_and_a_state_of_one_is_refused_by_both(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "in_each_process.py"
    script.write_text(IN_EACH_PROCESS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, str(script), str(data_dir), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300, env=environment)
    monkeypatch.setattr(augment, "augment", lambda images, labels, amounts, generator: images)
    train_set, test_set = load_mnist(data_dir)
    net, _ = loop.train(RECIPES["1-plain"], train_set[:512], test_set[:100], seed=0, epochs=1, precision="fp32")
    alone = torch.cat([parameter.flatten() for parameter in net.parameters()]).detach().numpy()
    first, second = (np.frombuffer((tmp_path / rank / "weights").read_bytes(), np.float32) for rank in ("0", "1"))
    assert np.array_equal(first, second)
    # Adam's first steps are as long as the learning rate, 1e-3, for any gradient: only equal gradients come this close
    assert (np.abs(alone - first) > 1e-4).mean() < 0.01
    for rank in ("0", "1"):
        assert "not every machine has" in (tmp_path / rank / "refused").read_text()
