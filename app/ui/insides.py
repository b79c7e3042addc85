"""What Scarp touches of Streamlit beneath its documented interface: here and nowhere else, each with a test."""

import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit import runtime
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

from app.export import page

if TYPE_CHECKING:
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
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


def leave_to_the_browser(seconds: float) -> None:
    """Wait, where there is a browser, so that it draws what it was sent before it is sent more."""
    if runtime.exists():
        time.sleep(seconds)


@cache  # once a process
def keep_fragments_on_their_page() -> None:
    """Make a part of a page that runs again after the reader left for another page name the page that is there.

    Streamlit 1.67 would name the page left: the browser empties the one it shows, and whatever it is sent next breaks.
    """
    run = ScriptRunner._run_script

    def run_here(self: ScriptRunner, rerun_data: "RerunData") -> None:
        if rerun_data.fragment_id_queue:
            rerun_data = replace(rerun_data, page_script_hash=self._get_script_run_ctx().page_script_hash)
        run(self, rerun_data)

    ScriptRunner._run_script = run_here  # type: ignore[method-assign]
