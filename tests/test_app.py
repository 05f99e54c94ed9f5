"""The app over HTTP: what ``/predict`` answers, to pictures and to everything else."""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mnist_cnn.drawing.strokes import normalise_strokes
from mnist_cnn.drawing.unipen import Drawing, render
from page import api, draw
from testing import ROOT
from testing.documents import table
from testing.pen_digits import save_picture
from testing.photographs import CONDITIONS, photograph

API = ROOT / "docs" / "api.md"


@pytest.fixture(scope="module")
def client(app_url: str) -> Client:
    return Client(app_url, verbose=False)


@pytest.fixture
def picture(tmp_path: Path, drawings: list[Drawing]) -> tuple[Path, int]:
    path = tmp_path / "digit.png"
    save_picture(drawings[0], path)
    return path, drawings[0].digit


def test_predict_answers_as_documented(client: Client, picture: tuple[Path, int]) -> None:
    path, label = picture
    answer = client.predict(handle_file(path), api_name="/predict")
    documented = [row["field"].strip("`") for row in table(API, "fields")]
    assert documented == list(answer)
    assert answer["number"] == str(label)
    assert [list(each) for each in answer["digits"]] == [[*documented[:5], "line", "box"]]
    assert answer["digit"] == label
    assert answer["verdict"] == "digit"
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert int(np.argmax(answer["probabilities"])) == label
    assert np.array(answer["seen"]).shape == (28, 28)


def test_predict_with_curl_as_documented(app_url: str, picture: tuple[Path, int]) -> None:
    path, label = picture
    text = API.read_text("utf-8")
    lines = re.findall(r"```\n(path=\$\(curl.*?)```", text, re.DOTALL)[0]
    lines = lines.replace("localhost:7860/", app_url).replace("digit.png", str(path))
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], check=True, capture_output=True, text=True, timeout=60)
    assert "event: complete" in done.stdout
    assert json.loads(done.stdout.split("data: ")[-1])[0]["digit"] == label


def test_a_row_of_digits_in_a_large_turned_photograph(client: Client, tmp_path: Path, drawings: list[Drawing]) -> None:
    row = np.hstack([render(drawing.strokes, size=500, brush=20) for drawing in drawings[:3]])
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side
    path = tmp_path / "row.jpg"
    Image.fromarray(row).resize((3000, 1000)).rotate(90, expand=True).save(path, exif=exif)
    answer = client.predict(handle_file(path), api_name="/predict")
    assert answer["number"] == "".join(drawing.label for drawing in drawings[:3])
    for number, (drawing, each) in enumerate(zip(drawings, answer["digits"], strict=False)):
        points = np.array([(x + 500 * number, y) for stroke in drawing.strokes for x, y in stroke])
        expected = 2 * np.array([*(points.min(axis=0) - 10), *(points.max(axis=0) + 10)])
        assert np.abs(np.array(each["box"]) - expected).max() <= 8


def test_only_predict_is_public(client: Client) -> None:
    assert list(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == ["/predict"]


def png(array: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", **options)
    return buffer.getvalue()


BLANK = np.full((50, 50), 255, np.uint8)
HUGE = io.BytesIO()
Image.new("1", (20_000, 20_000)).save(HUGE, "PNG")
GARBAGE = {
    "empty": (b"", "empty"),
    "text": (b"I am a seven", "cannot be read as a picture"),
    "truncated": (png(BLANK)[:50], "cannot be read as a picture"),
    "20,000 a side": (HUGE.getvalue(), "Send a smaller one"),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_gets_a_sentence_and_the_server_goes_on(
    kind: str, client: Client, tmp_path: Path, picture: tuple[Path, int]
) -> None:
    content, message = GARBAGE[kind]
    path = tmp_path / "garbage.png"
    path.write_bytes(content)
    with pytest.raises(AppError, match=message):
        client.predict(handle_file(path), api_name="/predict")
    assert client.predict(handle_file(picture[0]), api_name="/predict")["digit"] == picture[1]


def test_unusual_pictures_get_a_sound_answer(client: Client, tmp_path: Path, drawings: list[Drawing]) -> None:
    grey = render(drawings[0].strokes, size=500, brush=20)
    path = tmp_path / "picture"
    palette = Image.fromarray(grey).convert("RGB").quantize(8)
    cmyk, see_through = io.BytesIO(), io.BytesIO()
    Image.fromarray(grey).convert("CMYK").save(cmyk, "JPEG")
    palette.save(see_through, "PNG", transparency=0)
    for content in (png(grey.astype(np.uint16) * 257), cmyk.getvalue(), see_through.getvalue()):
        path.write_bytes(content)
        assert client.predict(handle_file(path), api_name="/predict")["digit"] == drawings[0].digit
    for blank in (BLANK, np.full((1, 1), 3, np.uint8)):
        path.write_bytes(png(blank))
        answer = client.predict(handle_file(path), api_name="/predict")
        assert (answer["digit"], answer["verdict"]) == (None, "nothing drawn")


@pytest.mark.parametrize(
    "payload",
    ["/etc/passwd", {"path": "/etc/passwd"}, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, 7, [[]]],
)
def test_paths_on_the_server_are_not_read(app_url: str, payload: object) -> None:
    arguments = ["-H", "Content-Type: application/json", "-d", json.dumps({"data": [payload]})]
    call = ["curl", "-sS", *arguments, f"{app_url}gradio_api/call/predict"]
    answer = json.loads(subprocess.run(call, check=True, capture_output=True, text=True, timeout=60).stdout)
    if "event_id" not in answer:
        assert "not paths or addresses" in answer["detail"]
        return
    stream = subprocess.run(
        ["curl", "-sSN", f"{app_url}gradio_api/call/predict/{answer['event_id']}"],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    assert "event: complete" not in stream
    assert "root:" not in stream
    assert "Traceback" not in stream


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "seven",
        [],
        {},
        {"strokes": None},
        {"strokes": 5},
        {"strokes": {"12": 0}},
        {"strokes": [{"12": 1}]},
        {"strokes": [["12", "01"]]},
        {"strokes": [[["0.1", True]]]},
        {"strokes": [[[0.1, True]]]},
        {"strokes": [[[0.1]]]},
        {"strokes": [[[0.1, "a"]]]},
        {"strokes": [[[0.1, float("nan")]]]},
        {"strokes": [[[0.1, float("inf")]]]},
        {"strokes": [[[0.1, 10**400]]]},
        {"strokes": [[[0.1, 1.01]]]},
        {"strokes": [[[0.1, 0.2]]] * 501},
        {"strokes": [[[0.1, 0.2]] * 5_001]},
        {"strokes": [[0.1, 0.2]]},
    ],
)
def test_the_pads_messages_are_checked(value: object) -> None:
    assert "not a drawing" in draw.check_drawing(value)


def test_the_servers_word_on_a_drawing() -> None:
    strokes = [[[0.5, 0.2], [0.5, 0.8]]]
    assert draw.check_drawing({"strokes": [], "seen": None, "number": None}) == ""
    assert draw.check_drawing({"strokes": strokes, "number": "7"}) == "PyTorch on the server reads 1."
    assert "different image" in draw.check_drawing({"strokes": strokes, "seen": [[0] * 784], "number": "1"})
    seen = normalise_strokes([[(0.5, 0.2), (0.5, 0.8)]])
    assert seen is not None
    one = seen.flatten().tolist()
    assert draw.check_drawing({"strokes": strokes, "seen": [one], "number": "1"}) == "PyTorch on the server agrees."
    two = [[[0.2, 0.2], [0.2, 0.8]], [[0.7, 0.2], [0.7, 0.8]]]
    assert draw.check_drawing({"strokes": two, "seen": [one, one], "number": "11"}) == "PyTorch on the server agrees."


def test_a_long_drawing_is_answered() -> None:
    strokes = [[[0.5 + 0.4 * math.cos(t), 0.5 + 0.4 * math.sin(t)] for t in np.linspace(0, 60, 2_500).tolist()]] * 2
    assert draw.check_drawing({"strokes": strokes, "number": None}).startswith("PyTorch on the server reads")


def test_only_plain_pictures_are_read_at_once(drawings: list[Drawing]) -> None:
    """Those that are not would keep all visitors waiting for up to seconds."""
    noise = np.random.default_rng(0).integers(0, 256, (1, 1000), dtype=np.uint8)
    assert not api._is_quick(noise)
    assert not api._is_quick(photograph(drawings[0], CONDITIONS["uneven_light"], np.random.default_rng(0)))
    assert api._is_quick(render(drawings[0].strokes, size=500, brush=24))
