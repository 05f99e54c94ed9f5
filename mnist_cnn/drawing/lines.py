"""Lines of writing: pieces of ink are put into lines, top to bottom.

A piece is a stroke of the pen, or a connected component of a picture's ink. Every tall piece is linked to its neighbour on
the left, so a line may slope and its digits may differ in size. Pieces that lie above one another are one digit or two
lines: where geometry leaves a doubt, the network's log-odds decide. ``web/engine/lines.js`` is the JavaScript counterpart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

TALL_PIECE = 0.45
"""A piece of at least this share of the usual height stands in a line; lower ones, such as the bar of a 5, join the nearest
piece that does."""
MAX_SMALL_DISTANCE = 0.8
"""Smaller ones further than this from every tall piece, in usual heights, stand alone …"""
MIN_LONE_SIZE = 0.2
"""… and are in no line if they are smaller than this too."""
MIN_LINE_OVERLAP = 0.35
"""Neighbours in a line share this much of the lower one's height."""
MIN_STACK_OVERLAP = 0.3
"""Pieces that share this much of the narrower one's width may lie above one another."""
LONE_COLUMN_BONUS = 6.0
"""Additional evidence for one digit if all tall pieces lie above one another: one broken digit is likelier than a column."""
SURE_LINE_GAP = 0.45
"""Two pieces above one another with a wider gap than this, in heights of the lower one, are in two lines."""
SURE_OVERLAP = -0.25
"""Two pieces with a narrower gap, that is, with a larger overlap in y, are one digit."""
STACK_BONUS = 12.0
"""Evidence in nats that two pieces above one another are one digit when they touch; it falls to 0 at ``SURE_LINE_GAP``."""
MAX_TALL_PIECES = 300
"""With more the ink is no writing and is one line: every two of them are compared."""
GIANT = 3.0
"""A piece higher than this, in usual heights, is no writing that others stand in a line with."""
DESCENT_COST = 2.0
"""A step down to a neighbour counts as this many to the right."""

Box = tuple[float, float, float, float]
"""left, top, right, bottom"""
LogOdds = Callable[[list[list[int]]], list[float]]
"""Groups of pieces -> the network's log-odds of the most likely class of each."""


def around(boxes: Iterable[Box]) -> Box:
    """The box around ``boxes``, of which there is at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def find_lines(boxes: Sequence[Box], log_odds: LogOdds) -> list[list[int]]:
    """The pieces with ``boxes`` in lines, as indices: lines from top to bottom, the pieces of a line in ascending order."""
    if not boxes:
        return []
    usual = _usual_height(boxes)
    tall = [i for i, box in enumerate(boxes) if box[3] - box[1] >= TALL_PIECE * usual]
    tall = tall or [i for i, box in enumerate(boxes) if _size(box) >= TALL_PIECE * usual]
    most = MAX_SMALL_DISTANCE * usual
    smaller = [i for i in sorted(set(range(len(boxes))) - set(tall)) if _size(boxes[i]) >= MIN_LONE_SIZE * usual]
    if len(tall) + len(smaller) > MAX_TALL_PIECES:
        return [list(range(len(boxes)))]
    tall += [i for i in smaller if _distances(boxes[i], boxes, tall).min() > most]
    columns = _merged(boxes, tall, log_odds)
    around_columns = [around(boxes[i] for i in column) for column in columns]
    slope = 0.0
    chains = []
    for _ in range(2):  # the second time with the slope of the first
        links = _links(around_columns, slope, GIANT * usual)
        slope = _slope([(around_columns[a], around_columns[b]) for a, b in links])
        chains = _chains(len(columns), links)
    chains.sort(key=lambda chain: float(np.mean([_height_at_zero(around_columns[i], slope) for i in chain])))
    lines = [[i for column in chain for i in columns[column]] for chain in chains]
    return _with_small_pieces(boxes, lines, tall, most)


def _size(box: Box) -> float:
    """Height of a box; of a flat one half the width."""
    return max(box[3] - box[1], (box[2] - box[0]) / 2)


def _usual_height(boxes: Sequence[Box]) -> float:
    """The median height, where every piece counts as often as it is high: a hundred specks do not outweigh a digit."""
    sizes = np.sort([_size(box) for box in boxes])
    return float(sizes[np.searchsorted(np.cumsum(sizes), sizes.sum() / 2)])


def _shared(a: Box, b: Box, axis: int) -> float:
    """How far two boxes overlap in x (0) or y (1) as a share of the smaller one's side; negative for a gap."""
    smaller = min(a[axis + 2] - a[axis], b[axis + 2] - b[axis])
    return (min(a[axis + 2], b[axis + 2]) - max(a[axis], b[axis])) / max(smaller, 1e-9)


def _merged(boxes: Sequence[Box], tall: list[int], log_odds: LogOdds) -> list[list[int]]:
    """The ``tall`` pieces, those together that lie above one another and are one digit."""
    columns = {i: [i] for i in tall}
    lone = LONE_COLUMN_BONUS * all(_shared(boxes[i], boxes[j], 0) >= MIN_STACK_OVERLAP for i, j in pairwise(tall))
    stacked = [
        (-_shared(boxes[i], boxes[j], 1), i, j) for i, j in combinations(tall, 2) if _may_be_stacked(boxes[i], boxes[j])
    ]
    for _, i, j in sorted(stacked):
        first, second = columns[i], columns[j]
        if first is second:
            continue
        gap = -_shared(around(boxes[k] for k in first), around(boxes[k] for k in second), 1)
        together = sorted(first + second)
        if gap > SURE_OVERLAP:
            joined, one, other = log_odds([together, first, second])
            if joined + lone + STACK_BONUS * (1 - gap / SURE_LINE_GAP) < one + other:
                continue
        columns |= dict.fromkeys(together, together)
    return list({id(column): column for column in columns.values()}.values())


def _may_be_stacked(a: Box, b: Box) -> bool:
    """Whether two pieces lie above one another, so close that they may be one digit."""
    return _shared(a, b, 0) >= MIN_STACK_OVERLAP and _shared(a, b, 1) >= -SURE_LINE_GAP


def _links(boxes: Sequence[Box], slope: float, most: float) -> list[tuple[int, int]]:
    """Pairs of neighbours in a line, left and right, none higher than ``most``.

    ``slope`` is how far lines fall for every step to the right.
    """
    level = []
    for left, top, right, bottom in boxes:
        fall = slope * (left + right) / 2
        level.append((left, top - fall, right, bottom - fall))
    order = sorted(range(len(level)), key=lambda i: level[i][0] + level[i][2])
    best: dict[int, tuple[float, int]] = {}  # the distance to the neighbour on the left, and which it is
    for a, b in combinations([i for i in order if _size(boxes[i]) <= most], 2):
        shared = _shared(level[a], level[b], 1)
        if shared < MIN_LINE_OVERLAP:
            continue
        across, down = (level[b][k] + level[b][k + 2] - level[a][k] - level[a][k + 2] for k in (0, 1))
        distance = across + DESCENT_COST * abs(down)
        best[b] = min(best.get(b, (np.inf, a)), (distance, a))
    links: list[tuple[int, int]] = []
    for b, (_, a) in sorted(best.items(), key=lambda item: item[1]):
        # of two pieces above one another only the nearer is in the line of their neighbour
        if all(a != other or _shared(level[b], level[nearer], 0) < MIN_STACK_OVERLAP for other, nearer in links):
            links.append((a, b))
    return links


def _slope(neighbours: list[tuple[Box, Box]]) -> float:
    """How far lines fall for every step to the right: the least-squares fit to the steps between ``neighbours``."""
    steps = np.array([[b[k] + b[k + 2] - a[k] - a[k + 2] for k in (0, 1)] for a, b in neighbours]).reshape(-1, 2)
    squares = float(steps[:, 0] @ steps[:, 0])
    return float(steps[:, 0] @ steps[:, 1]) / squares if squares else 0.0


def _height_at_zero(box: Box, slope: float) -> float:
    return (box[1] + box[3]) / 2 - slope * (box[0] + box[2]) / 2


def _chains(count: int, links: list[tuple[int, int]]) -> list[list[int]]:
    """0…``count``-1 in groups that ``links`` connect."""
    group = list(range(count))
    for a, b in links:
        old, new = group[b], group[a]
        group = [new if each == old else each for each in group]
    return [[i for i in range(count) if group[i] == each] for each in dict.fromkeys(group)]


def _with_small_pieces(boxes: Sequence[Box], lines: list[list[int]], tall: list[int], most: float) -> list[list[int]]:
    """The lines, and every piece that is not ``tall`` in that of the nearest tall piece, at a distance of ``most``."""
    line_of = {i: number for number, line in enumerate(lines) for i in line}
    for i in sorted(set(range(len(boxes))) - set(tall)):
        distances = _distances(boxes[i], boxes, tall)
        if distances.min() <= most:
            lines[line_of[tall[int(distances.argmin())]]].append(i)
    return [sorted(line) for line in lines]


def _distances(box: Box, boxes: Sequence[Box], others: list[int]) -> NDArray[np.float64]:
    """(len(others),) from ``box`` to each of the ``others`` among ``boxes``, 0 where they overlap."""
    sides = np.array([boxes[i] for i in others])
    across = np.maximum(sides[:, 0] - box[2], box[0] - sides[:, 2]).clip(min=0)
    down = np.maximum(sides[:, 1] - box[3], box[1] - sides[:, 3]).clip(min=0)
    distances: NDArray[np.float64] = np.hypot(across, down)
    return distances
