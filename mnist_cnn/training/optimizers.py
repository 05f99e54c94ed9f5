"""The optimisers: Muon for convolutions, Adam for everything else, and the moving average of the weights.

Muon orthogonalises the momentum of each step, viewed as a matrix (Keller Jordan et al., 2024). ``torch.optim.Muon`` takes
matrices only; here the weight of a convolution, (out, in, k, k), is treated as a matrix of shape (out, in·k·k).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from mnist_cnn.recipes import Recipe, learning_rate

BATCHES_PER_AVERAGE = 4
"""The moving average of the weights is updated only this often, with the decay of all the steps in between."""
EMA_WARMUP = 9
"""After n updates the average keeps at most n / (n + 9) of itself: else it would keep the initial weights in a short run."""
NEWTON_SCHULZ_STEPS = 5
QUINTIC = 3.4445, -4.7750, 2.0315
"""Coefficients of an odd polynomial that is steep at 0 and keeps singular values of 1 near 1 (Keller Jordan)."""


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum for the weights of convolutions; other parameters need another optimiser.

    Each step changes the weight by ``lr · sqrt(max(1, rows / columns))`` times an almost orthogonal matrix, whatever the
    size of the gradient. Weight decay is AdamW's: each step subtracts ``lr · weight_decay`` times the weight.
    """

    def __init__(
        self, weights: Iterable[nn.Parameter], *, lr: float, momentum: float = 0.95, weight_decay: float = 0.0
    ) -> None:
        super().__init__(weights, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                velocity = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                matrix = weight.grad.add(velocity, alpha=group["momentum"]).reshape(len(weight), -1)
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.sub_(orthogonalised(matrix).reshape(weight.shape), alpha=group["lr"] * scale)


def orthogonalised(matrix: Tensor) -> Tensor:
    """``matrix`` with all singular values moved to about 1 (0.7 to 1.2) by a Newton–Schulz iteration."""
    a, b, c = QUINTIC
    tall = matrix.shape[0] > matrix.shape[1]
    x: Tensor = matrix.T if tall else matrix
    x = x / (torch.linalg.matrix_norm(x) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x


def build_optimizers(net: nn.Sequential, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """The optimisers of ``recipe``; each parameter group stores its highest learning rate as ``peak``."""
    convolutions: list[nn.Parameter] = []
    if recipe.optimizer == "muon":
        # each row of the first convolution is a single 3×3 patch: there is nothing to orthogonalise
        convolutions = [p for name, p in net.named_parameters() if p.ndim == 4 and name != "conv1.weight"]
    chosen = {id(parameter) for parameter in convolutions}
    rest = flatten_parameters(parameter for parameter in net.parameters() if id(parameter) not in chosen)
    optimizers: list[torch.optim.Optimizer] = []
    if convolutions:
        optimizers.append(Muon(convolutions, lr=recipe.muon_learning_rate, weight_decay=recipe.weight_decay))
    optimizers.append(torch.optim.Adam([rest], lr=recipe.learning_rate, betas=(0.9, recipe.beta2), fused=True))
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def set_learning_rates(optimizers: list[torch.optim.Optimizer], recipe: Recipe, progress: float, *, epochs: int) -> None:
    """Set every group's learning rate to that after ``progress`` of ``epochs`` epochs."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe, progress, epochs=epochs, peak=group["peak"])


def flatten_parameters(parameters: Iterable[nn.Parameter]) -> Tensor:
    """One flat tensor, with a gradient, of which all ``parameters`` and their gradients become views.

    This makes a step of Adam one operation instead of one per parameter. Gradients must be set to zero in place from now on.
    """
    parts = list(parameters)
    # as_strided keeps the memory format of a convolution's weight
    whole = torch.cat([part.detach().as_strided((part.numel(),), (1,)) for part in parts])
    whole.grad = torch.zeros_like(whole)
    sizes = [part.numel() for part in parts]
    for part, values, gradient in zip(parts, whole.split(sizes), whole.grad.split(sizes), strict=True):
        shape, stride = part.shape, part.stride()
        part.data, part.grad = values.as_strided(shape, stride), gradient.as_strided(shape, stride)
    return whole


Tensors = list[Tensor] | tuple[Tensor, ...]


def build_average(net: nn.Sequential, recipe: Recipe) -> AveragedModel | None:
    """The moving average of ``net`` that ``recipe`` asks for, to be updated every ``BATCHES_PER_AVERAGE`` batches."""
    if not recipe.ema_decay:
        return None
    return AveragedModel(net, multi_avg_fn=_ema(recipe.ema_decay**BATCHES_PER_AVERAGE), use_buffers=True)


def _ema(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    def update(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
        if averaged[0].is_floating_point():  # counters are not averaged
            keep = min(decay, int(count) / (int(count) + EMA_WARMUP))
            torch._foreach_lerp_(averaged, current, 1 - keep)

    return update
