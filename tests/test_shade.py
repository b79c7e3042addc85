"""Pictures of the ground's shape, on ground made by hand."""

import numpy as np
import pytest

from app.errors import InputError
from app.pictures import shade
from app.terrain.light import SunAngles
from tests.test_slopes import UTM, tilted

FLAT = np.full(UTM.shape, 120.0)


def test_level_ground_is_an_even_grey_and_a_void_is_told_by_its_own():
    picture = shade.picture("hillshade", FLAT, UTM)
    assert picture.shape == (*UTM.shape, 3)
    assert np.unique(picture).tolist() == [180]  # the sine of 45 degrees
    holed = FLAT.copy()
    holed[5, 5] = np.nan
    assert (shade.picture("hillshade", holed, UTM)[4:7, 4:7] == 128).all()


def test_the_steeper_the_ground_the_darker_its_picture_of_slope():
    flat, gentle, steep = (
        shade.picture("slope", tilted(UTM, np.tan(np.radians(angle)), 0), UTM)[7, 10].astype(int).sum()
        for angle in (0, 15, 40)
    )
    assert flat > gentle > steep


def test_a_shading_leaves_level_and_unknown_ground_as_it_is_and_darkens_what_turns_away():
    assert not shade.picture("shading", FLAT, UTM)[..., 3].any()
    assert not shade.picture("shading", np.full(UTM.shape, np.nan), UTM)[..., 3].any()
    away = shade.picture("shading", tilted(UTM, -0.7, 0.7), UTM)[7, 10]  # falls to the south-east
    towards = shade.picture("shading", tilted(UTM, 0.5, -0.5), UTM)[7, 10]  # to the north-west, whence the light comes
    assert away[3] > 100 and not away[:3].any()
    assert towards[3] > 20 and (towards[:3] == 255).all()


def test_ground_is_brightest_where_it_faces_the_chosen_sun():
    west, east = tilted(UTM, 0.5, 0), tilted(UTM, -0.5, 0)  # fall to the west, and to the east
    low = SunAngles(20.0, 90.0)
    bright, dark = (shade.picture("hillshade", ground, UTM, low)[7, 10, 0] for ground in (east, west))
    assert bright > 150 and dark == 0
    level = shade.picture("shading", FLAT, UTM, low)
    assert not level[..., 3].any()


def test_each_direction_has_its_own_colour_and_level_ground_none_of_them():
    north, east, south, west = (
        shade.picture("aspect", tilted(UTM, *rise), UTM)[7, 10].astype(int)
        for rise in ((0, -0.5), (-0.5, 0), (0, 0.5), (0.5, 0))
    )
    assert north.sum() < south.sum()  # dark and pale
    assert west[2] > east[2] + 60  # blue and yellow
    assert (shade.picture("aspect", FLAT, UTM) == shade.LEVEL).all()


def test_ridges_are_orange_hollows_blue_and_even_slopes_pale():
    across = np.abs(np.arange(UTM.width) - 10.0)
    ridge, hollow = (np.broadcast_to(sign * across * 5, UTM.shape) for sign in (-1, 1))
    on_ridge, in_hollow = (shade.picture("curvature", ground, UTM)[7, 10].astype(int) for ground in (ridge, hollow))
    assert on_ridge[0] > on_ridge[2] + 60 and in_hollow[2] > in_hollow[0] + 60
    even = shade.picture("curvature", tilted(UTM, 0.4, 0.1), UTM)
    assert (even > 235).all()
    assert shade.bending(FLAT, UTM)[1] == shade.LEAST_BEND


def test_contours_stand_where_the_ground_crosses_a_round_height():
    step, lines = shade.contours(np.broadcast_to(np.arange(21) * 5.0 + 0.5, UTM.shape))
    assert step == 10
    assert np.flatnonzero(lines[3]).tolist() == list(range(2, 21, 2))
    assert not shade.contours(FLAT)[1].any()
    assert not shade.contours(np.full(UTM.shape, np.nan))[1].any()


def test_a_picture_nobody_knows_is_refused():
    with pytest.raises(InputError, match="hillshade, slope, aspect, curvature or shading"):
        shade.picture("relief", FLAT, UTM)
