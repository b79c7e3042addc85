"""Terms of the glossary where a reader meets them: in help texts, and beside the title of every page."""

import streamlit as st

from app.lessons import glossary
from app.lessons.words import said, words
from app.ui import choices, spoken

_OF_PAGES = {  # title of a page -> terms that a reader meets there
    "Inventory": ("event", "t1", "truth"),
    "Patches": ("patch", "t1", "band", "reflectance", "cloudmask", "baseline", "simulated"),
    "Compare": ("composition", "band", "index", "ndvi", "t1"),
    "Detect": ("score", "threshold", "mask", "precision", "recall", "f1", "network", "slope"),
    "Metrics": ("truth", "matrix", "precision", "recall", "f1", "iou", "accuracy", "curve", "interval"),
    "Review": ("event", "truth", "mask", "iou", "t1"),
    "Learn": ("score", "threshold", "hit", "alarm", "miss", "precision", "recall", "f1", "iou", "curve"),
}
ADDRESS = "learn?learn=glossary"


def explained(text: str, *terms: str) -> str:
    """Return a help text with what its terms mean and the way to the glossary; raises InputError for unknown ones."""
    names = words()["terms"]
    told = [f"**{names[term]['name']}**: {glossary.meaning(term)}" for term in terms]
    return "\n\n".join([text, *told, f"[{said('page', 'glossary')}]({ADDRESS})"])


def of_page(title: str) -> None:
    """Draw the words of a page, folded, with the way to all of them; on Learn in the language chosen there."""
    terms = _OF_PAGES.get(title)
    language = spoken.language_of(title)
    if terms:
        with st.popover(said("page", "words", language=language), icon=":material/dictionary:"):
            names = words(language)["terms"]
            st.markdown("  \n".join(f"**{names[term]['name']}**: {names[term]['says']}" for term in terms))
            st.markdown(f"[{said('page', 'all_words', language=language)}]({ADDRESS}&{choices.LANG}={language})")
