"""The demo source: simulated Sentinel-2 L2A pairs of any place and dates, with known landslides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import patches
from app.patches import PatchSpec, Progress, no_progress
from app.sources import SourceInfo
from app.terrain import light
from app.terrain.heights import Heights

if TYPE_CHECKING:
    import xarray as xr

EDITION = "1"  # counts up when the simulated world changes, so that no cache mixes two worlds
BASELINE = "SIMULATED: Scarp's simulator, no satellite data"
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
            "t1_scenes": [f"SIMULATED_S2A_MSIL2A_{spec.t1:%Y%m%d}"],
            "t2_scenes": [f"SIMULATED_S2A_MSIL2A_{spec.t2:%Y%m%d}"],
            "processing_baseline": BASELINE,
            "attribution": ATTRIBUTION,
            "scars": scene.scar_count,
            "climate": scene.climate,
            **{light.sun_name(n): light.sun_words(*sun_deg(day, spec.grid)) for n, day in enumerate(days)},
        }
        return patches.assemble(spec, scene.bands, scene.clm, attrs, scene.truth)

    def heights(self, spec: PatchSpec, progress: Progress = no_progress) -> Heights:
        """Return the heights of the simulated ground on ``spec.grid``; raises SourceError for a box too large."""
        from app.simulate.scene import heights_m

        progress(0.1, "shaping the terrain")
        return Heights(heights_m(spec.grid), "SIMULATED by Scarp", "none: the simulated world has no sea level", True)


def source() -> Demo:
    """Return the demo source."""
    return Demo()
