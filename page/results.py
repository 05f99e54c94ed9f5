"""The tab *Results*: what was reported beside what was measured, how the networks learned, and what they get wrong."""

from __future__ import annotations

from html import escape
from statistics import mean, stdev
from typing import Any
from urllib.parse import quote

import gradio as gr

from mnist_cnn import checkpoint
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import DISPUTED, load_answers
from page.architecture import TITLES, without_root
from page.seed_document import PRINTED
from page.static import WEB

QUANTITIES = {
    "test_accuracy": "Test accuracy",
    "test_loss": "Test loss",
    "train_loss": "Training loss",
    "lr": "Learning rate",
}

RESULTS_JS = """
const module = (name) => import(new URL(`gradio_api/file=${props.web}/${name}`, document.baseURI));
Promise.all([module('results/curves.js'), module('results/results.js')])
  .then(([{ mountCurves }, { mountResults }]) => {
    mountCurves(element.querySelector('.curves'), props.curves);
    mountResults(element.querySelector('.mistakes'), (name) => server.answers_of(name));
  })
  .catch((error) => {
    for (const hint of element.querySelectorAll('.loading')) {
      hint.textContent = 'This could not be loaded. Reload the page to try again.';
    }
    console.error(error);
  });
"""

Histories = dict[str, dict[str, Any]]


def build_results() -> None:
    """Put the tab's parts where Gradio builds at the moment."""
    histories, complaints = load_histories()
    gr.HTML(
        html_template=results(histories, complaints),
        js_on_load=RESULTS_JS,
        server_functions=[answers_of],
        web=quote(WEB.as_posix()),
        curves=curves(histories),
        elem_id="results",
    )


def load_histories() -> tuple[Histories, list[str]]:
    """The histories of all iterations, and a sentence for each whose history or network cannot be used."""
    histories, complaints = {}, []
    for name in RECIPES:
        try:
            histories[name] = checkpoint.load_history(checkpoint.SHIPPED / name)
        except checkpoint.WeightsError as error:
            complaints.append(without_root(error))
        try:
            checkpoint.load(checkpoint.SHIPPED / name)
            if checkpoint.load_recipe(checkpoint.SHIPPED / name) != RECIPES[name]:
                complaints.append(f"weights/{name}/{checkpoint.CONFIG_FILE} describes another network.")
        except checkpoint.WeightsError as error:
            complaints.append(without_root(error))
    return histories, complaints


def curves(histories: Histories) -> list[dict[str, Any]]:
    """For ``web/curves.js``: of every iteration and quantity the seeds' mean, lowest and highest value after each epoch."""
    return [
        {
            "title": TITLES[name],
            "line": list(RECIPES).index(name) + 1,
            "seeds": len(history["runs"]),
            "values": {key: _over_seeds(history, key) for key in QUANTITIES},
        }
        for name, history in histories.items()
    ]


def _over_seeds(history: dict[str, Any], key: str) -> list[list[float]]:
    epochs = zip(*([epoch[key] for epoch in run["epochs"]] for run in history["runs"]), strict=True)
    return [[float(f"{value:.6g}") for value in (mean(values), min(values), max(values))] for values in epochs]


def answers_of(name: object) -> dict[str, Any]:
    """For ``web/results.js``: what the network called ``name`` answered to the test digits, or a sentence why not."""
    if not isinstance(name, str) or name not in RECIPES:
        return {"sentence": "There is no such iteration. Reload the page."}
    try:
        answers = load_answers(checkpoint.SHIPPED / name)
    except checkpoint.WeightsError as error:
        return {"sentence": without_root(error)}
    values = answers.to_json()
    for digit in values["wrong"]:
        digit["disputed"] = digit["index"] in DISPUTED
    return values


def results(histories: Histories, complaints: list[str]) -> str:
    """HTML: the table, and the places that the modules in ``web/`` fill."""
    sentences = "".join(f'<p class="caption complaint">{escape(sentence)}</p>' for sentence in complaints)
    return f"""{_table(histories)}{sentences}
<h2>How they learned</h2>
<div class="curves">
{_radios("quantity", QUANTITIES, "test_accuracy", "Quantity")}
<p class="loading">Loading …</p>
<div class="curves-plot"></div>
<p class="curves-epoch" aria-hidden="true"></p>
<ul class="curves-legend"></ul>
<p class="caption">Lines are means over the seeds, shades reach from the lowest seed to the highest. The training loss is
that of digits as the iteration bends them, so it cannot be compared between iterations.</p>
</div>
<h2>What they get wrong</h2>
<div class="mistakes">
{_radios("network", TITLES, DEFAULT, "Iteration")}
<p class="loading">Loading …</p>
<div class="mistakes-found"></div>
</div>"""


def _radios(name: str, choices: dict[str, str], chosen: str, label: str) -> str:
    inputs = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{" checked" if value == chosen else ""}>{title}</label>'
        for value, title in choices.items()
    )
    return f'<div class="chips" role="radiogroup" aria-label="{label}">{inputs}</div>'


def _table(histories: Histories) -> str:
    rows = []
    for name, history in histories.items():
        accuracies = [[epoch["test_accuracy"] for epoch in run["epochs"]] for run in history["runs"]]
        last = [run[-1] for run in accuracies]
        spread = f" ± {stdev(last):.2f}" if len(last) > 1 else ""
        printed = PRINTED.get(name)  # iterations of our own are not in the seed document
        cells = [
            f"{parameter_count(build(RECIPES[name])):,}",
            f"{printed.test_accuracy} %" if printed else "–",
            f"<b>{mean(last):.2f}{spread} %</b>",
            f"{len(last)}",
            f"{max(map(max, accuracies)):.2f} %",
        ]
        rows.append(
            f'<tr><th scope="row">{name}<span>{escape(RECIPES[name].change)}</span></th>'
            + "".join(f"<td>{cell}</td>" for cell in cells)
            + "</tr>"
        )
    return f"""
<div class="table-frame" tabindex="0" role="region" aria-label="Results">
<table class="layers results">
<thead><tr><th scope="col">Iteration</th><th>Parameters</th><th>Seed document</th><th>Measured, last epoch</th><th>Seeds</th>
<th>Best epoch*</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>
<p class="caption">Accuracy on MNIST's 10,000 test digits after {RECIPES[DEFAULT].epochs} epochs, mean ± standard deviation
over the seeds; every epoch of every seed is in <code>weights/*/history.json</code>. * The best epoch of all seeds is a
footnote: who picks it, picks it on the test set.</p>"""
