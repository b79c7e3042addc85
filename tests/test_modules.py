"""Scripts of a page as ES modules: what Streamlit is given holds each once, after all that it imports."""

import json
import re

import pytest

from app.config import ROOT
from app.ui import modules


def held(text: str) -> list[list]:
    return json.loads(re.search(r"^const linked = link\((.*)\);$", text, re.M)[1])


def written(folder, **texts: str):
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "all.js"


def test_a_module_comes_once_and_after_all_it_imports(tmp_path):
    entry = written(
        tmp_path,
        all='import { one } from "./one.js";\nimport {\n  two,\n} from "./two.js";\nexport default () => one + two;\n',
        one='import { two } from "./two.js";\nexport const one = two - 1;\n',
        two="export const two = 2; // é\n",
    )
    found = held(modules.linked(entry))
    assert [name for name, *_ in found] == ["two.js", "one.js", "all.js"]
    assert [imports for _, imports, _ in found] == [[], ["two.js"], ["one.js", "two.js"]]
    assert found[0][2] == "export const two = 2; // é\n"


def test_a_change_of_any_module_changes_the_text_streamlit_names_it_by(tmp_path):
    entry = written(tmp_path, all='import { a } from "./one.js";\nexport default a;\n', one="export const a = 1;\n")
    before = modules.linked(entry)
    written(tmp_path, one="export const a = 2;\n")
    assert modules.linked(entry) != before


def test_modules_that_import_each_other_in_a_circle_are_named(tmp_path):
    entry = written(
        tmp_path, all='import { a } from "./one.js";\nexport default a;\n', one='import { b } from "./all.js";\n'
    )
    with pytest.raises(ValueError, match=r"all\.js > one\.js > all\.js"):
        modules.linked(entry)


@pytest.mark.parametrize(
    "line",
    [
        'import "./one.js";',
        'import one from "./one.js";',
        'import * as one from "./one.js";',
        'import { one } from "../one.js";',
        'import { one } from "https://elsewhere.example/one.js";',
        "import { one } from './one.js';",
        'export { one } from "./one.js";',
        'export * from "./one.js";',
        'const one = await import("./one.js");',
    ],
)
def test_an_import_that_would_not_be_linked_is_refused(tmp_path, line):
    with pytest.raises(ValueError, match=r"all\.js has an import"):
        modules.linked(written(tmp_path, all=f"{line}\nexport default one;\n", one="export const one = 1;\n"))


@pytest.mark.parametrize("entry", ["viewer/viewer.js", "metrics/takeaway.js"])
def test_every_module_of_a_folder_is_part_of_its_page(entry):
    path = ROOT / "app" / "ui" / entry
    assert {name for name, *_ in held(modules.linked(path))} == {one.name for one in path.parent.glob("*.js")}
