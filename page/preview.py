"""What a link to the page shows in chats and posts: title, sentence and picture. https://ogp.me names the properties."""

from __future__ import annotations

import re
from html import escape

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.templates import WEB

TITLE = "Draw a digit"
PICTURE = "preview.png"
"""In ``web/``; ``python -m docs.screenshots`` makes it."""
SIZE = (1200, 630)
"""Width and height of the picture in pixels."""
ALT = "A drawn 8, the image of 28 by 28 pixels that the network sees, its answer 8, and a bar for each digit."
WITHOUT_SCRIPTS = (
    f"<noscript><h1>{TITLE}</h1><p>The page needs JavaScript. Allow it for this site, then reload.</p></noscript>"
)
"""Shown in the place of the page, which would be empty."""

_OTHERS = re.compile(r"<meta\s[^>]*?(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:]+\](?::\d+)?")


def preview_tags(sentence: str, url: str) -> str:
    """HTML for the page's head. ``url``: its address, ending in ``/``; without it, the picture's address is relative."""
    properties = {
        "og:type": "website",
        "og:title": TITLE,
        "og:description": sentence,
        "og:image": f"{url}{PICTURE}",
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": ALT,
    }
    if url:
        properties["og:url"] = url
    tags = [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
    names = {"description": sentence, "twitter:card": "summary_large_image"}  # the rest is read from the properties above
    return "\n".join([*tags, *(f'<meta name="{name}" content="{escape(value)}">' for name, value in names.items())])


class Preview:
    """ASGI middleware that puts ``preview_tags`` in the place of Gradio's, and serves the picture.

    A visitor without JavaScript gets a sentence.
    """

    def __init__(self, app: ASGIApp, sentence: str) -> None:
        self.app = app
        self.sentence = sentence
        self.picture = (WEB / PICTURE).read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the picture, change the page on its way out, and pass on everything else."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or path not in {"/", f"/{PICTURE}"}:
            await self.app(scope, receive, send)
        elif path == "/":
            await self._page(scope, receive, send)
        else:
            headers = [(b"content-type", b"image/png"), (b"content-length", str(len(self.picture)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.picture})

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]  # it is read here
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            html = self._with_tags(body.decode(), _address(scope)).encode() if body else b""
            if html:
                MutableHeaders(scope=start)["content-length"] = str(len(html))
            await send(start)
            await send({"type": "http.response.body", "body": html})

        await self.app({**scope, "headers": plain}, receive, collect)

    def _with_tags(self, html: str, url: str) -> str:
        html = _OTHERS.sub("", html).replace("<head>", f"<head>\n{preview_tags(self.sentence, url)}", 1)
        return re.sub("<body[^>]*>", lambda body: f"{body[0]}{WITHOUT_SCRIPTS}", html, count=1)


def _address(scope: Scope) -> str:
    """The page's address as a visitor sees it, also behind a proxy; empty when the request does not say."""
    headers = Headers(scope=scope)
    host = headers.get("x-forwarded-host", headers.get("host", ""))
    scheme = headers.get("x-forwarded-proto", scope["scheme"]).partition(",")[0].strip()
    root = scope.get("root_path", "")
    return f"{scheme}://{host}{root}/" if _HOST.fullmatch(host) and scheme in {"http", "https"} else ""
