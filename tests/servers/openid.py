"""An OpenID provider on loopback: whoever is sent there has logged in already, as whom a test says."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "scarp"


@dataclass
class Provider:
    """Who has logged in there, and what it was asked; tests change it while it runs."""

    address: str
    who: dict[str, object] = field(default_factory=dict)  # what the token says: sub, email, email_verified, name
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "one", "use": "sig"}))
    signs_with: RSAKey | None = None  # another key than it publishes
    requests: list[str] = field(default_factory=list)
    nonces: dict[str, str] = field(default_factory=dict)  # code -> nonce

    def token(self, code: str) -> str:
        """Return the signed statement of who logged in."""
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 600, **self.who}
        if nonce := self.nonces.get(code):
            said["nonce"] = nonce
        return jwt.encode({"alg": "RS256", "kid": "one"}, said, self.signs_with or self.key)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        state: Provider = self.server.state
        asked = urlsplit(self.path)
        state.requests.append(asked.path)
        if asked.path == "/.well-known/openid-configuration":
            at = state.address
            self._json({
                "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            })  # fmt: skip
        elif asked.path == "/keys":
            self._json({"keys": [state.key.as_dict(private=False)]})
        elif asked.path == "/authorize":
            query = {name: one for name, (one, *_) in parse_qs(asked.query).items()}
            code = f"code-{len(state.nonces)}"
            state.nonces[code] = query.get("nonce", "")
            self.send_response(302)
            back = urlencode({"code": code, "state": query["state"]})
            self.send_header("Location", f"{query['redirect_uri']}?{back}")
            self.end_headers()
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        state: Provider = self.server.state
        state.requests.append(self.path)
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        token = state.token(asked["code"][0])
        self._json({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

    def log_message(self, *args: object) -> None:
        """Stay silent."""

    def _json(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def openid_provider() -> Iterator[Provider]:
    """Run a provider until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.state = Provider(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.state
        finally:
            server.shutdown()
