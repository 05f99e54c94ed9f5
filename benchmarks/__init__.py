"""Measurements, each a command: ``python -m benchmarks.NAME`` prints a table and, as its last line, one JSON object."""

from mnist_cnn.console import print_everywhere

print_everywhere()
