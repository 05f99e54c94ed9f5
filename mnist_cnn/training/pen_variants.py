"""Ways of writing that are rare in MNIST: slashes through 0s, flags and feet on 1s, bars across 7s, hooks under 9s.

They are drawn onto MNIST's own images at the stroke width of the digit, whose centre of mass is then centred again.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from mnist_cnn.drawing.picture import CENTRE
from mnist_cnn.recipes import Augmentation

OUTLINE_LEVEL = 100
"""When the outline is measured, pixels above this grey level count as ink."""
SLIM = 0.7
"""A 1 wider than this share of its height already has a flag or a foot."""


def add_pen_variants(images: Tensor, labels: Tensor, amounts: Augmentation, generator: Generator) -> Tensor:
    """(N, 28, 28) uint8 -> the same; the shares of 0s, 1s, 7s and 9s that ``amounts`` names get additional strokes."""
    images = images.clone()
    ways = (
        (0, _slash, (amounts.slashes,)),
        (1, _flag_and_foot, (amounts.flags, amounts.feet)),
        (7, _bar, (amounts.bars,)),
        (9, _hook, (amounts.hooks,)),
    )
    for digit, strokes_of, shares in ways:
        of_digit = (labels == digit).nonzero().squeeze(1)
        drawn = torch.rand(len(of_digit), len(shares), generator=generator, device=images.device)
        gets = drawn < torch.tensor(shares, device=images.device)
        chosen, gets = of_digit[gets.any(dim=1)], gets[gets.any(dim=1)]
        if len(chosen) == 0:
            continue
        plain = images[chosen].float()
        strokes = strokes_of(_Outline.of(plain), gets, _Dice(len(chosen), generator))
        touched = strokes.amax(dim=(1, 2)) > 0
        written = _centre(torch.maximum(plain, strokes).round_().to(torch.uint8))
        images[chosen] = torch.where(touched[:, None, None], written, images[chosen])
    return images


@dataclass(frozen=True)
class _Dice:
    """Random numbers, one per image."""

    count: int
    generator: Generator

    def between(self, low: float, high: float) -> Tensor:
        empty = torch.empty(self.count, device=self.generator.device)
        return empty.uniform_(low, high, generator=self.generator)


@dataclass(frozen=True)
class _Outline:
    """Where each digit's ink is: (N,) each, in pixels."""

    images: Tensor  # (N, H, W)
    top: Tensor
    bottom: Tensor
    height: Tensor
    columns: Tensor  # the number of columns with ink
    width: Tensor  # of the stroke

    @classmethod
    def of(cls, images: Tensor) -> _Outline:
        ink = images > OUTLINE_LEVEL
        rows = ink.any(dim=2)
        top = rows.int().argmax(dim=1)
        bottom = images.shape[1] - 1 - rows.flip(1).int().argmax(dim=1)
        # area divided by half the outline; counted in pixel edges, the outline is about a fifth too long
        edges = (ink[:, 1:] ^ ink[:, :-1]).sum(dim=(1, 2)) + (ink[:, :, 1:] ^ ink[:, :, :-1]).sum(dim=(1, 2))
        width = 2.4 * images.sum(dim=(1, 2)) / 255 / edges.clamp(min=1)
        height = (bottom - top + 1).float()
        return cls(images, top, bottom, height, ink.any(dim=1).sum(dim=1).float(), width.clamp(1.0, 4.5))

    def centre(self) -> tuple[Tensor, Tensor]:
        """The x and y coordinates of the centre of mass of each image; (N,) each."""
        place = torch.arange(self.images.shape[1], device=self.images.device, dtype=self.images.dtype)
        mass = self.images.sum(dim=(1, 2)).clamp(min=1)
        return self.images.sum(dim=1) @ place / mass, self.images.sum(dim=2) @ place / mass

    def middle(self, row: Tensor) -> Tensor:
        """The x coordinate of the centre of mass of one row of each image; ``row`` and the result are (N,)."""
        line = self.images[torch.arange(len(row), device=row.device), row]
        columns = torch.arange(line.shape[1], device=row.device, dtype=line.dtype)
        return line @ columns / line.sum(dim=1).clamp(min=1)


def _flag_and_foot(at: _Outline, gets: Tensor, dice: _Dice) -> Tensor:
    """A flag from the top to the lower left, 33° to 65° below the horizontal, and a nearly horizontal foot.

    ``gets``, (N, 2) bool, says which of the two an image gets; digits with one kind of stroke need no such choice.
    """
    top_x, bottom_x = at.middle(at.top), at.middle(at.bottom)
    half = at.width / 2 - 0.5
    length, angle = at.height * dice.between(0.2, 0.8), torch.deg2rad(dice.between(33.0, 65.0))
    y = at.top + half
    flag = _curve(at, top_x, y, top_x - length * angle.cos(), y + length * angle.sin(), dice.between(-0.15, 0.15))
    y = at.bottom - half
    left, right = at.height * dice.between(0.1, 0.4), at.height * dice.between(0.1, 0.4)
    tilt = dice.between(-1.5, 1.5)
    foot = _curve(at, bottom_x - left, y + tilt, bottom_x + right, y - tilt, dice.between(-0.08, 0.08))
    gets = gets & (at.columns < SLIM * at.height)[:, None]
    return torch.maximum(flag * gets[:, 0, None, None], foot * gets[:, 1, None, None])


def _bar(at: _Outline, gets: Tensor, dice: _Dice) -> Tensor:
    """A nearly horizontal bar across the stem, at half the height or a little lower."""
    y = at.top + at.height * dice.between(0.42, 0.65)
    stem = at.middle(y.round().long())
    left, right = at.height * dice.between(0.12, 0.45), at.height * dice.between(0.12, 0.45)
    tilt = dice.between(-1.5, 1.5)
    return _curve(at, stem - left, y + tilt, stem + right, y - tilt, dice.between(-0.1, 0.1))


def _slash(at: _Outline, gets: Tensor, dice: _Dice) -> Tensor:
    """A stroke through the centre, nearly horizontal to steep, rising to the right; it may leave the outline."""
    centre_x, centre_y = at.centre()
    angle, half = torch.deg2rad(dice.between(-20.0, 75.0)), at.height * dice.between(0.25, 0.65)
    across, up = half * angle.cos(), half * angle.sin()
    y0, y1 = (centre_y + up).clamp(max=26.5), (centre_y - up).clamp(min=1.5)
    return _curve(at, centre_x - across, y0, centre_x + across, y1, dice.between(-0.1, 0.1))


def _hook(at: _Outline, gets: Tensor, dice: _Dice) -> Tensor:
    """A hook that continues the stem to the left at the bottom, and up again."""
    x0, y0 = at.middle(at.bottom), at.bottom - at.width / 2 + 0.5
    x1, y1 = x0 - at.height * dice.between(0.1, 0.35), y0 + dice.between(-0.5, 1.0)
    x2, y2 = x1 - at.height * dice.between(0.05, 0.25), y1 - at.height * dice.between(0.0, 0.2)
    return torch.maximum(_segment(at, x0, y0, x1, y1), _segment(at, x1, y1, x2, y2))


def _curve(at: _Outline, x0: Tensor, y0: Tensor, x1: Tensor, y1: Tensor, bend: Tensor) -> Tensor:
    """A stroke whose middle is away from the straight line by ``bend`` times its length."""
    x, y = (x0 + x1) / 2 + bend * (y1 - y0), (y0 + y1) / 2 - bend * (x1 - x0)
    return torch.maximum(_segment(at, x0, y0, x, y), _segment(at, x, y, x1, y1))


def _segment(at: _Outline, x0: Tensor, y0: Tensor, x1: Tensor, y1: Tensor) -> Tensor:
    """(N, H, W), 0…255: antialiased straight strokes with round ends, each as wide as its digit's own strokes."""
    place = torch.arange(at.images.shape[1], device=x0.device, dtype=x0.dtype)
    dx, dy = (x1 - x0)[:, None, None], (y1 - y0)[:, None, None]
    px, py = place[None, None, :] - x0[:, None, None], place[None, :, None] - y0[:, None, None]
    along = ((px * dx + py * dy) / (dx**2 + dy**2).clamp(min=1e-6)).clamp(0, 1)
    distance = torch.hypot(px - along * dx, py - along * dy)
    return 255 * (at.width[:, None, None] / 2 + 0.5 - distance).clamp(0, 1)


def _centre(images: Tensor) -> Tensor:
    """Each image moved by whole pixels so that its centre of mass is where MNIST has it; what leaves the frame is lost."""
    count, size = len(images), images.shape[-1]
    place = torch.arange(size, device=images.device)
    mass = images.float()
    total = mass.sum(dim=(1, 2)).clamp(min=1)
    down = (mass.sum(dim=2) @ place.float() / total - CENTRE).round().long()
    right = (mass.sum(dim=1) @ place.float() / total - CENTRE).round().long()
    rows, columns = place[None] + down[:, None], place[None] + right[:, None]
    inside = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[:, None, :]
    number = torch.arange(count, device=images.device)[:, None, None]
    return images[number, rows.clamp(0, size - 1)[:, :, None], columns.clamp(0, size - 1)[:, None, :]] * inside
