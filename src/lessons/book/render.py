"""How outputs of the lessons become markup, where MyST-NB's own way is not good enough for a static page."""

import json
import re

from docutils import nodes
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def script_tag(mime_type: str, content: object) -> str:
    """JSON inside a script tag that no browser runs.

    `content` is anything `json.dumps` takes.
    Every `<` is written as an escape, so no text of a table or a learner can close the tag.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="{mime_type}">{text}</script>'


class WidgetView(MimeRenderPlugin):
    """Write the view tag that `aras-host.js` mounts and, for a reader without scripts, a still picture.

    The markup of the picture is the widget's own `static_html()`,
    which travels in the metadata of the output under the view's own media type, as `fallback_html`.
    A widget of another package has none and leaves a sentence instead.
    """

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Render one output; `None` leaves every other media type to MyST-NB."""
        if data.mime_type != VIEW:
            return None
        still = data.output_metadata.get(VIEW, {}).get("fallback_html")
        still = still or "<p>This part of the page needs JavaScript.</p>"
        html = f"{script_tag(VIEW, data.content)}\n<noscript>{still}</noscript>"
        return [nodes.raw(text=html, format="html")]


class DataFrameTable(MimeRenderPlugin):
    """Write a DataFrame as a table without styles of its own and without empty header cells.

    pandas leaves the corner above the index as `<th></th>`, a heading that says nothing to a screen reader.
    """

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Render one output; `None` leaves everything but DataFrames to MyST-NB."""
        if data.mime_type != "text/html" or 'class="dataframe"' not in data.string:
            return None
        html = re.sub(r"<style scoped>.*?</style>", "", data.string, flags=re.DOTALL)
        html = html.replace("<th></th>", "<td></td>").replace(' border="1"', "")
        return [nodes.raw(text=html, format="html", classes=["output", "text_html"])]
