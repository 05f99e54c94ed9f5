"""The training loop and the evaluation.

Started by torchrun, every process trains on its share of each batch and the gradients are averaged over all of them
(``torch.distributed``: gloo on processors, NCCL on GPUs), so that the processes hold equal weights throughout.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Generator, Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import build
from mnist_cnn.recipes import Augmentation, Recipe, learning_rate
from mnist_cnn.training.augment import augment, milder
from mnist_cnn.training.optimizers import Muon
from mnist_cnn.training.resume import StateError, load_state, read_about, save_state

Precision = Literal["fp32", "bf16"]

EVALUATION_BATCH = 1000
BATCHES_AT_ONCE = 4
"""So many batches are changed together: the changes are many small steps, and so they take a quarter to a half less time."""
BATCHES_A_REPORT = 25
"""The progress bar's loss is read off the device only this often: reading it makes a GPU wait."""
BATCHES_AN_AVERAGE = 4
"""The moving average of the weights takes a step only this often, with the decay of all the steps between."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h

IN_BLOCKS = nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.AvgPool2d
"""What oneDNN trains in its own layout, in blocks of channels."""

MEMORY_AT_FIRST = 9
"""Averages taken until the moving average weighs the past nine to one; a short training would else keep its start."""


class DivergedError(RuntimeError):
    """The loss is no longer a number; the message names epoch and batch."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave: losses in nats per image, accuracies in percent, the training's own on augmented images."""

    epoch: int  # counted from 1
    lr: float  # in the middle of the epoch
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float  # training alone


def keep_freed_memory() -> None:
    """Tell glibc to keep large blocks when they are freed, for the whole process; elsewhere nothing happens.

    It would give them back to the system at once and, in the next step, get them anew page by page: up to a third of a step.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, 2**30)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def native_precision(device: torch.device) -> Precision:
    """``bf16`` where ``device`` multiplies bfloat16 in hardware, else ``fp32``."""
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    # private, but the only places where torch tells; absent on processors they do not concern
    names = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    checks = (getattr(torch.cpu, name, None) for name in names)
    return "bf16" if any(check() for check in checks if check is not None) else "fp32"


def evaluate(net: nn.Module, dataset: Dataset) -> tuple[float, float]:
    """Mean loss in nats per image and accuracy in percent of ``net``, put into eval mode, on ``dataset``."""
    net.eval()
    loss, correct = 0.0, 0
    batches = zip(dataset.images.split(EVALUATION_BATCH), dataset.labels.split(EVALUATION_BATCH), strict=True)
    with torch.inference_mode():
        for images, labels in batches:
            log_probs = net(standardise(images))
            loss += F.nll_loss(log_probs, labels, reduction="sum").item()
            correct += int((log_probs.argmax(dim=1) == labels).sum())
    return loss / len(dataset), 100 * correct / len(dataset)


def train(
    recipe: Recipe,
    train_set: Dataset,
    test_set: Dataset,
    *,
    seed: int,
    epochs: int,
    precision: Precision,
    device: torch.device | None = None,
    state: Path | None = None,
    resume: bool = False,
) -> tuple[nn.Sequential, list[Epoch]]:
    """Train the network of ``recipe`` and return it as the last epoch left it, with one record an epoch.

    Prints a progress bar and a line of test figures an epoch. The test set is looked at, never chosen by.
    ``precision`` is that of the convolutions; weights and loss are always float32. With ``state``, that file holds the
    training after every epoch, and ``resume`` goes on from it when it is there.
    Raises ``DivergedError`` when a loss is not a number and ``StateError`` when ``state`` is of another training.
    """
    device = device or torch.device("cpu")
    keep_freed_memory()
    labels = torch.cat([train_set.labels, test_set.labels]).cpu().numpy().tobytes()
    train_set, test_set = train_set.to(device), test_set.to(device)
    torch.manual_seed(seed)
    net = build(recipe).to(device).to(memory_format=torch.channels_last)
    if _world() > 1:  # the same seed makes the same weights only on the same kind of machine
        for parameter in net.parameters():
            dist.broadcast(parameter.data, src=0)
    optimizers = _optimizers(net, recipe)
    average: AveragedModel | None = None
    if recipe.ema_decay:
        average = AveragedModel(net, multi_avg_fn=_moving_average(recipe.ema_decay), use_buffers=True)
    modules: list[nn.Module] = [net] if average is None else [net, average]
    history: list[Epoch] = []

    about = {
        "recipe": recipe.to_json(),
        "seed": seed,
        "epochs": epochs,
        "precision": precision,
        "device": device.type,
        "processes": _world(),
        "data": hashlib.sha256(labels).hexdigest(),
    }
    if state is not None and resume and state.exists():
        found = read_about(state)
        wrong = [name for name in about if found.get(name) != about[name]]
        if wrong:
            raise StateError(f"{state} is of a training with another {' and '.join(wrong)}; delete it to start again")
        load_state(state, modules, optimizers)
        history = [Epoch(**epoch) for epoch in found["history"]]
        if _rank() == 0:
            print(f"Going on after epoch {len(history)} of {epochs}")
    if state is not None and not _all_processes_have(len(history), device):
        raise StateError(f"not every machine has {state}; copy it to all of them, or delete it to start again")

    for epoch in range(len(history), epochs):
        start = time.perf_counter()
        train_loss, train_accuracy = _train_epoch(
            net, average, optimizers, recipe, train_set, seed=seed, epoch=epoch, epochs=epochs, precision=precision
        )
        seconds = round(time.perf_counter() - start, 2)
        trained = net if average is None else average.module
        if recipe.recompute_bn_stats and epoch == epochs - 1:
            _count_statistics(trained, train_set)
        test_loss, test_accuracy = evaluate(trained, test_set)
        if not math.isfinite(test_loss):
            raise DivergedError(f"the test loss is {test_loss} after epoch {epoch + 1}; a lower learning rate may help")
        lr = learning_rate(recipe, epoch + 0.5, epochs=epochs)
        history.append(Epoch(epoch + 1, lr, train_loss, train_accuracy, test_loss, test_accuracy, seconds))
        if _rank() == 0:
            correct = round(test_accuracy * len(test_set) / 100)
            print(
                f"Test set: average loss {test_loss:.4f} nats per image, "
                f"accuracy {correct}/{len(test_set)} ({test_accuracy:.2f} %)",
                flush=True,
            )
            if state is not None:
                save_state(state, modules, optimizers, {**about, "history": [asdict(each) for each in history]})
    result: Any = net if average is None else average.module
    return result, history


Tensors = list[Tensor] | tuple[Tensor, ...]


def _moving_average(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """How ``AveragedModel`` mixes the weights in: with ``decay`` a batch, and less while there is little to remember."""

    def mix(averaged: Tensors, current: Tensors, count: Tensor | int) -> None:
        if averaged[0].is_floating_point():  # counters have no mean
            keep = min(decay**BATCHES_AN_AVERAGE, int(count) / (int(count) + MEMORY_AT_FIRST))
            torch._foreach_lerp_(averaged, current, 1 - keep)

    return mix


@torch.no_grad()
def _count_statistics(net: nn.Module, dataset: Dataset) -> None:
    """Set batch norm's running means and variances to those of ``dataset``, unchanged as images in use are.

    The running ones are those of digits that were bent and written anew. All processes count everything, so that they agree.
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    net.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # all batches count alike
        norm.train()
    for images in dataset.images.split(EVALUATION_BATCH):
        net(standardise(images))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    net.eval()


def _optimizers(net: nn.Sequential, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """The optimisers of ``recipe``; each group remembers its highest learning rate as ``peak``."""
    betas = (0.9, recipe.beta2)
    if recipe.optimizer == "adam":
        optimizers: list[torch.optim.Optimizer] = [
            torch.optim.Adam([_in_one_piece(net.parameters())], lr=recipe.learning_rate, betas=betas, fused=True)
        ]
    else:
        # the first convolution's rows are single 3×3 patches: nothing to make orthogonal
        convolutions = [p for name, p in net.named_parameters() if p.ndim == 4 and name != "conv1.weight"]
        chosen = {id(parameter) for parameter in convolutions}
        rest = _in_one_piece(parameter for parameter in net.parameters() if id(parameter) not in chosen)
        optimizers = [
            Muon(convolutions, lr=recipe.muon_learning_rate, weight_decay=recipe.weight_decay),
            torch.optim.Adam([rest], lr=recipe.learning_rate, betas=betas, fused=True),
        ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def _in_one_piece(parameters: Iterable[nn.Parameter]) -> Tensor:
    """One flat tensor with a gradient, of which all ``parameters`` and their gradients are parts from now on.

    So a step of Adam is one step, not one a parameter. The gradients must be set to zero in place.
    """
    parts = list(parameters)
    # as_strided: a convolution's weight keeps its memory format
    whole = torch.cat([part.detach().as_strided((part.numel(),), (1,)) for part in parts])
    whole.grad = torch.zeros_like(whole)
    sizes = [part.numel() for part in parts]
    for part, values, gradient in zip(parts, whole.split(sizes), whole.grad.split(sizes), strict=True):
        shape, stride = part.shape, part.stride()
        part.data, part.grad = values.as_strided(shape, stride), gradient.as_strided(shape, stride)
    return whole


def _augmented(
    dataset: Dataset, batches: list[Tensor], how: Augmentation | None, generator: Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Images, changed as ``how`` says, and labels of every batch of indices in ``batches``."""
    for first in range(0, len(batches), BATCHES_AT_ONCE):
        some = batches[first : first + BATCHES_AT_ONCE]
        chosen, sizes = torch.cat(some), [len(batch) for batch in some]
        labels = dataset.labels[chosen]
        images = augment(dataset.images[chosen], labels, how, generator)
        yield from zip(images.split(sizes), labels.split(sizes), strict=True)


def _rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def _world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def _all_processes_have(number: int, device: torch.device) -> bool:
    """Whether ``number`` is the same in all processes."""
    if _world() == 1:
        return True
    most, least = torch.tensor([number, -number], device=device), torch.tensor([number, -number], device=device)
    dist.all_reduce(most, dist.ReduceOp.MAX)
    dist.all_reduce(least, dist.ReduceOp.MIN)
    return torch.equal(most, least)


def _average_gradients(net: nn.Module) -> None:
    """Replace every gradient by its mean over the processes, in one message."""
    gradients = [parameter.grad for parameter in net.parameters() if parameter.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, part in zip(gradients, flat.split([gradient.numel() for gradient in gradients]), strict=True):
        gradient.copy_(part.view_as(gradient))


def _forward(net: nn.Sequential, precision: Precision, device: torch.device) -> Callable[[Tensor], Tensor]:
    """The fastest way from standardised images to the log-probabilities of ``net``, with a way back for the gradients.

    On x86-64 the convolutions and what stands between them run in oneDNN's own layout, with ReLU after the max pooling that
    follows it, which is the same on fewer pixels; elsewhere pixel by pixel (channels_last).
    """
    # bfloat16's eight bits are enough for the convolutions, not for log-probabilities
    flatten = list(dict(net.named_children())).index("flatten")
    convolutions, head = list(net[:flatten]), net[flatten:]
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32

    def pixel_by_pixel(inputs: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16"):
            features = net[:flatten](inputs.contiguous(memory_format=torch.channels_last))
        log_probs: Tensor = head(features.float())
        return log_probs

    def in_blocks(inputs: Tensor) -> Tensor:
        features = inputs.to(dtype).to_mkldnn()
        for module in convolutions:
            if isinstance(module, nn.Conv2d):  # oneDNN in bfloat16 wants weights in float32, and no bias
                bias = None if precision == "bf16" else module.bias
                features = F.conv2d(features, module.weight, bias, module.stride, module.padding)
            else:
                features = module(features)
        log_probs: Tensor = head(features.to_dense().float())
        return log_probs

    known = all(isinstance(module, IN_BLOCKS) for module in convolutions)
    if device.type != "cpu" or platform.machine() not in {"x86_64", "AMD64"} or not torch.backends.mkldnn.is_available():
        known = False
    if precision == "bf16":
        biases = [module.bias for module in convolutions if isinstance(module, nn.Conv2d) and module.bias is not None]
        learned = any(bias.any() for bias in biases)  # before batch norm they are 0 and stay so
        known = known and native_precision(device) == "bf16" and not learned
    if not known:
        return pixel_by_pixel
    for number in range(1, len(convolutions)):
        if isinstance(convolutions[number - 1], nn.ReLU) and isinstance(convolutions[number], nn.MaxPool2d):
            convolutions[number - 1 : number + 1] = convolutions[number], convolutions[number - 1]
    return in_blocks


def _train_epoch(
    net: nn.Sequential,
    average: AveragedModel | None,
    optimizers: list[torch.optim.Optimizer],
    recipe: Recipe,
    train_set: Dataset,
    *,
    seed: int,
    epoch: int,
    epochs: int,
    precision: Precision,
) -> tuple[float, float]:
    """One pass over ``train_set`` in random order: mean loss in nats per image and accuracy in percent."""
    device = train_set.labels.device
    rank, world = _rank(), _world()
    # Random numbers depend on seed, epoch and process alone, so that an epoch can be repeated without those before it
    start = seed * 10_000 + epoch
    generator = Generator(device).manual_seed(start)
    order = torch.randperm(len(train_set), generator=generator, device=device)  # the same in all processes
    torch.manual_seed(start + rank * 1_000_000_000)  # dropout draws from the global state
    if rank > 0:
        generator.manual_seed(start + rank * 1_000_000_000)
    how = recipe.augmentation
    if how is not None and epoch >= epochs - how.mild_epochs:
        how = milder(how)
    net.train()
    forward = _forward(net, precision, device)
    batches = [batch.repeat(recipe.augmentation_repeats) for batch in order.split(recipe.batch_size)]
    pairs = _augmented(train_set, [batch[rank::world] for batch in batches], how, generator)
    loss_sum, right, seen = 0.0, 0, 0
    losses, answers, truths = [], [], []  # since the last report, still on the device
    with tqdm(pairs, total=len(batches), desc=f"Epoch {epoch + 1}", unit="batch", disable=rank > 0) as bar:
        for number, (images, labels) in enumerate(bar):
            progress = epoch + (number + 0.5) / len(batches)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = learning_rate(recipe, progress, epochs=epochs, peak=group["peak"])
                optimizer.zero_grad(set_to_none=False)
            log_probs = forward(standardise(images))
            loss = F.nll_loss(log_probs, labels, reduction="sum")
            (loss * (world / len(batches[number]))).backward()
            if world > 1:
                _average_gradients(net)
            for optimizer in optimizers:
                optimizer.step()
            if average is not None and (number + 1) % BATCHES_AN_AVERAGE == 0:
                average.update_parameters(net)

            losses.append(loss.detach())
            answers.append(log_probs.detach())
            truths.append(labels)
            if number % BATCHES_A_REPORT == 0 or number == len(batches) - 1:
                values = torch.stack(losses).tolist()
                for batch, value in enumerate(values, start=number + 2 - len(values)):
                    if not math.isfinite(value):
                        raise DivergedError(
                            f"the loss is not a number at epoch {epoch + 1}, batch {batch}; a lower learning rate may help"
                        )
                labelled = torch.cat(truths)
                loss_sum += sum(values)
                right += int((torch.cat(answers).argmax(dim=1) == labelled).sum())
                seen += len(labelled)
                losses, answers, truths = [], [], []
                bar.set_postfix_str(f"loss {loss_sum / seen:.4f}, accuracy {100 * right / seen:.2f} %")
    if world > 1:
        sums = torch.tensor([loss_sum, right, seen], dtype=torch.float64, device=device)
        dist.all_reduce(sums)
        loss_sum, right, seen = sums.tolist()
        for module in (net, average):  # each process has seen its own share of the images
            for buffer in [] if module is None else module.buffers():
                if buffer.is_floating_point():
                    dist.all_reduce(buffer)
                    buffer /= world
    return loss_sum / seen, 100 * right / seen
