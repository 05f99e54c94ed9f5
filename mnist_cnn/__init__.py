"""Small convolutional networks for handwritten digits. In reading order:

- ``recipes``, ``model``: the iterations, each the previous one plus one change, and the network built from a recipe
- ``receptive_field``, ``stages``: the layer table of a network: sizes, receptive fields, parameters; the layers in stages
- ``data``, ``checkpoint``: MNIST as tensors; the folders in ``weights/``
- ``drawing``: a picture or pen strokes → 28×28 grey levels like MNIST's, one image per digit
- ``confidence``, ``predict``: how certain an answer is, and whether the drawing is a digit at all; picture → answer
- ``orientation``: whether what is not a digit would be one if it were mirrored or turned
- ``test_results``, ``hands``: the answers to MNIST's test digits; how people are read whom the network has not seen
- ``ablation``, ``play``: a network without some of its channels; the command that measures what the page plays with
- ``features``, ``teach``: the numbers that the last layer weighs; that layer fitted to a few drawings of one person
- ``console``, ``malloc``: command lines on consoles of all kinds; what is done with memory that is freed
- ``browser_format``: a network as JSON and float32 for the browser
- ``training``: how a network learns, and from what: MNIST, the pen strokes in ``strokes/``, and ``non_digits``
- ``calibration``: how ``confidence`` is fitted, for networks with eleven outputs and with ten

``training`` and ``calibration`` are not part of a Space: nothing that the page imports needs them.
"""

import os

# Read when torch is loaded: on Apple GPUs, the processor does what the GPU cannot
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
