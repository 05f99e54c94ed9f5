"""The constants that Python and the browser share."""

from __future__ import annotations

from mnist_cnn.drawing.constants import COMMAND, javascript
from testing import ROOT


def test_the_browser_has_pythons_constants() -> None:
    committed = (ROOT / "web" / "engine" / "constants.js").read_text("utf-8")
    assert committed == javascript(), f"web/engine/constants.js is not what Python has; run: {COMMAND}"
