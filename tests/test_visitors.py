"""On a shared installation nobody who has not signed in reads, brings or writes files of the server, by no way."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from app import cache, config, review, sources, visitors, workspace
from app.batch import started
from app.detection.elsewhere import saving
from app.detection.network import registry
from app.errors import InputError, PermitError, SourceError
from app.files import at_home
from app.inventory import builtin
from app.sources import stac_catalogue, waiting
from app.ui import choices, elsewhere, frame, keys, networks
from app.ui.review import login
from app.visitors import Deed, permits
from tests.many_reviewers import verdict
from tests.test_pages import ENTRY, PAGES, PLAIN, assert_sound, visit, words

ADA = {"is_logged_in": True, "email": "ada@example.org"}
NOBODY = {"is_logged_in": False}
SAID = "only for those who have signed in"


@pytest.fixture
def shared(monkeypatch, tmp_path):
    """A shared installation with an empty folder of its own; returns the folder."""
    monkeypatch.setenv("SCARP_SHARED", "1")
    monkeypatch.setenv("SCARP_HOME", str(tmp_path / "home"))
    config.settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def visited(shared, monkeypatch):
    """The same, while a page of somebody runs who has not signed in."""
    monkeypatch.setattr(permits, "_known", lambda: False)
    monkeypatch.setattr(permits, "_sign_in", lambda: True)
    return shared


def opened(user: dict | None = None, page: str = "", **chosen: object) -> AppTest:
    app = AppTest.from_file(ENTRY, default_timeout=60)
    if user is not None:
        app.user.update(user)
    app = app.run()
    return visit(app, page, **chosen) if page else app


def ways(app: AppTest) -> list[str]:
    """Return the labels of what leads to files of the server: paths, folders, and what is kept of an upload."""
    typed = [one.label for one in app.text_input if "path" in one.label or "older" in one.label]
    typed += [one.label for one in app.text_input if one.proto.placeholder.startswith(("/", "what --out"))]
    return typed + [
        one.label for one in app.get("file_uploader") if "inventory" not in one.label and "verdicts" not in one.label
    ]


# --- what is decided -----------------------------------------------------------------------


def test_an_installation_is_not_shared_unless_it_says_so():
    assert not config.read({}).shared
    assert all(config.read({"SCARP_SHARED": on}).shared for on in ("1", "on", " ON "))
    with pytest.raises(InputError, match="SCARP_SHARED"):
        config.read({"SCARP_SHARED": "perhaps"})


@pytest.mark.parametrize("deed", list(Deed))
def test_a_visitor_is_refused_each_deed_with_one_sentence(visited, deed):
    assert not visitors.may()
    assert visitors.refusal(deed).count(". ") == 0 and SAID in visitors.refusal(deed)
    with pytest.raises(PermitError, match="SCARP_SHARED"):
        visitors.require(deed)


@pytest.mark.parametrize("deed", list(Deed))
def test_where_nobody_can_sign_in_no_refusal_asks_for_it(visited, monkeypatch, deed):
    monkeypatch.setattr(permits, "_sign_in", lambda: False)
    assert visitors.refusal(deed).count(". ") == 0
    assert "signed in" not in visitors.refusal(deed) and "of your own" in visitors.refusal(deed)


def test_a_command_of_a_shared_installation_may_do_all(shared, monkeypatch):
    monkeypatch.setattr(permits, "_known", None)
    assert visitors.may() and not any(visitors.refusal(deed) for deed in Deed)


def test_the_pages_have_said_who_is_known_as_soon_as_one_is_open():
    opened()
    assert permits._known is login.is_known


def test_work_beside_the_pages_of_a_shared_installation_is_nobodys(shared):
    opened()
    assert not visitors.may()  # no page runs here: a thread that outlived its own


# --- the functions, whoever calls them -----------------------------------------------------


def test_no_function_reads_brings_or_writes_for_a_visitor(visited):
    calls = {
        "a path": lambda: at_home("/etc/passwd"),
        "a network": lambda: registry.save(b"onnx", "mine"),
        "a network by its path": lambda: registry.find("/data/model.onnx"),
        "detections": lambda: saving.save(visited / "found", "theirs", [("1.png", b"")]),
        "a batch": lambda: started.start(builtin(), "demo", ["cva:0.1"], visited / "out"),
        "a thing kept": lambda: workspace.find(workspace.new_id()).keep("name", "text"),
        "a file kept": lambda: workspace.find(workspace.new_id()).keep_file("name", b"text"),
        "verdicts": lambda: review.Reviews("sqlite://").add_all([]),
    }
    for what, call in calls.items():
        with pytest.raises(Exception, match=SAID):
            call()
            pytest.fail(what)
    assert [one for one in visited.rglob("*") if one.is_file()] == []


# --- accounts of the installation -----------------------------------------------------------


def asked(source: str, **more: object) -> sources.PatchSpec:
    return sources.spec_for(builtin().event("171"), source, bands=("B04",), **more)


ACCOUNTS = [("sentinelhub", {}), ("sentinelhub-cdse", {}), ("stac", {"options": {"catalogue": "cdse"}}),
            ("stac", {"options": {"catalogue": "own"}})]  # fmt: skip


@pytest.fixture
def accounts(visited, monkeypatch):
    """A visitor where the installation has an account of each kind, and nothing that answers."""
    for name in ("SH_CLIENT_ID", "SH_CLIENT_SECRET", "SCARP_CDSE_S3_KEY", "SCARP_CDSE_S3_SECRET"):
        monkeypatch.setenv(name, "an-account-of-the-teacher")
    monkeypatch.setenv("SCARP_STAC_URL", "http://teacher:secret@127.0.0.1:9/stac")
    config.settings.cache_clear()
    return visited


@pytest.mark.parametrize(("source", "more"), ACCOUNTS)
def test_a_visitor_has_nothing_fetched_with_an_account_of_the_installation(accounts, monkeypatch, source, more):
    spec = asked(source, **more)
    assert sources.uses_account(spec)
    if more.get("options") == {"catalogue": "cdse"}:  # which lists freely; its files cost
        where = stac_catalogue.catalogue("cdse")
        with pytest.raises(SourceError, match=SAID):
            stac_catalogue.signer(where)
        monkeypatch.setenv("SCARP_SHARED_ACCOUNTS", "on")
        config.settings.cache_clear()
        stac_catalogue.signer(where)
        return
    with pytest.raises(SourceError, match=SAID):
        cache.load(spec)
    monkeypatch.setenv("SCARP_SHARED_ACCOUNTS", "on")
    config.settings.cache_clear()
    with pytest.raises(SourceError) as error:  # nothing answers here
        cache.load(spec)
    assert SAID not in str(error.value)


def test_no_open_catalogue_needs_an_account():
    assert not any(sources.uses_account(asked("stac", options={"catalogue": one}))
                   for one in ("earth-search", "planetary-computer"))  # fmt: skip
    assert not any(sources.uses_account(asked(one)) for one in ("demo", "sample", "published"))


def test_a_visitor_opens_what_is_kept_of_a_source_with_an_account(accounts):
    spec = asked("sentinelhub")
    cache.keep(spec, sources.open_source("demo").open(spec))
    assert cache.load(spec).sizes["y"] > 0


def test_a_thread_of_a_page_may_do_what_its_reader_might_when_it_began(shared, monkeypatch):
    page, found = threading.get_ident(), []
    monkeypatch.setattr(permits, "_known", lambda: threading.get_ident() == page)  # as Streamlit tells it
    work = visitors.as_now(lambda: found.append(visitors.may()))
    for target in (work, lambda: found.append(visitors.may())):
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    waiting.run_all([lambda: found.append(visitors.may())], lambda *_: None, "", waiting.Deadline(60, "It"))
    assert found == [True, False, True]


@pytest.mark.parametrize(("user", "setting", "offered"), [(NOBODY, "", False), (NOBODY, "on", True), (ADA, "", True)])
def test_the_page_offers_what_costs_an_account_to_those_who_may_and_says_why_not(
    accounts, monkeypatch, user, setting, offered
):
    monkeypatch.setattr(permits, "_known", login.is_known)
    monkeypatch.setenv("SCARP_SHARED_ACCOUNTS", setting)
    config.settings.cache_clear()
    app = opened(user, "patches", **{choices.EVENT: "171", choices.SOURCE: "sentinelhub"})
    assert_sound(app)
    assert ("Open the patch" in [one.label for one in app.button]) == offered
    assert ("prefetch.start" in [one.key for one in app.button]) == offered
    assert ("fetched with an account of this installation" in words(app)) != offered


# --- the pages -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_no_page_offers_a_visitor_a_way_to_files_of_the_server(shared, page):
    app = opened(NOBODY, page, **PLAIN, **({choices.SOURCE: "files"} if page == "patches" else {}))
    assert_sound(app)
    assert ways(app) == []
    if page in ("inventory", "patches"):
        assert SAID in words(app)


@pytest.mark.parametrize("page", ["detect", "metrics"])
@pytest.mark.parametrize("user", [NOBODY, None])
def test_no_page_offers_a_visitor_to_bring_networks_or_detections_and_says_so(shared, user, page):
    app = opened(user, page, **PLAIN)
    assert not {"method.bring", "method.detections", "scored.bring"} & {one.key for one in app.button}
    assert (
        "networks and detections are brought only for" in words(app) if user else "detections are brought" in words(app)
    )


@pytest.mark.parametrize("dialog", [networks.bring, elsewhere.bring])
def test_what_is_brought_is_refused_in_the_dialog_too(shared, dialog):
    def ask(dialog):
        dialog(print)

    app = AppTest.from_function(ask, args=(dialog,), default_timeout=60).run()
    assert "Scarp is shared here" in words(app) and ways(app) == [] and not app.exception


@pytest.mark.parametrize("user", [None, NOBODY])
@pytest.mark.parametrize("judged", ["events", "polygons", "truth"])
def test_a_visitor_is_offered_nothing_to_judge_with_and_goes_on_all_the_same(shared, user, judged):
    app = opened(user, "review", **{choices.EVENT: "171", choices.JUDGE: judged, keys.REVIEWER: "Ada"})
    assert_sound(app)
    offered = [one.label for one in app.button]
    assert not {"Confirmed", "Rejected", "Keep", "Drop", "Wrong", "Undo", "Correct the label"} & {*offered}
    assert not [one for one in app.text_input if "name or initials" in one.label]
    assert "Correct an outline" not in [one.label for one in app.toggle]
    assert ("Log in to judge" in offered) == (user is not None)
    assert "brings or writes is kept" in words(app) and "Each is kept with your name" not in words(app)
    here = app.session_state[choices.EVENT]
    [onward] = [one for one in app.button if one.label == ("Skip" if judged == "events" else "Next event")]
    assert onward.click().run().session_state[choices.EVENT] != here and not app.exception


def test_who_has_signed_in_finds_the_verdicts_to_judge_with(shared):
    app = opened(ADA, "review", **{choices.EVENT: "171"})
    assert {"Confirmed", "Undo"} <= {one.label for one in app.button}


@pytest.fixture
def judged(shared, monkeypatch):
    """A verdict of Ada's on event 171, as it lies on the server."""
    with monkeypatch.context() as here:
        here.setattr(permits, "_known", None)
        review.Reviews(config.settings().database_url).add(verdict(reviewer="Ada Byron", note="between us"))


@pytest.mark.parametrize("told", list(choices.TOLD))
def test_a_visitor_sees_nobodys_verdicts_whatever_name_they_type(judged, told):
    app = opened(None, "review", **{choices.EVENT: "171", choices.TELL: told, keys.REVIEWER: "Ada Byron"})
    assert_sound(app)
    assert "nobody's verdicts are shown" in words(app)
    assert app.get("download_button") == [] and not [one for one in app.dataframe if "reviewer" in one.value]


@pytest.mark.parametrize(("user", "said"), [(NOBODY, "0 verdicts, False"), (ADA, "1 verdicts, True")])
def test_no_page_finds_verdicts_for_a_visitor_whatever_it_asks_for(judged, user, said):
    def ask():
        import streamlit as st

        from app.ui.review import database

        st.text(f"{len(database.reviews().all())} verdicts, {database.is_there()}")

    app = AppTest.from_function(ask, default_timeout=60)
    app.user.update(user)
    assert app.run().text[0].value == said


def test_who_has_signed_in_sees_the_verdicts(judged):
    app = opened(ADA, "review", **{choices.EVENT: "171", choices.TELL: "files"})
    assert "List (CSV)" in [one.label for one in app.get("download_button")]


def test_who_has_signed_in_finds_the_ways_again(shared):
    assert any("path on this machine" in one for one in ways(opened(ADA, "inventory")))
    app = opened(ADA, "detect", **PLAIN)
    app.button(key="method.bring").click().run()
    assert "A network (.onnx)" in ways(app)


def test_who_signed_in_but_is_not_listed_is_a_visitor(shared, monkeypatch):
    monkeypatch.setenv("SCARP_REVIEWERS", "bo@example.org")
    config.settings.cache_clear()
    assert SAID in words(opened(ADA, "inventory"))


def test_signing_in_opens_no_path_to_another_machine(shared, monkeypatch):
    monkeypatch.setenv("SCARP_PATHS", "off")
    config.settings.cache_clear()
    assert not any("path on this machine" in one for one in ways(opened(ADA, "inventory")))


# --- hostile links and messages ------------------------------------------------------------


def hostile(page: str, **asked: str) -> AppTest:
    app = AppTest.from_file(ENTRY, default_timeout=60)
    app.user.update(NOBODY)
    app.run()
    app.query_params.update(asked)
    return app.switch_page(f"pages/{page}.py").run()


LINKS = [
    ("metrics", {"data": "folder", "folder": "/etc"}),
    ("metrics", {"data": "masks", "pred": "/etc", "truth": "/etc"}),
    ("detect", {"event": "171", "method": "file:/etc,onnx:../../secret,onnx:/etc/passwd.onnx,cva:0.1"}),
    ("review", {"event": "171", "judge": "labels", "folder": "/etc"}),
    ("inventory", {"path": "/etc/passwd", "batch": "/etc"}),
    ("patches", {"source": "files", "event": "pair-0123456789abcdef", "files": "/etc/passwd"}),
]


@pytest.fixture
def read(monkeypatch) -> list:
    """What of folders and files that somebody named was looked at."""
    found: list = []
    for one in ("app.datasets.labelled_pairs", "app.datasets.mask_pairs", "app.batch.following.look",
                "app.sources.own.apart.look"):  # fmt: skip
        monkeypatch.setattr(one, lambda *given, **_: found.append(given))
    return found


@pytest.mark.parametrize(("page", "asked"), LINKS)
def test_a_hostile_link_reaches_no_file_of_the_server(shared, page, asked, read):
    app = hostile(page, **asked)
    assert not app.exception and read == []
    assert "root:" not in words(app)


@pytest.mark.parametrize(
    ("page", "held"),
    [
        ("metrics", {choices.DATA: "folder", keys.FOLDER: "/etc"}),
        ("metrics", {choices.DATA: "masks", keys.MASKS: "/etc", keys.TRUTHS: "/etc"}),
        ("review", {choices.EVENT: "171", choices.JUDGE: "labels", keys.FOLDER: "/etc"}),
        ("inventory", {keys.BATCH: "/etc"}),
    ],
)
def test_a_choice_set_round_the_page_reaches_none_either(shared, page, held, read):
    app = opened(NOBODY, page, **held)
    assert not app.exception and read == []


def test_nothing_a_visitor_does_leaves_a_file_of_theirs(shared):
    app = opened(NOBODY, "inventory", **{keys.REVIEWER: "Ada"})
    visit(app, "compare", **PLAIN)
    left = {one.relative_to(shared).parts[1] for one in (shared / "home").rglob("*") if one.is_file()}
    assert left <= {"cache", "scores"}


@pytest.mark.parametrize(("stands", "said"), [(True, 0), (False, 1)])
def test_a_server_without_a_guard_says_so_once_in_its_log(monkeypatch, caplog, stands, said):
    monkeypatch.setattr(frame.insides, "is_served", lambda: True)
    monkeypatch.setattr(frame.guard, "_standing", stands)
    frame._tell_unguarded.cache_clear()
    frame._tell_unguarded()
    frame._tell_unguarded()
    frame._tell_unguarded.cache_clear()
    assert caplog.text.count("streamlit run server.py") == said
