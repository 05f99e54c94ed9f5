"""The app or a folder, served on a free port for as long as a ``with`` block lasts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from testing import ROOT

START_SECONDS = 120
"""How long a server may take until its first answer."""
STOP_SECONDS = 30
POLL_SECONDS = 0.05


@contextmanager
def served_app() -> Iterator[str]:
    """The address of ``python app.py``, running on a free port.

    Raises ``RuntimeError`` with the program's output when it does not answer.
    """
    with running_app() as (url, _):
        yield url


@contextmanager
def running_app(folder: Path = ROOT, **environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Address and process of ``python app.py``, running in ``folder`` on a free port.

    ``environment`` adds to the environment variables of this process.
    Raises ``RuntimeError`` with the program's output when it does not answer.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    address = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1"}
    variables = {**os.environ, **address, **environment}
    with answering([sys.executable, "app.py"], url, environment=variables, folder=folder) as process:
        yield url, process


@contextmanager
def answering(
    command: list[str], url: str, *, environment: dict[str, str], folder: Path = ROOT, user: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The process of ``command``, started in ``folder``, once it answers at ``url``.

    With ``user`` it runs as that user and the group of the same number.
    Raises ``RuntimeError`` with the program's output when it does not answer.
    """
    with tempfile.TemporaryFile() as output:  # nobody would empty a pipe, and a full one stops the program
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _answers(process, url):
                output.seek(0)
                raise RuntimeError(f"the app did not start:\n{output.read().decode()}")
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait for the first answer at ``url``; false when ``process`` ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return True
        except OSError:
            time.sleep(POLL_SECONDS)
    return False


def memory(process: subprocess.Popen[bytes], *, peak: bool = False) -> float:
    """Resident memory of ``process`` in MB (10^6 bytes), now or at its highest; Linux only."""
    field = "VmHWM" if peak else "VmRSS"
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) * 1024 / 1e6


def free_port() -> int:
    """A TCP port of this machine that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def served_folder(folder: Path) -> Iterator[str]:
    """The address of ``folder``, served as ``python -m http.server`` does."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def served_files(files: Mapping[str, bytes]) -> Iterator[str]:
    """The address of a folder that holds ``files``, by name, such as those of a static page."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        with served_folder(Path(folder)) as url:
            yield url


@contextmanager
def zerogpu() -> Iterator[tuple[dict[str, str], list[str]]]:
    """The environment variables of a Space with ZeroGPU, and what an app has told the server that lends GPUs, by path."""
    told: list[str] = []

    class Lender(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Lender) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield {"SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": address}, told
        finally:
            server.shutdown()
            thread.join()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass
