"""The page: draw a digit, see it recognised, and inspect the network. ``python app.py`` serves it."""

from __future__ import annotations

import gc
import os
import tempfile

gc.disable()  # while modules load, nothing becomes garbage: looking for it takes a sixth of the start

from mnist_cnn.malloc import return_freed_memory

return_freed_memory()  # before PyTorch and Gradio are loaded

# The app asks no other host. Through a company's proxy Gradio would ask itself whether it has started, and get no answer;
# for a SOCKS proxy it would lack a package
os.environ["no_proxy"] = "*"
if hasattr(os, "getuid"):  # a folder that all users of a machine share belongs to the first of them
    os.environ.setdefault("GRADIO_TEMP_DIR", f"{tempfile.gettempdir()}/gradio-{os.getuid()}")
# Gradio would read these while it loads, end with a port that is not a number, and try the port on no address of IPv6
HOST = os.environ.pop("GRADIO_SERVER_NAME", "127.0.0.1").strip("[]")
PORT = os.environ.pop("GRADIO_SERVER_PORT", "7860")

import argparse
import contextlib
import mimetypes
import signal
import socket
import sys
from collections.abc import Sequence

import gradio as gr
import torch
from starlette.middleware import Middleware

from mnist_cnn import checkpoint
from mnist_cnn.console import path, print_everywhere
from mnist_cnn.receptive_field import trace
from page.api import build_api
from page.architecture import build_architecture
from page.draw import build_draw, build_inside, certainty, network, show
from page.guard import MAX_UPLOAD, Guard, Uploads
from page.play import build_play
from page.preview import Preview
from page.results import build_results
from page.templates import STYLES, WEB, headline

gc.freeze()  # nor does anything that is loaded become garbage later
gc.enable()

ANSWERS_PER_SUMMARY = "1000"
"""Gradio recomputes its statistics after this many answers, instead of after each."""
SECONDS_PER_STATUS = 10
"""Seconds between two messages to waiting visitors. Gradio's default is to message all of them after every answer."""


def build_page(uploads: Uploads) -> gr.Blocks:
    """The Gradio page, whose ``/predict`` reads ``uploads``.

    Raises ``WeightsError`` when the default network's weights cannot be used.
    """
    certainty()  # a damaged weights folder is reported at the start, not to the first visitor

    page: gr.Blocks
    with gr.Blocks(title="Draw a digit", analytics_enabled=False, elem_id="page") as page:
        gr.HTML(
            f"<header><h1>Draw a digit.</h1><p>{sentence()}</p></header>",
            elem_id="top",
        )
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Draw", id="draw"):
                build_draw()
            with gr.Tab("Inside", id="inside"):
                build_inside()
            with gr.Tab("Play", id="play"):
                build_play()
            with gr.Tab("Architecture", id="architecture"):
                build_architecture()
            with gr.Tab("Results", id="results"):
                build_results()

        build_api(uploads)
    page.queue(status_update_rate=SECONDS_PER_STATUS)
    return page


def sentence() -> str:
    """What the page is, with the number of parameters of the default network. Raises ``WeightsError``."""
    return headline(sum(row.params for row in trace(network())))


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    text = "read with the network that train.py --out FOLDER wrote instead of the default one"
    parser.add_argument("--weights", type=path, metavar="FOLDER", help=text)
    return parser.parse_args(arguments)


def register_for_zerogpu() -> None:
    """Register a function for a GPU where the Space has ZeroGPU, which ends an app without one. No GPU is ever asked for."""
    if os.environ.get("SPACES_ZERO_GPU"):
        import spaces  # is there then, and needed nowhere else

        spaces.GPU(lambda: None)


def find_address() -> tuple[str, int]:
    """Where the environment wants the page: host and port. Raises ``OSError`` with a sentence if they cannot be used."""
    if not (PORT.isdecimal() and 0 < int(PORT) < 65536):
        raise OSError(f"GRADIO_SERVER_PORT is '{PORT}', but a port is a number from 1 to 65535")
    try:
        family, _, _, _, place = socket.getaddrinfo(HOST, int(PORT), type=socket.SOCK_STREAM)[0]
        socket.create_server(place[:2], family=family).close()
    except (OSError, UnicodeError) as error:  # UnicodeError: the name of no host can be written so
        why = error.strerror if isinstance(error, OSError) else "no host has this name"
        reason = f"port {PORT} of {HOST} cannot be used ({why})"
        raise OSError(f"{reason}; choose another with GRADIO_SERVER_PORT or GRADIO_SERVER_NAME") from error
    return HOST, int(PORT)


def main(arguments: Sequence[str] = ()) -> int:
    """Serve the page until it is stopped; returns 1 when it cannot start."""
    print_everywhere()
    options = parse_arguments(arguments)
    try:
        host, port = find_address()
    except OSError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    torch.set_num_threads(1)  # one small image gains nothing from threads, and visitors share the cores
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", ANSWERS_PER_SUMMARY)
    for kind, ending in (("text/javascript", ".js"), ("text/css", ".css")):
        mimetypes.add_type(kind, ending)  # Windows may have another type in its registry, which no browser runs
    register_for_zerogpu()
    if options.weights:
        show(options.weights)
    uploads = Uploads()
    try:
        page = build_page(uploads)
    except checkpoint.WeightsError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    gc.collect()
    gc.freeze()  # what is loaded stays in memory, so garbage collection need not examine it
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the first process of a container ignores it otherwise
    with contextlib.suppress(KeyboardInterrupt):  # Gradio handles it once all has started
        page.launch(
            server_name=f"[{host}]" if ":" in host else host,
            server_port=port,
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            css_paths=[WEB / name for name in STYLES],
            footer_links=["api"],
            run_history=False,
            ssr_mode=False,
            max_file_size=MAX_UPLOAD,
            app_kwargs={"middleware": [Middleware(Guard, uploads=uploads), Middleware(Preview, sentence=sentence())]},
        )
    return 0


if __name__ == "__main__":
    sys.modules["matplotlib"] = None  # type: ignore[assignment]  # else Gradio loads it before its first answer, for no plot
    sys.exit(main(sys.argv[1:]))
