"""What a hostile caller might send: several hundred requests, the same on every run."""

from __future__ import annotations

import json
import random
from typing import Any, NamedTuple

from hostile_pictures import SEED, pictures

TO_JSON = {"content-type": "application/json"}


class Case(NamedTuple):
    """One request."""

    name: str
    kind: str  # "picture": upload, then ask; "predict": a value in the file's place; "pad": a drawing; "raw": anything
    value: Any  # bytes; JSON as bytes; (method, path, headers, body)


def corpus(listener: str, secret: str) -> list[Case]:
    """All requests; ``listener`` is an address that must not be asked, ``secret`` a file that must not be read."""
    chance = random.Random(SEED)
    foreign = list(_foreign(listener, secret))
    cases = [Case(name, "picture", content) for name, content in pictures(chance)]
    cases += [Case(f"in the file's place: {_short(value)}", "predict", _json(value)) for value in _no_files(foreign)]
    cases += [Case(f"as a drawing: {_short(value)}", "pad", _json({"strokes": value})) for value in _strokes(chance)]
    cases += [Case(f"as a drawing: {_short(value)}", "pad", _json(value)) for value in [*_odd_values(), *foreign]]
    cases += [Case(f"raw: {value[0]} {value[1][:60]} {value[3][:30]!r}", "raw", value) for value in _raw(listener, secret)]
    return cases


def _short(value: object) -> str:
    return repr(value)[:60]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


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


Request = tuple[str, str, dict[str, str], bytes]
"""Method, path, headers and body."""


def _raw(listener: str, secret: str) -> list[Request]:
    return [*_bodies(), *_calls(listener, secret), *_pages(listener, secret), *_forms()]


def _bodies() -> list[Request]:
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
    return [("POST", f"gradio_api/{path}", TO_JSON, body) for path in posts for body in bodies]


def _calls(listener: str, secret: str) -> list[Request]:
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
    found = [("POST", "gradio_api/component_server", TO_JSON, _json(call)) for call in calls]
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
    found += [("POST", "gradio_api/queue/join", TO_JSON, _json(join)) for join in joins]
    return found


def _pages(listener: str, secret: str) -> list[Request]:
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
    found: list[Request] = [("GET", f"gradio_api/{page}", {}, b"") for page in pages]
    found += [
        ("GET", "static/../../etc/passwd", {}, b""),
        ("GET", "assets/%2e%2e/%2e%2e/etc/passwd", {}, b""),
        ("GET", "svelte/../x", {}, b""),
    ]
    return found


def _forms() -> list[Request]:
    form = {"content-type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
    two = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n1\r\n' * 2 + b"--x--\r\n"
    found = [(method, "gradio_api/upload", form, part % (b"a", b"b")) for method in ("PUT", "DELETE", "PATCH")]
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
        for headers in ({}, TO_JSON, {"content-type": "multipart/form-data"})
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
