"""A visitor of the HTML report: opens it in Chromium, and notes whatever a page should not do: complain, or ask anybody for anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bounds import SECONDS

# What Chromium may be called.
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
LIGHT, DARK = "light", "dark"
# As wide as a small telephone, and as a usual window, in pixels.
NARROW, WIDE = 400, 1280
HEIGHT = 800
# Whatever a test waits for, in ms: how long a page takes is measured elsewhere.
PATIENCE_MS = SECONDS * 1000
# What an accessibility check may not find.
SERIOUS = ("serious", "critical")


def chromium() -> str | None:
    """Where Chromium is, if it is in PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Visitor:
    """Opens pages of one report; `wrong` is what has happened and should not."""

    browser: Any
    report: Path
    wrong: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def open(self, place: str = "", *, width: int = WIDE, **options: Any) -> Any:
        """The report in a window of its own, at a place of it such as `#contract`; `options` are those of a context."""
        context = self.browser.new_context(viewport={"width": width, "height": HEIGHT}, **options)
        self.contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.route("**/*", self._only_files)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.goto(f"{self.report.as_uri()}{place}")
        return page

    def _only_files(self, route: Any) -> None:
        """A report needs nobody: what is no file is refused, and noted."""
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            self.wrong.append(f"asked for {route.request.url}")
            route.abort()

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def visiting(browser: Any, report: Path) -> Iterator[Visitor]:
    """Somebody who opens a report, for a fixture; afterwards, the page may not have complained, or have asked the network for anything."""
    comes = Visitor(browser, report)
    yield comes
    comes.close()
    assert comes.wrong == []


def pages(page: Any) -> list[str]:
    """The names of all pages of the report."""
    return list(page.eval_on_selector_all(".page", "pages => pages.map(each => each.id)"))


def turn_to(page: Any, name: str) -> None:
    """Have the page of that name shown."""
    page.evaluate("name => { location.hash = name }", name)
    page.wait_for_selector(f"#{name}.shown")


# As long as it takes until the third frame from now is drawn.
THIRD_FRAME = "() => new Promise(done => { let left = 3; const next = () => left-- ? requestAnimationFrame(next) : done(); next(); })"


def at_rest(page: Any) -> Any:
    """The page, when it has done what it does in the frames after a scroll: the source is made to fit, which moves what is below."""
    page.evaluate(THIRD_FRAME)
    return page


def click(each: Any) -> None:
    """Click on a locator when it has come to rest: what moves under the mouse is not clicked."""
    each.scroll_into_view_if_needed()
    at_rest(each.page)
    each.click()


def shown(page: Any, selector: str) -> list[str]:
    """The text of what can be seen of a selector."""
    return [each.inner_text() for each in page.locator(f"{selector}:visible").all()]
