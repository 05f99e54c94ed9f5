"""The tab *Results*: reported and measured accuracy, learning curves, and the misclassified digits."""

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
from page.hands import people
from page.iterations import NUMBERS, PLAIN, TITLES, accuracies, fold, sentence_about
from page.seed_document import PRINTED
from page.templates import WEB, gradio_script

QUANTITIES = {
    "test_accuracy": "Test accuracy",
    "test_loss": "Test loss",
    "train_loss": "Training loss",
    "lr": "Learning rate",
}

CALL = """({ Curves }, { mountResults }) => {
  new Curves(element.querySelector('.curves'), props.curves);
  mountResults(element.querySelector('.mistakes'), (name) => server.answers_of(name));
}"""

Histories = dict[str, dict[str, Any]]


def build_results() -> None:
    """Add the tab's component to the Gradio page being built."""
    histories, complaints = load_histories()
    gr.HTML(
        html_template=results(histories, complaints),
        js_on_load=gradio_script(["results/curves.js", "results/results.js"], CALL, hints=".loading"),
        server_functions=[answers_of],
        web=quote(WEB.as_posix()),
        curves=curves(histories),
        elem_id="results",
    )


def load_histories() -> tuple[Histories, list[str]]:
    """The histories of all iterations, and a sentence for each history or network that cannot be used."""
    histories, complaints = {}, []
    for name in RECIPES:
        try:
            histories[name] = checkpoint.load_history(checkpoint.SHIPPED / name)
        except checkpoint.WeightsError as error:
            complaints.append(sentence_about(error))
        try:
            checkpoint.load(checkpoint.SHIPPED / name)
            if checkpoint.load_recipe(checkpoint.SHIPPED / name) != RECIPES[name]:
                complaints.append(f"weights/{name}/{checkpoint.CONFIG_FILE} describes another network.")
        except checkpoint.WeightsError as error:
            complaints.append(sentence_about(error))
    return histories, complaints


def curves(histories: Histories) -> list[dict[str, Any]]:
    """For ``web/results/curves.js``: mean, lowest and highest value over the seeds, by iteration, quantity and epoch."""
    return [
        {
            "title": TITLES[name],
            "line": NUMBERS[name],
            "seeds": len(history["runs"]),
            "values": {key: _over_seeds(history, key) for key in QUANTITIES},
        }
        for name, history in histories.items()
    ]


def _over_seeds(history: dict[str, Any], key: str) -> list[list[float]]:
    epochs = zip(*([epoch[key] for epoch in run["epochs"]] for run in history["runs"]), strict=True)
    return [[float(f"{value:.6g}") for value in (mean(values), min(values), max(values))] for values in epochs]


def answers_of(name: object) -> dict[str, Any]:
    """For ``web/results/results.js``: the answers of the network ``name`` to the test digits, or a sentence instead."""
    if not isinstance(name, str) or name not in RECIPES:
        return {"sentence": "There is no such iteration. Reload the page."}
    try:
        answers = load_answers(checkpoint.SHIPPED / name)
    except checkpoint.WeightsError as error:
        return {"sentence": sentence_about(error)}
    values = answers.to_json()
    for digit in values["wrong"]:
        digit["disputed"] = digit["index"] in DISPUTED
    return values


def results(histories: Histories, complaints: list[str]) -> str:
    """HTML: the table, and the elements that the modules in ``web/results/`` fill."""
    sentences = "".join(f'<p class="caption complaint">{escape(sentence)}</p>' for sentence in complaints)
    return f"""{_table(histories)}{sentences}{people()}
<h2>Learning curves</h2>
<div class="curves">
{_radios("quantity", QUANTITIES, "test_accuracy", "Quantity")}
<p class="loading">Loading …</p>
<div class="curves-plot"></div>
<p class="curves-epoch" aria-hidden="true"></p>
<ul class="curves-legend"></ul>
<p class="caption">Lines show the mean over the seeds, shaded bands the range from the lowest to the highest seed. The
training loss is measured on augmented digits, and iterations augment differently, so it cannot be compared between them.</p>
</div>
<h2>Errors on the test digits</h2>
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
        runs = accuracies(history)
        last = [run[-1] for run in runs]
        spread = f" ± {stdev(last):.2f}" if len(last) > 1 else ""
        printed = PRINTED.get(name)  # the seed document does not have the later iterations
        cells = [
            f"<b>{mean(last):.2f}{spread} %</b>",
            f"{parameter_count(build(RECIPES[name])):,}",
            f"{printed.test_accuracy} %" if printed else "–",
            f"{len(last)}",
            f"{max(map(max, runs)):.2f} %",
        ]
        figures = "".join(f"<td>{cell}</td>" for cell in cells)
        words = f'<td colspan="{len(cells) + 1}"><p>{PLAIN[name]}</p>{fold(name)}</td>'
        rows.append(
            f'<tbody><tr><th scope="row">{TITLES[name]}</th>{figures}</tr><tr class="iteration-words">{words}</tr></tbody>'
        )
    return f"""
<div class="table-frame" tabindex="0" role="region" aria-label="Results">
<table class="layers results iterations">
<thead><tr><th scope="col">Iteration</th><th scope="col">Measured, last epoch</th><th scope="col">Parameters</th>
<th scope="col">Original assignment</th><th scope="col">Seeds</th><th scope="col">Best epoch*</th></tr></thead>
{"".join(rows)}</table></div>
<p class="caption">Accuracy on MNIST's 10,000 test digits after {RECIPES[DEFAULT].epochs} epochs, mean ± standard deviation
over the seeds. <code translate="no">weights/*/history.json</code> holds every epoch of every seed. * Shown for comparison:
choosing the best epoch by its test score would be cheating.</p>"""
