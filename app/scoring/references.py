"""Figures others published, to stand beside computed ones and never to be taken for them."""

from dataclasses import dataclass

NOT_COMPUTED = "not computed here"
SOURCE = "Leonardi, Marsocci, Yordanov, Brovelli (2025), Int. J. Digital Earth, doi:10.1080/17538947.2025.2547292"
DATA = "the 17 validation events of GLaD4CD"
AVERAGING = "not stated in the abstract: pooled or mean over events, whole patch or box, cannot be told"


@dataclass(frozen=True)
class Reference:
    """One published figure; F1 as a share, 0 to 1."""

    title: str
    f1: float
    n: int  # events
    method: str = ""  # the nearest method here, empty where there is none
    averaging: str = AVERAGING
    data: str = DATA
    source: str = SOURCE
    status: str = NOT_COMPUTED


FIGURES: tuple[Reference, ...] = (
    Reference("B04 thresholding", 0.4841, 17, "band-difference:B04:0.05"),
    Reference("LandslideMetric-CD", 0.3168, 17),
    Reference("CDRL", 0.1966, 17, averaging=f"{AVERAGING}; its code averages over change and no change"),
    Reference("All-band thresholding", 0.1933, 17, "all-bands:0.05"),
)
