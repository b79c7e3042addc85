"""A session on a running Scarp as a browser has one: it opens pages, moves widgets, brings files; it draws nothing."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any
from uuid import uuid4

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.servers.scarp import Served, connected

PATIENCE_S = 300


class Session:
    """One reader's tab. ``elements`` holds what the last whole run drew: (kind, element, fragment)."""

    def __init__(self, server: Served, headers: Mapping[str, str] = {}) -> None:
        self.server, self.headers = server, headers
        self.elements: list[tuple[str, object, str]] = []
        self.id, self.page, self.query = "", "", ""
        self.sent_to = ""  # where the server sent the browser to log in

    def __enter__(self) -> Session:
        self._tab = connected(self.server, self.headers).__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tab.__exit__(kind, error, trace)

    def open(self, page: str, query: str = "") -> float:
        """Open a page by its name (``detect``) and query; returns the seconds until it is drawn."""
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.query_string = page, query
        self.page, self.query = page, query
        return self._run(asked, whole=True)

    def change(self, ending: str, **value: object) -> float:
        """Give the widget whose id ends so another value (``double_array_value=[0.1]``); returns the seconds."""
        widget, fragment = self.widget(ending)
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.fragment_id = self.page, fragment
        asked.rerun_script.query_string = self.query
        changed = asked.rerun_script.widget_states.widgets.add()
        changed.id = widget
        _fill(changed, value)
        return self._run(asked, whole=not fragment)

    def press(self, ending: str) -> float:
        """Press a button; returns the seconds until the answer is drawn."""
        return self.change(ending, trigger_value=True)

    def tell(self, ending: str, event: str, value: object) -> float:
        """Have the component whose id ends so send an event, as its script does; returns the seconds."""
        component, fragment = self.widget(ending)
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.fragment_id = self.page, fragment
        asked.rerun_script.query_string = self.query
        sent = asked.rerun_script.widget_states.widgets.add()
        sent.id = f"$$STREAMLIT_INTERNAL_KEY_{component}__events"
        sent.json_trigger_value = json.dumps([{"event": event, "value": value}])
        return self._run(asked, whole=not fragment)

    def told(self, ending: str) -> dict[str, Any]:
        """Return what the component whose id ends so was last given."""
        found = next(one for _, one, _ in self.elements if str(getattr(one, "id", "")).endswith(ending))
        data: dict[str, Any] = json.loads(found.json)  # type: ignore[attr-defined]
        return data

    def widget(self, ending: str) -> tuple[str, str]:
        """Return id and fragment of the widget whose id ends so."""
        for _, element, fragment in self.elements:
            if str(getattr(element, "id", "")).endswith(ending):
                return element.id, fragment  # type: ignore[attr-defined]
        raise LookupError(f"no widget {ending} on {self.page}")

    def named(self, part: str) -> str:
        """Return the whole id of the first widget whose id holds a part: one that ends in what nobody foresees."""
        return next(str(one.id) for _, one, _ in self.elements if part in str(getattr(one, "id", "")))  # type: ignore[attr-defined]

    def words(self) -> str:
        """Return what can be read on the page."""
        return "\n".join(str(getattr(one, "body", "")) for _, one, _ in self.elements)

    def bring(self, ending: str, name: str, data: bytes) -> int:
        """Bring a file to the uploader whose id ends so; returns the status it was refused with, or 0."""
        file_id = str(uuid4())
        status = self.upload(file_id, name, data)
        if status:
            return status
        widget, fragment = self.widget(ending)
        asked = BackMsg()
        asked.rerun_script.page_name, asked.rerun_script.fragment_id = self.page, fragment
        changed = asked.rerun_script.widget_states.widgets.add()
        changed.id = widget
        one = changed.file_uploader_state_value.uploaded_file_info.add()
        one.file_id, one.name, one.size = file_id, name, len(data)
        one.file_urls.file_id = file_id
        self._run(asked, whole=not fragment)
        return 0

    def upload(self, file_id: str, name: str, data: bytes) -> int:
        """Send a file's bytes; returns the status with which they were refused, 0 if they were not."""
        token = self._token()
        edge = uuid4().hex
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode() + data + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
        sent = urllib.request.Request(
            f"{self.server.address}/_stcore/upload_file/{self.id}/{file_id}", body, method="PUT",
            headers={"Content-Type": f"multipart/form-data; boundary={edge}", "X-Xsrftoken": token,
                     "Cookie": f"_streamlit_xsrf={token}"},
        )  # fmt: skip
        try:
            urllib.request.urlopen(sent, timeout=PATIENCE_S).close()
        except urllib.error.HTTPError as refused:
            return refused.code
        return 0

    def _token(self) -> str:
        with urllib.request.urlopen(f"{self.server.address}/_stcore/health", timeout=PATIENCE_S) as told:
            return SimpleCookie(told.headers["Set-Cookie"])["_streamlit_xsrf"].value

    def _run(self, asked: BackMsg, whole: bool) -> float:
        began, drawn = time.perf_counter(), []
        self._tab.send(asked.SerializeToString())
        while True:
            told = ForwardMsg.FromString(self._tab.recv(timeout=PATIENCE_S))
            kind = told.WhichOneof("type")
            if kind == "new_session":
                self.id = told.new_session.initialize.session_id or self.id
            elif kind == "page_info_changed":
                self.query = told.page_info_changed.query_string  # what a browser's bar then has
            elif kind == "auth_redirect":
                self.sent_to = told.auth_redirect.url
            elif kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                what = told.delta.new_element.WhichOneof("type")
                drawn.append((what, getattr(told.delta.new_element, what), told.delta.fragment_id))
            elif kind == "script_finished" and told.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if whole:
                    self.elements = drawn
                return time.perf_counter() - began


def _fill(changed: WidgetState, value: Mapping[str, object]) -> None:
    for name, one in value.items():
        if isinstance(one, list):
            getattr(changed, name).data.extend(one)
        else:
            setattr(changed, name, one)
