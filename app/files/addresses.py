"""Places of files that may be a folder or an object store, as fsspec opens them."""

import re

_S3 = ("s3://", "s3a://")


def storage_options(url: str) -> dict[str, object]:
    """Return what fsspec needs for a place, so that an unreachable one is noticed in seconds."""
    if not url.startswith(_S3):
        return {"auto_mkdir": True} if "://" not in url or url.startswith(("file://", "local://")) else {}
    return {"config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}}


def shown(url: str) -> str:
    """Return an address without a user's name or password."""
    return re.sub(r"//[^/@]*@", "//", url)
