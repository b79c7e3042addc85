"""Surface reflectance on one date: what season, farming, water, clearings and scars make of the ground."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from app.simulate.climate import Season, Sun
from app.simulate.ground import Fields, Ground
from app.simulate.lattice import Lattice, held_where_small
from app.simulate.noise import combine, fbm, rise, smooth, uniform
from app.simulate.scars import Scars
from app.simulate.spectra import spectrum
from app.simulate.terrain import Terrain

DIFFUSE = 0.28  # share of skylight and of light within canopies, which terrain does not turn away
CUT_CYCLE_DAYS = 9_000  # a managed stand is felled once in about 25 years
TRACK_DELAY = timedelta(days=3)  # after a landslide, an access track is cut this soon

Image = dict[str, np.ndarray]


@dataclass(frozen=True)
class Moment:
    """One date at one place; ``event_date`` is None where no landslide is known."""

    day: date
    season: Season
    sun: Sun
    event_date: date | None

    @property
    def has_slid(self) -> bool:
        """Whether the scars are there: from the day of the event on."""
        return self.event_date is not None and self.day >= self.event_date


@dataclass(frozen=True)
class Crops:
    """The state of every parcel, (h, w): shares of green crop and of stubble; the rest is bare soil."""

    green: np.ndarray
    stubble: np.ndarray


def surface(
    bands: tuple[str, ...], lattice: Lattice, terrain: Terrain, ground: Ground, scars: Scars, moment: Moment, seed: int
) -> Image:
    """Return float32 reflectance (h, w) by band under a clear sky, terrain shading included."""
    return finished(unslid(bands, lattice, ground, moment, seed), lattice, terrain, ground, scars, moment, seed)


def unslid(bands: tuple[str, ...], lattice: Lattice, ground: Ground, moment: Moment, seed: int) -> Image:
    """Return float32 reflectance (h, w) by band of ground that is level, and on which nothing slid."""
    image = {band: np.zeros(lattice.shape, np.float32) for band in bands}
    _open_land(image, ground, moment)
    _farm(image, ground, moment, _wet(moment, seed), seed)
    _woods(image, ground, moment, seed)
    _paint(
        image,
        ground.rock,
        spectrum("rock", ground.redness / 2, 0.7 * ground.brightness),
        ground.mottle * ground.woods.canopy,
    )
    _built(image, ground, moment, seed)
    return image


def finished(
    image: Image, lattice: Lattice, terrain: Terrain, ground: Ground, scars: Scars, moment: Moment, seed: int
) -> Image:
    """Return what ``unslid`` made with scars, water and light; the image itself is painted on."""
    if moment.has_slid:
        _slid(image, lattice, ground, scars, moment, _wet(moment, seed), seed)
    _water(image, ground, moment, seed)
    light = illumination(terrain, moment.sun)
    return {band: values * light for band, values in image.items()}


def _wet(moment: Moment, seed: int) -> float:
    """Return how bright bare soil is that day: 0.78 where it rained, to 1."""
    return 1 - 0.22 * float(uniform(moment.day.toordinal() // 4, 5, combine(seed, 111))[0])


def illumination(terrain: Terrain, sun: Sun) -> np.ndarray:
    """Return the light each slope receives relative to level ground, float32 (h, w).

    The cosine law with a constant for diffuse light, as in the C correction of Teillet,
    Guindon and Goodenough (1982), doi:10.1080/07038992.1982.10855028.
    """
    towards = terrain.east * np.sin(sun.azimuth) + terrain.north * np.cos(sun.azimuth)
    cos_i = (np.sin(sun.elevation) - np.cos(sun.elevation) * towards) / np.sqrt(1 + terrain.east**2 + terrain.north**2)
    return ((np.maximum(cos_i, 0) + DIFFUSE) / (np.sin(sun.elevation) + DIFFUSE)).astype(np.float32)


def _paint(image: Image, share: np.ndarray, colour: dict[str, float], texture: np.ndarray | None = None) -> None:
    """Cover ``share`` of every pixel with a colour, in place."""
    share = np.asarray(share, np.float32)
    tinted = share if texture is None else share * np.asarray(texture, np.float32)
    for band, values in image.items():
        values += np.float32(colour[band]) * tinted - share * values


def _open_land(image: Image, ground: Ground, moment: Moment) -> None:
    """Grass and scrub, greener in hollows and in season."""
    green = np.clip(moment.season.grass + 0.5 * (ground.moist - 0.5) - 0.3 * (ground.mottle - 1), 0.02, 1)
    _paint(image, np.ones_like(green), spectrum("dry grass"), ground.mottle)
    _paint(image, green, spectrum("grass"), ground.mottle)
    _paint(image, 0.8 * ground.shrub * (1 - green * 0.5), spectrum("dry shrub"), ground.mottle)
    _paint(image, 0.8 * ground.shrub * np.clip(green + 0.25, 0, 1), spectrum("shrub"), ground.woods.canopy)
    _paint(image, 0.55 * ground.woods.single, spectrum("broadleaf"), ground.woods.canopy)
    bare = rise(ground.mottle, 1.05, 1.3) * ground.climate.dryness
    _paint(image, bare, spectrum("soil", ground.redness, ground.brightness * 1.3))


def _farm(image: Image, ground: Ground, moment: Moment, wet: float, seed: int) -> None:
    """Fields with what stands on them that day, and the margins between them."""
    fields, crops = ground.fields, _crops(ground.fields, ground.climate.name, moment, seed)
    own = 0.8 + 0.4 * uniform(fields.key, 6, combine(seed, 112))
    texture = ground.mottle * fields.furrows * own
    _paint(image, fields.tilled, spectrum("soil", ground.redness, ground.brightness * wet), texture)
    _paint(image, fields.tilled * crops.stubble, spectrum("stubble"), texture)
    _paint(image, fields.tilled * crops.green, spectrum("crop"), 0.7 + 0.3 * texture)
    margin = np.clip((7 - fields.edge_m) / 10, 0, 0.5) * fields.tilled
    hedged = uniform(fields.key // 32, 7, combine(seed, 113)) < (0.7 if ground.climate.dryness < 0.3 else 0.15)
    _paint(
        image, margin * hedged, spectrum("broadleaf" if moment.season.leaf > 0.5 else "leafless"), ground.woods.canopy
    )
    _paint(image, margin * ~hedged * 0.6, spectrum("track", ground.redness * 0.6, ground.brightness * 0.85))


def _crops(fields: Fields, climate: str, moment: Moment, seed: int) -> Crops:
    """Return what each parcel carries: winter cereal, summer crop, meadow or fallow, a new draw each year."""
    phase = moment.season.phase + 0.09 * (uniform(fields.key, 8, combine(seed, 114, moment.day.year)) - 0.5)
    kind = uniform(fields.key, moment.day.year + int(moment.season.phase > 0.75), combine(seed, 115))
    if climate == "tropical":
        phase = (2 * phase + uniform(fields.key, 9, combine(seed, 116))) % 1  # two crops a year, at any time
        kind = np.where(uniform(fields.key, 10, combine(seed, 117)) < 0.6, 0.75, kind)  # and much that is perennial
    cereal = rise(phase, 0.12, 0.3) * (1 - rise(phase, 0.43, 0.5))
    summer = rise(phase, 0.4, 0.52) * (1 - rise(phase, 0.7, 0.76))
    straw_cereal, straw_summer = rise(phase, 0.44, 0.51) * (1 - rise(phase, 0.64, 0.72)), rise(phase, 0.7, 0.77)
    cut = uniform(fields.key, moment.day.toordinal() // 40, combine(seed, 118))
    meadow = np.clip(0.25 + 0.75 * moment.season.grass - 0.35 * (cut < 0.25), 0, 0.95)
    kinds = [kind < 0.34, kind < 0.58, kind < 0.92]
    green = np.select(kinds, [0.95 * cereal, 0.93 * summer, meadow], 0.25 * meadow)
    stubble = np.select(kinds, [straw_cereal, 0.6 * straw_summer, 0.55 * (1 - meadow)], 0.3)
    return Crops(green, stubble)


def _woods(image: Image, ground: Ground, moment: Moment, seed: int) -> None:
    """Forest: needles, leaves or bare twigs; stands felled at their time and growing back."""
    leafy = "rainforest" if ground.climate.name == "tropical" else "broadleaf"
    age = years_since_cut(ground, moment.day, seed)
    felled = np.exp(-age / 5) * np.clip(ground.woods.stand_edge_m / 10, 0, 1)
    standing = ground.woods.forest * (1 - felled)
    brash = ground.woods.forest * felled * np.exp(-age / 1.2)
    _paint(image, brash, spectrum("stubble", ground.redness / 2, 0.72), ground.mottle)
    leaf = moment.season.leaf
    _paint(image, standing, spectrum("leafless"), ground.woods.canopy)
    _paint(image, standing * leaf, spectrum(leafy), ground.woods.canopy)
    _paint(image, standing * ground.woods.conifer, spectrum("conifer"), ground.woods.canopy)


def years_since_cut(ground: Ground, day: date, seed: int) -> np.ndarray:
    """Return years since each stand was felled; large in woods nobody manages."""
    start = CUT_CYCLE_DAYS * uniform(ground.woods.stand, 11, combine(seed, 119))
    managed = uniform(ground.woods.stand, 12, combine(seed, 120)) < (0.13 if ground.climate.dryness < 0.6 else 0)
    return np.where(managed, (day.toordinal() - start) % CUT_CYCLE_DAYS / 365.25, 1e3)


def _built(image: Image, ground: Ground, moment: Moment, seed: int) -> None:
    """Tracks, roads, houses; a new track once it is opened."""
    earth = spectrum("track", ground.redness * 0.7, ground.brightness)
    _paint(image, 0.75 * ground.built.tracks, earth)
    opened = moment.event_date + TRACK_DELAY if moment.event_date else date(2019, 5, 1)
    if moment.day >= opened:
        _paint(image, ground.built.new_track, earth)
    _paint(image, 0.3 * ground.built.town, spectrum("asphalt"))
    _paint(image, ground.built.road, spectrum("asphalt"))
    glint = 1 + 0.16 * (uniform(ground.fields.key, moment.day.toordinal(), combine(seed, 121)) - 0.5)
    _paint(image, ground.built.roofs, spectrum("roof", 0.5), glint)
    _paint(image, ground.built.bright_roofs, spectrum("bright roof"), glint)


def _slid(image: Image, lattice: Lattice, ground: Ground, scars: Scars, moment: Moment, wet: float, seed: int) -> None:
    """Bare debris where the ground slid, coarse and pale at the head, muddy at the toe, greening with the years."""
    assert moment.event_date is not None  # nothing slid where no landslide is known
    years = (moment.day - moment.event_date).days / 365.25
    regrown, carried, rough = _slid_ground(lattice, seed)
    patchy = rise(regrown + 1.2 * scars.along - 0.6, -1.2, 1.6)
    green = np.clip((1 - np.exp(-years / ground.climate.regrowth_years)) * (0.4 + 1.4 * patchy), 0, 1)
    rafts = 0.7 * rise(carried + 0.4 * scars.along, 0.7, 1.6)  # trees carried upright
    bare = scars.share * (1 - rafts) * (1 - 0.75 * green * (0.3 + 0.7 * moment.season.grass))
    each = 0.62 + 0.5 * uniform(scars.number, 14, combine(seed, 126))  # some expose dark or wet ground
    texture = each * rough * (1.15 - 0.3 * scars.along)
    _paint(image, scars.share * (1 - rafts), spectrum("shrub"), ground.woods.canopy)
    _paint(image, bare, spectrum("debris", ground.redness, ground.brightness * (0.5 + 0.5 * wet)), texture)


@held_where_small(32)  # of 0.5 MB
def _slid_ground(lattice: Lattice, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what makes ground that slid uneven, (h, w): where it greens, where trees stay, how bright it is."""
    x, y = lattice.x, lattice.y
    rough = np.exp(0.2 * fbm(x, y, 60, combine(seed, 124), 4, 0.75))
    return smooth(x, y, 45, combine(seed, 122)), smooth(x, y, 32, combine(seed, 123)), rough


def _water(image: Image, ground: Ground, moment: Moment, seed: int) -> None:
    """The river at that day's stage between banks of gravel; high water is muddy."""
    flood = float(uniform(moment.day.toordinal() // 12, 13, combine(seed, 125))[0]) - 0.5
    stage = float(np.clip(moment.season.water + 0.5 * flood, 0.05, 1))
    bed = np.clip((ground.river.bed_m - ground.river.line_m) / 10 + 0.5, 0, 1)
    half = ground.river.bed_m * (0.5 + 0.45 * stage)
    _paint(image, bed, spectrum("gravel", ground.redness / 3, 0.72), ground.mottle)
    river = np.clip((half - ground.river.thalweg_m) / 10 + 0.5, 0, 1) * bed
    _paint(image, river, spectrum("clear water"))
    _paint(image, river * (0.2 + 0.7 * stage), spectrum("turbid water", ground.redness / 2))
