"""What Scarp touches of Streamlit beneath its documented interface: here and nowhere else, each with a test."""

from pathlib import Path
from typing import TYPE_CHECKING

from streamlit import runtime

from app.export import page

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile  # what an uploader hands over

MAIN = "[data-testid=stMain]"  # the part of a page that scrolls, for scripts in it

# the layout of Streamlit's own parts, by their test ids
PAGE_STYLE = f"<style>\n{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"


def media_address(data: bytes, media: str, place: str) -> str:
    """Return where the browser finds bytes it keeps between reruns: named by content, sent once.

    ``place`` is unlike any other on the page: what was there before is let go. Without Streamlit's store of
    media, the bytes themselves as an address.
    """
    if runtime.exists():
        return runtime.get_instance().media_file_mgr.add(data, media, place)
    return page.as_address(data, media)
