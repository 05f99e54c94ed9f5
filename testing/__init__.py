"""What tests, benchmarks and documentation share.

``servers`` starts the app, ``visitor`` opens it in a browser and draws on it. ``pen_digits`` has twenty digits;
``photographs`` and ``rows`` put such digits on photographed paper, or side by side. ``documents`` reads the Markdown files.
"""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The repository."""

os.environ["no_proxy"] = "*"  # what is tested is on this machine, where a company's proxy does not reach
