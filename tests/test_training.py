"""The loop learns, repeats itself exactly, and stops when the loss is no number."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import RECIPES, Augmentation
from mnist_cnn.training import loop as training

RECIPE = RECIPES["4-steplr5"]


@pytest.fixture(scope="module")
def small(mnist: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
    train_set, test_set = mnist
    return (
        Dataset(train_set.images[:2_000], train_set.labels[:2_000]),
        Dataset(test_set.images[:1_500], test_set.labels[:1_500]),
    )


def test_two_epochs_learn_and_repeat_exactly(small: tuple[Dataset, Dataset], capsys: pytest.CaptureFixture[str]) -> None:
    runs = [training.train(RECIPE, *small, seed=5, epochs=2, precision="fp32") for _ in range(2)]
    (net, history), (again, _) = runs
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert history[1].test_accuracy > 70
    assert history[1].train_loss < history[0].train_loss
    assert f"accuracy {round(history[1].test_accuracy * 15)}/1500" in capsys.readouterr().out
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name]), name


def test_another_seed_gives_another_network(small: tuple[Dataset, Dataset]) -> None:
    nets = [training.train(RECIPE, *small, seed=seed, epochs=1, precision="fp32")[0] for seed in (0, 1)]
    first, second = (net.state_dict()["fc1.weight"] for net in nets)
    assert not torch.equal(first, second)


def test_copies_of_unchanged_digits_train_like_one(small: tuple[Dataset, Dataset], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Tensor] = []

    def unchanged(images: Tensor, labels: Tensor, how: Augmentation | None, generator: Generator) -> Tensor:
        seen.append(images)
        return images

    monkeypatch.setattr(training, "augment", unchanged)
    once = replace(RECIPE, dropout=0.0)
    few = Dataset(small[0].images[:300], small[0].labels[:300])  # three steps: after more, rounding has grown
    (_, (epoch,)), (_, (twice,)) = (
        training.train(replace(once, augmentation_repeats=repeats), few, small[1], seed=0, epochs=1, precision="fp32")
        for repeats in (1, 2)
    )
    assert sum(map(len, seen)) == 3 * len(few), "every copy is changed in its own way"
    assert twice.train_loss == pytest.approx(epoch.train_loss, rel=2e-3)
    assert twice.train_accuracy == pytest.approx(epoch.train_accuracy, abs=1.0)
    assert twice.test_loss == pytest.approx(epoch.test_loss, rel=1e-3)


def test_adam_steps_in_one_piece_as_parameter_by_parameter() -> None:
    torch.manual_seed(0)
    nets = [build(RECIPE).eval().to(memory_format=torch.channels_last)]  # no dropout
    nets.append(deepcopy(nets[0]))
    start = deepcopy(nets[0].state_dict())
    whole = training._in_one_piece(nets[0].parameters())
    assert whole.numel() == parameter_count(nets[0])
    assert nets[0].get_parameter("conv2.weight").is_contiguous(memory_format=torch.channels_last)
    optimizers = [torch.optim.Adam(some, fused=True) for some in ([whole], nets[1].parameters())]
    for _ in range(3):
        images, labels = torch.randn(16, 1, 28, 28), torch.randint(10, (16,))
        for net, optimizer in zip(nets, optimizers, strict=True):
            optimizer.zero_grad(set_to_none=False)
            F.nll_loss(net(images), labels).backward()
            optimizer.step()
    for name, parameter in nets[0].named_parameters():
        torch.testing.assert_close(parameter, nets[1].get_parameter(name))
        assert not torch.equal(parameter, start[name]), name


def test_evaluate_counts_like_a_plain_pass(small: tuple[Dataset, Dataset]) -> None:
    dataset = small[1]
    net = build(RECIPE)
    loss, accuracy = training.evaluate(net, dataset)
    assert not net.training
    with torch.inference_mode():
        logits = net[:-1](standardise(dataset.images))
    assert loss == pytest.approx(F.cross_entropy(logits, dataset.labels).item(), rel=1e-4)
    assert accuracy == pytest.approx(100 * (logits.argmax(dim=1) == dataset.labels).double().mean().item(), abs=0.1)


def test_clean_statistics_are_those_of_unchanged_images(small: tuple[Dataset, Dataset]) -> None:
    recipe = replace(RECIPES["5-pen"], recompute_bn_stats=True)
    net, history = training.train(recipe, *small, seed=0, epochs=1, precision="fp32")
    assert history[-1].test_loss == training.evaluate(net, small[1])[0]
    norm, first = net.get_submodule("bn1"), net[:1]
    with torch.inference_mode():
        features = first(standardise(small[0].images))
    assert isinstance(norm, torch.nn.BatchNorm2d)
    assert norm.momentum is not None
    torch.testing.assert_close(norm.running_mean, features.mean(dim=(0, 2, 3)), rtol=1e-2, atol=2e-3)
    torch.testing.assert_close(norm.running_var, features.var(dim=(0, 2, 3)), rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize("name", ["1-plain", "4-steplr5", "5-pen"])
@pytest.mark.parametrize(("precision", "near"), [("fp32", 0.001), ("bf16", 0.1)])
def test_the_fast_way_through_a_network_is_that_network(
    name: str, precision: training.Precision, near: float, small: tuple[Dataset, Dataset]
) -> None:
    torch.manual_seed(0)
    plain = build(replace(RECIPES[name], dropout=0.0))
    fast = deepcopy(plain)
    inputs, labels = standardise(small[0].images[:256]), small[0].labels[:256]
    expected = plain(inputs)
    found = training._forward(fast, precision, torch.device("cpu"))(inputs)
    F.nll_loss(expected, labels).backward()
    F.nll_loss(found, labels).backward()
    assert (found - expected).abs().max() < near
    for (key, ours), theirs in zip(fast.named_parameters(), plain.parameters(), strict=True):
        if key.startswith("conv") and key.endswith("bias") and RECIPES[name].batch_norm:
            assert not ours.any(), "batch norm takes it away"
            continue
        assert ours.grad is not None
        assert theirs.grad is not None
        # where a unit or a maximum is at the brink, a rounding error turns it
        assert (ours.grad - theirs.grad).norm() < 0.5 * theirs.grad.norm(), key
    for (key, mine), other in zip(fast.named_buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(mine, other, rtol=near, atol=near / 10, msg=key)


def test_a_loss_that_is_no_number_stops_with_its_epoch_and_batch(small: tuple[Dataset, Dataset]) -> None:
    broken = replace(RECIPES["1-plain"], learning_rate=1e30)
    with pytest.raises(training.DivergedError, match="epoch 1, batch 2;"):
        training.train(broken, *small, seed=0, epochs=1, precision="fp32")
