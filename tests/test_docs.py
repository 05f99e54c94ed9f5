"""The documents: links and paths that exist, and figures against what they are computed from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mnist_cnn import checkpoint
from mnist_cnn.confidence import load_confidence
from mnist_cnn.model import build, parameter_count
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT, RECIPES
from page.seed_document import PRINTED
from testing import ROOT
from testing.documents import DOCUMENTS, RESULTS, anchors, links, mean_and_deviation, table

ASSIGNMENT = ROOT / "docs" / "original-assignment.md"
PLACEHOLDER = "NAME"
MADE_BY_COMMANDS = ("data/", "dist/", "screenshots/", "space/", "sibling/")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for file, anchor in links(path):
        target = path.parent / file if file else path
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "LOG.md"], ids=name)
def test_paths_exist(path: Path) -> None:
    for mentioned in re.findall(r"`([\w.*-]+/[\w./*-]*)`", path.read_text("utf-8")):
        if not mentioned.startswith(MADE_BY_COMMANDS) and PLACEHOLDER not in mentioned:
            assert any(ROOT.glob(mentioned.rstrip("/"))), mentioned


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name != "LOG.md"], ids=name)
def test_commands_exist(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
    for module in re.findall(r"python -m ((?:benchmarks|docs|mnist_cnn)\.[\w.]+)", text):
        assert PLACEHOLDER in module or (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
    for script in re.findall(r"python (\w+\.py)", text):
        assert (ROOT / script).is_file(), script


def test_every_picture_is_shown() -> None:
    shown = {(path.parent / file).resolve() for path in DOCUMENTS for file, _ in links(path)}
    assert {path.resolve() for path in (ROOT / "docs").glob("*.png")} <= shown


def test_contributing_names_what_is_there() -> None:
    """Where CONTRIBUTING says that a name is in a file, it is."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`([\w.-]+)` in\s+`([\w/.]+\.\w+)`", text)
    assert len(named) > 5
    for symbol, path in named:
        assert re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", (ROOT / path).read_text("utf-8")), f"{symbol} in {path}"


def test_contributing_says_what_every_dependency_is_for() -> None:
    dependencies = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Dependencies")[2]
    for file in ("requirements.txt", "requirements-dev.txt"):
        for package in re.findall(r"^([\w-]+)", (ROOT / file).read_text(), re.MULTILINE):
            if not package.startswith(("-", "types-")):
                assert re.search(rf"(?<![\w-]){package}(?![\w-])", dependencies), package


def test_results_are_those_of_the_histories() -> None:
    rows = table(RESULTS, "results")
    assert [row["iteration"] for row in rows] == [f"`{each}`" for each in RECIPES]
    for row in rows:
        recipe = row["iteration"].strip("`")
        runs = json.loads((checkpoint.SHIPPED / recipe / "history.json").read_text())["runs"]
        last = [run["epochs"][-1]["test_accuracy"] for run in runs]
        assert row["parameters"] == f"{parameter_count(build(RECIPES[recipe])):,}"
        printed = PRINTED.get(recipe)
        assert row["original assignment"].split(" ")[0] == (f"{printed.test_accuracy}" if printed else "–")
        assert row["measured here"] == f"{mean_and_deviation(last)} %"
        assert row["seeds"] == ", ".join(str(run["seed"]) for run in runs)
        assert {len(run["epochs"]) for run in runs} == {19}


def test_confidence_has_as_many_parameters_as_the_results_say() -> None:
    net = checkpoint.load(checkpoint.SHIPPED / DEFAULT)
    confidence = load_confidence(checkpoint.SHIPPED / DEFAULT, net)
    assert confidence is not None
    text = RESULTS.read_text("utf-8")
    assert re.findall(r"are\s+([\d,]+) numbers together", text) == [f"{parameter_count(net) + confidence.values:,}"]


def test_the_assignments_parameters_are_printed_and_computed_ones() -> None:
    rows = {row["iteration"].strip("`"): row for row in table(ASSIGNMENT, "parameters")}
    assert rows.keys() == PRINTED.keys()
    for recipe, row in rows.items():
        assert row["printed"] == " and ".join(f"{count:,}" for count in PRINTED[recipe].parameters)
        assert row["computed"] == f"{parameter_count(build(RECIPES[recipe])):,}"


def test_the_assignments_receptive_fields_are_printed_and_computed_ones() -> None:
    rows = {row["layer"].strip("`"): row for row in table(ASSIGNMENT, "receptive fields")}
    for recipe, printed in PRINTED.items():
        assert {layer: int(row["printed"]) for layer, row in rows.items()} == printed.receptive_fields
        computed = {row.name: row.receptive_field for row in trace(build(RECIPES[recipe]))}
        assert {layer: int(row["computed"]) for layer, row in rows.items()} == {layer: computed[layer] for layer in rows}
