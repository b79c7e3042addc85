"""ES modules of a component as the one text that Streamlit takes: the browser links them, each with its own scope."""

import json
import re
from pathlib import Path

_LINKER = Path(__file__).with_name("linker.js")
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";$', re.MULTILINE)
_ANY_IMPORT = re.compile(r"^import\b|^export\b[^;{(]*(\{[^}]*\})?\s*from\b|\bimport\(", re.MULTILINE)

Module = tuple[str, list[str], str]  # its name, the names of what it imports, its text


def linked(entry: Path, *elsewhere: Path) -> str:
    """Return a module's text with all it imports; what the module exports by default is the component.

    Streamlit names the text by its content, so no browser keeps an older one. Imports are written
    ``import { a, b } from "./other.js";``, lie in the same folder, or are one of the files ``elsewhere``, and never go
    in circles; raises ValueError for others, OSError for a file that is not there.
    """
    modules = json.dumps(_after_its_imports(entry, (), {}, {one.name: one for one in elsewhere}), ensure_ascii=False)
    return (
        f"{_LINKER.read_text('utf-8')}\nconst linked = link({modules});\n"
        "export default async (mounted) => (await linked).default(mounted);\n"
    )


def _after_its_imports(
    path: Path, above: tuple[str, ...], held: dict[str, Module], elsewhere: dict[str, Path]
) -> list[Module]:
    """Return the modules held so far, then what this one imports, then itself."""
    if path.name in above:
        raise ValueError(f"Modules import each other in a circle: {' > '.join((*above, path.name))}.")
    if path.name not in held:
        text = path.read_text("utf-8")
        imports = _IMPORT.findall(text)
        if len(_ANY_IMPORT.findall(text)) != len(imports):
            raise ValueError(f'{path.name} has an import that is not written as: import {{ a }} from "./other.js";')
        for name in imports:
            _after_its_imports(elsewhere.get(name, path.with_name(name)), (*above, path.name), held, elsewhere)
        held[path.name] = (path.name, imports, text)
    return list(held.values())
