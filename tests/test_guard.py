"""What the guard lets through to the server, and what it adds to answers."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from app.visitors import guard
from app.visitors.guard import HEADERS, Guard


def answer(scope: dict, **how) -> tuple[bool, list[dict]]:
    """Return whether the server was asked, and what was sent, by a server that says yes to all."""
    asked, sent = [], []

    async def server(scope, receive, send):
        asked.append(scope)
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Frame-Options", b"DENY")]})

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor() as aside:  # a thread in which no loop runs, whatever a test before left in this one
        aside.submit(asyncio.run, Guard(server, **how)(scope, None, send)).result()
    return bool(asked), sent


def session(origin: str | None, host: str = "scarp.example.org") -> dict:
    headers = [(b"Host", host.encode()), *([(b"Origin", origin.encode())] if origin else [])]
    return {"type": "websocket", "headers": headers}


@pytest.mark.parametrize("origin", ["https://scarp.example.org", "HTTPS://SCARP.example.org", None])
def test_a_page_of_this_server_and_a_program_open_a_session(origin):
    assert answer(session(origin)) == (True, [])


@pytest.mark.parametrize("origin", ["https://example.org", "https://scarp.example.org:8443", "null", "https://["])
def test_a_page_of_another_origin_is_refused(origin):
    assert answer(session(origin)) == (False, [{"type": "websocket.close", "code": 1008}])


def test_an_origin_that_the_deployer_names_is_let_in():
    assert answer(session("https://portal.example.org"), others=["https://portal.example.org/"])[0]
    assert not answer(session("http://portal.example.org"), others=["https://portal.example.org"])[0]


def test_an_answer_gets_the_headers_it_lacks_and_keeps_its_own():
    _, (start,) = answer({"type": "http", "headers": []})
    assert start["headers"] == [(b"X-Frame-Options", b"DENY"), *HEADERS[1:]]


def test_an_upload_that_is_broken_off_is_no_fault_of_the_server():
    async def server(scope, receive, send):
        await Request(scope, receive).body()

    async def receive():
        return {"type": "http.disconnect"}

    with ThreadPoolExecutor() as aside:
        aside.submit(asyncio.run, Guard(server)({"type": "http", "headers": []}, receive, None)).result()


def test_bodies_under_way_take_no_more_together_than_they_may_and_make_room_when_they_end(monkeypatch):
    monkeypatch.setattr(guard, "MOST_UNDER_WAY", 100)

    async def server(scope, receive, send):
        await Request(scope, receive).body()

    def body(*parts: int):
        left = list(parts)

        async def receive():
            await asyncio.sleep(0)
            size = left.pop(0)
            return {"type": "http.request", "body": b"x" * size, "more_body": bool(left)}

        return receive

    async def send(message):
        pass

    async def all_sent() -> list:
        one = Guard(server)
        scope = {"type": "http", "headers": [], "method": "PUT"}
        await one(scope, body(60, 40), send)  # as much as there may be
        two = await asyncio.gather(
            one(scope, body(60, 20), send), one(scope, body(60, 20), send), return_exceptions=True
        )
        await one(scope, body(100), send)
        return two

    with ThreadPoolExecutor() as aside:
        found = aside.submit(asyncio.run, all_sent()).result()
    assert sorted(str(getattr(one, "status_code", one)) for one in found) == ["503", "None"]
