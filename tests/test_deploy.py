"""The Dockerfile and README's commands for Hugging Face, as far as they can be held without Docker and an account."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.space import LEFT_OUT, PORT, USER, space_files
from testing import ROOT

README = (ROOT / "README.md").read_text("utf-8")
INSTRUCTIONS = [
    tuple(line.split(maxsplit=1))
    for line in re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text()).splitlines()
    if line and not line.startswith("#")
]


def of(kind: str) -> list[str]:
    return [rest for instruction, rest in INSTRUCTIONS if instruction == kind]


def test_the_container_gets_what_a_space_gets() -> None:
    copied = [source for rest in of("COPY") for source in rest.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    inside = {name for name in space_files() for source in copied if name == source or name.startswith(f"{source}/")}
    assert inside == set(space_files()) - {"README.md"}
    for rest in of("COPY"):
        *sources, target = rest.split()
        assert target == "./" or [target] == [f"{source}/" for source in sources], "a folder keeps its name"


def test_the_container_runs_as_a_plain_user_with_the_spaces_python() -> None:
    (image,) = of("FROM")
    assert image == f"python:{yaml.safe_load(README.split('---')[1])['python_version']}-slim"
    assert of("USER") == [str(USER)]
    kinds = [kind for kind, _ in INSTRUCTIONS]
    assert max(i for i, kind in enumerate(kinds) if kind in {"RUN", "COPY"}) < kinds.index("USER") < kinds.index("CMD")
    assert set(kinds) <= {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert of("EXPOSE") == [str(PORT)]
    assert json.loads(of("CMD")[0]) == ["python", "app.py"]
    assert "GRADIO_SERVER_NAME=0.0.0.0" in of("ENV")[0].split()


def test_the_container_installs_torch_without_cuda_first(tmp_path: Path) -> None:
    (install,) = [rest for rest in of("RUN") if "pip" in rest]
    select, torch, rest = install.split(" && ")
    assert "--index-url https://download.pytorch.org/whl/cpu -r torch.txt" in torch
    assert rest.endswith("-r requirements.txt")
    (tmp_path / "requirements.txt").write_text((ROOT / "requirements.txt").read_text())
    subprocess.run(select, shell=True, check=True, cwd=tmp_path)
    assert re.findall(r"^[a-z]+", (tmp_path / "torch.txt").read_text(), re.MULTILINE) == ["torch", "torchvision"]


def test_the_health_check_tells_a_page_from_none(app_url: str) -> None:
    options, command = of("HEALTHCHECK")[0].split("CMD ")
    assert re.fullmatch(r"(--(interval|timeout|start-period)=\d+s )+", options)
    python, *arguments = json.loads(command)
    assert python == "python"
    ours = f"http://127.0.0.1:{PORT}/"
    assert ours in arguments[-1]
    for url, healthy in ((app_url, True), ("http://127.0.0.1:9/", False)):
        arguments[-1] = arguments[-1].replace(ours, url)
        ours = url
        assert (subprocess.run([sys.executable, *arguments], capture_output=True).returncode == 0) == healthy


def test_files_of_the_repository_are_not_uploaded_by_accident() -> None:
    for pattern in LEFT_OUT:
        assert pattern == ".*" or (ROOT / pattern).exists(), f"{pattern} is left out, but not there"


@pytest.mark.parametrize("line", re.findall(r"^\.venv/bin/hf (.+)$", README, re.MULTILINE))
def test_hf_knows_every_option_of_the_readme(line: str) -> None:
    words = shlex.split(line)
    command = words[: 1 if words[0] == "upload" else 2]
    shown = subprocess.run([Path(sys.executable).with_name("hf"), *command, "--help"], capture_output=True, text=True)
    assert shown.returncode == 0
    for option in (word for word in words if word.startswith("--")):
        assert re.search(rf"{option}\b", shown.stdout), f"hf {' '.join(command)} has no {option}"
