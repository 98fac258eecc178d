"""Sphinx extension of the book: every page stands alone, light and accessible.

It sets the theme's faults right (templates/ and `LEFT_OUT`), keys the cache of executed notebooks
on everything that they read, writes formulas as MathML, shares the code of widgets that stand
several times on a page, and puts the course's data beside the pages.
"""

import functools
import hashlib
import json
import os
import shutil
from pathlib import Path

from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx
from sphinx.builders.html._assets import _JavaScript
from sphinx.config import Config
from sphinx.writers.html5 import HTML5Translator

from lessons.book import formulas, pages, styles
from lessons.book.execute import BOOK
from lessons.book.render import STATE, script_tag


LEFT_OUT = {
    "sphinx-thebe": "asks a content network for its code; there is no kernel to talk to",
    "THEBE_JS_URL": "the settings of the same",
    "sphinx-book-theme.js": "takes the focus away from every button that is pressed; aras-book.js does the rest",
    "togglebutton": "folds are plain <details>",
    "togglebuttonSelector": "the settings of the same",
    "design-tabs.js": "no tabs in this book",
    "mystnb.": "aras.css draws the cells, in both modes and without the colours of a terminal",
    "sphinx-design": "no cards or grids of that extension in this book",
}
"""Files and settings, by a part of their name or text, that extensions of Jupyter Book add to every page."""

UNUSED = (
    "scripts/fontawesome.js", "scripts/bootstrap.js", "vendor/fontawesome", "webpack-macros", "sbt-webpack-macros",
)
"""Parts of the theme that no page loads: aras.css draws the few icons, and nothing here needs Bootstrap's script."""


@functools.cache
def execution_key(root: Path) -> str:
    """Hash of what an executed notebook depends on besides its own cells: the package, the data, the tools.

    MyST-NB compares cells only, so without this a change of a table would leave the old figures in the book.
    This extension and the scripts that make the layers are left out: no lesson runs them.
    Read once in a process, so that the lessons that ran and the pages written from them agree.
    """
    key = hashlib.sha256()
    files = [root / "requirements.lock"]
    for folder in ("src/lessons", "data"):
        files += sorted((root / folder).rglob("*"))
    for path in files:
        name = path.relative_to(root).as_posix()
        skipped = "__pycache__" in name or name.startswith(("src/lessons/book/", "data/make/"))
        if path.is_file() and not skipped:
            key.update(f"{name}\0{path.stat().st_size}\0".encode())
            key.update(path.read_bytes())
    return key.hexdigest()[:16]


def execution_cache(root: Path) -> Path:
    """Folder of the executed notebooks for the present state of package and data."""
    return root / "_build" / ".jupyter_cache" / execution_key(root)


def _set_up(app: Sphinx, config: Config) -> None:
    config.nb_execution_cache_path = str(execution_cache(Path(app.srcdir)))
    # For a lesson that MyST-NB runs itself, without `python -m lessons book`.
    os.environ[BOOK] = "1"
    config.templates_path.insert(0, str(Path(__file__).parent / "templates"))


def _leave_out(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    def wanted(asset: object) -> bool:
        text = f"{getattr(asset, 'filename', asset)} {getattr(asset, 'attributes', {}).get('body', '')}"
        return not any(part in text for part in LEFT_OUT)

    context["css_files"] = [asset for asset in context["css_files"] if wanted(asset)]
    context["script_files"] = [asset for asset in context["script_files"] if wanted(asset)]


def share_texts(state: dict) -> dict:
    """Store each distinct module and style sheet of a page's widgets once.

    `state` is a saved widget state; the result is the same with a list `texts` beside `state`,
    and `{"text": n}` in place of each `_esm` and `_css`. `aras-host.js` reads both forms.
    """
    texts: list[str] = []
    models = {}
    for model_id, model in state["state"].items():
        values = dict(model["state"])
        for name in ("_esm", "_css"):
            if isinstance(values.get(name), str):
                if values[name] not in texts:
                    texts.append(values[name])
                values[name] = {"text": texts.index(values[name])}
        models[model_id] = {**model, "state": values}
    return {**state, "state": models, "texts": texts}


def _write_state(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Move the saved widgets from the head of the page to its end, so that the text shows first."""
    rest = []
    for asset in context["script_files"]:
        if isinstance(asset, _JavaScript) and asset.attributes.get("type") == STATE:
            context["body"] += script_tag(STATE, share_texts(json.loads(asset.attributes["body"])))
        else:
            rest.append(asset)
    context["script_files"] = rest


def _copy_data(app: Sphinx) -> None:
    """Put tables and layers where the links of the figures expect them, in the book as in JupyterLab."""
    source, target = Path(app.srcdir) / "data", Path(app.outdir) / "data"
    shutil.rmtree(target, ignore_errors=True)
    for path in [source / "datapackage.json", *source.glob("tables/*"), *source.glob("layers/*")]:
        if path.is_file():
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
    pages.write_geojson(target)


def _open_fold(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    """A plain fold in place of MyST-NB's, whose name for a screen reader differs from what it shows."""
    shown = "Output" if "below-input" in node["classes"] else "Code"
    translator.body.append(f'<details class="aras-code">\n<summary>{shown} of this part</summary>\n')


def _close_fold(translator: HTML5Translator, node: HideCodeCellNode) -> None:
    translator.body.append("</details>\n")


def _drop_unused(out: Path) -> None:
    """Take the theme's unused files out of the built book, 4 MB of them, and the unused rules of its styles."""
    for name in UNUSED:
        for path in (out / "_static").glob(f"{name}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (out / "_static").rglob("*.map"):
        path.unlink()
    styles.trim_theme(out)


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    out = Path(app.outdir)
    pages = {f"{name}.html" for name in app.env.found_docs} | {"search.html", "index.html"}
    for path in out.rglob("*.html"):
        name = path.relative_to(out).as_posix()
        if name not in pages and not name.startswith("_static/"):
            path.unlink()
    root = app.builder.get_target_uri(app.config.root_doc)
    (out / "index.html").write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{app.config.html_title}</title>\n"
        f'<meta http-equiv="refresh" content="0; url={root}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n'
        f'<body><main><h1>{app.config.html_title}</h1><p><a href="{root}">Open the book</a></p></main></body>\n'
        "</html>\n",
        encoding="utf8",
    )
    _copy_data(app)
    _drop_unused(out)


def setup(app: Sphinx) -> dict:
    """Called by Sphinx; `_config.yml` lists the extension."""
    app.add_html_math_renderer("mathml", (formulas.visit_inline, None), (formulas.visit_block, None))
    app.add_node(HideCodeCellNode, override=True, html=(_open_fold, _close_fold))
    pages.setup(app)
    # Before MyST-NB and the theme read the configuration.
    app.connect("config-inited", _set_up, priority=1)
    # After every other extension has added its files to the page.
    app.connect("html-page-context", _leave_out, priority=900)
    app.connect("html-page-context", _write_state, priority=901)
    # After the table of contents has written its own index.html.
    app.connect("build-finished", _finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
