"""Decodes an image file into a picture, within size limits."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

MAX_PIXELS = 25_000_000
"""Larger pictures are refused before they are decoded: they would exhaust the server's memory."""
MAX_JPEG_PIXELS = 64_000_000
"""The same for a JPEG, which is decoded at an eighth of its size: a telephone's 48 and 50 megapixels are below."""
_ORIENTATION = 0x0112
"""The Exif tag that says how the camera was held."""
WORKING_SIZE = 1_000
"""Pictures are reduced to at most this many pixels per side; the network needs only 28."""


class DrawingError(ValueError):
    """A picture cannot be used; the message tells the visitor why and what to do."""


class Decoded(NamedTuple):
    """What is in an image file."""

    picture: NDArray[np.uint8]
    """(H, W), (H, W, 3) or (H, W, 4), upright, the first frame, reduced to at most ``WORKING_SIZE`` pixels per side."""
    size: tuple[int, int]
    """Width and height before the picture was reduced."""


def decode(content: bytes) -> Decoded:
    """The picture in the bytes of an image file.

    Raises ``DrawingError`` when the bytes are not a picture, are damaged, or have too many pixels.
    """
    if not content:
        raise DrawingError("The file is empty. Send a picture of a digit, for example a PNG or JPEG.")
    try:
        with Image.open(io.BytesIO(content)) as image:
            most = MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
            if image.width * image.height > most:
                raise DrawingError(
                    f"The picture has {image.width}×{image.height} pixels, more than "
                    f"{most // 1_000_000} million. Send a smaller one."
                )
            if image.format == "EPS":  # a program, which decoding would run
                raise DrawingError("PostScript files are not accepted. Send a PNG, JPEG, WebP, GIF or BMP.")
            size = image.size
            image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))  # a JPEG can be decoded at a fraction of its size
            image.load()
            if image.getexif().get(_ORIENTATION) in (5, 6, 7, 8):  # on its side
                size = size[::-1]
            picture = _eight_bit(ImageOps.exif_transpose(image))
    except DrawingError:
        raise
    except Image.DecompressionBombError:
        raise DrawingError(
            f"The picture has more than {MAX_JPEG_PIXELS // 1_000_000} million pixels. Send a smaller one."
        ) from None
    except Exception as error:  # Pillow's decoders raise many kinds of error on damaged files
        raise DrawingError("The file cannot be read as a picture. Send an undamaged PNG, JPEG, WebP, GIF or BMP.") from error
    if max(picture.size) > WORKING_SIZE:
        scale = WORKING_SIZE / max(picture.size)
        reduced = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        picture = picture.resize(reduced, Image.Resampling.BOX)
    return Decoded(np.asarray(picture), size)


def pixel_count(content: bytes) -> int:
    """How many pixels the picture in the bytes of an image file has; 0 when it cannot be opened: ``decode`` says why."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.width * image.height
    except Exception:  # Pillow's plugins raise many kinds of error
        return 0


def _eight_bit(image: Image.Image) -> Image.Image:
    """``image`` in mode L, RGB or RGBA."""
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:  # Pillow would clip these, not scale them
        if image.mode.startswith("I;16"):
            return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        values = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
        low, high = float(values.min()), float(values.max())  # the range is not in the file
        scale = 255 / max(high - low, 1.0)
        values *= np.float32(scale)  # before subtracting: the difference of two 32-bit floats may overflow
        values -= np.float32(low * scale)
        return Image.fromarray(values.clip(0, 255, out=values).astype(np.uint8))
    if image.mode in {"L", "RGB", "RGBA"}:
        return image
    if image.mode == "1":
        return image.convert("L")
    has_alpha = image.mode in {"LA", "La", "PA", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")
