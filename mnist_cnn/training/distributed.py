"""Training in several processes, started by torchrun: ranks and collective operations.

The processes use gloo on CPUs and NCCL on GPUs. Without torchrun there is one process, of rank 0, and nothing to exchange.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch import nn


def is_started_by_torchrun() -> bool:
    """Whether this process is one of several, or the only one, that torchrun has started."""
    return "RANK" in os.environ


def start(device: torch.device) -> None:
    """Join the other processes, if torchrun has started this one."""
    if is_started_by_torchrun():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")


def stop() -> None:
    """Leave the other processes; does nothing in a single process."""
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def local_rank() -> int:
    """The number of this process among those on the same machine, from 0; known before ``start``."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main() -> bool:
    """Whether this is rank 0, the process that prints and writes files."""
    return rank() == 0


def world_size() -> int:
    """The number of processes on all machines."""
    return dist.get_world_size() if dist.is_initialized() else 1


def barrier() -> None:
    """Wait until every process has reached this point."""
    if dist.is_initialized():
        dist.barrier()


@contextmanager
def first_on_each_machine() -> Iterator[None]:
    """Run the block in the first process of each machine, and only then in the others."""
    if local_rank() > 0:
        barrier()
    yield
    if local_rank() == 0:
        barrier()


def broadcast_parameters(net: nn.Module) -> None:
    """Give every process the parameters of rank 0: the same seed gives the same weights only on identical machines."""
    if world_size() > 1:
        for parameter in net.parameters():
            dist.broadcast(parameter.data, src=0)


def average_gradients(net: nn.Module) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    if world_size() == 1:
        return
    gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= world_size()
    for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def average_buffers(modules: Iterable[nn.Module]) -> None:
    """Replace every floating-point buffer by its mean over the processes: each has seen its own share of the images."""
    if world_size() == 1:
        return
    for module in modules:
        for buffer in module.buffers():
            if buffer.is_floating_point():
                dist.all_reduce(buffer)
                buffer /= world_size()


def total(values: list[float], device: torch.device) -> list[float]:
    """The sums of ``values`` over the processes."""
    if world_size() == 1:
        return values
    sums = torch.tensor(values, dtype=torch.float64, device=device)
    dist.all_reduce(sums)
    found: list[float] = sums.tolist()
    return found


def all_equal(number: int, device: torch.device) -> bool:
    """Whether ``number`` is the same in all processes."""
    if world_size() == 1:
        return True
    most, least = (torch.tensor([value], device=device) for value in (number, -number))
    dist.all_reduce(most, dist.ReduceOp.MAX)
    dist.all_reduce(least, dist.ReduceOp.MAX)
    return int(most) == -int(least)
