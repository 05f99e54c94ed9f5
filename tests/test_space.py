"""What a Hugging Face Space and a container get: everything the app needs, and nothing it need not load."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from gradio_client import Client, handle_file

from benchmarks import space
from mnist_cnn.drawing.unipen import Drawing
from mnist_cnn.recipes import DEFAULT
from testing import ROOT
from testing.pen_digits import save_picture
from testing.servers import answering, free_port, running_app, zerogpu

# Prints which of our files were opened or imported, and which packages, until the page is built
WATCHED = """
import json, sys
opened = set()
sys.addaudithook(lambda event, args: opened.add(str(args[0])) if event == "open" else None)
import app
packages = sorted({name.partition(".")[0] for name in sys.modules})
app.build_page(app.Uploads())
opened |= {module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}
print(json.dumps({"opened": sorted(opened), "packages": packages}))
"""


@pytest.fixture(scope="module")
def start() -> dict[str, list[str]]:
    done = subprocess.run([sys.executable, "-c", WATCHED], cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_all_that_the_page_opens_is_uploaded(start: dict[str, list[str]]) -> None:
    root = ROOT.resolve()
    paths = [Path(name).resolve() for name in start["opened"]]
    names = {path.relative_to(root) for path in paths if path.is_file() and path.is_relative_to(root)}
    opened = {str(name) for name in names if name.suffix != ".pyc" and name.parts[0] not in (".venv", "node_modules")}
    assert {"app.py", "page/results.py", f"weights/{DEFAULT}/model.safetensors"} <= opened
    assert opened <= set(space.space_files())


def test_tests_and_training_are_not_uploaded() -> None:
    for pattern in space.LEFT_OUT:
        assert pattern == ".*" or (ROOT / pattern).exists(), f"{pattern} is left out, but does not exist"
    rooms = ("tests/", "testing/", "docs/", "benchmarks/", "mnist_cnn/training/", "mnist_cnn/calibration/", ".")
    assert [name for name in space.space_files() if name.startswith(rooms)] == []


def test_the_page_starts_without_the_packages_of_training_and_figures(start: dict[str, list[str]]) -> None:
    heavy = {"torchvision", "matplotlib", "skimage", "mlxtend", "HersheyFonts", "sympy"}
    assert heavy.isdisjoint(start["packages"])


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


def test_a_space_with_zerogpu_hears_that_the_app_uses_it(tmp_path: Path) -> None:
    """ZeroGPU ends an app that has registered no function for a GPU."""
    with zerogpu() as (variables, told), running_app(ROOT, **variables, HOME=str(tmp_path)) as (url, _):
        assert b"Draw a digit" in urllib.request.urlopen(url).read()
    assert told == ["/startup-report"]


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


def instructions(kind: str) -> list[str]:
    """What follows the instruction ``kind`` in the Dockerfile, each time it stands there."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
    return [line.split(maxsplit=1)[1] for line in lines if line.startswith(f"{kind} ")]


def test_the_container_gets_what_a_space_gets() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    context = [name for name in tracked if not any(fnmatch(name, pattern) for pattern in ignored)]
    inside = set()
    for copied in instructions("COPY"):
        *sources, target = copied.split()
        for source in sources:
            assert target in ("./", f"{source}/"), "a folder keeps its name"
            inside |= {name for name in context if name == source or name.startswith(f"{source}/")}
    assert inside == set(space.space_files()) - {"README.md"}


def test_the_container_has_the_spaces_python() -> None:
    head = yaml.safe_load((ROOT / "README.md").read_text("utf-8").split("---")[1])
    assert instructions("FROM") == [f"python:{head['python_version']}-slim"]


def test_the_containers_first_install_is_torch(tmp_path: Path) -> None:
    (select,) = [step for run in instructions("RUN") for step in run.split(" && ") if "> torch.txt" in step]
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    subprocess.run(select, shell=True, check=True, cwd=tmp_path)
    assert re.findall(r"^[a-z]+", (tmp_path / "torch.txt").read_text(), re.MULTILINE) == ["torch", "torchvision"]


@pytest.mark.parametrize("healthy", [True, False])
def test_the_health_check_recognises_a_served_page(app_url: str, healthy: bool) -> None:
    (check,) = instructions("HEALTHCHECK")
    *before, python, option, script = json.loads(check.split("CMD ")[1])
    assert (python, option) == ("python", "-c")
    url = app_url if healthy else f"http://127.0.0.1:{free_port()}/"
    assert space.URL in script
    command = [*before, sys.executable, option, script.replace(space.URL, url)]
    proxied = {
        **os.environ,
        "http_proxy": "http://127.0.0.1:9",
        "no_proxy": "",
    }  # Docker passes its own proxy on to containers
    assert (subprocess.run(command, capture_output=True, env=proxied).returncode == 0) == healthy


def commands_of_hugging_face() -> list[str]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [line for page in pages for line in re.findall(r"^\.venv/bin/hf (.+)$", page.read_text("utf-8"), re.MULTILINE)]


def test_the_documentation_says_how_to_upload_a_space() -> None:
    assert any(line.startswith("upload ") for line in commands_of_hugging_face())


@pytest.mark.parametrize("line", commands_of_hugging_face())
def test_hf_knows_every_option_of_the_documentation(line: str) -> None:
    words = shlex.split(line)
    command = words[: 1 if words[0] == "upload" else 2]
    shown = subprocess.run([Path(sys.executable).with_name("hf"), *command, "--help"], capture_output=True, text=True)
    assert shown.returncode == 0
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", shown.stdout), f"hf {' '.join(command)} has no {option}"
