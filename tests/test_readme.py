"""The README's figures and promises against the files they come from."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.seed_document import PRINTED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
HEAD = yaml.safe_load(README.split("---")[1])
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def requirements() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


def test_head_is_what_a_space_accepts() -> None:
    assert HEAD["sdk"] == "gradio"
    assert requirements()["gradio"].specifier.contains(HEAD["sdk_version"])
    assert HEAD["python_version"] == "3.12"
    assert (ROOT / HEAD["app_file"]).is_file()
    assert {HEAD["colorFrom"], HEAD["colorTo"]} <= COLOURS
    assert len(HEAD["short_description"]) <= 60


def test_head_names_the_default_network() -> None:
    assert re.findall(r"[\d,]{4,}", HEAD["short_description"]) == [f"{parameter_count(build(RECIPES[DEFAULT])):,}"]


def test_torch_ranges_hold_for_zerogpu_and_here() -> None:
    torch = requirements()["torch"].specifier
    assert all(torch.contains(version) for version in ("2.8.0", "2.11.0", "2.14.1"))
    assert not torch.contains("2.15.0")


def test_results_table_is_that_of_the_histories() -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| ([\d,]+) \| ([^|]*) \| ([\d.]+)(?: ± ([\d.]+))? % \| ([\d, ]+) \|$", README, re.MULTILINE
    )
    shipped = [name for name in RECIPES if (ROOT / "weights" / name).is_dir()]
    assert [row[0] for row in rows] == shipped
    for name, parameters, document, mean, deviation, seeds in rows:
        printed = PRINTED.get(name)
        assert document.split(" ")[0] == (f"{printed.test_accuracy}" if printed else "(ours)")
        history = json.loads((ROOT / "weights" / name / "history.json").read_text())
        last = [run["epochs"][-1]["test_accuracy"] for run in history["runs"]]
        assert [int(seed) for seed in seeds.split(",")] == [run["seed"] for run in history["runs"]]
        assert int(parameters.replace(",", "")) == parameter_count(build(RECIPES[name]))
        assert f"{statistics.mean(last):.2f}" == mean
        if deviation:
            assert f"{statistics.stdev(last):.2f}" == deviation
        else:
            assert len(last) == 1


def test_no_figure_is_left_to_be_filled_in() -> None:
    assert re.findall(r"@\w+ (?:ms|times|%)", README) == []


def test_every_file_it_names_exists() -> None:
    linked = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    mapped = re.findall(r"^\| `([\w./]+)` \|", README, re.MULTILINE)
    for name in linked + [name for name in mapped if "/" in name or "." in name]:
        assert (ROOT / name).exists(), name
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "mnist_cnn").glob("[!_]*.py")}
    assert modules <= set(mapped), "the map names every module"


def test_commands_it_names_exist() -> None:
    for target in re.findall(r"^make (\w+)|`make (\w+)`", README, re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for module in re.findall(r"python -m benchmarks\.([a-z]+)", README):
        assert (ROOT / "benchmarks" / f"{module}.py").is_file()
