"""Iteration 6 is taught by a larger network, which the repository holds, by the loss of Hinton and others."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

import train
from mnist_cnn import checkpoint
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build, parameter_count
from mnist_cnn.recipes import DEFAULT, RECIPES, TEACHER, Distillation
from mnist_cnn.training.distillation import Teacher
from mnist_cnn.training.loop import Learner, Settings, train_step
from mnist_cnn.training.run import HELD_OUT

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def teacher() -> nn.Sequential:
    return checkpoint.load(checkpoint.SHIPPED / TEACHER.name)


def test_the_loss_is_the_formula(mnist: tuple[Dataset, Dataset], teacher: nn.Sequential) -> None:
    settings = Distillation(TEACHER.name, weight=0.25, temperature=3.0)
    torch.manual_seed(0)
    inputs, labels = standardise(mnist[0].images[:64]), mnist[0].labels[:64]
    answers = torch.randn(64, 11).log_softmax(dim=1)
    found = Teacher.load(settings, "fp32", CPU).loss(inputs, answers, labels)
    with torch.no_grad():
        true = (teacher(inputs).double() / 3).softmax(dim=1)
    ours = (answers.double() / 3).softmax(dim=1)
    divergence = 9 * (true * (true.log() - ours.log())).sum()
    expected = -0.75 * answers.double()[range(64), labels].sum() + 0.25 * divergence
    assert found.item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_network_learns_from_its_teacher_what_no_label_says(
    mnist: tuple[Dataset, Dataset], teacher: nn.Sequential
) -> None:
    images, labels = mnist[0].images[:512], mnist[0].labels[:512]
    recipe = replace(RECIPES[DEFAULT], distillation=Distillation(TEACHER.name, weight=1.0, temperature=2.0))
    learner = Learner.new(Settings(recipe, seed=0, epochs=1, precision="fp32"), CPU)
    for _ in range(30):
        train_step(learner, learner.net, images, torch.zeros_like(labels), batch_size=512)
    with torch.no_grad():
        taught = learner.net(standardise(images)).argmax(dim=1)
        assert (taught == teacher(standardise(images)).argmax(dim=1)).float().mean() > 0.9


def test_a_teacher_that_is_missing_is_named() -> None:
    with pytest.raises(WeightsError, match=r"nobody.*download or train it again"):
        Teacher.load(Distillation("nobody", weight=0.5, temperature=1.0), "fp32", CPU)


def test_the_teacher_that_is_shipped_is_the_one_that_is_trained() -> None:
    taught = RECIPES[DEFAULT].distillation
    assert taught is not None
    assert taught.teacher == TEACHER.name
    assert checkpoint.load_recipe(checkpoint.SHIPPED / TEACHER.name) == TEACHER
    job = train.parse_arguments(["--teacher"])
    assert (job.recipe, job.hold_out, job.folder) == (TEACHER, HELD_OUT, checkpoint.SHIPPED / TEACHER.name)
    times = parameter_count(build(TEACHER)) / parameter_count(build(RECIPES[DEFAULT]))
    assert TEACHER.change.startswith("Eight times")
    assert times == pytest.approx(8, rel=0.02)
