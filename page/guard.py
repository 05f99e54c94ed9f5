"""Protection in front of Gradio: size limits, no files but uploads, no visitor's data on disk, response headers.

Gradio itself would keep uploads in its temporary folder and fetch any address that a caller sends instead of a file. Here
``Guard`` keeps uploads in memory, ``upload_component`` passes each one to a single request, and other file names are
refused.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from collections.abc import AsyncGenerator
from pathlib import Path
from threading import Lock
from typing import Any

import gradio as gr
from gradio.route_utils import FnIndexInferError
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers, MutableHeaders, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_UPLOAD = 16_000_000
"""Bytes of a picture."""
MULTIPART_FRAME = 10_000
"""Bytes that an upload's headers and boundaries may take in addition to the picture."""
MAX_BODY = 500_000
"""Bytes of any other request: 5,000 points of a drawing take about 200,000, and 60 digits' images as many."""
MAX_DEPTH = 32
"""Nested lists and objects; the page's own requests have six levels."""
KEPT_BYTES = 100_000_000
"""Uploads that no request has used yet; beyond this the oldest are dropped."""
KEPT_SECONDS = 60

API = "/gradio_api/"
REFUSED = ("proxy=", "file=http", "file/http", "deep_link", "upload_progress", "stream/", "run/", "api/")
"""Neither the page nor a client needs these: they fetch other addresses, write to disk or bypass the queue."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # Gradio's templates are compiled in the page
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; connect-src 'self' data: blob: https://huggingface.co https://*.hf.space",
}
FRAMES = "FRAME_ANCESTORS"
"""The environment variable that names the sites whose pages may show this one in a frame, as the directive of that name in a
content security policy does. Without it all may: nothing on the page acts for a visitor, so nothing can be hijacked."""

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request is refused; the message is a sentence for the caller."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Uploads:
    """Uploaded files, in memory only, until a request uses them."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._contents: dict[str, bytes] = {}  # oldest first
        self._most_bytes = most_bytes
        self._lock = Lock()  # they are put by the event loop and taken by worker threads

    def put(self, content: bytes) -> str:
        """Keep ``content``; returns a name under which it can be taken once."""
        # Gradio lets names through that lie in its upload folder; no such file ever exists
        name = str(Path(get_upload_folder()) / secrets.token_urlsafe(16))
        with self._lock:
            self._contents[name] = content
            while sum(map(len, self._contents.values())) > self._most_bytes:
                del self._contents[next(iter(self._contents))]
        return name

    def take(self, name: object) -> bytes | None:
        """Remove and return what was put under ``name``, which could be anything."""
        with self._lock:
            return self._contents.pop(name, None) if isinstance(name, str) else None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._contents


def upload_component(uploads: Uploads, label: str) -> gr.File:
    """An invisible file component that gives the bytes of one of ``uploads``, once, or ``None`` if there is no file.

    Anything else raises a ``gr.Error`` that says why; nothing is moved, fetched or stored.
    """

    def preprocess(payload: object) -> bytes | None:
        if payload is None:
            return None
        content = uploads.take(payload.get("path") if isinstance(payload, dict) else None)
        if content is None:
            raise gr.Error("Upload the file first. Each upload can be used once.", print_exception=False)
        return content

    async def stay(path: str) -> str:
        return path

    file = gr.File(visible=False, type="binary", label=label)
    file.api_info()  # is cached, so the endpoint's argument stays a file although Gradio no longer checks that it is one
    # on this instance: for a subclass Gradio would write a stub file beside this module
    vars(file).update(data_model=None, preprocess=preprocess, async_move_resource_to_block_cache=stay)
    return file


def response_headers(frame_ancestors: str) -> dict[str, str]:
    """``HEADERS``, and who may frame the page: sources separated by spaces, or anyone if there are none."""
    sources = " ".join(frame_ancestors.replace(";", " ").replace(",", " ").split())
    if not sources:
        return HEADERS
    policy = f"{HEADERS['content-security-policy']}; frame-ancestors {sources}"
    return {**HEADERS, "content-security-policy": policy}


class Guard:
    """ASGI middleware in front of Gradio."""

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self.app = app
        self.uploads = uploads
        self.headers = response_headers(os.environ.get(FRAMES, ""))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse the request, or pass it on; every answer gets ``headers``."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started: MutableHeaders | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = MutableHeaders(scope=message)
                started.update(self.headers)
            await send(message)

        try:
            await self._answer(scope, receive, send_with_headers)
        except Exception as error:
            if started is not None:
                if not started.get("content-type", "").startswith("text/event-stream"):
                    raise
                # Gradio has sent its error message; for an unknown event it then raises, which would cut the stream off
                log.warning("%s %s: %s", scope["method"], scope["path"], error)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            if isinstance(error, Refused):
                status, sentence = error.status, str(error)
            elif isinstance(error, (FnIndexInferError, KeyError)) and _api_path(scope).startswith(("call/", "queue/join")):
                log.warning("%s %s: %s", scope["method"], scope["path"], error)
                status, sentence = 404, "There is no such endpoint."
            else:
                log.exception("%s %s", scope["method"], scope["path"])
                status, sentence = 500, "The server cannot answer this request."
            await JSONResponse({"detail": sentence}, status)(scope, receive, send_with_headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _api_path(scope)
        if path.startswith(REFUSED):
            raise Refused(404, "There is no such page.")
        if path == "mcp/schema" and scope["method"] == "GET":  # "Use via API" asks which tools there are for language models
            await JSONResponse([])(scope, receive, send)
            return
        if scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if path == "upload":
            body = await _body(headers, receive, MAX_UPLOAD + MULTIPART_FRAME)
            name = self.uploads.put(await _uploaded(headers, body))
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self.uploads.take, name)
            await JSONResponse([name])(scope, receive, send)
            return
        body = await _body(headers, receive, MAX_BODY)
        if body:
            self._check(path, headers, body)

        passed_on = False

        async def receive_again() -> Message:
            nonlocal passed_on
            if passed_on:
                return await receive()
            passed_on = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, receive_again, send)

    def _check(self, path: str, headers: Headers, body: bytes) -> None:
        """Raises ``Refused`` unless ``body`` is JSON of moderate depth that refers to no file except an uploaded one."""
        if headers.get("content-type", "").lower().startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise Refused(415, "Send JSON.")
        try:
            value = json.loads(body, parse_constant=_no_number)
            body.decode()
            json.dumps(value, ensure_ascii=False).encode()  # an unpaired surrogate parses but cannot be encoded
        except (ValueError, RecursionError):
            raise Refused(400, "The request is not valid JSON.") from None
        if not isinstance(value, dict):
            raise Refused(422, "The request is not a JSON object.")
        if path == "component_server" and not (
            type(value.get("component_id")) is int
            and all(isinstance(value.get(key), str) for key in ("session_hash", "fn_name"))
            and "data" in value
        ):
            raise Refused(422, "The request lacks component_id, fn_name, session_hash or data.")
        if path == "call/predict" and not (isinstance(data := value.get("data"), list) and len(data) == 1):
            raise Refused(422, 'Send {"data": [file]} with one file that was uploaded before.')
        if path == "call/v2/predict" and value.keys() != {"image"}:
            raise Refused(422, 'Send {"image": file} with one file that was uploaded before.')
        level: list[Any] = [value]
        for _ in range(MAX_DEPTH):
            for each in level:
                if isinstance(each, dict) and "path" in each and each["path"] not in self.uploads:
                    raise Refused(422, "Only files that were just uploaded can be used, not paths or addresses.")
            inner = (each.values() if isinstance(each, dict) else each for each in level)
            level = [value for values in inner for value in values if isinstance(value, (dict, list))]
            if not level:
                return
        raise Refused(422, f"The request is nested more than {MAX_DEPTH} levels deep.")


def _api_path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.partition(API)[2].rstrip("/")


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a JSON number")


async def _body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body of a request. Raises ``Refused`` once it exceeds ``most`` bytes, or when it ends early."""
    too_long = Refused(413, f"The request has more than {most:,} bytes. Send less.")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise too_long
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended early.")
        body += message.get("body", b"")
        if len(body) > most:
            raise too_long
        if not message.get("more_body", False):
            return bytes(body)


async def _uploaded(headers: Headers, body: bytes) -> bytes:
    """The only file of a multipart form. Raises ``Refused`` for anything else."""

    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    if not headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Refused(415, "Send the picture in the field 'files' of a form (multipart/form-data).")
    parser = MultiPartParser(headers, stream(), max_files=1, max_fields=10)
    parser.spool_max_size = len(body) + 1  # nothing goes to the disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Refused(400, f"The upload cannot be read: {error.message}") from None
    file = form.get("files")
    if not isinstance(file, UploadFile):
        raise Refused(400, "The upload has no file. Send the picture in the field 'files'.")
    content: bytes = await file.read()
    await form.close()
    if len(content) > MAX_UPLOAD:
        raise Refused(413, f"The picture has more than {MAX_UPLOAD / 1_000_000:.0f} MB. Send a smaller one.")
    return content
