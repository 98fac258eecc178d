"""Formulas as MathML, which browsers draw themselves: no script, no font, no outside request."""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _mathml(node: nodes.Element, as_block: bool) -> str:
    try:
        return tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logger.warning("formula %r cannot be written as MathML: %s", node.astext(), error, location=node)
        return ""


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on its own line, with its number when it has one."""
    # A long formula scrolls in its own box, which therefore takes the focus.
    box = translator.starttag(node, "div", CLASS="aras-formula", role="group", tabindex="0", **{"aria-label": "Formula"})
    translator.body.append(box)
    if node["number"]:
        number = get_node_equation_number(translator, node)
        translator.body.append(f'<span class="aras-formula-number">({number})</span>')
    translator.body.append(_mathml(node, as_block=True))
    translator.body.append("</div>\n")
    raise nodes.SkipNode
