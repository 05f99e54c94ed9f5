"""Pictures that a hostile caller might upload, the same on every run."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image

SEED = 7
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO", "TGA", "PCX", "SGI", "JPEG2000", "DDS", "EPS", "IM")
"""What Pillow writes and, as far as it is built with it, reads."""

Named = list[tuple[str, bytes]]


def pictures(chance: random.Random) -> Named:
    """All pictures with their names."""
    found = [*_spoiled(chance), *_false_sizes(), *_bombs(), *_patterns(), *_modes(), *_other_files(), *_rotated()]
    return found + [(f"random bytes {number}", chance.randbytes(chance.randrange(1, 5_000))) for number in range(20)]


def digit(side: int = 120) -> Image.Image:
    """A one, black on white, (side, side) grey."""
    picture = np.full((side, side), 255, np.uint8)
    picture[side // 6 : -side // 6, side * 9 // 20 : side * 11 // 20] = 0
    return Image.fromarray(picture)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    """``image`` as a file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def _spoiled(chance: random.Random) -> Named:
    """Every format: whole, cut off, and with bytes changed."""
    found: Named = []
    for format in FORMATS:
        whole = encoded(digit().convert("RGB"), format)
        found.append((f"{format} whole", whole))
        for _ in range(8):
            end = chance.randrange(len(whole))
            found.append((f"{format} cut at {end}", whole[:end]))
        for number in range(8):
            spoiled = bytearray(whole)
            for _ in range(1 + number * 3):
                spoiled[chance.randrange(len(spoiled) if number % 2 else min(64, len(spoiled)))] = chance.randrange(256)
            found.append((f"{format} spoiled {number}", bytes(spoiled)))
    return found


def _false_sizes() -> Named:
    """Files that claim another size than they have."""
    found: Named = []
    for width, height in (
        (0, 0),
        (0, 5),
        (1, 1),
        (1, 10**6),
        (10**6, 1),
        (2**31 - 1, 2**31 - 1),
        (5_000, 5_000),
        (60_000, 60_000),
    ):
        found.append((f"PNG that claims {width}×{height}", _false_png(width, height)))
        found.append((f"BMP that claims {width}×{height}", _false_bmp(width, height)))
        found.append((f"GIF that claims {width}×{height}", _false_gif(width, height)))
        found.append((f"PPM that claims {width}×{height}", f"P6 {width} {height} 255\n".encode() + b"\0" * 300))
    return found


def _bombs() -> Named:
    """Small files that take much memory or time to read."""
    found: Named = []
    for mode, side in (("L", 4_999), ("RGB", 4_999), ("RGBA", 4_999), ("1", 20_000), ("I;16", 4_999), ("P", 5_000)):
        found.append((f"bomb {mode} {side}", encoded(Image.new(mode, (side, side)), "PNG")))
    found.append(("bomb of text", _zipped_text_png()))
    found.append(
        (
            "bomb GIF of frames",
            encoded(Image.new("L", (2_000, 2_000)), "GIF", save_all=True, append_images=[digit(2_000)] * 40),
        )
    )
    checks = np.indices((4_998, 4_998)).sum(axis=0) // 7 % 2 * 255
    found.append(("25 million pixels of checks", encoded(Image.fromarray(checks.astype(np.uint8)), "PNG")))
    found.append(
        (
            "a long row of bars",
            encoded(Image.fromarray(np.tile((np.arange(24_000) // 40 % 2 * 255).astype(np.uint8), (900, 1))), "PNG"),
        )
    )
    found.append(
        ("a thin line of dots", encoded(Image.fromarray((np.arange(10**6) // 5 % 2 * 255).astype(np.uint8)[None]), "PNG"))
    )
    return found


def _patterns() -> Named:
    """Noise, stripes and even pictures."""
    found: Named = []
    noise = np.random.default_rng(SEED)
    for side in (50, 400, 1_500, 1_999):
        found.append((f"noise {side}", encoded(Image.fromarray(noise.integers(0, 256, (side, side), np.uint8)), "PNG")))
        found.append(
            (f"salt {side}", encoded(Image.fromarray(((noise.random((side, side)) < 0.98) * 255).astype(np.uint8)), "PNG"))
        )
        found.append(
            (
                f"stripes {side}",
                encoded(Image.fromarray(np.tile(np.arange(side) // 3 % 2 * 255, (side, 1)).astype(np.uint8)), "PNG"),
            )
        )
    for value in (0, 1, 127, 254, 255):
        found.append((f"all {value}", encoded(Image.new("L", (64, 64), value), "PNG")))
    return found


def _modes() -> Named:
    """A digit in every mode and with every kind of transparency and animation."""
    grey = np.asarray(digit(), np.uint16)
    return [
        ("16 bits", encoded(Image.fromarray(grey * 257), "PNG")),
        ("32 bits", encoded(Image.fromarray(grey.astype(np.int32) * 10**6), "TIFF")),
        ("floats", encoded(Image.fromarray(grey.astype(np.float32) / 255), "TIFF")),
        ("NaN", encoded(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF")),
        ("infinite", encoded(Image.fromarray(np.where(grey > 0, np.inf, -np.inf).astype(np.float32)), "TIFF")),
        ("huge floats", encoded(Image.fromarray(np.where(grey > 0, 3e38, -3e38).astype(np.float32)), "TIFF")),
        ("CMYK JPEG", encoded(digit().convert("CMYK"), "JPEG")),
        ("CMYK TIFF", encoded(digit().convert("CMYK"), "TIFF")),
        ("LAB", encoded(digit().convert("RGB").convert("LAB"), "TIFF")),
        ("YCbCr", encoded(digit().convert("YCbCr"), "TIFF")),
        ("one bit", encoded(digit().convert("1"), "PNG")),
        ("grey and alpha", encoded(digit().convert("LA"), "PNG")),
        ("unseen", encoded(Image.new("RGBA", (50, 50), (9, 9, 9, 0)), "PNG")),
        ("palette", encoded(digit().convert("RGB").quantize(4), "PNG")),
        ("palette, see-through", encoded(digit().convert("RGB").quantize(4), "PNG", transparency=0)),
        ("palette, alpha for each", encoded(digit().convert("RGB").quantize(4), "PNG", transparency=bytes([0, 90, 255]))),
        ("animated GIF", encoded(digit(), "GIF", save_all=True, append_images=[Image.new("L", (120, 120))] * 5)),
        (
            "animated WebP",
            encoded(digit().convert("RGB"), "WEBP", save_all=True, append_images=[digit(120).convert("RGB")] * 5),
        ),
        ("animated PNG", encoded(digit(), "PNG", save_all=True, append_images=[digit()] * 5)),
        ("pages of TIFF", encoded(digit(), "TIFF", save_all=True, append_images=[digit(30)] * 5)),
    ]


def _other_files() -> Named:
    """Files that are not pictures."""
    return [
        ("nothing", b""),
        ("a zero", b"\0"),
        ("16 MB of zeros", bytes(15_999_999)),
        ("more than 16 MB", bytes(16_000_001)),
        ("SVG with a foreign file", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
        ("EPS that runs", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) (r) file\n"),
        ("a ZIP", b"PK\3\4" + bytes(100)),
        ("a pickle", b"\x80\x04cos\nsystem\n(S'true'\ntR."),
        ("HTML", b"<script>alert(1)</script>"),
        ("PDF", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"),
    ]


def _rotated() -> Named:
    """Orientations in EXIF, known and unknown."""
    found: Named = []
    for orientation in (*range(10), 65_535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        found.append((f"rotated {orientation}", encoded(digit(), "JPEG", exif=exif)))
    found.append(("EXIF that is not EXIF", encoded(digit(), "JPEG", exif=b"Exif\0\0" + bytes(range(200)))))
    return found


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _false_png(width: int, height: int) -> bytes:
    """A PNG whose header claims any size, with three pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(bytes(10))) + _chunk(b"IEND", b"")


def _false_bmp(width: int, height: int) -> bytes:
    """The same as a BMP."""
    return struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 70, 0, 0, 54, 40, width, height, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(16)


def _false_gif(width: int, height: int) -> bytes:
    """The same as a GIF, whose sizes have 16 bits."""
    size = struct.pack("<HH", min(width, 65_535), min(height, 65_535))
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + size + b"\0\2\2D\1\0;"


def _zipped_text_png() -> bytes:
    """A small picture with a comment that unpacks to 200 MB."""
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    whole = encoded(digit(), "PNG")
    return whole[:33] + text + whole[33:]
