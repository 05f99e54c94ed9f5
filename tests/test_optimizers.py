"""Muon against a singular value decomposition and torch's own for matrices; flattened parameters against plain ones."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import RECIPES
from mnist_cnn.training.optimizers import Muon, flatten_parameters, orthogonalised


@pytest.mark.parametrize("shape", [(16, 144), (144, 16), (24, 24)])
def test_orthogonalised_keeps_directions_and_evens_their_lengths(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    u, values, vh = torch.linalg.svd(matrix, full_matrices=False)
    ours = orthogonalised(matrix)
    even = torch.linalg.svdvals(ours)
    strong = values > 0.05 * values.max()
    assert even[strong].min() > 0.4
    assert even.max() < 1.3
    assert torch.nn.functional.cosine_similarity(ours.flatten(), (u @ vh).flatten(), dim=0) > 0.9


def test_a_step_is_that_of_torch() -> None:
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has no Muon yet")
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(12, 30, generator=generator)
    ours, theirs = (torch.nn.Parameter(start.clone()) for _ in range(2))
    optimizers = (
        Muon([ours], lr=0.05, weight_decay=0.01),
        torch.optim.Muon([theirs], lr=0.05, weight_decay=0.01, momentum=0.95, adjust_lr_fn="original"),
    )
    for _ in range(3):
        gradient = torch.randn(12, 30, generator=generator)
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        for optimizer in optimizers:
            optimizer.step()
    # torch's orthogonalises in bfloat16 and averages gradients where ours adds them: the same direction
    moved, expected = (ours - start).flatten(), (theirs - start).flatten()
    assert torch.nn.functional.cosine_similarity(moved, expected, dim=0) > 0.98
    assert moved.norm().item() == pytest.approx(expected.norm().item(), rel=0.1)


def test_zero_gradient_only_decays() -> None:
    weight = torch.nn.Parameter(torch.ones(4, 2, 3, 3))
    weight.grad = torch.zeros_like(weight)
    Muon([weight], lr=0.1, weight_decay=0.5).step()
    assert torch.allclose(weight, torch.full_like(weight, 0.95))


def test_adam_on_flattened_parameters_steps_as_on_each_parameter() -> None:
    torch.manual_seed(0)
    nets = [build(RECIPES["4-steplr5"]).eval().to(memory_format=torch.channels_last)]  # no dropout
    nets.append(deepcopy(nets[0]))
    start = deepcopy(nets[0].state_dict())
    whole = flatten_parameters(nets[0].parameters())
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
