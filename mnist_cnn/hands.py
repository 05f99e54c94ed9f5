"""How a network reads people whose writing it was not trained on, as ``python -m benchmarks.hands --save`` measured it.

The figures are stored beside the weights, so that the page needs no drawings.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mnist_cnn import checkpoint
from mnist_cnn.checkpoint import WeightsError

FILE = "hands.json"
"""Name of the file beside a network's weights."""
CLEAR = "letters without OoIlSsZzqbB"
"""A kind of ``Hands.others``, each taken for one character, as are the next three."""
CLEAR_IN_PICTURES, LETTERS, SIGNS = "the same in pictures", "letters", "other signs"
CLEAR_ON_PAD, CLEAR_IN_UPLOADS = "the same, as the pad reads", "in pictures, as uploads are"
"""The clear letters where nobody says that each is one character: their strokes are grouped, and their pictures divided."""
WRITTEN = CLEAR, CLEAR_IN_PICTURES, LETTERS, SIGNS, CLEAR_ON_PAD, CLEAR_IN_UPLOADS
"""The kinds of ``Hands.others`` that people wrote; the rest are what visitors draw first."""
DECIMALS = 2
"""Decimals of a stored percentage; further ones differ between machines."""


@dataclass(frozen=True)
class Digits:
    """How the digits of one group of people are read; shares in percent."""

    n: int
    right: float  # read correctly and in one piece
    refused: float  # taken for something that is not a digit
    unsure: float
    split: float  # taken for several digits
    calibration_error: float  # expected calibration error
    writers: tuple[float, ...]  # the share that is right, per writer, in ascending order; empty where they are not known

    @property
    def worst_tenth(self) -> float:
        """The mean over the tenth of the writers (rounded up) whose digits are read least often, in percent."""
        worst = self.writers[: math.ceil(len(self.writers) / 10)]
        return sum(worst) / len(worst)

    @property
    def writers_mean(self) -> float:
        """The mean over the writers, in percent."""
        return sum(self.writers) / len(self.writers)


@dataclass(frozen=True)
class Others:
    """How drawings of one kind that are not digits are read; shares in percent."""

    n: int
    refused: float
    unsure: float


@dataclass(frozen=True)
class Hands:
    """All figures of one network."""

    digits: dict[str, Digits]  # "mnist", "unipen", "tablet"
    others: dict[str, Others]  # kinds of letters and signs

    def to_json(self) -> dict[str, Any]:
        """Plain values from which ``from_json`` restores equal figures, if those are rounded."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return values

    @classmethod
    def from_json(cls, values: Any) -> Hands:
        """The figures whose ``to_json`` is ``values``. Raises ``ValueError``, ``TypeError`` or ``KeyError``."""
        digits = {name: Digits(**{**row, "writers": tuple(row["writers"])}) for name, row in values["digits"].items()}
        others = {name: Others(**row) for name, row in values["others"].items()}
        if missing := [name for name in WRITTEN if name not in others]:
            raise ValueError(f"it lacks {', '.join(missing)}")
        if len(others) == len(WRITTEN):
            raise ValueError("it lacks what visitors draw first")
        if not any(row.writers for row in digits.values()):
            raise ValueError("it has no writers")
        rows: list[Digits | Others] = [*digits.values(), *others.values()]
        for row in rows:
            shares = [each for name, each in vars(row).items() if name not in {"n", "writers"}]
            if type(row.n) is not int or row.n < 1:
                raise ValueError("n is not a number of drawings")
            if not all(0 <= share <= 100 for share in [*shares, *getattr(row, "writers", ())]):
                raise ValueError("a share is not between 0 and 100 %")
        return cls(digits, others)


def load_hands(folder: Path | str) -> Hands | None:
    """The figures in ``folder``; ``None`` if it has none. Raises ``WeightsError`` if they are damaged."""
    path = Path(folder) / FILE
    try:
        return Hands.from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}); fetch it again") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WeightsError(f"{path} is damaged ({error}); run python -m benchmarks.hands --save") from error


def save_hands(folder: Path, hands: Hands) -> None:
    """Write the figures, rounded to ``DECIMALS``, into ``folder``."""
    rounded = json.loads(json.dumps(hands.to_json()), parse_float=lambda text: round(float(text), DECIMALS))
    checkpoint.write_whole({folder / FILE: checkpoint.json_bytes(rounded)})
