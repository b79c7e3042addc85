"""Zarr groups made to harm whoever opens them: refused before zarr sees them."""

import json
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import xarray as xr

from app import patches
from app.errors import InputError, PatchFileError
from app.stored import zarr_checks
from tests.small import patch


@pytest.fixture
def group(tmp_path) -> Path:
    """A patch that Scarp wrote."""
    out = tmp_path / "patch.zarr"
    patches.write(patch(), out)
    return out


def _change(group: Path, array: str, **changes) -> None:
    """Change an array's metadata, the gathered too."""
    own, gathered = group / array / ".zarray", group / ".zmetadata"
    own.write_text(json.dumps({**json.loads(own.read_text()), **changes}))
    document = json.loads(gathered.read_text())
    document["metadata"][f"{array}/.zarray"].update(changes)
    gathered.write_text(json.dumps(document))


def _format_3(folder: Path, **changes) -> Path:
    """Write a group of format 3 by hand, with one array."""
    array = {
        "zarr_format": 3, "node_type": "array", "shape": [2, 4, 4], "data_type": "float32", "fill_value": 0.0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2, 4, 4]}}, "attributes": {},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], **changes,
    }  # fmt: skip
    (folder / "B04").mkdir(parents=True)
    (folder / "zarr.json").write_text(json.dumps({"zarr_format": 3, "node_type": "group", "attributes": {}}))
    (folder / "B04" / "zarr.json").write_text(json.dumps(array))
    return folder


def _refusal(path: Path) -> str:
    with pytest.raises(InputError) as told:
        patches.read(path)
    return str(told.value)


class _Trap:
    """Leaves a file where it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


@pytest.mark.parametrize("gathered", [True, False])
def test_a_codec_that_runs_code_is_never_run(group, tmp_path, gathered):
    import pickle

    trap = tmp_path / "ran"
    _change(group, "B04", compressor={"id": "pickle", "protocol": 5}, dtype="|O", fill_value=None)
    for chunk in (group / "B04").glob("[0-9]*"):
        chunk.write_bytes(pickle.dumps(_Trap(trap)))
    if not gathered:
        (group / ".zmetadata").unlink()
    assert "not opened" in _refusal(group)
    assert not trap.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"compressor": {"id": "pickle"}},
        {"compressor": {"id": "json2"}},
        {"compressor": {"id": "lzma"}},
        {"filters": [{"id": "pickle"}]},
        {"filters": [{"id": "vlen-utf8"}]},
        {"filters": [{"id": "delta", "dtype": "|O"}]},
        {"dtype": "|O"},
        {"dtype": [["a", "<f4"]]},
    ],
    ids=str,
)
def test_format_2_opens_only_codecs_that_pack_numbers(group, changes):
    _change(group, "B04", **changes)
    assert "B04" in _refusal(group)


@pytest.mark.parametrize(
    "changes",
    [
        {"codecs": [{"name": "bytes"}, {"name": "numcodecs.pickle", "configuration": {}}]},
        {"codecs": [{"name": "vlen-utf8"}]},
        {"codecs": [{"name": "sharding_indexed", "configuration": {}}]},
        {"codecs": [{"name": "bytes"}, {"name": "gzip"}, {"name": "gzip"}]},
        {"codecs": "pickle"},
        {"data_type": "string"},
        {"data_type": {"name": "struct", "configuration": {}}},
        {"storage_transformers": [{"name": "x"}]},
    ],
    ids=str,
)
def test_format_3_opens_only_codecs_that_pack_numbers(tmp_path, changes):
    assert "B04" in _refusal(_format_3(tmp_path / "three.zarr", **changes))


def test_a_codec_deep_inside_or_only_in_the_gathered_metadata_is_found(group):
    document = json.loads((group / ".zmetadata").read_text())
    document["metadata"]["deep/er/.zarray"] = {**document["metadata"]["B04/.zarray"], "compressor": {"id": "pickle"}}
    (group / ".zmetadata").write_text(json.dumps(document))
    assert "deep/er" in _refusal(group)


def test_a_patch_of_format_3_opens(tmp_path):
    pytest.importorskip("zarr", minversion="3")
    out = tmp_path / "three.zarr"
    made = patch()
    made.to_zarr(out, zarr_format=3, consolidated=True)
    xr.testing.assert_equal(patches.read(out), made)


@pytest.mark.parametrize("name", [*zarr_checks.PACKERS, ""])
def test_every_codec_allowed_opens(tmp_path, name):
    codec = numcodecs.get_codec({"id": name}) if name else None
    made, out = patch(), tmp_path / "packed.zarr"
    key = "compressors" if zarr_3() else "compressor"
    each = {key: codec, "grid_mapping": "spatial_ref"}
    made.to_zarr(out, zarr_format=2, encoding={one: each for one in made.data_vars})
    said = json.loads((out / "B04" / ".zarray").read_text())["compressor"]
    assert (said["id"] if said else "") == name
    xr.testing.assert_equal(patches.read(out), made)


def zarr_3() -> bool:
    import zarr

    return zarr.__version__.startswith("3")


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [2, 30_000, 30_000]},
        {"chunks": [2, 50_000, 50_000]},
        {"shape": [2, 30_000, 30_000], "dtype": "|u1", "fill_value": 0},
    ],
    ids=str,
)
def test_an_array_too_large_for_memory_is_said_before_it_is_made(group, changes):
    _change(group, "B04", **changes)
    assert "SCARP_PATCH_GB" in _refusal(group)


def test_an_array_of_a_billion_chunks_is_refused(group):
    _change(group, "CLM", shape=[2, 20_000, 20_000], chunks=[1, 1, 1], fill_value=None)
    assert "chunks" in _refusal(group)


@pytest.mark.parametrize("codec", [numcodecs.Zlib(), numcodecs.Zstd(), numcodecs.Blosc(), numcodecs.GZip()])
def test_a_chunk_that_unpacks_to_more_than_its_array_is_not_unpacked(group, codec):
    _change(group, "B04", compressor=codec.get_config())
    for chunk in (group / "B04").glob("[0-9]*"):
        chunk.write_bytes(bytes(codec.encode(bytes(50_000_000))))
    assert "unpacks to more" in _refusal(group)


def test_two_descriptions_of_one_array_are_not_chosen_between(group):
    own = group / "B04" / ".zarray"
    own.write_text(json.dumps({**json.loads(own.read_text()), "shape": [2, 5, 5]}))
    assert "two ways" in _refusal(group)


def test_a_link_out_of_the_folder_is_not_followed(group, tmp_path):
    chunk = next((group / "B04").glob("[0-9]*"))
    outside = tmp_path / "outside"
    chunk.rename(outside)
    chunk.symlink_to(outside)
    assert "link" in _refusal(group)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"[]", b"{", b'{"zarr_format": 2, "shape": "x"}', b"\xff"])
def test_metadata_that_is_none_is_a_sentence(group, content):
    (group / "B04" / ".zarray").write_bytes(content)
    (group / ".zmetadata").unlink()
    with pytest.raises(PatchFileError):
        patches.read(group)


def test_what_xarray_turns_into_floats_counts_as_floats():
    layout = zarr_checks.Layout((10, 10), (10, 10), "u", 1, "", filled=False)
    assert layout.nbytes({}) == 100
    assert layout.nbytes({"scale_factor": 0.1}) == 400
    assert layout.nbytes({"add_offset": 0.1}) == 800
    assert layout.nbytes({"units": "days since 1970-01-01"}) == 800
    assert np.prod(layout.shape) == 100
