"""Which module may import which, so that every room is usable without those above it; and how long a module may be."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from testing import ROOT

PATHS = sorted(
    path
    for path in subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    if (ROOT / path).is_file()
)
PYTHON = [path for path in PATHS if path.endswith(".py")]
JAVASCRIPT = [path for path in PATHS if path.startswith("web/") and path.endswith(".js")]

MAX_MODULE_LINES, MAX_FUNCTION_LINES = 350, 60
"""ESLint holds the same for JavaScript (``eslint.config.js``)."""
ORDER = (
    *("mnist_cnn.console", "mnist_cnn.malloc"),
    *("mnist_cnn.recipes", "mnist_cnn.data", "mnist_cnn.model", "mnist_cnn.receptive_field", "mnist_cnn.stages"),
    "mnist_cnn.checkpoint",
    "mnist_cnn.drawing",
    *("mnist_cnn.confidence", "mnist_cnn.orientation", "mnist_cnn.predict", "mnist_cnn.test_results"),
    *("mnist_cnn.hands", "mnist_cnn.browser_format"),
    *("mnist_cnn.packed", "mnist_cnn.snapshots"),
    *("mnist_cnn.ablation", "mnist_cnn.features", "mnist_cnn.neighbours", "mnist_cnn.teach"),
)
"""A module of the network imports only those before it."""
DRAWING_ORDER = (
    "raster",
    "image_file",
    "background",
    "canvas",
    "photo",
    "picture",
    "strokes",
    "lines",
    "rows",
    "segmentation",
)
"""The same within ``mnist_cnn/drawing`` and within ``web/engine``."""
ROOMS = {
    "mnist_cnn.training": ORDER,
    "mnist_cnn.calibration": (*ORDER, "mnist_cnn.training"),
    "mnist_cnn.play": (*ORDER, "mnist_cnn.training"),
    "page": ORDER,
    "testing": ORDER,
    "benchmarks": ("mnist_cnn", "page", "testing"),
    "docs": ("mnist_cnn", "testing"),
    "app": (*ORDER, "page"),
    "export": (*ORDER, "page"),
    "train": (*ORDER, "mnist_cnn.training"),
    "calibrate": (*ORDER, "mnist_cnn.training", "mnist_cnn.calibration"),
    "tests": ("mnist_cnn", "page", "testing", "docs", "tests"),
}
"""What a room may import, besides itself."""
TESTS_OF = {
    "app": ("test_bad_luck", "test_places"),
    "train": ("test_train", "test_devices", "test_commands", "test_distillation"),
    "calibrate": ("test_calibrate", "test_benchmarks"),
    "export": ("test_export", "test_commands", "test_play", "test_play_learn", "test_play_versions"),
    "benchmarks": ("test_benchmarks", "test_space", "test_commands"),
}
"""What no module imports but the tests of it."""
WEB_ROOMS = {
    "engine": (),
    "pad": ("engine",),
    "inside": ("engine", "pad"),
    "results": ("engine", "pad"),
    "play": ("engine", "pad", "inside"),
    "": ("pad", "inside", "results", "play"),  # what starts the page
}


def module_of(path: str) -> str:
    """``mnist_cnn/drawing/__init__.py`` -> ``mnist_cnn.drawing``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {module_of(path) for path in PYTHON}


def python_imports(source: str) -> set[str]:
    """The modules of this repository that a Python source imports, at its top or in a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            found |= submodules or {str(node.module)}
    return found & MODULES


def within(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def forbidden(importer: str, imported: str) -> bool:
    """Whether the module ``importer`` may not import the module ``imported``."""
    room, other = importer.split(".")[0], imported.split(".")[0]
    if other in TESTS_OF and room != other:
        return room != "tests" or importer.removeprefix("tests.") not in TESTS_OF[other]
    room = next((each for each in ROOMS if within(importer, (each,))), "")
    if room:
        return not within(imported, (*ROOMS[room], room))
    if within(importer, ("mnist_cnn.drawing",)) and within(imported, ("mnist_cnn.drawing",)):
        first, second = (name.removeprefix("mnist_cnn.drawing").lstrip(".") for name in (importer, imported))
        return first in DRAWING_ORDER and second not in DRAWING_ORDER[: DRAWING_ORDER.index(first)]
    place = next((number for number, each in enumerate(ORDER) if within(importer, (each,))), 0)
    return not within(imported, ORDER[:place])


@pytest.mark.parametrize("path", PYTHON)
def test_a_python_module_imports_only_what_its_room_may(path: str) -> None:
    importer = module_of(path)
    assert importer == "mnist_cnn" or within(importer, (*ORDER, *ROOMS)), "it has no place in ORDER or ROOMS"
    imports = python_imports((ROOT / path).read_text("utf-8"))
    assert [imported for imported in sorted(imports) if forbidden(importer, imported)] == []


@pytest.mark.parametrize("path", PYTHON)
def test_a_python_module_and_its_functions_are_short(path: str) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert source.count("\n") <= MAX_MODULE_LINES
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, node.name


@pytest.mark.parametrize("path", JAVASCRIPT)
def test_a_javascript_module_imports_only_what_its_room_may(path: str) -> None:
    folder, name = Path(path).parent, Path(path).stem
    room = "" if folder == Path("web") else folder.name
    source = (ROOT / path).read_text("utf-8")
    for specifier in re.findall(r"""(?:\bfrom\s+|\bimport\s*\(?\s*)['"]([^'"]+)['"]""", source):  # types are counted too
        target = (ROOT / path).parent.joinpath(specifier).resolve().relative_to((ROOT / "web").resolve())
        assert (ROOT / "web" / target).is_file(), specifier
        assert target.parts[0] in (*WEB_ROOMS[room], room), f"{room} imports {specifier}"
        if room == target.parts[0] == "engine" and {name, target.stem} <= set(DRAWING_ORDER):
            assert DRAWING_ORDER.index(target.stem) < DRAWING_ORDER.index(name), f"{name} imports {specifier}"


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("mnist_cnn.model", "mnist_cnn.predict"),
        ("mnist_cnn.drawing.raster", "mnist_cnn.drawing.strokes"),
        ("mnist_cnn.predict", "mnist_cnn.training.loop"),
        ("page.api", "mnist_cnn.training.loop"),
        ("page.play", "mnist_cnn.play"),
        ("page.draw", "testing"),
        ("calibrate", "train"),
        ("benchmarks.browser", "export"),
        ("testing.rows", "benchmarks.drawings"),
        ("tests.test_numbers", "benchmarks.numbers"),
    ],
)
def test_the_rules_forbid(importer: str, imported: str) -> None:
    assert forbidden(importer, imported)


def test_imports_are_found_in_functions_and_of_submodules() -> None:
    source = (
        "import train\ndef f():\n    from mnist_cnn import checkpoint, data\n    from mnist_cnn.drawing import normalise\n"
    )
    assert python_imports(source) == {"train", "mnist_cnn.checkpoint", "mnist_cnn.data", "mnist_cnn.drawing"}


def test_every_room_of_the_page_is_known() -> None:
    assert {Path(path).parent for path in JAVASCRIPT} == {Path("web", room) for room in WEB_ROOMS}
