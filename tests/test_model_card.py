"""The model card: its figures against the files they come from, and its lines of Python against the Hub's own loader."""

from __future__ import annotations

import json
import re
import statistics
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

CARD = (checkpoint.SHIPPED / "README.md").read_text("utf-8")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_head_is_what_the_hub_accepts() -> None:
    head = yaml.safe_load(CARD.split("---")[1])
    readme = yaml.safe_load((ROOT / "README.md").read_text("utf-8").split("---")[1])
    assert (head["license"], head["datasets"]) == (readme["license"], readme["datasets"])
    assert (head["library_name"], head["pipeline_tag"]) == ("pytorch", "image-classification")


def test_figures_on_test_digits_are_those_of_the_histories() -> None:
    rows = re.findall(r"^\| `(\S+)` \| ([\d,]+) \| ([\d.]+) % \| ([\d.]+) ± ([\d.]+) %, n = (\d+) \|", CARD, re.MULTILINE)
    assert [row[0] for row in rows] == list(RECIPES)
    for name, parameters, shipped, mean, deviation, count in rows:
        runs = json.loads((checkpoint.SHIPPED / name / "history.json").read_text())["runs"]
        last = [run["epochs"][-1]["test_accuracy"] for run in runs]
        assert int(parameters.replace(",", "")) == parameter_count(build(RECIPES[name]))
        assert (shipped, mean, deviation, count) == (
            f"{last[0]:.2f}",
            f"{statistics.mean(last):.2f}",
            f"{statistics.stdev(last):.2f}",
            f"{len(runs)}",
        )


def test_figures_on_drawings_are_the_readmes() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    found = {
        name: (strokes, picture)
        for name, strokes, picture in re.findall(r"^\| `(\S+)` \|.*\| ([\d.]+) % \| ([\d.]+) % \|$", CARD, re.MULTILINE)
    }
    lines = ("as strokes, the way of the pad", "as a picture, brush of 16 px")
    ours, theirs = zip(
        *(re.findall(rf"^\| {line} \| ([\d.]+) % \| ([\d.]+) % \|$", readme, re.MULTILINE)[0] for line in lines), strict=True
    )
    assert found == {DEFAULT: ours, "4-steplr5": theirs}


def test_every_file_it_links_to_exists() -> None:
    for name in re.findall(r"\]\((?!http)([^)#]+)\)", CARD):
        assert (checkpoint.SHIPPED / name).exists(), name
    for section in re.findall(r"\*(How [^*]+)\* in\s+the\s+repository's\s+README", CARD):
        assert f"## {section}\n" in (ROOT / "README.md").read_text("utf-8")


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
