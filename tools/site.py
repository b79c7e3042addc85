"""What mkdocs is told when it builds the site: pages that stand outside docs/, and that nothing outside is asked.

`make docs` runs it strict: a link or an anchor that leads nowhere ends the build. See mkdocs.yml.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
BESIDE = (
    "CONTRIBUTING.md", "CHANGELOG.md",
    *(f"models/{name}.md" for name in ("bit", "bit-int8", "cdrl", "pair-rgb", "pair-rgb-int8", "scar-rgb")),
)  # fmt: skip
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
# what a browser fetches by itself when it opens a page
_ASKED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*?\bsrc=[\"']?((?:https?:)?//[^\"'\s>]+)"
    r"|<link\b(?![^>]*rel=[\"']?canonical)[^>]*?\bhref=[\"']?((?:https?:)?//[^\"'\s>]+)"
)


def on_config(config: Any) -> Any:
    """Put pages of docs/ that the navigation does not name under More, so that none is out of reach."""
    named = set(re.findall(r"[\w/-]+\.md", str(config["nav"])))
    pages = sorted(path.name for path in Path(config["docs_dir"]).glob("*.md"))
    left = [name for name in pages if name not in named]
    if left:
        config["nav"].append({"More": left})
    return config


def on_files(files: "Files", config: Any) -> "Files":
    """Add the pages of the repository that stand outside docs/."""
    from mkdocs.structure.files import File

    for uri in BESIDE:
        files.append(File.generated(config, uri, abs_src_path=str(ROOT / uri)))
    return files


def on_page_markdown(markdown: str, page: "Page", config: Any, files: "Files") -> str:
    """Lead links to where a page stands in the site: they are written for the repository."""
    return _LINK.sub(lambda held: f"{held[1]}{led(page.file.src_uri, held[2])}{held[3]}", markdown)


def led(uri: str, link: str) -> str:
    """Return a link of a page in the repository as one of the site."""
    if uri in BESIDE:
        return re.sub(r"^(\.\./)*docs/", "../" * uri.count("/"), link)
    return re.sub(r"^\.\./(?=models/|CONTRIBUTING|CHANGELOG)", "", link) if "/" not in uri else link


def on_post_build(config: Any) -> None:
    """Refuse a site of which a browser would ask anybody else: no fonts, scripts or pictures from outside."""
    from mkdocs.exceptions import BuildError

    for page in sorted(Path(config["site_dir"]).rglob("*.html")):
        asked = outside(page.read_text(encoding="utf-8"))
        if asked:
            raise BuildError(f"{page.name} asks {asked[0]}: the site has to work without a network.")


def outside(html: str) -> list[str]:
    """Return the addresses of others that a browser fetches when it opens a page."""
    return [first or second for first, second in _ASKED.findall(html)]
