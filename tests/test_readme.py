"""The README's figures and promises against the files they come from."""

from __future__ import annotations

import importlib.metadata
import json
import re
import statistics
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from page import static
from page.seed_document import PRINTED

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
HEAD = yaml.safe_load(README.split("---")[1])
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
"""From huggingface.co/docs/hub/spaces-config-reference, as are the names of the head's fields below."""
FIELDS = {
    *("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "license"),
    *("short_description", "tags", "datasets"),
}
# ``thumbnail`` is the address of a picture on the web and ``models`` names models on the Hub: this project has neither.
ZEROGPU = {"python": ("3.10.13", "3.12.12"), "torch": ("2.8.0", "2.9.1", "2.10.0", "2.11.0")}
"""What free graphics hardware on Hugging Face runs; huggingface.co/docs/hub/spaces-zerogpu."""
TORCHVISION = {"2.8.0": "0.23.0", "2.9.1": "0.24.1", "2.10.0": "0.25.0", "2.11.0": "0.26.0", "2.14.1": "0.29.2"}
"""The torchvision made for each torch; github.com/pytorch/vision."""


def requirements() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: requirement for requirement in found}


@pytest.mark.parametrize("text", [README, static.README], ids=["app", "static page"])
def test_head_is_what_a_space_accepts(text: str) -> None:
    head = yaml.safe_load(text.split("---")[1])
    assert head.keys() == (FIELDS if head["sdk"] == "gradio" else FIELDS - {"sdk_version", "python_version"})
    assert {head["colorFrom"], head["colorTo"]} <= COLOURS
    assert 0 < len(head["title"]) <= 60
    assert not head["emoji"].isascii()
    assert head["license"] == "mit"
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")
    assert head["datasets"] == ["ylecun/mnist"]
    assert all(re.fullmatch(r"[a-z0-9-]+", tag) for tag in head["tags"])
    if head["sdk"] == "static":
        assert head["app_file"] == "index.html"
    else:
        assert len(head["short_description"]) <= 60
        assert (ROOT / head["app_file"]).is_file()


def test_versions_of_the_head_agree_with_the_requirements() -> None:
    assert HEAD["sdk"] == "gradio"
    assert isinstance(HEAD["sdk_version"], str), "quoted, for 6.30 would become 6.3"
    assert isinstance(HEAD["python_version"], str), "quoted, for 3.10 would become 3.1"
    assert requirements()["gradio"].specifier.contains(HEAD["sdk_version"])
    assert any(version.startswith(f"{HEAD['python_version']}.") for version in ZEROGPU["python"])


def test_head_names_the_default_network() -> None:
    assert re.findall(r"[\d,]{4,}", HEAD["short_description"]) == [f"{parameter_count(build(RECIPES[DEFAULT])):,}"]


def test_ranges_hold_on_zerogpu_and_here() -> None:
    required = requirements()
    for torch in (*ZEROGPU["torch"], "2.14.1"):
        assert required["torch"].specifier.contains(torch)
        assert required["torchvision"].specifier.contains(TORCHVISION[torch])
    for name, beyond in (("torch", "2.15.0"), ("torchvision", "0.30.0"), ("gradio", "7.0.0"), ("torch", "2.7.1")):
        assert not required[name].specifier.contains(beyond)
    for name, requirement in required.items():
        assert requirement.specifier.contains(importlib.metadata.version(name)), name
    settings = (ROOT / "pyproject.toml").read_text()
    major, minor = min(map(Version, ZEROGPU["python"])).release[:2]
    assert f'python_version = "{major}.{minor}"' in settings, "types are checked for the oldest Python of the list"
    assert f'target-version = "py{major}{minor}"' in settings


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
