"""Draw the pictures of training and test into this folder: ``python -m docs.figures --data-dir data``.

Learning curves come from the committed histories; confusion matrix and wrong digits from the default network's answers to
MNIST's test digits.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from mnist_cnn import checkpoint, figures
from mnist_cnn.data import default_data_dir, load_mnist, standardise
from mnist_cnn.recipes import DEFAULT, RECIPES

DOCS = Path(__file__).parent
WEIGHTS = DOCS.parent / "weights"
DPI = 110


def main() -> None:
    """Write the three pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, default=default_data_dir(), help="holds MNIST/raw")
    options = parser.parse_args()

    shipped = [name for name in RECIPES if (WEIGHTS / name / checkpoint.HISTORY).exists()]
    histories = {name: json.loads((WEIGHTS / name / checkpoint.HISTORY).read_text("utf-8")) for name in shipped}
    figures.learning_curves(histories).savefig(DOCS / "learning-curves.png", dpi=DPI)

    _, test_set = load_mnist(options.data_dir)
    net = checkpoint.load(WEIGHTS / DEFAULT)
    with torch.inference_mode():
        answers = torch.cat([net(standardise(batch)).argmax(dim=1) for batch in test_set.images.split(1000)])
    figures.confusion_matrix(test_set.labels.numpy(), answers.numpy()).savefig(DOCS / "confusion.png", dpi=DPI)
    wrong = (answers != test_set.labels).nonzero().squeeze(1)
    captions = [f"{test_set.labels[i]} read as {answers[i]}" for i in wrong]
    figures.gallery(test_set.images[wrong].numpy(), captions).savefig(DOCS / "wrong-digits.png", dpi=DPI)


if __name__ == "__main__":
    main()
