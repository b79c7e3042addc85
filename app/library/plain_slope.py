"""How steep hillsides are, without Scarp: slope by Horn's formula on the ground, as the smallest slope on a page is."""

from app.bands import HEIGHT
from app.grid import Grid
from app.terrain import slopes


def hillside(on: Grid) -> list[str]:
    """Return the lines that make ``hillside`` of the heights of ``pair``, DEM (y, x) in metres on the pixels of ``on``.

    It is in degrees, float32 (y, x), NaN where unknown: the mean slope over some 30 m, as ``app.detection.steep`` has
    it. Raises GridError where ``on`` lies at no known place.
    """
    rows, columns = slopes.around_px(on)
    west, _, _, north = on.bbox
    return [
        "import numpy as np",
        "from pyproj import Geod, Transformer",
        "from scipy.ndimage import uniform_filter",
        "",
        f"# how steep hillsides are: Horn (1981) on the ground, the mean over some {slopes.HILLSIDE_M:g} m",
        f"height = pair['{HEIGHT}'].values.astype('float64')  # metres",
        f"to_degrees = Transformer.from_crs({on.crs!r}, 'EPSG:4326', always_xy=True)",
        "row, column = np.indices(height.shape) + 0.5  # the middles of pixels",
        f"x, y = {west!r} + {on.res_x!r} * column, {north!r} - {on.res_y!r} * row",
        "",
        "",
        "def metres(wide, high):",
        '    """How long pixels are on the ground from one side to the other."""',
        "    ends = (to_degrees.transform(x + half * wide, y + half * high) for half in (-0.5, 0.5))",
        "    return Geod(ellps='WGS84').inv(*(one for end in ends for one in end))[2]",
        "",
        "",
        "# beyond the edge the ground goes on as it does within",
        "around = np.pad(height, 1, mode='reflect', reflect_type='odd')",
        "near = {(n, m): around[n : n + len(height), m : m + height.shape[1]] for n in range(3) for m in range(3)}",
        "weights = {0: 1, 1: 2, 2: 1}",
        "east = sum(weight * (near[n, 2] - near[n, 0]) for n, weight in weights.items()) / 8",
        "north = sum(weight * (near[0, n] - near[2, n]) for n, weight in weights.items()) / 8",
        f"east, north = east / metres({on.res_x!r}, 0), north / metres(0, {on.res_y!r})",
        "slope = np.degrees(np.arctan(np.hypot(east.astype('float32'), north.astype('float32'))))",
        "known = np.isfinite(slope) & np.isfinite(height)",
        f"share = uniform_filter(known.astype('float32'), {(rows, columns)!r}, mode='nearest')",
        f"total = uniform_filter(np.where(known, slope, 0).astype('float32'), {(rows, columns)!r}, mode='nearest')",
        "hillside = np.divide(total, share, out=np.full(height.shape, np.nan, 'float32'), where=known)",
    ]
