"""Networks at moments of their training: packed and unpacked, in Python and in the browser, as right as they were."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mnist_cnn import checkpoint
from mnist_cnn.browser_format import export
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import CLASSES, build
from mnist_cnn.packed import pack, unpack
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.snapshots import FILE, LEVELS, NOT_KEPT, STEPS, Moment, Snapshots, channels, load_snapshots
from mnist_cnn.training import loop
from mnist_cnn.training.resume import save_state
from page.static import script
from testing.node import run_node

KEPT = DEFAULT, "4-steplr5"
"""The networks whose training the page shows."""
MOST_BYTES = 600_000
CLOSE = 0.03
"""Points of accuracy."""


@pytest.fixture
def moments() -> Snapshots:
    """A network with pooling before its batch norm, at three moments."""
    snapshots = Snapshots()
    for number, epoch in enumerate((0, 0, 1)):
        torch.manual_seed(number)
        snapshots.add(build(RECIPES["5-pen"]).eval(), Moment(10 * number, epoch, 1.5, 50.0 + number))
    return snapshots


def packed(snapshots: Snapshots, folder: Path) -> Path:
    path = folder / FILE
    path.write_bytes(snapshots.pack(build(RECIPES["5-pen"]).eval(), "test"))
    return path


def test_what_is_packed_comes_back(moments: Snapshots, tmp_path: Path) -> None:
    description, found, weights = load_snapshots(packed(moments, tmp_path))
    assert found == moments.moments
    assert weights.dtype == np.float32
    owners = channels(description)
    for given, back in zip(moments.weights, weights, strict=True):
        largest = np.zeros(owners.max() + 1)
        np.maximum.at(largest, owners, np.abs(given))
        assert (np.abs(given - back) <= 2.1 * largest[owners] / LEVELS[-1] + 1e-9).all()
        for owner in range(owners.max() + 1):  # sums are closer than single weights
            assert abs((given - back)[owners == owner].sum()) <= 1.1 * largest[owner] / LEVELS[-1] + 1e-5


def test_the_browser_unpacks_the_same(moments: Snapshots, tmp_path: Path) -> None:
    path = packed(moments, tmp_path)
    found = run_node(
        "import { dataOf, setSource } from '@web/pad/data.js';\n"
        "import { channels, loadSnapshots } from '@web/engine/snapshots.js';",
        """setSource(async () => given.text);
        const { description, moments, weights } = loadSnapshots(await dataOf('test'));
        return { moments, owners: Array.from(channels(description)), weights: weights.map((each) => Array.from(each)) };""",
        text=base64.b64encode(path.read_bytes()).decode(),
    )
    description, expected, weights = load_snapshots(path)
    assert [Moment(**moment) for moment in found["moments"]] == expected
    assert found["owners"] == channels(description).tolist()
    assert np.array_equal(np.array(found["weights"], np.float32), weights)


def test_a_damaged_file_gets_a_sentence(moments: Snapshots, tmp_path: Path) -> None:
    path = packed(moments, tmp_path)
    content = path.read_bytes()
    about, arrays = unpack(content)
    shorter = pack(about, {**arrays, "scales": arrays["scales"][:, :-1]})
    for damaged in (b"", content[:-100], content[:50], shorter, pack(about, {}), pack({}, arrays)):
        path.write_bytes(damaged)
        with pytest.raises(WeightsError, match="train the network again"):
            load_snapshots(path)
    with pytest.raises(WeightsError, match="cannot be read"):
        load_snapshots(tmp_path / "nothing")


def test_a_resumed_training_keeps_the_same_moments(
    mnist: tuple[Dataset, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, state = (mnist[0][:1_500], mnist[1][:100]), tmp_path / "state"
    whole, resumed = Snapshots(), Snapshots()
    loop.train(RECIPES["4-steplr5"], *digits, seed=1, epochs=2, precision="fp32", snapshots=whole)

    def interrupt(*arguments: object) -> None:
        save_state(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_state", interrupt)
        with pytest.raises(KeyboardInterrupt):
            loop.train(RECIPES["4-steplr5"], *digits, seed=1, epochs=2, precision="fp32", state=state, snapshots=Snapshots())
    loop.train(
        RECIPES["4-steplr5"], *digits, seed=1, epochs=2, precision="fp32", state=state, resume=True, snapshots=resumed
    )
    assert [moment.steps for moment in whole.moments] == [0, 10, 12, 24]  # twelve batches an epoch
    assert resumed.moments == whole.moments
    for one, other in zip(whole.weights, resumed.weights, strict=True):
        assert np.array_equal(one, other)


# What is shipped


@pytest.mark.parametrize("name", KEPT)
def test_the_file_is_small_and_has_every_moment(name: str) -> None:
    path = checkpoint.SHIPPED / name / FILE
    assert len(script("snapshots", path.read_bytes())) <= MOST_BYTES
    description, moments, _ = load_snapshots(path)
    assert description["name"] == name
    assert [moment.steps for moment in moments[: len(STEPS)]] == list(STEPS)
    assert [moment.epoch for moment in moments[len(STEPS) :]] == list(range(1, RECIPES[name].epochs + 1))


@pytest.mark.parametrize("name", KEPT)
def test_the_last_moment_is_the_network(name: str) -> None:
    folder = checkpoint.SHIPPED / name
    net = checkpoint.load(folder)
    exported = export(net, name)
    description, moments, weights = load_snapshots(folder / FILE)
    assert not description.keys() & set(NOT_KEPT)  # words that change would make the file wrong
    assert description.items() <= json.loads(json.dumps(exported.description)).items()
    assert np.abs(weights[-1] - exported.values).max() < 2 * np.abs(exported.values).max() / LEVELS[-1]
    epochs = checkpoint.load_history(folder)["runs"][0]["epochs"]
    assert [moment.test_accuracy for moment in moments[len(STEPS) :]] == [epoch["test_accuracy"] for epoch in epochs]


@pytest.mark.parametrize("name", KEPT)
def test_moments_are_as_right_as_they_were(name: str, official_mnist: tuple[Dataset, Dataset] | None) -> None:
    """Every sixth is tried, back from the last. The last accuracies are those of ``history.json``: see the test before."""
    if official_mnist is None:
        pytest.skip("accuracies are those on the official test digits")
    images, labels = official_mnist[1].images, official_mnist[1].labels
    description, moments, weights = load_snapshots(checkpoint.SHIPPED / name / FILE)
    for moment, values in list(zip(moments, weights, strict=True))[::-6]:
        answers = torch.cat([run(description, values, batch) for batch in images.split(1_000)])
        accuracy = 100 * (answers == labels).double().mean().item()
        assert accuracy == pytest.approx(moment.test_accuracy, abs=CLOSE + 1e-6), moment


def run(description: dict[str, object], values: np.ndarray, images: Tensor) -> Tensor:
    """The digits that exported weights give."""
    weights = torch.from_numpy(values)
    maps = standardise(images).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for layer in description["layers"]:  # type: ignore[attr-defined]
            maps = step(layer, weights, maps)
    return maps[:, :CLASSES].argmax(dim=1)


def step(layer: dict[str, int], weights: Tensor, maps: Tensor) -> Tensor:
    """One layer of the exported network, by PyTorch."""
    kind, channels_in = str(layer["kind"]), maps.shape[1]
    if kind == "relu":
        return maps.relu()
    if kind == "maxpool":
        return F.max_pool2d(maps, layer["kernel"])
    if kind == "avgpool":
        return F.avg_pool2d(maps, layer["kernel"])
    if kind == "flatten":
        return maps.flatten(1)
    if kind == "log_softmax":
        return maps.log_softmax(dim=1)
    count = layer.get("outChannels", channels_in)
    bias = weights[layer["bias"] :][:count]
    if kind == "affine":
        return maps * weights[layer["weight"] :][:count].view(-1, 1, 1) + bias.view(-1, 1, 1)
    kernel = layer.get("kernel", 1)
    matrix = weights[layer["weight"] :][: count * channels_in * kernel**2]
    if kind == "linear":
        return nn.functional.linear(maps, matrix.view(count, -1), bias)
    return F.conv2d(maps, matrix.view(count, channels_in, kernel, kernel), bias, padding=layer["padding"])
