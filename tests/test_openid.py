"""Logging in with a real OpenID provider, on loopback: who comes back from there is known, and nobody else."""

import http.cookiejar
import urllib.error
import urllib.request

import pytest

from app.serve import free_port
from tests.servers.openid import CLIENT, openid_provider
from tests.servers.scarp import WORKER, Served, served
from tests.servers.session import Session

pytest.importorskip("authlib", reason="Streamlit's login needs Authlib, which `make test` brings")
from joserfc.jwk import RSAKey

REVIEW = "event=171&source=demo"


@pytest.fixture(scope="module")
def provider():
    with openid_provider() as running:
        yield running


@pytest.fixture(scope="module")
def server(provider, tmp_path_factory):
    """A shared installation whose readers log in, and of whom one may judge."""
    folder = tmp_path_factory.mktemp("login")
    port = free_port(19501 + 20 * WORKER)  # the one it will be served at
    (folder / "secrets.toml").write_text(
        f"""[auth]
redirect_uri = "http://127.0.0.1:{port}/oauth2callback"
cookie_secret = "a secret of the test's own, long enough"
client_id = "{CLIENT}"
client_secret = "not very"
server_metadata_url = "{provider.address}/.well-known/openid-configuration"
"""
    )
    asks = {"SCARP_SHARED": "1", "SCARP_REVIEWERS": "ada@example.org"}
    with served(folder, STREAMLIT_SECRETS_FILES=str(folder / "secrets.toml"), **asks) as running:
        assert running.port == port
        yield running


def logged_in(server: Served, page: str) -> dict[str, str]:
    """Press the button, go to the provider and back as a browser does; returns what the browser sends from then on."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with Session(server) as before:
        before.open(page, REVIEW)
        before.press("-review.login")
        try:
            browser.open(server.address + before.sent_to, timeout=60).close()
        except urllib.error.HTTPError as refused:
            refused.close()
        browser.open(f"{server.address}/_stcore/health", timeout=60).close()  # the token against forged requests
    return {"Cookie": "; ".join(f"{one.name}={one.value}" for one in jar if one.name.startswith("_streamlit"))}


def judged(server: Served, cookies: dict[str, str]) -> str:
    with Session(server, {**cookies, "Origin": server.address}) as after:
        after.open("review", REVIEW)
        after.press(after.named("-review.confirmed."))
        return after.words()


def looked(server: Served, cookies: dict[str, str]) -> str:
    """Return what the page says to somebody whom it offers no verdict to press."""
    with Session(server, {**cookies, "Origin": server.address}) as after:
        after.open("review", REVIEW)
        with pytest.raises(StopIteration):
            after.named("-review.confirmed.")
        return after.words()


def test_who_comes_back_from_the_provider_judges_under_their_address(provider, server):
    provider.who = {"sub": "1", "email": "ada@example.org", "email_verified": True, "name": "Ada"}
    cookies = logged_in(server, "review")
    assert "/token" in provider.requests
    said = judged(server, cookies)
    assert "**ada@example.org**" in said and "Kept" in said


def test_who_is_not_listed_only_looks(provider, server):
    provider.who = {"sub": "2", "email": "eve@example.org", "email_verified": True}
    assert "eve@example.org is not among the reviewers" in looked(server, logged_in(server, "review"))


def test_an_address_the_provider_has_not_confirmed_is_nobodys(provider, server):
    provider.who = {"sub": "3", "email": "ada@example.org", "email_verified": False, "name": "Mallory"}
    assert "Mallory is not among the reviewers" in looked(server, logged_in(server, "review"))


def test_a_token_that_another_key_signed_logs_nobody_in(provider, server, monkeypatch):
    provider.who = {"sub": "4", "email": "ada@example.org", "email_verified": True}
    monkeypatch.setattr(provider, "signs_with", RSAKey.generate_key(2048))
    assert "only for those who have signed in" in looked(server, logged_in(server, "review"))


def test_a_cookie_made_by_hand_logs_nobody_in(server):
    forged = {"Cookie": '_streamlit_user="eyJlbWFpbCI6ImFkYUBleGFtcGxlLm9yZyJ9"'}
    assert "only for those who have signed in" in looked(server, forged)
