"""The README: its front matter against what a Space accepts, its figures against the files they come from."""

from __future__ import annotations

import importlib.metadata
import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from page import static
from testing import ROOT
from testing.documents import README, RESULTS, table

TEXT = README.read_text("utf-8")
HEAD = yaml.safe_load(TEXT.split("---")[1])
MAX_BYTES = 8_192
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
"""From huggingface.co/docs/hub/spaces-config-reference, as are the names of the fields below."""
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


@pytest.mark.parametrize("text", [TEXT, static.README], ids=["app", "static page"])
def test_front_matter_is_what_a_space_accepts(text: str) -> None:
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


def test_front_matter_and_requirements_name_the_same_versions() -> None:
    assert HEAD["sdk"] == "gradio"
    assert isinstance(HEAD["sdk_version"], str), "without quotes 6.30 would become 6.3"
    assert isinstance(HEAD["python_version"], str), "without quotes 3.10 would become 3.1"
    assert requirements()["gradio"].specifier.contains(HEAD["sdk_version"])
    assert any(version.startswith(f"{HEAD['python_version']}.") for version in ZEROGPU["python"])


def test_front_matter_has_the_size_of_the_default_network() -> None:
    assert re.findall(r"[\d,]{4,}", HEAD["short_description"]) == [f"{parameter_count(build(RECIPES[DEFAULT])):,}"]


def test_required_versions_exist_on_zerogpu_and_here() -> None:
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


def test_it_is_short() -> None:
    assert len(README.read_bytes()) <= MAX_BYTES


def test_its_table_is_the_one_of_the_results() -> None:
    for row, whole in zip(table(README, "results"), table(RESULTS, "results"), strict=True):
        assert row["iteration"].removesuffix(" (default)") == whole["iteration"]
        assert (" (default)" in row["iteration"]) == (whole["iteration"] == f"`{DEFAULT}`")
        assert (row["parameters"], row["measured here"]) == (whole["parameters"], whole["measured here"])
        assert row["original assignment"] == re.sub(r" \(.*\)", "", whole["original assignment"])
        assert int(row["seeds"]) == len(whole["seeds"].split(","))


@pytest.mark.parametrize(
    ("anchor", "label", "column"),
    [
        ("pen-digits", "drawings", f"`{DEFAULT}`, the default"),
        ("photographs", "photos", f"`{DEFAULT}`, cleaned"),
        ("numbers-of-several-digits", "numbers", f"`{DEFAULT}`"),
        ("confidence-and-rejection", "confidence", f"`{DEFAULT}`"),
    ],
)
def test_a_line_of_figures_is_from_the_table_it_links_to(anchor: str, label: str, column: str) -> None:
    (line,) = re.findall(rf"^- \[\w+\]\(docs/results\.md#{anchor}\)((?:.|\n(?!- |\n))*)", TEXT, re.MULTILINE)
    figures = set(re.findall(r"[\d.]+ %", line))
    assert figures
    assert figures <= {row[column] for row in table(RESULTS, label)}


def test_the_static_page_has_the_size_of_the_default_network() -> None:
    files = static.static_page(DEFAULT)
    assert f"{parameter_count(build(RECIPES[DEFAULT])):,} parameters" in files["README.md"].decode()
    deploy = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    ((page, all_files),) = re.findall(r"The page has (\d+) KB, all files together have ([\d.]+) MB", deploy)
    assert len(files["index.html"]) / 1e3 == pytest.approx(float(page), rel=0.02)
    assert sum(map(len, files.values())) / 1e6 == pytest.approx(float(all_files), rel=0.05)
