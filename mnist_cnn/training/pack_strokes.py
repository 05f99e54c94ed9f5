"""Make ``strokes/strokes.npz``: ``python -m mnist_cnn.training.pack_strokes --data FOLDER``.

``FOLDER`` holds ``pendigits/pendigits-orig.tra``, and the UNIPEN characters as ``unipen/digits.jsonl.gz`` and
``unipen/others.jsonl.gz``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from mnist_cnn.drawing.unipen import Drawing, read_unipen
from mnist_cnn.training.stroke_data import PACKED, TABLET, is_held_out, pack, read_json_lines, save_packed

TOLERANCE = 1.5
"""Of the longer side's 255 units: a tenth of a pixel of the network's image."""


def read_all(folder: Path) -> dict[str, list[Drawing]]:
    """The drawings of each file in ``folder``. Raises ``OSError`` or ``ValueError`` for one that cannot be used."""
    tablet = [
        replace(drawing, writer=f"{TABLET}{drawing.writer}")
        for drawing in read_unipen(folder / "pendigits" / "pendigits-orig.tra")
    ]
    unipen = {name: read_json_lines(folder / "unipen" / name) for name in ("digits.jsonl.gz", "others.jsonl.gz")}
    return {"pendigits-orig.tra": tablet, **unipen}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns 0 if the file is written, 2 if the data cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds pendigits/ and unipen/")
    parser.add_argument("--out", type=Path, default=PACKED, help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        parts = read_all(options.data)
        packed = pack([drawing for part in parts.values() for drawing in part], TOLERANCE)
        save_packed(options.out, packed)
    except (OSError, ValueError) as error:
        print(f"pack_strokes: {error}", file=sys.stderr)
        return 2
    for name, part in parts.items():
        writers = {drawing.writer for drawing in part}
        print(f"{name:20}{len(part):7,} drawings by {len(writers)} writers, {sum(map(is_held_out, writers))} held out")
    size = options.out.stat().st_size
    print(f"{options.out}: {len(packed):,} drawings, {len(packed.points):,} points, {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
