"""Pen strokes in whole batches: rewritten as other people would write them, and rendered at MNIST's size.

A drawing is one path of (P, 2) points, x to the right and y down, with one flag per point: whether the pen stays on the
paper on its way to the next point. ``render`` makes of all drawings at once what ``normalise_strokes`` makes of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from mnist_cnn.drawing.picture import BOX_SIZE, CENTRE
from mnist_cnn.drawing.strokes import EDGE_MARGIN, EDGE_WIDTH, MIN_EXTENT, STROKE_WIDTH
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.recipes import Rewriting
from mnist_cnn.training.stroke_data import SIDE, StrokeData

SMALLEST = 2 * MIN_EXTENT * SIDE
"""Smaller drawings are not enlarged any further, as on the pad, of which a drawing fills about half."""
DRAWINGS_AT_ONCE = 256
"""So many are rendered together: their distances fit a processor's cache."""
WAVES = 3
"""The bend of a drawing is the sum of this many sine waves."""


@dataclass(frozen=True)
class PenBatch:
    """Drawings sorted by their number of points; shorter ones repeat their last point."""

    points: Tensor  # (N, P, 2) float32, longer side 0…SIDE
    down: Tensor  # (N, P) bool: the pen stays on the paper until the next point
    counts: Tensor  # (N,) int64: number of points of each
    labels: Tensor  # (N,) int64
    width: Tensor  # (N,) float32, pixels of MNIST's size: how wide the pen writes
    edge: Tensor  # (N,) the same, how wide the soft edge of its strokes is

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(cls, strokes: StrokeData, chosen: NDArray[np.bool_], labels: NDArray[np.int64]) -> PenBatch:
        """The ``chosen`` drawings of ``strokes``; ``chosen`` and ``labels`` have one value for every drawing."""
        return cls.of_paths(strokes.paths(chosen), labels[chosen])

    @classmethod
    def of_paths(cls, drawings: Sequence[Sequence[NDArray[np.floating]]], labels: NDArray[np.int64]) -> PenBatch:
        """``drawings``: the strokes of each, (points, 2)."""
        whole = [np.concatenate([path if len(path) > 1 else path.repeat(2, axis=0) for path in paths]) for paths in drawings]
        counts = np.array([len(path) for path in whole])
        order = np.argsort(counts, kind="stable")
        points = np.zeros((len(whole), counts.max(), 2), np.float32)
        down = np.ones(points.shape[:2], bool)
        for row, number in enumerate(order):
            points[row, : counts[number]] = whole[number]
            points[row, counts[number] :] = whole[number][-1]
            lifted = np.cumsum([max(len(path), 2) for path in drawings[number]])[:-1] - 1
            down[row, lifted] = False
        pens = (np.full(len(whole), value, np.float32) for value in (STROKE_WIDTH, EDGE_WIDTH))
        return cls(*map(torch.from_numpy, (points, down, counts[order], labels[order], *pens)))


def rewrite(pens: PenBatch, amounts: Rewriting, generator: Generator) -> PenBatch:
    """Each drawing as another person might have written it, with another pen, within the limits of ``amounts``."""
    points = pens.points
    low, high = points.amin(dim=1), points.amax(dim=1)
    extent = (high - low).amax(dim=1).clamp(min=SMALLEST)[:, None, None]
    path = _deform((points - (low + high)[:, None] / 2) / extent, amounts, generator)
    inside = torch.arange(path.shape[1]) < (pens.counts - 1)[:, None]
    down = _other_lifts(pens, path, inside, amounts, generator)
    path = _other_ends(path, down & inside, amounts, generator)
    wider = torch.empty(len(pens)).uniform_(-amounts.log_width, amounts.log_width, generator=generator).exp()
    softer = torch.empty(len(pens)).uniform_(1 - amounts.sharper, 1, generator=generator)
    return PenBatch(path * SIDE, down, pens.counts, pens.labels, pens.width * wider, pens.edge * softer)


def milder(amounts: Rewriting) -> Rewriting:
    """``amounts`` with every change of the path halved; the pens stay as different as pictures show them."""
    kept = {name: getattr(amounts, name) for name in ("longest_gap", "log_width", "sharper")}
    return Rewriting(**{**{name: value / 2 for name, value in asdict(amounts).items()}, **kept})


def _deform(path: Tensor, amounts: Rewriting, generator: Generator) -> Tensor:
    """``path``, (N, P, 2) in heights of the drawing around the origin, bent, rotated, slanted and stretched."""
    count = len(path)

    def draw(limit: float, *shape: int) -> Tensor:
        return torch.empty(count, *shape).uniform_(-limit, limit, generator=generator)

    waves, phases = draw(6.0, WAVES, 2), draw(torch.pi, WAVES)
    strength = torch.randn(count, WAVES, 2, generator=generator) * (amounts.bend / WAVES**0.5)
    angles = torch.einsum("npj,nkj->npk", path, waves) + phases[:, None]
    path = path + torch.einsum("npk,nkj->npj", angles.sin(), strength)
    angle = torch.deg2rad(draw(amounts.degrees))
    cos, sin, slant = angle.cos(), angle.sin(), draw(amounts.slant)
    scale_x, scale_y = draw(amounts.log_scale).exp(), draw(amounts.log_scale).exp()
    rows = [
        torch.stack([cos * scale_x, (-sin - slant * cos) * scale_y]),
        torch.stack([sin * scale_x, (cos - slant * sin) * scale_y]),
    ]
    return torch.einsum("ijn,npj->npi", torch.stack(rows), path)


def _other_lifts(pens: PenBatch, path: Tensor, inside: Tensor, amounts: Rewriting, generator: Generator) -> Tensor:
    """(N, P) bool: the flags of ``pens`` with pen lifts left out, and with others added where the gap is short."""
    down = pens.down.clone()
    joined = torch.rand(down.shape, generator=generator) < amounts.joined
    lifted = torch.rand(down.shape, generator=generator) < amounts.lifted / (pens.counts - 1)[:, None]
    short = (path[:, 1:] - path[:, :-1]).square().sum(dim=2) < amounts.longest_gap**2
    down[:, :-1] = (down[:, :-1] | joined[:, :-1]) & ~(lifted[:, :-1] & short & inside[:, :-1])
    return down


def _other_ends(path: Tensor, on_paper: Tensor, amounts: Rewriting, generator: Generator) -> Tensor:
    """``path``, (N, P, 2) in heights of the drawing, with each stroke shortened or lengthened at both ends."""
    step = path[:, 1:] - path[:, :-1]
    length = step.norm(dim=2, keepdim=True).clamp(min=1e-6)
    move = torch.empty(*on_paper.shape, 1).uniform_(-amounts.shorter, amounts.longer, generator=generator)
    starts = on_paper.clone()
    starts[:, 1:] &= ~on_paper[:, :-1]
    stops = torch.zeros_like(on_paper)
    stops[:, 1:] = on_paper[:, :-1] & ~on_paper[:, 1:]
    path = path.clone()
    before = torch.maximum(move[:, :-1], -0.8 * length) * (length > 1e-3)  # at most 80 % of the first step is removed
    path[:, :-1] -= step / length * before * starts[:, :-1, None]
    after = torch.maximum(move[:, 1:], -0.8 * length) * (length > 1e-3)
    path[:, 1:] += step / length * after * stops[:, 1:, None]
    return path


def render(pens: PenBatch) -> Tensor:
    """(N, 28, 28) uint8, bright ink on 0: what ``normalise_strokes`` makes of each drawing, if the pens are the pad's."""
    images = torch.empty(len(pens), IMAGE_SIZE, IMAGE_SIZE, dtype=torch.uint8)
    for first in range(0, len(pens), DRAWINGS_AT_ONCE):
        part = slice(first, first + DRAWINGS_AT_ONCE)
        longest = int(pens.counts[part].max())
        images[part] = _render(
            pens.points[part, :longest], pens.down[part, : longest - 1], pens.width[part], pens.edge[part]
        )
    return images


def _render(points: Tensor, down: Tensor, width: Tensor, edge: Tensor) -> Tensor:
    """(n, P, 2), (n, P − 1), (n,) and (n,) -> (n, 28, 28) uint8."""
    low = points.amin(dim=1)
    extent = points.amax(dim=1) - low
    reach = ((width + edge - 1) / 2)[:, None]
    scale = (BOX_SIZE - 2 * reach) / extent.amax(dim=1, keepdim=True).clamp(min=SMALLEST)
    full = extent * scale + 2 * reach
    size = (full - 1e-4).ceil() + 2 * EDGE_MARGIN  # (n, 2): each drawing's own frame, at the top left of the common one
    path = (points - low[:, None]) * scale[:, None] + ((size - full) / 2 + reach)[:, None]
    ink = _ink(path, down, width, edge)
    place = torch.arange(ink.shape[1])
    ink *= (place[None, None] < size[:, :1, None]) & (place[None, :, None] < size[:, 1:, None])
    ink *= 255 / ink.amax(dim=(1, 2), keepdim=True)
    return _place(ink, size)


def _place(ink: Tensor, size: Tensor) -> Tensor:
    """(n, H, W), of which ``size`` (n, 2) is used -> (n, 28, 28) uint8 with the centre of mass where MNIST has it."""
    place = torch.arange(ink.shape[1])
    total = ink.sum(dim=(1, 2))
    centre = torch.stack([ink.sum(dim=1) @ place.float(), ink.sum(dim=2) @ place.float()], dim=1) / total[:, None]
    corner = (CENTRE - centre + 0.5 + 1e-5).floor().clamp(min=0).minimum(IMAGE_SIZE - size).long()
    source = torch.arange(IMAGE_SIZE)[None] - corner[:, :, None]  # (n, 2, 28): columns and rows of the drawing's frame
    known = (source >= 0) & (source < ink.shape[1])
    source = source.clamp(0, ink.shape[1] - 1)
    number = torch.arange(len(ink))[:, None, None]
    moved = ink.round().to(torch.uint8)[number, source[:, 1, :, None], source[:, 0, None, :]]
    return moved * (known[:, 1, :, None] & known[:, 0, None, :])


def _ink(path: Tensor, down: Tensor, width: Tensor, edge: Tensor) -> Tensor:
    """(n, P, 2) in pixels -> (n, 22, 22) float32, 0…``edge``: by the distance of each pixel's centre from the path."""
    count, side = len(path), BOX_SIZE + 2 * EDGE_MARGIN
    place = torch.arange(side) + 0.5
    nearest = torch.full((count, side, side), 1e9)
    step = path[:, 1:] - path[:, :-1]
    squared = step.square().sum(dim=2).clamp(min=1e-12)
    for segment in range(down.shape[1]):
        offset = place - path[:, segment, :, None]  # (n, 2, 22)
        far = torch.where(down[:, segment], 0.0, 1e9)[:, None]
        toward = offset * (step[:, segment] / squared[:, segment, None])[:, :, None]
        share = toward[:, 0, None, :] + toward[:, 1, :, None]  # along the segment, 0 at its start, 1 at its end
        within = share.clamp(0, 1)
        gain = share.mul_(2).sub_(within).mul_(within).mul_(squared[:, segment, None, None])
        apart = offset.square()
        distance = (apart[:, 0] + far)[:, None, :] + apart[:, 1, :, None]
        torch.minimum(nearest, distance.sub_(gain), out=nearest)
    ink = ((width + edge) / 2)[:, None, None] - nearest.clamp_(min=0).sqrt_()
    return ink.clamp_(min=0).minimum(edge[:, None, None])
