"""What hostile callers get from the served app, and what they do not get."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx
import numpy as np
import pytest
from hostile import Case, corpus
from hostile_pictures import digit, encoded
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_cnn.drawing import normalise
from mnist_cnn.drawing.canvas import on_canvas
from mnist_cnn.drawing.raster import MIN_CONTRAST, foreground
from page import draw
from page.guard import HEADERS, KEPT_BYTES, Uploads, response_headers
from testing.servers import memory, running_app

SECRET = "the secret that nobody may read"
PATIENCE = 30
"""Seconds after which a request counts as unanswered: generous, for machines that do something else besides."""
MOST_MEMORY = 1_500
FILE = {"_type": "gradio.FileData"}


class Place(NamedTuple):
    """A served app with all that could leak beside it."""

    client: httpx.Client
    process: subprocess.Popen[bytes]
    temp: Path
    listener: str
    asked: list[str]
    secret: Path
    pad: int  # the component of the pad


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    temp, secret = tmp_path_factory.mktemp("temp"), tmp_path_factory.mktemp("secret") / "secret.txt"
    secret.write_text(SECRET)
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_GET

    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with (
            running_app(TMPDIR=str(temp), GRADIO_TEMP_DIR=str(temp / "gradio")) as (url, process),
            httpx.Client(base_url=url, timeout=PATIENCE) as client,
        ):
            config = client.get("config").json()
            pad = next(each["id"] for each in config["components"] if "check_drawing" in each["props"].get("server_fns", []))
            yield Place(client, process, temp, f"http://127.0.0.1:{server.server_port}/", asked, secret, pad)
        server.shutdown()


def ask(client: httpx.Client, data: Any) -> tuple[str, str]:
    """What became of ``/predict``, and all that was said on the way."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    headers = {"content-type": "application/json"}
    called = client.post("gradio_api/call/predict", content=b'{"data": [' + body + b"]}", headers=headers)
    if called.status_code != 200:
        return "refused", called.text
    stream = client.get(f"gradio_api/call/predict/{called.json()['event_id']}").text
    return ("complete" if "event: complete" in stream else "error"), stream


def upload(client: httpx.Client, content: bytes) -> httpx.Response:
    return client.post("gradio_api/upload", files={"files": ("picture", content)})


def recognise(client: httpx.Client, content: bytes) -> tuple[str, str]:
    answer = upload(client, content)
    return ask(client, {"path": answer.json()[0], "meta": FILE}) if answer.status_code == 200 else ("refused", answer.text)


def send(place: Place, case: Case) -> tuple[str, str]:
    """What became of a case, and all that was said."""
    client = place.client
    if case.kind == "picture":
        return recognise(client, case.value)
    if case.kind == "predict":
        return ask(client, case.value)
    if case.kind == "pad":
        parts = {"component_id": place.pad, "fn_name": "check_drawing", "session_hash": "hostile"}
        body = json.dumps(parts).encode()[:-1] + b', "data": ' + case.value + b"}"
        answer = client.post("gradio_api/component_server", content=body, headers={"content-type": "application/json"})
        return ("complete" if answer.status_code == 200 else "refused"), answer.text
    method, path, headers, body = case.value
    answer = client.request(method, path, headers=headers, content=body)
    return ("complete" if answer.status_code == 200 else "refused"), answer.text


def sentence_of(said: str) -> str:
    """What a caller who was refused is told, or nothing."""
    try:
        if "event: error" in said:
            value = json.loads(said.split("event: error\ndata: ")[1].split("\n")[0])
            return (value["error"] or "") if isinstance(value, dict) else value or ""
        detail = json.loads(said)["detail"]
        return detail if isinstance(detail, str) else detail[0]["msg"]
    except (ValueError, LookupError, TypeError):
        return ""


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_every_hostile_request_is_answered_and_nothing_leaks(place: Place) -> None:
    cases = corpus(place.listener, str(place.secret))
    assert len(cases) >= 500
    whole = encoded(digit(), "PNG")
    assert recognise(place.client, whole)[0] == "complete"
    files = files_below(place.temp)
    faults, seconds = [], []
    for case in cases:
        start = time.monotonic()
        try:
            outcome, said = send(place, case)
        except httpx.HTTPError as error:
            faults.append(f"{case.name}: no answer, {error!r}")
            continue
        seconds.append((time.monotonic() - start, case.name))
        if SECRET in said or "root:" in said or "Traceback" in said or 'File "' in said:
            faults.append(f"{case.name}: leaks {said[:300]}")
        if outcome != "complete" and not sentence_of(said):
            faults.append(f"{case.name}: {outcome} without a sentence: {said[:200]}")
    peak = memory(place.process, peak=True)
    slowest = "; ".join(f"{each:.2f} s ({name})" for each, name in sorted(seconds)[:-6:-1])
    print(f"{len(cases)} requests, peak {peak:.0f} MB, slowest {slowest}")
    assert not faults, "\n".join(faults)
    assert place.asked == []
    assert peak < MOST_MEMORY
    assert files_below(place.temp) == files
    assert place.process.poll() is None
    outcome, said = recognise(place.client, whole)
    assert json.loads(said.split("data: ")[-1])[0]["digit"] == 1


def test_an_upload_is_read_once_and_by_nobody_else(place: Place) -> None:
    path = upload(place.client, encoded(digit(), "PNG")).json()[0]
    assert place.client.get(f"gradio_api/file={path}").status_code == 403
    assert ask(place.client, {"path": path, "meta": FILE})[0] == "complete"
    assert "not paths or addresses" in ask(place.client, {"path": path, "meta": FILE})[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [("call/nothing", {"data": []}), ("queue/join", {"data": [], "fn_index": 99_999, "session_hash": "hostile"})],
)
def test_an_endpoint_that_there_is_not_is_404(place: Place, path: str, body: dict[str, object]) -> None:
    answer = place.client.post(f"gradio_api/{path}", json=body)
    assert answer.status_code == 404
    assert answer.json() == {"detail": "There is no such endpoint."}


@pytest.mark.parametrize("path", ["call/predict", "call/v2/predict"])
@pytest.mark.parametrize("body", [{}, {"date": 1}, {"data": []}, {"data": None}, {"data": {}}, {"data": [None, None]}])
def test_a_call_without_exactly_one_file_says_what_to_send(place: Place, path: str, body: dict[str, object]) -> None:
    """Gradio would accept it, and then say that its error is ``null``, or not answer."""
    answer = place.client.post(f"gradio_api/{path}", json=body)
    assert answer.status_code == 422
    assert "one file that was uploaded" in answer.json()["detail"]


def test_the_second_form_of_a_call_is_answered_too(place: Place) -> None:
    path = upload(place.client, encoded(digit(), "PNG")).json()[0]
    called = place.client.post("gradio_api/call/v2/predict", json={"image": {"path": path, "meta": FILE}})
    said = place.client.get(f"gradio_api/call/v2/predict/{called.json()['event_id']}").text
    assert json.loads(said.split("data: ")[-1])[0]["digit"] == 1


def test_equal_pictures_at_the_same_time_do_not_meet(place: Place) -> None:
    whole = encoded(digit(), "PNG")
    paths = [upload(place.client, whole).json()[0] for _ in range(3)]
    assert len(set(paths)) == 3
    assert [ask(place.client, {"path": path, "meta": FILE})[0] for path in paths] == ["complete"] * 3


def test_nothing_of_an_upload_is_on_disk_even_before_the_answer(place: Place) -> None:
    before = files_below(place.temp)
    content = digit(2_000).tobytes()  # four megabytes: more than is commonly held in memory
    assert upload(place.client, content).status_code == 200
    opened = [link.readlink() for link in Path(f"/proc/{place.process.pid}/fd").iterdir()]
    assert not [target for target in opened if str(target).startswith(str(place.temp))]
    assert files_below(place.temp) == before


def test_an_upload_that_breaks_off_leaves_nothing(place: Place) -> None:
    before = files_below(place.temp)

    def half() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n' + bytes(2_000_000)
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        place.client.post("gradio_api/upload", headers={"content-type": "multipart/form-data; boundary=x"}, content=half())
    assert recognise(place.client, encoded(digit(), "PNG"))[0] == "complete"
    assert files_below(place.temp) == before


def test_a_body_without_a_length_is_bounded_too(place: Place) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1_000):
            yield bytes(100_000)

    try:
        answer = place.client.post("gradio_api/component_server", content=endless())
    except httpx.WriteError:
        return  # the server hung up on us
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path", ["", "config", "gradio_api/info", "static/img/logo.svg", "gradio_api/file=/etc/passwd", "nothing"]
)
def test_every_answer_has_the_headers(place: Place, path: str) -> None:
    answer = place.client.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_frames_are_those_that_the_operator_names() -> None:
    policy = response_headers("'self', https://example.edu; script-src *")["content-security-policy"]
    assert policy.split("; ")[-1] == "frame-ancestors 'self' https://example.edu script-src *"
    assert policy.startswith(HEADERS["content-security-policy"])
    assert "frame-ancestors" not in response_headers(" ")["content-security-policy"]


def test_uploads_nobody_asks_about_are_bounded() -> None:
    uploads = Uploads(most_bytes=25)
    names = [uploads.put(bytes(10)) for _ in range(3)]
    assert [each in uploads for each in names] == [False, True, True]
    assert uploads.take(names[1]) == bytes(10)
    assert uploads.take(names[1]) is None
    strangers: list[object] = [None, 5, [], "/etc/passwd"]
    assert [uploads.take(value) for value in strangers] == [None] * 4
    assert KEPT_BYTES < MOST_MEMORY * 10**6 / 10


WHATEVER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
STROKES = st.lists(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list), max_size=12), max_size=6)


@settings(deadline=None, max_examples=200)
@given(drawing=WHATEVER | st.fixed_dictionaries({"strokes": WHATEVER | STROKES, "number": WHATEVER, "seen": WHATEVER}))
def test_whatever_is_taken_for_a_drawing_gets_a_sentence(drawing: object) -> None:
    answer = draw.check_drawing(drawing)
    assert answer == "" or "not a drawing" in answer or answer.startswith("PyTorch on the server")


PIXELS = arrays.arrays(
    "uint8", st.tuples(st.integers(0, 40), st.integers(0, 40)) | st.tuples(*[st.integers(1, 30)] * 2, st.integers(3, 4))
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(picture=PIXELS)
def test_any_picture_is_normalised_or_holds_nothing(picture: Any) -> None:
    before = picture.copy()
    seen = normalise(picture)
    assert (picture == before).all()
    if seen is not None:
        assert seen.shape == (28, 28)
        assert seen.dtype == np.uint8
        assert seen.max() == 255


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    picture=arrays.arrays("uint8", st.tuples(st.integers(1, 30), st.integers(1, 30))),
    ground=st.sampled_from([0, 90, 200, 255]),
)
@example(picture=np.array([[0, *5 * [98]]], np.uint8), ground=90)
@example(picture=np.pad(np.full((1, 1), 3, np.uint8), 4, constant_values=128), ground=0)
def test_more_paper_around_a_picture_changes_nothing(picture: Any, ground: int) -> None:
    papers = [np.pad(picture, width, constant_values=ground) for width in (1, 7)]
    # whether fainter ink is more than noise depends on how much of the paper is even, and what a canvas is on its share
    assume(not 0 < foreground(papers[0].astype(np.float32)).max() < MIN_CONTRAST)
    assume(all(on_canvas(paper) is paper for paper in papers))
    framed = [normalise(paper) for paper in papers]
    assert (framed[0] is None) == (framed[1] is None)
    if framed[0] is not None:
        assert (framed[0] == framed[1]).all()
