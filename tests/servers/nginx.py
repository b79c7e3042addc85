"""A real nginx on loopback before a Scarp on this machine, with the very lines that docs/DEPLOY.md gives for one."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import ROOT
from tests.servers.scarp import Served, wait_for

PATH = "/scarp"
WHERE = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
_REST = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{}}
http {{
  log_format asked '$status $request_uri';
  access_log {folder}/asked.log asked;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxied;
  fastcgi_temp_path {folder}/fastcgi;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  server {{
    listen 127.0.0.1:{port};
    {recipe}
    location / {{ return 404; }}
  }}
}}
"""


class Front(Served):
    """Where nginx listens, and its log of what was asked."""

    def asked(self) -> list[tuple[int, str]]:
        """Return status and path of all that was asked for and is over."""
        lines = self.log.read_text("utf-8").splitlines()
        return [(int(status), path) for status, path in (line.split(" ", 1) for line in lines)]


def program() -> str | None:
    """Return where nginx is, None where there is none."""
    return shutil.which("nginx", path=WHERE)


def recipe() -> str:
    """Return the lines that docs/DEPLOY.md gives."""
    text = (ROOT / "docs" / "DEPLOY.md").read_text("utf-8")
    (found,) = re.findall(rf"^    (location {PATH}/ \{{.*?^    \}})", text, flags=re.MULTILINE | re.DOTALL)
    return found


@contextmanager
def nginx(folder: Path, scarp: int) -> Iterator[Front]:
    """Run one as long as this lasts, before the Scarp at a port; all it writes goes to ``folder``."""
    folder.mkdir()
    port, told = _free_port(), folder / "nginx.conf"
    given = recipe().replace("127.0.0.1:8501", f"127.0.0.1:{scarp}")
    user = "user root;" if hasattr(os, "getuid") and os.getuid() == 0 else ""  # else nobody, who cannot write there
    told.write_text(_REST.format(folder=folder, port=port, recipe=given, user=user))
    command = [program() or "nginx", "-c", str(told), "-e", str(folder / "error.log")]
    with subprocess.Popen(command) as process:
        try:
            front = Front(process, port, folder / "asked.log", path=PATH)
            wait_for(f"{front.address}/_stcore/health", process)
            yield front
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
