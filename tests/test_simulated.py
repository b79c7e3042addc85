"""A simulated scene says so, by whatever way it comes in and wherever it is shown or taken away."""

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import cache, config, datasets, masks, patches
from app.__main__ import main
from app.bands import TRUTH
from app.detection import run
from app.inventory import builtin
from app.pictures import thumbnail
from app.scoring import cases
from app.sources import open_source, spec_for
from app.ui import cached, choices, keys, views
from app.ui.review import reviewing
from tests import glad_folder
from tests.test_pages import ENTRY, assert_sound, viewer_data, visit, words

EVENT = builtin().event("171")
pytestmark = pytest.mark.filterwarnings("ignore:Variable.s. referenced in grid_mapping")
COARSE = 0.00036  # quick, and enough to be seen


def demo():
    return open_source("demo").open(spec_for(EVENT, "demo", resolution_deg=COARSE))


def version_1(folder: Path) -> None:
    glad_folder.write(folder, builtin(), ("171",), COARSE)


def version_2(folder: Path) -> None:
    names = datasets.CHANNELS[13]
    patch = demo()
    for n, part in enumerate(("A", "B")):
        values = [patch[name].values[n].astype(np.float32) for name in names]
        glad_folder._tiff(folder / "TEST" / part / "171.tif", np.stack(values), patch)


def thesis(folder: Path) -> None:
    patch = demo()
    for n, name in enumerate(("pre2", "post")):
        cube = patch.isel(time=[n]).drop_vars(["spatial_ref", TRUTH]).rename(y="lat", x="lon")
        cube.attrs = {"simulated": 1}
        (folder / "NetCDF").mkdir(parents=True, exist_ok=True)
        cube.to_netcdf(folder / "NetCDF" / f"{name}_171.nc")


WAYS = {"version 1": version_1, "version 2": version_2, "the thesis": thesis}


@pytest.fixture(params=[(name, zipped) for name in WAYS for zipped in (False, True)], ids=str)
def place(request, tmp_path) -> Path:
    """A folder or zip in each published layout, whose files say that they are simulated."""
    (name, zipped), folder = request.param, tmp_path / "files"
    WAYS[name](folder)
    if not zipped:
        return folder
    with zipfile.ZipFile(tmp_path / "files.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
    return tmp_path / "files.zip"


@pytest.fixture
def pointed(monkeypatch):
    def to(path: Path) -> None:
        monkeypatch.setenv("SCARP_PUBLISHED", str(path))
        config.settings.cache_clear()
        cached.source_info.clear()

    yield to
    monkeypatch.undo()
    config.settings.cache_clear()
    cached.source_info.clear()


def test_published_files_that_say_they_are_simulated_stay_so_and_are_not_copernicus_data(place, pointed):
    pointed(place)
    info = open_source("published").describe()
    patch = open_source("published").open(spec_for(EVENT, "published", resolution_deg=COARSE))
    assert patches.is_simulated(patch) and patch.attrs["title"].startswith("SIMULATED ")
    assert "Copernicus" not in json.dumps({name: str(said) for name, said in patch.attrs.items()})
    assert patch.attrs["t1_scenes"].startswith("SIMULATED")
    if place.is_dir():  # a zip is not unpacked to be described
        assert info.simulated and "Copernicus" not in info.attribution


def test_published_files_that_do_not_say_so_are_as_before(tmp_path, pointed):
    version_1(tmp_path / "files")
    for path in (tmp_path / "files").rglob("*.tif"):
        with rasterio.open(path, "r+") as held:
            held.update_tags(simulated="", title="")
    pointed(tmp_path / "files")
    patch = open_source("published").open(spec_for(EVENT, "published", resolution_deg=COARSE))
    assert not patches.is_simulated(patch) and "Copernicus" in patch.attrs["attribution"]
    assert not open_source("published").describe().simulated


@pytest.mark.parametrize("part", ["A", "B", "LABEL"])
def test_one_simulated_file_of_a_pair_or_its_label_is_enough(tmp_path, pointed, part):
    version_1(tmp_path / "files")
    for path in (tmp_path / "files").rglob("*.tif"):
        if path.parent.name != part:
            with rasterio.open(path, "r+") as held:
                held.update_tags(simulated="false")
    pointed(tmp_path / "files")
    assert patches.is_simulated(open_source("published").open(spec_for(EVENT, "published", resolution_deg=COARSE)))
    (case,), _ = cases.dataset_cases(tmp_path / "files")
    assert case.open().compare("band-difference:B04:0.05").simulated


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
@pytest.mark.parametrize("said", [1, True, "true", "True", "1", "yes"])
def test_a_patch_file_is_simulated_however_it_says_so(tmp_path, ending, said):
    patch = demo()
    patch.attrs["simulated"] = int(said) if said is True and ending == ".nc" else said
    patches.write(patch, tmp_path / f"patch{ending}")
    back = patches.read(tmp_path / f"patch{ending}")
    assert patches.is_simulated(back) and patch.attrs["title"] == back.attrs["title"]
    assert run.labels(back, run.detect(back, "band-difference:B04:0.05"))["simulated"] == "true"


def test_the_cache_keeps_the_mark(tmp_path):
    spec = spec_for(EVENT, "demo", resolution_deg=COARSE)
    cache.load(spec)
    assert patches.is_simulated(cache.load(spec))


def test_the_command_line_says_simulated_of_files_masks_and_folders(tmp_path, capsys):
    version_1(tmp_path / "files")
    part = tmp_path / "files" / "VALIDATION"
    pair = ["--pair", str(part / "A" / "171.tif"), str(part / "B" / "171.tif")]
    names = ["--band-names", ",".join(glad_folder.NAMES)]
    method, mask = ["--method", "band-difference:B04:0.05"], tmp_path / "predicted" / "171.tif"
    mask.parent.mkdir()
    assert main(["detect", *pair, *names, *method, "--out", str(mask), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["simulated"] is True
    assert masks.read(mask).simulated
    assert main(["evaluate", "--dataset", str(tmp_path / "files"), *method, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["simulated"] is True
    truth = str(part / "LABEL")
    assert main(["evaluate", "--pred", str(mask.parent), "--truth", truth, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["simulated"] is True


def test_a_picture_of_a_mask_that_says_simulated_is_simulated(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_text("Comment", "SIMULATED")
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "41.png", pnginfo=said)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "42.png")
    assert masks.read(tmp_path / "41.png").simulated
    assert not masks.read(tmp_path / "42.png").simulated


def test_a_thumbnail_of_it_says_so_in_its_comment():
    made = thumbnail.make(demo())
    assert made.simulated and b"SIMULATED" in made.data


@pytest.fixture
def app(tmp_path, pointed, monkeypatch) -> AppTest:
    """The application on a published folder whose files say that they are simulated."""
    version_1(tmp_path / "files")
    pointed(tmp_path / "files")
    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{tmp_path / 'review.sqlite'}")
    config.settings.cache_clear()
    started = AppTest.from_file(ENTRY, default_timeout=60).run()
    for name, value in {choices.EVENT: "171", choices.SOURCE: "published", choices.RESOLUTION: COARSE}.items():
        started.session_state[name] = value
    return started


def test_every_page_shows_published_files_that_are_simulated_as_simulated(app, monkeypatch):
    names = []
    button = views.st.download_button
    monkeypatch.setattr(
        views.st, "download_button", lambda *given, **named: names.append(given[2]) or button(*given, **named)
    )
    for page in ("patches", "compare", "detect", "metrics", "review"):
        visit(app, page, **{choices.METHODS: ["band-difference:B04:0.05"]})
        assert_sound(app)
        text = words(app)
        assert "Copernicus" not in text
        if page in ("compare", "detect", "review"):
            data = viewer_data(app)
            assert data["simulated"] is True
            assert all("SIMULATED" in picture["label"] for picture in data["pictures"])
        if page not in ("compare", "detect"):
            assert "SIMULATED" in text, page
    assert names and all(
        name.startswith("SIMULATED_") for name in names if name not in ("scarp_verdicts.csv", "inventory.ipynb")
    )


def test_a_verdict_on_published_files_that_are_simulated_is_kept_and_exported_as_such(app):
    visit(app, "review")
    app.text_input(key=keys.REVIEWER).input("A. Expert")
    (button,) = (one for one in app.button if one.label == "Confirmed")
    button.click().run()
    assert_sound(app)
    assert any("That was the last one" in one.value for one in app.success)  # events without files are not queued
    from app.export import verdicts_csv

    (row,) = csv.DictReader(io.StringIO(verdicts_csv(reviewing.reviews().all()).decode("utf-8-sig")))
    assert (row["source"], row["simulated"]) == ("published", "True")
