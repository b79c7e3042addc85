"""The data that networks and plain methods are scored on: patches of places that nothing was trained on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.testsets import real

if TYPE_CHECKING:
    from app.scoring.evaluate import Case

OF_REAL_IMAGES = "Contains modified Copernicus Sentinel data."


@dataclass(frozen=True)
class TestSet:
    """One set of patches with truth."""

    name: str
    title: str
    what: str  # one sentence for a reader: what it shows and what of it is simulated
    usual: int  # patches that model cards report on; all there are, or as many as give a narrow interval
    landslides: bool = True  # without them only false alarms can be counted
    files: tuple[str, ...] = ()  # in the folder of the real images (the setting SCARP_DATA)

    def available(self) -> str:
        """Return why this set cannot be opened here and what to do, or nothing where it can."""
        return next((reason for file in self.files if (reason := real.absent(file))), "")

    def cases(self, count: int | None = None, seed: int = 0) -> "list[Case]":
        """Return up to ``count`` cases (``usual`` without one), each opened, or made, when its turn comes.

        Equal seeds give equal patches, and fewer cases are among those of more. Raises InputError where the set is
        not ``available``.
        """
        from app.errors import InputError
        from app.testsets import making

        if reason := self.available():
            raise InputError(reason)
        makers: dict[str, Callable[[int, int], list[Case]]] = {
            "simulated": making.simulated,
            "painted": making.painted,
            "clearings": making.clearings,
            "forest": making.forest,
            "farmland": making.farmland,
        }
        return makers[self.name](self.usual if count is None else count, seed)


_ROMANIA, _BELGIUM = real.PLACES["romania"][1], real.PLACES["belgium"][1]
SETS: dict[str, TestSet] = {
    one.name: one
    for one in (
        TestSet(
            "simulated",
            "Simulated scenes of places, zones and dates not trained on",
            "SIMULATED: whole scenes of 222 x 222 pixels of the simulator, in UTM zones kept for testing.",
            60,
        ),
        TestSet(
            "painted",
            "Scars painted on real pairs of two places not trained on (forest in Romania, farmland in Belgium)",
            f"Real pairs with SIMULATED scars painted on T2; all else is as it was measured. {OF_REAL_IMAGES}",
            60,
            files=(_ROMANIA, _BELGIUM, real.OUTLINES),
        ),
        TestSet(
            "clearings",
            "The sample pair: 21 patches of felled forest, outlined by hand; no landslide, but bare ground",
            f"The real pair that comes with Scarp; what is to be found are clearings, no landslides. {OF_REAL_IMAGES}",
            1,
        ),
        TestSet(
            "forest",
            "Real pairs of the forest in Romania within 200 days, no landslide",
            f"Real pairs in which nothing slid: all that a method marks is a false alarm. {OF_REAL_IMAGES}",
            60,
            landslides=False,
            files=(_ROMANIA,),
        ),
        TestSet(
            "farmland",
            "Real pairs of the farmland in Belgium, no landslide",
            f"Real pairs in which nothing slid: all that a method marks is a false alarm. {OF_REAL_IMAGES}",
            45,
            landslides=False,
            files=(_BELGIUM,),
        ),
    )
}
