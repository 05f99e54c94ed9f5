"""A weights folder comes back bit for bit, and what does not fit is refused by name."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mnist_cnn import checkpoint
from mnist_cnn.model import build
from mnist_cnn.recipes import RECIPES

RECIPE = RECIPES["4-steplr5"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    checkpoint.save(tmp_path / "net", build(RECIPE), RECIPE, {"runs": []})
    return tmp_path / "net"


@pytest.mark.parametrize("name", RECIPES)
def test_save_and_load_are_bit_equal(name: str, tmp_path: Path) -> None:
    net = build(RECIPES[name]).eval()
    checkpoint.save(tmp_path, net, RECIPES[name], {"runs": []})
    loaded = checkpoint.load(tmp_path)
    assert not loaded.training
    assert checkpoint.load_recipe(tmp_path) == RECIPES[name]
    for key, tensor in net.state_dict().items():
        assert torch.equal(tensor, loaded.state_dict()[key])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "history.json", "model.safetensors"]


def test_a_failed_save_leaves_what_was_there(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(TypeError):
        checkpoint.save(folder, build(RECIPE), RECIPE, {"not for JSON": object()})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.01, 0.5, 0.999])
def test_truncated_weights_are_refused(folder: Path, share: float) -> None:
    path = folder / "model.safetensors"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(checkpoint.WeightsError, match=r"model\.safetensors cannot be read"):
        checkpoint.load(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_finite_are_refused(folder: Path, value: float) -> None:
    state = load_file(folder / "model.safetensors")
    state["conv3.weight"][0, 0, 0, 0] = value
    save_file(state, folder / "model.safetensors")
    with pytest.raises(checkpoint.WeightsError, match=r"conv3\.weight.*not finite"):
        checkpoint.load(folder)


def test_weights_of_another_network_are_refused(folder: Path, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "plain", build(RECIPES["1-plain"]), RECIPES["1-plain"], {"runs": []})
    (folder / "model.safetensors").write_bytes((tmp_path / "plain" / "model.safetensors").read_bytes())
    with pytest.raises(checkpoint.WeightsError, match="lacks 'bn"):
        checkpoint.load(folder)


@pytest.mark.parametrize(("key", "shape"), [("conv1.weight", (16, 1, 5, 5)), ("extra", (3,))])
def test_wrong_shapes_and_extra_keys_are_refused(folder: Path, key: str, shape: tuple[int, ...]) -> None:
    state = load_file(folder / "model.safetensors")
    save_file({**state, key: torch.zeros(shape)}, folder / "model.safetensors")
    with pytest.raises(checkpoint.WeightsError, match=f"'{key}'"):
        checkpoint.load(folder)


def with_first_layer(**values: object) -> str:
    recipe = RECIPE.to_json()
    return json.dumps({**recipe, "layers": [{**recipe["layers"][0], **values}, *recipe["layers"][1:]]})


@pytest.mark.parametrize(
    "config",
    [
        with_first_layer(kernel="3"),
        with_first_layer(kernel=1_000_000),
        with_first_layer(out_channels=-1),
        with_first_layer(out_channels=16.5),
        with_first_layer(kind="pool", kernel=0),
        with_first_layer(kind="transformer"),
        json.dumps({**RECIPE.to_json(), "dropout": 2}),
        "[" * 100_000,
    ],
)
def test_a_config_of_no_possible_network_is_refused(folder: Path, config: str) -> None:
    (folder / "config.json").write_text(config)
    with pytest.raises(checkpoint.WeightsError):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "config", ["", "{", "[]", "{}", json.dumps({**RECIPE.to_json(), "colour": "red"}), '{"layers": [{"kind": "conv"}]}']
)
def test_a_config_that_is_no_recipe_is_refused(folder: Path, config: str) -> None:
    (folder / "config.json").write_text(config)
    with pytest.raises(checkpoint.WeightsError, match=r"config\.json"):
        checkpoint.load(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(checkpoint.WeightsError, match="nowhere"):
        checkpoint.load(tmp_path / "nowhere")


def test_damage_at_any_place_is_refused_by_name_or_harmless(folder: Path) -> None:
    """Cut anywhere, overwritten anywhere: either ``WeightsError``, or a network of this recipe with finite values."""
    chance = random.Random(1)
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    head = 8 + int.from_bytes(whole[:8], "little")
    damaged = [whole[:length] for length in (*range(0, head, 13), *range(head, len(whole), 997), len(whole) - 1)]
    for _ in range(300):
        spoiled = bytearray(whole)
        for _ in range(chance.choice([1, 1, 4])):
            spoiled[chance.randrange(chance.choice([head, len(whole)]))] = chance.randrange(256)
        damaged.append(bytes(spoiled))
    for kind in (b"I32", b"F16", b"F64", b"BF16", b"C64", b"F8_E4M3", b"BOOL", b"XYZ"):
        text = whole[8:head].replace(b'"F32"', b'"' + kind + b'"', 1)
        damaged.append(len(text).to_bytes(8, "little") + text + whole[head:])
    damaged += [whole + b"\0", (2**63).to_bytes(8, "little") + whole[8:]]
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            state = checkpoint.load(folder).state_dict()
        except checkpoint.WeightsError as error:
            assert "model.safetensors" in str(error)  # noqa: PT017  both ends are right
            refused += 1
        else:
            assert len(content) == len(whole)
            assert all(tensor.isfinite().all() for tensor in state.values())
    assert refused > len(damaged) / 2
