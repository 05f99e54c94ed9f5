"""Fit how sure an answer is and write ``confidence.json``: ``python calibrate.py --strokes pendigits-orig.tra``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import matplotlib
import numpy as np
import torch
import torch.nn.functional as F
from fontTools.ttLib import TTFont
from torch import Tensor, nn

import train
from mnist_cnn import checkpoint
from mnist_cnn.calibration.non_digits import (
    LETTERS,
    SCRIBBLES,
    SHAPES,
    Images,
    Path2,
    by_hand,
    digit_strokes,
    filled,
    hershey,
    seen,
    spoil,
    truetype,
)
from mnist_cnn.confidence import FILE, LOGITS, Confidence, read
from mnist_cnn.data import DataMissingError, Dataset, default_data_dir, load_mnist, standardise
from mnist_cnn.drawing.unipen import read_unipen
from mnist_cnn.model import CLASSES
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATION_5, ITERATIONS, RECIPES, Augmentation
from mnist_cnn.training.augment import augment, change_width, warp

SEED = 0
HELD_OUT = 10_000
REFUSED = 0.01
"""Share of real digits that is refused, and the share that is unsure."""
HIDDEN = 11
EPOCHS, BATCH, LEARNING_RATE = 25, 512, 4e-3
SKELETONS, SPOILED, ROUNDS, SCRIBBLED, SHAPED = 12_000, 12_000, 10, 400, 600
TWICE = 0.4
"""Share of the letters that are bent twice over."""
WEIGHTS = {"digits": 2.5, "drawn": 2.5, "letters": 3.0, "spoiled": 0.5, "scribbles": 0.5, "shapes": 2.0}
"""Of each kind as a whole in the loss; drawn are the middle lines of digits, as the pad would draw them."""
TRUETYPE = [
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSerif-Italic",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralItalic",
    "cmss10",
    "cmtt10",
    "cmti10",
    "cmmi10",
    "cmr10",
]
HERSHEY = (
    "futuram",
    "cyrilc_1",
    "cyrillic",
    "gothgbt",
    "gothgrt",
    "gothiceng",
    "gothicger",
    "gothicita",
    "gothitt",
    "japanese",
)
"""Not the families rowman, script and times, nor their copies (futural, cursive, music …): the benchmark's are of these."""
MATHEMATICAL = range(0x1D400, 0x1D6A4)
"""Latin letters in bold, italic, script, fraktur, double-struck, sans serif and monospace, A to Z and a to z in turn."""
FOREIGN = (
    "БДЖИЙЛФЦЧШЩЪЫЬЭЮЯбвджийклмнптфцчшщъыьэюяΓΔΘΛΞΠΣΦΨΩαβγδεζηθλμνξπρσφχψω"
    + "".join(map(chr, [*range(0x531, 0x557), *range(0x561, 0x587), *range(0x10D0, 0x10F1)]))  # Armenian, Georgian
)
SYMBOLS = "#$%&*+<=>?@{}~!^ÆØÞßæøþ€£¥§¶∞∂∑√∫≈≠≤"
LEFT_OUT = "OoIl"
"""Letters that are digits whatever the hand; the score is not told that they are none."""


def some_glyphs() -> list[list[Path2]]:
    """The strokes of letters and signs of many fonts."""
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    letters = [c for c in LETTERS if c not in LEFT_OUT]
    held = TTFont(fonts / "STIXGeneral.ttf").getBestCmap()
    signs = dict.fromkeys(TRUETYPE, letters) | {
        "cmsy10": [c for c in letters if c.isupper()],
        "STIXGeneral": letters
        + [chr(c) for c in MATHEMATICAL if c in held and LETTERS[(c - MATHEMATICAL.start) % len(LETTERS)] not in LEFT_OUT],
        "DejaVuSans": [*letters, *FOREIGN, *SYMBOLS],
        "DejaVuSerif": [*FOREIGN],
    }
    found = [truetype(str(fonts / f"{font}.ttf"), sign) for font, of_font in signs.items() for sign in of_font]
    found += [hershey(font, letter) for font in HERSHEY for letter in letters]
    return [strokes for strokes in found if strokes]


def some_nondigits(dataset: Dataset, random: np.random.Generator) -> dict[str, Tensor]:
    """Spoiled digits, letters, scribbles and filled shapes, (N, 28, 28) uint8 each."""
    glyphs = some_glyphs()

    def letter(number: int) -> Images:
        strokes = by_hand(glyphs[number % len(glyphs)], random)
        return seen(by_hand(strokes, random) if random.random() < TWICE else strokes)

    return {
        "spoiled": torch.from_numpy(spoil(dataset.images.numpy(), dataset.labels.numpy(), SPOILED, random)),
        "letters": torch.from_numpy(np.stack([letter(number) for number in range(ROUNDS * len(glyphs))])),
        "scribbles": torch.from_numpy(
            np.stack([seen(kind(random)) for _ in range(SCRIBBLED) for kind in SCRIBBLES.values()])
        ),
        "shapes": torch.from_numpy(np.stack([filled(kind, random) for _ in range(SHAPED) for kind in SHAPES.values()])),
    }


def features_of(net: nn.Sequential, images: Tensor, layers: tuple[str, ...]) -> Tensor:
    """(N, 28, 28) uint8 -> (N, inputs)."""
    return torch.cat([read(net, standardise(batch), layers) for batch in images.split(500)])


def fit_score(
    net: nn.Sequential, layers: tuple[str, ...], digits: dict[str, Tensor], others: dict[str, Tensor]
) -> Confidence:
    """The score's weights; every kind weighs as ``WEIGHTS`` says."""
    torch.manual_seed(SEED)
    x = features_of(net, torch.cat([*digits.values(), *others.values()]), layers)
    count = sum(map(len, digits.values()))
    y = torch.cat([torch.ones(count), torch.zeros(len(x) - count)])
    parts = digits | others
    weights = torch.cat([torch.full((len(images),), WEIGHTS[kind] / len(images)) for kind, images in parts.items()])
    weights /= weights.mean()
    mean, deviation = x.mean(dim=0), x.std(dim=0) + 1e-3
    first, last = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, 1)
    head = nn.Sequential(first, nn.ReLU(), last)
    optimizer = torch.optim.AdamW(head.parameters(), weight_decay=1e-4)
    batches = len(x) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x))[: batches * BATCH].split(BATCH):
            log_odds = head((x[batch] - mean) / deviation)[:, 0]
            loss = F.binary_cross_entropy_with_logits(log_odds, y[batch], weight=weights[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    weight = first.weight.detach() / deviation
    bias = first.bias.detach() - weight @ mean
    rounded = [[float(f"{value:.6g}") for value in tensor.flatten().tolist()] for tensor in (weight, bias, last.weight)]
    columns = x.shape[1]
    return Confidence(
        temperature=1.0,
        layers=layers,
        weight=tuple(tuple(rounded[0][row * columns : (row + 1) * columns]) for row in range(HIDDEN)),
        bias=tuple(rounded[1]),
        out_weight=tuple(rounded[2]),
        out_bias=float(f"{last.bias.item():.6g}"),
        digit_from=0.0,
        sure_from=0.0,
        fitted={"loss": round(loss.item(), 3)},
    )


def fit_temperature(logits: Tensor, labels: Tensor, weights: Tensor) -> float:
    """The temperature of the smallest mean negative log-likelihood."""
    grid = torch.linspace(0.3, 3, 541)
    losses = [float((F.cross_entropy(logits / t, labels, reduction="none") * weights).sum()) for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)


def lowest(values: Tensor, weights: Tensor, share: float) -> float:
    """The value below which ``share`` of the weight lies."""
    order = values.argsort()
    passed = weights[order].cumsum(dim=0) / weights.sum()
    return float(values[order][int(torch.searchsorted(passed, share))])


def run(options: argparse.Namespace) -> None:
    """Fit and write."""
    name = ITERATIONS[options.iteration].name
    folder = checkpoint.SHIPPED / name
    net = checkpoint.load(folder)
    digits = load_mnist(options.data_dir)[0]
    pens = read_unipen(options.strokes)
    if len(pens) < 2:
        raise ValueError(f"{options.strokes} holds no digits; name a UNIPEN file of digits with --strokes")
    if not (options.sibling / checkpoint.WEIGHTS_FILE).exists():
        print(f"{options.sibling}: no network there; training one without the last {HELD_OUT:,} training digits")
        arguments = ["--iteration", str(options.iteration), "--hold-out", str(HELD_OUT), "--out", str(options.sibling)]
        if train.main([*arguments, "--data-dir", str(options.data_dir)]):
            raise ValueError(f"no network could be trained in {options.sibling}")
    sibling = checkpoint.load(options.sibling)
    shown, held_out = digits[:-HELD_OUT], digits[-HELD_OUT:]

    random = np.random.default_rng(SEED)
    generator = torch.Generator().manual_seed(SEED)
    how: Augmentation = RECIPES[name].augmentation or ITERATION_5.augmentation or Augmentation()
    chosen = random.permutation(len(shown))[:SKELETONS]
    skeletons = torch.from_numpy(np.stack([seen(digit_strokes(shown.images[i].numpy())) for i in chosen]))
    others = some_nondigits(shown, random)
    for images in others.values():
        half = torch.rand(len(images), generator=generator) < 0.5  # so that neither width nor blur tells them
        images[half] = warp(change_width(images[half], how, generator), how, generator)
    real = {
        "digits": torch.cat([shown.images, augment(shown.images, shown.labels, how, generator)]),
        "drawn": torch.cat([skeletons, warp(skeletons, how, generator), warp(skeletons, how, generator)]),
    }
    layers = (*(layer for layer, module in net.named_children() if isinstance(module, nn.ReLU)), LOGITS)
    fits = {each: fit_score(each_net, layers, real, others) for each, each_net in (("sibling", sibling), ("shipped", net))}

    first_half = pens[: len(pens) // 2]
    drawn = torch.from_numpy(np.stack([seen([np.array(s) for s in drawing.strokes]) for drawing in first_half]))
    features = [features_of(sibling, held_out.images, layers), features_of(net, drawn, layers)]
    weights = torch.cat([torch.full((len(each),), 0.5 / len(each)) for each in features])  # digits and pens weigh alike
    scores = torch.cat([fits["sibling"].scores(features[0]), fits["shipped"].scores(features[1])])
    labels = torch.cat([held_out.labels, torch.tensor([drawing.label for drawing in first_half])])
    logits = torch.cat(features)[:, -CLASSES:]
    temperature = fit_temperature(logits, labels, weights)
    top = (logits / temperature).softmax(dim=1).amax(dim=1)
    accepted = scores >= (digit_from := lowest(scores, weights, REFUSED))
    fitted = {
        "seed": SEED,
        **{kind: len(images) for kind, images in (real | others).items()},
        "held_out_digits": len(held_out),
        "held_out_pens": len(first_half),
    }
    values = fits["shipped"].to_json() | {"temperature": temperature, "digit_from": round(digit_from, 4), "fitted": fitted}
    values["sure_from"] = round(lowest(top[accepted], weights[accepted], REFUSED), 4)
    confidence = Confidence.from_json(values)
    path = (options.out or folder) / FILE
    checkpoint.write_whole({path: (json.dumps(confidence.to_json()) + "\n").encode()})
    print(f"{path}: temperature {temperature}, {confidence.values:,} values, digit from {digit_from:.2f}")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 0 when the file is written, else 2."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--iteration", type=int, choices=ITERATIONS, default=DEFAULT_ITERATION, help="default: %(default)s")
    add("--sibling", type=Path, default=Path("sibling"), help="a network of the same recipe; trained when absent")
    add("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw, or gets it")
    add("--strokes", type=Path, required=True, help="a UNIPEN file of digits; its first half is used")
    add("--out", type=Path, help="the folder to write (default: weights/NAME)")
    options = parser.parse_args(arguments)
    try:
        run(options)
    except (DataMissingError, OSError, ValueError) as error:
        print(f"calibrate.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
