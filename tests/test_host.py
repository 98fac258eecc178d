"""Conformance of aras-host.js with the front-end module contract of anywidget, in a real browser.

Each test saves models in a page as a notebook would, opens the page and asks what the modules saw.
The modules stand in tests/host/.
"""

import base64
import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

from browser import Visit, visit
from lessons.book import share_texts
from lessons.book.render import STATE, VIEW, script_tag

HERE = Path(__file__).parent
HOST = HERE.parent / "book/_static/aras-host.js"
PICTURE = "<noscript><p>The still picture</p></noscript>"


def module(name: str) -> str:
    """Source of a module of tests/host/."""
    return (HERE / "host" / f"{name}.js").read_text(encoding="utf8")


def any_model(esm: str, buffers: list[dict] | None = None, **state: object) -> dict:
    """A saved anywidget: `esm` is the name of a module of tests/host/ or a source of its own."""
    source = module(esm) if (HERE / "host" / f"{esm}.js").exists() else esm
    saved = {"model_name": "AnyModel", "model_module": "anywidget", "state": {"_esm": source, **state}}
    return {**saved, "buffers": buffers} if buffers else saved


def link(kind: str, source: tuple[str, str], target: tuple[str, str]) -> dict:
    """A saved jslink ("LinkModel") or jsdlink ("DirectionalLinkModel") between (model id, trait) and the same."""
    ends = {"source": [f"IPY_MODEL_{source[0]}", source[1]], "target": [f"IPY_MODEL_{target[0]}", target[1]]}
    return {"model_name": kind, "model_module": "@jupyter-widgets/controls", "state": ends}


@pytest.fixture
def saved_page(chromium, tmp_path):
    """Save models in a page with a view for each id of `views`, and open it from the disk."""

    @contextmanager
    def open_page(models: dict, views: list[str], *, shared: bool = False, **options):
        state = {"version_major": 2, "version_minor": 0, "state": models}
        body = "\n".join(
            f'<div id="place-{n}">{script_tag(VIEW, {"model_id": view})}\n{PICTURE}</div>'
            for n, view in enumerate(views)
        )
        body += script_tag(STATE, share_texts(state) if shared else state)
        html = (HERE / "host/page.html").read_text(encoding="utf8").replace("<!-- here -->", body)
        (tmp_path / "page.html").write_text(html, encoding="utf8")
        shutil.copy(HOST, tmp_path)
        with visit(chromium, (tmp_path / "page.html").as_uri(), **options) as opened:
            yield opened
            assert opened.refused == []

    return open_page


def buttons(opened: Visit) -> list[str]:
    """The texts of all buttons of the page."""
    return opened.page.locator("button").all_inner_texts()


def test_one_model_is_initialized_once_and_shown_twice_in_step(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a", "a"]) as opened:
        assert buttons(opened) == ["count is 1", "count is 1"]
        opened.page.locator("button").first.press("Enter")
        assert buttons(opened) == ["count is 2", "count is 2"]
        assert opened.page.evaluate("[probe.initialized.length, probe.views.length]") == [1, 2]
        assert opened.page.evaluate("document.documentElement.dataset.arasReady") == "2"
        assert opened.complaints == []


@pytest.mark.parametrize("shared", [False, True], ids=["texts apart", "texts shared"])
def test_the_same_source_is_imported_once_and_the_same_style_written_once(saved_page, shared):
    models = {name: any_model("probe", count=0, _css="button { color: rgb(1, 2, 3) }") for name in "abc"}
    with saved_page(models, ["a", "b", "c"], shared=shared) as opened:
        assert opened.page.evaluate("[probe.imports, probe.initialized.length]") == [1, 3]
        assert opened.page.locator("head style").count() == 1
        assert opened.page.evaluate("getComputedStyle(document.querySelector('button')).color") == "rgb(1, 2, 3)"


def test_sharing_texts_keeps_one_copy_of_each():
    models = {name: any_model("probe", count=n, _css="p {}") for n, name in enumerate("abc")}
    shared = share_texts({"state": models})
    assert shared["texts"] == [module("probe"), "p {}"]
    assert [model["state"]["_esm"] for model in shared["state"].values()] == [{"text": 0}] * 3
    assert models["a"]["state"]["_css"] == "p {}"


def test_a_module_gets_what_the_contract_names(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a"]) as opened:
        keys = opened.page.evaluate("[Object.keys(probe.initialized[0]), Object.keys(probe.views[0])].map(k => k.sort())")
        assert keys == [["experimental", "model", "signal"], ["el", "experimental", "host", "model", "signal"]]
        methods = opened.page.evaluate("Object.keys(probe.views[0].model).sort()")
        assert methods == ["get", "off", "on", "save_changes", "send", "set", "widget_manager"]


def test_default_function_old_render_and_exports_of_a_widget_within_another(saved_page):
    models = {
        "a": any_model("factory", name="first"),
        "b": any_model("factory", name="second"),
        "c": any_model("old", name="render"),
        "d": any_model("container", child="anywidget:e"),
        "e": any_model("exporter", count=21),
    }
    with saved_page(models, ["a", "b", "c", "d"]) as opened:
        places = opened.page.locator(".aras-host-view").all_inner_texts()
        assert places[:3] == ["first initialized 1 time", "second initialized 1 time", "old render"]
        assert places[3].split() == "double is 42, count is 21, shown 21".split()
        opened.page.evaluate("arasHost.unmount()")
        opened.page.wait_for_selector("[data-ended=yes]")


# Backbone's rules, each as a script that runs with `model` (as one view sees it), `other` (as the
# other view of the same model sees it) and `heard`, and the value it must give.
RULES = {
    "get gives what was saved": ("return model.get('count')", 1),
    "a missing value is undefined": ("return model.get('nothing') === undefined", True),
    "change:key gets model and value": (
        "model.on('change:count', (m, value) => heard.push(m.get('count'), value)); model.set('count', 5); return heard",
        [5, 5],
    ),
    "change comes after all change:key": (
        "model.on('change', () => heard.push('change')); model.on('change:count', () => heard.push('count'));"
        "model.on('change:name', () => heard.push('name')); model.set({ count: 2, name: 'x' }); return heard",
        ["count", "name", "change"],
    ),
    "both values are set before the first listener": (
        "model.on('change:count', () => heard.push(model.get('name'))); model.set({ count: 2, name: 'x' }); return heard",
        ["x"],
    ),
    "an equal value is no change": (
        "model.on('change', () => heard.push('change')); model.set('count', 1); model.set('list', [1, { a: [2] }]);"
        "model.set('name', 'n'); return heard",
        [],
    ),
    "a deep difference is a change": (
        "model.on('change:list', () => heard.push('list')); model.set('list', [1, { a: [3] }]); return heard",
        ["list"],
    ),
    "equal bytes are no change": (
        "const bytes = (n) => new DataView(Uint8Array.of(1, n).buffer); model.set('bytes', bytes(2));"
        "model.on('change:bytes', () => heard.push('bytes')); model.set('bytes', bytes(2)); model.set('bytes', bytes(3));"
        "return heard",
        ["bytes"],
    ),
    "names with spaces between": (
        "model.on('change:count change:name', () => heard.push('x')); model.set('count', 2); model.set('name', 'y');"
        "return heard.length",
        2,
    ),
    "an object of names and callbacks": (
        "model.on({ 'change:count': () => heard.push('x') }); model.set('count', 2); return heard.length",
        1,
    ),
    "all hears everything": (
        "model.on('all', (name) => heard.push(name)); model.set('count', 2); return heard",
        ["change:count", "change"],
    ),
    "off with name and callback": (
        "const f = () => heard.push('f'), g = () => heard.push('g'); model.on('change:count', f);"
        "model.on('change:count', g); model.off('change:count', f); model.set('count', 2); return heard",
        ["g"],
    ),
    "off with a name": (
        "const f = () => heard.push('f'); model.on('change:count change:name', f); model.off('change:count');"
        "model.set({ count: 2, name: 'y' }); return heard.length",
        1,
    ),
    "off with a callback": (
        "const f = () => heard.push('f'), g = () => heard.push('g'); model.on('change:count change:name', f);"
        "model.on('change:name', g); model.off(null, f); model.set({ count: 2, name: 'y' }); return heard",
        ["g"],
    ),
    "off takes away the view's own listeners only": (
        "model.on('change:count', () => heard.push('mine')); other.on('change:count', () => heard.push('other'));"
        "model.off(); model.set('count', 2); return heard",
        ["other"],
    ),
    "a listener added while listeners are told waits for the next change": (
        "model.on('change:count', () => model.on('change:count', () => heard.push('late'))); model.set('count', 2);"
        "return heard",
        [],
    ),
    "a change made by a listener is told too, and change comes at the end": (
        "model.on('change:count', () => model.set('name', 'from count')); model.on('change:name', () => heard.push('name'));"
        "model.on('change', () => heard.push('change')); model.set('count', 2); return heard",
        ["name", "change"],
    ),
    "save_changes and send are there and do nothing": (
        "model.save_changes(); model.send({ hello: 1 }); return model.get('count')",
        1,
    ),
    "invoke is refused in words": (
        "return probe.views[0].experimental.invoke('add', 1).catch((error) => error.message.includes('JupyterLab'))",
        True,
    ),
    "get_model finds a model by id and by reference": (
        "const { get_model } = model.widget_manager; const found = await get_model('a'), again = await get_model('IPY_MODEL_a');"
        "return [found.get('count'), again === found, await get_model('zz').catch((error) => error.message)]",
        [1, True, "No widget on this page has the id zz"],
    ),
}


def test_the_rules_of_a_model(saved_page):
    """One page for all rules, loaded afresh for each."""
    state = {"count": 1, "name": "n", "list": [1, {"a": [2]}]}
    with saved_page({"a": any_model("probe", **state)}, ["a", "a"]) as opened:
        given = {}
        for rule, (script, _) in RULES.items():
            opened.page.reload()
            opened.page.wait_for_function("document.documentElement.dataset.arasReady")
            given[rule] = opened.page.evaluate(
                "async () => { const [model, other] = probe.views.map((view) => view.model), heard = [];" + script + "}"
            )
        assert given == {rule: value for rule, (_, value) in RULES.items()}
        assert opened.complaints == []


def test_binary_traits_arrive_as_data_views_wherever_they_stand(saved_page):
    first, second = b"\x00\xffPNG", b"\x01\x02"
    buffers = [
        {"encoding": "base64", "path": ["picture"], "data": base64.b64encode(first).decode()},
        {"encoding": "hex", "path": ["frames", 1, "bytes"], "data": second.hex()},
    ]
    model = any_model("probe", buffers=buffers, count=0, frames=[{"year": 1}, {"year": 2}])
    with saved_page({"a": model}, ["a"]) as opened:
        script = """() => {
            const { model } = probe.views[0], bytes = (view) => [...new Uint8Array(view.buffer)];
            const nested = model.get("frames")[1].bytes;
            return [model.get("picture") instanceof DataView, nested instanceof DataView, bytes(model.get("picture")), bytes(nested)];
        }"""
        assert opened.page.evaluate(script) == [True, True, list(first), list(second)]


def test_clean_up_of_views_and_models(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a", "a"]) as opened:
        signals = opened.page.evaluate(
            "arasHost.unmount(), [probe.initialized[0].signal.aborted, probe.views[0].signal.aborted]"
        )
        assert signals == [True, True]
        opened.page.wait_for_function("probe.ended.length === 3")
        opened.page.evaluate("probe.initialized[0].model.set('count', 9)")
        assert buttons(opened) == ["count is 1", "count is 1"], "the listeners of a view end with it"


def test_leaving_the_page_cleans_up(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a"]) as opened:
        hidden = "window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: %s })), probe.views[0].signal.aborted"
        assert opened.page.evaluate(hidden % "true") is False, "a page kept for the way back stays alive"
        assert opened.page.evaluate(hidden % "false") is True


def test_jslink_goes_both_ways_and_jsdlink_one(saved_page):
    models = {
        "a": any_model("probe", count=1),
        "b": any_model("probe", count=5),
        "c": any_model("probe", count=7),
        "stock": {"model_name": "IntSliderModel", "model_module": "@jupyter-widgets/controls", "state": {"value": 3}},
        "l1": link("LinkModel", ("a", "count"), ("b", "count")),
        "l2": link("DirectionalLinkModel", ("b", "count"), ("c", "count")),
        "l3": link("LinkModel", ("a", "count"), ("stock", "value")),
    }
    with saved_page(models, ["a", "b", "c"]) as opened:
        assert buttons(opened) == ["count is 1"] * 3, "the target takes the value of the source"
        opened.page.locator("button").nth(1).click()
        assert buttons(opened) == ["count is 2"] * 3
        opened.page.locator("button").nth(2).click()
        assert buttons(opened) == ["count is 2", "count is 2", "count is 3"]
        stock = "probe.views[0].model.widget_manager.get_model('stock').then((model) => model.get('value'))"
        assert opened.page.evaluate(stock) == 2


def test_a_widget_that_fails_says_so_and_leaves_the_others_alive(saved_page):
    models = {
        "a": any_model("broken-render"),
        "b": any_model("broken-syntax"),
        "c": any_model("empty"),
        "d": any_model("https://example.org/widget.js"),
        "e": any_model("probe", count=1),
    }
    with saved_page(models, ["a", "b", "c", "d", "gone", "e"]) as opened:
        alerts = opened.page.get_by_role("alert").all_inner_texts()
        assert len(alerts) == 5
        assert all("could not start; the rest of the page works" in alert for alert in alerts)
        assert "<b>no such table</b>" in alerts[0], "the reason is text, never markup"
        assert "another address" in alerts[3]
        assert "not saved" in alerts[4]
        assert opened.page.get_by_text("The still picture").count() == 5
        assert opened.page.get_by_text("half drawn").count() == 0
        opened.page.get_by_role("button").click()
        assert buttons(opened) == ["count is 2"]
        assert opened.page.evaluate("document.documentElement.dataset.arasReady") == "1"


def test_a_listener_that_fails_leaves_the_others_alive(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a", "a"]) as opened:
        opened.page.evaluate(
            "probe.initialized[0].model.on('change:count', () => { throw new Error('stumbled'); }),"
            "probe.views[1].model.on('change:count', () => { document.title = 'heard'; }), null"
        )
        opened.page.get_by_role("button").first.click()
        assert opened.page.title() == "heard"
        assert any("stumbled" in complaint for complaint in opened.complaints)


def test_a_stock_widget_that_needs_python_is_replaced_by_a_sentence(saved_page):
    stock = {"model_name": "IntSliderModel", "model_module": "@jupyter-widgets/controls", "state": {"value": 3}}
    with saved_page({"a": stock}, ["a"]) as opened:
        assert "Open the notebook in JupyterLab" in opened.page.get_by_role("note").inner_text()
        assert opened.complaints == []


def test_a_state_that_cannot_be_read_says_so_at_each_view(saved_page):
    broken = any_model("probe", buffers=[{"encoding": "base64", "path": ["picture"], "data": "no base64!"}], count=1)
    with saved_page({"a": broken}, ["a", "a"]) as opened:
        assert opened.page.get_by_role("alert").count() == 2


def test_without_scripts_the_still_picture_is_there(saved_page):
    with saved_page({"a": any_model("probe", count=1)}, ["a"], java_script_enabled=False) as opened:
        assert opened.page.locator("noscript p").is_visible()


def test_text_in_a_state_cannot_close_its_tag(saved_page):
    hostile = "</script><h2>out</h2><!--<script>"
    with saved_page({"a": any_model("probe", count=hostile)}, ["a"]) as opened:
        assert buttons(opened) == [f"count is {hostile}"]
        assert opened.page.locator("h2").count() == 0
