"""The figures that the seed document (the original assignment) gives for its iterations."""

from __future__ import annotations

from dataclasses import dataclass

from mnist_cnn.receptive_field import Row


@dataclass(frozen=True)
class Printed:
    """Figures as printed; accuracies in percent."""

    parameters: tuple[int, ...]  # more than one where the document disagrees with itself
    receptive_fields: dict[str, int]  # by layer name
    train_accuracy: float
    test_accuracy: float


_RECEPTIVE_FIELDS = {
    "conv1": 3,
    "conv2": 5,
    "conv3": 7,
    "pool1": 8,
    "conv4": 8,
    "conv5": 12,
    "pool2": 14,
    "conv6": 14,
    "conv7": 18,
}
_PARAMETERS_2 = (19_418, 19_300)
PRINTED: dict[str, Printed] = {
    "1-plain": Printed((19_146,), _RECEPTIVE_FIELDS, 98.59, 99.16),
    "2-batchnorm-dropout": Printed(_PARAMETERS_2, _RECEPTIVE_FIELDS, 98.92, 99.3),
    "3-steplr10": Printed(_PARAMETERS_2, _RECEPTIVE_FIELDS, 99.02, 99.4),
    "4-steplr5": Printed(_PARAMETERS_2, _RECEPTIVE_FIELDS, 99.1, 99.41),
}

LOG_OF_4 = ((92.21, 97.22), (97.38, 98.68), (97.83, 98.31), (98.12, 98.89), (98.26, 99.15), (98.67, 99.41))
"""What the document prints of iteration 4, epoch by epoch: accuracy in training and on the test digits, in percent."""


def differences(printed: Printed, rows: list[Row]) -> list[str]:
    """One sentence for each number in the layer table ``rows`` that differs from the document."""
    sentences = []
    total = sum(row.params for row in rows)
    batch_norm = sum(row.params for row in rows if row.name.startswith("bn"))
    wrong = [f"{count:,}" for count in printed.parameters if count != total]
    if wrong:
        reason = (
            f": {total - batch_norm:,} without batch norm, and {batch_norm:,} in the batch norm layers" if batch_norm else ""
        )
        given = " and ".join(wrong)
        sentences.append(f"This network has {total:,} parameters{reason}. The original assignment gives {given}.")
    jump_before = 1
    for row in rows:
        field = printed.receptive_fields.get(row.name)
        if field is not None and field != row.receptive_field and row.kernel is not None:
            before = row.receptive_field - (row.kernel - 1) * jump_before
            sentences.append(
                f"The receptive field of {row.name} is {row.receptive_field}×{row.receptive_field}: "
                f"{before} + ({row.kernel} − 1) × jump {jump_before}. "
                f"The original assignment gives {field}×{field}, the value for a jump of "
                f"{(field - before) // (row.kernel - 1)}."
            )
        jump_before = row.jump or jump_before
    return sentences
