"""One running demo for all journeys of a process, one browser for each module; each story gets a browser context of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.running_demo import ROOT, RunningDemo, running_demo
from tools.services import find

IMAGES = ROOT / "docs" / "images"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for the session: Playwright's loop keeps this thread, and another test's own Playwright could not start beside it."""
    path = find("chromium")
    assert path is not None, "Chromium is needed: python tools/services.py install"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-quic", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser: no cookie of another story. A message about the content security policy fails the test."""
    made = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="en-GB")
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    yield made
    made.close()
    assert not complaints
