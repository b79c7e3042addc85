"""What stands before the server: no page of another origin opens a session or frames one (ASGI, without Streamlit)."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]

HEADERS = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"x-content-type-options", b"nosniff"),
)
MOST_UNDER_WAY = 2_000_000_000  # bytes of bodies that are being sent: Streamlit lays each on disk until it is whole
_REFUSED = 1008  # of a WebSocket: policy; before it is accepted the browser sees 403

UNGUARDED = (
    "Scarp was started without the guard that keeps pages of other places from opening sessions and framing it. "
    "Start it with `make run`, `python -m app.serve` or `streamlit run server.py` (docs/SECURITY.md)."
)
_standing = False


def stands() -> bool:
    """Whether a guard was put before this process's server."""
    return _standing


class Guard:
    """Passes on what a page of this server asks; ``others`` are origins (``https://portal.example.org``) let in too.

    ``lenient``: whoever runs it lets every origin in (Streamlit's ``server.enableCORS=false``).
    """

    def __init__(self, app: _App, others: Iterable[str] = (), lenient: bool = False) -> None:
        global _standing
        _standing = True
        self._under_way = 0
        self._app, self._lenient, self._others = app, lenient, {one.strip().lower().rstrip("/") for one in others}

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket" and not self._is_own(scope):
            await send({"type": "websocket.close", "code": _REFUSED})
        elif scope["type"] == "http":
            with suppress(ClientDisconnect):  # an upload that was broken off: nobody is left to answer
                await self._bounded(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    async def _bounded(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Hand a request on; where the bodies of all that are under way become too large together, it gets no more."""
        own = 0

        async def received() -> _Message:
            nonlocal own
            message = await receive()
            more = len(message.get("body", b""))
            own += more
            self._under_way += more
            if more and self._under_way > MOST_UNDER_WAY:
                raise HTTPException(503, "Too much is being sent to this server at once; try again later.")
            return message

        try:
            await self._app(scope, received, send)
        finally:
            self._under_way -= own

    def _is_own(self, scope: _Message) -> bool:
        """Whether a session is asked for by a page of this very host and port, or by no page at all."""
        asked = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = asked.get(b"origin")
        if self._lenient or origin is None or origin.lower() in self._others:
            return True
        try:
            place = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(place) and place == asked.get(b"host", "").lower()


def _with_headers(send: _Send) -> _Send:
    async def sent(message: _Message) -> None:
        if message["type"] == "http.response.start":
            held = {name.lower() for name, _ in message.get("headers", ())}
            more = [(name, value) for name, value in HEADERS if name not in held]
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return sent
