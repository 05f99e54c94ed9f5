"""What a network is worth on a data set, and batch norm's statistics of images as they are."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from mnist_cnn.data import Dataset, standardise
from mnist_cnn.model import CLASSES

EVALUATION_BATCH = 1000


def evaluate(net: nn.Module, dataset: Dataset) -> tuple[float, float]:
    """Mean loss in nats per image and accuracy in percent of ``net`` on the digits of ``dataset``.

    The answer is the most likely digit, even where an eleventh output is more likely. Leaves ``net`` in eval mode.
    """
    net.eval()
    loss, correct = 0.0, 0
    batches = zip(dataset.images.split(EVALUATION_BATCH), dataset.labels.split(EVALUATION_BATCH), strict=True)
    with torch.inference_mode():
        for images, labels in batches:
            log_probs = net(standardise(images))
            loss += F.nll_loss(log_probs, labels, reduction="sum").item()
            correct += int((log_probs[:, :CLASSES].argmax(dim=1) == labels).sum())
    return loss / len(dataset), 100 * correct / len(dataset)


@torch.no_grad()
def recompute_bn_stats(net: nn.Module, dataset: Dataset) -> None:
    """Set batch norm's running means and variances to those of ``dataset``, whose images are not augmented.

    The running ones come from augmented images. Every process computes all of them, so that they agree.
    """
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    net.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # all batches have equal weight
        norm.train()
    for images in dataset.images.split(EVALUATION_BATCH):
        net(standardise(images))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    net.eval()
