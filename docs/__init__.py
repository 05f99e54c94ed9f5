"""The documents, their pictures, and the modules that make the pictures."""

from mnist_cnn.console import print_everywhere

print_everywhere()
