"""The model card: its figures against the files they come from, and its lines of Python against the Hub's own loader."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

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


NAMES = {
    "UNIPEN digits": "unipen",
    "pen digits": "tablet",
    "MNIST's test digits": "mnist",
    "letters without O o I l S s Z z q b B": "letters without OoIlSsZzqbB",
    "the same letters in pictures of the pad": "the same in pictures",
    "the same letters where the page groups their strokes": "the same, as the pad reads",
    "the same letters where it divides their pictures": "in pictures, as uploads are",
    "all letters": "letters",
    "question marks": "question mark",
    "plus signs": "plus",
    "level lines": "line",
    "hearts": "heart",
    "faces": "face",
    "dots": "dot",
    "stars": "star",
    "spirals": "spiral",
}
"""The inputs of the table of held-out writers, as ``hands.json`` names them where the names differ."""


def held_out(found: dict[str, Any], measure: str) -> str:
    """What the card prints of one measure of ``hands.json``."""
    if measure == "rejected / unsure":
        return f"{found['refused']:.2f} / {found['unsure']:.2f}"
    if measure == "expected calibration error":
        return f"{found['calibration_error']:.2f}"
    if measure == "read correctly":
        return f"{found['right']:.2f}"
    writers = sorted(found["writers"])
    if measure.startswith("mean over"):
        assert measure == f"mean over {len(writers)} writers"
        return f"{mean(writers):.2f}"
    assert measure.startswith("worst")
    return f"{mean(writers[: math.ceil(len(writers) / 10)]):.2f}"


def test_figures_on_held_out_writers_are_those_of_the_benchmark() -> None:
    names = ("5-pen", "6-hands")
    found = {name: json.loads((checkpoint.SHIPPED / name / "hands.json").read_text()) for name in names}
    given = ""
    for row in table(PATH, "hands"):
        given = row["input"] or given  # an empty cell repeats the one above
        for name in names:
            every = {**found[name]["digits"], **found[name]["others"]}[NAMES.get(given, given)]
            assert row[f"`{name}`"] == held_out(every, row["measure"])
            assert row["n"] in ("", f"{every['n']:,}")


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
