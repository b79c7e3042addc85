"""What a failure of Sentinel Hub means and what to do about it, in one sentence free of credentials."""

from collections.abc import Mapping
from typing import Any

from app.config import SentinelHubAccount
from app.sources.sentinelhub_costs import Cost
from app.sources.sentinelhub_request import Service

GUIDE = "docs/SENTINELHUB.md"
_LOGIN = "Check them, and that they belong to this service: Sentinel Hub and Copernicus Data Space have separate ones."


def sentence(event: Mapping[str, Any], service: Service, cost: Cost, account: SentinelHubAccount) -> str:
    """Return what a failure means, of which a worker told in ``event``: its kind, an HTTP status, what was said."""
    detail = str(event.get("detail", ""))
    for secret in (account.client_secret, account.client_id):
        detail = detail.replace(secret, "***")
    if event["kind"] == "refused":
        return _refusal(int(event["status"]), detail, service, cost)
    sentences = {
        "no-scene": f"{service.title} has no scene of this place on {event.get('day')}; choose another date.",
        "login": f"{service.title} did not accept SH_CLIENT_ID and SH_CLIENT_SECRET ({detail}). {_LOGIN}",
        "no-token": f"{service.title} gave no access token ({detail}). Check SH_OAUTH2_URL, or try again later.",
        "unreachable": f"{service.title} cannot be reached or broke off ({detail}). "
        "Check the network and proxy, then try again; demo and sample need no network.",
        "not-installed": f"The Python that should have xcube-sh lacks a part of it ({detail}). "
        f"Set SCARP_XCUBE_PYTHON to an environment made from environment.yml ({GUIDE}).",
        "damaged": f"An answer of {service.title} arrived damaged ({detail}), so nothing was kept; try again.",
        "disk": f"There is no room or right to write what {service.title} sends ({detail}); free some disk space.",
        "ended": f"The process that talks to {service.title} ended by itself ({detail}); try again.",
    }
    return sentences.get(str(event["kind"]), f"Reading from {service.title} failed ({detail}); try again.")


def _refusal(status: int, detail: str, service: Service, cost: Cost) -> str:
    """Return the sentence for an answer that is an HTTP error."""
    if status == 401:
        return f"{service.title} did not accept the credentials (401 {detail}). {_LOGIN}"
    if status == 403:
        return (
            f"{service.title} refused (403 {detail}): the account's processing units or requests are used up, or it "
            f"has no right to this data. This takes about {cost.units:.2f} units, requests: {cost.requests}; look at "
            "your account's dashboard, or use the source stac."
        )
    if status == 429:
        return (
            f"{service.title} kept saying that its rate limit is reached (429 {detail}). "
            "Wait a minute, then open fewer patches at once."
        )
    if status >= 500:
        return f"{service.title} failed on its side, several times in a row ({status} {detail}). Try again later."
    return f"{service.title} does not understand the request ({status} {detail}); try other bands or another box."
