"""A page in one file: nothing it needs is left outside, and nothing in it ends what it stands in."""

import pytest

from app.export import page

FILES = {
    "a/one.js": b"text = '</script>';\n//# sourceMappingURL=one.js.map",
    "a/one.css": b".x { background: url(images/x.png) } .y { background: url('data:image/png;base64,AA') }",
    "a/images/x.png": b"png",
}
HTML = (
    '<html><head></head><body><script src="a/one.js"></script><link rel="stylesheet" href="a/one.css"/></body></html>'
)


def test_scripts_styles_and_their_pictures_are_in_the_page():
    whole = page.whole(HTML, FILES.__getitem__, "Title").decode()
    assert "text = '<\\/script>'" in whole and "sourceMappingURL" not in whole
    assert page.as_address(b"png", "image/png") in whole and "a/one" not in whole


def test_a_title_is_text():
    assert "<title>&lt;b&gt; &amp; Co</title>" in page.whole(HTML, FILES.__getitem__, "<b> & Co").decode()


def test_a_page_that_would_still_ask_for_something_is_refused():
    with pytest.raises(ValueError, match="does not hold"):
        page.whole(HTML + '<script async src="https://example.org/x.js"></script>', FILES.__getitem__, "Title")
