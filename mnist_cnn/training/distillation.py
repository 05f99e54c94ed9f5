"""Distillation: a larger network tells a small one how certain to be of every augmented image (Hinton et al., 2015).

A label says that an image is a 7 and nothing else. The larger network also says how much it looks like a 1, or like no digit
at all, however far the augmentation has gone. It is needed in training only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from mnist_cnn import checkpoint
from mnist_cnn.recipes import Distillation
from mnist_cnn.training.fast_forward import Precision, fast_forward


@dataclass(frozen=True)
class Teacher:
    """The larger network, and how much its answers count."""

    answer: Callable[[Tensor], Tensor]  # standardised images, (N, 1, 28, 28) -> log-probabilities, (N, classes)
    settings: Distillation

    @classmethod
    def load(cls, settings: Distillation, precision: Precision, device: torch.device) -> Teacher:
        """The teacher that ``settings`` names. Raises ``WeightsError`` if its weights folder cannot be used."""
        net = checkpoint.load(checkpoint.SHIPPED / settings.teacher).requires_grad_(False)
        net = net.to(device).to(memory_format=torch.channels_last)
        return cls(fast_forward(net, precision, device), settings)

    def loss(self, inputs: Tensor, log_probs: Tensor, labels: Tensor) -> Tensor:
        """The loss of the answers ``log_probs``, (N, classes), to ``inputs``, (N, 1, 28, 28): a sum over the images.

        It weighs the negative log-likelihood of the ``labels``, (N,), against the Kullback–Leibler divergence from the
        teacher's answers. That is taken at a temperature, and multiplied by its square: so the gradients keep their size.
        """
        temperature = self.settings.temperature
        with torch.no_grad():
            target = (self.answer(inputs) / temperature).log_softmax(dim=1)
        softened = (log_probs / temperature).log_softmax(dim=1)
        divergence = F.kl_div(softened, target, log_target=True, reduction="sum") * temperature**2
        return torch.lerp(F.nll_loss(log_probs, labels, reduction="sum"), divergence, self.settings.weight)
