"""One machine for a class: the address that others on the network reach it by, and a code of it for phones."""

import ipaddress
import os
import socket
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

from app import config
from app.errors import InputError
from app.lessons.quiz import Quiz

EVERYWHERE = "0.0.0.0"  # nosec B104
PAGE = "learn"
ANSWERS = "quiz.answers.csv"  # to quizzes of links, in Scarp's own folder
READERS = 40  # at once, where SCARP_SESSIONS says nothing else
UPLOADS_GB, ALL_UPLOADS_GB = "0.2", "2"  # of a reader and of all: lists of landslides are all they bring
_LINK_LOCAL = "169.254."


@dataclass
class Class:
    """The class that this process serves: without an address there is none, and it may have no quiz."""

    address: str = ""
    quiz: Quiz | None = None
    answers: Path = Path()  # the table of answers to the quiz


CLASS = Class()


def table_of_links() -> Path | None:
    """Return the table that answers to quizzes of links are collected in; None where this machine is for everybody.

    A shared Scarp keeps what a class answers, for its teacher, and nothing of whoever comes by.
    """
    settings = config.settings()
    return None if settings.shared and not CLASS.address else settings.home / ANSWERS


def addresses() -> tuple[str, ...]:
    """Return the IPv4 addresses of this machine that others may reach, those of private networks first."""
    import psutil

    found = [one.address for held in psutil.net_if_addrs().values() for one in held if one.family == socket.AF_INET]
    usable = [ipaddress.ip_address(one) for one in found if not one.startswith(_LINK_LOCAL)]
    return tuple(str(one) for one in sorted({one for one in usable if not one.is_loopback}, key=_rank))


def reached_at(host: str) -> str:
    """Return the address that a class types, for a server that listens at ``host``.

    Raises InputError where this machine has none on any network, or not that one.
    """
    held = addresses()
    if host != EVERYWHERE:
        if host not in held:
            known = ", ".join(held) or "none on a network"
            raise InputError(f"This machine has no address {host}; it has {known}. Leave --host out for all of them.")
        return host
    if not held:
        raise InputError(
            "This machine is on no network, so no phone can reach it. Join the class's network, or open a hotspot on "
            "this machine, then start again."
        )
    return held[0]


def share() -> None:
    """Put this process into the shared mode, in which readers name, bring and keep no files of this machine."""
    os.environ["SCARP_PATHS"] = "off"
    os.environ.setdefault("SCARP_SHARED", "on")
    os.environ.setdefault("SCARP_SESSIONS", str(READERS))
    os.environ.setdefault("SCARP_UPLOADS_GB", UPLOADS_GB)
    os.environ.setdefault("SCARP_ALL_UPLOADS_GB", ALL_UPLOADS_GB)
    config.settings.cache_clear()


def as_text(address: str) -> str:
    """Return a code of an address for a terminal."""
    import segno

    out = StringIO()
    segno.make(address, error="m").terminal(out, compact=True, border=2)
    return out.getvalue()


def as_png(address: str) -> bytes:
    """Return a code of an address as a PNG picture, dark on white whatever the page's theme."""
    import segno

    out = BytesIO()
    segno.make(address, error="m").save(out, kind="png", scale=10, border=3, dark="#000", light="#fff")
    return out.getvalue()


def _rank(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[bool, bool, int]:
    """Order addresses: private ones first, those that containers use last among them."""
    return not address.is_private, str(address).startswith("172.17."), int(address)
