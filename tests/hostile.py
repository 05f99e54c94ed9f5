"""What a hostile caller might send: several hundred requests, the same on every run."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

SEED = 7
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "ICO", "TGA", "PCX", "SGI", "JPEG2000", "DDS", "EPS", "IM")
"""What Pillow writes and, as far as it is built with it, reads."""


class Case(NamedTuple):
    """One request."""

    name: str
    kind: str  # "picture": upload, then ask; "predict": a value in the file's place; "pad": a drawing; "raw": anything
    value: Any  # bytes; JSON as bytes; (method, path, headers, body)


def corpus(listener: str, secret: str) -> list[Case]:
    """All requests; ``listener`` is an address that must not be asked, ``secret`` a file that must not be read."""
    chance = random.Random(SEED)
    foreign = list(_foreign(listener, secret))
    cases = [Case(name, "picture", content) for name, content in _pictures(chance)]
    cases += [Case(f"in the file's place: {_short(value)}", "predict", _json(value)) for value in _no_files(foreign)]
    cases += [Case(f"as a drawing: {_short(value)}", "pad", _json({"strokes": value})) for value in _strokes(chance)]
    cases += [Case(f"as a drawing: {_short(value)}", "pad", _json(value)) for value in [*_odd_values(), *foreign]]
    cases += [Case(f"raw: {value[0]} {value[1][:60]} {value[3][:30]!r}", "raw", value) for value in _raw(listener, secret)]
    return cases


def _short(value: object) -> str:
    return repr(value)[:60]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


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


def _pictures(chance: random.Random) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    noise = np.random.default_rng(SEED)
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
        found.append((f"PNG that says {width}×{height}", lying_png(width, height)))
        found.append((f"BMP that says {width}×{height}", lying_bmp(width, height)))
        found.append((f"GIF that says {width}×{height}", lying_gif(width, height)))
        found.append((f"PPM that says {width}×{height}", f"P6 {width} {height} 255\n".encode() + b"\0" * 300))
    for mode, side in (("L", 4_999), ("RGB", 4_999), ("RGBA", 4_999), ("1", 20_000), ("I;16", 4_999), ("P", 5_000)):
        found.append((f"bomb {mode} {side}", encoded(Image.new(mode, (side, side)), "PNG")))
    found.append(("bomb of text", zipped_text_png()))
    found.append(
        (
            "bomb GIF of frames",
            encoded(Image.new("L", (2_000, 2_000)), "GIF", save_all=True, append_images=[digit(2_000)] * 40),
        )
    )
    checks = np.indices((4_998, 4_998)).sum(axis=0) // 7 % 2 * 255
    found.append(("25 million pixels of checks", encoded(Image.fromarray(checks.astype(np.uint8)), "PNG")))
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
    found.append(
        (
            "a long row of bars",
            encoded(Image.fromarray(np.tile((np.arange(24_000) // 40 % 2 * 255).astype(np.uint8), (900, 1))), "PNG"),
        )
    )
    found.append(
        ("a thin line of dots", encoded(Image.fromarray((np.arange(10**6) // 5 % 2 * 255).astype(np.uint8)[None]), "PNG"))
    )
    for value in (0, 1, 127, 254, 255):
        found.append((f"all {value}", encoded(Image.new("L", (64, 64), value), "PNG")))
    grey = np.asarray(digit(), np.uint16)
    found += [
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
        ("nothing", b""),
        ("a zero", b"\0"),
        ("10 MB of zeros", bytes(9_999_999)),
        ("more than 10 MB", bytes(10_000_001)),
        ("SVG with a foreign file", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
        ("EPS that runs", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) (r) file\n"),
        ("a ZIP", b"PK\3\4" + bytes(100)),
        ("a pickle", b"\x80\x04cos\nsystem\n(S'true'\ntR."),
        ("HTML", b"<script>alert(1)</script>"),
        ("PDF", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"),
    ]
    for orientation in (*range(10), 65_535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        found.append((f"turned {orientation}", encoded(digit(), "JPEG", exif=exif)))
    found.append(("EXIF that is none", encoded(digit(), "JPEG", exif=b"Exif\0\0" + bytes(range(200)))))
    for number in range(20):
        found.append((f"random bytes {number}", chance.randbytes(chance.randrange(1, 5_000))))
    return found


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def lying_png(width: int, height: int) -> bytes:
    """A PNG whose head says any size, and which holds three pixels."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + _chunk(b"IDAT", zlib.compress(bytes(10))) + _chunk(b"IEND", b"")


def lying_bmp(width: int, height: int) -> bytes:
    """The same as a BMP."""
    return struct.pack("<2sIHHIIiiHHIIiiII", b"BM", 70, 0, 0, 54, 40, width, height, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(16)


def lying_gif(width: int, height: int) -> bytes:
    """The same as a GIF, whose sizes have 16 bits."""
    size = struct.pack("<HH", min(width, 65_535), min(height, 65_535))
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + size + b"\0\2\2D\1\0;"


def zipped_text_png() -> bytes:
    """A small picture with a comment that unpacks to 200 MB."""
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9))
    whole = encoded(digit(), "PNG")
    return whole[:33] + text + whole[33:]


def _foreign(listener: str, secret: str) -> list[Any]:
    places = [
        secret,
        "/etc/passwd",
        "../../etc/passwd",
        "/proc/self/environ",
        "/dev/zero",
        "app.py",
        "weights/5-pen/config.json",
    ]
    places += [listener, f"{listener}picture.png", listener.replace("http", "HTTP"), f"file://{secret}", "ftp://127.0.0.1/x"]
    places += [
        listener.replace("127.0.0.1", "localhost"),
        "http://169.254.169.254/latest/meta-data/",
        "https://huggingface.co/x.png",
    ]
    places += ["", "\0", "/tmp/gradio", "data:image/png;base64,AAAA", "\\\\127.0.0.1\\share\\x.png"]
    meta = {"_type": "gradio.FileData"}
    found: list[Any] = []
    for place in places:
        found += [{"path": place, "meta": meta}, {"path": place, "url": place, "meta": meta}]
    found += [{"path": secret, "url": listener, "meta": meta, "is_stream": True}, {"url": listener, "meta": meta}]
    found += [[{"path": secret, "meta": meta}], {"a": [{"b": {"path": listener, "meta": meta}}]}]
    return found


def _no_files(foreign: list[Any]) -> list[Any]:
    return [*foreign, *(each["path"] for each in foreign if isinstance(each, dict) and "path" in each), *_odd_values()]


def _odd_values() -> list[Any]:
    deep: Any = []
    for _ in range(30):
        deep = [deep]
    wide = {str(key): key for key in range(20_000)}
    return [
        *(None, True, 7, -1, 1.5, 1e308, 10**400, "", "seven", "7" * 100_000, [], {}, [[]], [None], deep, wide),
        *({"path": None}, {"path": 5}, {"path": []}, {"meta": {"_type": "gradio.FileData"}}, {"strokes": None}),
        *(
            {"path": {"path": {}}},
            {"__type__": "update"},
            {"__type__": "update", "value": 5},
            "<script>alert(1)</script>",
            "\u202e",
        ),
    ]


def _strokes(chance: random.Random) -> list[Any]:
    def scribble(count: int) -> list[list[float]]:
        return [[chance.random(), chance.random()] for _ in range(count)]

    found: list[Any] = [
        *([], [[]], [[]] * 500, [[]] * 501, [[[0.5, 0.5]]], [[[0.5, 0.5]] * 5_000], [[[0.5, 0.5]] * 5_001]),
        *([scribble(10) for _ in range(500)], [scribble(2) for _ in range(500)], [scribble(5_000)], [scribble(20_000)]),
        *([[[0, 0], [1, 1]]], [[[0, 0]], [[1, 1]]], [[[1e-300, 0], [0, 1e-300]]], [[[0.1, 0.1], [0.1 + 1e-12, 0.1]]]),
        *([[[number / 500, 0.1], [number / 500, 0.9]] for number in range(500)],),
        *([[[number / 60, 0.1], [number / 60, 0.9]] for number in range(60)],),
        *([[[number % 25 / 25, number // 25 / 20]] for number in range(500)],),
        *([[[0.1, 0.2, 0.3]]], [[[0.1]]], [[0.1, 0.2]], [[["0.1", "0.2"]]], [[[True, False]]], [[[None, None]]]),
        *([[[-0.1, 0.5]]], [[[0.5, 1.1]]], [[[1e400, 0]]], [[[10**300, 0]]], [[{"x": 1}]], {"0": [[0, 0]]}, "strokes", 5),
    ]
    for number in range(30):
        found.append([scribble(chance.randrange(1, 60)) for _ in range(number)])
    for _ in range(30):  # right, but for one point
        spoiled: list[Any] = [scribble(5) for _ in range(3)]
        wrong: Any = chance.choice([None, "a", [], {}, -1, 2, True, 10**40, [0.1], [0.1, "b"], [[0.1, 0.1]]])
        spoiled[chance.randrange(3)][chance.randrange(5)] = wrong
        found.append(spoiled)
    return found


def _raw(listener: str, secret: str) -> list[tuple[str, str, dict[str, str], bytes]]:
    to_json = {"content-type": "application/json"}
    form = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
    two = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n1\r\n' * 2 + b"--x--\r\n"
    posts = (
        "component_server",
        "queue/join",
        "call/predict",
        "run/predict",
        "api/predict",
        "call/v2/predict",
        "cancel",
        "reset",
    )
    bodies: list[bytes] = [
        *(
            b"",
            b"{",
            b"[]",
            b"null",
            b"7",
            b'"a"',
            b"{}",
            b"\xff\xfe",
            b'{"data": NaN}',
            b'{"data": [NaN]}',
            b'{"data": [Infinity]}',
        ),
        *(b'{"data": [-Infinity]}', b"[" * 100_000, b'{"a":' * 50_000, b'{"data": [' + b"[" * 900 + b"]" * 900 + b"]}"),
        *(
            b'{"data": [1' + b"0" * 10_000 + b"]}",
            b'{"data": ["\\ud800"]}',
            b'{"data": "a"}',
            b'{"data": []}',
            b'{"data": [1, 2, 3]}',
        ),
        *(b'{"data": [null], "fn_index": 99}', b'{"data": [null], "fn_index": "a"}', b'{"data": [null], "session_hash": 5}'),
        *(b'{"data": {"a": 1}}', b'{"data": [' + b"1," * 900_000 + b"1]}", b'{"data": ["' + b"a" * 2_000_000 + b'"]}'),
    ]
    found = [("POST", f"gradio_api/{path}", to_json, body) for path in posts for body in bodies]
    calls = [  # component 0 is none of ours, 10**9 is none
        *(
            {"component_id": each, "fn_name": "check_drawing", "session_hash": "s", "data": {}}
            for each in (0, 10**9, -1, "0", None)
        ),
        *(
            {"component_id": each, "fn_name": name, "session_hash": "s", "data": secret}
            for each in range(8)
            for name in ("__init__", "preprocess", "ls", "get_config", "")
        ),
        {"component_id": 0, "fn_name": "check_drawing", "session_hash": [], "data": {}},
        {"component_id": {}, "fn_name": {}, "session_hash": {}, "data": {}},
    ]
    found += [("POST", "gradio_api/component_server", to_json, _json(call)) for call in calls]
    joins = [
        {"fn_index": index, "session_hash": "s", "data": data}
        for index in range(-1, 6)
        for data in (
            [],
            [None],
            ["1-plain", "5-pen"],
            ["../x", "y"],
            [{"path": listener, "meta": {"_type": "gradio.FileData"}}] * 2,
        )
    ]
    found += [("POST", "gradio_api/queue/join", to_json, _json(join)) for join in joins]
    pages = [
        f"file={secret}",
        "file=/etc/passwd",
        f"file={listener}",
        f"file/{listener}",
        "file=../../etc/passwd",
        "file=%2e%2e/etc/passwd",
    ]
    pages += [
        f"proxy={listener}",
        "proxy=https://x.hf.space/",
        "stream/a/0/0/playlist.m3u8",
        "deep_link?session_hash=s",
        "upload_progress?upload_id=a",
    ]
    pages += [
        "call/predict/none",
        "queue/data?session_hash=none",
        "queue/data",
        "custom_component/a/b/c/d",
        "nothing",
        "file=http:/127.0.0.1/",
    ]
    found += [("GET", f"gradio_api/{page}", {}, b"") for page in pages]
    found += [
        ("GET", "static/../../etc/passwd", {}, b""),
        ("GET", "assets/%2e%2e/%2e%2e/etc/passwd", {}, b""),
        ("GET", "svelte/../x", {}, b""),
    ]
    found += [(method, "gradio_api/upload", form, part % (b"a", b"b")) for method in ("PUT", "DELETE", "PATCH")]
    found += [
        ("POST", "gradio_api/upload", form, part % (name, b"content"))
        for name in (b"../../x", b"/etc/x", b"", b"a" * 500, b"\xff")
    ]
    found += [
        ("POST", "gradio_api/upload", form, body)
        for body in (b"", b"--x", part[:30], part[:90], two, b"--y--", bytes(1_000))
    ]
    found += [
        ("POST", "gradio_api/upload", headers, part % (b"a", b"b"))
        for headers in ({}, to_json, {"content-type": "multipart/form-data"})
    ]
    found += [
        ("POST", "gradio_api/component_server", form, part % (b"a", b"b")),
        ("POST", "login", form, part % (b"a", b"b")),
    ]
    found += [
        ("POST", path, {"content-type": "application/x-www-form-urlencoded"}, b"username=a&password=b")
        for path in ("login", "")
    ]
    return found
