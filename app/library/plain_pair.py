"""A pair opened without Scarp, by the libraries it is read with: the lines of Python that give the same pixels."""

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from app import config, grid, patches
from app.bands import BANDS, CLOUD_MASK, HEIGHT
from app.sources import sample, scl, sentinelhub, stac_catalogue, stac_heights, xcube_worker
from app.sources.own import records
from app.sources.own.stated import SILENT
from app.sources.stac_catalogue import SCL, Catalogue
from app.terrain.heights import HIGHEST_M, LOWEST_M

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec

_GIVEN = "the button NetCDF of the Patches page gives this file"
_DIVIDED = "Both dates: integers read as digital numbers, divided by 10,000 to reflectance."
_MASK = [
    "mask = np.zeros(256, 'uint8')  # what a scene class is: 0 clear,",
    f"mask[{list(scl.CLOUDY_CLASSES)}] = 1  # cloud or its shadow,",
    f"mask[{list(scl.NODATA_CLASSES)}] = 255  # not measured",
]


def pair(spec: "PatchSpec", patch: "xr.Dataset", sloped: bool = False) -> list[str]:
    """Return the lines that open the patch of a spec without Scarp; ``pair`` holds it.

    Bands are reflectance and ``CLM`` the cloud mask (0 clear, 1 cloud or shadow, 255 nodata), dims (time, y, x), T1
    first. What Scarp alone can make, a simulated scene or a composite, is opened from the file that Patches gives.
    Heights, DEM (y, x) in metres, are in it where they need no file beside, or later lines read them: ``sloped``.
    """
    reason = _scarps_own(spec, patch)
    if reason:
        return _stored(spec, patch, reason)
    heights = _heights(spec, patch, sloped) if HEIGHT in patch else []
    return [*_WAYS[spec.source](spec, patch), *heights]


def _scarps_own(spec: "PatchSpec", patch: "xr.Dataset") -> str:
    """Return why a patch can only be opened from a file of Scarp's; empty where its source can be read without."""
    if spec.source not in _WAYS:
        return "SIMULATED by Scarp" if patches.is_simulated(patch) else f"laid on its grid by the source {spec.source}"
    if spec.composite:
        return "a composite of many scenes, made by Scarp"
    if len(grid.boxes(spec.bbox)) > 1:
        return "it lies across the 180th meridian, and Scarp joined its two sides"
    if spec.light:
        return "its light was evened out by Scarp"
    if spec.source == "files" and not (_unstated(spec) and _plain_files(patch)):
        return "your own files, brought onto one grid and scale by Scarp"
    return ""


def _stored(spec: "PatchSpec", patch: "xr.Dataset", reason: str) -> list[str]:
    return [
        "import xarray as xr",
        "",
        f"# {reason}: {_GIVEN}",
        f"pair = xr.open_dataset({_file(spec, patch)!r}).load()",
    ]


def _file(spec: "PatchSpec", patch: "xr.Dataset") -> str:
    return f"{patches.file_stem(spec, patch)}_{spec.source}.nc"


def _heights(spec: "PatchSpec", patch: "xr.Dataset", sloped: bool) -> list[str]:
    """Return the lines that put heights into ``pair``: from the catalogue itself, else from the file Scarp gives."""
    where = stac_catalogue.catalogue(dict(spec.options).get("catalogue")) if spec.source == "stac" else None
    if where is not None and where.heights and spec.heights:
        return ["", *_tiles(where, spec)]
    if not sloped:
        return [f"# without the heights of the ground; {_GIVEN}, with them"]
    return [
        "",
        f"# the heights of the ground: {_GIVEN}",
        f"pair['{HEIGHT}'] = ('y', 'x'), xr.open_dataset({_file(spec, patch)!r})['{HEIGHT}'].values",
    ]


def _tiles(where: Catalogue, spec: "PatchSpec") -> list[str]:
    """Return the lines that lay a catalogue's tiles of heights side by side on the grid of ``pair``."""
    token = _reached(replace(where, collection=where.heights))[1:2] if _signed(where) else []
    return [
        *token,
        f"tiles = catalogue.search(collections=[{where.heights!r}], bbox={list(spec.grid.bbox)}).items()",
        "layers = [",
        "    odc.stac.load(",
        f"        [tile], [{stac_heights.ASSET!r}], geobox=box, resampling='bilinear',",
        "        stac_cfg={'*': {'assets': {'*': {'data_type': 'float32', 'nodata': float('nan')}}}},"
        + (" patch_url=signed," if _signed(where) else ""),
        f"    )[{stac_heights.ASSET!r}].isel(time=0, drop=True)",
        "    for tile in tiles",
        "]",
        "height = layers[0]",
        "for layer in layers[1:]:",
        "    height = height.fillna(layer)",
        f"never = (height < {LOWEST_M:g}) | (height > {HIGHEST_M:g})  # no ground has these",
        f"pair['{HEIGHT}'] = ('y', 'x'), height.where(~never).values",
    ]


def _stac(spec: "PatchSpec", patch: "xr.Dataset") -> list[str]:
    where = stac_catalogue.catalogue(dict(spec.options).get("catalogue"))
    return [
        "import numpy as np",
        "import odc.stac",
        "import xarray as xr",
        "from affine import Affine",
        "from odc.geo.geobox import GeoBox",
        "from pystac_client import Client",
        "",
        *_reached(where),
        f"catalogue = Client.open({where.url!r})",
        f"files = {_files(where, spec.bands)!r}  # what the catalogue calls them",
        f"box = GeoBox({spec.grid.shape}, Affine{spec.grid.transform}, {spec.grid.crs!r})",
        "dates = {  # the scenes of a day, the first on top, and what is added to their reflectance (baseline 04.00)",
        *(f"    {_day(patch, name)!r}: {_scenes(patch, name)!r}," for name in ("t1", "t2")),
        "}",
        *_MASK,
        "",
        "",
        *_opened(where, spec),
        "",
        "",
        "both = [opened(day, scenes).assign_coords(time=np.datetime64(day, 'ns')) for day, scenes in dates.items()]",
        "pair = xr.concat(both, 'time').rename(latitude='y', longitude='x').transpose('time', 'y', 'x')",
    ]


def _opened(where: Catalogue, spec: "PatchSpec") -> list[str]:
    """Return the function that opens one day of a catalogue."""
    return [
        "def opened(day, scenes):",
        '    """One day: its scenes laid over each other, as reflectance, with the cloud mask."""',
        "    span = f'{day}T00:00:00Z/{day}T23:59:59Z'",
        f"    found = catalogue.search(collections=[{where.collection!r}], bbox={list(spec.grid.bbox)}, datetime=span)",
        "    items, held = {item.id: item for item in found.items()}, None",
        "    for scene, offset in scenes.items():",
        "        numbers = odc.stac.load(",
        "            [items[scene]], [*files.values()], geobox=box, resampling='nearest',",
        "            stac_cfg={'*': {'assets': {'*': {'data_type': 'uint16', 'nodata': 0}}}},"
        + (" patch_url=signed," if _signed(where) else ""),
        "        ).isel(time=0, drop=True).rename({name: band for band, name in files.items()})",
        "        layer = (numbers * 0.0001 + offset).clip(min=0).astype('float32')",
        f"        layer = layer.assign({SCL}=numbers['{SCL}']).where(numbers != 0)",
        "        held = layer if held is None else held.combine_first(layer)",
        f"    classes = held['{SCL}'].fillna(0).astype('uint8')",
        f"    bands = held.drop_vars('{SCL}')",
        "    measured = bands.to_dataarray().notnull().all('variable')",
        f"    return bands.assign({CLOUD_MASK}=(classes.dims, np.where(measured, mask[classes], 255).astype('uint8')))",
    ]


def _reached(where: Catalogue) -> list[str]:
    """Return what reading a catalogue's files needs beforehand; nothing where anybody may read them."""
    if isinstance(where.files, stac_catalogue.WithToken):
        return [
            "import requests",
            f"token = requests.get({where.files.service + where.collection!r}, timeout=30).json()['token']",
            "signed = lambda address: f'{address}?{token}'",
        ]
    if isinstance(where.files, stac_catalogue.WithKeys):
        endpoint = where.files.endpoint.removeprefix("https://")
        return [
            "import os",
            "# not run by Scarp's tests: it needs the keys of an account",
            "keys = {'aws_access_key_id': os.environ['SCARP_CDSE_S3_KEY'],",
            "        'aws_secret_access_key': os.environ['SCARP_CDSE_S3_SECRET']}",
            f"odc.stac.configure_rio(aws=keys, AWS_S3_ENDPOINT={endpoint!r}, AWS_VIRTUAL_HOSTING=False)",
        ]
    return []


def _signed(where: Catalogue) -> bool:
    return isinstance(where.files, stac_catalogue.WithToken)


def _files(where: Catalogue, bands: tuple[str, ...]) -> dict[str, str]:
    """Return what a catalogue calls the files of some bands and of the scene classes, at the finest resolution."""
    wanted = (*bands, SCL)
    if where.name == "cdse":
        return {band: f"{band}_{BANDS[band].native_m if band in BANDS else 20}m" for band in wanted}
    if where.name == "planetary-computer":
        return {band: band for band in wanted}
    named = where.assets or stac_catalogue.catalogue("earth-search").assets
    return {band: named[band] for band in wanted}


def _day(patch: "xr.Dataset", name: str) -> str:
    return patches.dates(patch)[0 if name == "t1" else 1]


def _scenes(patch: "xr.Dataset", name: str) -> dict[str, float]:
    ids, offsets = (_listed(patch.attrs.get(f"{name}_{what}", "")) for what in ("scenes", "offset"))
    return {scene: float(offset) for scene, offset in zip(ids, offsets, strict=True)}


def _listed(said: object) -> list[str]:
    return [part.strip() for part in str(said).split(",") if part.strip()]


def _sentinelhub(spec: "PatchSpec", patch: "xr.Dataset") -> list[str]:
    cloud = SCL if "SCL" in str(patch.attrs.get("cloud_mask", "")) else CLOUD_MASK
    store = {"sentinelhub": sentinelhub.CLASSIC, "sentinelhub-cdse": sentinelhub.CDSE}[spec.source].store
    names = [*spec.bands, cloud, xcube_worker.DATA_MASK]
    tile = (grid.TILE_PX, grid.TILE_PX)
    clouds = f"mask[cube['{cloud}'].values.astype(int)]" if cloud == SCL else f"cube['{cloud}'].values"
    return [
        "import os",
        "",
        "import numpy as np",
        "import xarray as xr",
        "from xcube.core.store import new_data_store",
        "",
        "# xcube-sh is on conda-forge: `conda env create -f environment.yml`; docs/SENTINELHUB.md tells of the account",
        "named = ('client_id', 'client_secret', 'instance_url', 'oauth2_url')",
        "account = {one: os.environ[f'SH_{one.upper()}'] for one in named if f'SH_{one.upper()}' in os.environ}",
        f"store = new_data_store({store!r}, num_retries={xcube_worker.ATTEMPTS}, **account)",
        f"names = {names!r}",
        *(_MASK if cloud == SCL else []),
        "",
        "",
        "def opened(day):",
        '    """One day on the box: reflectance, zeros kept, and the cloud mask."""',
        "    cube = store.open_data(",
        f"        {xcube_worker.DATA_ID!r}, variable_names=names, variable_fill_values=[None] * len(names),",
        f"        bbox={list(spec.bbox)}, spatial_res={spec.resolution_deg!r},",
        f"        time_range=(day, day), time_period='1D', tile_size={tile},",
        "    ).isel(time=0, drop=True).load()",
        f"    measured = cube['{xcube_worker.DATA_MASK}'].values > 0",
        f"    clouds = {clouds}",
        f"    bands = cube[{list(spec.bands)!r}].where(measured).astype('float32')",
        f"    return bands.assign({CLOUD_MASK}=(('lat', 'lon'), np.where(measured, clouds, 255).astype('uint8')))",
        "",
        "",
        f"days = {[str(spec.t1), str(spec.t2)]!r}",
        "both = [opened(day).assign_coords(time=np.datetime64(day, 'ns')) for day in days]",
        "pair = xr.concat(both, 'time').rename(lat='y', lon='x')",
    ]


def _sample(spec: "PatchSpec", patch: "xr.Dataset") -> list[str]:
    file = sample.FILE.relative_to(config.ROOT).as_posix()
    return [
        "import numpy as np",
        "import xarray as xr",
        "from affine import Affine",
        "from rasterio.warp import reproject",
        "",
        f"days = {[str(spec.t1), str(spec.t2)]!r}",
        f"held = xr.open_dataset({file!r}).sel(time=days)  # in Scarp's folder; digital numbers, 0 is nodata",
        *_MASK,
        "",
        "",
        "def laid(name):",
        '    """A variable on the grid of the patch, the nearest pixel."""',
        "    y, x = (held[dim].values for dim in held[name].dims[1:])",
        "    step = x[1] - x[0]",
        f"    out = np.zeros({(2, *spec.grid.shape)}, 'float32')",
        "    reproject(",
        f"        held[name].values.astype('float32'), out, src_crs={sample.CRS!r}, dst_crs={spec.grid.crs!r},",
        "        src_transform=Affine(step, 0, x[0] - step / 2, 0, -step, y[0] + step / 2),",
        f"        dst_transform=Affine{spec.grid.transform},",
        "    )",
        "    return out",
        "",
        "",
        "dims = ('time', 'y', 'x')",
        "numbers = {band: laid(band) for band in " + repr(list(spec.bands)) + "}",
        "measured = {band: np.where(found == 0, np.nan, found * np.float32(1e-4)) for band, found in numbers.items()}",
        "pair = xr.Dataset({band: (dims, found) for band, found in measured.items()})",
        "pair = pair.assign_coords(time=held['time'].values)",
        f"pair['{CLOUD_MASK}'] = dims, mask[laid('{SCL}').astype(int)]",
    ]


def _unstated(spec: "PatchSpec") -> bool:
    """Whether nothing but days was said of a pair that was brought: all else changes its bands, pixels or numbers."""
    record = records.find(spec.event_id)
    return record is None or replace(record.stated, days=SILENT.days) == SILENT


def _plain_files(patch: "xr.Dataset") -> bool:
    """Whether both dates are a GeoTIFF of digital numbers each, on one grid, so that rasterio alone reads them."""
    told = patches.warnings(patch)
    tiffs = all(PurePath(str(patch.attrs.get(f"{name}_file", ""))).suffix in (".tif", ".tiff") for name in ("t1", "t2"))
    known = (_DIVIDED, *(one for one in told if "subtract it first unless that was done" in one))
    odd = [one for one in told if one.startswith(("T1", "T2", "Both dates")) and one not in known]
    return tiffs and _DIVIDED in told and not odd and "There is no cloud mask" in " ".join(told)


def _own_files(spec: "PatchSpec", patch: "xr.Dataset") -> list[str]:
    files, days = ([str(patch.attrs[f"{name}_file"]) for name in ("t1", "t2")], list(patches.dates(patch)))
    bands = list(patches.band_names(patch))
    return [
        "import numpy as np",
        "import rasterio",
        "import xarray as xr",
        "",
        f"bands = {bands!r}  # as the channels are described; write their numbers where a file does not say",
        "",
        "",
        "def opened(path):",
        '    """One file: reflectance of its digital numbers, NaN where it has none."""',
        "    with rasterio.open(path) as file:",
        "        at = [file.descriptions.index(band) + 1 for band in bands]",
        "        numbers = file.read(at, masked=True)",
        "        place = file.transform",
        "        x = place.c + place.a * (np.arange(file.width) + 0.5)",
        "        y = place.f + place.e * (np.arange(file.height) + 0.5)",
        "    return (numbers * np.float32(1e-4)).astype('float32').filled(np.nan), x, y",
        "",
        "",
        f"(t1, x, y), (t2, _, _) = (opened(path) for path in {files!r})",
        f"days = np.array({days!r}, 'datetime64[ns]')",
        "both = np.stack([t1, t2])  # (time, band, y, x)",
        "dims = ('time', 'y', 'x')",
        "pair = xr.Dataset(",
        "    {band: (dims, both[:, n]) for n, band in enumerate(bands)}, coords={'time': days, 'y': y, 'x': x}",
        ")",
        f"pair['{CLOUD_MASK}'] = dims, np.where(np.isnan(both).any(axis=1), 255, 0).astype('uint8')  # no cloud mask",
    ]


_WAYS = {
    "stac": _stac, "sentinelhub": _sentinelhub, "sentinelhub-cdse": _sentinelhub, "sample": _sample,
    "files": _own_files,
}  # fmt: skip
