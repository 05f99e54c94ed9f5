"""Where the app is started: behind a company's proxy, on other addresses, as the only process of a container."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

import app
from testing import ROOT
from testing.pen_digits import pen_digits, save_picture
from testing.servers import answering, free_port, running_app


def test_behind_a_proxy_the_app_starts() -> None:
    """Nothing listens on port 9: a request that goes through a proxy fails."""
    web, other = "http://127.0.0.1:9", "socks5://127.0.0.1:9"
    with running_app(ROOT, HTTP_PROXY=web, HTTPS_PROXY=web, ALL_PROXY=other, no_proxy="") as (url, _):
        assert b"Draw a digit" in urllib.request.urlopen(url).read()


def can_be_another_user() -> bool:
    """Whether a process may run as another user, who may read the app."""
    try:
        command = [sys.executable, "-c", "open('app.py').close()"]
        return subprocess.run(command, cwd=ROOT, user=1000, group=1000, extra_groups=[], capture_output=True).returncode == 0
    except (OSError, ValueError):
        return False


@pytest.mark.skipif(not can_be_another_user(), reason="needs the right to be another user")
def test_the_temporary_folder_may_be_another_users(tmp_path: Path) -> None:
    """On a machine that several people use, Gradio's belongs to the first who has started any app."""
    for folder in (tmp_path, *tmp_path.parents[:-1]):
        folder.chmod(folder.stat().st_mode | 0o011)
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "gradio").mkdir(mode=0o700)
    port = free_port()
    address = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    environment = {**os.environ, **address, "TMPDIR": str(shared), "HOME": str(tmp_path / "none")}
    environment.pop("GRADIO_TEMP_DIR", None)
    url = f"http://127.0.0.1:{port}/"
    save_picture(pen_digits()[0], tmp_path / "digit.png")
    with answering([sys.executable, "app.py"], url, environment=environment, folder=ROOT, user=1000):
        answer = Client(url, verbose=False).predict(handle_file(tmp_path / "digit.png"), api_name="/predict")
    assert answer["number"] == pen_digits()[0].label


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_an_address_of_ipv6_is_served() -> None:
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_NAME": "[::]", "GRADIO_SERVER_PORT": str(port)}
    with answering([sys.executable, "app.py"], f"http://[::1]:{port}/", environment=environment, folder=ROOT):
        pass


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("127.0.0.1", "0", "app.py: GRADIO_SERVER_PORT is '0', but a port is a number from 1 to 65535\n"),
        ("127.0.0.1", "http", "app.py: GRADIO_SERVER_PORT is 'http', but a port is a number from 1 to 65535\n"),
        ("nowhere.invalid", "7999", r"app.py: port 7999 of nowhere.invalid cannot be used \(.+\); choose another with .*\n"),
        (
            "192.0.2.1",
            "7999",
            r"app.py: port 7999 of 192.0.2.1 cannot be used \(Cannot assign .+\); choose another with .*\n",
        ),
    ],
)
def test_an_address_that_cannot_be_used_gets_a_sentence(
    host: str, port: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "HOST", host)
    monkeypatch.setattr(app, "PORT", port)
    assert app.main() == 1
    assert re.fullmatch(sentence, capsys.readouterr().err)


def test_a_taken_port_gets_a_sentence() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        environment = {**os.environ, "GRADIO_SERVER_PORT": port, "GRADIO_SERVER_NAME": "127.0.0.1"}
        command = [sys.executable, "app.py"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    sentence = rf"app.py: port {port} of 127.0.0.1 cannot be used \(Address already in use.*\); choose .*\n"
    assert re.fullmatch(sentence, done.stderr)


def can_unshare() -> bool:
    """Whether a process of one's own can be the first of a new set of processes, as in a container."""
    command = ["unshare", "--pid", "--fork", "true"]
    return shutil.which("unshare") is not None and subprocess.run(command, capture_output=True).returncode == 0


@pytest.mark.skipif(not can_unshare(), reason="needs the right to start a process as the first of its kind")
def test_the_first_process_of_a_container_stops_when_it_is_told_to() -> None:
    """``docker stop`` sends SIGTERM, which a first process ignores unless it handles it, and kills after ten seconds."""
    port = free_port()
    environment = {**os.environ, "GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    command = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "app.py"]
    with answering(command, f"http://127.0.0.1:{port}/", environment=environment, folder=ROOT) as process:
        first = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        os.kill(int(first), signal.SIGTERM)
        assert process.wait(timeout=60) == 0
