"""Makes one HTML file of the model of a page: its templates, style and script are put into it, and it asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.report.html.execution_on_page import all_sources
from harness.report.html.html_report import HtmlReport
from harness.report.html.source_texts import sources_data
from harness.report.html.versions_report import VersionsReport
from harness.report.html.visible_text import visible
from harness.verify.conclusions import count_of

PACKAGE = "harness.report"
HERE = "html"
# What is put into the page, in this order.
SCRIPTS = ("report.js", "counterexample.js")
STYLES = ("style.css", "counterexample.css")
# The templates of the pages.
RUN, VERSIONS = "report.html.j2", "versions.html.j2"
# What a browser may do with the page besides executing its own script: nothing that anybody else would notice.
NOTHING_ELSE = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_html(report: HtmlReport | VersionsReport, template: str = RUN) -> str:
    """The whole document, with a newline at its end. The same report gives the same text."""
    script, style = (Markup("\n".join(map(_own, names))) for names in (SCRIPTS, STYLES))
    policy = f"{NOTHING_ELSE}; script-src '{_hash(script)}'"
    sources = sources_data(all_sources([failure.execution for failure in report.failures if failure.execution]))
    # Script and style are ours, and have nothing of a run in them.
    return templates().get_template(template).render(report=report, policy=policy, script=script, style=style, sources=sources)


@cache
def templates() -> Environment:
    """What makes the page, and its parts: everything that is put into them is made visible, and escaped."""
    made = Environment(
        loader=PackageLoader(PACKAGE, f"{HERE}/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    made.filters.update(sentence=_sentence, count_of=count_of)
    return made


def _shown(value: Any) -> Any:
    """What templates put into the page: text as a reader has to see it, before it is escaped. What is markup already is ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _sentence(text: str) -> str:
    """What is said in lines elsewhere, in running text."""
    return f"{text[:1].upper()}{text[1:]}."


def _own(name: str) -> str:
    return files(PACKAGE).joinpath(HERE, name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """What a browser compares before it executes a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
