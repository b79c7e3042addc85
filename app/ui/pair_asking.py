"""What the files of a pair hold, said before it is opened, and what they do not say, asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from app import grid
from app.errors import ScarpError
from app.files import digest
from app.inventory import places
from app.sources.own import clouds, naming
from app.sources.own.stated import COMMON_GRID, OWN_GRID, ROLES, UNITS, PairStated
from app.sources.own.worker import ALL_OF_IT, MOST_PX
from app.ui import words
from app.ui.keys import KEEP

FIRST_DAY = date(1984, 1, 1)  # of Landsat's thematic mapper: no older image has such bands
_A_ROW, _MOST_ASKED = 4, 24  # in a row, and altogether
_KM_PER_DEG = 111.2
_UNITS = {name: name or "as the numbers themselves tell" for name in UNITS}
_PIXELS = {OWN_GRID: "as the finer date has them", COMMON_GRID: "about 10 m in degrees, as all sources"}
_ROLES = {"": "not known", naming.NONE: "leave out", naming.VALID: "0 where there is no data", "CLM": "CLM cloud mask"}


def files(look: dict[str, Any]) -> None:
    """List the files of both dates with what each seems to hold."""
    rows = [
        {
            "Date": name, "File": one["name"], "Holds": ", ".join(role or "?" for role in one["roles"]),
            "Pixels": f"{one['width']:,} x {one['height']:,}", "System": one["crs"] or "none",
        }
        for name, held in zip(("T1", "T2"), look["dates"], strict=True)
        for one in held
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True, height="content" if len(rows) <= 8 else 280)


def asked(look: dict[str, Any], key: str, at: int) -> PairStated:
    """Ask for bands, units and pixels, folded where the files say what they hold."""
    bandless = any(not (look.get(name) or {}).get("bands") for name in ("T1", "T2"))
    bright = {
        name: held["bright"] for name in ("T1", "T2")
        if (held := look.get(name)) and held["bright"] and not st.session_state.get(f"own.unit.{name}.{at}")
    }  # fmt: skip
    for name, bands in bright.items():
        st.warning(
            f"{name}: the numbers of {', '.join(bands)} are too large for reflectance times 10,000. Say below what the "
            'numbers are, for example "65,535 is 1".', icon=":material/help:",
        )  # fmt: skip
    with st.expander("Bands, units and pixels", icon=":material/tune:", expanded=bandless or bool(bright)):
        bands = _bands(look, key)
        left, right = st.columns(2)
        units = [
            place.selectbox(
                f"Numbers of {name}", list(UNITS), format_func=words.titled(_UNITS), key=f"own.unit.{name}.{at}", **KEEP
            )
            for place, name in ((left, "T1"), (right, "T2"))
        ]
        pixels = st.selectbox(
            "Pixels", list(_PIXELS), format_func=words.titled(_PIXELS), key=f"own.pixels.{at}", **KEEP
        )
        box = _box(look, at)
        found = _clouds(look, at)
    return PairStated(bands, ("", ""), (units[0], units[1]), pixels, box, clouds=found)


def day(name: str, look: dict[str, Any], n: int, at: int) -> str:
    """Ask for the day of a date where its files do not say one; returns it as ISO text, empty where they do."""
    if (look.get(name) or {}).get("day"):
        return ""
    given = st.date_input(
        f"Day of {name}, which its files do not say", value=None, key=f"own.day.{n}.{at}", format="YYYY-MM-DD",
        min_value=FIRST_DAY, max_value=max(FIRST_DAY, date.today()), **KEEP,
    )  # fmt: skip
    return str(given) if isinstance(given, date) else ""


def _bands(look: dict[str, Any], key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Ask what each channel is; returns it for the files of which anything differs from what they say themselves."""
    files = [(n, one) for n, held in enumerate(look["dates"]) for one in held]
    channels = [(n, one, number) for n, one in files for number in range(len(one["roles"]))]
    if len(channels) > _MOST_ASKED:
        st.caption(
            f"{len(channels)} channels are too many to be asked about one by one; name the files for their bands."
        )
        return ()
    chosen: dict[tuple[int, str], list[str]] = {}
    spots = [spot for _ in range(0, len(channels), _A_ROW) for spot in st.columns(_A_ROW)]
    for spot, (n, one, number) in zip(spots, channels, strict=False):
        title = one["titles"][number] or f"channel {number + 1}"
        picked = spot.selectbox(
            f"T{n + 1} {words.plain(Path(one['name']).name[-24:])}: {words.plain(title[:20])}", ["", *ROLES],
            index=["", *ROLES].index(one["roles"][number]), format_func=words.titled(_ROLES),
            key=f"own.band.{digest(key)[:16]}.{n}.{one['name']}.{number}", **KEEP,
        )  # fmt: skip
        chosen.setdefault((n, one["name"]), []).append(picked or "")
    return tuple(
        (one["name"], tuple(role or naming.NONE for role in chosen[n, one["name"]]))
        for n, one in files
        if chosen[n, one["name"]] != list(one["roles"])
    )


def _clouds(look: dict[str, Any], at: int) -> bool:
    """Ask whether clouds are looked for, where a date has no cloud mask and they can be; say what that would need."""
    dates = [look.get(name) or {} for name in ("T1", "T2")]
    if all(date.get("masks") for date in dates) or not clouds.enough(look.get("bands") or ()):
        return False
    if not clouds.installed():
        st.caption(f"There is no cloud mask. `{clouds.INSTALL}` lets Scarp find clouds and their shadows.")
        return False
    return st.checkbox(
        "Find clouds and shadows where there is no mask", value=False, key=f"own.clouds.{at}",
        help="By ukis-csmask, a network of the German Aerospace Center; it says what it found.", **KEEP,
    )  # fmt: skip


def _box(look: dict[str, Any], at: int) -> tuple[float, float, float, float] | None:
    """Ask round which place a pair is cut out."""
    left, right = st.columns([2, 1])
    where = left.text_input(
        "Only round this place", key=f"own.where.{at}", placeholder="latitude, longitude", max_chars=200, **KEEP
    )
    reach = right.number_input("km each way", 0.5, 20.0, 5.0, key=f"own.reach.{at}", **KEEP)
    if not (where or "").strip():
        return None
    try:
        return grid.around(*places.parse(where), reach / _KM_PER_DEG)
    except ScarpError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None


def said(look: dict[str, Any]) -> bool:
    """Say what will be opened, or why nothing can be; returns whether it can."""
    for name in ("T1", "T2"):
        if held := look.get(name):
            masks = ", ".join(held["masks"]) or "no cloud mask"
            st.markdown(f"**{name}** · {held['day'] or 'day not known'} · {', '.join(held['bands'])} · {masks}")
            if held["notes"]:
                st.caption(words.plain(" ".join(held["notes"])))
    if why := look.get("why"):
        st.warning(words.plain(_without_options(why)), icon=":material/help:")
        return False
    height, width = look["shape"]
    across, along = look["pixel_m"]
    st.caption(
        f"So it gives {width:,} x {height:,} pixels of {across:.1f} x {along:.1f} m ({words.plain(look['crs'])}) with "
        f"{', '.join(look['bands'])}.  \n" + words.plain(" ".join(look["notes"]))
    )
    if max(width, height) > MOST_PX:
        st.warning(
            f"Pages show up to {MOST_PX:,} pixels a side: say below Bands, units and pixels round which place the pair "
            f"is cut out. On all of it runs `{ALL_OF_IT}`.", icon=":material/crop:",
        )  # fmt: skip
        return False
    if not (look["T1"]["day"] and look["T2"]["day"]):
        st.caption("Say of which days the images are, to open them.")
        return False
    return True


def _without_options(sentence: str) -> str:
    """Return a sentence without what only a command line can do about it."""
    return sentence.split("; give --band-names")[0].split("; name their channels")[0].rstrip(".") + "."
