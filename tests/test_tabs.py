"""The tabs Architecture and Results as a visitor uses them, and the numbers in their sentences."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from mnist_cnn import checkpoint
from mnist_cnn.drawing.strokes import normalise_strokes
from mnist_cnn.hands import FILE as HANDS_FILE
from mnist_cnn.hands import load_hands
from mnist_cnn.model import build
from mnist_cnn.receptive_field import trace
from mnist_cnn.recipes import DEFAULT, RECIPES
from mnist_cnn.test_results import DISPUTED, load_answers
from mnist_cnn.training.stroke_data import load_packed
from page import architecture, hands, results
from page.iterations import PLAIN, TITLES
from testing.pen_digits import pen_digits


@pytest.fixture
def page(app_page: Page, complaints: list[str]) -> Iterator[Page]:
    yield app_page
    assert complaints == []


def test_the_digit_of_the_fields_is_what_the_network_sees_of_the_tests_eight() -> None:
    drawing = next(each for each in pen_digits() if each.digit == 8)
    seen = normalise_strokes(drawing.strokes)
    assert seen is not None
    assert np.array_equal(np.asarray(Image.open(architecture.DIGIT)), seen)


def test_sentences_hold_the_numbers_of_the_networks() -> None:
    for name in RECIPES:
        for other in RECIPES:
            words = dict(architecture.compare(name, other))
            for head, key in (("Parameters", "params"), ("Multiply-adds", "macs")):
                counts = [sum(getattr(row, key) for row in trace(build(RECIPES[each]))) for each in (name, other)]
                printed = [int(number.replace(",", "")) for number in re.findall(r"\d{1,3}(?:,\d{3})+", words[head])]
                assert printed == counts[: len(set(counts))], words[head]
                assert ("fewer" in words[head]) == (counts[0] < counts[1])


def test_two_iterations_side_by_side(page: Page) -> None:
    page.get_by_role("tab", name="Architecture").click()
    panel = page.locator("#architecture")
    *_, before, default = TITLES.values()
    expect(panel.locator("h2").first).to_have_text(f"{default} compared with {before}")
    page.get_by_label("3 · steplr10").click()
    expect(panel.locator("h2").first).to_have_text("3 · steplr10 compared with 2 · batchnorm-dropout")
    expect(panel).to_contain_text("only the training differs")
    page.get_by_label("Compare with").click()
    page.get_by_role("option", name="5 · pen").click()
    expect(panel.locator("h2").first).to_have_text("3 · steplr10 compared with 5 · pen")
    rows = {name: {row.name: row for row in trace(build(RECIPES[name]))} for name in ("3-steplr10", "5-pen")}
    ours, theirs = (rows[name]["pool1"].receptive_field for name in rows)
    expect(panel).to_contain_text(f"{ours}×{ours} instead of {theirs}×{theirs} pixels")
    means = []
    for name in rows:
        runs = checkpoint.load_history(checkpoint.SHIPPED / name)["runs"]
        means.append(f"{statistics.mean(run['epochs'][-1]['test_accuracy'] for run in runs):.2f} %")
    expect(panel.locator(".versus").first).to_contain_text(re.compile(".*".join(map(re.escape, means))))
    assert panel.locator(".budget").count() == 2
    assert panel.locator(".fields b").all_inner_texts()[-1] == "fc1"


def test_architecture_shows_the_table_of_the_chosen_iteration(page: Page) -> None:
    page.get_by_role("tab", name="Architecture").click()
    panel = page.locator("#architecture")
    page.get_by_label("4 · steplr5").click()
    expect(panel.locator(".count")).to_contain_text("19,434")
    conv7 = panel.locator("tr", has=page.locator("th", has_text="conv7")).locator("td")
    assert conv7.all_inner_texts() == ["22×22", "2,320", "5×5", "11.6 %", "16", "16", "3×3", "1", "0", "4", "57,600"]
    expect(panel).to_contain_text("The original assignment gives 18×18")
    page.get_by_label("1 · plain").click()
    expect(panel.locator(".count")).to_contain_text("19,146")


def test_results_stand_beside_what_the_seed_document_reports(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    runs = checkpoint.load_history(checkpoint.SHIPPED / "4-steplr5")["runs"]
    last = [run["epochs"][-1]["test_accuracy"] for run in runs]
    row = page.locator("#results tr", has=page.locator("th", has_text="4 · steplr5")).locator("td")
    measured = f"{statistics.mean(last):.2f} ± {statistics.stdev(last):.2f} %"
    assert row.all_inner_texts()[:4] == [measured, "19,434", "99.41 %", str(len(last))]


@pytest.mark.parametrize("name", RECIPES)
def test_an_iteration_has_a_plain_sentence_and_its_terms_in_a_fold(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Results").click()
    row = page.locator(".iterations tbody", has_text=TITLES[name]).locator(".iteration-words")
    expect(row).to_contain_text(PLAIN[name])
    terms = row.get_by_text(RECIPES[name].change)
    expect(terms).to_be_hidden()
    row.get_by_text("In technical terms").click()
    expect(terms).to_be_visible()
    page.get_by_role("tab", name="Architecture").click()
    page.locator("#iteration").get_by_label(TITLES[name]).check()
    expect(page.locator("#architecture .lead")).to_have_text(PLAIN[name])
    expect(page.locator("#architecture").get_by_text(RECIPES[name].change)).to_be_hidden()


def test_results_show_every_person_it_has_never_seen(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_role("heading", name="How it reads people it has never seen")).to_be_visible()
    strokes = load_packed()
    held_out = strokes.unseen & (strokes.digits >= 0)
    people, drawings = len(set(strokes.writers[held_out])), int(held_out.sum())
    expect(page.locator(".people-lead")).to_contain_text(f"{people} people wrote {drawings:,} digits")
    table = page.locator("table.people")
    for column, name in enumerate(("5-pen", "6-hands")):
        read = load_hands(checkpoint.SHIPPED / name)
        assert read is not None
        cells = [row.locator("td").nth(column) for row in table.locator("tbody tr").all()]
        counts = [int(cell.locator("b").inner_text()) for cell in cells]
        assert sum(counts) == people
        assert [cell.locator("i").count() for cell in cells] == counts
        shares = [share for group in read.digits.values() for share in group.writers]
        assert counts[0] == sum(share == 100 for share in shares)
        assert counts[-1] == sum(share < 90 for share in shares)


def test_curves_show_the_chosen_quantity_after_the_chosen_epoch(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    runs = checkpoint.load_history(checkpoint.SHIPPED / "1-plain")["runs"]
    first = page.locator(".curves-legend li").first
    expect(first.locator("strong")).to_have_text(
        f"{statistics.mean(run['epochs'][-1]['test_accuracy'] for run in runs):.2f} %"
    )
    page.get_by_label("Test loss").check()
    page.locator(".curves-plot svg").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    losses = [run["epochs"][1]["test_loss"] for run in runs]
    expect(page.locator(".curves-epoch")).to_have_text("After epoch 2")
    assert float(first.locator("strong").inner_text()) == pytest.approx(statistics.mean(losses), rel=5e-3)
    low, high = re.findall(r"[\d.]+", first.locator("span").inner_text())[:2]
    assert (float(low), float(high)) == pytest.approx((min(losses), max(losses)), rel=5e-3)
    assert page.locator(".curves-plot polyline").count() == len(RECIPES)


def test_from_the_matrix_to_the_digits_to_the_pad(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    default = load_answers(checkpoint.SHIPPED / DEFAULT)
    expect(page.locator(".gallery li")).to_have_count(len(default.wrong))
    disputed = [digit for digit in default.wrong if digit.index in DISPUTED]
    expect(page.locator(".gallery .disputed")).to_have_count(len(disputed))

    page.locator(".mistakes").get_by_label("4 · steplr5").check()
    answers = load_answers(checkpoint.SHIPPED / "4-steplr5")
    expect(page.locator(".mistakes h3")).to_have_text(f"{len(answers.wrong)} of 10,000 wrong")
    table = page.locator(".confusion")
    expect(table.get_by_text(str(answers.counts[4][4]), exact=True).first).to_be_visible()
    assert table.get_by_role("button", name="4 read as 4").count() == 0, "right answers have no images to show"
    off = [(answers.counts[a][b], a, b) for a in range(10) for b in range(10) if a != b]
    count, label, answer = max(off)
    table.get_by_role("button", name=f"{label} read as {answer}: {count} times").click()
    expect(page.locator(".gallery li")).to_have_count(count)
    chosen = [digit for digit in answers.wrong if (digit.label, digit.answer) == (label, answer)]
    button = page.locator(".gallery button").first
    expect(button.get_by_role("img")).to_have_accessible_name(f"Test digit {chosen[0].index}:")
    button.click()
    expect(page.locator("#pad canvas")).to_be_visible()
    expect(page.locator("#answer .answer-digit")).to_have_text(re.compile(r"\d|–"))
    said = f"Test digit {chosen[0].index}, labelled {label}. 4-steplr5 read it as {answer}. Here {DEFAULT} reads it."
    expect(page.locator(".pad-message")).to_have_text(said)
    page.get_by_role("button", name="Eraser").click()
    page.locator("#pad canvas").click()
    expect(page.locator(".pad-message")).to_have_text("The eraser removes pen strokes. Clear removes this picture.")


def test_tiles_of_the_pads_network_say_what_the_pad_says(page: Page) -> None:
    page.get_by_role("tab", name="Results").click()
    tiles = page.locator(".gallery button")
    for place in (0, 3, 7):
        words = tiles.nth(place).locator("span").inner_text()
        tiles.nth(place).click()
        expect(page.locator(".answer-probability")).to_have_text(words)
        page.get_by_role("tab", name="Results").click()


def test_damaged_files_get_a_sentence_and_the_rest_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in RECIPES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "history.json").write_bytes((checkpoint.SHIPPED / name / "history.json").read_bytes())
    (tmp_path / "2-batchnorm-dropout" / "history.json").write_text('{"runs": [')
    monkeypatch.setattr(checkpoint, "SHIPPED", tmp_path)
    html = results.results(*results.load_histories())
    assert "history.json is damaged" in html
    assert html.count('<th scope="row">') == len(RECIPES) - 1
    (tmp_path / "5-pen" / HANDS_FILE).write_text('{"digits": {"unipen": {"n": 0}}, "others": {}}')
    assert "hands.json is damaged" in hands.people()
    assert "<table" not in hands.people()
    assert "test_answers.json cannot be read" in results.answers_of(DEFAULT)["sentence"]
    for value in (None, 5, "../1-plain", ["1-plain"]):
        assert "no such iteration" in results.answers_of(value)["sentence"]
