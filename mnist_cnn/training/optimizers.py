"""Muon: momentum whose every step, seen as a matrix, is made orthogonal (Keller Jordan and others, 2024).

``torch.optim.Muon`` takes matrices only; here a convolution's weight (out, in, k, k) is one of (out, in·k·k).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

ITERATIONS = 5
QUINTIC = 3.4445, -4.7750, 2.0315
"""Coefficients of the odd polynomial that is steepest at 0 and keeps singular values of 1 near 1 (Keller Jordan)."""


class Muon(torch.optim.Optimizer):
    """Nesterov momentum, orthogonalised; for convolution weights, every other parameter wants another optimiser.

    A step changes the weight by ``lr · sqrt(max(1, rows / columns))`` times an almost orthogonal matrix, however large the
    gradient. The decay is AdamW's: a step takes ``lr · weight_decay`` of the weight.
    """

    def __init__(
        self, weights: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Change every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                memory = self.state[weight]
                if not memory:
                    memory["momentum"] = torch.zeros_like(weight)
                velocity = memory["momentum"].mul_(group["momentum"]).add_(weight.grad)
                matrix = weight.grad.add(velocity, alpha=group["momentum"]).reshape(len(weight), -1)
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(orthogonalised(matrix).reshape(weight.shape), alpha=group["lr"] * scale)


def orthogonalised(matrix: Tensor) -> Tensor:
    """``matrix`` with its singular values brought to about 1 (0.7 to 1.2), by Newton and Schulz's iteration."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x: Tensor = matrix.T if tall else matrix
    x = x / (torch.linalg.matrix_norm(x) + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x
