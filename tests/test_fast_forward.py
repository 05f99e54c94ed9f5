"""The fast forward pass of the training is that of the network itself, and so are its gradients."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import RECIPES
from mnist_cnn.training.fast_forward import Precision, fast_forward


@pytest.mark.parametrize("name", ["1-plain", "4-steplr5", "5-pen", "6-hands"])
@pytest.mark.parametrize(
    ("precision", "near", "cosine", "near_norm"),
    # bfloat16 has eight bits, and a rounding error changes which pixel a maximum comes from; float32 proves the formulas
    [("fp32", 0.001, 0.999, 0.02), ("bf16", 0.1, 0.9, 0.2)],
)
def test_fast_forward_is_the_network(
    name: str, precision: Precision, near: float, cosine: float, near_norm: float, mnist: tuple[Dataset, Dataset]
) -> None:
    torch.manual_seed(0)
    plain = build(replace(RECIPES[name], dropout=0.0))
    fast = deepcopy(plain)
    inputs, labels = standardise(mnist[0].images[:256]), mnist[0].labels[:256]
    expected = plain(inputs)
    found = fast_forward(fast, precision, torch.device("cpu"))(inputs)
    F.nll_loss(expected, labels).backward()
    F.nll_loss(found, labels).backward()
    assert (found - expected).abs().max() < near
    for (key, ours), theirs in zip(fast.named_parameters(), plain.parameters(), strict=True):
        if key.startswith("conv") and key.endswith("bias") and RECIPES[name].batch_norm:
            assert not ours.any(), "batch norm cancels it"
            continue
        assert ours.grad is not None
        assert theirs.grad is not None
        assert F.cosine_similarity(ours.grad.flatten(), theirs.grad.flatten(), dim=0) > cosine, key
        assert ours.grad.norm().item() == pytest.approx(theirs.grad.norm().item(), rel=near_norm), key
    for (key, mine), other in zip(fast.named_buffers(), plain.buffers(), strict=True):
        torch.testing.assert_close(mine, other, rtol=near, atol=near / 10, msg=key)
