"""What the benchmarks compute, by hand; and what the documentation prints of them, measured anew in part."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest
from torch import nn

from benchmarks import hands
from benchmarks import teach as taught
from benchmarks.confidence import FONTS, calibration_error
from benchmarks.confidence import SCRIBBLES as SHOWN_SCRIBBLES
from benchmarks.numbers import SEED, as_picture, as_strokes, edits, shares_of, touching_pairs
from benchmarks.pictures import Labelled, Reading, with_the_best_elsewhere
from mnist_cnn import checkpoint
from mnist_cnn.calibration.letters import HERSHEY, LETTERS, hershey
from mnist_cnn.confidence import classify, load_confidence
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.hands import load_hands
from mnist_cnn.recipes import DEFAULT
from mnist_cnn.training.non_digits.scribbles import SCRIBBLES
from mnist_cnn.training.stroke_data import is_unseen, load_packed, unseen
from testing import ROOT
from testing.documents import RESULTS, table
from testing.rows import write_rows, write_two_lines

FOLDER = checkpoint.SHIPPED / DEFAULT
BENCHMARKS = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))


@pytest.fixture(scope="module")
def net() -> nn.Sequential:
    return checkpoint.load(FOLDER)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_explains_itself(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [f"benchmarks.{name}", "--help"])
    with pytest.raises(SystemExit) as stop:
        importlib.import_module(f"benchmarks.{name}").main()
    assert stop.value.code == 0
    assert f"python -m benchmarks.{name}" in capsys.readouterr().out


def test_the_calibration_error_is_as_documented(net: nn.Sequential, official_mnist: tuple[Dataset, Dataset] | None) -> None:
    if official_mnist is None:
        pytest.skip("the official MNIST files are not on this machine")
    confidence = load_confidence(FOLDER, net)
    assert confidence is not None
    batches = official_mnist[1].images.split(500)
    judgements = [each for batch in batches for each in classify(net, standardise(batch), confidence)]
    error = calibration_error(np.array([each.probabilities for each in judgements]), official_mnist[1].labels.numpy())
    printed = {row["measure"]: row[f"`{DEFAULT}`"] for row in table(RESULTS, "confidence")}
    expected = printed["expected calibration error, MNIST's test digits"]
    assert error == pytest.approx(float(expected.removesuffix(" %")), abs=0.05)


def test_a_perfect_and_a_boastful_forecast_have_the_errors_they_must() -> None:
    labels = np.array([0, 0, 0, 1])
    honest, boastful = np.tile([0.75, 0.25], (4, 1)), np.tile([1.0, 0.0], (4, 1))
    assert calibration_error(honest, labels) == pytest.approx(0)
    assert calibration_error(boastful, labels) == pytest.approx(25)


def test_fitting_and_benchmark_share_no_font_and_no_kind_of_scribble() -> None:
    assert not set(HERSHEY) & set(FONTS)
    assert not set(SCRIBBLES) & set(SHOWN_SCRIBBLES)


def test_no_letter_of_the_benchmark_is_fitted_on_under_another_fonts_name() -> None:
    def form(font: str, letter: str) -> bytes | None:
        strokes = hershey(font, letter)
        if not strokes:
            return None
        points = np.concatenate(strokes)
        return bytes(((points - points.min(axis=0)) / max(np.ptp(points, axis=0).max(), 1) * 100).round().astype(np.uint8))

    shown = {form(font, letter) for font in FONTS for letter in LETTERS}
    assert form("music", "A") in shown, "a copy of timesi is not recognised"
    assert not shown & {form(font, letter) for font in HERSHEY for letter in LETTERS} - {None}


@pytest.mark.parametrize(
    ("one", "other", "count"), [("12", "12", 0), ("", "123", 3), ("1023", "123", 1), ("13", "123", 1), ("9", "4", 1)]
)
def test_edits_are_counted_alike_in_both_directions(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count


def test_numbers_are_read_as_often_as_documented(net: nn.Sequential, drawings: list[Drawing]) -> None:
    if len(drawings) < 1_000:
        pytest.skip("the pen digits are not on this machine")
    printed = {row["input"]: row[f"`{DEFAULT}`"] for row in table(RESULTS, "numbers") if row["measure"] == "numbers correct"}
    assert printed.keys() == {"strokes", "picture"}
    rows = write_rows(unseen(drawings[len(drawings) // 2 :]), 100, SEED)
    for way, read_row in (("strokes", as_strokes), ("picture", as_picture)):
        measured = shares_of(rows, [read_row(net, row) for row in rows]).numbers
        # three standard deviations of 100 draws at 95 %
        assert measured == pytest.approx(float(printed[way].removesuffix(" %")), abs=6.6)


@pytest.mark.parametrize("name", ["5-pen", "6-hands"])
def test_people_are_read_as_documented(name: str) -> None:
    net = checkpoint.load(checkpoint.SHIPPED / name)
    confidence = load_confidence(checkpoint.SHIPPED / name, net)
    assert confidence is not None
    digits = [each for each in load_packed().drawings() if is_unseen(each.writer) and each.label.isdigit()]
    read = hands.read_writers(net, confidence, digits)["UNIPEN, held-out writers"].of_digits()
    stored = load_hands(checkpoint.SHIPPED / name)
    assert stored is not None
    # another machine adds up in another order, and one drawing is up to 5 % of its writer's
    tolerances = {"right": 0.2, "writers_mean": 0.3, "worst_tenth": 2, "refused": 0.2, "split": 0.2}
    measured = [getattr(read, measure) for measure in tolerances]
    rows = table(RESULTS, "hands")[:5]
    (column,) = [each for each in rows[0] if each.startswith(f"`{name}`")]
    for row, found, (measure, tolerance) in zip(rows, measured, tolerances.items(), strict=True):
        assert getattr(stored.digits["unipen"], measure) == pytest.approx(found, abs=tolerance)
        assert found == pytest.approx(float(row[column].removesuffix(" %")), abs=tolerance), row["measure"]


def test_teaching_is_worth_what_is_documented(official_mnist: tuple[Dataset, Dataset] | None) -> None:
    if official_mnist is None:
        pytest.skip("the official MNIST files are not on this machine")
    bench, writers, _ = taught.build(FOLDER, official_mnist[1])
    found = taught.measure(bench, writers, 1, taught.CHOICES)
    rows = table(RESULTS, "teach")
    printed = {row["measure"]: [float(row[each].removesuffix(" %")) for each in list(row)[1:3]] for row in rows}
    means = dict(zip(("all writers: correct", "their digits rejected"), found.mean(axis=0).T, strict=False))
    for measure, values in means.items():
        assert values == pytest.approx(printed[measure], abs=0.05), measure
    assert found[:, :, 3].mean(axis=0) == pytest.approx(printed["MNIST's test digits: correct"], abs=0.03)
    assert taught.fifths(found)[0][:, :, 0].mean(axis=0) == pytest.approx(
        printed["worst fifth of the writers: correct"], abs=0.05
    )


def test_a_source_is_read_with_the_value_that_is_best_on_the_others() -> None:
    pictures = [Labelled(ROOT / "x.png", "7", "photo", source, "") for source in ("1", "2", "2", "3")]
    reads = {1.0: "7117", 2.0: "1771"}  # the first value is better on sources 1 and 3, the second on source 2
    readings = {
        value: [(each, Reading(digit, False, [], 0.0)) for each, digit in zip(pictures, digits, strict=True)]
        for value, digits in reads.items()
    }
    assert [reading.number for _, reading in with_the_best_elsewhere(readings)] == ["1", "1", "1", "1"]


def test_two_lines_lie_below_one_another_and_round_digits_touch(drawings: list[Drawing]) -> None:
    for page in write_two_lines(drawings, 20, SEED):
        upper, lower = page.label.split("\n")
        assert 1 <= len(upper) <= 4
        assert 1 <= len(lower) <= 4
        above, below = page.digits[: len(upper)], page.digits[len(upper) :]
        gap = min(y for d in below for s in d for _, y in s) - max(y for d in above for s in d for _, y in s)
        assert gap > page.brush
        assert max(y for stroke in page.strokes for _, y in stroke) < page.height
    pairs = touching_pairs(drawings, 5)
    assert len(pairs) == 5
    assert all(len(pair.digits) == 2 and set(pair.label) <= set("0689") for pair in pairs)
