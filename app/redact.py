"""What must not be read by others, taken out of text: of logs, tracebacks, pages and documents alike.

Two ways at once: the very values that this process was given as secrets, wherever they stand, and
what stands where services, signed addresses and headers carry theirs, whoever gave them out.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_SHORTEST = 6  # a shorter value would blot ordinary words out
_SURE = 16

_known: set[str] = set()
_held = re.compile(r"(?!)")  # matches nothing until a secret is known

_QUERY = (
    r"x-(?:amz|goog|ms)-[\w-]+|sig|signature|token|[\w-]*(?:access|refresh|id|session|security|sas|auth)[_-]?token"
    r"|(?:aws|google)?access(?:key)?_?(?:key)?id|key-pair-id|api[_-]?key|apikey|subscription-key|client_secret"
    r"|client_assertion|password|passwd|pwd|secret|secret_?key|aws_secret_access_key"
)
# how long and for what, as Azure and Amazon sign it
_SAS = "se|st|sp|sv|sr|spr|sks|skv|ske|skt|skoid|sktid|sdd|sip|policy|expires"
_NAME = (
    r"(?<![A-Za-z])(?:(?:proxy-)?authorization|(?:set-)?cookie|x-amz-security-token|x-amz-signature|x-amz-credential|x-api-key"
    r"|ocp-apim-subscription-key|x-xsrftoken|(?:client|aws_session|aws_secret_access|account|shared)[_-]?(?:secret|token|key)"
    r"|(?:access|refresh|id|session|security|sas|auth)[_-]?token|secret_?access_?key|secret_?key|secret|access_?key_?id"
    r"|aws_access_key_id|password|passwd|pwd|api[_-]?key|signature|credential|token)"
)
_RULES = (
    (re.compile(r"(?<=://)[^/\s@\"'<>?#]+@"), f"{HIDDEN}@"),
    (re.compile(rf"((?:^|[?&;\s\"'(]|%3F|%26)(?:{_QUERY})(?:=|%3D))[^&\s\"'<>)\]}},]+", re.I | re.M), rf"\1{HIDDEN}"),
    (re.compile(rf"((?:[?&]|%3F|%26)(?:{_SAS})(?:=|%3D))[^&\s\"'<>)\]}},]+", re.I), rf"\1{HIDDEN}"),
    # a header or value to the end of its quotes, or of its line where there are none
    (re.compile(rf"({_NAME}[\"']?\s*(?:[:=]|(?<=[\"'])\s*,)\s*b?([\"']))(?:(?!\2).)+", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"(authorization\s*[:=]\s*|\b(?:set-)?cookie:\s*)[^\"'\r\n]+", re.I), rf"\1{HIDDEN}"),
    (re.compile(rf"({_NAME}\s*[:=]\s*)[^\s\"',;&<>)}}\]]+", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{6,}"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(<(?:SecretAccessKey|SessionToken|AccessKeyId)>)[^<]+", re.I), rf"\1{HIDDEN}"),
)


def know(values: Iterable[str]) -> None:
    """Take values into the list of what is hidden wherever it stands; those that are too short are left out."""
    global _held
    new = {value.strip() for value in values}
    new = {value for value in new if len(value) >= _SHORTEST} - _known
    if new:
        _known.update(new)
        forms = {form for value in _known for form in (value, quote(value), quote(value, safe=""), quote_plus(value))}
        _held = re.compile("|".join(_as_pattern(form) for form in sorted(forms, key=len, reverse=True)))


def _as_pattern(value: str) -> str:
    """Return a pattern for a value: one as short as a word only where it stands by itself."""
    return re.escape(value) if len(value) >= _SURE else rf"(?<!\w){re.escape(value)}(?!\w)"


def redacted(text: str) -> str:
    """Return the text with every secret in it replaced by stars."""
    text = _held.sub(HIDDEN, text)
    for rule, shown in _RULES:
        text = rule.sub(shown, text)
    return text
