"""Draw the pictures of training and test into this folder: ``python -m docs.figures``.

Learning curves come from the committed histories; confusion matrix and wrong digits from the default network's committed
answers to MNIST's test digits.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mnist_cnn import checkpoint, figures
from mnist_cnn.answers import load_answers
from mnist_cnn.model import IMAGE_SIZE
from mnist_cnn.recipes import DEFAULT, RECIPES

DOCS = Path(__file__).parent
WEIGHTS = DOCS.parent / "weights"
DPI = 110


def main() -> None:
    """Write the three pictures."""
    shipped = [name for name in RECIPES if (WEIGHTS / name / checkpoint.HISTORY).exists()]
    histories = {name: checkpoint.load_history(WEIGHTS / name) for name in shipped}
    figures.learning_curves(histories).savefig(DOCS / "learning-curves.png", dpi=DPI)

    answers = load_answers(WEIGHTS / DEFAULT)
    figures.confusion_matrix(np.array(answers.counts)).savefig(DOCS / "confusion.png", dpi=DPI)
    images = np.stack([np.frombuffer(digit.levels, np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE) for digit in answers.wrong])
    captions = [f"{digit.label} read as {digit.answer}" for digit in answers.wrong]
    figures.gallery(images, captions).savefig(DOCS / "wrong-digits.png", dpi=DPI)


if __name__ == "__main__":
    main()
