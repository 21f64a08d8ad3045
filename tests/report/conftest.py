"""A real browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from pytest_llmreplay.model.result import RunReport
from pytest_llmreplay.report.html import HtmlReport

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CALM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
Open = Callable[..., Page]


def chromium() -> str:
    """The path of a Chromium. A test without one is skipped; under CI it fails."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium is installed: apt-get install chromium")
    if found is None:
        pytest.skip("no Chromium is installed")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of one module alone: Playwright's loop must not be there for tests that run loops of their own."""
    path = chromium()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=list(CALM))
        yield found
        found.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a report. Where it is watched no request may be tried, and nothing may be said on its console."""
    requests: list[str] = []
    said: list[str] = []
    contexts: list[BrowserContext] = []

    def sent(request: Request) -> None:
        if not request.url.startswith(("file:", "blob:")):
            requests.append(request.url)

    def open_report(
        report: RunReport, *, at: str = "", width: int = 1440, watched: bool = True, **options: str
    ) -> Page:
        path = tmp_path / f"report-{len(contexts)}.html"
        path.write_text(HtmlReport().render(report), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if watched:
            page.on("request", sent)
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(path.as_uri() + at)
        page.wait_for_selector("html[data-ready] #case > *")
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert (requests, said) == ([], [])
