"""The iterations differ as their sentences say, and their learning rates are those of torch."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
import torch
from torch import nn

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, DEFAULT_ITERATION, ITERATIONS, PARAMETER_BUDGET, RECIPES, Recipe, learning_rate


def test_iteration_2_adds_batch_norm_and_dropout_to_iteration_1() -> None:
    before, after = (list(build(RECIPES[name])) for name in ("1-plain", "2-batchnorm-dropout"))
    added = [layer for layer in after if isinstance(layer, nn.BatchNorm2d | nn.Dropout)]
    kept = [layer for layer in after if layer not in added]
    assert [repr(layer) for layer in kept] == [repr(layer) for layer in before]
    norms, (dropout,) = added[:-1], added[-1:]
    assert len(norms) == sum(isinstance(layer, nn.Conv2d) for layer in before)
    assert isinstance(dropout, nn.Dropout)
    percent = re.search(r"(\d+) % dropout", RECIPES["2-batchnorm-dropout"].change)
    assert percent
    assert dropout.p == pytest.approx(int(percent[1]) / 100)


@pytest.mark.parametrize("name", ["3-steplr10", "4-steplr5"])
def test_iterations_3_and_4_halve_the_learning_rate_as_often_as_they_say(name: str) -> None:
    recipe = RECIPES[name]
    assert repr(build(recipe)) == repr(build(RECIPES["2-batchnorm-dropout"])), "only the schedule changes"
    interval = re.search(r"halved every (\d+) epochs", recipe.change)
    assert interval
    rates = [learning_rate(recipe, epoch, epochs=recipe.epochs) for epoch in range(recipe.epochs)]
    factors = {epoch: after / before for epoch, (before, after) in enumerate(pairwise(rates), 1)}
    assert {epoch for epoch, factor in factors.items() if factor == 0.5} == set(
        range(int(interval[1]), 19, int(interval[1]))
    )
    assert set(factors.values()) == {0.5, 1.0}


@pytest.mark.parametrize("name", RECIPES)
def test_network_fits_the_budget(name: str) -> None:
    assert parameter_count(build(RECIPES[name])) < PARAMETER_BUDGET
    assert RECIPES[name].epochs < 20


@pytest.mark.parametrize("name", [name for name in RECIPES if not RECIPES[name].warmup])
def test_learning_rate_of_an_epoch_is_that_of_torch(name: str) -> None:
    recipe = RECIPES[name]
    optimizer = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=recipe.learning_rate)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, recipe.step_size or 10**9, recipe.gamma)
    for epoch in range(recipe.epochs):
        for progress in (epoch, epoch + 0.99):
            lr = learning_rate(recipe, progress, epochs=recipe.epochs)
            assert lr == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
        optimizer.step()
        scheduler.step()


def test_learning_rate_with_a_warm_up_is_that_of_torch() -> None:
    recipe, epochs, steps = RECIPES["5-pen"], 10, 50
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))])
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=recipe.learning_rate,
        total_steps=epochs * steps + 1,
        pct_start=(recipe.warmup * epochs * steps + 1) / (epochs * steps + 1),
        anneal_strategy="linear",
        cycle_momentum=False,
        div_factor=1e9,
        final_div_factor=1e9,
    )
    for step in range(epochs * steps):
        lr = learning_rate(recipe, step / steps, epochs=epochs)
        assert lr == pytest.approx(scheduler.get_last_lr()[0], abs=1e-8)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_survives_json(name: str) -> None:
    assert Recipe.from_json(json.loads(json.dumps(RECIPES[name].to_json()))) == RECIPES[name]
    assert RECIPES[name].name == name


def test_iterations_are_numbered_as_their_names() -> None:
    for number, recipe in ITERATIONS.items():
        assert recipe.name.startswith(f"{number}-")
    assert ITERATIONS[DEFAULT_ITERATION].name == DEFAULT
