"""The training loop learns, repeats itself exactly, resumes exactly, and stops when the loss is not a number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import RECIPES, Augmentation
from mnist_cnn.training import augment, loop
from mnist_cnn.training.evaluation import evaluate
from mnist_cnn.training.loop import DivergedError, train
from mnist_cnn.training.resume import StateError, read_about, save_state

RECIPE = RECIPES["4-steplr5"]


@pytest.fixture(scope="module")
def small(mnist: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
    return mnist[0][:2_000], mnist[1][:500]


@pytest.fixture(scope="module")
def tiny(small: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
    return small[0][:300], small[1][:200]


def test_two_epochs_learn_and_repeat_exactly(small: tuple[Dataset, Dataset], capsys: pytest.CaptureFixture[str]) -> None:
    runs = [train(RECIPE, *small, seed=5, epochs=2, precision="fp32") for _ in range(2)]
    (net, history), (again, _) = runs
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert history[1].test_accuracy > 70
    assert history[1].train_loss < history[0].train_loss
    assert f"accuracy {round(history[1].test_accuracy * 5)}/500" in capsys.readouterr().out
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_another_seed_gives_another_network(tiny: tuple[Dataset, Dataset]) -> None:
    nets = [train(RECIPE, *tiny, seed=seed, epochs=1, precision="fp32")[0] for seed in (0, 1)]
    first, second = (net.state_dict()["fc1.weight"] for net in nets)
    assert not torch.equal(first, second)


@pytest.mark.parametrize("stopped_after", [1, 2, 3])
def test_a_resumed_training_ends_with_the_same_bits(
    stopped_after: int, tiny: tuple[Dataset, Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = RECIPES["5-pen"]  # Muon, Adam, a moving average, and milder augmentation in the last epochs
    state = tmp_path / "state"
    whole, history = train(recipe, *tiny, seed=1, epochs=4, precision="fp32")

    def interrupt(*arguments: Any) -> None:
        save_state(*arguments)
        saved.append(state)
        if len(saved) == stopped_after:
            raise KeyboardInterrupt

    saved: list[Path] = []
    with monkeypatch.context() as patch:
        patch.setattr(loop, "save_state", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, *tiny, seed=1, epochs=4, precision="fp32", state=state)
    resumed, found = train(recipe, *tiny, seed=1, epochs=4, precision="fp32", state=state, resume=True)
    assert [replace(epoch, seconds=0.0) for epoch in found] == [replace(epoch, seconds=0.0) for epoch in history]
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, resumed.state_dict()[name]), name


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has mapped is read from /proc")
def test_a_state_that_was_loaded_can_be_replaced(tiny: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    """Windows refuses as long as the file is mapped."""
    state = tmp_path / "state"
    train(RECIPE, *tiny, seed=0, epochs=1, precision="fp32", state=state)
    mapped: list[bool] = []

    def replaced(*arguments: Any) -> None:
        mapped.append(str(state) in Path("/proc/self/maps").read_text())

    about = read_about(state)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "save_state", replaced)
        patch.setattr(loop, "check_state", lambda path, _: read_about(path))
        train(RECIPE, *tiny, seed=0, epochs=2, precision="fp32", state=state, resume=True)
    assert mapped == [False]
    assert len(about["history"]) == 1


def test_the_state_of_another_training_is_refused(tiny: tuple[Dataset, Dataset], tmp_path: Path) -> None:
    state = tmp_path / "state"
    train(RECIPE, *tiny, seed=0, epochs=1, precision="fp32", state=state)
    with pytest.raises(StateError, match=r"belongs to another training \(different seed, epochs\)"):
        train(RECIPE, *tiny, seed=1, epochs=2, precision="fp32", state=state, resume=True)
    with pytest.raises(StateError, match="different data"):
        train(RECIPE, tiny[0][:200], tiny[1], seed=0, epochs=1, precision="fp32", state=state, resume=True)
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(StateError, match="is damaged"):
        train(RECIPE, *tiny, seed=0, epochs=1, precision="fp32", state=state, resume=True)


def test_repeats_of_unchanged_images_train_like_one(tiny: tuple[Dataset, Dataset], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Tensor] = []

    def unchanged(images: Tensor, labels: Tensor, amounts: Augmentation | None, generator: Generator) -> Tensor:
        seen.append(images)
        return images

    monkeypatch.setattr(augment, "augment", unchanged)
    once = replace(RECIPE, dropout=0.0)
    # 300 images are three steps: after more of them, rounding errors have grown
    (_, (epoch,)), (_, (twice,)) = (
        train(replace(once, augmentation_repeats=repeats), *tiny, seed=0, epochs=1, precision="fp32") for repeats in (1, 2)
    )
    assert sum(map(len, seen)) == 3 * len(tiny[0]), "every repeat is augmented on its own"
    assert twice.train_loss == pytest.approx(epoch.train_loss, rel=2e-3)
    assert twice.train_accuracy == pytest.approx(epoch.train_accuracy, abs=1.0)
    assert twice.test_loss == pytest.approx(epoch.test_loss, rel=1e-3)


def test_evaluate_counts_like_a_plain_pass(small: tuple[Dataset, Dataset]) -> None:
    dataset = small[0][:1_500]  # more than one batch
    net = build(RECIPE)
    loss, accuracy = evaluate(net, dataset)
    assert not net.training
    with torch.inference_mode():
        logits = net[:-1](standardise(dataset.images))
    assert loss == pytest.approx(F.cross_entropy(logits, dataset.labels).item(), rel=1e-4)
    assert accuracy == pytest.approx(100 * (logits.argmax(dim=1) == dataset.labels).double().mean().item(), abs=0.1)


def test_batch_norm_statistics_are_recomputed_on_clean_images(tiny: tuple[Dataset, Dataset]) -> None:
    recipe = RECIPES["5-pen"]
    assert recipe.recompute_bn_stats
    net, history = train(recipe, *tiny, seed=0, epochs=1, precision="fp32")
    assert history[-1].test_loss == evaluate(net, tiny[1])[0]
    norm = net.get_submodule("bn1")
    with torch.inference_mode():
        features = net[: list(net).index(norm)](standardise(tiny[0].images)).double()
    assert isinstance(norm, torch.nn.BatchNorm2d)
    assert norm.momentum is not None
    assert norm.running_mean is not None
    assert norm.running_var is not None
    torch.testing.assert_close(norm.running_mean.double(), features.mean(dim=(0, 2, 3)), rtol=5e-3, atol=5e-4)
    torch.testing.assert_close(norm.running_var.double(), features.var(dim=(0, 2, 3)), rtol=5e-3, atol=5e-4)


def test_a_loss_that_is_not_a_number_stops_with_its_epoch_and_batch(tiny: tuple[Dataset, Dataset]) -> None:
    broken = replace(RECIPES["1-plain"], learning_rate=1e30)
    with pytest.raises(DivergedError, match="epoch 1, batch 2;"):
        train(broken, *tiny, seed=0, epochs=1, precision="fp32")
