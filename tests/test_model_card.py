"""The model card: its figures against the files they come from, and its lines of Python against the Hub's own loader."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml
from safetensors import safe_open

from mnist_cnn import checkpoint
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from testing import ROOT
from testing.documents import README, RESULTS, mean_and_deviation, table

PATH = checkpoint.SHIPPED / "README.md"
CARD = PATH.read_text("utf-8")
ROWS = table(PATH, "model card")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_head_is_what_the_hub_accepts() -> None:
    head = yaml.safe_load(CARD.split("---")[1])
    readme = yaml.safe_load(README.read_text("utf-8").split("---")[1])
    assert (head["license"], head["datasets"]) == (readme["license"], readme["datasets"])
    assert (head["library_name"], head["pipeline_tag"]) == ("pytorch", "image-classification")


def test_figures_on_test_digits_are_those_of_the_histories() -> None:
    assert [row["network"] for row in ROWS] == [f"`{name}`" for name in RECIPES]
    for row in ROWS:
        name = row["network"].strip("`")
        runs = json.loads((checkpoint.SHIPPED / name / "history.json").read_text())["runs"]
        last = [run["epochs"][-1]["test_accuracy"] for run in runs]
        assert row["parameters"] == f"{parameter_count(build(RECIPES[name])):,}"
        assert row["MNIST's test digits, these weights"] == f"{last[0]:.2f} %"
        spread = f"{mean_and_deviation(last)} %, n = {len(runs)}"
        assert row["mean ± standard deviation over seeds"] == spread


def test_figures_on_pen_digits_are_those_of_the_results() -> None:
    printed = {row["input"]: row for row in table(RESULTS, "drawings")}
    strokes, picture = printed["strokes, as from the pad"], printed["picture, brush of 16 px"]
    columns = {column.split("`")[1]: column for column in strokes if column.startswith("`")}
    for row in ROWS:
        column = columns.get(row["network"].strip("`"))
        expected = ("–", "–") if column is None else (strokes[column], picture[column])
        assert (row["pen digits, strokes"], row["pen digits, picture, brush of 16 px"]) == expected


@pytest.mark.parametrize("name", RECIPES)
def test_a_folder_is_what_the_hub_expects(name: str) -> None:
    assert {"config.json", "model.safetensors"} <= {path.name for path in (checkpoint.SHIPPED / name).iterdir()}
    with safe_open(checkpoint.SHIPPED / name / "model.safetensors", framework="pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert set(file.keys()) == set(build(RECIPES[name]).state_dict())


def test_its_lines_load_the_default_network(tmp_path: Path) -> None:
    """In a process that has the Hub's files in its cache and no way to the Hub."""
    snapshot = tmp_path / "models--USER--MODEL" / "snapshots" / COMMIT
    (snapshot / DEFAULT).mkdir(parents=True)
    for path in (checkpoint.SHIPPED / DEFAULT).iterdir():
        (snapshot / DEFAULT / path.name).write_bytes(path.read_bytes())
    reference = snapshot.parents[1] / "refs" / "main"
    reference.parent.mkdir()
    reference.write_text(COMMIT)
    (lines,) = re.findall(r"```python\n(.*?)```", CARD, re.DOTALL)
    lines += "import torch\ntorch.save(net.state_dict(), 'state.pt')\nassert not net.training\n"
    environment = {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", lines], check=True, cwd=tmp_path, env=environment)
    loaded = torch.load(tmp_path / "state.pt", weights_only=True)
    expected = checkpoint.load(checkpoint.SHIPPED / DEFAULT).state_dict()
    assert loaded.keys() == expected.keys()
    assert all(torch.equal(loaded[key], expected[key]) for key in expected)
