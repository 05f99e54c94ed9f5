"""Write the demo as a page that needs no server: ``python export.py --out dist``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mnist_cnn import checkpoint
from mnist_cnn.console import path, print_everywhere
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from page.static import static_page


def main(arguments: list[str] | None = None) -> int:
    """Write the page; returns 2 when that fails."""
    print_everywhere()
    parser = argparse.ArgumentParser(description=__doc__)
    network = parser.add_mutually_exclusive_group()
    network.add_argument(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="iteration whose shipped network is exported (default: %(default)s)",
    )
    network.add_argument("--weights", type=path, metavar="FOLDER", help="export a network that train.py --out FOLDER wrote")
    parser.add_argument("--out", type=path, default=Path("dist"), help="folder for the page (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        files = static_page(options.weights or ITERATIONS[options.iteration].name)
        if options.out.is_dir() and any(options.out.iterdir()) and not (options.out / "network.json").exists():
            raise FileExistsError("it holds other files")
        options.out.mkdir(parents=True, exist_ok=True)
        checkpoint.write_whole({options.out / name: content for name, content in files.items()})
    except checkpoint.WeightsError as error:
        print(f"export.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"export.py: {options.out} cannot be written ({error}); choose another folder with --out", file=sys.stderr)
        return 2
    size = sum(len(content) for content in files.values())
    print(f"{options.out}: {len(files)} files, {size / 1000:.0f} KB. To see the page, open {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
