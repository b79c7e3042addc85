"""Everything of one event in one folder: patch, images, polygons, styles, and a STAC item that names them all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app import patches
from app.bands import CLOUD_MASK, HEIGHT
from app.detection import methods, polygon_files, polygons
from app.detection import run as detection
from app.detection.marking import Marked
from app.export import animation, figure, images, qgis, stac, styles
from app.export.panels import Outlined
from app.files import file_word, written_whole
from app.grid import EPSG_4326
from app.patches import SPAN
from app.pictures import compositions, render
from app.terrain import heights

if TYPE_CHECKING:
    import xarray as xr

_PICTURE = 3  # how far down the pictures lie in a project
_POLYGONS = (".geojson", ".gpkg", ".fgb", ".shp.zip")


@dataclass(frozen=True)
class View:
    """How a patch is looked at: composition and stretch by their names, the verdict that counts, and the link."""

    composition: str = ""
    stretch: str = ""
    verdict: str = ""
    link: str = ""
    figures: tuple[str, ...] = ()  # kinds of ``app.export.figure``
    width_mm: float = figure.WIDTH_MM
    dpi: int = figure.DPI
    moving: tuple[str, ...] = ()  # kinds of ``app.export.animation``
    seconds: float = animation.SECONDS
    zarr: bool = False  # the patch as Zarr as well


def stem_of(patch: "xr.Dataset") -> str:
    """Return what the files of a patch are called where no page named it: simulated or not, and the event."""
    event = str(patch.attrs.get("event_id", ""))
    return f"{'SIMULATED_' if patches.is_simulated(patch) else ''}{f'event{file_word(event)}' if event else 'pair'}"


def write(patch: "xr.Dataset", marked: Sequence[Marked], folder: Path, stem: str, view: View) -> stac.Described:
    """Write all there is of a patch and what methods marked on it into a folder; returns what the item says.

    Raises InputError or BandMissingError for a composition that cannot be shown, InputError where the folder cannot be
    written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    composition = shown(patch, view.composition)
    stored = _patch(patch, folder, stem, view)
    dated = images.dates(patch, folder, stem, composition, view.stretch, view.link)
    written = [*stored, *dated]
    written += images.pictures(patch, folder, stem, composition, view.stretch, view.link)
    for n, one in enumerate(marked):
        written += _marked(patch, one, folder, stem, view, n)
    written += _project(patch, folder, stem, written, dated, _titles(patch, marked, stem, composition))
    written += _figures(patch, marked, folder, stem, composition, view)
    written += _moving(patch, folder, stem, composition, view)
    return _described(patch, marked, folder, stem, view, written, dated)


def _patch(patch: "xr.Dataset", folder: Path, stem: str, view: View) -> list[Path]:
    told = patch.assign_attrs(link=view.link) if view.link else patch
    paths = [folder / f"{stem}{ending}" for ending in (".nc", *([".zarr"] if view.zarr else []))]
    for path in paths:
        patches.write(told, path)
    return paths


def _titles(patch: "xr.Dataset", marked: Sequence[Marked], stem: str, composition: str) -> dict[str, str]:
    """Return what the layers of a project are called: name of a file without its ending -> title."""
    shown_as, told = compositions.required(patch, composition), {}
    for name, when in zip(images.NAMES, patches.when(patch), strict=True):
        told[f"{stem}_{name}"] = f"{name}, {when}: all bands"
        told[f"{stem}_{file_word(shown_as.name)}_{name}"] = f"{name}, {when}: {shown_as.heading}"
    for one in marked:
        of, title = _marked_stem(stem, one), methods.parse(one.detection.ran).title
        told |= {of: f"Outlines: {title}, {_held_to(one)}", f"{of}_mask": f"Mask: {title}, {_held_to(one)}"}
        told[f"{of}_score"] = f"Score: {title}" + (f" ({one.detection.unit})" if one.detection.unit else "")
    said = " (SIMULATED)" if patches.is_simulated(patch) else ""
    return {name: f"{title}{said}" for name, title in told.items()}


def _project(
    patch: "xr.Dataset", folder: Path, stem: str, written: Sequence[Path], dated: Sequence[Path],
    titles: Mapping[str, str],
) -> list[Path]:  # fmt: skip
    """Write the QGIS project over what has a style, what was detected on top; returns it, nothing at no place."""
    grid = patches.grid_of(patch)
    if not grid.placed:
        return []
    styled = [path for path in written if path.suffix in (".tif", ".gpkg")]
    layers = [
        qgis.ProjectLayer(
            path,
            titles[path.stem],
            EPSG_4326 if path.suffix == ".gpkg" else grid.crs,
            path.suffix == ".gpkg" or _height(path, dated) == _PICTURE,
        )
        for path in sorted(reversed(styled), key=lambda path: _height(path, dated))
    ]
    title = str(patch.attrs.get("title", "")) or stem
    return [qgis.write(folder / f"{stem}{qgis.ENDING}", title, grid, layers)]


def _height(path: Path, dated: Sequence[Path]) -> int:
    """Return how far down a layer lies: outlines, masks, scores, pictures, dates."""
    if path.suffix == ".gpkg":
        return 0
    if path in dated:
        return _PICTURE + 1
    return next((n for n, end in enumerate(("_mask", "_score"), start=1) if path.stem.endswith(end)), _PICTURE)


def outlined(one: Marked) -> Outlined:
    """Return what a method marked as a figure shows it, with the words of its legend."""
    return Outlined(f"{methods.parse(one.detection.ran).title}, {_held_to(one)}", one.mask)


def _held_to(one: Marked) -> str:
    level = f"at or above {one.threshold:.3g} {one.detection.unit}".strip()
    return f"{level}, {one.held_to}" if one.held_to else level


def _figures(
    patch: "xr.Dataset", marked: Sequence[Marked], folder: Path, stem: str, composition: str, view: View
) -> list[Path]:
    look = figure.FigureLook(
        composition, view.stretch, view.width_mm, view.dpi, outlined=tuple(map(outlined, marked)), link=view.link
    )
    written = []
    for kind in view.figures:
        path = folder / f"{stem}_figure.{kind}"
        with written_whole(path) as beside:
            beside.write_bytes(figure.draw(patch, look, kind))
        written.append(path)
    return written


def _moving(patch: "xr.Dataset", folder: Path, stem: str, composition: str, view: View) -> list[Path]:
    written = []
    for kind in view.moving:
        shots, told = animation.of_patch(patch, composition, view.stretch, view.link)
        path = folder / f"{stem}_dates.{kind}"
        with written_whole(path) as beside:
            beside.write_bytes(animation.draw(shots, told, patches.grid_of(patch), kind, view.seconds))
        written.append(path)
    return written


def shown(patch: "xr.Dataset", name: str) -> str:
    """Return the composition to show: the one named, else true colour, else the first that the bands allow."""
    held = compositions.available(patch)
    usual = "true-colour" if "true-colour" in held or not held else held[0]
    return compositions.required(patch, name or usual).name


def _marked(patch: "xr.Dataset", one: Marked, folder: Path, stem: str, view: View, number: int) -> list[Path]:
    colour = render.METHOD_COLOURS[number % len(render.METHOD_COLOURS)]
    stem, grid = _marked_stem(stem, one), patches.grid_of(patch)
    more = {"verdict": view.verdict, "link": view.link}
    made = detection.labels(patch, one.detection, one.threshold, one.min_area_m2, one.opening_px)
    said = made | {name: text for name, text in more.items() if text}
    written = images.change(patch, one.detection, one.mask, folder, stem, said)
    styles.beside(written[0], styles.mask(colour, f"changed, {_held_to(one)}"))
    if not grid.placed:
        return written
    height = heights.of(patch) if HEIGHT in patch else None
    features = polygons.polygons(one.mask, one.detection.score, grid, height)
    for ending in _POLYGONS:
        path = folder / f"{stem}{ending}"
        polygon_files.write_polygons(features, path, said)
        written.append(path)
    styles.beside(folder / f"{stem}.gpkg", styles.outlines(colour))
    return written


def _marked_stem(stem: str, one: Marked) -> str:
    return f"{stem}_{file_word(one.detection.method.replace(':', '_').replace('.', '_'))}"


def _described(
    patch: "xr.Dataset",
    marked: Sequence[Marked],
    folder: Path,
    stem: str,
    view: View,
    written: Sequence[Path],
    dated: Sequence[Path],
) -> stac.Described:
    """Write the item beside the files and return what it says."""
    grid = patches.grid_of(patch)
    styled = [path.with_suffix(styles.ENDING) for path in written if path.with_suffix(styles.ENDING).exists()]
    said = images.said(patch, view.link) | {"methods": ", ".join(one.detection.ran for one in marked)}
    networks = [one.detection.model_sha256 for one in marked if one.detection.model_sha256]
    said |= {"model_sha256": ", ".join(networks), "verdict": view.verdict}
    first, last = patches.when(patch)
    names = [*patches.band_names(patch), CLOUD_MASK]
    one = stac.Described(
        name=stem,
        bbox=grid.bbox_deg if grid.placed else None,
        first=first.partition(SPAN)[0],
        last=last.rpartition(SPAN)[2],
        said={name: text for name, text in said.items() if text},
        files=[path.name for path in dict.fromkeys([*written, *styled])],
        bands={path.name: names for path in dated},
    )
    with written_whole(folder / f"{stem}.json") as beside:
        beside.write_bytes(stac.text(stac.item(one)))
    return one


def write_collection(out: Path, name: str, about: str, folders: Sequence[tuple[str, stac.Described]]) -> None:
    """Write the collection over folders in ``out``, each with the address of its item."""
    with written_whole(out / stac.COLLECTION) as beside:
        beside.write_bytes(stac.text(stac.collection(name, about, folders)))
