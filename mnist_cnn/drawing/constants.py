"""The constants that the browser's engine shares: ``python -m mnist_cnn.drawing.constants > web/engine/constants.js``.

A constant stands once, in the Python module it belongs to, with its reason beside it. This command prints the public
constants of those modules as JavaScript. The result is committed; a test compares the two.
"""

from __future__ import annotations

import ast
import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

MODULES = (
    "model",
    "drawing.raster",
    "drawing.image_file",
    "drawing.photo",
    "drawing.picture",
    "drawing.strokes",
    "drawing.segmentation",
    "confidence",
)
COMMAND = "python -m mnist_cnn.drawing.constants > web/engine/constants.js"

HEAD = f"""/**
 * The constants that Python and JavaScript share; the modules in `mnist_cnn/` give their reasons.
 * Written by `{COMMAND}`: change them there.
 */
"""


def constants_of(module: ModuleType) -> dict[str, float | str | tuple[float | str, ...]]:
    """The constants that ``module`` itself assigns: public names in capitals, in the order of its source."""
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return {name: getattr(module, name) for name in names if name.isupper() and not name.startswith("_")}


def javascript() -> str:
    """The content of ``web/engine/constants.js``. Raises ``ValueError`` when two modules give a name to different things."""
    owners: dict[str, str] = {}
    parts = [HEAD]
    for name in MODULES:
        constants = constants_of(import_module(f"mnist_cnn.{name}"))
        for constant in constants:
            if constant in owners:
                raise ValueError(f"{constant} is in {owners[constant]} and in {name}; give one of them another name")
            owners[constant] = name
        lines = [f"  {constant}: {_literal(value)}," for constant, value in constants.items()]
        parts.append("\n".join([f"export const {name.split('.')[-1].upper()} = Object.freeze({{", *lines, "});\n"]))
    return "\n".join(parts)


def _literal(value: float | str | tuple[float | str, ...]) -> str:
    if isinstance(value, tuple):
        return f"Object.freeze([{', '.join(_literal(each) for each in value)}])"
    if isinstance(value, str):
        return "'{}'".format(value.replace("\\", "\\\\").replace("'", "\\'"))
    return json.dumps(int(value) if value == int(value) else value)


if __name__ == "__main__":
    print(javascript(), end="")
