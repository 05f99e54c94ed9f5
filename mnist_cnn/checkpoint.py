"""Saving and loading a weights folder.

It holds ``config.json`` (the recipe), ``model.safetensors`` (the network), ``history.json`` (its training) and
``test_answers.json`` (its answers to the test digits).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import nn

from mnist_cnn.model import build
from mnist_cnn.recipes import Recipe

SHIPPED = Path(__file__).parents[1] / "weights"
"""The weights folders that come with the project, one per recipe."""
CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
HISTORY_FILE, TEST_ANSWERS_FILE = "history.json", "test_answers.json"


class WeightsError(ValueError):
    """A weights folder cannot be used; the message names the file and what is wrong with it."""


def save(
    folder: Path,
    net: nn.Module,
    recipe: Recipe,
    history: dict[str, Any],
    answers: dict[str, Any] | None = None,
    others: Mapping[str, bytes] = MappingProxyType({}),
) -> None:
    """Write the files of ``folder``. If anything fails before all are on disk, the old files are kept.

    Without ``answers``, the network has not been given the test digits, and an earlier network's answers are deleted.
    ``others`` are further files by name. Raises ``OSError``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in net.state_dict().items()}
    contents = {
        CONFIG_FILE: json_bytes(recipe.to_json()),
        WEIGHTS_FILE: save_tensors(state, metadata={"format": "pt"}),
        HISTORY_FILE: json_bytes(history),
    }
    if answers is not None:
        contents[TEST_ANSWERS_FILE] = json_bytes(answers)
    write_whole({folder / name: content for name, content in {**contents, **others}.items()})
    if answers is None:
        (folder / TEST_ANSWERS_FILE).unlink(missing_ok=True)


def write_whole(contents: dict[Path, bytes]) -> None:
    """Write every file to a temporary one beside it, and rename them once all are on disk.

    If anything fails before that, the old files are kept; only a power failure between two renames can mix old and new.
    Raises ``OSError`` with the path and the reason.
    """
    temporary = {path: path.with_name(f"{path.name}.tmp") for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary[path], "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in contents:
            os.replace(temporary[path], path)
    except OSError as error:
        raise OSError(f"{path} cannot be written ({error.strerror}); the old file is kept") from error
    finally:
        for file_left in temporary.values():
            file_left.unlink(missing_ok=True)


def load(folder: Path | str) -> nn.Sequential:
    """The network of ``folder`` in eval mode, on the CPU, built from the folder alone.

    Raises ``WeightsError`` if a file is missing or damaged, if the weights belong to another network, or if they contain a
    value that is not finite.
    """
    folder = Path(folder)
    recipe = load_recipe(folder)
    path = folder / WEIGHTS_FILE
    try:
        state = load_tensors(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path} cannot be read ({error}); download or train it again") from error
    try:
        with torch.device("meta"):  # shapes only, so that no size given in a file can exhaust the memory
            expected = build(recipe).state_dict()
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        raise WeightsError(f"{folder / CONFIG_FILE} does not describe a network ({error})") from error
    for name in dict.fromkeys([*expected, *state]):  # in a fixed order, so that the message is always the same
        if name not in state:
            raise WeightsError(f"{path} lacks '{name}', which the network of {CONFIG_FILE} has")
        if name not in expected:
            raise WeightsError(f"{path} contains '{name}', which the network of {CONFIG_FILE} does not have")
        if state[name].shape != expected[name].shape or state[name].dtype != expected[name].dtype:
            raise WeightsError(
                f"{path}: '{name}' is {_describe(state[name])}, "
                f"but the network of {CONFIG_FILE} needs {_describe(expected[name])}"
            )
        if not torch.isfinite(state[name]).all():
            raise WeightsError(f"{path}: '{name}' contains values that are not finite; train it again")
    net = build(recipe)
    net.load_state_dict(state)
    return net.eval()


def load_recipe(folder: Path | str) -> Recipe:
    """The recipe of ``folder``. Raises ``WeightsError`` if it is missing or damaged."""
    path = Path(folder) / CONFIG_FILE
    try:
        return Recipe.from_json(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); download or train it again") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{path} does not describe a network of this version ({error})") from error


def load_history(folder: Path | str) -> dict[str, Any]:
    """The history of ``folder``: at least one run, all with the same number of epochs, whose values are finite numbers.

    Raises ``WeightsError`` if it is missing or damaged.
    """
    path = Path(folder) / HISTORY_FILE
    try:
        history = json.loads(path.read_text("utf-8"))
        runs = history["runs"]
        lengths = {len(run["epochs"]) for run in runs}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError("its runs differ in length")
        names = runs[0]["epochs"][0].keys()
        if not {"lr", "train_loss", "test_loss", "test_accuracy"} <= names:
            raise ValueError("its epochs lack a loss, an accuracy or a learning rate")
        epochs = [epoch for run in runs for epoch in run["epochs"]]
        if not all(epoch.keys() == names and all(map(math.isfinite, epoch.values())) for epoch in epochs):
            raise ValueError("its epochs contain something that is not a number")
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); download or train it again") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise WeightsError(f"{path} is damaged ({error}); download or train it again") from error
    result: dict[str, Any] = history
    return result


def json_bytes(value: dict[str, Any]) -> bytes:
    """``value`` as the content of a JSON file."""
    return (json.dumps(value, indent=2) + "\n").encode()


def _describe(tensor: torch.Tensor) -> str:
    return f"{tuple(tensor.shape)} of {tensor.dtype}"
