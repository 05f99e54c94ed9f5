"""The modules that stand in Python and in JavaScript export the same functions, so that who knows one knows the other."""

from __future__ import annotations

import ast
import re

import pytest

from testing import ROOT

DRAWING = "raster", "background", "canvas", "photo", "picture", "strokes", "lines", "rows", "segmentation"
TWINS = {
    **{
        name: f"mnist_cnn/drawing/{name}.py"
        for name in ("raster", "background", "canvas", "photo", "picture", "strokes", "lines", "rows", "segmentation")
    },
    **{
        name: f"mnist_cnn/{name}.py"
        for name in ("ablation", "confidence", "neighbours", "orientation", "predict", "snapshots", "teach")
    },
}
"""Python's half of every pair; the other is in ``web/engine``, under the same name."""
PYTHON_ALONE = {
    "ablation": {"count_without_each", "pack_channels", "pack_digits"},  # what is measured once
    "predict": {"predict"},  # the answer of the HTTP API
    "confidence": {"classify", "load_confidence", "scores_and_logits"},  # a whole batch of images; files
}

JAVASCRIPT_ALONE = {"ablation": {"interval"}, "raster": {"support"}}  # of a count so far; of Pillow's box filter


def python_functions(name: str) -> set[str]:
    tree = ast.parse((ROOT / TWINS[name]).read_text("utf-8"))
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {each for each in names if not each.startswith("_")}


def javascript_functions(name: str) -> set[str]:
    source = (ROOT / "web" / "engine" / f"{name}.js").read_text("utf-8")
    return set(re.findall(r"^export (?:async )?function (\w+)", source, re.MULTILINE))


def camel_case(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


@pytest.mark.parametrize(("name", "function"), [(name, each) for name in TWINS for each in sorted(python_functions(name))])
def test_a_function_of_python_stands_in_javascript(name: str, function: str) -> None:
    if function in PYTHON_ALONE.get(name, ()):
        assert camel_case(function) not in javascript_functions(name)
    else:
        assert camel_case(function) in javascript_functions(name)


@pytest.mark.parametrize(
    ("name", "function"), [(name, each) for name in TWINS for each in sorted(javascript_functions(name))]
)
def test_a_function_of_javascript_stands_in_python(name: str, function: str) -> None:
    stands = function in {camel_case(each) for each in python_functions(name)}
    assert stands != (function in JAVASCRIPT_ALONE.get(name, ()))


def test_no_pair_is_left_out() -> None:
    drawing, engine = (ROOT / "mnist_cnn" / "drawing").glob("[!_]*.py"), (ROOT / "web" / "engine").glob("*.js")
    both = {path.stem for path in drawing} & {path.stem for path in engine}
    assert both - {"constants"} <= TWINS.keys()  # constants.js is written by constants.py: tests/test_constants.py
