"""The compact file of pen strokes, its loader and its split by writer."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from mnist_cnn.drawing.unipen import Drawing, read_unipen
from mnist_cnn.recipes import RECIPES
from mnist_cnn.training import pack_strokes
from mnist_cnn.training.stroke_data import COPIED, SIDE, StrokesError, is_held_out, load_packed, pack, save_packed, simplify
from page.iterations import PLAIN
from testing import ROOT

PENDIGITS = """.SEGMENT DIGIT 0 ? "8"
.COMMENT  8 12 224
.PEN_DOWN
 1 2
 3 4
.PEN_UP
.DT 100
"""


def test_at_least_a_fifth_of_the_writers_of_digits_is_held_out() -> None:
    data = load_packed()
    writers = {data.names[writer] for writer in data.writers[(data.digits >= 0) & ~data.of_tablet]}
    assert len(writers) == 118
    assert len([name for name in writers if is_held_out(name)]) >= 0.2 * 118


def test_the_arrays_say_what_the_drawings_say() -> None:
    data = load_packed()
    drawings = data.drawings()
    assert [int(each.label) if each.label.isdigit() else -1 for each in drawings] == data.digits.tolist()
    assert [is_held_out(each.writer) for each in drawings] == data.held_out.tolist()
    assert [each.writer.startswith("pendigits:") for each in drawings] == data.of_tablet.tolist()


def test_a_straight_line_is_a_1_or_cut_off_from_a_digit() -> None:
    """Lines as 4s would teach the network to doubt the simplest 1; UNIPEN has some, which are the second stroke of a 4."""
    paths = [[(0, 0), (20, 128), (0, 255)], [(0, 0), (60, 128), (0, 255)], [(0, 0), (0, 255), (60, 128)]]
    labels, strokes = "4104-44", [paths[0], paths[0], paths[0], paths[1], paths[0], paths[2], paths[0]]
    drawings = [
        Drawing(label, [[(float(x), float(y)) for x, y in stroke]], "x")
        for label, stroke in zip(labels, strokes, strict=True)
    ]
    drawings.append(Drawing("4", [*drawings[0].strokes, *drawings[3].strokes], "x"))
    assert pack(drawings, tolerance=0).cut_off.tolist() == [True, False, True, False, False, False, True, False]
    data = load_packed()
    assert np.bincount(data.digits[data.cut_off & ~data.held_out], minlength=10).tolist() == [5, 0, 0, 0, 14, 0, 0, 0, 0, 0]


def test_nothing_is_measured_on_writers_who_are_also_trained_on_under_another_name() -> None:
    """UNIPEN has drawings of two held-out writers under another name, too."""
    strokes = load_packed()
    drawings = [
        (label, *(path.tobytes() for path in paths))
        for label, paths in zip(strokes.labels, strokes.paths(np.ones(len(strokes), bool)), strict=True)
    ]
    trained = {drawing for drawing, held_out in zip(drawings, strokes.held_out, strict=True) if not held_out}
    equal = np.array([drawing in trained for drawing in drawings])
    counts = {
        name: int((equal & strokes.held_out & (strokes.writers == number)).sum())
        for number, name in enumerate(strokes.names)
    }
    assert {name for name, count in counts.items() if count > 5} == COPIED
    assert equal[strokes.unseen].sum() <= 6, "a short line may be drawn twice"


def test_texts_name_the_number_of_writers_who_are_trained_on() -> None:
    data = load_packed()
    trained = f"{len(set(data.writers[~data.held_out].tolist()))} "
    held_out = f"{len(set(data.writers[data.held_out].tolist()))} held-out writers"
    document = (ROOT / "docs" / "how-it-works.md").read_text("utf-8")
    assert f"{trained}people" in PLAIN["6-hands"]
    assert f"{trained}people" in RECIPES["6-hands"].change
    assert f"{trained}writers are trained on" in document
    assert held_out in document


def test_packed_drawings_come_back(tmp_path: Path) -> None:
    drawings = [
        Drawing("4", [[(0.0, 0.0), (10.0, 20.0), (30.0, 5.0)], [(7.0, 9.0)]], "a"),
        Drawing("?", [[(5.0, 5.0), (5.0, 105.0)]], "b"),
    ]
    save_packed(tmp_path / "some.npz", pack(drawings, tolerance=0.5))
    found = load_packed(tmp_path / "some.npz").drawings()
    assert [(each.label, each.writer) for each in found] == [("4", "a"), ("?", "b")]
    for before, after in zip(drawings, found, strict=True):
        points = np.concatenate([np.array(each) for each in before.strokes])
        low, extent = points.min(axis=0), np.ptp(points, axis=0).max()
        for stroke, same in zip(before.strokes, after.strokes, strict=True):
            np.testing.assert_allclose((np.array(stroke) - low) * SIDE / extent, same, atol=0.5)


@pytest.mark.parametrize("damage", ["missing", "no zip", "short", "dimensions"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "some.npz"
    good = pack([Drawing("1", [[(0.0, 0.0), (1.0, 9.0)]], "a")], 0.5)
    steps = good.points[:1] if damage == "short" else good.points
    sizes = good.sizes[None] if damage == "dimensions" else good.sizes
    if damage == "no zip":
        path.write_bytes(b"PK\x03\x04 and no more")
    elif damage != "missing":
        names = np.frombuffer(b"a", np.uint8)
        np.savez(path, steps=steps, sizes=sizes, lengths=good.lengths, labels=good.labels, writers=good.writers, names=names)
    with pytest.raises(StrokesError, match=r"some\.npz"):
        load_packed(path)


def test_no_dropped_point_is_farther_away_than_the_tolerance() -> None:
    angle = np.linspace(0, 5, 200)
    path = np.stack([100 * np.cos(angle), 60 * np.sin(angle)], axis=1)
    few = simplify(path, 1.5)
    assert len(few) < 40
    start, end = few[:-1, None], few[1:, None]
    along = end - start
    share = (((path - start) * along).sum(axis=2) / (along**2).sum(axis=2)).clip(0, 1)
    assert np.hypot(*np.moveaxis(path - start - share[..., None] * along, 2, 0)).min(axis=0).max() <= 1.5


def test_the_reader_of_unipen_files_finds_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "some.tra"
    path.write_text(PENDIGITS)
    assert read_unipen(path) == [Drawing("8", [[(1.0, 498.0), (3.0, 496.0)]], "12")]


def test_the_command_packs_all_three_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("pendigits", "unipen"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pendigits" / "pendigits-orig.tra").write_text(PENDIGITS)
    for name, label in (("digits", "1"), ("others", "x")):
        line = json.dumps({"label": label, "writer": "w", "strokes": [[[0, 0], [0, 1000]]]})
        (tmp_path / "unipen" / f"{name}.jsonl.gz").write_bytes(gzip.compress(line.encode()))
    out = tmp_path / "out.npz"
    assert pack_strokes.main(["--data", str(tmp_path), "--out", str(out)]) == 0
    assert [(each.label, each.writer) for each in load_packed(out).drawings()] == [
        ("8", "pendigits:12"),
        ("1", "w"),
        ("x", "w"),
    ]
    (tmp_path / "unipen" / "others.jsonl.gz").write_bytes(gzip.compress(b"{}"))
    assert pack_strokes.main(["--data", str(tmp_path), "--out", str(out)]) == 2
    assert "line 1 is not a drawing" in capsys.readouterr().err
