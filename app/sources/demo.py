"""The demo source: simulated Sentinel-2 L2A pairs of any place and dates, with known landslides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from app import patches
from app.patches import PatchSpec, Progress, no_progress
from app.sources import SourceInfo
from app.sources.scenes import SceneInfo, one_a_day
from app.terrain import light
from app.terrain.heights import Heights

if TYPE_CHECKING:
    import xarray as xr

EDITION = "1"  # counts up when the simulated world changes, so that no cache mixes two worlds
BASELINE = "SIMULATED: Scarp's simulator, no satellite data"
FIRST_PASS, BOTH_FLY = date(2015, 7, 4), date(2017, 7, 3)  # one satellite passes every ten days, two every five
ATTRIBUTION = "SIMULATED by Scarp; not Sentinel-2 data and no record of any real landslide"


class Demo:
    """Simulates what Sentinel-2 might see; needs neither network nor account."""

    def describe(self) -> SourceInfo:
        """Return what the simulator is and is not."""
        return SourceInfo(
            name="demo",
            title="Demo (simulated)",
            summary="Simulated Sentinel-2 scenes of any place and date, with landslides whose outline is known.",
            needs="nothing",
            cost="free; well under a second for a usual patch",
            limits="SIMULATED: terrain, land use, clouds and scars are invented; only sun and season follow the place.",
            attribution=ATTRIBUTION,
            simulated=True,
            local=True,
            cacheable=False,
            variant=f"world {EDITION}",
            heights="the simulated ground itself",
            scenes=True,
        )

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the simulated pair on ``spec.grid``, with ``truth``.

        The same place always has the same ground; the dates differ only by what time changes.
        Scars are there from ``spec.event_date`` on. ``truth`` is landslide surface that appeared
        between the dates: all zero where there is no event date, where T2 lies before it, and
        where T1 does not (then both dates show the scar, and it is no change).
        Raises SourceError for a box too large, and whatever ``progress`` raises.
        """
        from app.simulate.scene import simulate, sun_deg

        days = (spec.t1, spec.t2)
        scene = simulate(spec.grid, days, spec.event_date, spec.bands, progress)
        attrs = {
            "simulated": True,
            "t1_scenes": [_scene_id(spec.t1)],
            "t2_scenes": [_scene_id(spec.t2)],
            "processing_baseline": BASELINE,
            "attribution": ATTRIBUTION,
            "scars": scene.scar_count,
            "climate": scene.climate,
            **{light.sun_name(n): light.sun_words(*sun_deg(day, spec.grid)) for n, day in enumerate(days)},
        }
        return patches.assemble(spec, scene.bands, scene.clm, attrs, scene.truth)

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the simulated passes: one every five days, every ten before both satellites flew, and T1 and T2.

        How clear each is over the patch is known without drawing it. Raises SourceError for a box too large, and
        whatever ``progress`` raises.
        """
        from app.simulate.scene import clear_share

        chosen = [day for day, span in zip((spec.t1, spec.t2), spec.spans, strict=True) if span is None]
        days = [*_passes(spec, first, last), *(day for day in chosen if first <= day <= last)]
        found = []
        for number, day in enumerate(days):
            progress(number / len(days), f"simulating the clouds of {day}")
            found.append(SceneInfo(day, _scene_id(day), clear_share(spec.grid, day), sensor=_sensor(day)))
        return one_a_day(found)

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return one simulated date on ``spec.grid``; scars are there from ``spec.event_date`` on.

        Raises SourceError for a box too large, and whatever ``progress`` raises.
        """
        from app.simulate.scene import simulate, sun_deg

        found = simulate(spec.grid, (scene.date,), spec.event_date, spec.bands, progress)
        attrs = {
            "title": f"SIMULATED Sentinel-2 L2A scene around event {spec.event_id}",
            "simulated": True,
            "scene": scene.id,
            "processing_baseline": BASELINE,
            "attribution": ATTRIBUTION,
            "sun": light.sun_words(*sun_deg(scene.date, spec.grid)),
        }
        return patches.build(spec.grid, [scene.date], found.bands, found.clm, attrs)

    def heights(self, spec: PatchSpec, progress: Progress = no_progress) -> Heights:
        """Return the heights of the simulated ground on ``spec.grid``; raises SourceError for a box too large."""
        from app.simulate.scene import heights_m

        progress(0.1, "shaping the terrain")
        return Heights(heights_m(spec.grid), "SIMULATED by Scarp", "none: the simulated world has no sea level", True)


def source() -> Demo:
    """Return the demo source."""
    return Demo()


def _scene_id(day: date) -> str:
    return f"SIMULATED_{_sensor(day)}_MSIL2A_{day:%Y%m%d}"


def _sensor(day: date) -> str:
    return "S2B" if day >= BOTH_FLY and (day - BOTH_FLY).days // 5 % 2 else "S2A"


def _passes(spec: PatchSpec, first: date, last: date) -> list[date]:
    """Return the days a satellite passes: which of the five they are depends on the place's longitude alone."""
    west, _, east, _ = spec.grid.bbox
    day = FIRST_PASS + timedelta(days=int((west + east) / 2 // 2 % 5))
    days = []
    while day <= last:
        if day >= first:
            days.append(day)
        day += timedelta(days=5 if day >= BOTH_FLY else 10)
    return days
