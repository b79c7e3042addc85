"""Typical surface reflectance of each cover in the twelve Sentinel-2 L2A bands."""

import numpy as np

from app.bands import ALL_BANDS

# Typical values, set by hand to two or three digits within what the spectral libraries ECOSTRESS
# (Meerdink et al. 2019, doi:10.1016/j.rse.2019.05.015) and USGS splib07 (Kokaly et al. 2017,
# doi:10.3133/ds1035) show at the bands' centres; canopies darker than a leaf, for the gaps and shade in
# a pixel. Not copies of any one library entry. One figure a band, in the order of app.bands.ALL_BANDS,
# in thousandths of reflectance.
_THOUSANDTHS = {
    #                 B01  B02  B03  B04  B05  B06  B07  B08  B8A  B09  B11  B12
    "broadleaf":     (18,  24,  46,  25,  76, 232, 290, 305, 325, 325, 158,  68),
    "rainforest":    (14,  20,  40,  21,  62, 205, 260, 280, 298, 300, 138,  56),
    "conifer":       (12,  17,  31,  20,  48, 124, 152, 163, 176, 180,  86,  40),
    "leafless":      (32,  42,  56,  62,  84, 118, 136, 152, 168, 175, 186, 112),
    "shrub":         (28,  38,  62,  56,  92, 165, 195, 218, 232, 238, 205, 118),
    "dry shrub":     (48,  62,  86,  96, 124, 158, 174, 192, 206, 214, 258, 178),
    "grass":         (26,  36,  74,  46, 118, 262, 312, 330, 350, 352, 212, 108),
    "dry grass":     (50,  64, 100, 122, 156, 194, 212, 236, 254, 266, 322, 222),
    "crop":          (22,  32,  68,  33, 102, 318, 402, 425, 445, 448, 192,  88),
    "stubble":       (66,  86, 132, 168, 202, 230, 248, 268, 288, 302, 372, 282),
    "soil":          (46,  60,  88, 112, 138, 158, 172, 190, 208, 220, 282, 238),
    "rock":          (92, 108, 132, 150, 162, 170, 176, 182, 188, 194, 232, 214),
    "gravel":        (118, 138, 172, 196, 210, 220, 228, 236, 244, 250, 282, 258),
    "debris":        (70,  88, 122, 158, 180, 194, 204, 216, 230, 240, 298, 262),
    "clear water":   (34,  36,  38,  24,  19,  15,  14,  12,  11,  10,   6,   4),
    "turbid water":  (56,  66,  90,  76,  66,  44,  40,  30,  25,  21,  10,   6),
    "asphalt":       (78,  88, 102, 112, 120, 127, 132, 140, 148, 152, 176, 164),
    "track":         (80, 102, 142, 176, 198, 212, 222, 236, 248, 256, 312, 278),
    "roof":          (108, 128, 152, 186, 208, 220, 228, 240, 250, 256, 282, 254),
    "bright roof":   (255, 290, 318, 338, 346, 350, 354, 360, 362, 362, 342, 308),
    "cloud":         (560, 580, 590, 605, 615, 620, 622, 628, 630, 540, 430, 320),
}  # fmt: skip

# How far a soil's redness moves its colour: multiplied by (1 + redness * this).
_REDNESS = np.array([-0.34, -0.30, -0.18, 0.10, 0.14, 0.14, 0.12, 0.10, 0.09, 0.08, 0.04, 0.02])


def spectrum(cover: str, redness: float = 0.0, brightness: float = 1.0) -> dict[str, float]:
    """Return reflectance by band name for one cover; ``redness`` -1 grey to 1 laterite tints soils and rock."""
    values = np.array(_THOUSANDTHS[cover]) / 1000 * (1 + redness * _REDNESS) * brightness
    return dict(zip(ALL_BANDS, values.tolist(), strict=True))
