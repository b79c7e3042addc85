"""Stands in for xcube-sh's client where it is not installed: log-in and the catalogue, as its worker calls them."""

from typing import Any

import requests


class SentinelHubError(ValueError):
    """An answer that is an error."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(str(response.status_code))
        self.response = response


class SentinelHub:
    """A session with a token."""

    def __init__(self, client_id: str, client_secret: str, instance_url: str, oauth2_url: str, **_: Any) -> None:
        self.url, self.session = instance_url, requests.Session()
        token = self.session.post(f"{oauth2_url}/token", auth=(client_id, client_secret)).json()["access_token"]
        self.session.headers["Authorization"] = f"Bearer {token}"

    def get_features(self, name: str, bbox: list[float], time_range: tuple[str, str]) -> list[dict]:
        """Return the scenes of a box and span."""
        request = {"collections": [name], "bbox": bbox, "datetime": "/".join(time_range)}
        answer = self.session.post(f"{self.url}/api/v1/catalog/1.0.0/search", json=request)
        if not answer.ok:
            raise SentinelHubError(answer)
        return answer.json()["features"]
