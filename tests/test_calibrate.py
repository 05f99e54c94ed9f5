"""``calibrate.py`` as a user runs it, and the pictures it fits on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import calibrate
from mnist_cnn.checkpoint import SHIPPED
from mnist_cnn.training.non_digits.shapes import SHAPES, filled_shape


@pytest.mark.parametrize("kind", SHAPES)
def test_filled_shapes_are_pictures_that_differ(kind: str) -> None:
    random = np.random.default_rng(0)
    shapes = np.stack([filled_shape(SHAPES[kind], random) for _ in range(20)])
    assert shapes.shape == (20, 28, 28)
    assert shapes.dtype == np.uint8
    assert (shapes.max(axis=(1, 2)) > 60).all()
    assert len({shape.tobytes() for shape in shapes}) == 20


def test_a_missing_file_of_strokes_gets_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert calibrate.main(["--strokes", str(tmp_path / "none"), "--data-dir", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err.startswith("calibrate.py: ")


def test_weights_of_another_iteration_are_refused_before_a_sibling_is_trained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    weights = str(SHIPPED / "5-pen")
    assert calibrate.main(["--weights", weights, "--sibling", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "holds 5-pen, not 6-hands" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
