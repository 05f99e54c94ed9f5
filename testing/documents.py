"""Tables, links and headings of the Markdown documents."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from testing import ROOT

README = ROOT / "README.md"
RESULTS = ROOT / "docs" / "results.md"
DOCUMENTS = (
    README,
    ROOT / "CONTRIBUTING.md",
    ROOT / "weights" / "README.md",
    ROOT / "weights" / "LOG.md",
    ROOT / "strokes" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)


def table(path: Path, label: str) -> list[dict[str, str]]:
    """The rows of the table below the comment ``<!-- label: … -->`` in ``path``: cells by column heading.

    Raises ``LookupError`` when ``path`` has no such table.
    """
    found = re.search(rf"^<!-- {label}: [^\n]*-->\n((?:\|[^\n]*\n)+)", path.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"{path} has no table '{label}'")
    heading, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines())
    return [dict(zip(heading, row, strict=True)) for row in rows]


def anchors(path: Path) -> list[str]:
    """The anchors of the headings of ``path``, as GitHub and Hugging Face make them."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def links(path: Path) -> list[tuple[str, str]]:
    """File (empty: ``path`` itself) and anchor (empty: none) of the links in ``path`` that stay in the repository."""
    return re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", path.read_text("utf-8"))


def mean_and_deviation(values: list[float]) -> str:
    """``values`` as the documents print them: mean ± standard deviation, or the only one."""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"
