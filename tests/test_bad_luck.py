"""Weights that are damaged on the way to the app: what still works, and what is said."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import torch
from gradio_client import Client, handle_file
from hostile_pictures import digit
from safetensors.torch import load_file, save_file

import app
from mnist_cnn import checkpoint
from mnist_cnn.hands import CLEAR_IN_UPLOADS, FILE, WRITTEN, load_hands
from mnist_cnn.recipes import DEFAULT, RECIPES
from page import draw
from testing import ROOT
from testing.servers import running_app

PARTS = ("app.py", "export.py", "page", "mnist_cnn", "web", "weights")


def cut(folder: Path) -> None:
    path = folder / checkpoint.WEIGHTS_FILE
    path.write_bytes(path.read_bytes()[:10_000])


def not_a_number(folder: Path) -> None:
    state = load_file(folder / checkpoint.WEIGHTS_FILE)
    state["conv2.weight"].view(-1)[7] = torch.nan
    save_file(state, folder / checkpoint.WEIGHTS_FILE)


def another_network(folder: Path) -> None:
    shutil.copy(ROOT / "weights" / "1-plain" / checkpoint.WEIGHTS_FILE, folder)


def unknown_recipe(folder: Path) -> None:
    path = folder / checkpoint.CONFIG_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"}))


def surplus(folder: Path) -> None:
    save_file({**load_file(folder / checkpoint.WEIGHTS_FILE), "extra": torch.zeros(3)}, folder / checkpoint.WEIGHTS_FILE)


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


DAMAGES: list[tuple[Callable[[Path], None], str]] = [
    (cut, "model.safetensors cannot be read"),
    (not_a_number, "'conv2.weight' contains values that are not finite"),
    (another_network, "model.safetensors lacks 'bn"),
    (unknown_recipe, "config.json does not describe a network of this version"),
    (surplus, "contains 'extra'"),
    (gone, "cannot be read"),
]


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "weights"
    shutil.copytree(ROOT / "weights", folder)
    monkeypatch.setattr(checkpoint, "SHIPPED", folder)
    draw.network.cache_clear()
    draw.certainty.cache_clear()
    yield folder
    draw.network.cache_clear()
    draw.certainty.cache_clear()


@pytest.mark.parametrize(("damage", "words"), DAMAGES, ids=[damage.__name__ for damage, _ in DAMAGES])
def test_without_the_default_network_the_app_says_so_in_one_line(
    damage: Callable[[Path], None], words: str, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(weights / DEFAULT)
    assert app.main() == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said
    assert DEFAULT in said


def test_other_iterations_broken_leave_the_page_up_and_are_named_on_it(tmp_path: Path) -> None:
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    others = [name for name in RECIPES if name != DEFAULT]
    damages = [DAMAGES[number] for number in (0, 1, 3, 5, 0)]
    for name, (damage, _) in zip(others, damages, strict=True):
        damage(tmp_path / "weights" / name)
    (tmp_path / "weights" / others[0] / checkpoint.HISTORY_FILE).write_text('{"runs": [{"epochs": [{"lr": "NaN"}]}]}')
    (tmp_path / "weights" / others[1] / checkpoint.TEST_ANSWERS_FILE).write_text("{")
    picture = tmp_path / "digit.png"
    digit().save(picture)
    with running_app(tmp_path) as (url, _):
        assert Client(url, verbose=False).predict(handle_file(picture), api_name="/predict")["digit"] == 1
        page = html.unescape(json.dumps(httpx.get(f"{url}config").json()))
    for name, (_, words) in zip(others, damages, strict=True):
        assert any(f"weights/{name}/" in line and words in line for line in page.split("<p")), name
    assert f"weights/{others[0]}/history.json is damaged" in page
    assert str(tmp_path) not in page.replace(json.dumps(f"{tmp_path}/web")[1:-1], "")
    assert f"weights/{DEFAULT}/" not in page


@pytest.mark.parametrize("left_out", [CLEAR_IN_UPLOADS, "question mark"])
def test_figures_of_hands_that_lack_a_kind_get_a_sentence(tmp_path: Path, left_out: str) -> None:
    values = json.loads((checkpoint.SHIPPED / DEFAULT / FILE).read_text("utf-8"))
    kept = WRITTEN if left_out == "question mark" else [kind for kind in values["others"] if kind != left_out]
    values["others"] = {kind: values["others"][kind] for kind in kept}
    (tmp_path / FILE).write_text(json.dumps(values))
    with pytest.raises(checkpoint.WeightsError, match="it lacks"):
        load_hands(tmp_path)


def test_a_name_that_no_host_has_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "HOST", "a..b")
    with pytest.raises(OSError, match="cannot be used"):
        app.find_address()
