"""The part of the tab *Results* about people whose writing no network has seen."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from mnist_cnn import checkpoint
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.hands import (
    CLEAR,
    CLEAR_IN_PICTURES,
    CLEAR_IN_UPLOADS,
    CLEAR_ON_PAD,
    LETTERS,
    WRITTEN,
    Digits,
    Hands,
    load_hands,
)
from mnist_cnn.recipes import RECIPES
from page.iterations import TITLES, sentence_about

BANDS = (
    (100, "every digit"),
    (98, "98 or 99 of 100"),
    (95, "95 to 97 of 100"),
    (90, "90 to 94 of 100"),
    (0, "fewer than 90 of 100"),
)
"""The least share of a person's digits, in percent, and its name; people are counted by band."""


def people() -> str:
    """HTML: a dot per person and a table of what happens to their digits and letters; empty without figures."""
    found, complaints = _load()
    sentences = "".join(f'<p class="caption complaint">{escape(sentence)}</p>' for sentence in complaints)
    if not found:
        return sentences
    newest = list(found.values())[-1]
    writers = _writers(newest)
    heads = "".join(f'<th scope="col">{TITLES[name]}</th>' for name in found)
    return f"""{sentences}
<h2>How it reads people it has never seen</h2>
<p class="people-lead">{len(writers)} people wrote {_digits(newest):,} digits with a pen, and no network was trained on
anything of theirs. Each dot is one of these people, in the row that says how many of their digits are read correctly.</p>
<table class="people"><thead><tr><th scope="col">Read correctly</th>{heads}</tr></thead>
<tbody>{_bands(found)}</tbody></table>
<div class="table-frame" tabindex="0" role="region" aria-label="People it has never seen">
<table class="layers results"><thead><tr><th scope="col">How many</th>{heads}</tr></thead>
<tbody>{_rows(found)}</tbody></table></div>
<p class="caption">Iterations 1 to 5 have seen MNIST's digits only; iteration 6 has also seen the pen strokes of other
people. Of the people shown here it has seen nothing, but the limits from which an answer counts as unsure or not a digit
were chosen on them. The question marks and hearts are drawn by a program.
<code translate="no">python -m benchmarks.hands</code> computes these figures.</p>"""


def _load() -> tuple[dict[str, Hands], list[str]]:
    """The figures by iteration, and a sentence for each file that cannot be used."""
    found, complaints = {}, []
    for name in RECIPES:
        try:
            hands = load_hands(checkpoint.SHIPPED / name)
        except WeightsError as error:
            complaints.append(sentence_about(error))
            continue
        if hands is not None:
            found[name] = hands
    return found, complaints


def _groups(hands: Hands) -> list[Digits]:
    return [group for group in hands.digits.values() if group.writers]


def _writers(hands: Hands) -> list[float]:
    return [share for group in _groups(hands) for share in group.writers]


def _digits(hands: Hands) -> int:
    return sum(group.n for group in _groups(hands))


def _bands(found: dict[str, Hands]) -> str:
    rows = []
    above = float("inf")
    for least, title in BANDS:
        cells = ""
        for hands in found.values():
            count = sum(least <= share < above for share in _writers(hands))
            dots = f'<span class="people-dots" aria-hidden="true">{"<i></i>" * count}</span>'
            cells += f"<td><b>{count}</b>{dots}</td>"
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr>')
        above = least
    return "".join(rows)


def _rows(found: dict[str, Hands]) -> str:
    def of_digits(hands: Hands, name: str) -> float:
        return sum(group.n * float(getattr(group, name)) for group in _groups(hands)) / _digits(hands)

    def of_others(hands: Hands, *kinds: str) -> float:
        rows = [hands.others[kind] for kind in kinds]
        return sum(row.n * row.refused for row in rows) / sum(row.n for row in rows)

    measures: dict[str, Callable[[Hands], float]] = {
        "digits read correctly": lambda hands: of_digits(hands, "right"),
        "digits it calls unsure": lambda hands: of_digits(hands, "unsure"),
        "digits it says do not look like a digit": lambda hands: of_digits(hands, "refused"),
        "letters it says do not look like a digit": lambda hands: of_others(hands, LETTERS),
        "the same, without letters that look like digits (O, l, S, Z, …)": lambda hands: of_others(hands, CLEAR),
        "these letters, if their strokes must be grouped first": lambda hands: of_others(hands, CLEAR_ON_PAD),
        "these letters in pictures": lambda hands: of_others(hands, CLEAR_IN_PICTURES),
        "these letters in pictures, if the ink must be divided first": lambda hands: of_others(hands, CLEAR_IN_UPLOADS),
        "question marks, hearts, faces, stars, … it says do not look like a digit": lambda hands: of_others(
            hands, *(kind for kind in hands.others if kind not in WRITTEN)
        ),
    }
    rows = []
    for title, measure in measures.items():
        cells = "".join(f"<td>{measure(hands):.1f} %</td>" for hands in found.values())
        rows.append(f'<tr><th scope="row">{title}</th>{cells}</tr>')
    return "".join(rows)
