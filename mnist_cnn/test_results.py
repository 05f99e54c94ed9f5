"""A network's answers to MNIST's test digits: the confusion matrix, and every misclassified digit with its image.

``train.py`` writes them beside the weights, so that the page needs no data set; ``python -m mnist_cnn.test_results
weights/5-pen`` recomputes them.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from mnist_cnn import checkpoint
from mnist_cnn.checkpoint import WeightsError
from mnist_cnn.confidence import digit_probabilities
from mnist_cnn.data import DataMissingError, Dataset, default_data_dir, load_mnist, standardise
from mnist_cnn.model import CLASSES, IMAGE_SIZE

DISPUTED = frozenset(
    {947, 6651, 2462, 2597, 3558, 1621, 1901, 5937, 6783, 9729, 2654, 3520, 9679, 2130, 8527},
)
"""Test digits on whose label the human reviewers reached no majority (Northcutt, Athalye and Mueller, "Pervasive Label
Errors in Test Sets Destabilize Machine Learning Benchmarks", NeurIPS 2021; indices: github.com/cleanlab/label-errors)."""

BATCH = 1000
DECIMALS = 6
"""Decimals of a stored probability; further ones differ between machines."""


@dataclass(frozen=True)
class WrongDigit:
    """A test digit that was classified wrongly."""

    index: int  # in the test set, from 0
    label: int
    answer: int
    answer_probability: float
    label_probability: float
    levels: bytes  # 784 grey levels, row by row, bright ink on 0


@dataclass(frozen=True)
class Answers:
    """A network's answers to a whole test set."""

    counts: tuple[tuple[int, ...], ...]  # a confusion matrix: one row per label, one column per answer
    wrong: tuple[WrongDigit, ...]  # in the order of the test set

    @property
    def digits(self) -> int:
        """The number of digits in the test set."""
        return sum(map(sum, self.counts))

    def to_json(self) -> dict[str, Any]:
        """Plain values from which ``from_json`` restores equal answers."""
        wrong = [{**vars(digit), "levels": base64.b64encode(digit.levels).decode()} for digit in self.wrong]
        return {"counts": [list(row) for row in self.counts], "wrong": wrong}

    @classmethod
    def from_json(cls, values: Any) -> Answers:
        """The answers whose ``to_json`` is ``values``. Raises ``ValueError``, ``TypeError`` or ``KeyError``."""
        counts = tuple(tuple(row) for row in values["counts"])
        if [len(row) for row in counts] != [CLASSES] * CLASSES:
            raise ValueError(f"counts is not {CLASSES} rows of {CLASSES}")
        if not all(type(count) is int and count >= 0 for row in counts for count in row):
            raise ValueError("counts contains something that is not a count")
        wrong = [
            WrongDigit(**{**digit, "levels": base64.b64decode(digit["levels"], validate=True)}) for digit in values["wrong"]
        ]
        answers = cls(counts, tuple(wrong))
        left = [[0 if label == answer else count for answer, count in enumerate(row)] for label, row in enumerate(counts)]
        before = -1
        for digit in wrong:
            if not all(type(each) is int for each in (digit.index, digit.label, digit.answer)):
                raise ValueError("an index or digit is not a whole number")
            if not before < digit.index < answers.digits:
                raise ValueError(f"wrong digit {digit.index} is not in order or not in the test set")
            if not (0 <= digit.label < CLASSES and 0 <= digit.answer < CLASSES):
                raise ValueError(f"wrong digit {digit.index} is not one of 0 to 9")
            if not 0 <= digit.label_probability <= digit.answer_probability <= 1:
                raise ValueError(f"the probabilities of wrong digit {digit.index} are not possible")
            if len(digit.levels) != IMAGE_SIZE**2:
                raise ValueError(f"wrong digit {digit.index} has {len(digit.levels)} pixels")
            before = digit.index
            left[digit.label][digit.answer] -= 1
        if any(map(any, left)):
            raise ValueError("counts and wrong digits do not agree")
        return answers


def answer_test_set(net: nn.Module, dataset: Dataset) -> Answers:
    """The answers of ``net`` to every digit of ``dataset``; leaves ``net`` in eval mode."""
    net.eval()
    dataset = dataset.to(next(net.parameters()).device)
    with torch.inference_mode():
        batches = [digit_probabilities(net(standardise(images))) for images in dataset.images.split(BATCH)]
    probabilities = torch.cat(batches).double().cpu()  # (N, 10)
    images, labels = dataset.images.cpu(), dataset.labels.cpu()
    answers = probabilities.argmax(dim=1)
    counts = torch.bincount(labels * CLASSES + answers, minlength=CLASSES**2).view(CLASSES, CLASSES)
    wrong = [
        WrongDigit(
            index=index,
            label=int(labels[index]),
            answer=int(answers[index]),
            answer_probability=round(float(probabilities[index, answers[index]]), DECIMALS),
            label_probability=round(float(probabilities[index, labels[index]]), DECIMALS),
            levels=images[index].numpy().tobytes(),
        )
        for index in (answers != labels).nonzero().flatten().tolist()
    ]
    return Answers(tuple(map(tuple, counts.tolist())), tuple(wrong))


def load_answers(folder: Path | str) -> Answers:
    """The answers stored in ``folder``. Raises ``WeightsError`` if they are missing or damaged."""
    path = Path(folder) / checkpoint.TEST_ANSWERS_FILE
    try:
        return Answers.from_json(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise WeightsError(
            f"{path} cannot be read ({error.strerror}); create it with python -m mnist_cnn.test_results"
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise WeightsError(f"{path} is damaged ({error}); recompute it with python -m mnist_cnn.test_results") from error


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 if all answers are written, 2 if a folder or the data cannot be used."""
    parser = argparse.ArgumentParser(description="Run networks on MNIST's test digits and store their answers.")
    parser.add_argument("folders", type=Path, nargs="+", help="weights folders")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default_data_dir(),
        help="folder that holds MNIST/raw; missing files are downloaded into it",
    )
    options = parser.parse_args(arguments)
    try:
        _, test_set = load_mnist(options.data_dir)
        for folder in options.folders:
            answers = answer_test_set(checkpoint.load(folder), test_set)
            checkpoint.write_whole({folder / checkpoint.TEST_ANSWERS_FILE: checkpoint.json_bytes(answers.to_json())})
            print(f"{folder}: {len(answers.wrong)} of {answers.digits:,} wrong")
    except (DataMissingError, WeightsError, OSError) as error:
        print(f"mnist_cnn.test_results: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
