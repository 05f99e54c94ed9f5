"""How well pen strokes are grouped into digits: ``python -m benchmarks.grouping``.

Single digits must stay one digit, and rows of digits by ``testing.rows`` must be divided where one digit ends and the next
begins; in tight rows neighbours nearly touch or overlap, in rows with signs some digits stand apart. All are measured on the
writers of ``strokes/`` that are trained on and on those held out. ``--fit`` prints the weights of the bond between two
neighbouring pieces instead: those of a logistic regression on the training writers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from benchmarks.hands import on_pad
from mnist_cnn import checkpoint
from mnist_cnn.data import standardise
from mnist_cnn.drawing.lines import around
from mnist_cnn.drawing.rows import clusters_of, gap_and_depth, line_height
from mnist_cnn.drawing.segmentation import group_strokes
from mnist_cnn.drawing.strokes import Stroke, normalise_strokes
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from mnist_cnn.training.stroke_data import is_held_out, is_unseen, load_packed
from testing.rows import NEAR_GAPS, PAD_PIXELS, SIGNS, NearGaps, Row, write_rows

SEED = 0
ROWS = 500
FITTED_ROWS = 3000
TIGHT = NearGaps(share=1.0, range=(-0.1, 0.1))
RIDGE = 1e-6
"""Weight of the squares of the weights in the regression; it only keeps them finite."""


def strokes_of(row: Row) -> list[list[Stroke]]:
    """The strokes of each digit of ``row``, in fractions of the pad's height."""
    return [
        [[(float(x) / PAD_PIXELS, float(y) / PAD_PIXELS) for x, y in stroke] for stroke in digit] for digit in row.digits
    ]


def wrongly_grouped(net: nn.Module, digits: list[list[Stroke]]) -> bool:
    """Whether the strokes of ``digits``, side by side, are grouped otherwise than by digit."""
    owners = [number for number, digit in enumerate(digits) for _ in digit]
    groups = [[i for i, owner in enumerate(owners) if owner == number] for number in range(len(digits))]
    return group_strokes([stroke for digit in digits for stroke in digit], net) != groups


def share_of(net: nn.Module, rows: list[list[list[Stroke]]]) -> float:
    """The share of ``rows`` that are wrongly grouped, in percent; a digit of one stroke cannot be."""
    return 100 * sum(sum(map(len, row)) > 1 and wrongly_grouped(net, row) for row in rows) / len(rows)


def neighbours(digits: list[list[Stroke]]) -> Iterable[tuple[float, float, bool]]:
    """For each pair of neighbouring pieces: its gap and depth, and whether they are of one digit.

    Pieces that hold strokes of several digits are left out.
    """
    owners = [number for number, digit in enumerate(digits) for _ in digit]
    boxes = [around([(x, y, x, y) for x, y in stroke]) for digit in digits for stroke in digit]
    height = line_height(boxes)
    pieces = sorted((around([boxes[i] for i in piece]), {owners[i] for i in piece}) for piece in clusters_of(boxes))
    for (before, some), (after, others) in pairwise(pieces):
        if len(some) == len(others) == 1:
            yield *gap_and_depth(before, after, height), some == others


def fit_bond(pairs: list[tuple[float, float, bool]]) -> Tensor:
    """Logistic regression: intercept, weight of the gap and weight of the depth."""
    values = torch.tensor(pairs, dtype=torch.double)
    inputs = torch.cat([torch.ones(len(values), 1), values[:, :2]], dim=1)
    weights = torch.zeros(3, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(inputs @ weights, values[:, 2]) + RIDGE * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach()


def is_several(net: nn.Module, drawing: Drawing) -> bool:
    """Whether every piece of ``drawing`` alone is read as the digit it is labelled: some writers wrote their 0 twice."""
    strokes = on_pad(drawing)
    pieces = clusters_of([around([(x, y, x, y) for x, y in stroke]) for stroke in strokes])
    seen = [normalise_strokes([strokes[i] for i in piece]) for piece in pieces]
    images = np.stack([image for image in seen if image is not None])
    with torch.inference_mode():
        answers = net(standardise(torch.from_numpy(images))).argmax(dim=1)
    return len(pieces) > 1 and answers.tolist() == [drawing.digit] * len(pieces)


def print_fit(net: nn.Module, drawings: list[Drawing]) -> dict[str, float]:
    """Fit the bond on the training writers among ``drawings`` and print its weights."""
    trained = [each for each in drawings if not is_held_out(each.writer)]
    signs = [each for each in trained if each.label in SIGNS]
    digits = [each for each in trained if each.label.isdigit()]
    single = [each for each in digits if not (len(each.strokes) > 1 and is_several(net, each))]
    print(f"{len(digits) - len(single)} of {len(digits):,} drawings are left out, because they hold several digits.")
    rows = [[on_pad(each)] for each in single]
    rows += [strokes_of(row) for row in write_rows(single, FITTED_ROWS, SEED, signs=signs)]
    pairs = [pair for row in rows for pair in neighbours(row)]
    intercept, gap, depth = fit_bond(pairs).tolist()
    of_one = sum(same for *_, same in pairs)
    print(f"{of_one:,} pairs of pieces of one digit or sign, {len(pairs) - of_one:,} of two: intercept, gap and depth")
    print(f"{intercept:.1f} {gap:.1f} {depth:.1f}")
    return {"n": len(pairs), "intercept": round(intercept, 2), "gap": round(gap, 2), "depth": round(depth, 2)}


def print_shares(net: nn.Module, drawings: list[Drawing]) -> dict[str, float]:
    """Measure and print the shares of digits and rows that are wrongly grouped."""
    found: dict[str, float] = {}
    kinds = "digits", "rows", "tight rows", "with signs"
    print(f"{'wrongly grouped, percent':26}{''.join(f'{kind:>12}' for kind in kinds)}{'n':>20}")
    for name, held_out in (("training writers", False), ("held-out writers", True)):
        own = [each for each in drawings if (is_unseen(each.writer) if held_out else not is_held_out(each.writer))]
        digits, signs = [each for each in own if each.label.isdigit()], [each for each in own if each.label in SIGNS]
        sets = [[[on_pad(each)] for each in digits]]
        sets += [[strokes_of(row) for row in write_rows(digits, ROWS, SEED, near)] for near in (NEAR_GAPS, TIGHT)]
        sets += [[strokes_of(row) for row in write_rows(digits, ROWS, SEED, signs=signs)]]
        shares = [share_of(net, each) for each in sets]
        print(f"{name:26}{''.join(f'{share:12.2f}' for share in shares)}{f'{len(digits):,}, {ROWS} each':>20}")
        key = "held_out" if held_out else "trained"
        found |= dict(zip((f"{key}_split", f"{key}_rows", f"{key}_tight", f"{key}_signs"), shares, strict=True))
    n = sum(each.label.isdigit() for each in drawings)
    return {"n": n, **{key: round(value, 2) for key, value in found.items()}}


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    add("--weights", type=Path, help="another weights folder than the iteration's")
    add("--fit", action="store_true", help="fit the bond instead")
    options = parser.parse_args()
    drawings = load_packed().drawings()
    net = checkpoint.load(options.weights or checkpoint.SHIPPED / ITERATIONS[options.iteration].name)
    line = (print_fit if options.fit else print_shares)(net, drawings)
    print()
    print(json.dumps(line))


if __name__ == "__main__":
    main()
