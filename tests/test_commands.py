"""Every command and every line of Python in README is run, or the part of it that can be run in seconds."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

import export
import train
from benchmarks import space
from mnist_cnn import checkpoint
from mnist_cnn.data import Dataset
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import Mixture
from mnist_cnn.training.mixture import Extras, build_extras
from mnist_cnn.training.stroke_data import StrokeData
from testing import ROOT
from testing.documents import README
from testing.pen_digits import save_picture

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
SNIPPETS = [block for language, block in BLOCKS if language == "python"]
LINES = [line for language, block in BLOCKS if language != "python" for line in block.replace("\\\n", " ").splitlines()]
COMMANDS = [words for line in LINES if (words := shlex.split(line, comments=True))]


def steps_of_make(target: str) -> list[list[str]]:
    """The commands that ``make target`` runs once everything is installed."""
    command = ["make", "--dry-run", target]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    steps = re.findall(r"^(?:\.venv/bin/python (?!-m pip)|npm (?!install)).*$", printed, re.MULTILINE)
    return [shlex.split(step) for step in steps]


def few_extras(mixture: Mixture, strokes: StrokeData, digits: Dataset) -> Extras:
    """What ``build_extras`` gives, but little of it."""
    return build_extras(replace(mixture, unipen=0, letters=0, shapes=5, spoiled=100, filled=100), strokes, digits)


def run(words: list[str], folder: Path, data_dir: Path, app_url: str) -> None:
    """Run a command of README in ``folder``; fail when it does not do its work, or when it is not known here."""
    match [Path(words[0]).name, *words[1:]]:
        case ["make", target]:
            steps = steps_of_make(target)
            assert steps
            for step in steps:
                run(step, folder, data_dir, app_url)
        case ["python3", "-m", "venv", name]:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / name], check=True)
            assert (folder / name / "bin" / "python").exists()
        case ["pip", "install", "-r", file]:  # without an index it succeeds only where every requirement is met already
            command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--quiet", "-r", file]
            subprocess.run(command, cwd=ROOT, check=True)
        case ["python", "app.py"]:
            assert b"Draw a digit" in urllib.request.urlopen(app_url, timeout=30).read()
        case ["python", "train.py", *arguments]:
            small = ["--epochs", "1", "--data-dir", str(data_dir), "--out", str(folder)]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("mnist_cnn.training.run.build_extras", few_extras)
                assert train.main([*arguments, *small]) == 0
            assert not checkpoint.load(folder).training
        case ["python", "export.py", "--out", name]:
            assert export.main(["--out", str(folder / name)]) == 0
            assert (folder / name / "index.html").is_file()
        case ["python", "-m", "benchmarks.space"]:  # the trial takes minutes; tests/test_space.py has its parts
            space.write_files(folder / "space")
            assert (folder / "space" / "app.py").is_file()
        case ["python", "-m", "pytest", *_] | ["npm", "test"]:
            pass  # it is running
        case ["docker", "build", "-t", _, "."]:
            assert (ROOT / "Dockerfile").is_file()  # tests/test_space.py has what can be tried without Docker
        case _:
            pytest.fail(f"no test knows how to run {shlex.join(words)}")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_does_its_work(words: list[str], tmp_path: Path, data_dir: Path, app_url: str) -> None:
    run(words, tmp_path, data_dir, app_url)


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell replaces it in ``--out ~/net`` and leaves it in ``--out=~/net``, as services and containers do everywhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNIST_DATA", "~/data")
    job = train.parse_arguments(["--out=~/net"])
    assert (job.folder, job.data_dir) == (tmp_path / "net", tmp_path / "data")
    assert export.main(["--out=~/page"]) == 0
    assert (tmp_path / "page" / "index.html").is_file()


def test_the_commands_are_found() -> None:
    assert {Path(words[0]).name for words in COMMANDS} >= {"make", "pip", "python"}
    assert ["make", "app"] in COMMANDS
    assert SNIPPETS


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_of_python_gets_an_answer(snippet: str, app_url: str, tmp_path: Path, drawings: list[Drawing]) -> None:
    save_picture(drawings[0], tmp_path / "digit.png")
    script = snippet.replace("http://localhost:7860", app_url)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1].startswith(f"{drawings[0].digit} ")
