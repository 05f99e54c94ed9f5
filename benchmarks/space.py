"""The app the way a Hugging Face Space gets and runs it: ``python -m benchmarks.space``, or ``make space``.

Writes the files that a Space needs, git's without tests and tools, into ``--out``, ready for ``hf upload``. Then it runs a
copy of them: packages from ``requirements.txt`` alone in a new environment, user 1000, a folder that cannot be written to,
port 7860, no data set, no network. A browser draws a digit on the page, and ``/predict`` is asked over HTTP. Then the same
as a Space with ZeroGPU: with the package ``spaces``, and a server in place of the one that lends GPUs. A line a step.

User and network take root and Linux. Without root the app runs as who calls this, and is only told of a proxy that is not
there; both lines say so.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from gradio_client import Client, handle_file
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from testing import ROOT
from testing.pen_digits import pen_digits, save_picture
from testing.servers import answering, zerogpu
from testing.visitor import FINE_STEP, answered_digit, browser, draw, wait_for_pad

PORT = 7860
URL = f"http://127.0.0.1:{PORT}/"
USER = 1000
LEFT_OUT = (
    "tests",
    "docs",
    "benchmarks",
    "testing",
    "mnist_cnn/training",
    "mnist_cnn/calibration",
    "strokes",
    "weights/teacher",
    "CONTRIBUTING.md",
    "Dockerfile",
    "Makefile",
    "calibrate.py",
    "train.py",
    "requirements-dev.txt",
    "pyproject.toml",
    "package.json",
    "tsconfig.json",
    "eslint.config.js",
    ".*",
)
"""Of git's files, those that the page does without: patterns from the root."""
CLONE_NEWNET = 0x40000000
"""From Linux's ``sched.h``."""


class StepError(RuntimeError):
    """A step failed; the message says what was wrong and, where something can be done, what."""


def step(name: str, result: str) -> None:
    """The line of a step that went well."""
    print(f"ok  {name}: {result}", flush=True)


def space_files() -> list[str]:
    """Paths of the files that a Space needs, from the root: what git knows, as it is now."""
    command = ["git", "ls-files", "-z", "--", "."]
    command += [f":(top,exclude,glob){pattern}{end}" for pattern in LEFT_OUT for end in ("", "/**")]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def write_files(folder: Path) -> None:
    """Copy ``space_files()`` into ``folder``, whose former content goes. Raises ``StepError`` if that is another's."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "app.py").exists():
        raise StepError(f"{folder} holds other files; choose another folder with --out")
    shutil.rmtree(folder, ignore_errors=True)
    names = space_files()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    size = sum((folder / name).stat().st_size for name in names)
    step("files", f"{len(names)} in {folder}, {size / 1e6:.1f} MB, the largest parts {', '.join(_largest(folder))}")


def _largest(folder: Path) -> list[str]:
    sizes = {
        each.name: sum(path.stat().st_size for path in (each, *each.rglob("*")) if path.is_file())
        for each in folder.iterdir()
    }
    return [f"{name} {size / 1e6:.2f}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:3]]


def make_environment(folder: Path, requirements: Path, user: int | None) -> Path:
    """The Python of a new virtual environment in ``folder`` that holds ``requirements`` alone. Raises ``StepError``."""
    candidates = [getattr(sys, "_base_executable", sys.executable), shutil.which("python3", path="/usr/local/bin:/usr/bin")]
    for candidate in filter(None, candidates):  # root's own Python may lie where nobody else may look
        try:
            subprocess.run([candidate, "-c", ""], user=user, cwd="/", check=True, capture_output=True)
            break
        except (OSError, subprocess.CalledProcessError):
            continue
    else:
        raise StepError(f"no Python that user {user} may run")
    python = folder / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-cache-dir", "-r", str(requirements)]
    for command in ([candidate, "-m", "venv", str(folder)], pip):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise StepError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    versions = (
        "import platform, importlib.metadata as m; print(platform.python_version(), m.version('gradio'), m.version('torch'))"
    )
    found = subprocess.run([str(python), "-c", versions], check=True, capture_output=True, text=True).stdout.split()
    step("environment", "from requirements.txt alone: Python {}, gradio {}, torch {}".format(*found))
    return python


def leave_network() -> dict[str, str]:
    """Cut this process and all it starts off from every network but its own loopback; what the app must be told besides."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    proxies |= dict.fromkeys(("no_proxy", "NO_PROXY"), "127.0.0.1,localhost")
    try:
        if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
            raise OSError("not permitted, which needs root")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True)
    except (AttributeError, OSError, subprocess.CalledProcessError) as error:
        step("network", f"not cut off ({error}): only a proxy that is not there")
        return proxies
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1).close()
    except OSError as error:
        step("network", f"only its own loopback ({error.strerror} to anywhere else)")
        return {}
    raise StepError("the network is still there")


def visit(picture: Path) -> None:
    """Draw a digit on the page at ``URL`` and send ``picture``, the same digit, to ``/predict``. Raises ``StepError``."""
    drawing = pen_digits()[0]
    complaints: list[str] = []
    asked: list[str] = []
    with browser() as chromium:
        page = chromium.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        try:
            page.goto(URL)
            wait_for_pad(page)
            draw(page, drawing.strokes, step=FINE_STEP)
            expect(page.locator("#answer .answer-digit")).to_have_text(drawing.label)
            expect(page.locator("#answer")).to_contain_text("PyTorch on the server agrees.", timeout=15_000)
        except (AssertionError, PlaywrightTimeout) as error:
            raise StepError(f"a {drawing.label} was drawn and '{answered_digit(page)}' answered: {error}") from error
    complaints += [f"asked {url}" for url in asked if not url.startswith((URL, "data:", "blob:"))]
    if complaints:
        raise StepError(f"the browser complains: {'; '.join(complaints)}")
    step("browser", f"a {drawing.label} drawn, {drawing.label} answered, the server agrees, no other host asked")

    save_picture(drawing, picture)
    answer = Client(URL, verbose=False).predict(handle_file(picture), api_name="/predict")
    if answer["digit"] != drawing.digit:
        raise StepError(f"/predict says {answer['digit']} of a {drawing.label}")
    step("/predict", f"{answer['digit']}, {100 * max(answer['probabilities']):.1f} %, {answer['verdict']}")


def try_out(files: Path, folder: Path) -> None:
    """Run a copy of ``files`` in the empty ``folder`` the way a Space does, and visit it. Raises ``StepError``."""
    user = USER if os.geteuid() == 0 else None
    if user is None:  # root gets a network of its own, in which every port is free
        refuse_taken_port()
    app, home, temporary = (folder / name for name in ("app", "home", "tmp"))
    shutil.copytree(files, app)
    for each in (home, temporary):
        each.mkdir()
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path == folder else 0o777 if path in (home, temporary) else 0o555 if path.is_dir() else 0o444)
    python = make_environment(folder / "environment", app / "requirements.txt", user)
    install_spaces(python, folder / "spaces")
    environment = leave_network()
    refuse_taken_port()
    environment |= {"PATH": os.defpath, "HOME": str(home), "TMPDIR": str(temporary), "SYSTEM": "spaces"}
    environment |= {"GRADIO_SERVER_NAME": "0.0.0.0", "PYTHONUNBUFFERED": "1"}
    before = {path: path.stat().st_mtime_ns for path in app.rglob("*")}
    run_and_visit(python, app, environment, user)
    with zerogpu() as (variables, told):
        run_and_visit(python, app, {**environment, **variables, "PYTHONPATH": str(folder / "spaces")}, user)
    if told != ["/startup-report"]:
        raise StepError(f"ZeroGPU waits for one report that the app uses it, and got {told}")
    step("ZeroGPU", "the app has registered, and asked for no GPU")
    if {path: path.stat().st_mtime_ns for path in app.rglob("*")} != before:
        raise StepError("the app wrote into its own folder")
    step("folder", "read-only, and as it was")


def install_spaces(python: Path, folder: Path) -> None:
    """Put the package ``spaces`` into ``folder``, for the ``python`` of a Space that has it. Raises ``StepError``."""
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-cache-dir",
        "--no-deps",
        "--target",
        str(folder),
        "spaces",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise StepError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def run_and_visit(python: Path, app: Path, environment: dict[str, str], user: int | None) -> None:
    """Run the app of the folder ``app`` and visit it. Raises ``StepError``."""
    try:
        with answering([str(python), "app.py"], URL, environment=environment, folder=app, user=user) as process:
            real = Path(f"/proc/{process.pid}")
            who = f"user {real.stat().st_uid}" if real.exists() else "who calls this"
            step("start", f"answers on port {PORT} as {who}{'' if user else ', for only root can become another'}")
            visit(app.parent / "digit.png")
    except RuntimeError as error:
        raise StepError(str(error)) from error


def refuse_taken_port() -> None:
    """Raise ``StepError`` when something listens on the port of a Space."""
    with closing(socket.socket()) as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            raise StepError(f"port {PORT}, a Space's, is taken; stop what listens on it")


def main(arguments: list[str] | None = None) -> int:
    """Write the files and try them; 1 when a step failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "space", help="folder for the files (default: space)")
    options = parser.parse_args(arguments)
    try:
        write_files(options.out)
        with tempfile.TemporaryDirectory(prefix="space-", ignore_cleanup_errors=True) as folder:
            try_out(options.out, Path(folder))
    except (StepError, OSError) as error:
        print(f"benchmarks.space: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
