"""A moving picture: every date once, in order, with its day in it, and what it is made of in the file."""

import io
from datetime import date

import numpy as np
import pytest
import xarray as xr
from PIL import Image, ImageSequence

from app import patches
from app.errors import InputError
from app.export import animation
from app.patches import PatchSpec
from app.sources.scenes import SceneInfo
from tests.small import patch


@pytest.fixture(scope="module")
def pair():
    return patch(size=8, simulated=True, B04=(0.05, 0.3))


@pytest.fixture(scope="module")
def stack():
    """Four dates of which the third is under cloud, and B04 rises from each to the next."""
    first, second = patch(size=8, B04=(0.05, 0.1)), patch(size=8, B04=(0.2, 0.3), CLM=(1, 0))
    later = second.assign_coords(time=second["time"] + np.timedelta64(400, "D"))
    return xr.concat([first, later], "time").assign_attrs(first.attrs)


def frames(data: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(data)) as image:
        return [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(image)]


@pytest.mark.parametrize("kind", animation.KINDS)
def test_both_dates_come_in_turn_for_as_long_as_asked_and_begin_anew(pair, kind):
    shots, told = animation.of_patch(pair, "B04", "fixed:0:0.3", "compare?event=1")
    data = animation.draw(shots, told, patches.grid_of(pair), kind, 0.5)
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames == 2 and image.info["loop"] == 0 and image.info["duration"] == 500
        said = image.info["comment"].decode() if kind == "gif" else image.text["Description"]
    for word in ("t1=2022-09-17", "t2=2023-02-24", "simulated=true", "link=compare?event=1", "B04"):
        assert word in said
    dark, bright = (one[250:300, 250:300].mean() for one in frames(data))
    assert dark == pytest.approx(255 / 6, abs=4) and bright > 250


def test_each_date_has_its_day_and_the_word_simulated_in_it(pair, stack):
    shots, told = animation.of_patch(pair, "B04", "fixed:0:0.3")
    assert [one.words for one in shots] == ["T1  2022-09-17", "T2  2023-02-24"] and all(one.simulated for one in shots)
    grid = patches.grid_of(pair)
    named = frames(animation.draw(shots, told, grid, "apng"))
    plain = [animation.Still(one.picture, "", False) for one in shots]
    bare = frames(animation.draw(plain, told, grid, "apng"))
    for one, other in zip(named, bare, strict=True):
        assert (one[:40, :200] != other[:40, :200]).any() and (one[640:668] != other[640:668]).any()
    assert not any(one.simulated for one in animation.of_stack(stack, "B04")[0])


def test_of_many_dates_those_are_shown_that_are_clear_enough_all_through_one_range(stack):
    shots, told = animation.of_stack(stack, "B04", 0.5)
    assert [one.words[:10] for one in shots] == ["2022-09-17", "2023-02-24", "2024-03-30"]
    levels = [one.picture.mean() for one in shots]
    assert levels == sorted(levels) and levels[0] < levels[2] - 50
    assert len(animation.of_stack(stack, "NDVI")[0]) == 4
    assert "simulated=false" in told.provenance and "2022, 2023, 2024" not in told.provenance


def test_looks_at_scenes_come_in_order_of_time_as_they_lie_on_the_ground():
    looks = [
        (np.full((96, 48, 3), level, np.uint8), SceneInfo(date(year, 5, 1), f"scene{year}", clear=0.25))
        for year, level in ((2021, 200), (2020, 50))
    ]
    spec = PatchSpec("demo", "7", (8.0, 46.0, 8.02, 46.02), date(2020, 1, 1), date(2021, 1, 1))
    shots, told = animation.of_looks(looks, spec, "SIMULATED by Scarp", True)
    assert [one.words for one in shots] == ["2020-05-01  25% clear", "2021-05-01  25% clear"]
    assert "scenes=scene2021, scene2020" in told.provenance and "simulated=true" in told.provenance
    first, _ = frames(animation.draw(shots, told, spec.grid, "apng"))
    assert first.shape[1] == 320 and first[300, 160].tolist() == [50, 50, 50]


def test_what_cannot_move_is_a_sentence(pair, stack):
    with pytest.raises(InputError, match="ask for less"):
        animation.of_stack(stack.isel(time=[2, 2]), "B04", 0.5)
    shots, told = animation.of_patch(pair, "B04")
    for how, said in ((("mp4", 1.0), "gif or apng"), (("gif", 0.0), "0.1 to 10"), (("gif", float("nan")), "seconds")):
        with pytest.raises(InputError, match=said):
            animation.draw(shots, told, patches.grid_of(pair), *how)
