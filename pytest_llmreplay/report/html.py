"""The report for people: one file that a browser opens, without a network and without a server. PYTEST_DONT_REWRITE

Nothing of a trace is HTML, CSS or script here. The page's own style and script are let through by their hashes, all
else is refused; data lies in elements that are not run, and the script only ever puts it in as text.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

from pytest_llmreplay.model.result import RunReport
from pytest_llmreplay.report.headline import headline
from pytest_llmreplay.report.island import packed_cases, run_island

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("text", "diff", "data", "charts", "overview", "list", "steps", "step", "case", "main")
"""Parts of the script, in order: they are one."""
SLOT = re.compile(r"\{\{(\w+)\}\}")


class HtmlReport:
    """``html:PATH``."""

    name = "html"

    def render(self, report: RunReport) -> str:
        """The whole page."""
        style, script = asset("page.css"), "\n".join(asset(f"{name}.js") for name in SCRIPTS)
        slots = {
            "policy": policy(style, script),
            "headline": escape(headline(report)),
            "style": style,
            "script": script,
            "run": run_island(report),
            "cases": "\n".join(packed_cases(report)),
        }
        return SLOT.sub(lambda found: slots[found[1]], asset("page.html"))


@cache
def asset(name: str) -> str:
    """A file of the page."""
    return (PAGE / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """What the page may do: apply this style and run this script; load, send and embed nothing."""
    allowed = f"default-src 'none'; style-src {source_of(style)}; script-src {source_of(script)}"
    return f"{allowed}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"


def source_of(text: str) -> str:
    """The hash by which a content security policy knows an inline element."""
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode()}'"
