"""The iterations differ in what they say they differ in, and their learning rates are torch's."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import pairwise

import pytest
import torch

from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, PARAMETER_BUDGET, RECIPES, Recipe, learning_rate

CHANGES = {
    "2-batchnorm-dropout": {"batch_norm": (False, True), "dropout": (0.0, 0.1)},
    "3-steplr10": {"step_size": (None, 10), "gamma": (1.0, 0.5)},
    "4-steplr5": {"step_size": (10, 5)},
}
CHANGES_OF_5 = {
    *("layers", "conv_bias", "dropout"),  # a network of its own
    *("optimizer", "muon_learning_rate", "weight_decay", "learning_rate", "beta2"),  # Muon
    *("warmup", "step_size", "gamma"),  # a learning rate that rises and falls to zero
    "ema_decay",  # averaged weights
    "recompute_bn_stats",
    *("augmentation_repeats", "augmentation"),  # digits twice in a batch, bent and written the way people draw
}


def test_each_iteration_is_the_one_before_plus_its_change() -> None:
    found = {}
    for before, after in pairwise(RECIPES.values()):
        old, new = asdict(before), asdict(after)
        found[after.name] = {
            key: (old[key], new[key]) for key in old if old[key] != new[key] and key not in {"name", "change"}
        }
    assert found.pop("5-pen").keys() == CHANGES_OF_5
    assert found == CHANGES


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


def test_default_is_one_of_them() -> None:
    assert DEFAULT in RECIPES
