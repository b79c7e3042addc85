"""A page in one file: what it asked a server for is written into it, so that it opens anywhere."""

import base64
import mimetypes
import re
from collections.abc import Callable
from html import escape

Read = Callable[[str], bytes]  # the file behind an address

_SCRIPT = re.compile(r'<script src="([^"]+)"></script>')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)"\s*/>')
_PICTURE = re.compile(r"""url\(["']?((?!data:)[^)"'#]+)["']?\)""")


def whole(html: str, read: Read, title: str) -> bytes:
    """Return a page with its scripts, styles and their pictures in it, UTF-8; ``title`` is text, never markup.

    ``read`` gives the file of each address. Raises ValueError where a script or a style is still asked for.
    """
    html = _SCRIPT.sub(lambda found: f"<script>{_script(read(found[1]))}</script>", html)
    html = _STYLE.sub(lambda found: f"<style>{_style(found[1], read)}</style>", html)
    if re.search(r"<(?:script|link)\b[^>]*\b(?:src|href)=", re.sub(r"<script>.*?</script>", "", html, flags=re.S)):
        raise ValueError("the page asks for a script or a style that it does not hold")
    return html.replace("<head>", f"<head><title>{escape(title)}</title>", 1).encode()


def as_address(data: bytes, media: str) -> str:
    """Return bytes as an address that needs no server."""
    return f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"


def _script(data: bytes) -> str:
    """Return a script that a page can hold: no text in it ends the element, and none points to a map of its lines."""
    text = re.sub(r"//# sourceMappingURL=\S+", "", data.decode("utf-8"))
    return text.replace("</script", "<\\/script")


def _style(address: str, read: Read) -> str:
    folder = address.split("?")[0].rpartition("/")[0]

    def picture(found: re.Match[str]) -> str:
        media = mimetypes.guess_type(found[1])[0] or "application/octet-stream"
        return f'url("{as_address(read(f"{folder}/{found[1]}"), media)}")'

    return _PICTURE.sub(picture, read(address).decode("utf-8"))
