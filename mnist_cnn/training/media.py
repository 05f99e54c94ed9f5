"""Training images as other media show them: coarse, blurred, faint, or with another contrast.

The functions for one medium map (N, 28, 28) float32, 0…255, to the same. Random numbers come from an explicit
``torch.Generator``.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from mnist_cnn.model import IMAGE_SIZE

COARSE_SIZES = (12, 20)
"""Fewest and most pixels per side to which a coarse picture has been reduced."""
FIELD_KNOTS, MAX_FADING = 5, 0.7
"""Knots per side of the smooth field that dims the ink, and the largest share of the ink it takes away."""
LOG_GAMMA, NOISE = 0.7, 12.0
"""Contrast: ink is raised to a power between e^−LOG_GAMMA and e^LOG_GAMMA; NOISE is in grey levels."""


def other_media(images: Tensor, share: float, generator: Generator) -> Tensor:
    """(N, 28, 28) uint8 -> the same, ``share`` of them as one of the media shows them, with their maximum back at 255."""
    chosen = (torch.rand(len(images), generator=generator, device=images.device) < share).nonzero().squeeze(1)
    images = images.clone()
    media = (coarse, blurred, dimmed, contrast)
    for number, medium in enumerate(media):  # the images chosen are random, so these parts are random too
        part = chosen[number :: len(media)]
        if len(part):
            seen = medium(images[part].float(), generator)
            peak = seen.amax(dim=(1, 2), keepdim=True).clamp(min=1)
            images[part] = (seen * (255 / peak)).round_().clamp_(0, 255).to(torch.uint8)
    return images


def coarse(images: Tensor, generator: Generator) -> Tensor:
    """Reduced to 12 to 20 pixels per side and enlarged again."""
    least, most = COARSE_SIZES
    sizes = torch.randint(least, most + 1, (len(images),), generator=generator, device=images.device)
    matrices = torch.stack([_reduce_and_enlarge(size) for size in range(least, most + 1)]).to(images.device)
    matrix = matrices[sizes - least]  # (N, 28, 28)
    return (matrix @ images @ matrix.transpose(1, 2)).clamp_(0, 255)


def _reduce_and_enlarge(size: int) -> Tensor:
    """(28, 28): the matrix that resizes a column of pixels to ``size`` and back, antialiased and bilinear."""
    pixels = torch.eye(IMAGE_SIZE)[None, None]
    reduced = F.interpolate(pixels, (size, IMAGE_SIZE), mode="bilinear", antialias=True)
    return F.interpolate(reduced, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", antialias=True)[0, 0]


def blurred(images: Tensor, generator: Generator) -> Tensor:
    """The mean over 3×3 pixels."""
    return F.avg_pool2d(images[:, None], 3, stride=1, padding=1)[:, 0]


def dimmed(images: Tensor, generator: Generator) -> Tensor:
    """Faint and uneven ink: a smooth field takes away up to 70 % of it."""
    knots = torch.rand(len(images), 1, FIELD_KNOTS, FIELD_KNOTS, generator=generator, device=images.device)
    field = F.interpolate(knots, (IMAGE_SIZE, IMAGE_SIZE), mode="bilinear", align_corners=True)[:, 0]
    return images * (1 - MAX_FADING * field)


def contrast(images: Tensor, generator: Generator) -> Tensor:
    """Another gamma, and noise where there is ink."""
    power = torch.empty(len(images), 1, 1, device=images.device).uniform_(-LOG_GAMMA, LOG_GAMMA, generator=generator).exp()
    noise = torch.randn(images.shape, generator=generator, device=images.device) * NOISE
    return (255 * (images / 255) ** power + noise * (images > 0)).clamp_(0, 255)
