"""The tab *Architecture*: the network of one iteration, layer by layer, compared with another one."""

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
from mnist_cnn.stages import STEPS, Stage, kind_of, stages
from page.iterations import PLAIN, TITLES, accuracies, fold, sentence_about
from page.seed_document import PRINTED, differences

DIGIT = Path(__file__).with_name("digit.png")
"""The first 8 of ``testing/pen_digits.unipen``, as the network would see it."""
CHOICES = [(title, name) for name, title in TITLES.items()]
COLUMNS = (
    *("Layer", "Receptive field", "Parameters", "Output", "Share of budget", "Channels in", "Channels out", "Kernel"),
    *("Stride", "Padding", "Jump", "Multiply-adds"),
)
"""Of the layer table. What matters most comes first: a phone shows the first three."""
LABELLED_SHARE = 0.12
"""Of the budget: a narrower segment of the bar has no room for the name of its layer."""


def build_architecture() -> None:
    """Add the tab's components to the Gradio page being built, and connect their events."""
    with gr.Row(elem_id="choices"):
        choice = gr.Radio(CHOICES, value=DEFAULT, label="Iteration", elem_id="iteration", scale=3)
        other = gr.Dropdown(
            CHOICES, value=one_before(DEFAULT), label="Compare with", elem_id="other", filterable=False, scale=1
        )
    shown = gr.HTML(architecture(DEFAULT, one_before(DEFAULT)), elem_id="architecture")
    choice.change(choose, choice, [other, shown], show_progress="hidden", api_visibility="private")
    other.input(architecture, [choice, other], shown, show_progress="hidden", api_visibility="private")


def choose(name: str) -> tuple[str, str]:
    """What the tab shows when ``name`` is chosen: the iteration to compare with, and the HTML."""
    return one_before(name), architecture(name, one_before(name))


def one_before(name: str) -> str:
    """The iteration before ``name``; for the first, the second."""
    names = list(RECIPES)
    return names[abs(names.index(name) - 1)]


@cache
def rows_of(name: str) -> list[Row]:
    """The layer table of the recipe called ``name``."""
    return trace(build(RECIPES[name]))


def architecture(name: str, other: str) -> str:
    """HTML: what the recipe ``name`` changes, how it differs from ``other``, its receptive fields and its layers."""
    rows = rows_of(name)
    total = sum(row.params for row in rows)
    printed = PRINTED.get(name)  # the seed document does not have the later iterations
    notes = "".join(f"<li>{escape(note)}</li>" for note in (differences(printed, rows) if printed else []))
    notes = f'<h2>Where the original assignment differs</h2><ul class="notes">{notes}</ul>' if notes else ""
    return f"""
<p class="lead">{PLAIN[name]}</p>{fold(name)}
<p class="count" role="status"><strong>{total:,}</strong> parameters, of a budget of {PARAMETER_BUDGET:,}</p>
{_budget(name)}{_budget(other, quiet=True) if other != name else ""}
{_comparison(name, other)}
<h2>Receptive fields</h2>
{_fields(rows)}
<h2>Layer by layer</h2>
{_table(rows)}
<p class="caption">Computed from the network itself. The receptive field is the square of input pixels that one unit depends
on; the jump is the distance between neighbouring units, in input pixels. Multiply-adds are per image. The tab <i>Inside</i>
shows the same stages at work.</p>{notes}"""


def _budget(name: str, *, quiet: bool = False) -> str:
    """The bar of parameters; ``quiet`` for the iteration to compare with."""
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
<div class="budget" role="img" aria-label="{name} uses {total:,} of {PARAMETER_BUDGET:,} parameters">
{segments}<span class="budget-free" style="flex-grow:{max(0, PARAMETER_BUDGET - total)}"></span></div></div>"""


def _comparison(name: str, other: str) -> str:
    if name == other:
        return '<p class="caption">Choose another iteration under “Compare with” to see the differences.</p>'
    names = list(RECIPES)
    first, last = sorted((names.index(name), names.index(other)))
    steps = [RECIPES[each] for each in names[first + 1 : last + 1]]
    changes = "".join(f"<li><b>{TITLES[step.name]}</b>{PLAIN[step.name]}</li>" for step in steps)
    on_the_way = f'<ol class="versus">{changes}</ol>' if len(steps) > 1 else ""
    items = "".join(f"<li><b>{escape(head)}</b>{escape(words)}</li>" for head, words in compare(name, other))
    way = '<p class="caption">The changes from one to the other:</p>' if on_the_way else ""
    return f'<h2>{TITLES[name]} compared with {TITLES[other]}</h2><ul class="versus">{items}</ul>{way}{on_the_way}'


def compare(name: str, other: str) -> list[tuple[str, str]]:
    """How the recipe ``name`` differs from ``other``: pairs of a subject and a sentence, all computed."""
    rows, others = rows_of(name), rows_of(other)
    same = [("Network", "The same, layer for layer; only the training differs.")] if rows == others else []
    counts = [
        (subject, _more_or_fewer(sum(getattr(row, key) for row in rows), sum(getattr(row, key) for row in others)))
        for subject, key in (("Parameters", "params"), ("Multiply-adds", "macs"))
    ]
    return [*same, *counts, *_structure(rows, others), ("Test accuracy", _accuracy(name, other))]


def _structure(rows: list[Row], others: list[Row]) -> list[tuple[str, str]]:
    if rows == others:
        return []
    fields, other_fields = _stages(rows), _stages(others)
    return [
        ("Layers", _instead(_layers(rows), _layers(others)) + "."),
        *(
            (f"Receptive field {stage}", _fields_of_both(_square(fields[stage]), _square(other_fields[stage])))
            for stage in fields
            if stage in other_fields
        ),
    ]


def _accuracy(name: str, other: str) -> str:
    try:
        ours, theirs = _last_accuracies(name), _last_accuracies(other)
    except checkpoint.WeightsError as error:
        return sentence_about(error)
    points = round(mean(ours), 2) - round(mean(theirs), 2)
    higher = f"{abs(points):.2f} points {'higher' if points > 0 else 'lower'} than" if round(points, 2) else "the same as"
    return f"{_mean_of_seeds(ours)}, {higher} {_mean_of_seeds(theirs)}."


def _more_or_fewer(count: int, before: int) -> str:
    if count == before:
        return f"{count:,} in both."
    share = 100 * abs(count - before) / before
    return f"{count:,}, {share:.1f} % {'more' if count > before else 'fewer'} than {before:,}."


def _instead(value: str, before: str) -> str:
    return f"{value} in both" if value == before else f"{value} instead of {before}"


def _fields_of_both(size: str, before: str) -> str:
    return f"{size} pixels in both." if size == before else f"{size} instead of {before} pixels."


def _layers(rows: list[Row]) -> str:
    kinds = {"conv": "convolution", "pool": "max-pooling layer", "mean": "average-pooling layer", "fc": "linear layer"}
    counts = {word: sum(kind_of(row.name) == kind for row in rows) for kind, word in kinds.items()}
    words = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts.items() if count]
    norm = "with" if any(kind_of(row.name) == "bn" for row in rows) else "without"
    return f"{', '.join(words)}, {norm} batch norm"


def _stages(rows: list[Row]) -> dict[str, int]:
    """The receptive field after each pooling and before the linear layer, where iterations can be compared."""
    placed = [row for row in rows if row.jump is not None]
    pools = [row for row in placed if kind_of(row.name) == "pool"]
    fields = {f"after {row.name}": row.receptive_field for row in pools}
    return fields | {"before the linear layer": placed[-1].receptive_field}


def _last_accuracies(name: str) -> list[float]:
    return [run[-1] for run in accuracies(checkpoint.load_history(checkpoint.SHIPPED / name))]


def _mean_of_seeds(accuracies: list[float]) -> str:
    seeds = f"{len(accuracies)} seeds" if len(accuracies) > 1 else "one seed"
    return f"{mean(accuracies):.2f} % ({seeds})"


def _fields(rows: list[Row]) -> str:
    """One picture per layer that enlarges the receptive field: that of its middle unit, with the earlier ones inside."""
    placed = [(row.name, row.receptive_field, row.middle) for row in rows if row.middle is not None]
    grown = [now for before, now in pairwise([("input", 1, None), *placed]) if now[1] > before[1]]
    if grown[-1][1] < IMAGE_SIZE:
        grown.append(("fc1", IMAGE_SIZE, (0, IMAGE_SIZE - 1)))  # the linear layer depends on every pixel
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
            f'aria-label="{name}: receptive field of {field} by {field} pixels in {IMAGE_SIZE} by {IMAGE_SIZE}">'
            f'<image href="{source}" width="{IMAGE_SIZE}" height="{IMAGE_SIZE}"/><path class="field-unseen" d="{hole}"/>'
            f'{"".join(squares)}<rect class="field-now" {square}/></svg><b>{name}</b><span>{_square(field)}</span></li>'
        )
        squares.append(f'<rect class="field-before" {square}/>')
    return f"""<ol class="fields">{"".join(pictures)}</ol>
<p class="caption">Each picture is a layer that enlarges the receptive field. The bright square, on an 8, is what one
number in the middle of its maps depends on; the thin squares are the fields of earlier layers. The other layers do not
change the receptive field.</p>"""


def _table(rows: list[Row]) -> str:
    params, macs = sum(row.params for row in rows), sum(row.macs for row in rows)
    named = {row.name: row for row in rows}
    body = "".join(_table_stage(stage, named) for stage in stages(rows))
    head = "".join(f'<th scope="col">{title}</th>' for title in COLUMNS)
    cells = ["1×1", "–", _square(IMAGE_SIZE), "–", "1", "1", "–", "–", "–", "1", "–"]
    drawing = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"""<div class="table-frame" tabindex="0" role="region" aria-label="Layer table">
<table class="layers"><thead><tr>{head}</tr></thead>
<tbody><tr><th scope="row">Drawing <code translate="no">input</code></th>{drawing}</tr></tbody>{body}
<tfoot><tr><th scope="row">total</th><td></td><td>{params:,}</td><td></td><td>{_share(params)}</td><td colspan="6"></td>
<td>{macs:,}</td></tr></tfoot></table></div>"""


def _table_stage(stage: Stage, rows: dict[str, Row]) -> str:
    head = (
        f'<tr class="stage-head"><th scope="rowgroup" colspan="{len(COLUMNS)}"><span>{escape(stage.name)}</span></th></tr>'
    )
    return f"<tbody>{head}{''.join(_table_row(rows[layer]) for layer in stage.layers)}</tbody>"


def _table_row(row: Row) -> str:
    def number(value: int | None) -> str:
        return "–" if value is None else f"{value:,}"

    placeless = row.jump is None  # from the flattening on, units have no position
    cells = [
        "whole image" if placeless and row.name == "fc1" else _square(row.receptive_field),
        number(row.params or None),
        number(row.out_channels) if placeless else _square(row.out_size),
        _share(row.params) if row.params else "–",
        number(row.in_channels),
        number(row.out_channels),
        _square(row.kernel),
        number(row.stride),
        number(row.padding),
        number(row.jump),
        number(row.macs or None),
    ]
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    kind = kind_of(row.name)
    return (
        f'<tr class="layer-{kind}"><th scope="row">{STEPS[kind][0]} <code translate="no">{row.name}</code></th>{body}</tr>'
    )


def _square(side: int | None) -> str:
    return "–" if side is None else f"{side}×{side}"


def _share(params: int) -> str:
    return f"{100 * params / PARAMETER_BUDGET:.1f} %"
