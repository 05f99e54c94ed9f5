"""The state of an unfinished training: one safetensors file, replaced whole after every epoch.

It holds the network, its moving average and the optimisers' states, bit for bit. It needs no state of the random number
generators, because the random numbers of an epoch depend on the seed and the epoch alone. It is read into memory as a whole:
Windows does not replace a file that is mapped.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from mnist_cnn.checkpoint import write_whole
from mnist_cnn.snapshots import Moment, Snapshots

HEAD = 8
"""Bytes of a safetensors file that hold the length of its header, which is JSON and comes next."""


class StateError(RuntimeError):
    """The saved state of a training cannot be used; the message says why."""


def save_state(
    path: Path,
    modules: list[nn.Module],
    optimizers: list[torch.optim.Optimizer],
    about: dict[str, Any],
    snapshots: Snapshots | None = None,
) -> None:
    """Write everything that the next epoch depends on; ``about`` (plain JSON values) describes the training."""
    tensors: dict[str, Tensor] = {}
    for number, module in enumerate(modules):
        for name, tensor in module.state_dict().items():
            tensors[f"module {number} {name}"] = tensor.detach().cpu().contiguous()
    for number, optimizer in enumerate(optimizers):
        for index, memory in optimizer.state_dict()["state"].items():
            for name, tensor in memory.items():
                tensors[f"optimizer {number} {index} {name}"] = tensor.detach().cpu().contiguous()
    kept = Snapshots() if snapshots is None else snapshots
    for number, weights in enumerate(kept.weights):
        tensors[f"snapshot {number}"] = torch.from_numpy(weights.copy())
    whole = {**about, "moments": [asdict(moment) for moment in kept.moments]}
    write_whole({path: save_tensors(tensors, metadata={"about": json.dumps(whole)})})


def read_about(path: Path) -> dict[str, Any]:
    """The description that ``save_state`` stored in ``path``. Raises ``StateError`` if the file is damaged."""
    try:
        content = path.read_bytes()
        load_tensors(content)  # finds what is cut off
        head = json.loads(content[HEAD : HEAD + int.from_bytes(content[:HEAD], "little")])
        about: dict[str, Any] = json.loads(head["__metadata__"]["about"])
        return about
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise StateError(f"{path} is damaged ({error}); delete it to start again") from error


def check_state(path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """The whole description stored in ``path``, after checking that it agrees with ``about``.

    Raises ``StateError`` if the file is damaged or belongs to another training.
    """
    found = read_about(path)
    different = [name for name in about if found.get(name) != about[name]]
    if different:
        raise StateError(f"{path} belongs to another training (different {', '.join(different)}); delete it to start again")
    return found


@torch.no_grad()
def load_state(
    path: Path, modules: list[nn.Module], optimizers: list[torch.optim.Optimizer], snapshots: Snapshots | None = None
) -> None:
    """Load the state at ``path`` into newly built ``modules`` and ``optimizers``, and into empty ``snapshots``.

    Raises ``StateError`` if the file is damaged or belongs to other modules.
    """
    try:
        tensors = load_tensors(path.read_bytes())
        for number, module in enumerate(modules):
            start = f"module {number} "
            module.load_state_dict({k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)})
        for number, optimizer in enumerate(optimizers):
            parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
            state: dict[int, dict[str, Tensor]] = {}
            for name, tensor in tensors.items():
                kind, owner, *rest = name.split(" ")
                if kind == "optimizer" and int(owner) == number:
                    index, key = int(rest[0]), rest[1]
                    if tensor.shape == parameters[index].shape:
                        # in the parameter's memory format, as the optimiser created it
                        tensor = torch.empty_like(parameters[index]).copy_(tensor)
                    state.setdefault(index, {})[key] = tensor
            optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        if snapshots is not None:
            snapshots.moments = [Moment(**moment) for moment in read_about(path)["moments"]]
            snapshots.weights = [tensors[f"snapshot {number}"].numpy() for number in range(len(snapshots.moments))]
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, IndexError, TypeError) as error:
        raise StateError(f"{path} does not fit this training ({error}); delete it to start again") from error
