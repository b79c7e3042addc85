"""Every error Scarp raises on purpose; each message says what was wrong and what to do next."""

from app.redact import redacted


class ScarpError(Exception):
    """Base of all errors a page or the command line may show as it stands; what it tells holds no secret."""

    def __str__(self) -> str:
        return redacted(super().__str__())


class InputError(ScarpError):
    """Something a person gave (file, argument, date, link) cannot be used."""


class PermitError(InputError):
    """A reader of a shared installation asked for what only those who have signed in may do."""


class InventoryError(InputError):
    """A file cannot be read as a landslide inventory at all."""


class EventUnknownError(InputError):
    """The inventory holds no event with that id."""


class DateOrderError(InputError):
    """T1 and T2 are missing or not in that order."""


def wrong_order(said: str, first: object, second: object) -> DateOrderError:
    """Return the error for two dates of which the first is not the earlier one, with the way out that fits them."""
    way = "choose another day for one of them" if str(first) == str(second) else "swap them"
    return DateOrderError(f"{said}; {way}.")


class GridError(InputError):
    """A bounding box or resolution that gives no usable grid, or grids that do not match."""


class BandMissingError(InputError):
    """The patch, file or source does not hold a band that was asked for."""


class PatchFileError(InputError):
    """A file cannot be read as a patch, or a patch cannot be written there."""


class MethodError(InputError):
    """A method name or its parameters are not understood."""


class DetectionsError(InputError):
    """Detections that others made are missing, of another place or event, or cannot be read."""


class SourceError(ScarpError):
    """A source exists but cannot deliver: not installed, no account, refused, out of reach."""


class SceneMissingError(SourceError):
    """A source answered that it holds nothing of this place on these days."""


class SourceBusyError(SourceError):
    """A service asks for fewer requests; ``after_s`` seconds later it may be asked again."""

    def __init__(self, said: str, after_s: float) -> None:
        super().__init__(said)
        self.after_s = after_s

    def __reduce__(self) -> tuple[type["SourceBusyError"], tuple[str, float]]:
        return type(self), (str(self), self.after_s)


class CacheError(ScarpError):
    """The patch cache cannot be read or written."""


class NetworkError(ScarpError):
    """A network file is missing, refused, or failed while running."""


class NetworkRunError(NetworkError):
    """A network stopped while it ran: out of memory, crashed or refused by the runtime; a gentler run may work."""


class QueueError(ScarpError):
    """A network was not begun: others' kept it waiting for longer than the settings allow."""


class NetworkBudgetError(NetworkError):
    """A network ran out of the time it may take."""


class TruthMissingError(InputError):
    """Scores were asked for where no truth is known."""


class HeightsMissingError(InputError):
    """Slope, light or heights were asked for of a patch without heights, or a file holds none."""


class EarlierMissingError(InputError):
    """A method needs the same season of earlier years, and a patch or its source has none."""


class WorkspaceError(ScarpError):
    """What a reader brought or made cannot be kept."""


class ReviewError(ScarpError):
    """A verdict cannot be stored or read."""


class BatchError(ScarpError):
    """The folder of a batch cannot be used, or another batch is writing to it."""


class Cancelled(ScarpError):
    """The person asked for the work to stop; nothing half-done was kept."""
