"""The page as a file; what a browser makes of it is in test_page.py."""

import json
import re
import zlib
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from pytest_llmreplay import registry
from pytest_llmreplay.model.result import RunReport
from pytest_llmreplay.report.html import PAGE, SCRIPTS, HtmlReport
from pytest_llmreplay.report.json import plain
from tests.report import reports

RUNS = {"whole": reports.run(), "empty": reports.report(), "hostile": reports.hostile_run()}


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the text in it."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.inside = False
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), []))
        self.inside = True

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1][2].append(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def text(self, tag: str, **attributes: str) -> str:
        """The text of the only such element."""
        (text,) = [t for name, attrs, t in self.found if name == tag and attributes.items() <= attrs.items()]
        return "".join(text)


def cases(page: str) -> list[dict[str, object]]:
    lines = Elements(page).text("script", id="case-data").split("\n")
    return [json.loads(zlib.decompress(b64decode(line))) for line in lines if line]


@pytest.mark.parametrize("name", RUNS)
def test_the_elements_are_those_of_the_page_whatever_the_data_hold(name: str) -> None:
    def tags(report: RunReport) -> list[str]:
        return [tag for tag, _, _ in Elements(HtmlReport().render(report)).found]

    assert tags(RUNS[name]) == tags(reports.report(reports.case("good", 1)))


@pytest.mark.parametrize("name", RUNS)
def test_the_page_holds_every_value_of_the_run(name: str) -> None:
    page = HtmlReport().render(RUNS[name])
    run = json.loads(Elements(page).text("script", id="run-data"))
    whole = json.loads(json.dumps(plain(RUNS[name])))
    assert cases(page) == whole["cases"]
    assert {key: run[key] for key in whole if key != "cases"} == {k: v for k, v in whole.items() if k != "cases"}


def test_the_policy_lets_through_the_pages_own_style_and_script_alone() -> None:
    page = Elements(HtmlReport().render(reports.hostile_run()))
    (policy,) = [attrs["content"] for tag, attrs, _ in page.found if attrs.get("http-equiv")]

    def hashed(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    assert policy == (
        f"default-src 'none'; style-src {hashed(page.text('style'))}; "
        f"script-src {hashed(page.text('script', type='module'))}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = Elements(HtmlReport().render(reports.run()))
    assert {tag for tag, _, _ in page.found} & {"link", "img", "iframe", "object", "embed", "base", "audio"} == set()
    assert [attrs for _, attrs, _ in page.found if attrs.keys() & {"src", "href", "srcset", "action", "style"}] == []
    style, script = page.text("style"), page.text("script", type="module")
    assert re.findall(r"url\(|@import|@font-face", style) == []
    assert set(re.findall(r"https?://[^\s\"']+", style + script)) == {"http://www.w3.org/2000/svg"}


def test_the_script_only_puts_text_in() -> None:
    script = "\n".join((PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc"
    assert re.findall(forbidden + r"|setTimeout|fetch\(|XMLHttpRequest|createContextualFragment", script) == []
    assert "</" not in script.replace("</>", "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_script_is_read_without_scrolling_sideways(name: str) -> None:
    lines = (PAGE / f"{name}.js").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []


def test_every_file_of_the_page_is_used() -> None:
    names = {path.name for path in PAGE.iterdir()}
    assert names == {"page.html", "page.css", *(f"{name}.js" for name in SCRIPTS)}


def test_the_same_run_gives_the_same_page() -> None:
    assert HtmlReport().render(reports.run()) == HtmlReport().render(reports.run())


def test_the_page_can_be_encoded_though_a_trace_holds_half_a_character() -> None:
    HtmlReport().render(reports.hostile_run()).encode("utf-8")


def test_the_reporter_is_registered() -> None:
    assert isinstance(registry.load("reporters", "html"), HtmlReport)
