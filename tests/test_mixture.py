"""What an epoch shows besides MNIST's digits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mnist_cnn.data import Dataset
from mnist_cnn.recipes import Mixture
from mnist_cnn.training.mixture import AMBIGUOUS_SIGNS, NON_DIGIT, Extras, build_extras
from mnist_cnn.training.non_digits.first_tries import FIRST_TRIES, draw_first_try
from mnist_cnn.training.stroke_data import is_held_out, load_packed

MIXTURE = Mixture(unipen=1, pendigits=0, letters=1, shapes=1, spoiled=9, filled=6)


@pytest.fixture(scope="module")
def digits(mnist: tuple[Dataset, Dataset]) -> Dataset:
    return mnist[0][:200]


@pytest.fixture(scope="module")
def extras(digits: Dataset) -> Extras:
    return build_extras(MIXTURE, load_packed(), digits)


def test_nothing_of_held_out_writers_is_shown(extras: Extras) -> None:
    strokes = load_packed()
    whole = [each for each, cut_off in zip(strokes.drawings(), strokes.cut_off, strict=True) if not cut_off]
    trained = [each for each in whole if not is_held_out(each.writer)]
    written = [each for each in trained if each.label.isdigit()]
    signs = [each for each in trained if not each.label.isdigit() and each.label not in AMBIGUOUS_SIGNS]
    assert len(extras.pens[0]) + len(extras.pens[1]) == len(written)
    assert len(extras.pens[2]) == len(signs)
    labels = torch.cat([extras.pens[0].labels, extras.pens[1].labels])
    expected = np.bincount([each.digit for each in written], minlength=10)
    assert torch.bincount(labels, minlength=10).tolist() == expected.tolist()


def test_an_epoch_holds_everything_and_depends_on_its_seed_alone(extras: Extras, digits: Dataset) -> None:
    one, again, other = (extras.epoch(digits, seed) for seed in (3, 3, 4))
    assert torch.equal(one.images, again.images)
    assert not torch.equal(one.images, other.images)
    assert len(one) == 200 + len(extras.pens[0]) + len(extras.pens[2]) + len(extras.pens[3]) + 15
    assert set(one.labels.tolist()) == set(range(NON_DIGIT + 1))


@pytest.mark.parametrize("kind", FIRST_TRIES)
def test_what_people_draw_first_differs_from_drawing_to_drawing(kind: str) -> None:
    random = np.random.default_rng(0)
    drawings = [draw_first_try(kind, random) for _ in range(5)]
    assert all(np.isfinite(np.concatenate(strokes)).all() for strokes in drawings)
    assert len({np.concatenate(strokes).tobytes() for strokes in drawings}) == 5
