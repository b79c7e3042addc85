"""A look at a scene says how clear it is over the patch, is small, and is kept."""

from dataclasses import replace
from datetime import date

import numpy as np

from app.errors import SourceError
from app.inventory import Event
from app.series import looks
from app.sources import demo, open_source, scenes, spec_for

EVENT = Event("7", 0, date(2020, 6, 10), 46.5, 8.5, t1_options=(date(2020, 6, 1),), t2=date(2020, 7, 1))
SPEC = spec_for(EVENT, "demo", bands=("B11",))


def unknown():
    found = scenes.open_scenes(SPEC, date(2020, 5, 1), date(2020, 6, 10))
    return [replace(one, clear=None) for one in found], found


def test_a_look_is_small_covers_the_patch_and_shows_true_colour_whatever_bands_are_chosen():
    one = unknown()[0][0]
    small = looks.look_spec(SPEC)
    assert max(small.grid.shape) == looks.LOOK_PX and small.bands == ("B02", "B03", "B04")
    np.testing.assert_allclose(small.grid.bbox, SPEC.grid.bbox)
    seen = looks.glance(SPEC, one)
    assert seen.thumbnail.dtype == np.uint8 and seen.thumbnail.shape[2] == 3 and seen.thumbnail.std() > 5


def test_the_share_that_a_look_finds_is_close_to_that_of_the_whole_scene():
    asked, known = unknown()
    found, told = looks.with_clear(SPEC, asked)
    assert told == "" and all(abs(a.clear - b.clear) < 0.03 for a, b in zip(found, known, strict=True))
    assert any(one.clear < 1 for one in found)


def test_scenes_whose_share_is_known_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(demo.Demo, "open_scene", lambda *_: 1 / 0)
    known = unknown()[1]
    assert looks.with_clear(SPEC, known) == (known, "")


def test_a_catalogue_that_breaks_off_leaves_the_rest_without_a_share_and_says_so(monkeypatch):
    asked, _ = unknown()
    plain, tried = open_source("demo").open_scene, []

    def open_scene(self, spec, scene, progress):
        tried.append(scene)
        if len(tried) > 2:
            raise SourceError("The catalogue is gone.")
        return plain(spec, scene, progress)

    monkeypatch.setattr(demo.Demo, "open_scene", open_scene)
    found, told = looks.with_clear(SPEC, asked)
    assert [one.clear is not None for one in found] == [True, True] + [False] * (len(asked) - 2)
    assert told.startswith(f"{len(asked) - 2} of {len(asked)} scenes") and "gone" in told and len(tried) == 5
