"""Asks Sentinel Hub for heights of the ground through xcube-sh; runs beside it, in the process of ``xcube_worker``.

xcube-sh opens the collection ``DEM`` as a cube of days, but cannot say which model of heights it means; its own request
and its own way of sending it can. No other module of Scarp imports it.
"""

import zlib
from pathlib import Path
from typing import Any

DATA_ID = "DEM"
MODEL = "COPERNICUS_30"  # Sentinel Hub's own service would take Mapzen's
_FORM = "application/octet-stream"  # what xcube-sh asks for: numbers compressed by zlib


def fetch(job: dict, hub: Any) -> None:
    """Write ``DEM``, float32 (height, width) in metres, north first; raises ValueError for an answer of another size.

    Raises what xcube-sh raises. Ground without a tile, open sea, has height 0.
    """
    import numpy as np

    width, height = job["size"]
    answer = hub.get_data(request(job, hub), mime_type=_FORM)
    expected = width * height * 4
    raw = zlib.decompressobj().decompress(answer.content, expected + 1)
    values = np.frombuffer(raw, "<f4").reshape(height, width)
    np.save(Path(job["folder"]) / f"{DATA_ID}.npy", values)


def request(job: dict, hub: Any) -> dict:
    """Return xcube-sh's request for one picture, with the model named and heights between its pixels."""
    made = hub.new_data_request(
        DATA_ID, [DATA_ID], job["size"], bbox=job["bbox"], upsampling="BILINEAR", downsampling="BILINEAR",
        band_sample_types="FLOAT32",
    )  # fmt: skip
    [data] = made["input"]["data"]
    data["dataFilter"] = {"demInstance": MODEL}
    return made
