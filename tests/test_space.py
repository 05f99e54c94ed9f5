"""What a Hugging Face Space gets: nothing that it lacks, nothing that it need not load, and no word without a reason."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from benchmarks import space
from mnist_cnn.drawing.unipen import Drawing
from testing import ROOT
from testing.pen_digits import save_picture
from testing.servers import answering, free_port

# Prints which of our files were opened, and which modules loaded, until the page stands
WATCHED = """
import json, sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
import app
loaded = sorted({name.partition(".")[0] for name in sys.modules})
app.build_page(app.Uploads())
print(json.dumps({"opened": sorted(opened), "loaded": loaded}))
"""


@pytest.fixture(scope="module")
def start() -> dict[str, list[str]]:
    done = subprocess.run([sys.executable, "-c", WATCHED], cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_all_that_the_page_opens_is_uploaded(start: dict[str, list[str]]) -> None:
    ours = {Path(name).resolve() for name in start["opened"] if Path(name).resolve().is_relative_to(ROOT.resolve())}
    names = {path.relative_to(ROOT.resolve()) for path in ours if path.is_file() and path.suffix != ".pyc"}
    opened = {str(name) for name in names if not str(name).startswith((".venv", "node_modules"))}
    sources = {module.replace(".", "/") + ".py" for module in ("app", "export", "mnist_cnn.predict", "page.results")}
    uploaded = set(space.space_files())
    assert opened | sources <= uploaded
    assert "weights/5-pen/model.safetensors" in opened
    assert {name for name in uploaded if name.startswith(("tests/", "docs/", "benchmarks/", "."))} == set()


def test_the_page_starts_without_what_only_training_and_drawing_figures_need(start: dict[str, list[str]]) -> None:
    heavy = {"torchvision", "matplotlib", "skimage", "mlxtend", "HersheyFonts", "sympy"}
    assert heavy.isdisjoint(start["loaded"])


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has mapped is read from /proc")
def test_the_first_call_does_not_load_them_either(tmp_path: Path, drawings: list[Drawing]) -> None:
    picture = tmp_path / "digit.png"
    save_picture(drawings[0], picture)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with answering([sys.executable, "app.py"], url, environment={**os.environ, "GRADIO_SERVER_PORT": str(port)}) as process:
        Client(url, verbose=False).predict(handle_file(picture), api_name="/predict")
        mapped = Path(f"/proc/{process.pid}/maps").read_text()
    assert "/numpy/" in mapped
    assert re.findall(r"/(?:skimage|torchvision)/", mapped) == []


def test_a_folder_of_the_users_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert space.main(["--out", str(tmp_path)]) == 1
    assert "choose another folder with --out" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_taken_port_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(space, "PORT", taken.getsockname()[1])
        with pytest.raises(space.StepError, match="is taken; stop what listens on it"):
            space.refuse_taken_port()
    space.refuse_taken_port()
