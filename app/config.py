"""Settings, read once from the environment; nothing else in Scarp looks there."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import ceil
from pathlib import Path

from app import redact
from app.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).resolve().parent / "data"
_PRIVATE = re.compile(r"^(SH|SCARP|AWS|STREAMLIT)_|SECRET|TOKEN|PASSW|KEY|CREDENTIAL|PROXY")
_SECRET = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|(?<![A-Z])KEY(?!BOARD)|ACCESS_?KEY|API_?KEY|^SH_CLIENT_ID$")

OWN_HOSTS = ("127.0.0.1", "localhost", "::1")  # as .streamlit/config.toml has them
_HOST = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:]*:[0-9a-f:.]*")
_S3_KEYS = re.compile(r"SCARP_([A-Z0-9]+)_S3_(?:KEY|SECRET)")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@cache
def version() -> str:
    """Return Scarp's version as ``pyproject.toml`` has it, ``unknown`` where that file was left behind."""
    import tomllib

    try:
        return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    except (OSError, ValueError, KeyError):  # a number that cannot be told is no reason to give no file
        return "unknown"


def software() -> str:
    """Return what a file says it was written by: the name and the version."""
    return f"Scarp {version()}"


def available_cores() -> int:
    """Return the number of processor cores this process may use: those granted to it, or ``SCARP_CORES`` of them."""
    granted = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("SCARP_CORES", "")
    return max(1, min(granted, int(allowed)) if allowed.isdecimal() else granted)


@dataclass(frozen=True)
class SentinelHubAccount:
    """An OAuth client of Sentinel Hub; its repr shows neither id nor secret, so no log can."""

    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)
    instance_url: str = ""  # empty: the service's own address
    oauth2_url: str = ""

    @property
    def complete(self) -> bool:
        """Whether there is an id and a secret to log in with."""
        return bool(self.client_id and self.client_secret)


@dataclass(frozen=True)
class S3Keys:
    """Keys to a store of files; its printed form shows neither."""

    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    @property
    def complete(self) -> bool:
        """Whether both are there."""
        return bool(self.key and self.secret)


@dataclass(frozen=True)
class Settings:
    """What an installation may change; docs/SETTINGS.md mirrors this."""

    home: Path  # Scarp's own writable folder
    cache_url: str  # fsspec URL of the patch cache
    database_url: str  # SQLAlchemy URL of the review database
    log_level: str
    hosts: tuple[str, ...] = ()  # names the server answers to beside this machine's own
    blind: bool = False  # whether reviewers see others' verdicts on an event only once theirs is in
    reviewers: tuple[str, ...] = ()  # who may judge where readers log in; empty: whoever does
    shared: bool = False  # whether visitors use it: who has not signed in reads, brings and writes no files here
    shared_accounts: bool = False  # whether visitors may have patches fetched with an account of the installation
    paths: bool = True  # whether a reader at this machine may type a path of it
    max_csv_mb: int = 50
    max_raster_mpx: int = 121  # per date: a whole 10 m Sentinel-2 tile is 120.6 megapixels
    patch_gb: float = 4.5  # what one opened file or pair may take in memory; a whole tile of four bands takes 4.1
    patch_mpx: float = 121.0  # largest patch that is opened around an event: a whole tile
    sessions: int = 0  # readers at once; 0: as many as come
    uploads_gb: float = 2.0  # what one session may hold of files that were brought, until it ends
    all_uploads_gb: float = 8.0  # what all sessions together may hold of them
    cache_gb: float = 20.0  # least recently used patches leave when the cache grows beyond
    deadline_s: float = 300.0  # one patch from a remote source: longest wait before giving up
    stac_url: str = ""  # a STAC API of the installation's own, the catalogue `own`
    s3_keys: Mapping[str, S3Keys] = field(default_factory=dict)  # account, as in SCARP_CDSE_S3_KEY -> its keys
    published: Path = Path()  # folder or zip of the published data sets
    data: Path = Path()  # folder of the real images that networks are trained and scored on
    models: Path = Path()  # networks for everybody, beside those in the project's models/
    model_budget_s: float = 300.0  # longest a network may take for one patch before the band difference runs instead
    queue_s: float = 600.0  # longest a network waits for those of other readers
    model_max_mb: float = 512.0  # largest .onnx file that is opened
    model_memory_gb: float = 4.0  # what a network's process may take on the CPU beyond its own start
    workspace_gb: float = 1.0  # what one reader brought or made, the networks among it
    workspaces_gb: float = 20.0  # of all readers together
    workspace_days: float = 90.0  # how long it is kept after its last use
    xcube_python: str = ""  # interpreter that has xcube-sh; empty: the one Scarp runs in
    sentinelhub: SentinelHubAccount = SentinelHubAccount()


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that ``environ`` asks for, with defaults inside ``SCARP_HOME``."""
    home = _folder(environ, "SCARP_HOME", "~/.scarp")
    return Settings(
        home=home,
        cache_url=environ.get("SCARP_CACHE") or str(home / "cache"),
        database_url=environ.get("SCARP_DATABASE") or f"sqlite:///{home / 'review.sqlite'}",
        log_level=_log_level(environ.get("SCARP_LOG") or "WARNING"),
        hosts=_hosts(environ.get("SCARP_HOSTS") or ""),
        blind=_on(environ, "SCARP_BLIND", "off"),
        reviewers=tuple(one.strip() for one in (environ.get("SCARP_REVIEWERS") or "").split(",") if one.strip()),
        shared=_on(environ, "SCARP_SHARED", "off"),
        shared_accounts=_on(environ, "SCARP_SHARED_ACCOUNTS", "off"),
        paths=_on(environ, "SCARP_PATHS"),
        cache_gb=_above_zero(environ, "SCARP_CACHE_GB", Settings.cache_gb, "gigabytes"),
        patch_gb=_above_zero(environ, "SCARP_PATCH_GB", Settings.patch_gb, "gigabytes"),
        patch_mpx=_above_zero(environ, "SCARP_PATCH_MPX", Settings.patch_mpx, "megapixels"),
        uploads_gb=_above_zero(environ, "SCARP_UPLOADS_GB", Settings.uploads_gb, "gigabytes"),
        all_uploads_gb=_above_zero(environ, "SCARP_ALL_UPLOADS_GB", Settings.all_uploads_gb, "gigabytes"),
        sessions=ceil(_above_zero(environ, "SCARP_SESSIONS", 40, "readers")) if environ.get("SCARP_SESSIONS") else 0,
        deadline_s=_above_zero(environ, "SCARP_DEADLINE_S", Settings.deadline_s, "seconds"),
        stac_url=(environ.get("SCARP_STAC_URL") or "").strip(),
        s3_keys=_s3_keys(environ),
        published=_folder(environ, "SCARP_PUBLISHED", home / "published"),
        data=_folder(environ, "SCARP_DATA", ROOT.parent / "shared" / "data"),
        models=_folder(environ, "SCARP_MODELS", home / "models"),
        model_budget_s=_above_zero(environ, "SCARP_MODEL_BUDGET_S", Settings.model_budget_s, "seconds"),
        queue_s=_above_zero(environ, "SCARP_QUEUE_S", Settings.queue_s, "seconds"),
        model_max_mb=_above_zero(environ, "SCARP_MODEL_MAX_MB", Settings.model_max_mb, "megabytes"),
        model_memory_gb=_above_zero(environ, "SCARP_MODEL_MEMORY_GB", Settings.model_memory_gb, "gigabytes"),
        workspace_gb=_above_zero(environ, "SCARP_WORKSPACE_GB", Settings.workspace_gb, "gigabytes"),
        workspaces_gb=_above_zero(environ, "SCARP_WORKSPACES_GB", Settings.workspaces_gb, "gigabytes"),
        workspace_days=_above_zero(environ, "SCARP_WORKSPACE_DAYS", Settings.workspace_days, "days"),
        xcube_python=environ.get("SCARP_XCUBE_PYTHON") or "",
        sentinelhub=_account(environ),
    )


def _folder(environ: Mapping[str, str], name: str, default: Path | str) -> Path:
    text = environ.get(name) or default
    try:
        return Path(text).expanduser()
    except RuntimeError as error:  # a ~ of nobody's, or a user without a home
        raise InputError(f"{name} would be {str(text)!r}, and {error} Give a folder that can be written.") from error


def _s3_keys(environ: Mapping[str, str]) -> dict[str, S3Keys]:
    """Return account -> keys of whatever SCARP_<ACCOUNT>_S3_KEY and SCARP_<ACCOUNT>_S3_SECRET hold."""
    accounts = {found[1] for name in environ if (found := _S3_KEYS.fullmatch(name))}
    parts = ("KEY", "SECRET")
    return {
        account: S3Keys(*((environ.get(f"SCARP_{account}_S3_{part}") or "").strip() for part in parts))
        for account in sorted(accounts)
    }


def _account(environ: Mapping[str, str]) -> SentinelHubAccount:
    """Read the variables xcube-sh itself knows, so that one set-up serves both."""
    names = ("SH_CLIENT_ID", "SH_CLIENT_SECRET", "SH_INSTANCE_URL", "SH_OAUTH2_URL")
    return SentinelHubAccount(*((environ.get(name) or "").strip() for name in names))


def _log_level(text: str) -> str:
    if text.upper() not in LOG_LEVELS:
        raise InputError(f"SCARP_LOG is {text!r}; choose from {', '.join(LOG_LEVELS)}.")
    return text.upper()


def _hosts(text: str) -> tuple[str, ...]:
    """Return the names of a list with commas, in lower case; ``*`` would let every name in, so it is none."""
    names = tuple(name.strip().lower().rstrip(".") for name in text.split(",") if name.strip())
    for name in names:
        if not _HOST.fullmatch(name):
            raise InputError(
                f"SCARP_HOSTS holds {name!r}; give names as a browser's address bar has them, without http:// "
                "and port, separated by commas: scarp.example.org, *.lab.example.org."
            )
    return names


def _on(environ: Mapping[str, str], name: str, default: str = "on") -> bool:
    text = (environ.get(name) or default).strip().lower()
    if text not in ("on", "off", "1", "0"):
        raise InputError(f"{name} is {text!r}; choose on or off.")
    return text in ("on", "1")


def _above_zero(environ: Mapping[str, str], name: str, default: float, unit: str) -> float:
    text = environ.get(name)
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise InputError(f"{name} is {text!r}; give a number of {unit} above 0, for example {default:.0f}.")
    return number


def without_secrets(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process that runs what a stranger wrote: no account, key or address in it."""
    held = os.environ if environ is None else environ
    return {name: value for name, value in held.items() if not _PRIVATE.search(name.upper())}


def know_secrets(environ: Mapping[str, str] | None = None) -> None:
    """Have every key, token and password of the environment hidden in logs and sentences from now on."""
    for name, value in (os.environ if environ is None else environ).items():
        if _SECRET.search(name.upper()) and not name.upper().endswith(("_FILE", "_DIR", "_PATH")):
            redact.know([value])
        elif found := re.search(r"://[^:@/]*:(.+)@", value):  # a password may hold what an address may not
            redact.know([found[1]])


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings."""
    know_secrets()
    return read(os.environ)
