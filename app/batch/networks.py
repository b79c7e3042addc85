"""The networks of a batch on a worker: each opened once, when the worker joins, and ended with it."""

import logging
from contextlib import suppress
from typing import Any

from distributed import WorkerPlugin

from app.errors import ScarpError
from app.files import digest

_log = logging.getLogger(__name__)


class Networks(WorkerPlugin):
    """Sets up a batch's networks on every worker, also on those that join later."""

    def __init__(self, methods: tuple[str, ...], device: str) -> None:
        self.methods, self.device = methods, device
        self.name = f"scarp-networks-{digest(repr((methods, device)))[:12]}"

    def setup(self, worker: Any) -> None:
        """Open each network; one that cannot be opened is told by the first event that needs it."""
        from app.detection import methods as naming
        from app.detection.network import process, registry

        for method in self.methods:
            with suppress(ScarpError):
                path = registry.find(naming.parse(method).target).path
                with process.opened(path, self.device, process.Budget()):
                    _log.info("%s is open on %s.", method, worker.address)

    def teardown(self, worker: Any) -> None:
        """End the networks' processes with the worker."""
        from app.detection.network import process

        process.close()
