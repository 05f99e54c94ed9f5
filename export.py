"""Write the demo as a static page for any file server: ``python export.py --iteration 5 --out dist``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mnist_cnn import checkpoint
from mnist_cnn.recipes import DEFAULT_ITERATION, ITERATIONS
from page.static import static_page


def main(arguments: list[str] | None = None) -> int:
    """Write the page; returns 2 when that fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--iteration",
        type=int,
        choices=ITERATIONS,
        default=DEFAULT_ITERATION,
        help="iteration whose network is exported (default: %(default)s)",
    )
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder for the page (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        files = static_page(ITERATIONS[options.iteration].name)
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
    print(
        f"{options.out}: {len(files)} files, {size / 1000:.0f} KB. To see the page: python -m http.server -d {options.out}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
