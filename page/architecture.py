"""The tab *Architecture*: one iteration's network, layer by layer, beside another one's."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import mean

import gradio as gr

from mnist_cnn import checkpoint
from mnist_cnn.model import IMAGE_SIZE, build
from mnist_cnn.receptive_field import Row, trace
from mnist_cnn.recipes import DEFAULT, PARAMETER_BUDGET, RECIPES
from page.seed_document import PRINTED, differences

DIGIT = Path(__file__).with_name("digit.png")
"""The first 8 of ``testing/pen_digits.unipen``, as the network would see it."""
CHOICES = [(f"{number} · {name[2:]}", name) for number, name in enumerate(RECIPES, 1)]
TITLES = {name: title for title, name in CHOICES}
LABELLED_SHARE = 0.12
"""Of the budget: what is narrower has no room for its name."""


def build_architecture() -> None:
    """Put the tab's parts where Gradio builds at the moment, and wire them."""
    with gr.Row(elem_id="choices"):
        choice = gr.Radio(CHOICES, value=DEFAULT, label="Iteration", elem_id="iteration", scale=3)
        other = gr.Dropdown(
            CHOICES, value=one_before(DEFAULT), label="Compared with", elem_id="other", filterable=False, scale=1
        )
    shown = gr.HTML(architecture(DEFAULT, one_before(DEFAULT)), elem_id="architecture")
    choice.change(choose, choice, [other, shown], show_progress="hidden", api_visibility="private")
    other.input(architecture, [choice, other], shown, show_progress="hidden", api_visibility="private")


def choose(name: str) -> tuple[str, str]:
    """What stands in the tab when ``name`` is chosen: the iteration it is compared with, and the HTML."""
    return one_before(name), architecture(name, one_before(name))


def one_before(name: str) -> str:
    """The iteration that ``name`` grew out of; of the first, the one that grew out of it."""
    names = list(RECIPES)
    return names[abs(names.index(name) - 1)]


@cache
def rows_of(name: str) -> list[Row]:
    """The layer table of the recipe called ``name``."""
    return trace(build(RECIPES[name]))


def architecture(name: str, other: str) -> str:
    """HTML: what the recipe called ``name`` changes, how it differs from ``other``, what its units see, and its layers."""
    rows = rows_of(name)
    total = sum(row.params for row in rows)
    printed = PRINTED.get(name)  # iterations of our own are not in the seed document
    notes = "".join(f"<li>{escape(note)}</li>" for note in (differences(printed, rows) if printed else []))
    notes = f'<h2>Where the seed document differs</h2><ul class="notes">{notes}</ul>' if notes else ""
    return f"""
<p class="lead">{escape(RECIPES[name].change)}</p>
<p class="count" role="status"><strong>{total:,}</strong> parameters of a budget of {PARAMETER_BUDGET:,}</p>
{_budget(name)}{_budget(other, quiet=True) if other != name else ""}
{_comparison(name, other)}
<h2>How far one unit sees</h2>
{_fields(rows)}
<h2>Layer by layer</h2>
{_table(rows)}
<p class="caption">Read from the network itself. The receptive field is the square of input pixels one unit can see; the jump
is the distance between neighbouring units, in input pixels. ReLU follows every convolution and changes none of these
numbers. Multiply-adds are those of one image.</p>{notes}"""


def _budget(name: str, *, quiet: bool = False) -> str:
    """The bar of parameters; ``quiet`` for the one that is only compared with."""
    rows = rows_of(name)
    total = sum(row.params for row in rows)
    segments = "".join(
        f'<span style="flex-grow:{row.params}" title="{row.name}: {row.params:,}">'
        f"{row.name if row.params > PARAMETER_BUDGET * LABELLED_SHARE else ''}</span>"
        for row in rows
        if row.params
    )
    return f"""
<div class="budget-line{" budget-other" if quiet else ""}"><span>{TITLES[name]}</span>
<div class="budget" role="img" aria-label="{name}: {total:,} of {PARAMETER_BUDGET:,} parameters are used">
{segments}<span class="budget-free" style="flex-grow:{max(0, PARAMETER_BUDGET - total)}"></span></div></div>"""


def _comparison(name: str, other: str) -> str:
    if name == other:
        return '<p class="caption">Choose another iteration under “Compared with” to see what differs.</p>'
    names = list(RECIPES)
    first, last = sorted((names.index(name), names.index(other)))
    steps = [RECIPES[each] for each in names[first + 1 : last + 1]]
    changes = "".join(f"<li><b>{TITLES[step.name]}</b>{escape(step.change)}</li>" for step in steps)
    on_the_way = f'<ol class="versus">{changes}</ol>' if len(steps) > 1 else ""
    items = "".join(f"<li><b>{escape(head)}</b>{escape(words)}</li>" for head, words in compare(name, other))
    way = '<p class="caption">The changes between the two:</p>' if on_the_way else ""
    return f'<h2>{TITLES[name]} beside {TITLES[other]}</h2><ul class="versus">{items}</ul>{way}{on_the_way}'


def compare(name: str, other: str) -> list[tuple[str, str]]:
    """How the recipe called ``name`` differs from ``other``: a subject and a sentence each, all computed."""
    rows, others = rows_of(name), rows_of(other)
    found = []
    if rows == others:
        found.append(("Network", "The same, layer for layer; only the training differs."))
    for head, key in (("Parameters", "params"), ("Multiply-adds", "macs")):
        count, before = (sum(getattr(row, key) for row in each) for each in (rows, others))
        found.append((head, _more_or_fewer(count, before)))
    if rows != others:
        found.append(("Layers", _instead(_layers(rows), _layers(others)) + "."))
        ours, theirs = _stages(rows), _stages(others)
        for stage in ours:
            if stage in theirs:
                found.append((f"Sight {stage}", _instead(_square(ours[stage]), _square(theirs[stage])) + " input pixels."))
    try:
        mine, before_mine = _last_accuracies(name), _last_accuracies(other)
    except checkpoint.WeightsError as error:
        found.append(("Test digits", without_root(error)))
    else:
        points = round(mean(mine), 2) - round(mean(before_mine), 2)
        more = f"{abs(points):.2f} points {'more' if points > 0 else 'fewer'} than" if round(points, 2) else "as many as"
        words = f"{_mean_of_seeds(mine)} right, {more} {_mean_of_seeds(before_mine)}."
        found.append(("Test digits", words))
    return found


def without_root(error: Exception) -> str:
    """A sentence for visitors, who need not know where on this machine the files lie."""
    return str(error).replace(f"{checkpoint.SHIPPED.parent}/", "") + "."


def _more_or_fewer(count: int, before: int) -> str:
    if count == before:
        return f"{count:,}, as before."
    share = 100 * abs(count - before) / before
    return f"{count:,}, {share:.1f} % {'more' if count > before else 'fewer'} than {before:,}."


def _instead(value: str, before: str) -> str:
    return f"{value}, as before" if value == before else f"{value} instead of {before}"


def _layers(rows: list[Row]) -> str:
    kinds = {"conv": "convolution", "pool": "max pooling", "mean": "mean", "fc": "linear layer"}
    counts = {word: sum(_kind(row) == kind for row in rows) for kind, word in kinds.items()}
    words = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count]
    norm = "with" if any(_kind(row) == "bn" for row in rows) else "without"
    return f"{', '.join(words)}, {norm} batch norm"


def _stages(rows: list[Row]) -> dict[str, int]:
    """The receptive field at every point that all iterations have: after each pooling, and before the linear layer."""
    placed = [row for row in rows if row.jump is not None]
    pools = [row for row in placed if _kind(row) == "pool"]
    fields = {f"after {row.name}": row.receptive_field for row in pools}
    return fields | {"before the linear layer": placed[-1].receptive_field}


def _last_accuracies(name: str) -> list[float]:
    history = checkpoint.load_history(checkpoint.SHIPPED / name)
    return [run["epochs"][-1]["test_accuracy"] for run in history["runs"]]


def _mean_of_seeds(accuracies: list[float]) -> str:
    seeds = f"{len(accuracies)} seeds" if len(accuracies) > 1 else "one seed"
    return f"{mean(accuracies):.2f} % ({seeds})"


def _fields(rows: list[Row]) -> str:
    """One picture a layer that enlarges the field: on a digit what the middle unit sees, and the earlier fields inside."""
    placed = [(row.name, row.receptive_field, row.middle) for row in rows if row.middle is not None]
    grown = [now for before, now in pairwise([("input", 1, None), *placed]) if now[1] > before[1]]
    if grown[-1][1] < IMAGE_SIZE:
        grown.append(("fc1", IMAGE_SIZE, (0, IMAGE_SIZE - 1)))  # the linear layer has all places before it
    source = f"data:image/png;base64,{base64.b64encode(DIGIT.read_bytes()).decode()}"
    pictures = []
    squares: list[str] = []
    for name, field, middle in grown:
        assert middle is not None
        first, side = middle[0], middle[1] - middle[0] + 1
        square = f'x="{first}" y="{first}" width="{side}" height="{side}"'
        hole = f"M0 0h{IMAGE_SIZE}v{IMAGE_SIZE}H0zM{first} {first}v{side}h{side}v-{side}z"
        pictures.append(
            f'<li><svg viewBox="0 0 {IMAGE_SIZE} {IMAGE_SIZE}" role="img" '
            f'aria-label="{name}: one unit sees {field} by {field} of {IMAGE_SIZE} by {IMAGE_SIZE} pixels">'
            f'<image href="{source}" width="{IMAGE_SIZE}" height="{IMAGE_SIZE}"/><path class="field-unseen" d="{hole}"/>'
            f'{"".join(squares)}<rect class="field-now" {square}/></svg><b>{name}</b><span>{_square(field)}</span></li>'
        )
        squares.append(f'<rect class="field-before" {square}/>')
    return f"""<ol class="fields">{"".join(pictures)}</ol>
<p class="caption">The layers that widen the view, and what the unit in the middle of each sees of an 8: bright is inside,
thin squares are the views before. The other layers see as far as the one before them.</p>"""


def _table(rows: list[Row]) -> str:
    params, macs = sum(row.params for row in rows), sum(row.macs for row in rows)
    # ReLU and log-softmax have no window, no parameters and keep every size
    body = "".join(_table_row(row) for row in rows if not row.name.startswith(("relu", "log_softmax")))
    return f"""<div class="table-frame" tabindex="0" role="region" aria-label="Layer table">
<table class="layers">
<thead><tr><th scope="col">Layer</th><th>Channels in</th><th>Channels out</th><th>Kernel</th><th>Stride</th>
<th>Padding</th><th>Output</th><th>Receptive field</th><th>Jump</th><th>Parameters</th><th>Share of budget</th>
<th>Multiply-adds</th></tr></thead>
<tbody><tr><th scope="row">input</th><td>1</td><td>1</td><td>–</td><td>–</td><td>–</td><td>{_square(IMAGE_SIZE)}</td>
<td>1×1</td><td>1</td><td>–</td><td>–</td><td>–</td></tr>{body}</tbody>
<tfoot><tr><th scope="row">total</th><td colspan="8"></td><td>{params:,}</td><td>{_share(params)}</td><td>{macs:,}</td></tr>
</tfoot></table></div>"""


def _table_row(row: Row) -> str:
    def number(value: int | None) -> str:
        return "–" if value is None else f"{value:,}"

    placeless = row.jump is None  # from the flattening on, a layer is a list of numbers
    cells = [
        number(row.in_channels),
        number(row.out_channels),
        _square(row.kernel),
        number(row.stride),
        number(row.padding),
        number(row.out_channels) if placeless else _square(row.out_size),
        "whole image" if placeless and row.name == "fc1" else _square(row.receptive_field),
        number(row.jump),
        number(row.params or None),
        _share(row.params) if row.params else "–",
        number(row.macs or None),
    ]
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    return f'<tr class="layer-{_kind(row)}"><th scope="row">{row.name}</th>{body}</tr>'


def _kind(row: Row) -> str:
    return row.name.rstrip("0123456789")


def _square(side: int | None) -> str:
    return "–" if side is None else f"{side}×{side}"


def _share(params: int) -> str:
    return f"{100 * params / PARAMETER_BUDGET:.1f} %"
